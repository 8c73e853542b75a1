"""Permissions that somebody asks for and somebody decides: one shape for all, and risk assessments."""
