"""The component gallery: every component in its states, on one page. Mounted in development only."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from core.kit.forms import BaseForm

_KEY = "6f1f2f7e-3b7c-4a52-9a35-0c4c1d8a5d11"
_PAGES = {
    "400": "400.html",
    "403": "403.html",
    "403-csrf": "403_csrf.html",
    "404": "404.html",
    "500": "500.html",
    "unlock": "people/unlock.html",
    "continue": "people/continue.html",
    "schools": "people/choose_school.html",
    "idle": "people/choose_school.html",
    "print": "gallery/show_sheet.html",
}

_ICONS = (
    "check phone tray scan return search inbox person people lock leave menu plus print download upload sun moon "
    "device sound mute shield tell calendar rules list home filter close edit flag history key bell school retry "
    "slot settings clock-off help link book back right down"
)


class SampleForm(BaseForm):
    """One of each kind of field."""

    name = forms.CharField(label="Name of the place", help_text="As it is written on the door.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose one"), ("safe", "Safe"), ("tray", "Tray")])
    opened_on = forms.DateField(label="In use from")
    holds = forms.ChoiceField(
        label="What it holds",
        help_text="Pick one.",
        widget=forms.RadioSelect,
        choices=[("phones", "Phones"), ("watches", "Watches"), ("both", "Both")],
    )
    phases = forms.MultipleChoiceField(
        label="Phases",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("primary", "Primary"), ("secondary", "Secondary")],
    )
    locked = forms.BooleanField(label="It has a lock", required=False, help_text="A combination counts.")
    plan = forms.FileField(label="Plan of the room", required=False)


class FilterForm(BaseForm):
    """A short filter."""

    year = forms.ChoiceField(label="Year", required=False, choices=[("", "All"), ("7", "Year 7"), ("8", "Year 8")])
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), ("in", "In"), ("out", "Returned")])


def _shell() -> dict[str, Any]:
    items = [
        ("Home", "home", False),
        ("Arrivals", "scan", True),
        ("Hand back", "return", False),
        ("Register", "list", False),
        ("Pupils", "people", False),
        ("Rules", "rules", False),
        ("Staff", "key", False),
        ("Record", "book", False),
    ]
    return {
        "nav": [{"label": label, "url": "#", "icon": icon, "current": current} for label, icon, current in items],
        "school": SimpleNamespace(name="Alderwick Primary School"),
        "schools": [{"name": "Alderwick Primary School", "url": "#"}, {"name": "Marlow Vale Academy", "url": "#"}],
        "user": SimpleNamespace(is_authenticated=True, display_name="Ms O. Larkfield", email="o.larkfield@example.org"),
        "tell_dsl_url": "#tell",
        "inbox_url": "#inbox",
        "inbox_count": 3,
        "find_url": "/gallery/find/",
        "account_url": "#account",
        "lock_url": "/gallery/",
        "breadcrumbs": [{"label": "Home", "url": "#"}, {"label": "Components"}],
    }


def _samples() -> dict[str, Any]:
    pages = Paginator(list(range(1, 241)), 25)
    return {
        "form": SampleForm(),
        "wrong": SampleForm({"wrong-opened_on": "31/02/2026", "wrong-note": "Kept as it was typed."}, prefix="wrong"),
        "filter_form": FilterForm(),
        "page_obj": pages.page(3),
        "kinds": [
            ("ok", "In"),
            ("attention", "Already in"),
            ("stop", "Stop"),
            ("info", "Reported"),
            ("neutral", "No phone"),
            ("waiting", "Waiting"),
        ],
        "icons": _ICONS.split(),
        "actions": [
            {"label": "No phone", "url": "/gallery/", "method": "post", "key": "F2", "fields": {"act": "none"}},
            {"label": "Refused", "url": "/gallery/", "method": "post", "key": "F4", "fields": {"act": "refused"}},
            {"label": "Correct", "url": "#correct"},
        ],
        "choices": [
            {"label": "Amara K.", "detail": "8B · slot 14", "name": "pupil", "value": "1", "submission": _KEY},
            {"label": "Amara T.", "detail": "9C · slot 31", "name": "pupil", "value": "2", "submission": _KEY},
        ],
        "counts": [
            {"label": "in", "value": 211, "of": 236, "kind": "ok"},
            {"label": "no phone", "value": 18, "kind": "neutral"},
            {"label": "not seen", "value": 7, "kind": "attention", "url": "#seen", "url_label": "Show"},
        ],
        "rows": [
            {"label": "Name", "value": "Main office safe", "url": "#name"},
            {"label": "State", "tag": {"kind": "ok", "word": "In use"}, "url": "#state"},
            {"label": "Slots", "lines": ["Row A: 1 to 20", "Row B: 21 to 40"], "url": "#slots"},
            {"label": "Key holder", "value": "", "url": "#holder"},
        ],
        "tasks": [
            {"label": "Say who the DSLs are", "url": "#dsl", "word": "Completed", "done": True},
            {"label": "Bring in the roll", "url": "#roll", "kind": "info", "word": "To do", "hint": "A CSV file."},
            {"label": "Answer 4 open rules", "url": "#rules", "kind": "attention", "word": "Needs you"},
            {"label": "Print slot labels", "kind": "neutral", "word": "Cannot start yet"},
        ],
        "events": [
            {
                "title": "Returned at the end of the day",
                "when": "23 November 2026, 3:12pm",
                "by": "Mr R. Vane",
                "kind": "ok",
                "word": "Returned",
                "url": "#e1",
            },
            {
                "title": "Slot corrected",
                "when": "23 November 2026, 8:44am",
                "by": "Ms O. Larkfield",
                "kind": "attention",
                "word": "Corrected",
                "corrects": "slot 41",
                "url": "#e2",
            },
            {"title": "Handed in at the front gate", "by": "import", "kind": "ok", "word": "In"},
        ],
        "columns": ["Pupil", "Form", "Slot", "State", {"label": "Times this term", "numeric": True}],
        "table": [
            {
                "cells": [
                    {"value": name, "url": "#p"},
                    {"value": form, "label": "Form"},
                    {"slot": slot, "label": "Slot"},
                    {"tag": {"kind": kind, "word": word}, "label": "State"},
                    {"value": count, "label": "Times this term", "numeric": True},
                ],
                "kind": kind if kind in {"attention", "stop"} else "",
            }
            for name, form, slot, kind, word, count in (
                ("Abiola-Fitzgerald, Oluwaseun", "8B", "A14", "ok", "In", 52),
                ("Brandt, Lee", "8B", "A02", "attention", "Already in", 49),
                ("Corrie, Zoë", "7A", "B31", "stop", "Stop", 3),
            )
        ],
        "tabs": [
            {"label": "Timeline", "url": "#t1", "current": True},
            {"label": "Devices", "url": "#t2", "count": 2},
            {"label": "Contacts", "url": "#t3"},
        ],
        "results": [
            {"url": "#r1", "name": "Amara K.", "detail": "8B"},
            {"url": "#r2", "name": "Amara T.", "detail": "9C"},
        ],
        "keys": [{"key": "F2", "label": "No phone"}, {"key": "F4", "label": "Refused"}],
        "submission": _KEY,
        "standing": list(_PAGES),
    }


@login_not_required
@require_http_methods(["GET", "POST"])
def show_gallery(request: HttpRequest) -> HttpResponse:
    """Every component, inside the shell."""
    return render(request, "gallery/show_gallery.html", _shell() | _samples())


@login_not_required
@require_http_methods(["GET", "POST"])
def show_desk(request: HttpRequest) -> HttpResponse:
    """A desk with invented answers: "amara" is two people, "stop" stops, "refuse" fails, anything else is in."""
    context = _shell() | _samples()
    code = request.POST.get("code", "").strip()
    sent = request.POST.get("submission") or _KEY
    if request.method == "POST":
        if code == "refuse":
            return HttpResponse(status=503)
        if code == "amara":
            answer: dict[str, Any] = {"kind": "choose", "word": "Which one?", "actions": None}
        elif code == "stop":
            answer = {"kind": "stop", "word": "Stop", "detail": "See the office first.", "choices": None}
        else:
            answer = {"kind": "ok", "word": "In", "person": code or "Amara K.", "form_name": "8B", "slot": "14"}
            answer |= {"time": "8:42am", "choices": None, "oob": True}
        context |= answer | {"sent": sent}
        if request.headers.get("HX-Request"):
            return render(request, "gallery/desk_answer.html", context, status=200 if answer["kind"] == "ok" else 422)
    else:
        context |= {"choices": None, "actions": None}
    return render(request, "gallery/show_desk.html", context)


@login_not_required
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Two invented pupils for "a…", none for anything else."""
    if request.method == "GET":
        return HttpResponse(status=204)  # what the sample of a long job asks every two seconds
    query = request.POST.get("query", "").strip()
    found = _samples()["results"] if query.lower().startswith("a") else []
    return render(request, "components/find_results.html", {"query": query, "results": found})


@login_not_required
def show_page(request: HttpRequest, name: str) -> HttpResponse:
    """One of the standing pages (errors, lock, choose a school) as it looks."""
    context: dict[str, Any] = {} if name in {"400", "500", "403-csrf"} else _shell()
    if name == "unlock":
        context |= {"form": _PasswordForm(), "kept": True}
    if name == "continue":
        context |= {"path": "/gallery/", "fields": [["submission", _KEY], ["note", "He said it was in his bag."]]}
    if name == "idle":
        context |= {"session_warning": {"warn_after": 122, "lock_after": 240, "extend_url": "/gallery/find/"}}
    if name == "print":
        context |= _samples()
    if name not in _PAGES:
        raise Http404
    return render(request, _PAGES[name], context)


class _PasswordForm(BaseForm):
    password = forms.CharField(label="Your password", widget=forms.PasswordInput)


app_name = "gallery"
urlpatterns: list[URLPattern] = [
    path("gallery/", show_gallery, name="gallery"),
    path("gallery/desk/", show_desk, name="desk"),
    path("gallery/find/", find, name="find"),
    path("gallery/pages/<slug:name>/", show_page, name="page"),
]
