"""A version in another language: written beside the English, and offered once somebody who reads it has checked it.

In a draft it may change like everything else, and the check is undone where the English changes. Of a published version
one may be added; once it is checked it stands, as the version does, and a correction is a new version (AGR-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from agreements.languages import LANGUAGES
from agreements.models import TemplateVersion, Translation
from agreements.operations.templates import FieldUnknown, UnableToWrite
from agreements.queries.translations import points_of
from agreements.wording import HEADING, SAYING, SAYINGS, wrong_fields
from core.audit.operations import operation, record
from core.people.access import require
from core.people.calendar import london_day
from core.people.models import School, User
from core.people.operations.editing import change, locked
from core.people.roles import Permission
from core.rules.queries import for_school


class LanguageThere(UnableToWrite):
    """The version is written in this language already, or in one that we cannot name."""

    default_field = "language"


class TranslationStands(UnableToWrite):
    """It belongs to a published version and was checked: it is not changed any more."""


class PointsMissing(UnableToWrite):
    """Some of what the English says is not written yet, or the English changed since it was."""


class NotCompared(UnableToWrite):
    """Nobody says that somebody who reads the language has compared it."""

    default_field = "compared"


class TextChanged(UnableToWrite):
    """It says something else than what was read to check it."""


@operation("agreements.add_translation")
def add_translation(
    *,
    school: School,
    actor: User,
    at: datetime,
    template_version: TemplateVersion,
    language: str,
    submission: UUID | None = None,
) -> Translation:
    """Begin a version in another language, empty. Who may: EDIT_TEMPLATES. Raises `LanguageThere`."""
    require(actor, Permission.EDIT_TEMPLATES, school)
    if language not in LANGUAGES:
        raise LanguageThere("Choose one of the languages.", rule="AGR-01")
    row = Translation(school=school, template_version=locked(template_version), language=language)
    row.stamp(by=actor, at=at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "agreements_translation_once" not in str(error):
            raise
        raise LanguageThere("This version is written in that language already. Open it.", rule="AGR-01") from error
    record(
        school=school,
        actor=actor,
        action="agreements.add_translation",
        at=at,
        obj=row,
        detail={"language": language},
        submission=submission,
    )
    return row


@operation("agreements.write_translation")
def write_translation(
    *,
    school: School,
    actor: User,
    at: datetime,
    translation: Translation,
    version: int,
    title: str,
    intro: str = "",
    texts: Mapping[str, Mapping[str, str]],
    submission: UUID | None = None,
) -> Translation:
    """Write what the points and the headings say in the language, as far as one got; a check made before is undone.

    `texts` has "text" and "plain" by the key of a point, and "text" by `HEADING` and a party or `SAYING` and its key.
    With each point the English it was written from is kept, so that it is seen where that changes. Who may:
    EDIT_TEMPLATES. Raises `ChangedMeanwhile`, `TranslationStands`, `FieldUnknown`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = _open(translation, version)
    english = {clause.key: clause for clause in row.template_version.clauses.all()}
    written: dict[str, dict[str, str]] = {}
    for key, said in texts.items():
        text, plain = said.get("text", "").strip(), said.get("plain", "").strip()
        if not text and not plain:
            continue
        if key.startswith(HEADING) or key.removeprefix(SAYING) in SAYINGS:
            written[key] = {"text": text}
        elif key in english:
            before = row.texts.get(key, {})
            same = before.get("text") == text and before.get("plain") == plain and bool(text)
            kept = before.get("of", "") if same else english[key].text
            written[key] = {"text": text, "plain": plain, "of": kept}
    for name, text in (("title", title), ("intro", intro), *_sentences(written)):
        wrong = wrong_fields(text)
        if wrong:
            raise FieldUnknown(" ".join(wrong), rule="AGR-03", field=name)
    detail = change(row, {"title": title.strip(), "intro": intro.strip(), "texts": written})
    row.checked_at = row.checked_by = None
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school,
        actor=actor,
        action="agreements.write_translation",
        at=at,
        obj=row,
        detail={"language": row.language, "changed": sorted(detail["new"])},
        submission=submission,
    )
    return row


@operation("agreements.check_translation")
def check_translation(
    *,
    school: School,
    actor: User,
    at: datetime,
    translation: Translation,
    version: int,
    compared: bool,
    submission: UUID | None = None,
) -> Translation:
    """Somebody who reads the language has compared every point with the English: from now on families are offered it.

    Who may: EDIT_TEMPLATES. Raises `TextChanged`, `TranslationStands`, `PointsMissing`, `NotCompared`.
    """
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = _open(translation)
    if row.version != version:
        raise TextChanged(
            "Somebody has changed the text since you read it. Read it again, then confirm.", rule="AGR-01"
        )
    if not compared:
        raise NotCompared("Confirm that somebody who reads the language has compared every point.", rule="AGR-01")
    rules = for_school(school, on=max(london_day(at), row.template_version.starts_on or london_day(at)))
    points = [one for group in points_of(row, rules) for one in group.points]
    missing = sum(one.is_missing for one in points)
    changed = sum(one.is_outdated for one in points)
    if not row.title or missing or changed:
        said = [
            "" if row.title else "The title is missing.",
            f"Points that are not written: {missing}." if missing else "",
            f"Points whose English has changed since: {changed}." if changed else "",
        ]
        raise PointsMissing(" ".join(one for one in said if one), rule="AGR-01")
    row.checked_at, row.checked_by = at, actor
    row.stamp(by=actor, at=at)
    row.save()
    record(
        school=school,
        actor=actor,
        action="agreements.check_translation",
        at=at,
        obj=row,
        detail={"language": row.language},
        submission=submission,
    )
    return row


@operation("agreements.remove_translation")
def remove_translation(
    *, school: School, actor: User, at: datetime, translation: Translation, submission: UUID | None = None
) -> None:
    """Take away a language that nobody was shown. Who may: EDIT_TEMPLATES. Raises `TranslationStands`."""
    require(actor, Permission.EDIT_TEMPLATES, school)
    row = _open(translation)
    detail = {"language": row.language, "version": row.template_version_id}
    record(
        school=school,
        actor=actor,
        action="agreements.remove_translation",
        at=at,
        obj=row,
        detail=detail,
        submission=submission,
    )
    row.delete()


def _open(translation: Translation, opened: int | None = None) -> Translation:
    """The translation, held together with its version, which nobody publishes meanwhile."""
    version = locked(translation.template_version)
    row = locked(translation)
    row.template_version = version
    if version.is_published and row.checked_at is not None:
        raise TranslationStands(
            "It was checked and families may have read it, so it stays as it is. Begin a new version to correct it.",
            rule="AGR-01",
        )
    if opened is not None:
        row = locked(translation, opened)
        row.template_version = version
    return row


def _sentences(written: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    return [
        (f"{part}_{key}", said[part]) for key, said in written.items() for part in ("text", "plain") if part in said
    ]
