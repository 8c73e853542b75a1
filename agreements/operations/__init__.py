"""Every write, by subject: import the part that is meant."""
