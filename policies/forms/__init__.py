"""Forms of the app, by subject: the shape of input only."""
