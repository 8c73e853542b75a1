"""Section 2.1 of the rules: pupils' own devices, from the gate to the end of the day."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel

from .setting import UNSPECIFIED, YES_NO, Kind, Line, NotApplicable, Setting, Silent, Unspecified, YesNo

BRINGING = "Bringing a device"
HANDING_IN = "Handing in"
KEEPING = "Storing and returning"
USING = "Using a device"
CONTACT = "Exams, learning at home and reaching home"

DayPart = Literal["lessons", "movement", "break", "lunch", "meetings", "interventions", "other"]
BreachExtra = Literal["image_sharing", "refusal", "kept_on_person", "second_hidden", "day_use"]
DeviceTypeKey = Literal[
    "phone",
    "tablet",
    "e_reader",
    "console",
    "smartwatch",
    "fitness_tracker",
    "earphones",
    "laptop",
    "other",
    "any_flagged",
]


class PupilDeviceRules(BaseModel):
    """What the school has decided about devices that pupils bring."""

    pupil_bring_rule: Annotated[
        Literal["allowed", "allowed_with_handin", "reason_only", "prior_agreement", "banned"] | Unspecified,
        Setting(
            label="May a {child} bring a device?",
            meaning=(
                "Decides what the desk says when a device is handed in. A device that should not have come is still "
                "stored and returned; the entry is flagged so that somebody can follow it up."
            ),
            values={
                "allowed": "Yes, any {child} may",
                "allowed_with_handin": "Yes, if it is handed in",
                "reason_only": "Yes, when there is a reason, such as the journey home",
                "prior_agreement": "Only with an agreement made beforehand",
                "banned": "No",
            },
            sources=("DEV-02",),
            group=BRINGING,
            readings=("A-13",),
        ),
    ] = UNSPECIFIED
    pupil_bring_authoriser: Annotated[
        Literal["none", "headteacher", "slt", "office"] | Unspecified,
        Setting(
            label="Who agrees that a {child} may bring a device?",
            meaning="Only these people can approve a bring-a-device agreement. Others are refused.",
            values={
                "none": "Nobody needs to agree",
                "headteacher": "The {head}",
                "slt": "A senior leader",
                "office": "The office",
            },
            sources=("DEV-02", "DEV-03"),
            group=BRINGING,
        ),
    ] = UNSPECIFIED
    device_types_in_scope: Annotated[
        frozenset[DeviceTypeKey] | Unspecified,
        Setting(
            label="Which devices do these rules cover?",
            meaning=(
                "The kinds of device that the rules for {children} apply to. “Anything that connects or records” "
                "covers every kind that can send messages, go online, or record sound or pictures."
            ),
            values={
                "phone": "Phones",
                "tablet": "Tablets",
                "e_reader": "E-readers",
                "console": "Games consoles",
                "smartwatch": "Smart watches",
                "fitness_tracker": "Fitness trackers",
                "earphones": "Earphones and headphones that pair with a device",
                "laptop": "Laptops",
                "other": "Other devices",
                "any_flagged": "Anything that connects or records",
            },
            kind=Kind.SET,
            sources=("DEV-01",),
            group=BRINGING,
            readings=("A-48",),
        ),
    ] = UNSPECIFIED
    handin_required: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Must devices be handed in?",
            meaning=(
                "With “yes”, {children} who normally bring a device and have neither handed it in nor said they have "
                "none appear on the chase list."
            ),
            values=YES_NO,
            sources=("DEV-02", "DEV-04", "DEV-10"),
            group=HANDING_IN,
        ),
    ] = UNSPECIFIED
    handin_when: Annotated[
        Literal["on_arrival", "morning", "on_site"] | Unspecified,
        Setting(
            label="When must a device be handed in?",
            meaning="Sets the moment from which a device that has not been handed in counts as late.",
            values={
                "on_arrival": "On arrival",
                "morning": "In the morning, by the cut-off",
                "on_site": "As soon as the {child} is on site",
            },
            sources=("DEV-04",),
            group=HANDING_IN,
        ),
    ] = UNSPECIFIED
    handin_point: Annotated[
        Literal["office", "form_tutor", "any_staff"] | Unspecified,
        Setting(
            label="Where are devices handed in?",
            meaning="Says who may take a device from a {child} in the morning, and where notices send them.",
            values={
                "office": "At the office",
                "form_tutor": "To the form tutor",
                "any_staff": "To any member of staff",
            },
            sources=("DEV-04",),
            group=HANDING_IN,
        ),
    ] = UNSPECIFIED
    handin_device_scope: Annotated[
        Literal["phones_only", "all_personal_devices"] | Unspecified,
        Setting(
            label="Which devices must be handed in?",
            meaning=(
                "With “phones only”, other devices are marked “keep secure” on the register and are not chased. "
                "Otherwise every device that the rules cover is."
            ),
            values={"phones_only": "Phones only", "all_personal_devices": "All personal devices"},
            sources=("DEV-38",),
            group=HANDING_IN,
            readings=("A-02",),
        ),
    ] = UNSPECIFIED
    handin_switched_off: Annotated[
        Literal["required", "advised", "not_required"] | Unspecified,
        Setting(
            label="Must a device be switched off when it is handed in?",
            meaning="With “required”, a hand-in cannot be completed until “switched off” has been ticked.",
            values={"required": "Required", "advised": "Advised", "not_required": "Not required"},
            sources=("DEV-05",),
            group=HANDING_IN,
        ),
    ] = UNSPECIFIED
    storage_kind: Annotated[
        Literal["safe", "locked_place", "office", "secure_place"] | Unspecified,
        Setting(
            label="Where are devices kept during the day?",
            meaning="The desk offers this kind of place first. Choosing another kind needs a reason.",
            values={
                "safe": "In the safe",
                "locked_place": "In a locked, secure place",
                "office": "In the school office",
                "secure_place": "In a secure place",
            },
            sources=("DEV-06",),
            group=KEEPING,
        ),
    ] = UNSPECIFIED
    ordinary_return: Annotated[
        Literal["end_of_day_pupil", "end_of_day_parent", "on_leaving_site"] | Unspecified,
        Setting(
            label="When does a handed-in device go back, and to whom?",
            meaning=(
                "Applies to devices handed in by arrangement, not to confiscated ones. "
                "An earlier return needs a reason."
            ),
            values={
                "end_of_day_pupil": "At the end of the day, to the {child}",
                "end_of_day_parent": "At the end of the day, to a parent or carer",
                "on_leaving_site": "To the {child}, on leaving the site",
            },
            sources=("DEV-07", "DEV-08"),
            group=KEEPING,
            readings=("A-04", "A-52"),
        ),
    ] = UNSPECIFIED
    uncollected_tell_parents: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Are parents told when a device is left at school?",
            meaning="With “yes”, a device still stored when the office closes raises a message to the parent or carer.",
            values=YES_NO,
            sources=("DEV-09", "NOT-02"),
            group=KEEPING,
            added="NOT-02 tells the parent “if switched on”; this is the switch.",
        ),
    ] = UNSPECIFIED
    overnight_two_names: Annotated[
        YesNo | Unspecified,
        Setting(
            label="Are two names needed to keep a device overnight?",
            meaning="With “yes”, a device that stays at school overnight is recorded by two members of staff.",
            values=YES_NO,
            sources=("DEV-09",),
            group=KEEPING,
            added="No preset says it; a school that wants a second pair of eyes can switch it on.",
        ),
    ] = UNSPECIFIED
    base_use_on_site: Annotated[
        Literal["none", "none_and_not_on_person", "allowed_in_places"] | Unspecified,
        Setting(
            label="May {children} use their own devices on site?",
            meaning=(
                "A device seen in use is offered as a breach unless a permission covers that {child}, device, place "
                "and time."
            ),
            values={
                "none": "No",
                "none_and_not_on_person": "No, and not kept on the person either",
                "allowed_in_places": "Only in certain places",
            },
            sources=("DEV-13",),
            group=USING,
            readings=("A-01",),
        ),
    ] = UNSPECIFIED
    rule_day_parts: Annotated[
        frozenset[DayPart] | Unspecified,
        Setting(
            label="In which parts of the day does that apply?",
            meaning="A device seen in use in a part of the day that is not ticked here is not a breach by itself.",
            values={
                "lessons": "Lessons",
                "movement": "Moving between lessons",
                "break": "Break",
                "lunch": "Lunch",
                "meetings": "Meetings and assemblies",
                "interventions": "Interventions",
                "other": "Other time on site",
            },
            kind=Kind.SET,
            sources=("DEV-14",),
            group=USING,
            readings=("A-01",),
        ),
    ] = UNSPECIFIED
    break_use: Annotated[
        Literal["no", "revocable_privilege", "yes"] | Unspecified,
        Setting(
            label="May {children} use devices at break?",
            meaning="A privilege can be taken away from one {child} for a time, with a reason and dates.",
            values={"no": "No", "revocable_privilege": "As a privilege that can be taken away", "yes": "Yes"},
            sources=("DEV-15", "DEV-16"),
            group=USING,
            readings=("A-01",),
        ),
    ] = UNSPECIFIED
    break_use_scope: Annotated[
        Literal["all_devices", "devices_not_handed_in"] | NotApplicable | Unspecified,
        Setting(
            label="Which devices may be used at break?",
            meaning="Matters only where break-time use is allowed.",
            values={"all_devices": "All devices", "devices_not_handed_in": "Only devices that need not be handed in"},
            may_not_apply=True,
            sources=("DEV-15",),
            group=USING,
            readings=("A-01",),
        ),
    ] = UNSPECIFIED
    curriculum_use: Annotated[
        Literal["no", "consent_only", "consent_risk_slt"] | Unspecified,
        Setting(
            label="May a class use its own devices for a lesson?",
            meaning="An approval is for one activity, one class and one date. It cannot be used before it is complete.",
            values={
                "no": "No",
                "consent_only": "With the teacher’s consent",
                "consent_risk_slt": "With the teacher’s consent, a risk assessment and a senior leader’s approval",
            },
            sources=("DEV-18", "DEV-19"),
            group=USING,
            readings=("A-03", "A-60"),
        ),
    ] = UNSPECIFIED
    barred_areas: Annotated[
        frozenset[Line] | Unspecified,
        Setting(
            label="Where may no device be used?",
            meaning="The no-device areas offered when a breach is recorded. They apply to everyone unless noted.",
            values={
                "whole_site": "The whole site",
                "changing_rooms": "Changing rooms",
                "classrooms": "Classrooms",
                "toilets": "Toilets",
                "swimming_pools": "Swimming pools",
            },
            kind=Kind.SET,
            own_words=True,
            alone=frozenset({"whole_site"}),
            sources=("DEV-17",),
            group=USING,
            readings=("A-18",),
        ),
    ] = UNSPECIFIED
    offsite_rule: Annotated[
        Literal["same_as_site", "provider_rule", "none"] | Unspecified,
        Setting(
            label="Which rule applies at a placement off site?",
            meaning="Decides whether a device seen at an off-site placement is recorded like one seen at school.",
            values={
                "same_as_site": "The same rules as on site",
                "provider_rule": "The provider’s own rule",
                "none": "No rule",
            },
            sources=("DEV-20",),
            group=USING,
            readings=("A-47",),
        ),
    ] = UNSPECIFIED
    breach_types_extra: Annotated[
        frozenset[BreachExtra] | Unspecified,
        Setting(
            label="Which further kinds of breach does the school record?",
            meaning="Adds choices to the list that staff see when they record a breach.",
            values={
                "image_sharing": "Sharing images",
                "refusal": "Refusing to hand in",
                "kept_on_person": "Kept on the person",
                "second_hidden": "A second or hidden device",
                "day_use": "Used during the day",
            },
            kind=Kind.SET,
            may_be_empty=True,
            sources=("DEV-21", "DEV-22", "INC-03"),
            group=USING,
            readings=("A-45",),
        ),
    ] = UNSPECIFIED
    exam_scope: Annotated[
        Literal["exams_and_tests", "exams"] | Unspecified,
        Setting(
            label="Where are devices barred for exams?",
            meaning="A device found in an exam opens an exam report. An internal test is logged inside school only.",
            values={"exams_and_tests": "In exams and in tests", "exams": "In exams"},
            sources=("DEV-30", "INC-35"),
            group=CONTACT,
            readings=("A-53",),
        ),
    ] = UNSPECIFIED
    home_learning_document: Annotated[
        Line | Unspecified,
        Setting(
            label="Which document covers own devices for learning at home?",
            meaning="Named on the {child}’s record, which shows whether it has been acknowledged.",
            kind=Kind.TEXT,
            sources=("DEV-31",),
            group=CONTACT,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    school_phone: Annotated[
        Literal["pupil_dials", "adult_usually_dials", "via_staff"] | Unspecified,
        Setting(
            label="How does a {child} ring home?",
            meaning="Sets what the call log expects: who dialled, and who agreed to it.",
            values={
                "pupil_dials": "The {child} may use a school phone",
                "adult_usually_dials": "The {child} may, though an adult usually rings",
                "via_staff": "By asking a member of staff for a school phone",
            },
            sources=("DEV-26",),
            group=CONTACT,
        ),
    ] = UNSPECIFIED
    parent_contact_route: Annotated[
        Literal["office_advised", "office_required"] | Unspecified,
        Setting(
            label="How do parents reach a {child} in the day?",
            meaning="Shown in notices and letters. Messages taken by the office are logged and marked delivered.",
            values={
                "office_advised": "They are advised to ring the office",
                "office_required": "Only by way of the office",
            },
            sources=("DEV-27",),
            group=CONTACT,
            readings=("A-06",),
        ),
    ] = UNSPECIFIED
    parent_contact_exception_by: Annotated[
        Literal["none", "headteacher"] | Unspecified,
        Setting(
            label="Who may agree another way for one family?",
            meaning="An exception to the office-only route is recorded with who agreed it, why, and its dates.",
            values={"none": "Nobody: there are no exceptions", "headteacher": "The {head}"},
            sources=("DEV-28",),
            group=CONTACT,
            readings=("A-06",),
        ),
    ] = UNSPECIFIED
