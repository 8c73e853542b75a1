"""Custody of pupils' devices: what came in, where it is, on what basis, and when it went back."""
