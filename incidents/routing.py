"""Where a report goes, from what it says: its road, whether it is urgent, which policies it is handled under."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from core.rules.reference_lists import reference_lists
from incidents.enums import IncidentType, PersonKind, PersonRole, Quick, Route

_T = IncidentType

# The types that each answer of the report's first question leads to, in the order they are offered.
GROUPS: dict[Quick, tuple[IncidentType, ...]] = {
    Quick.DEVICE: (
        _T.USED_IN_LESSON, _T.USED_ELSEWHERE, _T.BARRED_AREA, _T.NOT_HANDED_IN, _T.KEPT_ON_PERSON, _T.REFUSED,
        _T.SECOND_DEVICE, _T.OWN_ARRANGEMENTS, _T.RECORDING, _T.EXAM_POSSESSION, _T.PLACEMENT,
    ),
    Quick.HARM: (_T.HARM_TO_CHILD, _T.HARMFUL_CONTACT, _T.HARMFUL_CONTENT),
    Quick.IMAGE: (_T.IMAGE,),
    Quick.ONLINE: (
        _T.ABUSIVE_MESSAGE, _T.ONLINE_BULLYING, _T.HARMFUL_CONTENT, _T.HARMFUL_CONTACT, _T.RECORDING, _T.OUT_OF_SCHOOL,
        _T.UNDERAGE_SERVICE, _T.SOCIAL_MEDIA, _T.MONITORING_ALERT, _T.CONTACT_RECEIVED, _T.CONFLICTING_CONTENT,
    ),
    Quick.ADULT: (
        _T.STAFF_CONDUCT, _T.STAFF_CONTACT, _T.STAFF_CONTENT, _T.STAFF_OWN_DEVICE, _T.SOCIAL_MEDIA, _T.WORK_SHARED,
        _T.VISITOR, _T.LENT_BY_VISITOR, _T.CONTACT_RECEIVED,
    ),
    Quick.OTHER: (_T.EQUIPMENT, _T.MONITORING_ALERT, _T.LOSS_OR_DAMAGE, _T.OTHER),
}  # fmt: skip
# What the quick form takes: seen at a glance, and dealt with in one go (DEV-13, DEV-21, DEV-22, DEV-29).
QUICK = (*GROUPS[Quick.DEVICE][:8], IncidentType.EXAM_POSSESSION)

STAFF_TYPES = frozenset({_T.STAFF_OWN_DEVICE, _T.STAFF_CONTACT, _T.STAFF_CONTENT, _T.STAFF_CONDUCT})
OWN_CONTACT = frozenset({_T.CONTACT_RECEIVED, _T.CONFLICTING_CONTENT})  # of whoever reports it (SOC-08, SOC-10)
HARM = frozenset({_T.HARM_TO_CHILD, _T.HARMFUL_CONTACT, _T.HARMFUL_CONTENT, _T.IMAGE})
CRIME = frozenset({_T.HARMFUL_CONTENT})  # or illegal material (NOT-07)
_SYSTEM = frozenset({_T.MONITORING_ALERT, _T.EQUIPMENT, _T.LOSS_OR_DAMAGE})
NOBODY_NEEDED = _SYSTEM | OWN_CONTACT | {_T.OTHER}
# Whoever is on duty hears of these at once, whatever else the report says (NOT-07, NOT-08, NOT-14).
_AT_ONCE = HARM | OWN_CONTACT | (STAFF_TYPES - {_T.STAFF_OWN_DEVICE})
# What may wait for the team to look, even if nobody was told in person.
_MAY_WAIT = frozenset(GROUPS[Quick.DEVICE]) | _SYSTEM | {_T.STAFF_OWN_DEVICE}


class Somebody(Protocol):
    """Somebody in a report, as far as its road depends on them."""

    @property
    def role(self) -> str: ...

    @property
    def kind(self) -> str: ...


def route_of(kind: str, people: Iterable[Somebody], *, concern_for_child: bool = False) -> Route:
    """The road of a report: about staff where a member of staff is its subject, else by subject (INC-04, FIL-12).

    A concern for a child is for the safeguarding team whatever the type says, and for nobody beside them (INC-20).
    """
    there = list(people)
    subjects = {person.kind for person in there if person.role == PersonRole.SUBJECT}
    if kind in STAFF_TYPES or PersonKind.STAFF in subjects:
        return Route.ALLEGATION
    if kind in (_T.VISITOR, _T.LENT_BY_VISITOR):
        return Route.VISITOR
    if PersonKind.PUPIL in subjects:
        return Route.PUPIL
    if PersonKind.VISITOR in subjects:
        return Route.VISITOR
    if PersonKind.PARENT in subjects:
        return Route.PARENT
    if kind in _SYSTEM and not there and not concern_for_child:
        return Route.SYSTEM
    return Route.PUPIL


def is_concern(kind: str, said: bool) -> bool:
    """Whether a report is a concern that a child may be harmed: somebody said so, or its type is one (INC-20)."""
    return said or kind in HARM


def is_urgent(kind: str, *, concern: bool, danger: bool, told_in_person: bool | None) -> bool:
    """Whether somebody must say at once that they have it (W4, W5, SG-6): danger, harm, an image, what the notices
    send at once, and what nobody was told in person unless it may wait."""
    if danger or concern or kind in _AT_ONCE:
        return True
    return told_in_person is False and kind not in _MAY_WAIT


_STAFF_WORDS = ("staff", "conduct code", "allegations against", "whistleblowing")
_WORDS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(GROUPS[Quick.DEVICE]), ("mobile", "behaviour", "acceptable use")),
    (frozenset({_T.ABUSIVE_MESSAGE, _T.ONLINE_BULLYING, _T.OUT_OF_SCHOOL}), ("bullying", "online safety")),
    (HARM, ("child protection", "safeguarding", "welfare", "child-on-child", "abuse")),
    (frozenset({_T.IMAGE, _T.RECORDING}), ("nude images", "photography", "bullying")),
    (frozenset({_T.SOCIAL_MEDIA, _T.WORK_SHARED, *OWN_CONTACT}), ("social media", "online safety", "confidentiality")),
    (frozenset({_T.EQUIPMENT, _T.MONITORING_ALERT}), ("filtering", "acceptable use", "online safety")),
    (frozenset({_T.UNDERAGE_SERVICE, _T.HARMFUL_CONTENT}), ("online safety", "acceptable use")),
)
_ALWAYS_CITED = "Child protection"


def policies_for(preset: str, kind: str, route: str, *, concern: bool) -> list[str]:
    """The policies under which a report is handled, of those that the preset's own list names (INC-21, INC-43).

    Where the list names none that fits it is the child protection policy, which every school must have.
    """
    words = {word for kinds, found in _WORDS if kind in kinds for word in found}
    if concern:
        words |= {"child protection", "safeguarding", "welfare", "child-on-child"}
    about_staff = route == Route.ALLEGATION or kind in OWN_CONTACT
    cited = []
    for document in reference_lists().linked_documents.get(preset, ()):
        title = document.title.casefold()
        is_staffs = any(word in title for word in _STAFF_WORDS)
        if (is_staffs and about_staff) or (not is_staffs and any(word in title for word in words)):
            cited.append(document.title)
    return cited or [_ALWAYS_CITED]


# What conduct online can be handled under, whoever it is about, where the school's own list has no name for it
# (SOC-04): the word that a title of the list has if it has one, and the name that is offered otherwise.
_ALWAYS_OFFERED = {
    "bullying": "Bullying",
    "allegation": "Allegations against staff",
    "behaviour": "Behaviour",
    "home-school": "Home-school agreement",
    "conduct": "Conduct code",
    "acceptable use": "Acceptable use",
    "child protection": _ALWAYS_CITED,
}


_OF_STAFF = frozenset({"allegation", "conduct"})  # what a policy on staff may be called; the others are on pupils


def policies_offered(preset: str, kept: Iterable[str] = ()) -> tuple[str, ...]:
    """The policies that triage can route a record to: the preset's own, those that every school has, and those `kept`
    from before (SOC-04)."""
    linked = reference_lists().linked_documents.get(preset, ())
    own = [document.title for document in linked]

    def is_named(word: str) -> bool:
        said = [title.casefold() for title in own]
        return any(word in title and (word in _OF_STAFF or "staff" not in title) for title in said)

    return tuple(dict.fromkeys([*own, *(name for word, name in _ALWAYS_OFFERED.items() if not is_named(word)), *kept]))
