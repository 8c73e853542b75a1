"""What was being sent when a session locked or ended: kept sealed in the browser's session, for its sender alone."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest

from core.kit.sealing import SealBroken, seal, unseal

_KEY = "held"
_LIMIT = 100_000


@dataclass(frozen=True)
class Held:
    """Where it was going, and its fields in order."""

    path: str
    fields: tuple[tuple[str, str], ...]


def hold(request: HttpRequest, fields: list[tuple[str, str]]) -> None:
    """Keep what this request sends. It may be a restricted narrative: a dump of the sessions shows nothing of it."""
    if sum(len(key) + len(value) for key, value in fields) > _LIMIT:
        return
    sealed = seal(json.dumps(fields), about=_about(request.user.pk))
    request.session[_KEY] = {
        "path": request.get_full_path(), "sealed": base64.b64encode(sealed).decode(), "user": request.user.pk,
    }  # fmt: skip


def held_for(request: HttpRequest) -> Held | None:
    """What is kept for the person of this session; of somebody else's nothing."""
    kept = request.session.get(_KEY)
    if not kept or kept.get("user") != request.user.pk:
        return None
    try:
        fields = json.loads(unseal(base64.b64decode(kept["sealed"]), about=_about(request.user.pk)))
    except SealBroken:
        return None
    return Held(kept["path"], tuple((key, value) for key, value in fields))


def path_held(session: Any) -> str:
    """Where what is kept was going; empty where nothing is."""
    return str((session.get(_KEY) or {}).get("path", ""))


def let_go(request: HttpRequest) -> None:
    """Forget what was kept."""
    request.session.pop(_KEY, None)


def let_go_if_sent(request: HttpRequest) -> None:
    """It is being sent on, by its key: a page that refuses it shows it again, and here it is not offered twice."""
    held = held_for(request)
    key = dict(held.fields).get("submission", "") if held is not None else ""
    if key and key == request.POST.get("submission"):
        let_go(request)


def let_go_of_others(request: HttpRequest) -> None:
    """Somebody signed in: what another person was sending in this browser is not theirs."""
    if (request.session.get(_KEY) or {}).get("user") != request.user.pk:
        let_go(request)


def end_session(request: HttpRequest) -> None:
    """Sign the person out; what was being sent waits, sealed, for the same person to sign in here again."""
    kept = request.session.get(_KEY)
    logout(request)
    if kept:
        request.session[_KEY] = kept


def _about(user: int | None) -> str:
    return f"session.held:{user}"
