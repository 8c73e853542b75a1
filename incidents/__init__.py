"""Concerns and breaches: reported, triaged, decided, referred, learned from."""
