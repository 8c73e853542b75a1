"""The pages of the import: lists, upload, columns, preview, progress, result, and the DSL's question."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.kit.times import moment
from core.people.access import NotPermitted, has
from core.people.models import Pupil
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.roll import operations, queries
from core.roll.enums import Action, Entity, FileKind, ImportState, ProposalAnswer
from core.roll.forms import ActForm, AnswerForm, AnswerTarget, ApplyForm, MatchForm, UploadForm
from core.roll.models import RollImport, RollImportChange

SHOWN = 20
LEAVERS_LISTED = 400


class RollView(SchoolView, abstract=True):
    """What every page of the import knows."""

    permission = Permission.MANAGE_ROLL

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"roll:{name}", args=[self.school.slug, *args])

    def load(self, key: int) -> RollImport:
        """The import of this school with that key, else 404."""
        return get_or_404(queries.imports_of(self.school), pk=key)

    def where(self, roll_import: RollImport) -> str:
        """The page on which an import stands now."""
        name = {ImportState.UPLOADED: "match", ImportState.PREVIEWED: "preview"}.get(ImportState(roll_import.state))
        if name is None:
            name = "progress" if roll_import.is_running else "result"
        return self.url(name, roll_import.pk)

    def crumbs(self, *trail: str) -> list[dict[str, str]]:
        return [{"label": "Roll import", "url": self.url("list")}, *({"label": label, "url": ""} for label in trail)]


class ListImportsView(RollView):
    """Every import of the school, newest first."""

    template_name = "roll/list_imports.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(queries.imports_of(self.school), 20).get_page(self.request.GET.get("page"))
        kwargs.update(
            page_obj=page,
            rows=[{"item": item, "url": self.where(item), "sizes": _sizes(item)} for item in page],
            start_url=self.url("start"),
        )
        return super().get_context_data(**kwargs)


def _sizes(roll_import: RollImport) -> str:
    """What an import brought, in a few words: "1,500 pupils, 61 staff"."""
    summary = roll_import.summary
    words = [
        f"{counts['rows']:,} {one if counts['rows'] == 1 else many}"
        for kind, one, many in (
            (FileKind.PUPILS, "pupil", "pupils"),
            (FileKind.CONTACTS, "contact", "contacts"),
            (FileKind.STAFF, "member of staff", "staff"),
        )
        if (counts := summary.get(kind.value))
    ]
    return ", ".join(words)


class UploadListsView(SchoolFormView, RollView):
    """Step 1: the files."""

    permission = Permission.MANAGE_ROLL
    form_class = UploadForm
    template_name = "roll/upload_lists.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.update(breadcrumbs=self.crumbs("Bring in lists"), running=queries.running_import(self.school))
        if kwargs["running"]:
            kwargs["running_url"] = self.url("progress", kwargs["running"].pk)
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, UploadForm)
        roll_import = operations.upload_roll(
            school=self.school,
            actor=self.actor,
            at=self.now,
            files=form.sent,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.where(roll_import))


class ImportView(RollView, abstract=True):
    """A page about one import that is still open; one that has gone on sends to the page where it is now."""

    roll_import: RollImport
    states: ClassVar[frozenset[ImportState]]

    def dispatch_open(self) -> HttpResponse | None:
        self.roll_import = self.load(int(self.kwargs["roll_import"]))
        if self.roll_import.state in self.states:
            return None
        return HttpResponseRedirect(self.where(self.roll_import))


class OpenFormView(SchoolFormView, ImportView, abstract=True):
    """A form about one open import."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.dispatch_open() or super().get(request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.dispatch_open() or super().post(request)


class MatchColumnsView(OpenFormView):
    """Step 2: what each column holds, as it was recognised, for a person to correct."""

    permission = Permission.MANAGE_ROLL
    form_class = MatchForm
    template_name = "roll/match_columns.html"
    states = frozenset({ImportState.UPLOADED, ImportState.PREVIEWED})

    def get_form_kwargs(self) -> dict[str, Any]:
        self.files = queries.files_of(self.roll_import)
        return super().get_form_kwargs() | {"roll_files": self.files}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form: MatchForm = kwargs["form"]
        kwargs.update(
            roll_import=self.roll_import,
            sections=form.sections(queries.samples_of(self.roll_import)),
            missing=queries.missing_columns(self.files),
            breadcrumbs=self.crumbs("Match columns"),
            cancel_url=self.url("cancel", self.roll_import.pk),
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, MatchForm)
        roll_import = operations.correct_mapping(
            school=self.school,
            actor=self.actor,
            at=self.now,
            roll_import=self.roll_import,
            columns=form.columns,
            kinds=form.kinds,
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.where(roll_import))


class PreviewImportView(OpenFormView):
    """Step 3: what would be added, changed and left, and what is wrong; from here the import is applied."""

    permission = Permission.MANAGE_ROLL
    form_class = ApplyForm
    template_name = "roll/preview_import.html"
    states = frozenset({ImportState.PREVIEWED})

    def get_initial(self) -> dict[str, Any]:
        return {"effective_on": self.roll_import.effective_on}

    def get_form_kwargs(self) -> dict[str, Any]:
        self.leavers = queries.leavers_of(self.roll_import, LEAVERS_LISTED)
        choices = [(f"{change.entity}:{change.target_id}", change.label) for change in self.leavers]
        choices += [(f"{entity}:all", "All") for entity in (Entity.PUPIL, Entity.CONTACT, Entity.MEMBERSHIP)]
        return super().get_form_kwargs() | {"leavers": choices, "jobs": self.roll_import.summary.get("jobs", [])}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roll_import = self.roll_import
        summary = roll_import.summary
        form: ApplyForm = kwargs["form"]
        kwargs.update(
            roll_import=roll_import,
            breadcrumbs=self.crumbs("Preview"),
            counts=_counts(summary),
            total=queries.planned_total(roll_import),
            groups=_groups(roll_import),
            problems=list(queries.problems_of(roll_import)[:SHOWN]),
            problem_rows=summary.get("problems", 0),
            checks=summary.get("checks", 0),
            leaver_groups=_leaver_groups(self.leavers, form, queries.totals_of(roll_import)),
            leavers_total=sum(summary.get(kind.value, {}).get("left", 0) for kind in FileKind),
            job_rows=form.job_rows(),
            proposals=summary.get(FileKind.CONTACTS.value, {}).get("proposals", 0),
            is_outdated=queries.roll_mark(self.school) != roll_import.roll_mark,
            running=queries.running_import(self.school),
            files=queries.files_of(roll_import),
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ApplyForm)
        roll_import = operations.apply_roll(
            school=self.school,
            actor=self.actor,
            at=self.now,
            roll_import=self.roll_import,
            leavers=form.cleaned_data["leavers"],
            roles=form.roles,
            without_problem_rows=form.cleaned_data["without_problem_rows"],
            effective_on=form.cleaned_data["effective_on"],
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("progress", roll_import.pk))


_WORDS = {FileKind.PUPILS: "Pupils", FileKind.CONTACTS: "Contacts", FileKind.STAFF: "Staff"}


def _counts(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """One line of figures for each kind of list."""
    return [
        {
            "word": word,
            "add": counts.get("add", 0),
            "change": counts.get("change", 0),
            "same": counts.get("same", 0),
            "left": counts.get("left", 0),
            "problems": counts.get("problems", 0),
            "rows": counts.get("rows", 0),
        }
        for kind, word in _WORDS.items()
        if (counts := summary.get(kind.value))
    ]


_SHOWN_GROUPS = (
    (Entity.PUPIL, Action.ADD, "New pupils"),
    (Entity.PUPIL, Action.CHANGE, "Pupils with changes"),
    (Entity.PLACEMENT, Action.ADD, "Off-site placements"),
    (Entity.FORM, Action.ADD, "New forms"),
    (Entity.FORM, Action.CHANGE, "Forms with changes"),
    (Entity.CONTACT, Action.ADD, "New contacts"),
    (Entity.CONTACT, Action.CHANGE, "Contacts with changes"),
    (Entity.MEMBERSHIP, Action.ADD, "New staff"),
    (Entity.MEMBERSHIP, Action.CHANGE, "Staff with changes"),
    (Entity.USER, Action.CHANGE, "Staff whose name changes"),
)


def _groups(roll_import: RollImport) -> list[dict[str, Any]]:
    """The first twenty changes of each sort, in words."""
    totals = queries.totals_of(roll_import)
    shown = queries.first_of_each(roll_import, SHOWN)
    return [
        {
            "title": title,
            "total": totals[entity, action],
            "is_change": action == Action.CHANGE,
            "rows": [{"change": change, "fields": _fields(change)} for change in shown.get((entity, action), [])],
        }
        for entity, action, title in _SHOWN_GROUPS
        if totals.get((entity, action))
    ]


_FIELD_WORDS = {
    "upn": "UPN",
    "admission_number": "admission number",
    "legal_forename": "legal forename",
    "legal_surname": "legal surname",
    "preferred_forename": "preferred forename",
    "date_of_birth": "date of birth",
    "year_group": "year group",
    "sen_status": "SEN status",
    "medical_note": "medical note",
    "left_on": "left on",
    "form": "form",
    "closed_on": "closed on",
    "year_from": "first year",
    "year_to": "last year",
    "given_name": "forename",
    "family_name": "surname",
    "job_title": "job title",
    "staff_code": "staff code",
    "has_parental_responsibility": "parental responsibility",
    "court_order_note": "court-order note",
    "may_collect": "may collect",
    "tutor_id": "tutor",
}


def _fields(change: RollImportChange) -> list[dict[str, str]]:
    """Field by field what it was and what it becomes; keys of other records are left to their names."""
    names = [name for name in change.new if name != "form_id"] if change.action == Action.CHANGE else []
    return [
        {
            "name": _FIELD_WORDS.get(name, name.replace("_", " ")),
            "old": _say(name, change.old.get(name)),
            "new": _say(name, change.new.get(name)),
        }
        for name in names
    ]


def _say(name: str, value: Any) -> str:
    if name == "tutor_id":
        return "set" if value else "none"
    if name in {"year_group", "year_from", "year_to"} and isinstance(value, int):
        return Pupil(year_group=value).year_name
    if value is True or value is False:
        return "yes" if value else "no"
    return "empty" if value in (None, "") else str(value)


def _leaver_groups(
    leavers: Iterable[RollImportChange], form: ApplyForm, totals: dict[tuple[str, str], int]
) -> list[dict[str, Any]]:
    """Who is not in the lists, as boxes to tick: pupils, contacts and staff apart."""
    words = {
        Entity.PUPIL: "Pupils who are on roll and not in the list",
        Entity.CONTACT: "Contacts who are not in the list",
        Entity.MEMBERSHIP: "Staff who are not in the list",
    }
    ticked = set(form["leavers"].value() or [])
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, change in enumerate(leavers):
        value = f"{change.entity}:{change.target_id}"
        groups.setdefault(change.entity, []).append(
            {"id": f"id_leavers_{place}", "value": value, "label": change.label, "is_ticked": value in ticked}
        )
    return [
        {
            "title": words[Entity(entity)],
            "boxes": boxes,
            "total": totals.get((entity, Action.CLOSE), 0),
            "is_long": len(boxes) > SHOWN,
            "all": {"id": f"id_all_{entity}", "value": f"{entity}:all", "is_ticked": f"{entity}:all" in ticked},
        }
        for entity, boxes in groups.items()
    ]


class RefreshPreviewView(RollView):
    """Compare again with the roll as it is now."""

    permission = Permission.MANAGE_ROLL

    def post(self, request: HttpRequest, roll_import: int) -> HttpResponseBase:
        return _act(self, roll_import, operations.refresh_preview, "The preview is up to date.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return HttpResponseRedirect(self.where(self.load(kwargs["roll_import"])))


class CancelImportView(RefreshPreviewView):
    """Drop an import that was not applied."""

    permission = Permission.MANAGE_ROLL

    def post(self, request: HttpRequest, roll_import: int) -> HttpResponseBase:
        return _act(self, roll_import, operations.cancel_roll, "The import is cancelled. Nothing was changed.", "list")


class ResumeImportView(RefreshPreviewView):
    """Go on with an import that an error stopped."""

    permission = Permission.MANAGE_ROLL

    def post(self, request: HttpRequest, roll_import: int) -> HttpResponseBase:
        return _act(self, roll_import, operations.resume_roll, "The import goes on.")


def _act(view: RollView, key: int, operate: Callable[..., RollImport], said: str, then: str = "") -> HttpResponseBase:
    """One button about one import: do it, say so, go where the import is now; a refusal is said there."""
    found = view.load(key)
    form = ActForm(view.request.POST)
    form.is_valid()
    try:
        done = operate(
            school=view.school,
            actor=view.actor,
            at=view.now,
            roll_import=found,
            submission=form.cleaned_data.get("submission"),
        )
    except NotPermitted:
        raise
    except Refusal as refusal:
        return view.done(refusal.message, view.where(found))
    return view.done(said, view.url(then) if then else view.where(done))


class ProgressView(RollView):
    """How far the worker is; asked again every two seconds by the page itself."""

    permission = Permission.MANAGE_ROLL
    template_name = "roll/progress_import.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = self.load(kwargs["roll_import"])
        if found.is_open or (not found.is_running and not self.is_htmx):
            return HttpResponseRedirect(self.where(found))
        run = queries.run_of(found)
        waiting = queries.is_waiting(run, found, self.now)
        return self.render(
            template="roll/_progress.html" if self.is_htmx else None,
            roll_import=found,
            run=run,
            running=found.is_running,
            is_waiting=waiting,
            job_title="Undoing the import" if run and run.is_undo else "Applying the import",
            text=_waiting_words(self) if waiting else "",
            poll_url=self.url("progress", found.pk),
            result_url=self.url("result", found.pk),
            breadcrumbs=self.crumbs("Apply"),
        )


def _waiting_words(view: RollView) -> str:
    """Plain words for a worker that is not there, with when it last was."""
    seen = queries.worker_seen_at(view.school, view.now)
    last = f"It was last seen {moment(seen, view.now)}." if seen else "It has not been seen yet."
    return (
        f"Waiting for the background worker. {last} Nothing is lost: the import goes on by itself when the worker is "
        "back. If this lasts, tell whoever looks after the server."
    )


class ResultView(RollView):
    """Step 4, afterwards: what was done, what was left alone and why, and undo for 24 hours."""

    permission = Permission.MANAGE_ROLL
    template_name = "roll/result_import.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = self.load(kwargs["roll_import"])
        if found.is_open or found.is_running:
            return HttpResponseRedirect(self.where(found))
        return self.render(
            roll_import=found,
            counts=_counts(found.summary),
            done=queries.done_by(found),
            left_alone=list(queries.not_done(found)[:SHOWN]),
            left_alone_total=queries.not_done(found).count(),
            problem_rows=found.summary.get("problems", 0),
            may_undo=queries.may_be_undone(found, self.now) or _stopped_half_way(found),
            undo_until=found.finished_at + queries.UNDO_FOR if found.finished_at else None,
            proposals=queries.open_proposals(self.school).filter(roll_import=found).count(),
            may_answer=has(self.actor, Permission.SET_DO_NOT_INFORM, self.school),
            breadcrumbs=self.crumbs("Result"),
        )


def _stopped_half_way(roll_import: RollImport) -> bool:
    run = queries.run_of(roll_import)
    return roll_import.state == ImportState.FAILED and run is not None and not run.is_undo


class UndoImportView(SchoolFormView, RollView):
    """Ask once more, then take the import back."""

    permission = Permission.MANAGE_ROLL
    form_class = ActForm
    template_name = "roll/undo_import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.load(self.kwargs["roll_import"])
        kwargs.update(
            roll_import=found,
            done=queries.done_by(found),
            cancel_url=self.where(found),
            breadcrumbs=self.crumbs("Undo"),
        )
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        done = operations.undo_roll(
            school=self.school,
            actor=self.actor,
            at=self.now,
            roll_import=self.load(self.kwargs["roll_import"]),
            submission=form.cleaned_data["submission"],
        )
        return HttpResponseRedirect(self.url("progress", done.pk))


class DownloadProblemsView(RollView):
    """Every problem as CSV, formula-safe; who took it is in the record."""

    permission = Permission.MANAGE_ROLL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = operations.note_download(
            school=self.school, actor=self.actor, at=self.now, roll_import=self.load(kwargs["roll_import"])
        )
        return safe_csv_response(
            f"import-{found.pk}-problems.csv",
            ["List", "Row", "Column", "What was read", "Why it is a problem", "What follows"],
            queries.problem_rows(found),
        )


class ConfirmDoNotInformView(SchoolFormView, RollView):
    """The DSL's page: contacts who came with a court-order note, one decision each (ORG-13)."""

    permission = Permission.SET_DO_NOT_INFORM
    form_class = AnswerForm
    template_name = "roll/confirm_do_not_inform.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if queries.open_proposals(self.school).exists():
            self.note_view("roll.view_do_not_inform", self.school)
        return self.render()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refused: AnswerForm | None = kwargs.pop("form", None)
        failed = str(refused["proposal"].value()) if refused is not None else ""
        rows = []
        for proposal in queries.open_proposals(self.school):
            key = f"p{proposal.pk}"
            form = refused if refused is not None and failed == str(proposal.pk) else None
            form = form or AnswerForm(initial={"proposal": proposal.pk}, auto_id=f"{key}_%s")
            rows.append({"proposal": proposal, "form": form})
        kwargs.update(rows=rows, form=refused, answered=list(queries.answered_proposals(self.school)[:SHOWN]))
        return super().get_context_data(**kwargs)

    def get_form(self) -> BaseForm:
        target = AnswerTarget(self.request.POST)
        if not target.is_valid():
            return AnswerForm(self.request.POST)
        self.proposal = get_or_404(queries.all_proposals(self.school), pk=target.cleaned_data["proposal"])
        return AnswerForm(self.request.POST, auto_id=f"p{self.proposal.pk}_%s")

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.answer_proposal(
            school=self.school,
            actor=self.actor,
            at=self.now,
            proposal=self.proposal,
            answer=ProposalAnswer(form.cleaned_data["answer"]),
            reason=form.cleaned_data["reason"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("The decision is saved.", self.url("confirm-do-not-inform"))
