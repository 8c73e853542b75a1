"""The forms of the pages that compose the features, by subject."""
