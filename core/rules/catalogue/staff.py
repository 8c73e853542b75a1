"""Section 2.5 of the rules: staff's own devices, contact with families, school equipment and social media."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel

from .setting import UNSPECIFIED, Kind, Line, Setting, Silent, Unspecified

WHOM = "Whom the staff rules bind"
LESSONS = "Own devices during lessons"
CONTACT = "Contact and relationships"
REMOTE = "Remote teaching and school equipment"
CONDUCT = "Conduct"
SOCIAL = "Social media and platforms"

REQUIRED = {"required": "Required", "optional": "Optional"}


class StaffRules(BaseModel):
    """What the school has decided about the adults who work in it."""

    staff_includes: Annotated[
        frozenset[Literal["staff", "governors", "trustees", "contractors", "visitors", "volunteers"]] | Unspecified,
        Setting(
            label="Whom do the staff rules bind?",
            meaning="Conduct rules for staff apply to these people. On visits, the rules for visitors come first.",
            values={
                "staff": "Staff",
                "governors": "Governors",
                "trustees": "Trustees",
                "contractors": "Contractors",
                "visitors": "Visitors",
                "volunteers": "Volunteers",
            },
            kind=Kind.SET,
            sources=("STA-19", "ORG-08"),
            group=WHOM,
            readings=("A-14",),
        ),
    ] = UNSPECIFIED
    staff_lesson_use_by: Annotated[
        Literal["headteacher", "slt"] | Unspecified,
        Setting(
            label="Who may let staff use an own device in teaching time?",
            meaning="A permission from anyone else is refused.",
            values={"headteacher": "The {head}", "slt": "A senior leader"},
            sources=("STA-01",),
            group=LESSONS,
            readings=("A-18",),
        ),
    ] = UNSPECIFIED
    staff_lesson_use_form: Annotated[
        Literal["written", "verbal", "either"] | Unspecified,
        Setting(
            label="In what form is that permission given?",
            meaning="A spoken permission is still logged and confirmed by the person who gave it.",
            values={"written": "In writing", "verbal": "By word of mouth", "either": "Either"},
            sources=("STA-01", "STA-02"),
            group=LESSONS,
            readings=("A-19",),
        ),
    ] = UNSPECIFIED
    staff_lesson_storage: Annotated[
        Line | Unspecified,
        Setting(
            label="Where do staff keep their own devices during lessons?",
            meaning="Shown in notices to staff.",
            kind=Kind.TEXT,
            sources=("STA-03",),
            group=LESSONS,
            silent=Silent.GAP,
            readings=("A-27",),
        ),
    ] = UNSPECIFIED
    staff_lesson_state: Annotated[
        frozenset[Literal["off", "silent", "do_not_disturb"]] | Unspecified,
        Setting(
            label="In what state are they kept?",
            meaning="Shown in notices to staff. Any of the states ticked will do.",
            values={"off": "Off", "silent": "Silent", "do_not_disturb": "Do not disturb"},
            kind=Kind.SET,
            joiner="or",
            sources=("STA-04",),
            group=LESSONS,
        ),
    ] = UNSPECIFIED
    staff_phone_places: Annotated[
        frozenset[Line] | Unspecified,
        Setting(
            label="Where may staff use an own phone?",
            meaning="Shown in notices to staff, and offered when a staff breach is recorded.",
            values={
                "anywhere_not_barred": "Anywhere that is not a no-device area",
                "staffroom": "The staffroom",
                "child_free_room": "A room without {children}",
            },
            kind=Kind.SET,
            own_words=True,
            alone=frozenset({"anywhere_not_barred"}),
            sources=("STA-06",),
            group=LESSONS,
            readings=("A-25",),
        ),
    ] = UNSPECIFIED
    staff_contact_own_device: Annotated[
        Literal["never", "by_arrangement", "judgement"] | Unspecified,
        Setting(
            label="May staff contact {children} or parents from an own device?",
            meaning="Contact outside this rule is recorded as a staff breach.",
            values={
                "never": "Never",
                "by_arrangement": "Only by an arrangement agreed beforehand",
                "judgement": "Left to professional judgement; never with {children}",
            },
            sources=("STA-08", "STA-09"),
            group=CONTACT,
            readings=("A-26", "A-38"),
        ),
    ] = UNSPECIFIED
    relationship_consulted: Annotated[
        Literal["none", "headteacher", "dsl_or_slt", "dsl_and_headteacher", "by_context"] | Unspecified,
        Setting(
            label="Who is consulted about an existing relationship?",
            meaning=(
                "When staff declare a relationship that makes the contact rule hard to keep, the declaration cannot "
                "be finished until these people have been consulted."
            ),
            values={
                "none": "Nobody",
                "headteacher": "The {head}",
                "dsl_or_slt": "The DSL, a senior leader or both",
                "dsl_and_headteacher": "The DSL and the {head}, both",
                "by_context": (
                    "About devices: the DSL, a senior leader or both. About social media: the DSL and the {head}, both"
                ),
            },
            sources=("STA-10", "SOC-11"),
            group=CONTACT,
            readings=("A-15",),
        ),
    ] = UNSPECIFIED
    relationship_recorded: Annotated[
        Literal["required", "optional"] | Unspecified,
        Setting(
            label="Must the advice and decision be recorded?",
            meaning="With “required”, a declaration cannot be finished without them.",
            values=REQUIRED,
            sources=("STA-10", "SOC-11"),
            group=CONTACT,
            readings=("A-15",),
        ),
    ] = UNSPECIFIED
    work_phone_for_contact_staff: Annotated[
        Literal["issued", "not_stated"] | Unspecified,
        Setting(
            label="Do staff who contact families get a work number?",
            meaning="With “issued”, a missing work number or work email shows on the staff record.",
            values={"issued": "A work number and work email are issued", "not_stated": "The policy does not say"},
            sources=("SDV-06",),
            group=CONTACT,
        ),
    ] = UNSPECIFIED
    remote_own_device_by: Annotated[
        Literal["headteacher", "slt"] | Unspecified,
        Setting(
            label="Who approves teaching remotely on an own device?",
            meaning="An approval by anyone else is refused.",
            values={"headteacher": "The {head}", "slt": "A senior leader"},
            sources=("STA-12",),
            group=REMOTE,
        ),
    ] = UNSPECIFIED
    remote_risk_assessment: Annotated[
        Literal["required", "optional"] | Unspecified,
        Setting(
            label="Is a risk assessment needed for that?",
            meaning="With “required”, the approval is not live until the risk assessment is complete.",
            values=REQUIRED,
            sources=("STA-12",),
            group=REMOTE,
        ),
    ] = UNSPECIFIED
    school_device_access: Annotated[
        Literal["staff_and_pupils", "with_prior_permission", "after_acknowledgement", "school_work_only"] | Unspecified,
        Setting(
            label="Who may use the school’s own devices?",
            meaning="Checked when a school device is issued.",
            values={
                "staff_and_pupils": "Staff and {children}",
                "with_prior_permission": "Those with permission beforehand",
                "after_acknowledgement": "Those who have acknowledged the acceptable-use document",
                "school_work_only": "Anyone, for school work only",
            },
            sources=("SDV-03", "SDV-04", "SDV-08"),
            group=REMOTE,
            readings=("A-61",),
        ),
    ] = UNSPECIFIED
    school_device_protection: Annotated[
        Literal["passcode_any", "password", "suitable_measures", "password_private"] | Unspecified,
        Setting(
            label="How are the school’s devices protected?",
            meaning="School devices without this protection are listed.",
            values={
                "passcode_any": "A passcode, password or PIN",
                "password": "A password",
                "suitable_measures": "Suitable security measures",
                "password_private": "A password that is kept private",
            },
            sources=("SDV-02",),
            group=REMOTE,
        ),
    ] = UNSPECIFIED
    monitoring_notice_vehicle: Annotated[
        Line | Unspecified,
        Setting(
            label="Which document tells people that use is monitored?",
            meaning="It must be acknowledged before a school device is issued.",
            kind=Kind.TEXT,
            sources=("SDV-05",),
            group=REMOTE,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    staff_breach_documents: Annotated[
        tuple[Line, ...] | Unspecified,
        Setting(
            label="Under which documents is a staff breach handled?",
            meaning="Shown on the record of a staff breach. Write one on each line.",
            kind=Kind.LIST,
            own_words=True,
            sources=("STA-13",),
            group=CONDUCT,
            silent=Silent.GAP,
        ),
    ] = UNSPECIFIED
    staff_social_media_hours: Annotated[
        Literal["no", "breaks_away_from_pupils", "yes"] | Unspecified,
        Setting(
            label="May staff use personal social media in school hours?",
            meaning="Shown in notices to staff, and used when social-media conduct is recorded.",
            values={"no": "No", "breaks_away_from_pupils": "At break and lunch, away from {children}", "yes": "Yes"},
            sources=("SOC-05",),
            group=SOCIAL,
            readings=("A-25",),
        ),
    ] = UNSPECIFIED
    pupil_social_media_hours: Annotated[
        Literal["no", "yes"] | Unspecified,
        Setting(
            label="May {children} use personal social media in school hours?",
            meaning="Used when social-media conduct is recorded.",
            values={"no": "No", "yes": "Yes"},
            sources=("SOC-23",),
            group=SOCIAL,
        ),
    ] = UNSPECIFIED
    underage_accounts: Annotated[
        Literal["refuse", "warn"] | Unspecified,
        Setting(
            label="What happens when a {child} is too young for a service?",
            meaning="Applies when staff sign a {child} up to a platform that sets a minimum age.",
            values={"refuse": "The sign-up is refused", "warn": "Staff are warned"},
            sources=("SOC-24",),
            group=SOCIAL,
        ),
    ] = UNSPECIFIED
    platform_approval: Annotated[
        Literal["dsl_and_head", "dsl_or_head_of_school", "none"] | Unspecified,
        Setting(
            label="Who approves a platform before it is used?",
            meaning="A platform cannot be marked “in use” without a risk assessment and this approval.",
            values={
                "dsl_and_head": "The DSL and the {head}, both",
                "dsl_or_head_of_school": "The DSL or the head of school: one is enough",
                "none": "Nobody needs to",
            },
            sources=("SOC-03",),
            group=SOCIAL,
        ),
    ] = UNSPECIFIED
    official_accounts: Annotated[
        Literal["register_with_head_approval", "none"] | Unspecified,
        Setting(
            label="How are the school’s own accounts kept?",
            meaning="With the register, an account cannot go live without its purpose, a risk assessment and approval.",
            values={
                "register_with_head_approval": "In a register, approved by the {head}",
                "none": "The school keeps no register",
            },
            sources=("SOC-13", "SOC-14"),
            group=SOCIAL,
        ),
    ] = UNSPECIFIED
