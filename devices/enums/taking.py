"""Taking, releasing and holding a device: what was seen, by what authority, who collects, what parents are told."""

from __future__ import annotations

from django.db import models


class BarredFunction(models.TextChoices):
    """What a device may be barred from doing in school; also a detail of a breach (DEV-32)."""

    SHORT_RANGE_SHARING = "short_range_sharing", "Short-range sharing"
    MESSAGING = "messaging", "Messaging"
    RECORDING = "recording", "Recording"
    CAMERA = "camera", "Camera"
    INTERNET = "internet", "Internet"


class LossKind(models.TextChoices):
    """What is reported about a device that was with the school (DEV-23)."""

    DAMAGED = "damaged", "Damaged"
    LOST = "lost", "Lost"
    STOLEN = "stolen", "Believed stolen"


class TakenBecause(models.TextChoices):
    """What staff saw that led to the taking: facts of use, offered as the school's rules name them.

    Sources: DEV-16, DEV-21, DEV-22, DEV-29.
    """

    USED_IN_DAY = "used_in_day", "Used during the school day"
    NOT_HANDED_IN = "not_handed_in", "Not handed in"
    REFUSED = "refused", "Refused to hand in"
    KEPT_ON_PERSON = "kept_on_person", "Kept on the person"
    SECOND_HIDDEN = "second_hidden", "A second or hidden device"
    OWN_ARRANGEMENTS = "own_arrangements", "Making arrangements by own phone"
    BREAK_REVOKED = "break_revoked", "Used at break while that is withdrawn"
    BARRED_FUNCTION = "barred_function", "A barred function was used"
    BARRED_AREA = "barred_area", "Used in a no-device area"
    EXAM = "exam", "Found in an exam or test"
    SAFEGUARDING = "safeguarding", "A safeguarding concern"
    OTHER = "other", "Something else"


class Circumstance(models.TextChoices):
    """What bears on whether a taking or a search is reasonable; shown first, and acknowledged (law CO-2)."""

    MEDICAL = "medical", "A medical note"
    SEND = "send", "Special educational needs or a disability"
    CARER = "carer", "A young carer"
    PERMISSION = "permission", "A live permission to use or keep a device"
    TRAVEL = "travel", "Brings a device to travel home"


class Authority(models.TextChoices):
    """By what authority a member of staff takes a device or searches (law CO-1)."""

    PAID_STAFF = "paid_staff", "A paid member of staff"
    AUTHORISED = "authorised", "Authorised by the headteacher"
    HEAD = "head", "The headteacher"


class EscalationTrigger(models.TextChoices):
    """Why a parent or carer collects instead of the pupil (CNF-06); the keys of the rule `release_escalators`."""

    REPEATED = "repeated", "Repeated breaches"
    SAFEGUARDING = "safeguarding", "A safeguarding reason"
    SERIOUS_MISUSE = "serious_misuse", "Serious misuse"


class Claimant(models.TextChoices):
    """Who asks for a device that the school holds."""

    PUPIL = "pupil", "The pupil"
    CONTACT = "contact", "A parent or carer on the pupil’s record"
    OTHER_ADULT = "other_adult", "Another adult"
    FRIEND = "friend", "A friend or another pupil"


class IdentityCheck(models.TextChoices):
    """How staff made sure who the collector is (CNF-09). Seen, never copied."""

    KNOWN = "known", "Known to the member of staff"
    PHOTO = "photo", "Photo identity seen"
    OTHER = "other", "Another way, noted below"


class SignedHow(models.TextChoices):
    INITIALS = "initials", "Initials typed by the collector"
    PAPER = "paper", "Signed the paper slip"
    DECLINED = "declined", "Would not sign"


class ReleasedAt(models.TextChoices):
    """Where a device is handed over; a rule may name the office (matrix A-17)."""

    OFFICE = "office", "At the school office"
    ELSEWHERE = "elsewhere", "Somewhere else"


class HoldReason(models.TextChoices):
    """Why a device is held as evidence (CNF-10). Never what a picture shows."""

    INDECENT_IMAGE = "indecent_image", "A nude or indecent image of a child is suspected"
    ILLEGAL_MATERIAL = "illegal_material", "Illegal material is suspected"
    CRIME = "crime", "It may be evidence of a crime"
    POLICE_ASKED = "police_asked", "The police asked the school to keep it"
    OTHER = "other", "It may be evidence of something else"


class NoticeAbout(models.TextChoices):
    """What a parent or carer is to be told (NOT-03, NOT-25, law CO-5, SE-7, SE-13)."""

    TAKEN = "taken", "A device was taken"
    ESCALATED = "escalated", "A parent or carer must collect it"
    HELD = "held", "A device is held as evidence"
    RELEASED = "released", "A device was released"
    CLAIM_REFUSED = "claim_refused", "Somebody was refused a device"
    SEARCH = "search", "A search was made"
    FORCE = "force", "Force was used"


class TellOfHold(models.TextChoices):
    """What the DSL decides about telling a parent that a device is held (law IM-6, CNF-13)."""

    YES = "yes", "Yes, a parent or carer is told"
    NOT_NOW = "not_now", "Not now: telling could put a child at risk or harm an inquiry"
    LATER = "later", "Not yet: ask me again on a day"


class ToldHow(models.TextChoices):
    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person"
    EMAIL = "email", "By email"
    LETTER = "letter", "By letter"


class DocumentKind(models.TextChoices):
    """A document about one device or search, made once and kept as it was made (house §4.8)."""

    RECEIPT = "receipt", "Receipt for a device taken"
    LETTER = "letter", "Letter to a parent or carer"
    SLIP = "slip", "Collection slip"
    CHAIN = "chain", "Chain of custody"
    POLICE_RECEIPT = "police_receipt", "Police handover receipt"
    SEARCH = "search", "Search record"
    CLAIM_PACK = "claim_pack", "Loss or damage claim pack"


# What the office may word for itself; the other documents are records and say what the record says.
WORDED_KINDS = frozenset({DocumentKind.RECEIPT, DocumentKind.LETTER, DocumentKind.SLIP})
