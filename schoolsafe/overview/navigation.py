"""What the frame of every page shows: where one may go, the school, the inbox, the way to a DSL."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from core.people.access import has
from core.people.queries import schools_of
from schoolsafe.access import ACCESS

# (URL name, label, icon): shown when the address's permission is held.
_ITEMS = [
    ("overview:home", "Home", "home"),
    ("devices:arrivals", "Arrivals", "scan"),
    ("devices:returns", "Hand back", "return"),
    ("devices:register", "Register", "list"),
    ("people:pupils", "Pupils", "people"),
    ("roll:list", "Roll import", "upload"),
    ("rules:overview", "Rules", "rules"),
    ("people:staff", "Staff", "key"),
    ("people:set-up", "Set-up", "check"),
    ("people:directory", "Directory", "phone"),
    ("overview:record", "Record", "book"),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The frame's context; empty where nobody is signed in or no school is open."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    context: dict[str, Any] = {"account_url": reverse("session:your-account")}
    school = getattr(request, "school", None)
    if school is None:
        return context
    here = request.resolver_match.view_name if request.resolver_match else ""
    items = []
    for name, label, icon in _ITEMS:
        row = ACCESS.get(name)
        if row is None or not has(user, row.needs, school):  # type: ignore[arg-type]
            continue
        items.append({"label": label, "url": reverse(name, args=[school.slug]), "icon": icon, "current": name == here})
    context |= {
        "nav": items,
        "school": school,
        "schools": [
            {"name": other.name, "url": reverse("overview:home", args=[other.slug])} for other in schools_of(user)
        ],
    }
    for key, name in (
        ("tell_dsl_url", "overview:tell-dsl"),
        ("inbox_url", "notices:inbox"),
        ("find_url", "overview:find"),
        ("inbox_count_url", "notices:count"),
    ):
        row = ACCESS.get(name)
        if row is not None and has(user, row.needs, school):  # type: ignore[arg-type]
            try:
                context[key] = reverse(name, args=[school.slug])
            except NoReverseMatch:
                continue
    return context
