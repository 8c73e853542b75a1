"""Pages about searches: opening one, a question a page, what follows, the registers, deletions and force."""
