"""The pages that compose the features: role home pages, navigation, the record, search."""
