"""Accounts, roles and sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core.audit.operations import record
from core.people.models import Session, User


@transaction.atomic
def sign_out_everywhere(*, user: User, actor: Any, at: datetime, school: Any = None) -> int:
    """End every session of `user`; the next request of each is refused. Returns how many there were (security row 31)."""
    ended, _ = Session.objects.filter(user_id=user.pk).delete()
    record(school=school, actor=actor, action="people.sign_out_everywhere", at=at, obj=user, detail={"sessions": ended})
    return int(ended)
