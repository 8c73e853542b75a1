"""Tools without tables of their own: abstract models, forms, refusals, CSV, text, bulk writes, htmx plumbing."""
