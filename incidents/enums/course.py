"""The course of a case: levels, parents, referrals, tasks, sanctions, plans, images, staff, debriefs."""

from __future__ import annotations

from django.db import models


class ParentsDecision(models.TextChoices):
    """What was decided about telling parents (INC-19)."""

    TOLD = "told", "Told"
    NOT_YET = "not_yet", "Not yet"
    WITHHELD = "withheld", "Withheld"


class Channel(models.TextChoices):
    """How somebody was told or met."""

    IN_PERSON = "in_person", "In person"
    PHONE = "phone", "By phone"
    VIDEO = "video", "By video call"
    LETTER = "letter", "By letter"
    EMAIL = "email", "By email"
    FORM = "form", "By the body’s own form"


class Consent(models.TextChoices):
    """Consent of a parent to a referral (INC-14, INC-17)."""

    NOT_ASKED = "not_asked", "Not asked"
    SOUGHT = "sought", "Asked; no answer yet"
    GIVEN = "given", "Given"
    REFUSED = "refused", "Refused"


class ReferralState(models.TextChoices):
    """Where a referral stands (matrix §4.6)."""

    NOT_NEEDED = "not_needed", "Not needed"
    CONSENT_SOUGHT = "consent_sought", "Consent sought"
    CONSENT_GIVEN = "consent_given", "Consent given"
    CONSENT_REFUSED = "consent_refused", "Consent refused"
    DSL_OVERRIDE = "dsl_override", "Goes without consent, by decision"
    SENT = "sent", "Sent"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    OUTCOME = "outcome", "Outcome received"
    CLOSED = "closed", "Closed"


class PlanState(models.TextChoices):
    """Where a support plan stands (matrix §4.6)."""

    DRAFTED = "drafted", "Drafted"
    ACTIVE = "active", "Active"
    REVIEW_DUE = "review_due", "Review due"
    REVIEWED = "reviewed", "Reviewed"
    ENDED = "ended", "Ended"


class TellState(models.TextChoices):
    """Whether a body has been told (matrix §4.7)."""

    NEEDED = "needed", "To be told"
    SENT = "sent", "Told"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    NOT_RELEVANT = "not_relevant", "Not relevant"


class TellWhy(models.TextChoices):
    """Why somebody has to be told: by the list of a serious record, or because a crime is suspected (INC-33)."""

    SERIOUS = "serious", "On a serious record’s list"
    CRIME = "crime", "A crime or illegal material is suspected"


class AdviceState(models.TextChoices):
    """Where a question to an adviser stands (matrix §4.7)."""

    ASKED = "asked", "Asked"
    ANSWERED = "answered", "Answered"
    ACTED_ON = "acted_on", "Acted on"


class ImageState(models.TextChoices):
    """The course of a suspected indecent image (matrix §4.5)."""

    RAISED = "raised", "Raised"
    FIRST_RESPONSE = "first_response", "First response done"
    DSL_NOTIFIED = "dsl_notified", "Safeguarding team told"
    DSL_ACKNOWLEDGED = "dsl_acknowledged", "Safeguarding team has it"
    ASSESSED = "assessed", "Assessed"
    REFERRED = "referred", "Referral decided"
    SUPPORT_IN_PLACE = "support_in_place", "Support in place"
    CLOSED = "closed", "Closed"


class ImagePlace(models.TextChoices):
    """Where the image is said to be (IMG-02)."""

    PERSONAL_DEVICE = "personal_device", "On somebody’s own device"
    SCHOOL_NETWORK = "school_network", "On the school’s network or equipment"
    WEBSITE = "website", "On a website or social network"
    NOT_KNOWN = "not_known", "Not known"


class ImageShared(models.TextChoices):
    """How it came about, as far as known (IMG-11)."""

    FREELY = "freely", "Freely"
    PRESSURE = "pressure", "Under pressure"
    NOT_KNOWN = "not_known", "Not known"


class ImageSpread(models.TextChoices):
    """How far it is thought to have gone (IMG-11)."""

    ONE = "one", "One person"
    FEW = "few", "A few people"
    GROUP = "group", "A group or class"
    WIDE = "wide", "Widely"
    NOT_KNOWN = "not_known", "Not known"


class YesNoUnknown(models.TextChoices):
    """An answer that may not be known yet."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


class ImageTaskKind(models.TextChoices):
    """What has to be done about a suspected image (IMG-07 to IMG-10, IM-6)."""

    SECURE_DEVICE = "secure_device", "Device confiscated and secured"
    BLOCK_NETWORK = "block_network", "Network access blocked for all users"
    ISOLATE = "isolate", "Image isolated where it is, not moved, copied or printed"
    REPORT_HOST = "report_host", "Reported to the website or network"
    REPORT_CEOP = "report_ceop", "Reported to CEOP"
    PUPILS_TOLD = "pupils_told", "Pupils told not to look, keep or pass it on"
    REMOVAL = "removal", "Removal asked for by the child, with help"


class PoliceDecision(models.TextChoices):
    """What came of telling the police, or why they were not told (IMG-14)."""

    TOLD = "told", "Told; no answer yet"
    FORMAL_ACTION = "formal_action", "Formal action"
    NO_FORMAL_ACTION = "no_formal_action", "Recorded, no formal action"
    NOT_TOLD = "not_told", "Not told, for a reason"


class OutsideBody(models.TextChoices):
    """Whom an entry about a member of staff is with (STA-14)."""

    POLICE = "police", "Police"
    LADO = "lado", "LADO"


class AllegationKind(models.TextChoices):
    """What is said about a member of staff (law SG-7)."""

    HARMED = "harmed", "Behaved in a way that harmed a child, or may have"
    OFFENCE = "offence", "Possibly committed an offence against or about a child"
    RISK = "risk", "Behaved in a way that may mean a risk to children"
    UNSUITABLE = "unsuitable", "Behaved in a way that may make them unsuitable to work with children"
    ILLEGAL_CONTENT = "illegal_content", "Illegal content on a device, suspected"
    DEVICE_CRIME = "device_crime", "A crime with a device, suspected"
    OWN_DEVICE = "own_device", "Own device against the rules"
    SHARING = "sharing", "Short-range sharing not hidden or off in a lesson"
    PHOTOGRAPHS = "photographs", "Pictures of pupils on an own device"
    DIRECT_WORK = "direct_work", "An own device used for work with pupils"
    CONTACT = "contact", "Contact with pupils or families against the rules"
    SOCIAL_MEDIA = "social_media", "Conduct on social media"
    EQUIPMENT = "equipment", "School equipment misused"
    OTHER = "other", "Something else"


class ExamKind(models.TextChoices):
    """Whose exam it was: an internal test is not reported outside (INC-35)."""

    PUBLIC = "public", "Public exam"
    INTERNAL = "internal", "Internal test"


class ExamOutcome(models.TextChoices):
    """What the exam body decided; the school never decides a penalty (law JC-3)."""

    NONE = "none", "None"
    THIS_EXAM = "this_exam", "Removed from this exam"
    ALL_EXAMS = "all_exams", "Removed from all exams"


class LessonKind(models.TextChoices):
    """What has to change (INC-26)."""

    POLICY = "policy", "A policy"
    CURRICULUM = "curriculum", "What is taught"
    PRACTICE = "practice", "How we work"
    NO_CHANGE = "no_change", "No change, for a reason"


class LessonState(models.TextChoices):
    """Where a lesson stands (matrix §4.19)."""

    NOTED = "noted", "Noted"
    ASSIGNED = "assigned", "Given to somebody"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Not taken up, for a reason"
    DONE = "done", "Done"


class TransferState(models.TextChoices):
    """A child-protection file on its way to another school (law SG-4)."""

    DUE = "due", "To be sent"
    SENT = "sent", "Sent"
    RECEIVED = "received", "Receipt recorded"
    NOT_NEEDED = "not_needed", "Not needed"


class TransferStep(models.TextChoices):
    """What happened to a transfer (law SG-4, SG-5)."""

    OPENED = "opened", "Opened"
    SHARED = "shared", "Decided what is shared before"
    PAPER = "paper", "Chronology made into a PDF"
    SENT = "sent", "Sent"
    CHASED = "chased", "Asked after"
    RECEIVED = "received", "Receipt recorded"
    NOT_NEEDED = "not_needed", "Not needed"


class SecureWay(models.TextChoices):
    """How a child-protection file goes from hand to hand: apart from the main file, by a secure way (law SG-4)."""

    HAND = "hand", "By hand, to the person named"
    COURIER = "courier", "By courier, signed for"
    POST = "post", "By recorded delivery"
    EMAIL = "email", "By encrypted email"
    SYSTEM = "system", "Through a secure file transfer service"


class PaperKind(models.TextChoices):
    """What a document made from records is (DOC-13 to DOC-17)."""

    CHRONOLOGY = "chronology", "Chronology of a pupil"
    SERIOUS = "serious", "Serious-incident notification"
    EXAM = "exam", "Report to an exam body"
    REFERRAL = "referral", "Referral summary"
    LETTER = "letter", "Letter to a parent or carer"
    DEBRIEF = "debrief", "Debrief and lessons"


class PaperPart(models.TextChoices):
    """What a document holds only if a person asks for it."""

    NAMES = "names", "Names and dates of birth"
    ACCOUNT = "account", "What was reported, as it was written"
    SUMMARY = "summary", "What the debrief came to, and reasons"
