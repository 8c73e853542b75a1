"""The shape of what is typed about incidents."""
