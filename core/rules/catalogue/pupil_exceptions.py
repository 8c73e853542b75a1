"""Section 2.2 of the rules: exceptions for a pupil, and the home-school agreement."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .setting import UNSPECIFIED, Kind, NotApplicable, Setting, Silent, Unspecified

EXCEPTION = "Exceptional use"
AGREEMENT = "Home-school agreement"

Signatory = Literal["pupil_or_parent", "pupil", "parent", "headteacher", "form_tutor"]


class PupilExceptionRules(BaseModel):
    """What the school has decided about exceptional use and the agreement with families."""

    exception_authorisers: Annotated[
        frozenset[Literal["headteacher", "slt"]] | Unspecified,
        Setting(
            label="Who may approve exceptional use?",
            meaning="Only these people can let a {child} keep and use a device. Others are refused.",
            values={"headteacher": "The {head}", "slt": "A senior leader"},
            kind=Kind.SET,
            joiner="or",
            sources=("AGR-11",),
            group=EXCEPTION,
            readings=("A-21", "A-46", "A-60"),
        ),
    ] = UNSPECIFIED
    exception_timing: Annotated[
        Literal["before_use", "after_allowed"] | Unspecified,
        Setting(
            label="When must exceptional use be approved?",
            meaning="With “before any use”, the register treats the {child} under the ordinary rules until then.",
            values={"before_use": "Before any use", "after_allowed": "It may be approved afterwards"},
            sources=("AGR-12",),
            group=EXCEPTION,
        ),
    ] = UNSPECIFIED
    exception_written_agreement: Annotated[
        Literal["required", "optional"] | Unspecified,
        Setting(
            label="Is a signed, written agreement needed?",
            meaning="With “required”, approved use does not start until the agreement has been signed.",
            values={"required": "Required", "optional": "Optional"},
            sources=("AGR-12", "AGR-13"),
            group=EXCEPTION,
        ),
    ] = UNSPECIFIED
    exception_agreed_by: Annotated[
        Literal["pupil_or_parent", "pupil_and_parent", "parent_only"] | Unspecified,
        Setting(
            label="Who in the family must agree to it?",
            meaning="The agreement becomes active only when these people have signed.",
            values={
                "pupil_or_parent": "The {child} or a parent or carer: one is enough",
                "pupil_and_parent": "The {child} and a parent or carer",
                "parent_only": "A parent or carer",
            },
            sources=("AGR-14",),
            group=EXCEPTION,
            readings=("A-05",),
        ),
    ] = UNSPECIFIED
    exception_sanctions_text: Annotated[
        Literal["required", "optional"] | Unspecified,
        Setting(
            label="Must it say what follows misuse?",
            meaning="With “required”, expectations and sanctions for misuse must be written before it can be approved.",
            values={"required": "Required", "optional": "Optional"},
            sources=("AGR-13", "AGR-16"),
            group=EXCEPTION,
        ),
    ] = UNSPECIFIED
    exception_reasons: Annotated[
        tuple[Literal["medical_aid", "medical_monitoring", "other"], ...] | Unspecified,
        Setting(
            label="Which reasons are offered?",
            meaning="The list that staff choose from when they ask for exceptional use.",
            values={
                "medical_aid": "A medical aid",
                "medical_monitoring": "Medical monitoring",
                "other": "Another exceptional reason",
            },
            kind=Kind.LIST,
            sources=("AGR-10",),
            group=EXCEPTION,
            readings=("A-48",),
        ),
    ] = UNSPECIFIED
    home_school_agreement: Annotated[
        Literal["required", "optional", "none"] | Unspecified,
        Setting(
            label="Does the school use a home-school agreement about devices?",
            meaning="With “required”, a missing or unfinished agreement shows on the {child}’s record and on lists.",
            values={"required": "Required", "optional": "Optional", "none": "Not used"},
            sources=("AGR-01",),
            group=AGREEMENT,
        ),
    ] = UNSPECIFIED
    agreement_signatories: Annotated[
        tuple[Signatory, ...] | NotApplicable | Unspecified,
        Setting(
            label="Who signs an agreement?",
            meaning="In this order. An agreement is complete only when all of them have signed and dated it.",
            values={
                "pupil_or_parent": "The {child} or a parent or carer",
                "pupil": "The {child}",
                "parent": "A parent or carer",
                "headteacher": "The {head}",
                "form_tutor": "The form tutor",
            },
            kind=Kind.LIST,
            may_not_apply=True,
            sources=("AGR-02",),
            group=AGREEMENT,
        ),
    ] = UNSPECIFIED
    pupil_signs_from_year: Annotated[
        Annotated[int, Field(ge=1, le=13)] | Unspecified,
        Setting(
            label="From which year group does a {child} sign for themselves?",
            meaning="Younger {children} are not asked to sign; the agreement is complete without their signature.",
            kind=Kind.NUMBER,
            unit="(year group)",
            unit_one="(year group)",
            smallest=1,
            largest=13,
            sources=("AG-6",),
            group=AGREEMENT,
            silent=Silent.SAME_FOR_ALL,
            added="From the law on signatures (AG-6); none of the presets’ policies has it.",
        ),
    ] = UNSPECIFIED
    agreement_reminder_days: Annotated[
        Annotated[int, Field(ge=3, le=60)] | Unspecified,
        Setting(
            label="After how many days is a reminder to sign sent?",
            meaning=(
                "Counted from the day it was sent and from each reminder. After three reminders nobody is reminded any "
                "more: the name goes on a list to telephone. Not settled, it is seven days."
            ),
            kind=Kind.NUMBER,
            unit="days",
            unit_one="day",
            smallest=3,
            largest=60,
            sources=("NOT-17",),
            group=AGREEMENT,
            silent=Silent.SAME_FOR_ALL,
            added="The matrix proposes seven days and leaves it to the school.",
        ),
    ] = UNSPECIFIED
