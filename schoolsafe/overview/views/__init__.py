"""The pages that compose the features, by subject."""
