"""Gates behind sign-in: the idle lock that keeps what was typed, the desk's own scope, the second step of a role."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.audit.enums import Outcome
from core.audit.operations import record
from core.people.held import end_session, hold, let_go_if_sent, path_held
from core.people.queries import holdings_of, school_for, schools_of
from core.people.roles import Role

STAFF_IDLE = 20 * 60
GOVERNOR_IDLE = 15 * 60
ABSOLUTE = 10 * 60 * 60
_STAMP_EVERY = 30
_NEVER_HELD = {"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword", "code", "credential", "pin"}
_GOVERNING = {Role.GOVERNOR, Role.SAFEGUARDING_GOVERNOR, Role.CHAIR}

View = Callable[..., HttpResponse]


def is_poll(request: HttpRequest) -> bool:
    """Whether a page asked by itself: such a request never keeps a forgotten screen awake."""
    return request.headers.get("X-Schoolsafe-Poll") == "1"


def idle_limit(request: HttpRequest) -> int:
    """Seconds without a person's act after which the session locks (security §5.5)."""
    return int(request.session.get("idle_limit") or STAFF_IDLE)


def begin_session(request: HttpRequest, *, idle: int | None = None) -> None:
    """Start the clocks of a session that has just been signed in or unlocked."""
    now = int(time.time())
    request.session["seen"] = now
    request.session.setdefault("began", now)
    request.session["locked"] = False
    if idle is not None:
        request.session["idle_limit"] = idle


def has_run_out(request: HttpRequest) -> bool:
    """Whether the session is ten hours old, however busy it was."""
    now = int(time.time())
    return now - int(request.session.get("began", now)) > ABSOLUTE


class IdleLockMiddleware:
    """Lock a session that nobody used for its idle time, end one that is ten hours old; enforced by the server.

    What was being sent when the lock fell or the session ended is kept sealed, without passwords, and offered to the
    same person after unlocking or signing in again (see `core.people.held`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or getattr(view, "open_while_locked", False):
            return None
        view_class = getattr(view, "view_class", None)
        if getattr(view_class, "open_while_locked", False) or not getattr(view, "login_required", True):
            return None
        session, now = request.session, int(time.time())
        if "seen" not in session:
            governing = {Role(holding.role) for holding in holdings_of(request.user)} <= _GOVERNING
            begin_session(request, idle=GOVERNOR_IDLE if governing else STAFF_IDLE)
        if has_run_out(request):
            self._hold(request, view_class)
            end_session(request)
            return HttpResponseRedirect(reverse("account_login"))
        if not session.get("locked") and now - session["seen"] > idle_limit(request):
            session["locked"] = True
        if session.get("locked"):
            self._hold(request, view_class)
            return HttpResponseRedirect(reverse("session:unlock"))
        if request.method == "POST" and path_held(session) == request.get_full_path():
            let_go_if_sent(request)
        if not is_poll(request) and now - session["seen"] >= _STAMP_EVERY:
            session["seen"] = now
        return None

    @staticmethod
    def _hold(request: HttpRequest, view_class: Any) -> None:
        htmx = bool(getattr(request, "htmx", False))
        # What a page fetches beside itself is no place to come back to.
        opens_page = not htmx and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        if request.method == "GET" and opens_page and not is_poll(request):
            request.session["locked_at_path"] = request.get_full_path()
        if htmx and getattr(view_class, "keeps_its_own", False):
            return
        # Inside a school "code" is what a desk has scanned; elsewhere it is that of a second step.
        never = _NEVER_HELD - {"code"} if hasattr(view_class, "permission") else _NEVER_HELD
        if request.method == "POST" and not is_poll(request):  # what a page sends by itself it sends again
            kept = [
                (key, value)
                for key, values in request.POST.lists()
                if key not in never
                for value in values
                if isinstance(value, str)
            ]
            hold(request, kept)


class DeskScopeMiddleware:
    """Hold a session that a PIN opened to the pages of its desk (security §5.5): all else says how to get there.

    A view is a desk's own if it says `on_desk`; whatever says nothing is not, django-allauth's account pages included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        desk_only = request.session.get("desk_only")
        if desk_only is None or not request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        slug = kwargs.get("school")
        school = school_for(request.user, slug) if slug is not None else None
        if slug is not None and school is None:
            return None  # a stranger to that school, who is told so there
        view_class = getattr(view, "view_class", None)
        if getattr(view_class, "on_desk", False) and (school is None or school.pk == desk_only):
            return None
        own = next((one for one in schools_of(request.user) if one.pk == desk_only), None)
        request.school = own  # type: ignore[attr-defined]
        record(
            school=school or own,
            actor=request.user,
            action="page.open",
            at=timezone.now(),
            outcome=Outcome.REFUSED,
            detail={"view": getattr(view_class or view, "__name__", ""), "rule": "desk"},
        )
        back = request.get_full_path() if request.method == "GET" else "/"
        return render(request, "people/desk_only.html", {"back": back}, status=403)


class MfaRequiredMiddleware:
    """Send a person whose role demands a second step to set one up before anything else (ORG-20, security row 26)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or request.session.get("mfa_ok"):
            return None
        if "desk_only" in request.session:  # the enrolled computer is the second factor, and the desk all it opens
            return None
        if request.path_info.startswith(("/account/", "/static/")) or not getattr(view, "login_required", True):
            return None
        if not demands_mfa(request.user):
            return None
        from allauth.mfa.utils import is_mfa_enabled  # allauth needs the app registry

        if is_mfa_enabled(request.user):
            request.session["mfa_ok"] = True
            return None
        return HttpResponseRedirect(reverse("mfa_index"))


def demands_mfa(user: Any) -> bool:
    """Whether any role the person holds today is on its school's list; in production a new school lists every role."""
    holdings = holdings_of(user)
    return any(holding.role in holding.school.mfa_roles for holding in holdings)
