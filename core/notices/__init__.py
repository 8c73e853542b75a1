"""What people are told: the in-app inbox, the email outbox, acknowledgement and escalation."""
