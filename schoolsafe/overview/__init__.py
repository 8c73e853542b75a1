"""The pages that compose the features: role homes, navigation, search."""
