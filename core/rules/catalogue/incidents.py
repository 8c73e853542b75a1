"""Section 2.4 of the rules: how incidents are classed, told, decided and learned from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel

from .setting import UNSPECIFIED, YES_NO, Kind, Line, NotApplicable, Setting, ThresholdTool, Unspecified, YesNo

CLASSING = "Classing an incident"
TELLING = "Telling people"
ADVICE = "Taking advice"
OUTCOME = "Outcome and learning"


class IncidentRules(BaseModel):
    """What the school has decided about concerns and breaches."""

    risk_areas_used: Annotated[
        Literal["four_cs", "none"] | Unspecified,
        Setting(
            label="Are online incidents placed in risk areas?",
            meaning="With the four areas, every online incident is given one main area before a level can be set.",
            values={"four_cs": "Yes: content, contact, conduct and commerce", "none": "No"},
            sources=("INC-05", "INC-06"),
            group=CLASSING,
            readings=("A-32",),
        ),
    ] = UNSPECIFIED
    threshold_levels: Annotated[
        ThresholdTool | Literal["none"] | Unspecified,
        Setting(
            label="Does the school use levels of need?",
            meaning="With levels, the DSL sets one for each safeguarding case; the tool’s name is kept with it.",
            values={"none": "No"},
            kind=Kind.THRESHOLD,
            smallest=2,
            largest=4,
            sources=("INC-12",),
            group=CLASSING,
        ),
    ] = UNSPECIFIED
    consent_needed_for_referral: Annotated[
        frozenset[Literal["level_1", "level_2", "level_3", "level_4"]] | NotApplicable | Unspecified,
        Setting(
            label="At which levels is a parent’s consent asked before a referral?",
            meaning=(
                "At these levels a referral cannot be marked sent until consent, or its refusal and the DSL’s "
                "decision, is recorded."
            ),
            values={"level_1": "Level 1", "level_2": "Level 2", "level_3": "Level 3", "level_4": "Level 4"},
            kind=Kind.SET,
            may_be_empty=True,
            may_not_apply=True,
            sources=("INC-14", "INC-15", "INC-16"),
            group=CLASSING,
            readings=("A-30",),
        ),
    ] = UNSPECIFIED
    parents_informed: Annotated[
        Literal["always", "as_appropriate", "as_appropriate_unless_risk", "direct_in_safeguarding"] | Unspecified,
        Setting(
            label="When are parents told?",
            meaning=(
                "Every incident asks for this decision. Under every rule the DSL may decide not to tell a parent "
                "when telling would put a {child} at risk."
            ),
            values={
                "always": "Always",
                "as_appropriate": "As appropriate",
                "as_appropriate_unless_risk": "As appropriate, unless it would endanger the {child}",
                "direct_in_safeguarding": "Directly, in every safeguarding case",
            },
            sources=("INC-19", "CNF-13"),
            group=TELLING,
            readings=("A-11", "A-29", "A-51"),
        ),
    ] = UNSPECIFIED
    serious_outside_list: Annotated[
        tuple[Line, ...] | Unspecified,
        Setting(
            label="Who outside school is told of a serious incident?",
            meaning="Each one must be marked told, or not relevant with a reason, before the incident can be closed.",
            values={
                "police": "Police",
                "lado": "LADO",
                "local_authority": "Local authority",
                "social_care": "Children’s social care",
                "group_safeguarding": "Group safeguarding",
                "safeguarding_governor": "The lead for safeguarding among the {governors}",
                "front_door": "Multi-agency front door",
                "early_help": "Early help",
                "ceop": "CEOP",
            },
            kind=Kind.LIST,
            own_words=True,
            sources=("INC-23",),
            group=TELLING,
            readings=("A-08", "A-55"),
        ),
    ] = UNSPECIFIED
    serious_inside_must: Annotated[
        tuple[Literal["group_head_of_safeguarding", "dsl_team", "dsl", "headteacher"], ...] | Unspecified,
        Setting(
            label="Who inside must always be told of a serious incident?",
            meaning="These cannot be set to “not relevant”.",
            values={
                "group_head_of_safeguarding": "The group’s head of safeguarding",
                "dsl_team": "The DSL and deputies",
                "dsl": "The DSL",
                "headteacher": "The {head}",
            },
            kind=Kind.LIST,
            may_be_empty=True,
            empty_words="Nobody beyond the usual",
            sources=("INC-24",),
            group=TELLING,
            readings=("A-08",),
        ),
    ] = UNSPECIFIED
    complaints_and_whistleblowing_notice: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Are the complaints and whistleblowing procedures shown?",
            meaning="With “yes”, both are linked from the pages and letters where they matter.",
            values=YES_NO,
            sources=("INC-30",),
            group=TELLING,
        ),
    ] = UNSPECIFIED
    advice_bodies: Annotated[
        tuple[Line, ...] | Unspecified,
        Setting(
            label="Who is asked for advice?",
            meaning="The choices offered when advice on a case is recorded.",
            values={
                "regional_director": "The regional director",
                "council_safeguarding_service": "The council’s safeguarding service for education",
                "second_council_safeguarding_service": "A second council’s safeguarding service",
                "other_agency": "Another agency",
                "headteacher": "The {head}",
            },
            kind=Kind.LIST,
            own_words=True,
            sources=("INC-25",),
            group=ADVICE,
        ),
    ] = UNSPECIFIED
    advice_seekers: Annotated[
        frozenset[Literal["dsl", "deputy", "headteacher", "staff"]] | Unspecified,
        Setting(
            label="Who may ask for advice?",
            meaning="Only these people can record that advice was asked for on a case.",
            values={
                "dsl": "The DSL",
                "deputy": "Deputy DSLs",
                "headteacher": "The {head}",
                "staff": "Any member of staff",
            },
            kind=Kind.SET,
            sources=("INC-25",),
            group=ADVICE,
            readings=("A-54",),
        ),
    ] = UNSPECIFIED
    debrief_required: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Is a debrief needed after an investigation?",
            meaning="With “yes”, an investigated incident stays open until leaders have recorded what was learned.",
            values=YES_NO,
            sources=("INC-26",),
            group=OUTCOME,
            readings=("A-64",),
        ),
    ] = UNSPECIFIED
    sanction_ladder: Annotated[
        tuple[Line, ...] | Unspecified,
        Setting(
            label="Which sanctions may follow, in order?",
            meaning="The choices offered when a sanction is recorded, mildest first. Write one on each line.",
            kind=Kind.LIST,
            own_words=True,
            sources=("INC-09", "CNF-15"),
            group=OUTCOME,
            readings=("A-31",),
        ),
    ] = UNSPECIFIED
    exclusion_decided_by: Annotated[
        Literal["headteacher", "slt"] | Unspecified,
        Setting(
            label="Who decides a sanction that excludes?",
            meaning="Only this person can record a decision that takes a {child} out of lessons or school.",
            values={"headteacher": "The {head} alone", "slt": "A senior leader"},
            sources=("INC-09",),
            group=OUTCOME,
            readings=("A-31",),
        ),
    ] = UNSPECIFIED
    offsite_online_tests: Annotated[
        Literal["three_tests", "none"] | Unspecified,
        Setting(
            label="When does the school act on conduct online outside school?",
            meaning=(
                "With the three tests, one must be ticked: harm or threat to another {child}, disruption of the "
                "school, or harm to its reputation."
            ),
            values={"three_tests": "When one of three tests is met", "none": "No tests are set"},
            sources=("SOC-26",),
            group=OUTCOME,
        ),
    ] = UNSPECIFIED
