"""The roll and staff import."""
