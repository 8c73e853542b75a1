"""Section PH-3 of the rules: the sixth form and boarders, named places, and own devices for lessons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel

from .setting import UNSPECIFIED, Kind, Line, NotApplicable, Setting, Silent, Unspecified

PLACES = "Named places, and what a device may do"
SIXTH_FORM = "The sixth form"
BOARDERS = "Boarders"
LESSONS = "Own devices for lessons"

GroupDevice = Literal["phone", "smartwatch", "earphones", "tablet", "e_reader", "laptop"]
_DEVICES = {
    "phone": "Phones",
    "smartwatch": "Smart watches",
    "earphones": "Earphones and headphones",
    "tablet": "Tablets",
    "e_reader": "E-readers",
    "laptop": "Laptops",
}
_NOBODY = "None: they keep to the rule for everybody"
_FROM_GUIDANCE = "From the national guidance on phones (PH-3); none of the presets’ policies has it."


class GroupRules(BaseModel):
    """What the school has decided for groups of pupils, for named places, and for own devices in lessons."""

    allowed_places: Annotated[
        tuple[Line, ...] | NotApplicable | Unspecified,
        Setting(
            label="In which places may devices be used?",
            meaning=(
                "Matters only where own devices may be used “only in certain places”. Name each place as people "
                "call it; staff choose from these names when they ask whether a {child} may use a device."
            ),
            kind=Kind.LIST,
            own_words=True,
            may_not_apply=True,
            sources=("DEV-13", "PH-3"),
            group=PLACES,
            added="The places behind “only in certain places”, which the matrix leaves to the school.",
        ),
    ] = UNSPECIFIED
    barred_functions: Annotated[
        frozenset[Literal["short_range_sharing", "messaging", "recording", "camera", "internet"]] | Unspecified,
        Setting(
            label="What may a device not be used for, even where it may be used?",
            meaning="Said with every “allowed” as a limit, and offered as a detail when a breach is recorded.",
            values={
                "short_range_sharing": "Short-range sharing",
                "messaging": "Messaging",
                "recording": "Recording",
                "camera": "Camera",
                "internet": "Internet",
            },
            kind=Kind.SET,
            may_be_empty=True,
            empty_words="Nothing is barred by itself",
            joiner="or",
            sources=("DEV-32",),
            group=PLACES,
            silent=Silent.SAME_FOR_ALL,
            added="The matrix has it as a list that comes with the preset; here the school can change it.",
        ),
    ] = UNSPECIFIED
    sixth_form_devices: Annotated[
        frozenset[GroupDevice] | Unspecified,
        Setting(
            label="Which devices may the sixth form use at school?",
            meaning=(
                "For years 12 and 13, within the places and times below; everywhere else the rule for everybody "
                "holds. A no-device area stays one."
            ),
            values=_DEVICES,
            kind=Kind.SET,
            may_be_empty=True,
            empty_words=_NOBODY,
            sources=("PH-3", "PH-2"),
            group=SIXTH_FORM,
            silent=Silent.SAME_FOR_ALL,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    sixth_form_places: Annotated[
        tuple[Line, ...] | NotApplicable | Unspecified,
        Setting(
            label="Where may the sixth form use them?",
            meaning="Areas that are the sixth form’s own, as people call them, such as Sixth-form common room.",
            kind=Kind.LIST,
            own_words=True,
            may_not_apply=True,
            sources=("PH-3",),
            group=SIXTH_FORM,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    sixth_form_times: Annotated[
        frozenset[Literal["before", "lessons", "break", "lunch", "after"]] | NotApplicable | Unspecified,
        Setting(
            label="When may the sixth form use them there?",
            meaning="The parts of the day as the school’s calendar has them. Study periods are lesson time.",
            values={
                "before": "Before school",
                "lessons": "In lesson time",
                "break": "At break",
                "lunch": "At lunch",
                "after": "After school",
            },
            kind=Kind.SET,
            may_not_apply=True,
            sources=("PH-3", "ORG-17"),
            group=SIXTH_FORM,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    sixth_form_hand_in: Annotated[
        Literal["like_everybody", "keeps"] | NotApplicable | Unspecified,
        Setting(
            label="Does the sixth form hand those devices in?",
            meaning=(
                "With “they keep them”, nobody expects those devices at the desk and tutors are not told of them. "
                "One that is handed in all the same is taken in as usual."
            ),
            values={"like_everybody": "Yes, like everybody", "keeps": "No, they keep them, switched off elsewhere"},
            may_not_apply=True,
            sources=("PH-3", "DEV-10", "DEV-38"),
            group=SIXTH_FORM,
            silent=Silent.SAME_FOR_ALL,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    boarder_devices: Annotated[
        frozenset[GroupDevice] | Unspecified,
        Setting(
            label="Which devices may boarders use outside the teaching day?",
            meaning=(
                "For {children} whose record says that they board. From the start of the school day to its end "
                "boarders keep to the rule for everybody."
            ),
            values=_DEVICES,
            kind=Kind.SET,
            may_be_empty=True,
            empty_words=_NOBODY,
            sources=("PH-3", "PH-2"),
            group=BOARDERS,
            silent=Silent.SAME_FOR_ALL,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    boarder_places: Annotated[
        tuple[Line, ...] | NotApplicable | Unspecified,
        Setting(
            label="Where may boarders use them?",
            meaning="The boarding houses or rooms in them, as people call them.",
            kind=Kind.LIST,
            own_words=True,
            may_not_apply=True,
            sources=("PH-3",),
            group=BOARDERS,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    boarder_times: Annotated[
        frozenset[Literal["before", "after"]] | NotApplicable | Unspecified,
        Setting(
            label="When may boarders use them there?",
            meaning="Only outside the teaching day, which starts and ends as the school’s calendar says.",
            values={"before": "Before school", "after": "After school"},
            kind=Kind.SET,
            may_not_apply=True,
            never={
                **dict.fromkeys(
                    ("lessons", "movement", "break", "lunch", "meetings", "interventions", "other"),
                    "Boarders do not use devices in the teaching day (PH-3). Choose before or after school.",
                )
            },
            sources=("PH-3", "ORG-17"),
            group=BOARDERS,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    boarder_hand_in: Annotated[
        Literal["like_everybody", "stays_in_house"] | NotApplicable | Unspecified,
        Setting(
            label="Do boarders hand those devices in for the school day?",
            meaning=(
                "With “they stay in the boarding house”, nobody expects those devices at the desk and tutors are "
                "not told of them. One that is handed in all the same is taken in as usual."
            ),
            values={"like_everybody": "Yes, like everybody", "stays_in_house": "No, they stay in the boarding house"},
            may_not_apply=True,
            sources=("PH-3", "DEV-10", "DEV-38"),
            group=BOARDERS,
            silent=Silent.SAME_FOR_ALL,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
    lesson_devices: Annotated[
        frozenset[Literal["laptop", "tablet"]] | Unspecified,
        Setting(
            label="Which own devices may {children} bring for lessons?",
            meaning=(
                "“Bring your own device”: these may be used in lessons for the lesson, and are kept secure instead "
                "of handed in. It may cover laptops and tablets, never phones."
            ),
            values={"laptop": "Laptops", "tablet": "Tablets"},
            kind=Kind.SET,
            may_be_empty=True,
            empty_words="None",
            never={
                **dict.fromkeys(
                    ("phone", "smartwatch", "earphones", "fitness_tracker", "e_reader", "console", "other"),
                    "Bring your own device may cover laptops and tablets, never phones or the like (PH-3).",
                )
            },
            sources=("PH-3", "DEV-38"),
            group=LESSONS,
            silent=Silent.SAME_FOR_ALL,
            added=_FROM_GUIDANCE,
        ),
    ] = UNSPECIFIED
