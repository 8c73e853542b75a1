"""Agreements: templates, signatures, sealed documents, consents, declarations."""
