"""Demonstration schools; never installed in production."""
