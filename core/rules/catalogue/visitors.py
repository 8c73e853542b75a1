"""Section 2.6 of the rules: visitors' devices, and photographs and video."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel

from .setting import UNSPECIFIED, YES_NO, Kind, Line, Setting, Silent, Unspecified, YesNo

VISITORS = "Visitors"
IMAGES = "Photographs and video"


class VisitorRules(BaseModel):
    """What the school has decided about visitors and about images of children."""

    visitor_default: Annotated[
        Literal["carry_secured", "specific_purpose_only", "no_use", "no_use_off_on_entry"] | Unspecified,
        Setting(
            label="What may a visitor do with a device?",
            meaning="The rule that visitors read and confirm when they sign in. A permission can allow more.",
            values={
                "carry_secured": "Carry it, kept secure",
                "specific_purpose_only": "Use it for an agreed purpose only",
                "no_use": "Not use it",
                "no_use_off_on_entry": "Not use it, and switch it off on the way in",
            },
            sources=("VIS-03", "VIS-05"),
            group=VISITORS,
            readings=("A-16", "A-28", "A-50"),
        ),
    ] = UNSPECIFIED
    visitor_permission_by: Annotated[
        frozenset[Literal["headteacher", "dsl"]] | Unspecified,
        Setting(
            label="Who may permit a visitor to use a device?",
            meaning="Any one of those ticked may. A permission from anyone else is refused.",
            values={"headteacher": "The {head}", "dsl": "The DSL"},
            kind=Kind.SET,
            joiner="or",
            sources=("VIS-06",),
            group=VISITORS,
            readings=("A-21",),
        ),
    ] = UNSPECIFIED
    visitor_risk_assessment: Annotated[
        Literal["where_necessary", "always"] | Unspecified,
        Setting(
            label="When is a risk assessment needed for a visitor’s device?",
            meaning="Where one is needed, the permission is not live until it is complete.",
            values={"where_necessary": "Where necessary, with the reason recorded", "always": "Always"},
            sources=("VIS-08",),
            group=VISITORS,
        ),
    ] = UNSPECIFIED
    visitor_breach_tells: Annotated[
        frozenset[Literal["dsl", "headteacher", "slt"]] | Unspecified,
        Setting(
            label="Who is told when a visitor breaks the rule?",
            meaning="One of those ticked must be told, and the time is kept.",
            values={"dsl": "The DSL", "headteacher": "The {head}", "slt": "A senior leader"},
            kind=Kind.SET,
            joiner="or",
            sources=("VIS-13", "NOT-13"),
            group=VISITORS,
        ),
    ] = UNSPECIFIED
    visitor_information: Annotated[
        frozenset[Literal["signs", "posters", "desk_sheet", "leaflet", "programme", "announcement", "information"]]
        | Unspecified,
        Setting(
            label="How are visitors told of the rule?",
            meaning="The signs and handouts that the register expects to find and check.",
            values={
                "signs": "Signs",
                "posters": "Posters",
                "desk_sheet": "A sheet at the sign-in desk",
                "leaflet": "A leaflet",
                "programme": "A note in the event programme",
                "announcement": "An announcement",
                "information": "Information in any suitable form",
            },
            kind=Kind.SET,
            sources=("VIS-10",),
            group=VISITORS,
        ),
    ] = UNSPECIFIED
    visitor_pupil_must_not_use_device: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Are visitors told never to let a {child} use their device?",
            meaning="With “yes”, the visitor notice says so, and a device handed to a {child} is a breach.",
            values=YES_NO,
            sources=("VIS-04", "INC-44"),
            group=VISITORS,
        ),
    ] = UNSPECIFIED
    regular_visitor_documents: Annotated[
        tuple[Line, ...] | Unspecified,
        Setting(
            label="What must regular visitors read?",
            meaning="A regular visitor who has not acknowledged these is flagged at sign-in. Write one on each line.",
            kind=Kind.LIST,
            own_words=True,
            sources=("VIS-11",),
            group=VISITORS,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    own_child_photo_at_events: Annotated[
        Literal["slt_permission", "guidance_only", "no"] | Unspecified,
        Setting(
            label="May parents photograph their own child at an event?",
            meaning="Never covers other people’s children.",
            values={
                "slt_permission": "With a senior leader’s permission",
                "guidance_only": "Yes, following the school’s guidance",
                "no": "No",
            },
            sources=("CON-10", "CON-11"),
            group=IMAGES,
            readings=("A-28",),
        ),
    ] = UNSPECIFIED
    image_consent_giver: Annotated[
        Literal["parent", "parent_or_capable_pupil"] | Unspecified,
        Setting(
            label="Who gives consent for a {child}’s image?",
            meaning="Consent from anyone else is refused. Age alone never decides whether a {child} can consent.",
            values={
                "parent": "A parent or carer",
                "parent_or_capable_pupil": "A parent or carer, or a {child} judged able to decide",
            },
            sources=("CON-01", "CON-03"),
            group=IMAGES,
            readings=("A-35", "A-58"),
        ),
    ] = UNSPECIFIED
    image_purpose_bound: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Is consent limited to the purpose it was given for?",
            meaning="With “yes”, using an image for any other purpose is refused.",
            values=YES_NO,
            sources=("CON-02",),
            group=IMAGES,
        ),
    ] = UNSPECIFIED
    image_names: Annotated[
        Literal["none", "first_name_with_permission", "open"] | Unspecified,
        Setting(
            label="May a name go with an image?",
            meaning="Checked when the use of an image is planned.",
            values={
                "none": "No",
                "first_name_with_permission": "A first name only, with its own permission",
                "open": "Not limited",
            },
            sources=("CON-06",),
            group=IMAGES,
        ),
    ] = UNSPECIFIED
