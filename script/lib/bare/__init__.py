"""The least a Django site can do for a hand-in: sign-in session, CSRF, one select, one insert, a redirect."""
