"""Every write about schools, accounts, roles, pupils and the calendar, by subject."""

from core.people.operations.accounts import sign_out_everywhere

__all__ = ["sign_out_everywhere"]
