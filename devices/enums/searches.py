"""Searching, what is found, deleting, force and screening."""

from __future__ import annotations

from django.db import models


class SearchOf(models.TextChoices):
    """What is searched. Looking at what is on a device is an act of its own (law EX-1)."""

    POSSESSIONS = "possessions", "Outer clothing, bag, locker or desk"
    DEVICE = "device", "What is on a device"


class SearchState(models.TextChoices):
    """The states of matrix §4.2."""

    DRAFT = "draft", "Draft"
    BLOCKED = "blocked", "Blocked"
    AUTHORISED = "authorised", "Searcher allowed"
    CONSENT_PENDING = "consent_pending", "Waits for consent"
    GROUNDS_STATED = "grounds_stated", "Grounds stated"
    IN_PROGRESS = "in_progress", "Being made"
    COMPLETED_NOTHING = "completed_nothing", "Made: nothing found"
    COMPLETED_FOUND = "completed_found", "Made: something found"
    FOLLOWED_UP = "followed_up", "Followed up"
    CLOSED = "closed", "Closed"
    ENDED_REFUSED = "ended_refused", "Ended: consent refused"
    STOPPED = "stopped", "Stopped"


class SearchBasis(models.TextChoices):
    """The two powers, never merged (law SE-1)."""

    CONSENT = "consent", "With consent"
    GROUNDS = "grounds", "On reasonable grounds"


class SearchedAs(models.TextChoices):
    """By which of the rule's roads the searcher may search; the keys of the rule `search_allowed_to`."""

    HEADTEACHER = "headteacher", "The headteacher"
    SLT = "slt", "A senior leader"
    DSL = "dsl", "The DSL or a deputy"
    AUTHORISED_NAMED = "authorised_named", "On the register of authorised searchers"
    DECISION = "decision", "By a decision recorded for this search"
    NOT_AUTHORISED = "not_authorised", "Not authorised; recorded afterwards"


class ConsentGiver(models.TextChoices):
    PUPIL = "pupil", "The pupil"
    CONTACT = "contact", "A parent or carer"


class ConsentAnswer(models.TextChoices):
    GIVEN = "given", "Given"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Cooperation(models.TextChoices):
    """How the pupil met the search, before it began (law SE-8)."""

    AGREED = "agreed", "Cooperated"
    PERSUADED = "persuaded", "Cooperated after talking"
    REFUSED = "refused", "Did not cooperate"


class GoodReason(models.TextChoices):
    """The only reasons for which the contents of a device may be examined (law EX-1)."""

    HARM = "harm", "Data on it was, or could be, used to cause harm"
    DISRUPTION = "disruption", "... to undermine a safe environment or disrupt teaching"
    OFFENCE = "offence", "... to commit an offence"


class NextStep(models.TextChoices):
    """What SLT may choose when consent is refused or withdrawn (SEA-15)."""

    CONTACT_PARENT = "contact_parent", "Contact the parent or carer"
    HOLD_DEVICE = "hold_device", "Keep the device, unsearched"
    TAKE_ADVICE = "take_advice", "Take advice"
    NOTHING = "nothing", "Nothing further"


class ItemClass(models.TextChoices):
    """Why an item may be searched for without consent: statute, or the school's own behaviour rules (law SE-2)."""

    STATUTORY = "statutory", "Prohibited by law"
    SCHOOL = "school", "Prohibited by the school’s rules"


class Disposal(models.TextChoices):
    """What is done with a thing found (law §2, disposal table)."""

    POLICE = "police", "Handed to the police"
    OWNER = "owner", "Given back to its owner"
    RETAIN = "retain", "Kept by the school"
    DISPOSE = "dispose", "Disposed of"
    DELETE = "delete", "Deleted"
    RETURN = "return", "Given back to the pupil"
    PARENT = "parent", "Given to a parent or carer"
    ISOLATE = "isolate", "Isolated unseen: evidence hold, DSL and police"


class FoundKind(models.TextChoices):
    """What kind of thing was found; each has its own row in the disposal table."""

    DRUGS = "drugs", "Controlled drugs, or believed to be"
    ALCOHOL_TOBACCO = "alcohol_tobacco", "Alcohol, tobacco, papers or fireworks"
    STOLEN = "stolen", "Stolen items"
    WEAPON = "weapon", "A weapon, or evidence of an offence"
    LAWFUL_PORNOGRAPHY = "lawful_pornography", "A pornographic image that is lawful"
    ILLEGAL_IMAGE = "illegal_image", "An extreme image, or one of a child"
    SCHOOL_RULE = "school_rule", "Banned by school rules alone"
    DATA = "data", "Data likely to put somebody at risk"


# law §2, "Disposal/return of things found": what may be done, the first being what is expected.
DISPOSALS: dict[FoundKind, tuple[Disposal, ...]] = {
    FoundKind.DRUGS: (Disposal.POLICE, Disposal.DISPOSE),
    FoundKind.ALCOHOL_TOBACCO: (Disposal.DISPOSE, Disposal.RETAIN),
    FoundKind.STOLEN: (Disposal.POLICE, Disposal.OWNER, Disposal.RETAIN),
    FoundKind.WEAPON: (Disposal.POLICE,),
    FoundKind.LAWFUL_PORNOGRAPHY: (Disposal.DELETE, Disposal.DISPOSE, Disposal.POLICE),
    FoundKind.ILLEGAL_IMAGE: (Disposal.ISOLATE,),
    FoundKind.SCHOOL_RULE: (Disposal.RETURN, Disposal.PARENT, Disposal.RETAIN, Disposal.DISPOSE),
    FoundKind.DATA: (Disposal.RETAIN, Disposal.POLICE),
}


class DeletionState(models.TextChoices):
    """The states of matrix §4.3."""

    REQUESTED = "requested", "Asked for"
    REFUSED = "refused", "Refused"
    APPROVED = "approved", "Approved"
    DONE_BY_STAFF = "done_by_staff", "Done by staff"
    ASKED_OF_PUPIL = "asked_of_pupil", "Asked of the pupil"
    CONFIRMED = "confirmed", "Confirmed"


class InterventionKind(models.TextChoices):
    """What kind of force was used (law SE-13)."""

    GUIDE = "guide", "Guided or led away"
    HOLD = "hold", "Held"
    BLOCK = "block", "Blocked the way"
    REMOVE = "remove", "Took something from the hand"
    OTHER = "other", "Something else"


class ScreeningKind(models.TextChoices):
    ARCH = "arch", "Walk-through arch"
    WAND = "wand", "Hand-held wand"


# law SE-2: what may be searched for by statute, without consent; each school’s list begins with it.
STATUTORY_ITEMS: tuple[tuple[str, FoundKind], ...] = (
    ("Knives and weapons", FoundKind.WEAPON),
    ("Alcohol", FoundKind.ALCOHOL_TOBACCO),
    ("Illegal drugs", FoundKind.DRUGS),
    ("Stolen items", FoundKind.STOLEN),
    ("Anything used, or likely to be used, for an offence, injury or damage", FoundKind.WEAPON),
    ("Tobacco and cigarette papers", FoundKind.ALCOHOL_TOBACCO),
    ("Fireworks", FoundKind.ALCOHOL_TOBACCO),
    ("Pornographic images", FoundKind.LAWFUL_PORNOGRAPHY),
)
