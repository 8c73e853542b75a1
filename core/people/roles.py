"""Roles and what each may do, as code: the one role × permission table (matrix §1.21, house §4.6)."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """Every role of ORG-05 that signs in, plus the administrator and the data-protection lead. Stored by key."""

    OFFICE = "office", "Office staff"
    TEACHER = "teacher", "Teacher"
    SUPPORT = "support", "Support staff"
    FORM_TUTOR = "form_tutor", "Form tutor"
    SLT = "slt", "Senior leadership team"
    HEADTEACHER = "headteacher", "Headteacher or principal"
    HEAD_OF_SCHOOL = "head_of_school", "Head of school"
    DSL = "dsl", "Designated safeguarding lead"
    DEPUTY_DSL = "deputy_dsl", "Deputy designated safeguarding lead"
    FILTERING_LEAD = "filtering_lead", "Filtering and monitoring lead"
    ONLINE_SAFETY_COORDINATOR = "online_safety_coordinator", "Online-safety coordinator"
    ONLINE_SAFETY_HOLDER = "online_safety_holder", "Holder of overall responsibility for online safety"
    COMPUTING_LEAD = "computing_lead", "Computing lead"
    RSHE_LEAD = "rshe_lead", "RSHE lead"
    SYSTEMS_MANAGER = "systems_manager", "Systems manager"
    IT_CONTACT = "it_contact", "IT provider contact"
    GOVERNOR = "governor", "Governor or trustee"
    SAFEGUARDING_GOVERNOR = "safeguarding_governor", "Lead governor for safeguarding"
    CHAIR = "chair", "Chair of governors or trustees"
    GROUP_SAFEGUARDING_HEAD = "group_safeguarding_head", "Group head of safeguarding"
    REGIONAL_DIRECTOR = "regional_director", "Regional director"
    EXAMS_OFFICER = "exams_officer", "Exams officer"
    DATA_PROTECTION_LEAD = "data_protection_lead", "Data-protection lead"
    ADMINISTRATOR = "administrator", "Administrator"


class Permission(StrEnum):
    """What a page or an operation asks for. A view names exactly one."""

    VIEW_HOME = "view_home"
    VIEW_INBOX = "view_inbox"
    TELL_DSL = "tell_dsl"
    VIEW_PUPILS = "view_pupils"
    VIEW_PUPIL_DETAIL = "view_pupil_detail"
    EDIT_PUPILS = "edit_pupils"
    VIEW_CONTACTS = "view_contacts"
    SET_DO_NOT_INFORM = "set_do_not_inform"
    LOG_CUSTODY = "log_custody"
    VIEW_REGISTER = "view_register"
    MANAGE_DEVICES = "manage_devices"
    MANAGE_STORAGE = "manage_storage"
    MANAGE_ROLL = "manage_roll"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_SCHOOL = "manage_school"
    MANAGE_CALENDAR = "manage_calendar"
    VIEW_DIRECTORY = "view_directory"
    MANAGE_DIRECTORY = "manage_directory"
    VIEW_RULES = "view_rules"
    EDIT_RULES = "edit_rules"
    TAKE_DEVICE = "take_device"  # also: place an evidence hold
    VIEW_HELD = "view_held"
    RELEASE_DEVICE = "release_device"
    LEAD_CUSTODY = "lead_custody"  # escalate, decide a release, sign off a long hold, hand to the police
    LIFT_HOLD = "lift_hold"
    OPEN_SEARCH = "open_search"  # whether this person may search is for the school's rules to say
    VIEW_SEARCHES = "view_searches"
    AUTHORISE_SEARCHERS = "authorise_searchers"
    MANAGE_WORDING = "manage_wording"
    VIEW_FIGURES = "view_figures"
    REPORT_INCIDENT = "report_incident"  # also: add to a record, see what became of one's own report
    VIEW_CASES = "view_cases"  # which of them, `incidents.access` says record by record
    LEAD_CASES = "lead_cases"  # triage, decide, close
    SET_LEVEL = "set_level"  # level of need, referrals
    DECIDE_EXCLUSION = "decide_exclusion"
    LEAD_STAFF_CONCERNS = "lead_staff_concerns"  # police and LADO entries; which of them, `incidents.access` says
    VIEW_CHRONOLOGY = "view_chronology"
    SET_INCIDENT_LISTS = "set_incident_lists"
    VIEW_IMPROVEMENTS = "view_improvements"  # one’s own and one’s subject’s; all of them, with LEAD_CASES
    VIEW_FILTERING = "view_filtering"  # when access to the network was blocked, never because of what
    VIEW_AGREEMENTS = "view_agreements"  # of whom, `agreements.access` says: a tutor’s are those of the form
    MANAGE_AGREEMENTS = "manage_agreements"  # issue, sign at the desk and on paper, follow up
    EDIT_TEMPLATES = "edit_templates"
    SIGN_OWN = "sign_own"  # what is for oneself to read, acknowledge and sign
    CHECK_IMAGES = "check_images"
    MANAGE_CONSENTS = "manage_consents"
    DECIDE_OWN_CONSENT = "decide_own_consent"
    VIEW_ACKNOWLEDGEMENTS = "view_acknowledgements"
    MANAGE_ACCESS = "manage_access"
    DECLARE_RELATIONSHIP = "declare_relationship"  # which declarations somebody reads, `agreements.access` says
    ASK_DISCLOSURE = "ask_disclosure"
    AUTHORISE_EQUIPMENT = "authorise_equipment"
    ASK_PERMISSION = "ask_permission"  # for a pupil, a lesson or oneself; who decides, the school’s rules say
    MANAGE_ASSETS = "manage_assets"  # the school’s own devices: register, protection, issue and return
    VIEW_IMAGE_SETS = "view_image_sets"  # the log of pictures, to be scrutinised; one’s own sets need CHECK_IMAGES
    DELEGATE = "delegate"  # let another leader decide in the head’s place
    VIEW_AUDIT = "view_audit"
    VIEW_GOVERNORS = "view_governors"


P = Permission
_EVERYONE = frozenset({P.VIEW_HOME, P.VIEW_INBOX, P.TELL_DSL, P.SIGN_OWN})
_STAFF = _EVERYONE | {
    P.VIEW_PUPILS,
    P.VIEW_DIRECTORY,
    P.TAKE_DEVICE,
    P.OPEN_SEARCH,
    P.REPORT_INCIDENT,
    P.VIEW_CASES,
    P.VIEW_IMPROVEMENTS,
    P.CHECK_IMAGES,
    P.DECLARE_RELATIONSHIP,
    P.ASK_PERMISSION,
}
_TUTOR = _STAFF | {P.VIEW_PUPIL_DETAIL, P.VIEW_REGISTER, P.VIEW_AGREEMENTS}
_DESK = _TUTOR | {P.LOG_CUSTODY, P.MANAGE_DEVICES, P.VIEW_CONTACTS, P.EDIT_PUPILS}
_CUSTODY = {P.VIEW_HELD, P.RELEASE_DEVICE}
_FAMILIES = {P.MANAGE_AGREEMENTS, P.MANAGE_CONSENTS, P.VIEW_ACKNOWLEDGEMENTS, P.MANAGE_ACCESS}
_LEADER = (
    _DESK
    | _CUSTODY
    | _FAMILIES
    | {
        P.VIEW_RULES,
        P.VIEW_GOVERNORS,
        P.LEAD_CUSTODY,
        P.VIEW_SEARCHES,
        P.VIEW_FIGURES,
        P.VIEW_FILTERING,
        P.MANAGE_ASSETS,
        P.VIEW_IMAGE_SETS,
    }
)
_SET_UP = _EVERYONE | {
    P.MANAGE_ROLL,
    P.MANAGE_ACCOUNTS,
    P.MANAGE_SCHOOL,
    P.MANAGE_CALENDAR,
    P.MANAGE_STORAGE,
    P.VIEW_DIRECTORY,
    P.MANAGE_DIRECTORY,
    P.VIEW_RULES,
    P.EDIT_RULES,
    P.VIEW_PUPILS,
    P.VIEW_PUPIL_DETAIL,
    P.EDIT_PUPILS,
    P.VIEW_CONTACTS,
    P.MANAGE_WORDING,
    P.EDIT_TEMPLATES,
    P.VIEW_AGREEMENTS,
    P.VIEW_ACKNOWLEDGEMENTS,
    P.MANAGE_ASSETS,
}
_CASES = {P.LEAD_CASES, P.SET_LEVEL, P.LEAD_STAFF_CONCERNS, P.VIEW_CHRONOLOGY, P.SET_INCIDENT_LISTS}
_SAFEGUARDING = (
    _LEADER | _CASES | {P.SET_DO_NOT_INFORM, P.VIEW_AUDIT, P.MANAGE_DIRECTORY, P.LIFT_HOLD, P.EDIT_TEMPLATES}
)
_GOVERNOR = _EVERYONE | {P.VIEW_GOVERNORS}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICE: _DESK | _CUSTODY | _FAMILIES | {P.MANAGE_STORAGE, P.MANAGE_DIRECTORY, P.MANAGE_ASSETS},
    Role.TEACHER: _STAFF,
    Role.SUPPORT: _STAFF,
    Role.FORM_TUTOR: _TUTOR,
    Role.SLT: _LEADER | {P.DECIDE_EXCLUSION},  # where the school's rule names a senior leader
    Role.HEADTEACHER: _SAFEGUARDING - {P.SET_DO_NOT_INFORM}
    | {
        P.EDIT_RULES,
        P.MANAGE_SCHOOL,
        P.MANAGE_CALENDAR,
        P.MANAGE_STORAGE,
        P.MANAGE_ACCOUNTS,
        P.AUTHORISE_SEARCHERS,
        P.MANAGE_WORDING,
        P.DECIDE_EXCLUSION,
        P.DECIDE_OWN_CONSENT,
        P.ASK_DISCLOSURE,
        P.AUTHORISE_EQUIPMENT,
        P.DELEGATE,
    },
    Role.HEAD_OF_SCHOOL: _LEADER | {P.LEAD_CASES},
    Role.DSL: _SAFEGUARDING,
    Role.DEPUTY_DSL: _SAFEGUARDING,
    Role.FILTERING_LEAD: _STAFF | {P.VIEW_GOVERNORS, P.VIEW_FILTERING},
    Role.ONLINE_SAFETY_COORDINATOR: _STAFF | {P.VIEW_RULES, P.VIEW_FILTERING},
    Role.ONLINE_SAFETY_HOLDER: _EVERYONE | {P.VIEW_RULES, P.VIEW_GOVERNORS, P.VIEW_FILTERING},
    Role.COMPUTING_LEAD: _STAFF,
    Role.RSHE_LEAD: _STAFF,
    Role.SYSTEMS_MANAGER: _STAFF | {P.VIEW_FILTERING, P.MANAGE_ACCESS, P.ASK_DISCLOSURE, P.MANAGE_ASSETS},
    Role.IT_CONTACT: _EVERYONE,
    Role.GOVERNOR: _GOVERNOR,
    Role.SAFEGUARDING_GOVERNOR: _GOVERNOR | {P.VIEW_FILTERING},
    Role.CHAIR: _GOVERNOR | {P.VIEW_CASES, P.LEAD_STAFF_CONCERNS, P.DECLARE_RELATIONSHIP},
    Role.GROUP_SAFEGUARDING_HEAD: _EVERYONE | {P.VIEW_GOVERNORS, P.VIEW_CASES, P.LEAD_STAFF_CONCERNS},
    Role.REGIONAL_DIRECTOR: _EVERYONE | {P.VIEW_GOVERNORS},
    Role.EXAMS_OFFICER: _STAFF,
    Role.DATA_PROTECTION_LEAD: _EVERYONE | {P.VIEW_AUDIT, P.VIEW_DIRECTORY, P.VIEW_RULES},
    Role.ADMINISTRATOR: _SET_UP,
}

DSL_ROLES = frozenset({Role.DSL, Role.DEPUTY_DSL})
HEAD_ROLES = frozenset({Role.HEADTEACHER})
STAFF_ROLES = frozenset(
    set(Role) - {Role.GOVERNOR, Role.SAFEGUARDING_GOVERNOR, Role.CHAIR, Role.IT_CONTACT,
                 Role.GROUP_SAFEGUARDING_HEAD, Role.REGIONAL_DIRECTOR}
)  # fmt: skip
PHASE_SCOPED = frozenset({Role.DSL, Role.DEPUTY_DSL, Role.SLT, Role.HEAD_OF_SCHOOL})
FORM_SCOPED = frozenset({Role.FORM_TUTOR})

# matrix §1.21 gives hand-in to teachers and tutors only where the school's rule names any staff or the tutor.
HANDIN_POINT_ROLES: dict[str, frozenset[Role]] = {
    "office": frozenset(),
    "form_tutor": frozenset({Role.FORM_TUTOR}),
    "any_staff": frozenset({Role.TEACHER, Role.SUPPORT, Role.FORM_TUTOR}),
    "unspecified": frozenset(),
}


def permissions_of(roles: frozenset[Role], *, handin_point: str = "office") -> frozenset[Permission]:
    """Everything that a person with `roles` may do; `handin_point` is the school's rule on who takes devices in."""
    granted: set[Permission] = set()
    for role in roles:
        granted |= ROLE_PERMISSIONS[role]
    if roles & HANDIN_POINT_ROLES.get(handin_point, frozenset()):
        granted |= {
            Permission.LOG_CUSTODY,
            Permission.VIEW_REGISTER,
            Permission.VIEW_PUPIL_DETAIL,
            Permission.MANAGE_DEVICES,
        }
    return frozenset(granted)
