"""Forms about searches, a question or two a page. No field takes a file; none asks what a picture shows (SEA-16)."""
