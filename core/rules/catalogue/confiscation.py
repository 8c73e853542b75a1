"""Section 2.3 of the rules: confiscation, release, searches, deletion and suspected indecent images."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .setting import UNSPECIFIED, YES_NO, Kind, Line, NotApplicable, Setting, Silent, Unspecified, YesNo

TAKING = "Taking a device"
RELEASE = "Giving a device back"
SEARCH = "Searching"
DELETION = "Deleting, and handing to the police"
IMAGES = "Suspected indecent images of a child"

Searcher = Literal["headteacher", "slt", "dsl", "authorised_named"]
SEARCHERS = {
    "headteacher": "The {head}",
    "slt": "Senior leaders",
    "dsl": "The DSL",
    "authorised_named": "Named staff who have been authorised",
}


class ConfiscationRules(BaseModel):
    """What the school has decided about devices that are taken, searched or held."""

    confiscation_grounds: Annotated[
        frozenset[Line] | Unspecified,
        Setting(
            label="On what grounds may a device be confiscated?",
            meaning="Staff choose one of these grounds when they confiscate. It cannot be left out.",
            values={
                "any_school_or_group_policy": "Use against any school or group policy",
                "child_protection": "Child protection",
                "behaviour": "Behaviour",
                "anti_bullying": "Anti-bullying",
                "nude_image_case": "A suspected nude image",
            },
            kind=Kind.SET,
            own_words=True,
            sources=("CNF-01",),
            group=TAKING,
            readings=("A-33",),
        ),
    ] = UNSPECIFIED
    collected_if_not_handed_in: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Is a device that was not handed in recorded as “collected”?",
            meaning=(
                "With “yes”, a device taken only because it was not handed in is kept apart in the record from one "
                "confiscated for misuse. Both are stored and given back alike."
            ),
            values=YES_NO,
            sources=("CNF-08",),
            group=TAKING,
            readings=("A-45",),
        ),
    ] = UNSPECIFIED
    confiscated_storage: Annotated[
        Line | Unspecified,
        Setting(
            label="Where are confiscated devices kept?",
            meaning="Shown on the receipt. Confiscated devices are stored apart from those handed in.",
            kind=Kind.TEXT,
            sources=("CNF-03",),
            group=TAKING,
        ),
    ] = UNSPECIFIED
    release_rule: Annotated[
        Literal["parent_only", "parent_end_of_day_office", "pupil_end_of_day_unless_escalated"] | Unspecified,
        Setting(
            label="Who may collect a confiscated device, and when?",
            meaning="The release form offers only these people and times. Anything else is refused and logged.",
            values={
                "parent_only": "A parent or carer only",
                "parent_end_of_day_office": "A parent or carer, from the office, at the end of the day",
                "pupil_end_of_day_unless_escalated": (
                    "The {child}, at the end of the day, unless it has been escalated to a parent"
                ),
            },
            sources=("CNF-04", "CNF-05"),
            group=RELEASE,
            readings=("A-04", "A-17", "A-42"),
        ),
    ] = UNSPECIFIED
    release_escalators: Annotated[
        frozenset[Literal["repeated", "safeguarding", "serious_misuse"]] | NotApplicable | Unspecified,
        Setting(
            label="What makes a parent or carer collect instead?",
            meaning="The reasons that senior staff can choose from when they escalate to collection by a parent.",
            values={
                "repeated": "Repeated breaches",
                "safeguarding": "A safeguarding reason",
                "serious_misuse": "Serious misuse",
            },
            kind=Kind.SET,
            may_not_apply=True,
            sources=("CNF-06",),
            group=RELEASE,
            readings=("A-43",),
        ),
    ] = UNSPECIFIED
    repeat_threshold: Annotated[
        Annotated[int, Field(ge=1, le=50)] | NotApplicable | Unspecified,
        Setting(
            label="How many breaches count as repeated?",
            meaning="At this number, within the time the next rule sets, escalation is proposed, never made.",
            kind=Kind.NUMBER,
            unit="breaches",
            unit_one="breach",
            smallest=1,
            largest=50,
            may_not_apply=True,
            sources=("CNF-07",),
            group=RELEASE,
            readings=("A-43",),
        ),
    ] = UNSPECIFIED
    repeat_window: Annotated[
        Annotated[int, Field(ge=1, le=400)] | Literal["one_term"] | NotApplicable | Unspecified,
        Setting(
            label="Within what time are breaches counted?",
            meaning="Only breaches within this time are counted together as repeated.",
            kind=Kind.NUMBER,
            unit="days",
            unit_one="day",
            smallest=1,
            largest=400,
            values={"one_term": "One school term"},
            may_not_apply=True,
            sources=("CNF-07", "INC-36"),
            group=RELEASE,
            readings=("A-43",),
        ),
    ] = UNSPECIFIED
    confiscation_days_limit: Annotated[
        Annotated[int, Field(ge=1, le=60)] | Unspecified,
        Setting(
            label="After how many days does a senior leader sign that a device is kept?",
            meaning=(
                "Counts every day, weekends and holidays too. A second person signs beyond it. Unspecified: nobody is "
                "asked, and how long it has been is shown."
            ),
            kind=Kind.NUMBER,
            unit="days",
            unit_one="day",
            smallest=1,
            largest=60,
            sources=("law CO-4",),
            group=RELEASE,
            added="From guidance on the law (CO-4): each school sets its own number, or none.",
        ),
    ] = UNSPECIFIED
    search_allowed_to: Annotated[
        frozenset[Searcher] | Unspecified,
        Setting(
            label="Who may search a device?",
            meaning="Only these people can open a search record. Everyone else is refused and the attempt is logged.",
            values=SEARCHERS,
            kind=Kind.SET,
            sources=("SEA-01", "SEA-05"),
            group=SEARCH,
            readings=("A-33", "A-44"),
        ),
    ] = UNSPECIFIED
    search_basis: Annotated[
        Literal["consent_pupil_or_parent", "reasonable_grounds", "either"] | Unspecified,
        Setting(
            label="What must there be before a search starts?",
            meaning="A search stays a draft until the consent, or the grounds and the need for it, are written down.",
            values={
                "consent_pupil_or_parent": "Consent from the {child} or a parent or carer",
                "reasonable_grounds": "Reasonable grounds",
                "either": "Either consent or reasonable grounds",
            },
            sources=("SEA-02", "SEA-03"),
            group=SEARCH,
            readings=("A-09", "A-59"),
        ),
    ] = UNSPECIFIED
    search_document: Annotated[
        Line | Unspecified,
        Setting(
            label="Which document governs searches?",
            meaning="Shown on the search form and kept on the record with its edition.",
            kind=Kind.TEXT,
            sources=("SEA-04",),
            group=SEARCH,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    search_dsl_notice: Annotated[
        Literal["every_prohibited_item_search", "only_if_risk"] | Unspecified,
        Setting(
            label="When is the DSL told of a search?",
            meaning="Sends the DSL and deputies a notice when the search is saved.",
            values={
                "every_prohibited_item_search": "After every search for a prohibited item",
                "only_if_risk": "Only if it shows a safeguarding risk",
            },
            sources=("SEA-07",),
            group=SEARCH,
        ),
    ] = UNSPECIFIED
    search_dsl_risk_timing: Annotated[
        Literal["without_delay", "same_day"] | Unspecified,
        Setting(
            label="How soon is the DSL told when a search shows a risk?",
            meaning="Sets how urgent the notice to the DSL is.",
            values={"without_delay": "Without delay", "same_day": "On the same day"},
            sources=("SEA-08",),
            group=SEARCH,
        ),
    ] = UNSPECIFIED
    deletion_rule: Annotated[
        Literal["may_delete_or_request", "exceptional_good_reason", "forbidden"] | Unspecified,
        Setting(
            label="May content be deleted from a {child}’s device?",
            meaning="Possible evidence is never deleted, whatever this says: it is held for the police.",
            values={
                "may_delete_or_request": "Yes: staff may delete it or ask for it to be deleted",
                "exceptional_good_reason": "Only exceptionally, with a good reason",
                "forbidden": "No",
            },
            sources=("SEA-09", "SEA-11"),
            group=DELETION,
            readings=("A-10",),
        ),
    ] = UNSPECIFIED
    deletion_by: Annotated[
        frozenset[Searcher] | Unspecified,
        Setting(
            label="Who may delete content?",
            meaning="Only these people can record a deletion. Others are refused.",
            values=SEARCHERS,
            kind=Kind.SET,
            sources=("SEA-10",),
            group=DELETION,
        ),
    ] = UNSPECIFIED
    police_handover_pupil_device: Annotated[
        Literal["required_on_suspicion", "case_by_case"] | Unspecified,
        Setting(
            label="When is a {child}’s device handed to the police?",
            meaning="With “whenever a crime is suspected”, a handover task is opened and stays open until it is done.",
            values={"required_on_suspicion": "Whenever a crime is suspected", "case_by_case": "Decided case by case"},
            sources=("CNF-11", "INC-33"),
            group=DELETION,
        ),
    ] = UNSPECIFIED
    image_viewing: Annotated[
        Literal["floor", "never", "clear_reason_only", "per_guidance"] | Unspecified,
        Setting(
            label="May anyone look at a suspected indecent image?",
            meaning=(
                "Nobody looks, under any rule. The only way to note a viewing is an exception record, "
                "decided by the DSL or the {head}."
            ),
            values={
                "floor": "Nobody, save by an exception record",
                "never": "Never",
                "clear_reason_only": "Only with a clear reason",
                "per_guidance": "As national guidance says",
            },
            sources=("IMG-05", "SEA-12"),
            group=IMAGES,
            silent=Silent.FLOOR,
            readings=("A-36", "A-63"),
        ),
    ] = UNSPECIFIED
    image_dsl_timing: Annotated[
        Literal["urgent", "inform"] | Unspecified,
        Setting(
            label="How is the DSL told of one?",
            meaning="The DSL and deputies always get an urgent notice at once; this is how the policy words it.",
            values={"urgent": "Urgently", "inform": "Informed"},
            sources=("IMG-04", "NOT-04"),
            group=IMAGES,
            silent=Silent.FLOOR,
        ),
    ] = UNSPECIFIED
    image_network_block: Annotated[
        Literal["all_users", "targeted"] | Unspecified,
        Setting(
            label="If it is on the school network, who loses access?",
            meaning="Adds a task to block access, with who did it and when access came back.",
            values={"all_users": "All users", "targeted": "Only the accounts concerned"},
            sources=("IMG-08", "FIL-18"),
            group=IMAGES,
            readings=("A-37",),
        ),
    ] = UNSPECIFIED
    image_ceop_route: Annotated[
        Literal["direct_if_risk", "none"] | Unspecified,
        Setting(
            label="Is CEOP told directly?",
            meaning="With “yes”, a direct report to CEOP is asked for when abuse of a child is a possibility.",
            values={"direct_if_risk": "Yes, when abuse is a possibility", "none": "No direct route"},
            sources=("IMG-10",),
            group=IMAGES,
        ),
    ] = UNSPECIFIED
