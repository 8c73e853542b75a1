"""A browser at a shared desk: the key it keeps, and the session that a PIN opens there (security §5.5)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from core.people import operations
from core.people.access import has
from core.people.held import path_held
from core.people.middleware import begin_session, demands_mfa
from core.people.models import DeskDevice, School, User
from core.people.operations.desks import MOST_WRONG_TRIES, OpenedDesk
from core.people.queries import desk_of_key, has_pins, schools_of
from core.people.roles import Permission

COOKIE = "schoolsafe_desk"
DESK_IDLE = 5 * 60
_SALT = "core.people.desk"
_BACKEND = "core.people.backends.PeopleBackend"
_A_YEAR = 365 * 24 * 60 * 60
_DESKS = ("devices:arrivals", "devices:returns")


def key_of(request: HttpRequest) -> str:
    """The key of this browser; empty where it has none, or one that we did not sign."""
    return str(request.get_signed_cookie(COOKIE, default="", salt=_SALT) or "")


def keep_key(request: HttpRequest, response: HttpResponse, key: str) -> None:
    """Let this browser keep the key, out of reach of scripts."""
    response.set_signed_cookie(
        COOKIE, key, salt=_SALT, max_age=_A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )


def desk_at(request: HttpRequest) -> DeskDevice | None:
    """The enrolled computer that this browser is."""
    return desk_of_key(key_of(request))


def takes_pins(device: DeskDevice | None) -> bool:
    """Whether a PIN may be tried on it."""
    return device is not None and device.wrong_tries < MOST_WRONG_TRIES and has_pins(device.school)


def signed_in_fully(request: HttpRequest, user: Any) -> None:
    """Called when a password, and where a role demands one a second step, has been given in this browser."""
    device = desk_at(request)
    if device is None or device.wrong_tries < MOST_WRONG_TRIES:
        return
    if demands_mfa(user) and not is_mfa_enabled(user):
        return
    operations.trust_desk_again(device=device, actor=user, at=timezone.now())


def open_for(request: HttpRequest, opened: OpenedDesk) -> str:
    """End the locked session and begin one of the person of the PIN, for the desk alone. Returns where to go on.

    What was being sent when the lock fell goes on only to the person who was sending it.
    """
    session, school = request.session, opened.school
    held = session.get("held")
    path = session.get("locked_at_path") or path_held(session)
    same_person = isinstance(request.user, User) and request.user.pk == opened.user.pk
    session.flush()
    login(request, opened.user, backend=_BACKEND)
    session["desk_only"], session["desk_device"] = school.pk, opened.device.pk
    begin_session(request, idle=DESK_IDLE)
    if held and same_person and _name_of(held["path"], school):
        session["held"] = held
        return reverse("session:continue")
    name = _name_of(path, school)
    return reverse(name if name in _DESKS else _DESKS[0], args=[school.slug])


def is_on_desk(path: str, school: School) -> bool:
    """Whether an address is one that a session opened with a PIN may ask for."""
    return bool(_name_of(path, school))


def schools_with_desk(user: Any) -> list[School]:
    """The schools at whose desk the person may act, and so have a PIN."""
    return [school for school in schools_of(user) if has(user, Permission.LOG_CUSTODY, school)]


def home_of(school: School) -> str:
    """Where a desk begins."""
    return reverse(_DESKS[0], args=[school.slug])


def _name_of(path: str, school: School) -> str:
    """The name of a desk's address in this school; empty for any other."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return ""
    on_desk = getattr(getattr(match.func, "view_class", None), "on_desk", False)
    return match.view_name if on_desk and match.kwargs.get("school") == school.slug else ""
