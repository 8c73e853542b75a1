"""Every write about schools, accounts, roles, pupils, contacts, the calendar and the directory, by subject."""

from core.people.operations.accounts import (
    accept_invitation,
    deactivate_account,
    edit_person,
    end_employment,
    invite_person,
    reactivate_account,
    resend_invitation,
    sign_out_everywhere,
    sign_out_person,
)
from core.people.operations.calendar import save_term, set_days, set_times, take_out_term
from core.people.operations.contacts import (
    add_contact,
    edit_contact,
    end_contact,
    lift_do_not_inform,
    set_do_not_inform,
)
from core.people.operations.desks import (
    end_pin,
    enrol_device,
    issue_pin,
    revoke_device,
    trust_desk_again,
    unlock_with_pin,
)
from core.people.operations.directory import add_body, edit_body, end_body
from core.people.operations.links import make_set_up_link
from core.people.operations.pupils import (
    add_form,
    add_placement,
    add_pupil,
    bring_back_pupil,
    close_form,
    close_pupil,
    edit_form,
    edit_pupil,
    end_placement,
)
from core.people.operations.roles import RoleWish, end_role, grant_role
from core.people.operations.school import (
    NewPerson,
    change_profile,
    create_school,
    finish_set_up,
    set_mfa_roles,
)
from core.people.operations.second_step import ask_factor_reset, confirm_factor_reset

__all__ = [
    "NewPerson",
    "RoleWish",
    "accept_invitation",
    "add_body",
    "add_contact",
    "add_form",
    "add_placement",
    "add_pupil",
    "ask_factor_reset",
    "bring_back_pupil",
    "change_profile",
    "close_form",
    "close_pupil",
    "confirm_factor_reset",
    "create_school",
    "deactivate_account",
    "edit_body",
    "edit_contact",
    "edit_form",
    "edit_person",
    "edit_pupil",
    "end_body",
    "end_contact",
    "end_employment",
    "end_pin",
    "end_placement",
    "end_role",
    "enrol_device",
    "finish_set_up",
    "grant_role",
    "invite_person",
    "issue_pin",
    "lift_do_not_inform",
    "make_set_up_link",
    "reactivate_account",
    "resend_invitation",
    "revoke_device",
    "save_term",
    "set_days",
    "set_do_not_inform",
    "set_mfa_roles",
    "set_times",
    "sign_out_everywhere",
    "sign_out_person",
    "take_out_term",
    "trust_desk_again",
    "unlock_with_pin",
]
