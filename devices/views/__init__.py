"""Pages of the desk and of devices, by subject."""
