"""Finding a pupil by what somebody at a desk types: any word start, accents folded, one letter wrong (ux §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from rapidfuzz.distance import OSA

from core.kit.rows import SideBySide
from core.kit.text import fold
from core.people.models import FormGroup, Pupil, School
from core.people.queries.school import all_pupils, pupils_on_roll

_LONGEST = 80
_CODE = re.compile(r"^P[2-9A-HJKMNP-TV-Z]{8}$")  # as printed; one in thirty has no figure in it
_NEAR_FROM = 4  # shorter words have too many neighbours one letter away


@dataclass(frozen=True)
class Search:
    """What was found, best first. `near` ones differ by a letter from what was typed: show them, never act on one."""

    pupils: list[Pupil]
    near: bool = False
    more: bool = False


def find_pupils(school: School, text: str, *, limit: int = 10, on: date | None = None, leavers: bool = False) -> Search:
    """Pupils whose name, form and name ("8b ama"), admission number or code fit `text`; on roll unless `leavers`.

    Every word typed must begin a word of the name. Whole words come first, then those whose first name begins so,
    then the rest by surname. Where nobody fits, names that are one letter off are offered as `near`.
    """
    words = fold(text[:_LONGEST]).split()
    if not words:
        return Search([])
    pupils = all_pupils(school) if leavers else pupils_on_roll(school, on)
    if len(words) == 1 and (any(character.isdigit() for character in text) or _CODE.match(text.strip().upper())):
        numbered = list(pupils.filter(Q(admission_number__iexact=text.strip()) | Q(code=text.strip().upper()))[:1])
        if numbered:
            return Search(numbered)
    day = None if leavers else on or timezone.localdate()
    found = _ranked(school, day, words, limit)
    if not found:
        found = _by_form_and_name(school, day, words, limit)
    if found:
        return Search(found[:limit], more=len(found) > limit)
    near = _near(pupils, words, limit)
    return Search(near[:limit], near=True, more=len(near) > limit) if near else Search([])


def search_pupils(
    school: School, text: str, *, limit: int = 10, on: date | None = None, leavers: bool = False
) -> list[Pupil]:
    """The pupils of `find_pupils` alone, for lists that somebody chooses from."""
    return find_pupils(school, text, limit=limit, on=on, leavers=leavers).pupils


_FOUND = SideBySide(("p", Pupil, ""), ("f", FormGroup, ""))


def _ranked(
    school: School, day: date | None, words: list[str], limit: int, *, forms: list[int] | None = None
) -> list[Pupil]:
    """Whose name fits, in one of `forms` if given, on roll on `day` if there is one. The same rows as the ORM gives;
    by hand, because composing the order as Case and When costs the desk more than finding the pupils (ADR 14)."""
    escaped = connection.ops.prep_for_like_query
    begins = "".join([" AND p.search_text LIKE %s"] * len(words))
    whole = " AND ".join(["strpos(p.search_text || ' ', %s) > 0"] * len(words)) or "true"
    first = "starts_with(p.search_text, %s)"
    among = " AND p.form_id = ANY (%s::bigint[])" if forms is not None else ""
    sql = f"""
SELECT {_FOUND.columns}
FROM {Pupil._meta.db_table} p LEFT JOIN {FormGroup._meta.db_table} f ON f.id = p.form_id
WHERE p.school_id = %s AND (p.left_on IS NULL OR p.left_on >= %s) AND (p.joined_on IS NULL OR p.joined_on <= %s)
{begins}{among}
ORDER BY CASE WHEN {whole} THEN 0 WHEN {first} THEN 1 ELSE 2 END, p.legal_surname, p.legal_forename, p.id
LIMIT %s"""  # noqa: S608 - names come from the models, the words go as parameters
    values: list[object] = [school.pk, day or date.min, day or date.max]
    values += [f"% {escaped(word)}%" for word in words]
    values += [forms] if forms is not None else []
    values += [*(f" {word} " for word in words), f" {words[0]}" if words else "", limit + 1]
    found = []
    for (pupil, form), _ in _FOUND.read(sql, values):
        pupil.form = form
        found.append(pupil)
    return found


def _by_form_and_name(school: School, day: date | None, words: list[str], limit: int) -> list[Pupil]:
    """ "8b ama" or "ama 8b": the form's beginning at either end, the rest a name; a form's whole name alone."""
    forms = [
        (fold(name), fold(name).replace(" ", ""), pk)
        for pk, name in FormGroup.objects.filter(school=school, closed_on__isnull=True).values_list("pk", "name")
    ]
    for size in range(len(words), 0, -1):
        for head, rest in ((words[:size], words[size:]), (words[-size:], words[:-size])):
            typed, joined = " ".join(head), "".join(head)
            if rest:
                fitting = [pk for name, short, pk in forms if name.startswith(typed) or short.startswith(joined)]
            else:
                fitting = [pk for name, short, pk in forms if typed == name or joined == short]
            if fitting:
                found = _ranked(school, day, rest, limit, forms=fitting)
                if found:
                    return found
    return []


def _near(pupils: QuerySet[Pupil], words: list[str], limit: int) -> list[Pupil]:
    """Names in which each word typed begins a word, give or take one letter missing, added, wrong or swapped."""
    if all(len(word) < _NEAR_FROM for word in words):
        return []
    scored = []
    for pk, names in pupils.values_list("pk", "search_text"):
        parts = names.split()
        off = 0
        for word in words:
            distance = min((_distance(word, part) for part in parts), default=2)
            if distance > 1:
                break
            off += distance
        else:
            scored.append((off, names, pk))
    keys = [pk for _, _, pk in sorted(scored)[: limit + 1]]
    by_key = {pupil.pk: pupil for pupil in pupils.filter(pk__in=keys)} if keys else {}
    return [by_key[pk] for pk in keys]


def _distance(word: str, part: str) -> int:
    """0 when `part` begins with `word`, 1 when one letter stands between `word` and the beginning of `part`, else 2."""
    if part.startswith(word):
        return 0
    if len(word) < _NEAR_FROM:
        return 2
    starts = {part[:length] for length in (len(word) - 1, len(word), len(word) + 1)}
    return 1 if any(OSA.distance(word, start, score_cutoff=1) <= 1 for start in starts) else 2
