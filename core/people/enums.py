"""The fixed choices about schools and people; stored as short stable keys."""

from django.db import models


class Phase(models.TextChoices):
    EARLY_YEARS = "early_years", "Early years"
    PRIMARY = "primary", "Primary"
    SECONDARY = "secondary", "Secondary"
    SIXTH_FORM = "sixth_form", "Sixth form"


class Cohort(models.TextChoices):
    """A group of pupils for whom the school may have rules of its own (law PH-3)."""

    SIXTH_FORM = "sixth_form", "Sixth form"
    BOARDER = "boarder", "Boarders"


class Category(models.TextChoices):
    """The community categories of ORG-08."""

    PUPIL = "pupil", "Pupil"
    PARENT = "parent", "Parent or carer"
    GOVERNOR = "governor", "Governor or trustee"
    LEADER = "leader", "Leader"
    TEACHER = "teacher", "Teacher"
    SUPPORT = "support", "Support staff"
    CONTRACTOR = "contractor", "Contractor"
    VOLUNTEER = "volunteer", "Volunteer"
    VISITOR = "visitor", "Visitor"
    OTHER_PROVIDER = "other_provider", "Other provider"


class GoverningBody(models.TextChoices):
    GOVERNORS = "governors", "Governing body"
    TRUSTEES = "trustees", "Board of trustees"
    DIRECTORS = "directors", "Board of directors"
    GOVERNORS_AND_DIRECTORS = "governors_and_directors", "Governing body and directors"
    UNSPECIFIED = "unspecified", "Not stated"


class DayKind(models.TextChoices):
    """What a date that is out of the ordinary is (ORG-17)."""

    INSET = "inset", "Inset day: staff only"
    CLOSED = "closed", "Closed"
    HOLIDAY = "holiday", "Holiday"
    SCHOOL = "school", "School day after all"


class DayTimeKey(models.TextChoices):
    """The named times of a school day from which every 'end of day' and 'break' rule is computed."""

    START = "start", "Start of the day"
    CUTOFF = "cutoff", "Hand-in cut-off"
    BREAK_START = "break_start", "Break starts"
    BREAK_END = "break_end", "Break ends"
    LUNCH_START = "lunch_start", "Lunch starts"
    LUNCH_END = "lunch_end", "Lunch ends"
    END_OF_DAY = "end_of_day", "End of the school day"
    OFFICE_CLOSE = "office_close", "Office closes"


class LinkKind(models.TextChoices):
    """What a one-time link opens."""

    SET_UP = "set_up", "Set up the first school"
    INVITATION = "invitation", "Set the first password of an account"


class BodyKind(models.TextChoices):
    """Kinds of outside body in the directory (ORG-14)."""

    POLICE = "police", "Police"
    SOCIAL_CARE = "social_care", "Children's social care"
    LOCAL_AUTHORITY = "local_authority", "Local authority"
    LADO = "lado", "LADO or equivalent"
    FRONT_DOOR = "front_door", "Multi-agency front door"
    EARLY_HELP = "early_help", "Early help"
    CEOP = "ceop", "CEOP"
    EXAM_BOARD = "exam_board", "Exam board"
    ADVICE_SERVICE = "advice_service", "Advice service"
    GROUP_CONTACT = "group_contact", "Group or trust contact"
    IT_PROVIDER = "it_provider", "IT provider"
    PLACEMENT_PROVIDER = "placement_provider", "Placement provider"
    OTHER = "other", "Other"


NURSERY, RECEPTION = -1, 0


def year_label(year: int) -> str:
    """Nursery, Reception or "Year 8"."""
    return {NURSERY: "Nursery", RECEPTION: "Reception"}.get(year, f"Year {year}")


def phase_for_year(year: int) -> Phase:
    """The phase a national-curriculum year belongs to; routes a concern to that phase's DSL (ORG-02)."""
    if year <= RECEPTION:
        return Phase.EARLY_YEARS
    if year <= 6:
        return Phase.PRIMARY
    return Phase.SECONDARY if year <= 11 else Phase.SIXTH_FORM


YEAR_CHOICES = [(year, year_label(year)) for year in range(NURSERY, 14)]
