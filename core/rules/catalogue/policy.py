"""Section 2.7 of the rules: the policy's own cycle, filtering and monitoring, and the school's words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .setting import UNSPECIFIED, Kind, Line, PolicyDate, Setting, Silent, Unspecified

DATES = "Dates"
PEOPLE = "Approval and oversight"
REVIEW = "Review and compliance"
FILTERING = "Filtering, safeguarding leads and partnership"
WORDS = "The school’s words"


class PolicyRules(BaseModel):
    """What the school has decided about its policy's cycle, and the words it uses."""

    rules_effective_from: Annotated[
        PolicyDate | Unspecified,
        Setting(
            label="When did the school’s policy come into force?",
            meaning="Shown on the policy record. Each rule on these pages keeps its own date as well.",
            kind=Kind.DATE,
            sources=("ORG-16", "POL-21"),
            group=DATES,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    approved_on: Annotated[
        PolicyDate | Unspecified,
        Setting(
            label="When was the policy approved?",
            meaning="Shown on the policy record; missing, it is a defect.",
            kind=Kind.DATE,
            sources=("POL-01", "POL-07"),
            group=DATES,
            silent=Silent.GAP,
            readings=("A-20", "A-62"),
        ),
    ] = UNSPECIFIED
    last_reviewed: Annotated[
        PolicyDate | Unspecified,
        Setting(
            label="When was the policy last reviewed?",
            meaning="The next review is worked out from this date and the interval.",
            kind=Kind.DATE,
            sources=("POL-01", "POL-03"),
            group=DATES,
            silent=Silent.GAP,
            readings=("A-24",),
        ),
    ] = UNSPECIFIED
    next_review_due: Annotated[
        PolicyDate | Unspecified,
        Setting(
            label="By when must it be reviewed?",
            meaning="When this date and the interval disagree, the earlier one counts.",
            kind=Kind.DATE,
            sources=("POL-03", "POL-04", "POL-05"),
            group=DATES,
            silent=Silent.GAP,
            readings=("A-07", "A-24", "A-40"),
        ),
    ] = UNSPECIFIED
    review_interval_months: Annotated[
        Annotated[int, Field(ge=1, le=60)] | Unspecified,
        Setting(
            label="How often is the policy reviewed?",
            meaning="Reminders go out before each review is due.",
            kind=Kind.NUMBER,
            unit="months",
            unit_one="month",
            smallest=1,
            largest=60,
            sources=("POL-03",),
            group=DATES,
            silent=Silent.GAP,
            readings=("A-40",),
        ),
    ] = UNSPECIFIED
    approver_body: Annotated[
        Line | Unspecified,
        Setting(
            label="Who approves the policy?",
            meaning="A new version is not in force before this body has approved it.",
            kind=Kind.TEXT,
            sources=("POL-01", "POL-07"),
            group=PEOPLE,
            silent=Silent.GAP,
            readings=("A-07", "A-62"),
        ),
    ] = UNSPECIFIED
    monitored_by: Annotated[
        frozenset[Literal["headteacher", "slt", "dsl", "online_safety_coordinator", "filtering_lead"]] | Unspecified,
        Setting(
            label="Who monitors that the policy is followed?",
            meaning="Shown on the policy record and to {governors}.",
            values={
                "headteacher": "The {head}",
                "slt": "Senior leaders",
                "dsl": "The DSL",
                "online_safety_coordinator": "The online-safety coordinator",
                "filtering_lead": "The filtering and monitoring lead",
            },
            kind=Kind.SET,
            sources=("POL-01", "POL-13", "ORG-21"),
            group=PEOPLE,
            silent=Silent.GAP,
            readings=("A-22", "A-23"),
        ),
    ] = UNSPECIFIED
    governor_leads: Annotated[
        Annotated[int, Field(ge=0, le=20)] | Unspecified,
        Setting(
            label="How many {governors} lead on safeguarding?",
            meaning="With 0, the whole body holds the duty. A gap between this and the people named is shown.",
            kind=Kind.NUMBER,
            unit="leads",
            unit_one="lead",
            smallest=0,
            largest=20,
            sources=("ORG-04", "POL-12"),
            group=PEOPLE,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    review_triggers: Annotated[
        frozenset[
            Literal[
                "national",
                "local_policy",
                "local_concern",
                "technical",
                "guidance",
                "law",
                "regulation",
                "practice",
                "yearly",
            ]
        ]
        | Unspecified,
        Setting(
            label="What starts a review early?",
            meaning="The reasons offered when somebody opens a review before it is due.",
            values={
                "national": "A national policy change",
                "local_policy": "A local policy change",
                "local_concern": "A local concern",
                "technical": "A change in technology",
                "guidance": "New guidance or procedures",
                "law": "A change in the law",
                "regulation": "A change in regulation",
                "practice": "New good practice",
                "yearly": "Nothing beyond the yearly check",
            },
            kind=Kind.SET,
            alone=frozenset({"yearly"}),
            sources=("POL-06",),
            group=REVIEW,
        ),
    ] = UNSPECIFIED
    compliance_channels: Annotated[
        frozenset[Line] | Unspecified,
        Setting(
            label="How do people learn that compliance is checked?",
            meaning="Each way is recorded with its date.",
            values={
                "staff_training": "Staff training",
                "form_time": "Form time",
                "aup": "The acceptable-use document",
                "classroom_management": "Classroom management",
                "home_school_agreement": "The home-school agreement",
                "all_members": "All members of the community are told",
            },
            kind=Kind.SET,
            own_words=True,
            sources=("POL-15", "TRN-04"),
            group=REVIEW,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    filtering_plan: Annotated[
        Literal["seven_part", "action_plan", "none"] | Unspecified,
        Setting(
            label="How is filtering and monitoring planned?",
            meaning="Decides which parts of the filtering plan are expected and chased.",
            values={"seven_part": "A plan in seven parts", "action_plan": "An action plan", "none": "No plan"},
            sources=("FIL-04", "FIL-05", "FIL-06", "FIL-07", "FIL-08", "FIL-09", "FIL-10"),
            group=FILTERING,
        ),
    ] = UNSPECIFIED
    dsl_model: Annotated[
        Literal["single", "by_phase", "head_is_dsl_heading"] | Unspecified,
        Setting(
            label="How is the DSL’s post held?",
            meaning="With a DSL for each phase, a new incident goes to the DSL of the {child}’s phase.",
            values={
                "single": "One DSL for the school",
                "by_phase": "A DSL for each phase",
                "head_is_dsl_heading": "The {head} and the DSL share one heading",
            },
            sources=("ORG-02", "ORG-06"),
            group=FILTERING,
            readings=("A-12", "A-22"),
        ),
    ] = UNSPECIFIED
    local_partnership: Annotated[
        Line | Unspecified,
        Setting(
            label="Which local safeguarding partnership is the school’s?",
            meaning="Named on policies and letters.",
            kind=Kind.TEXT,
            sources=("ORG-01",),
            group=FILTERING,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    term_child: Annotated[
        Literal["pupil", "learner", "student"] | Unspecified,
        Setting(
            label="What are children called?",
            meaning="Changes the word on every screen, letter and document.",
            values={"pupil": "Pupil", "learner": "Learner", "student": "Student"},
            sources=("ORG-07",),
            group=WORDS,
            silent=Silent.PLAIN_WORD,
        ),
    ] = UNSPECIFIED
    term_head: Annotated[
        Literal["headteacher", "principal", "head_teacher", "headteacher_or_principal"] | Unspecified,
        Setting(
            label="What is the head called?",
            meaning="Changes the word on every screen, letter and document.",
            values={
                "headteacher": "Headteacher",
                "principal": "Principal",
                "head_teacher": "Head teacher",
                "headteacher_or_principal": "Headteacher / principal",
            },
            sources=("ORG-07",),
            group=WORDS,
            silent=Silent.PLAIN_WORD,
            readings=("A-22",),
        ),
    ] = UNSPECIFIED
    term_governors: Annotated[
        Literal["governors", "trustees", "directors", "governing_board"] | Unspecified,
        Setting(
            label="What are those who govern called?",
            meaning="Changes the word on every screen, letter and document.",
            values={
                "governors": "Governors",
                "trustees": "Trustees",
                "directors": "Directors",
                "governing_board": "Governing board",
            },
            sources=("ORG-07",),
            group=WORDS,
            silent=Silent.PLAIN_WORD,
            readings=("A-07",),
        ),
    ] = UNSPECIFIED
    term_child_protection: Annotated[
        Line | Unspecified,
        Setting(
            label="What is the child protection policy called?",
            meaning="Named wherever staff are sent to that policy.",
            kind=Kind.TEXT,
            sources=("ORG-07",),
            group=WORDS,
            silent=Silent.PLAIN_WORD,
        ),
    ] = UNSPECIFIED
    term_aup: Annotated[
        Line | Unspecified,
        Setting(
            label="What is the acceptable-use document called?",
            meaning="Named wherever people are asked to read or acknowledge it.",
            kind=Kind.TEXT,
            values={"none": "The school has none"},
            sources=("ORG-07",),
            group=WORDS,
            silent=Silent.PLAIN_WORD,
            readings=("A-56",),
        ),
    ] = UNSPECIFIED
    term_behaviour: Annotated[
        Line | Unspecified,
        Setting(
            label="What is the behaviour policy called?",
            meaning="Named wherever staff are sent to that policy.",
            kind=Kind.TEXT,
            values={"none": "The school has none"},
            sources=("ORG-07",),
            group=WORDS,
            silent=Silent.PLAIN_WORD,
        ),
    ] = UNSPECIFIED
