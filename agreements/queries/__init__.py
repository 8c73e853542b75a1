"""Every read that views, tasks and other apps need, by subject."""
