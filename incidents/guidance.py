"""What somebody who reports must know at that moment: a few sentences for each type, shown where they write (SG-2)."""

from __future__ import annotations

from incidents.enums import IncidentType, Quick

_T = IncidentType

ALWAYS = (
    "Write what you saw and heard, and who said what. Keep what you think of it for its own box.",
    "Use the person’s own words where you can.",
)
_LISTEN = (
    "Listen. Do not ask leading questions, and do not ask the child to write it down.",
    "Do not promise to keep it secret. Say whom you will tell.",
)
_DO_NOT_OPEN = (
    "Do not open, copy, forward or print it, and do not ask to be shown it.",
    "Say who told you and where it is. You need not know what it shows.",
)
_DEVICE = (
    "Do not look at what is on the device, and do not ask for its code.",
    "Say whether it was in use, and whether you took it.",
)
_ADULT = (
    "Do not speak about it to the person it is about.",
    "It goes to the headteacher; if it is about the headteacher, to the chair. They alone decide what follows.",
)
# In an exam (law JC-2, JC-4): also on the page of the exam report and of the quick breach.
EXAM_BEFORE = (
    "Before each start, phones, watches and whatever else is not allowed lie outside the room, or out of the "
    "candidates’ reach."
)
EXAM_PERMISSION = (
    "A permission of the day does not count in an exam. A device that a candidate needs, such as a glucose monitor, is "
    "an access arrangement: ask the exams officer."
)
_GUIDANCE: dict[IncidentType, tuple[str, ...]] = {
    _T.HARM_TO_CHILD: _LISTEN,
    _T.HARMFUL_CONTACT: (*_LISTEN, "Do not answer the person who made contact, and do not block them yet."),
    _T.HARMFUL_CONTENT: (*_DO_NOT_OPEN, "If it may be a crime, leave the device as it is and switched on or off."),
    _T.IMAGE: _DO_NOT_OPEN,
    _T.ABUSIVE_MESSAGE: (*_DO_NOT_OPEN, "Ask the child to keep the message and not to answer it."),
    _T.ONLINE_BULLYING: (*_LISTEN, "Ask the child to keep what they were sent and not to answer it."),
    _T.RECORDING: ("Do not watch it to find out.", *_DEVICE),
    _T.OUT_OF_SCHOOL: ("It can be reported although it happened out of school.", *_LISTEN),
    _T.EXAM_POSSESSION: (
        "Tell the exams officer now, in person. The candidate goes on with the exam.",
        "Note the room, the time, whether it was on, and who was there.",
        EXAM_PERMISSION,
        EXAM_BEFORE,
    ),
    _T.PLACEMENT: ("Name the provider, and who there saw it.", *_DEVICE),
    _T.STAFF_CONDUCT: _ADULT,
    _T.STAFF_CONTACT: _ADULT,
    _T.STAFF_CONTENT: (*_ADULT, *_DO_NOT_OPEN),
    _T.STAFF_OWN_DEVICE: (*_ADULT, "Say where it was, and whether children were there."),
    _T.CONTACT_RECEIVED: (
        "Do not answer from your own account, and do not delete it.",
        "The way to keep in touch is an official tool of the school or, for those who have left, its group for them.",
    ),
    _T.CONFLICTING_CONTENT: ("Say what it was, where you saw it and when. Do not forward it.",),
    _T.SOCIAL_MEDIA: ("Say where it was posted and who can see it. Do not answer it from your own account.",),
    _T.WORK_SHARED: ("Say what was shared and where. Do not copy it.",),
    _T.VISITOR: ("Say who they came to see, and whether children were there.",),
    _T.LENT_BY_VISITOR: ("Say whether the child used it, and for what, as far as you saw.",),
    _T.MONITORING_ALERT: (
        "It can be about a child, about a member of staff, or about the system alone.",
        "Do not try the address yourself to see what it shows.",
    ),
    _T.UNDERAGE_SERVICE: ("Say which service, and how you know of it.",),
    _T.LOSS_OR_DAMAGE: ("Say when it was last seen whole, and who had it then.",),
}
_OF_GROUP: dict[Quick, tuple[str, ...]] = {
    Quick.HARM: (*_LISTEN, "Write it down today. First tell a DSL in person."),
    Quick.IMAGE: _DO_NOT_OPEN,
    Quick.ONLINE: ("What happened out of school, or on nothing of the school’s, belongs here too.", *_DO_NOT_OPEN),
    Quick.ADULT: _ADULT,
}


def guidance_for(kind: str) -> tuple[str, ...]:
    """What to keep in mind while reporting something of this type."""
    return (*_GUIDANCE.get(_T(kind), _DEVICE if kind in _DEVICE_TYPES else ()), *ALWAYS) if kind else ALWAYS


def guidance_of_group(group: str) -> tuple[str, ...]:
    """The same while the type is still to be chosen."""
    return _OF_GROUP.get(Quick(group), ())


_DEVICE_TYPES = frozenset(
    {
        _T.USED_IN_LESSON,
        _T.USED_ELSEWHERE,
        _T.BARRED_AREA,
        _T.NOT_HANDED_IN,
        _T.KEPT_ON_PERSON,
        _T.REFUSED,
        _T.SECOND_DEVICE,
        _T.OWN_ARRANGEMENTS,
    }
)
