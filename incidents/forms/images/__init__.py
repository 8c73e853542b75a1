"""Forms about a suspected image of a child. None takes a file, and each warns against describing the picture."""
