"""Pages of the app, by subject."""
