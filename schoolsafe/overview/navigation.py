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
from policies.queries import procedures_of
from schoolsafe.access import ACCESS

# (URL name, label, icon, menu): shown when the address exists and its permission is held; behind its menu where there
# are many. The desk’s own pages are at hand for those who work there, the concerns for those who lead on them.
_ITEMS = [
    ("overview:home", "Home", "home", ""),
    ("devices:arrivals", "Arrivals", "scan", "desk"),
    ("devices:returns", "Hand back", "return", "desk"),
    ("devices:register", "Register", "list", "desk"),
    ("devices:may-use", "Allowed?", "help", "devices"),
    ("devices:take", "Take a device", "lock", "devices"),
    ("incidents:report", "Report a concern", "flag", ""),
    ("devices:held", "Taken devices", "tray", "devices"),
    ("devices:release-desk", "Release", "return", "devices"),
    ("devices:parents-to-tell", "Parents to tell", "phone", "devices"),
    ("devices:messages", "Messages", "bell", "devices"),
    ("devices:searches", "Searches", "search", "devices"),
    ("incidents:inbox", "Concerns", "flag", "cases"),
    ("incidents:search", "Find a record", "search", "cases"),
    ("incidents:referrals", "Referrals", "phone", "cases"),
    ("incidents:plans", "Support plans", "people", "cases"),
    ("incidents:transfers", "File transfers", "upload", "cases"),
    ("incidents:filtering-blocks", "Filtering decisions", "lock", "cases"),
    ("policies:improvements", "Improvements", "check", "cases"),
    ("incidents:figures", "Concerns in figures", "book", "cases"),
    ("incidents:staff-register", "Staff concerns", "lock", "cases"),
    ("incidents:private-questions", "Ask in private", "help", "cases"),
    ("people:pupils", "Pupils", "people", ""),
    ("overview:approvals", "Permissions", "check", "permissions"),
    ("devices:lessons", "Lessons with own devices", "device", "permissions"),
    ("devices:staff-permissions", "Staff’s own devices", "device", "permissions"),
    ("overview:assessments", "Risk assessments", "list", "permissions"),
    ("overview:delegations", "Who decides in your place", "people", "permissions"),
    ("agreements:overview", "All agreements", "list", "agreements"),
    ("agreements:to-sign", "Waiting for your signature", "check", "agreements"),
    ("agreements:consents", "Photographs", "people", "agreements"),
    ("devices:evidence", "Evidence", "lock", "devices"),
    ("agreements:mine", "Yours to read and sign", "check", "agreements"),
    ("policies:documents", "Documents to read", "book", "agreements"),
    ("agreements:outstanding", "Missing signatures", "check", "agreements"),
    ("agreements:joining", "Joining pack", "book", "agreements"),
    ("agreements:templates", "Templates", "edit", "agreements"),
    ("agreements:access", "Access to systems", "key", "agreements"),
    ("agreements:declarations", "Declarations", "lock", "agreements"),
    ("agreements:account-managers", "Account managers", "people", "agreements"),
    ("agreements:staff-declared", "Staff declarations", "check", "agreements"),
    ("agreements:disclosures", "Requests for passwords", "key", "agreements"),
    ("agreements:equipment", "Equipment beyond the job", "device", "agreements"),
    ("devices:assets", "School devices", "device", "devices"),
    ("devices:image-sets", "Log of pictures", "book", "agreements"),
    ("devices:prints", "Print", "print", "devices"),
    ("devices:storage", "Storage", "tray", "devices"),
    ("roll:list", "Roll import", "upload", "school"),
    ("rules:overview", "Rules", "rules", "school"),
    ("people:staff", "Staff", "key", "school"),
    ("people:set-up", "Set-up", "check", "school"),
    ("devices:figures", "Figures", "book", "school"),
    ("devices:wordings", "Wording", "list", "school"),
    ("people:directory", "Directory", "phone", "cases"),
    ("policies:procedures", "Complaints procedure", "flag", "school"),
    ("overview:record", "Record", "book", "school"),
]
_MENUS = {
    "desk": ("Desk", "scan"),
    "devices": ("Devices", "device"),
    "cases": ("Safeguarding", "flag"),
    "permissions": ("Permissions", "check"),
    "agreements": ("Agreements", "check"),
    "school": ("School", "rules"),
}
_CONCERNS = "incidents:inbox"
# The pages whose foot says how to complain and how to blow the whistle (INC-30): all about reports and records, and
# those where families are written to.
_WITH_PROCEDURES = frozenset({"overview:tell-dsl", "devices:letters", "devices:papers", "devices:parent-notice"})
_MOST_IN_A_ROW = 9
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


def _procedures(school: School) -> dict[str, Any]:
    with scope(school=school):
        return procedures_of(school)


def _in_menus(items: list[dict[str, Any]], user: Any, school: School) -> list[dict[str, Any]]:
    """The items as they stand in the row: where there are too many for one, those of a kind behind one word."""
    if len(items) <= _MOST_IN_A_ROW:
        return items
    at_hand = {"desk"} if not has(user, Permission.LEAD_CUSTODY, school) else set()
    if has(user, Permission.LEAD_CASES, school):
        at_hand.add(_CONCERNS)
    row = [item for item in items if {item["menu"], item["name"]} & {"", *at_hand}]
    for menu, (label, icon) in _MENUS.items():
        inside = [item for item in items if item["menu"] == menu and item not in row]
        if len(inside) == 1:
            row += inside
        elif inside:
            current = any(item["current"] for item in inside)
            row.append({"label": label, "icon": icon, "inside": inside, "current": current})
    return row


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
    items = [
        {"name": name, "label": label, "url": url, "icon": icon, "current": name == here, "menu": menu}
        for name, label, icon, menu in _ITEMS
        if (not desk_only or (name in ACCESS and ACCESS[name].desk)) and (url := open_url(name, user, school))
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
        "nav": _in_menus(items, user, school),
        "inbox_count": cache(lambda: _unread(user, school)),
    }
    if here in _WITH_PROCEDURES or here.startswith("incidents:"):
        context["procedures"] = cache(lambda: _procedures(school))
        context["name_procedures_url"] = open_url("policies:procedures", user, school)
    for key, name in _LINKS:
        if (url := open_url(name, user, school)) and (not desk_only or ACCESS[name].desk):
            context[key] = url
    return context
