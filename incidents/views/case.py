"""The page of one record: what was reported, what was added, what is done about it, and who has looked (W7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.kit.times import day, moment, waited
from core.people.models import User
from core.people.queries import all_pupils, find_pupils, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from incidents import operations, queries
from incidents.enums import CaseState, NoteKind, PersonKind
from incidents.forms.case import AddNoteForm, AddPersonForm, CorrectNoteForm, RemovePersonForm
from incidents.models import Incident, IncidentNote
from incidents.queries.readers import looks_at, readers_of
from incidents.views.answers import told_in_person
from incidents.views.base import CaseFormPage, CasePage
from incidents.views.breaches import revoke_links
from incidents.views.leading import LeadFormPage, lead_links
from incidents.views.panels import Panel

_WAITING = {CaseState.REPORTED, CaseState.REOPENED}


class CaseParts(CasePage, abstract=True):
    """One of the parts of a record, each a page of its own: the bar with what it is, and the way to the others."""

    part = "case"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("bar", self._bar())
        kwargs.setdefault("tabs", self._tabs())
        kwargs.setdefault("readers", [one for one in readers_of(self.case, self.today) if one != str(self.actor)])
        return super().get_context_data(**kwargs)

    def _tabs(self) -> list[dict[str, Any]]:
        parts = [("case", "Report"), ("case-notes", "Notes"), ("case-actions", "Actions")]
        if self.may(Permission.VIEW_AUDIT):
            parts.append(("case-looks", "Who has looked"))
        return [
            {"label": label, "url": self.url(name, self.case.pk), "current": name == self.part} for name, label in parts
        ]

    def _bar(self) -> dict[str, Any]:
        case = self.case
        level = f"level {case.level}" if case.level else ""
        began = case.reported_at or case.created_at
        return {
            "kind": "neutral" if not case.is_open else "attention" if case.state in _WAITING else "info",
            "track": ", ".join(word for word in (case.get_track_display(), level) if word),
            "owner": case.owner.display_name if case.owner else "",
            "age": waited(began, self.now),
        }


class ReportView(CaseParts):
    """What was reported, as it was written; additions and corrections stand beside it."""

    template_name = "incidents/case.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.look", self.case)
        added = [thread for thread in threads(queries.notes_of(self.case)) if thread["note"].kind == NoteKind.ADDED]
        return self.render(rows=_reported(self.case), words=_words(self.case), links=self._links(), added=added)

    def _links(self) -> list[dict[str, str]]:
        """What the record stands beside: the device, its stay, the search, an earlier record."""
        case, slug, links = self.case, self.school.slug, []
        if case.custody_id and self.may(Permission.TAKE_DEVICE):
            links.append(
                {"label": "The stay of the device", "url": reverse("devices:taken", args=[slug, case.custody_id])}
            )
        if case.device_id and self.may(Permission.VIEW_PUPIL_DETAIL):
            links.append({"label": "The device", "url": reverse("devices:device", args=[slug, case.device_id])})
        if case.search_id and self.may(Permission.VIEW_SEARCHES):
            links.append({"label": "The search", "url": reverse("devices:search", args=[slug, case.search_id])})
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        beside = [(case.follows_id, "The record it follows"), (case.merged_into_id, "The record it was joined to")]
        for key, label in beside:
            if key and visible.filter(pk=key).exists():
                links.append({"label": label, "url": self.url("case", key)})
        return links + revoke_links(self, case)


def _reported(case: Incident) -> list[dict[str, Any]]:
    """The facts of the report in short lines."""
    happened = case.happened_at
    when = "" if happened is None else moment(happened) if case.time_is_known else f"{day(happened)}, time not known"
    where = ", ".join(word for word in (case.place, case.area, case.provider) if word)
    flags = [
        ("Urgent", case.urgent), ("A concern for a child", case.concern_for_child), ("Danger now", case.danger_now),
        ("Out of school", case.is_offsite), ("Online", case.is_online),
    ]  # fmt: skip
    return [
        {"label": "What", "value": case.get_type_display()},
        {"label": "When it happened", "value": when},
        {"label": "Where", "value": where},
        {"label": "Reported by", "value": case.reporter_name},
        {"label": "Reported", "value": moment(case.reported_at) if case.reported_at else ""},
        {"label": "How it is known", "value": case.get_raised_by_display()},
        {"label": "Marked", "lines": [word for word, is_so in flags if is_so], "missing": "Nothing"},
        {"label": "DSL told in person", "value": told_in_person(case), "missing": "Not said"},
    ]


def _words(case: Incident) -> list[dict[str, str]]:
    """What was written, each under its own heading: facts, own words, opinion and deeds are kept apart (law SG-2)."""
    parts = [
        ("What happened", case.account),
        ("In their own words", case.own_words),
        ("Opinion of the reporter", case.opinion),
        ("What was done at once", case.immediate_action),
        ("How the sender was answered", case.response),
    ]
    return [{"title": title, "text": text} for title, text in parts if text]


def threads(notes: Any) -> list[dict[str, Any]]:
    """Notes with what corrects them beside them, however often; the oldest first."""
    listed = list(notes)
    corrected = {note.pk: note.corrects_id for note in listed}
    found: dict[int, dict[str, Any]] = {
        note.pk: {"note": note, "corrections": []} for note in listed if note.corrects_id is None
    }
    for note in listed:
        root = note.pk
        while corrected.get(root) is not None:
            root = corrected[root]
        if root != note.pk and root in found:
            found[root]["corrections"].append(note)
    return list(found.values())


class NotesView(CaseParts, CaseFormPage):
    """What was added, and one more note. Nothing here is changed afterwards (law SG-2)."""

    part = "case-notes"
    template_name = "incidents/case_notes.html"
    form_class = AddNoteForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(threads=threads(queries.notes_of(self.case)), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.add_note(school=self.school, actor=self.actor, at=self.now, incident=self.case, **form.cleaned_data)
        return self.done("Added to the record.", self.url("case-notes", self.case.pk))


class CorrectNoteView(CaseFormPage):
    """A correction beside a note; what was written stays."""

    template_name = "incidents/case_correct_note.html"
    form_class = CorrectNoteForm

    @property
    def note(self) -> IncidentNote:
        if not hasattr(self, "_note"):
            self._note: IncidentNote = get_or_404(queries.notes_of(self.case), pk=self.kwargs["case_note"])
        return self._note

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(note=self.note, back_url=self.url("case-notes", self.case.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.correct_note(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, corrects=self.note,
            **form.cleaned_data,
        )  # fmt: skip
        return self.done("The correction stands beside the note.", self.url("case-notes", self.case.pk))


class LooksView(CaseParts):
    """Who has opened the record, for those who keep the record of looking (law SG-3)."""

    permission = Permission.VIEW_AUDIT
    part = "case-looks"
    template_name = "incidents/case_looks.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        looks = looks_at(self.case)
        self.note_view("incidents.look", self.case)
        return self.render(looks=looks)


class PeopleView(LeadFormPage):
    """Who is in the record; somebody else is added, or taken out when they were named by mistake."""

    template_name = "incidents/case_people.html"
    form_class = AddPersonForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        removing = RemovePersonForm(auto_id=False)
        return super().get_context_data(removing=removing, back_url=self.url("case-actions", self.case.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AddPersonForm)
        values: dict[str, Any] = form.values()
        if values["kind"] == PersonKind.PUPIL:
            if form.cleaned_data["pupil"]:
                values["pupil"] = get_or_404(all_pupils(self.school), pk=form.cleaned_data["pupil"])
            else:
                found = find_pupils(self.school, values["name"], limit=10, on=self.today)
                if len(found.pupils) != 1 or found.near:
                    form.ask_which(found.pupils)
                    return self.form_invalid(form)
                values["pupil"] = found.pupils[0]
        operations.add_person(school=self.school, actor=self.actor, at=self.now, incident=self.case, **values)
        return self.done("The record names them now.", self.url("case-people", self.case.pk))


class RemovePersonView(LeadFormPage):
    """The button beside a person who was named by mistake."""

    http_method_names = ["post"]
    template_name = "incidents/case_remove_person.html"
    form_class = RemovePersonForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.url("case-people", self.case.pk), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        person = get_or_404(queries.people_of(self.case), pk=self.kwargs["case_person"])
        operations.remove_person(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, person=person, **form.cleaned_data
        )
        return self.done("They are no longer in the record.", self.url("case-people", self.case.pk))


def people_panel(case: Incident, user: User) -> Panel:
    """Who is in the record."""
    links = lead_links(case, user, ("Change who is in it", "case-people"))
    return Panel("people", "Who is in it", "incidents/panels/people.html", links=links)
