"""What the frame of every page shows: where one may go, the school, the inbox, the way to a DSL."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django_scopes import scope

from core.notices.queries import unread_count
from core.people.access import has
from core.people.models import School
from core.people.queries import schools_of
from core.people.roles import Permission
from schoolsafe.access import ACCESS

# (URL name, label, icon): shown when the address exists and its permission is held.
_ITEMS = [
    ("overview:home", "Home", "home"),
    ("devices:arrivals", "Arrivals", "scan"),
    ("devices:returns", "Hand back", "return"),
    ("devices:register", "Register", "list"),
    ("devices:may-use", "Allowed?", "help"),
    ("devices:take", "Take a device", "lock"),
    ("incidents:report", "Report a concern", "flag"),
    ("devices:held", "Taken devices", "tray"),
    ("devices:release-desk", "Release", "return"),
    ("devices:parents-to-tell", "Parents to tell", "phone"),
    ("devices:messages", "Messages", "bell"),
    ("devices:searches", "Searches", "search"),
    ("incidents:inbox", "Concerns", "flag"),
    ("policies:improvements", "Improvements", "check"),
    ("incidents:staff-register", "Staff concerns", "lock"),
    ("incidents:private-questions", "Ask in private", "help"),
    ("people:pupils", "Pupils", "people"),
    ("devices:evidence", "Evidence", "lock"),
    ("devices:prints", "Print", "print"),
    ("devices:storage", "Storage", "tray"),
    ("roll:list", "Roll import", "upload"),
    ("rules:overview", "Rules", "rules"),
    ("people:staff", "Staff", "key"),
    ("people:set-up", "Set-up", "check"),
    ("devices:figures", "Figures", "book"),
    ("devices:wordings", "Wording", "list"),
    ("people:directory", "Directory", "phone"),
    ("overview:record", "Record", "book"),
]
_LINKS = [
    ("tell_dsl_url", "overview:tell-dsl"),
    ("inbox_url", "notices:inbox"),
    ("find_url", "overview:find"),
    ("inbox_count_url", "notices:count"),
]


def open_url(name: str, user: Any, school: School, key: int | None = None) -> str:
    """The address of a page inside the school, if it exists and the person may open it; else nothing."""
    row = ACCESS.get(name)
    if row is None or not isinstance(row.needs, Permission) or not has(user, row.needs, school):
        return ""
    try:
        return reverse(name, args=[school.slug] if key is None else [school.slug, key])
    except NoReverseMatch:
        return ""


def _unread(user: Any, school: School) -> int:
    """A page of refusal is made after the view's scope has closed, so the count opens its own."""
    with scope(school=school):
        return unread_count(user, school)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The frame's context. An htmx request has no frame, so it pays for none; the inbox is counted when it is shown."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    school = getattr(request, "school", None)
    if school is None:
        return {"account_url": reverse("session:your-account"), "desk_only": "desk_only" in request.session}
    if getattr(request, "htmx", False):
        return {"school": school}
    here = request.resolver_match.view_name if request.resolver_match else ""
    desk_only = "desk_only" in request.session  # opened with a PIN: what it cannot reach is not offered
    urls = [
        (open_url(name, user, school), name, label, icon)
        for name, label, icon in _ITEMS
        if not desk_only or ACCESS[name].desk
    ]
    context: dict[str, Any] = {
        "account_url": reverse("session:your-account"),
        "desk_only": desk_only,
        "school": school,
        "schools": [
            {"name": other.name, "url": reverse("overview:home", args=[other.slug])}
            for other in schools_of(user)
            if not desk_only
        ],
        "nav": [
            {"label": label, "url": url, "icon": icon, "current": name == here}
            for url, name, label, icon in urls
            if url
        ],
        "inbox_count": cache(lambda: _unread(user, school)),
    }
    for key, name in _LINKS:
        if (url := open_url(name, user, school)) and (not desk_only or ACCESS[name].desk):
            context[key] = url
    return context
