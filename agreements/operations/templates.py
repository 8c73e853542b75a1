"""Writing a template: begun from a ready text or empty, drafted clause by clause (AGR-01, AGR-04, AGR-23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agreements.enums import AgreementKind, Party, VersionState
from agreements.models import AgreementTemplate, Clause, TemplateReading, TemplateVersion, Translation
from agreements.ready import ready_template
from agreements.wording import wrong_fields
from core.audit.operations import operation, record
from core.kit.bulk import bulk_create
from core.kit.refusals import Refusal
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.operations.editing import change, locked
from core.people.roles import Permission
from core.rules.catalogue import SETTINGS
from policies.models import Document

TEXT_FIELDS = ("title", "intro", "sites")
CLAUSE_FIELDS = ("party", "text", "plain_text", "symbol", "is_on", "rule", "answers")


class UnableToWrite(Refusal):
    """The template was left as it is."""


class TitleTaken(UnableToWrite):
    """Another template of the kind has this title."""

    default_field = "title"


class PublishedAlready(UnableToWrite):
    """What is published is never changed again; a new version is."""


class DraftExists(UnableToWrite):
    """One draft of a template at a time."""


class NotUsedAnyMore(UnableToWrite):
    """The template was retired."""


class FieldUnknown(UnableToWrite):
    """A text holds a field in braces that stands for nothing."""

    default_field = "text"


class ClauseRequired(UnableToWrite):
    """A clause that the text cannot do without stays switched on."""

    default_field = "is_on"


class AnswersMissing(UnableToWrite):
    """A clause that follows a rule says at which answers it stands."""

    default_field = "answers"


@operation("agreements.start_template")
def start_template(
    *,
    school: School,
    actor: User,
    at: datetime,
    kind: str,
    title: str = "",
    from_ready: bool = True,
    submission: UUID | None = None,
) -> TemplateVersion:
    """Begin a template with a first draft, from the ready text of its kind or empty. Who may: EDIT_TEMPLATES.

    Nothing is in use before a person has read and published it. Raises `TitleTaken`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    ready = ready_template(kind)
    title = title.strip() or ready.title
    template = AgreementTemplate(school=school, kind=AgreementKind(kind), title=title)
    template.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        if "agreements_template_title_unique" not in str(error):
            raise
        raise TitleTaken("You have one with this title already. Choose another title.", rule="AGR-01") from error
    version = TemplateVersion(
        school=school, template=template, number=1, title=title, intro=ready.intro if from_ready else ""
    )
    version.stamp(by=actor, at=at)
    version.save()
    clauses = [
        Clause(
            school=school,
            template_version=version,
            key=one.key,
            party=one.party,
            position=position,
            text=one.text,
            plain_text=one.plain,
            symbol=one.symbol,
            is_required=one.required,
            rule=one.rule,
            answers=one.answers,
        )
        for position, one in enumerate(ready.clauses if from_ready else (), 1)
    ]
    bulk_create(Clause, clauses, by=actor, at=at, reason="A template was begun")
    detail = {"kind": kind, "from_ready": from_ready, "clauses": len(clauses)}
    record(
        school=school,
        actor=actor,
        action="agreements.start_template",
        at=at,
        obj=version,
        detail=detail,
        submission=submission,
    )
    return version


@operation("agreements.start_version")
def start_version(
    *, school: School, actor: User, at: datetime, template: AgreementTemplate, submission: UUID | None = None
) -> TemplateVersion:
    """Begin a new draft with what the newest version says, translations to be checked anew (AGR-09).

    Who may: EDIT_TEMPLATES. Raises `DraftExists`, `NotUsedAnyMore`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    template = locked(template)
    if template.retired_on is not None:
        raise NotUsedAnyMore("This template is not used any more. Begin another.", rule="AGR-01")
    last = TemplateVersion.objects.filter(template=template).order_by("-number")[0]
    if not last.is_published:
        raise DraftExists("A draft is being written already. Go on with that one.", rule="AGR-09")
    version = TemplateVersion(
        school=school,
        template=template,
        number=last.number + 1,
        title=last.title,
        intro=last.intro,
        sites=last.sites,
    )
    version.stamp(by=actor, at=at)
    version.save()
    copied: list[Clause] = []
    for clause in last.clauses.all():
        names = (*CLAUSE_FIELDS, "key", "position", "is_required")
        copied.append(
            Clause(school=school, template_version=version, **{name: getattr(clause, name) for name in names})
        )
    bulk_create(Clause, copied, by=actor, at=at, reason="A version was begun")
    said = [
        Translation(
            school=school,
            template_version=version,
            language=one.language,
            title=one.title,
            intro=one.intro,
            texts=one.texts,
        )
        for one in last.translations.all()
    ]
    bulk_create(Translation, said, by=actor, at=at, reason="A version was begun")
    _set_readings(version, [one.document for one in last.readings.select_related("document")])
    record(school=school, actor=actor, action="agreements.start_version", at=at, obj=version, submission=submission)
    return version


@operation("agreements.edit_version")
def edit_version(
    *,
    school: School,
    actor: User,
    at: datetime,
    template_version: TemplateVersion,
    version: int,
    values: Mapping[str, Any],
    documents: Iterable[Document] = (),
    submission: UUID | None = None,
) -> TemplateVersion:
    """Change what stands round the clauses: title, opening, sites (AGR-23), documents to read with it (AGR-22).

    Who may: EDIT_TEMPLATES. Raises `ChangedMeanwhile`, `PublishedAlready`, `FieldUnknown`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = _draft(template_version, version)
    given = {name: values[name] for name in TEXT_FIELDS if name in values}
    for name, text in given.items():
        if name != "sites":
            _check_fields(text, name)
    detail = change(row, given)
    row.stamp(by=actor, at=at)
    row.save()
    if {"title", "intro"} & set(detail["new"]):
        undo_checks(row, actor, at)
    _set_readings(row, documents)
    record(
        school=school,
        actor=actor,
        action="agreements.edit_version",
        at=at,
        obj=row,
        detail=detail,
        submission=submission,
    )
    return row


@operation("agreements.add_clause")
def add_clause(
    *,
    school: School,
    actor: User,
    at: datetime,
    template_version: TemplateVersion,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> Clause:
    """Add a point at the end of a draft. Who may: EDIT_TEMPLATES. Raises `PublishedAlready`, `FieldUnknown`,
    `AnswersMissing`."""
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = _draft(template_version)
    given = _checked(values)
    positions, keys = [0], set()
    for one in row.clauses.all():
        positions.append(one.position)
        keys.add(one.key)
    number = next(one for one in range(1, len(keys) + 2) if f"own-{one}" not in keys)
    clause = Clause(school=school, template_version=row, key=f"own-{number}", position=max(positions) + 1, **given)
    clause.stamp(by=actor, at=at)
    clause.save()
    undo_checks(row, actor, at)
    record(school=school, actor=actor, action="agreements.add_clause", at=at, obj=clause, submission=submission)
    return clause


@operation("agreements.edit_clause")
def edit_clause(
    *,
    school: School,
    actor: User,
    at: datetime,
    clause: Clause,
    version: int,
    values: Mapping[str, Any],
    submission: UUID | None = None,
) -> Clause:
    """Reword a point, switch it on or off, bind it to a rule (AGR-04, AGR-05). Who may: EDIT_TEMPLATES.

    Raises `ChangedMeanwhile`, `PublishedAlready`, `ClauseRequired`, `FieldUnknown`, `AnswersMissing`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    draft = _draft(clause.template_version)
    row = locked(clause, version)
    given = _checked(values)
    if row.is_required and not given.get("is_on", True):
        raise ClauseRequired("The agreement cannot do without this point. Reword it instead.", rule="AGR-04")
    detail = change(row, given)
    row.stamp(by=actor, at=at)
    row.save()
    if set(detail["new"]) - {"symbol"}:
        undo_checks(draft, actor, at)
    record(
        school=school,
        actor=actor,
        action="agreements.edit_clause",
        at=at,
        obj=row,
        detail=detail,
        submission=submission,
    )
    return row


@operation("agreements.move_clause")
def move_clause(
    *, school: School, actor: User, at: datetime, clause: Clause, up: bool, submission: UUID | None = None
) -> Clause:
    """Move a point before or behind its neighbour in its group; at the end of the group nothing changes.

    Who may: EDIT_TEMPLATES. Raises `PublishedAlready`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    version = _draft(clause.template_version)
    group = list(version.clauses.filter(party=clause.party))
    index = [one.pk for one in group].index(clause.pk)
    other = index - 1 if up else index + 1
    row: Clause = group[index]
    if 0 <= other < len(group):
        row.position, group[other].position = group[other].position, row.position
        for one in (row, group[other]):
            one.stamp(by=actor, at=at)
            one.save()
    record(school=school, actor=actor, action="agreements.move_clause", at=at, obj=row, submission=submission)
    return row


@operation("agreements.retire_template")
def retire_template(
    *, school: School, actor: User, at: datetime, template: AgreementTemplate, submission: UUID | None = None
) -> AgreementTemplate:
    """Issue nothing from it any more; what was signed stands and stays readable. Who may: EDIT_TEMPLATES.

    Raises `NotUsedAnyMore`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = locked(template)
    if row.retired_on is not None:
        raise NotUsedAnyMore("It is out of use already.", rule="AGR-01")
    row.retired_on = london_day(at)
    row.stamp(by=actor, at=at)
    row.save()
    record(school=school, actor=actor, action="agreements.retire_template", at=at, obj=row, submission=submission)
    return row


def _draft(version: TemplateVersion, opened: int | None = None) -> TemplateVersion:
    """The draft, held: whoever writes to it or publishes it waits for the other."""
    row = locked(version)
    if row.state != VersionState.DRAFT:
        raise PublishedAlready("This version is published and stays as it is. Begin a new version.", rule="AGR-09")
    return locked(version, opened) if opened is not None else row


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: values[name] for name in CLAUSE_FIELDS if name in values}
    for name in ("text", "plain_text"):
        _check_fields(given.get(name, ""), name)
    if "party" in given:
        given["party"] = Party(given["party"])
    rule = given.get("rule", "")
    if rule:
        if rule not in SETTINGS or not given.get("answers"):
            raise AnswersMissing("Choose at which answers of the rule this point stands.", rule="AGR-05")
        given["answers"] = list(given["answers"])
    elif "rule" in given:
        given["answers"] = []
    return given


def _check_fields(text: str, name: str) -> None:
    wrong = wrong_fields(text)
    if wrong:
        raise FieldUnknown(" ".join(wrong), rule="AGR-03", field=name)


def undo_checks(version: TemplateVersion, actor: User, at: datetime) -> None:
    """The English of a draft has changed: what was checked against it in other languages is to be checked anew."""
    for row in version.translations.filter(checked_at__isnull=False):
        row.checked_at = row.checked_by = None
        row.stamp(by=actor, at=at)
        row.save()


def _set_readings(version: TemplateVersion, documents: Iterable[Document]) -> None:
    wanted = {document.pk: document for document in documents}
    for reading in TemplateReading.objects.filter(template_version=version):
        if reading.document_id in wanted:
            del wanted[reading.document_id]
        else:
            reading.delete()
    for document in wanted.values():
        TemplateReading(school=version.school, template_version=version, document=document).save()
