"""What a report can be about, whom it concerns, and how it is handled."""

from __future__ import annotations

from django.db import models


class IncidentType(models.TextChoices):
    """What was reported (INC-03). Which of them a school offers is a setting of its own: `TypeSetting`."""

    USED_IN_LESSON = "used_in_lesson", "Phone or device used in a lesson"
    USED_ELSEWHERE = "used_elsewhere", "Phone or device used at another time"
    BARRED_AREA = "barred_area", "Device in a place where none may be used"
    NOT_HANDED_IN = "not_handed_in", "Device not handed in"
    KEPT_ON_PERSON = "kept_on_person", "Device kept on the person"
    REFUSED = "refused", "Refused to hand a device in"
    SECOND_DEVICE = "second_device", "Second or hidden device"
    OWN_ARRANGEMENTS = "own_arrangements", "Own phone used to make arrangements"
    ABUSIVE_MESSAGE = "abusive_message", "Abusive or upsetting message"
    ONLINE_BULLYING = "online_bullying", "Bullying online"
    RECORDING = "recording", "Recording or filming"
    HARMFUL_CONTENT = "harmful_content", "Offensive or illegal content"
    EXAM_POSSESSION = "exam_possession", "Device in an exam"
    PLACEMENT = "placement", "Device used on a placement"
    IMAGE = "image", "Nude or sexual image of a child, suspected"
    HARMFUL_CONTACT = "harmful_contact", "Harmful contact"
    HARM_TO_CHILD = "harm_to_child", "A child may be harmed"
    UNDERAGE_SERVICE = "underage_service", "Service or game under its age limit"
    OUT_OF_SCHOOL = "out_of_school", "Conduct online out of school"
    STAFF_OWN_DEVICE = "staff_own_device", "Member of staff: own device"
    STAFF_CONTACT = "staff_contact", "Member of staff: contact with a pupil or family"
    STAFF_CONTENT = "staff_content", "Member of staff: content on a device brought to school"
    STAFF_CONDUCT = "staff_conduct", "Member of staff: conduct towards a child"
    CONTACT_RECEIVED = "contact_received", "A pupil or family contacted me on a personal account"
    CONFLICTING_CONTENT = "conflicting_content", "Content that conflicts with my role"
    SOCIAL_MEDIA = "social_media", "Social-media misconduct"
    WORK_SHARED = "work_shared", "Information or pictures from work shared online"
    VISITOR = "visitor", "Visitor and a device"
    LENT_BY_VISITOR = "lent_by_visitor", "Device lent, shown or handed to a pupil by a visitor"
    EQUIPMENT = "equipment", "School equipment or communications misused"
    MONITORING_ALERT = "monitoring_alert", "Filtering or monitoring alert"
    LOSS_OR_DAMAGE = "loss_or_damage", "Loss or damage"
    OTHER = "other", "Something else"


class Route(models.TextChoices):
    """The road a record takes: each has its own readers (INC-04, INC-39, STA-17, law SG-7)."""

    PUPIL = "pupil", "About a pupil"
    ALLEGATION = "allegation", "Allegation about a member of staff"
    LOW_LEVEL_CONCERN = "low_level_concern", "Low-level concern about a member of staff"
    VISITOR = "visitor", "About a visitor"
    PARENT = "parent", "About a parent or carer"
    SYSTEM = "system", "About a system"


class Track(models.TextChoices):
    """How a record about a pupil is answered (INC-07)."""

    LOW_LEVEL = "low_level", "Low-level behaviour"
    SERIOUS = "serious", "Serious behaviour by the pupil"
    VICTIM = "victim", "The pupil was harmed"


class CaseState(models.TextChoices):
    """Where a record stands (matrix §4.4)."""

    DRAFT = "draft", "Draft"
    REPORTED = "reported", "Reported"
    TRIAGED = "triaged", "Triaged"
    IN_REVIEW = "in_review", "In review"
    ACTION = "action", "Action"
    AWAITING_OUTSIDE = "awaiting_outside", "Waiting for somebody outside"
    DEBRIEF = "debrief", "Debrief"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"
    MERGED = "merged", "Joined to another record"
    DISCARDED = "discarded", "Draft thrown away"


class CaseEventKind(models.TextChoices):
    """What happened to a record. The first group moves it; the others leave it where it is."""

    DRAFTED = "drafted", "Draft begun"
    DISCARDED = "discarded", "Draft thrown away"
    REPORTED = "reported", "Reported"
    TRIAGED = "triaged", "Triaged"
    REVIEWED = "reviewed", "Taken into review"
    DECIDED = "decided", "Decisions recorded"
    SENT_OUTSIDE = "sent_outside", "Sent to somebody outside"
    ANSWERED = "answered", "Answer received"
    INVESTIGATED = "investigated", "Investigation ended"
    CLOSED = "closed", "Closed"
    REOPENED = "reopened", "Reopened"
    MERGED = "merged", "Joined to another record"
    ACKNOWLEDGED = "acknowledged", "Read by the safeguarding team"
    PROTECTED = "protected", "Child protected"
    ASSIGNED = "assigned", "Given to an owner"
    NEXT_STEP = "next_step", "Next step set"
    RECLASSIFIED = "reclassified", "Classed again"
    ESCALATED = "escalated", "Raised to safeguarding"
    NOTED = "noted", "Added to"
    PARENTS = "parents", "Parents decision recorded"
    LEVEL = "level", "Level set"
    SANCTION = "sanction", "Sanction decided"
    SUPPORT = "support", "Support planned"
    TOLD = "told", "Somebody told"
    ADVICE = "advice", "Advice asked or given"
    ACCESS = "access", "Access changed"
    EXPORTED = "exported", "Made into a document"


class PersonRole(models.TextChoices):
    """What somebody is in a record (INC-02)."""

    SUBJECT = "subject", "Subject"
    AFFECTED = "affected", "Affected"
    WITNESS = "witness", "Witness"
    ADULT_INVOLVED = "adult_involved", "Adult involved"


class PersonKind(models.TextChoices):
    """Who somebody is (INC-04)."""

    PUPIL = "pupil", "Pupil"
    STAFF = "staff", "Member of staff"
    VISITOR = "visitor", "Visitor"
    PARENT = "parent", "Parent or carer"
    UNKNOWN = "unknown", "Not known"


class RaisedBy(models.TextChoices):
    """Whose words the report is (law SG-2, INC-37)."""

    SELF = "self", "I saw or heard it myself"
    PUPIL = "pupil", "A pupil told me"
    COLLEAGUE = "colleague", "A colleague told me"
    PARENT = "parent", "A parent or carer told me"
    OTHER = "other", "Somebody else told me"
    SYSTEM = "system", "Filtering or monitoring showed it"


class Quick(models.TextChoices):
    """The first question of the report: which guidance, and which road."""

    DEVICE = "device", "A phone or device was seen, used or not handed in"
    HARM = "harm", "A child may be harmed, or told me something"
    IMAGE = "image", "A nude or sexual image of a child"
    ONLINE = "online", "Something online: messages, bullying, accounts, content"
    ADULT = "adult", "Something about an adult who works here or visits"
    OTHER = "other", "Something else"


class NoteKind(models.TextChoices):
    """What an addition to a record is (law SG-2: added, never changed)."""

    ADDED = "added", "Added by staff"
    CASE_NOTE = "case_note", "Case note"
    CORRECTION = "correction", "Correction"
    PARENT_WORK = "parent_work", "Work with parents and pupils"
    MEETING = "meeting", "Meeting"
    REFLECTION = "reflection", "Reflection led by a teacher"
    PROTECTION = "protection", "Protecting the child"
    HANDOVER = "handover", "Handover"


class RiskArea(models.TextChoices):
    """The four Cs (INC-05, law SG-9)."""

    CONTENT = "content", "Content"
    CONTACT = "contact", "Contact"
    CONDUCT = "conduct", "Conduct"
    COMMERCE = "commerce", "Commerce"


class OffsiteTest(models.TextChoices):
    """When the school acts on what happened online out of school (SOC-26)."""

    HARM = "harm", "Harm or threat to another pupil"
    DISRUPTION = "disruption", "Disruption of the school by a pupil who can be named"
    REPUTATION = "reputation", "Harm to the school’s reputation"


class Outcome(models.TextChoices):
    """How a record ended (INC-22, INC-42)."""

    NO_ACTION = "no_action", "No action was needed"
    SPOKEN_TO = "spoken_to", "Spoken to"
    SANCTION = "sanction", "Sanction"
    SUPPORT = "support", "Support"
    BOTH = "both", "Sanction and support"
    REFERRED = "referred", "Handed to a body outside"
    CIVIL_ACTION = "civil_action", "Civil or legal action"
    DISCIPLINARY = "disciplinary", "Disciplinary process"
    DISMISSAL = "dismissal", "Dismissal"
    ADVICE_GIVEN = "advice_given", "Advice or training given"
    UNFOUNDED = "unfounded", "Unfounded"
    NOT_SUBSTANTIATED = "not_substantiated", "Could not be shown"


class HelpKind(models.TextChoices):
    """Where a pupil finds help (COM-05)."""

    ADULT = "adult", "Somebody at school to tell"
    PLACE = "place", "A safe place at school"
    SERVICE = "service", "Somebody outside school"


class AccessReason(models.TextChoices):
    """Why somebody who is not of the team may read one record."""

    INVESTIGATOR = "investigator", "Investigates"
    SUPPORTS = "supports", "Supports the child"
    ADVISES = "advises", "Advises"
    DECIDES = "decides", "Decides in the head’s or DSL’s place"
