"""The access table: what every address needs. Tests hold each view to it, and sweep it by role and by school."""

from __future__ import annotations

from dataclasses import dataclass

from core.people.roles import Permission as P


@dataclass(frozen=True)
class Row:
    """What one URL name needs: a permission in the school, `signed_in`, or `public`; and the methods it answers.

    `own`: the record is one person's, and for everybody else it does not exist. `few`: it is for some of those who hold
    the permission, as a message is for the pupil's own tutor; for the others it does not exist either.
    `desk`: a session that was opened with a desk PIN reaches it; all other addresses inside refuse such a session.
    """

    needs: P | str
    methods: tuple[str, ...] = ("GET",)
    own: bool = False
    few: bool = False
    desk: bool = False


PUBLIC, SIGNED_IN = "public", "signed_in"
GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")

ACCESS: dict[str, Row] = {
    # the service itself
    "healthz": Row(PUBLIC),
    "readyz": Row(PUBLIC),
    "service-worker": Row(PUBLIC),
    # the session, outside any school
    "session:choose-school": Row(SIGNED_IN, desk=True),
    "session:lock": Row(SIGNED_IN, POST, desk=True),
    "session:unlock": Row(SIGNED_IN, BOTH, desk=True),
    "session:continue": Row(SIGNED_IN, BOTH, desk=True),
    "session:extend": Row(SIGNED_IN, POST, desk=True),
    "session:sign-out-everywhere": Row(SIGNED_IN, POST),
    "session:your-account": Row(SIGNED_IN),
    "session:desk-pin": Row(SIGNED_IN, BOTH),
    # one-time links: anybody may knock
    "session:set-up": Row(PUBLIC, BOTH),
    "session:set-up-link": Row(PUBLIC),
    "session:invitation": Row(PUBLIC, BOTH),
    "session:invitation-link": Row(PUBLIC),
    # home and finding
    "overview:home": Row(P.VIEW_HOME),
    "overview:find": Row(P.VIEW_PUPILS, BOTH),
    "overview:tell-dsl": Row(P.TELL_DSL, desk=True),
    "overview:record": Row(P.VIEW_AUDIT),
    "overview:record-entry": Row(P.VIEW_AUDIT),
    "overview:record-export": Row(P.VIEW_AUDIT, POST),
    # people: setting up, the school, staff
    "people:set-up": Row(P.MANAGE_SCHOOL),
    "people:finish-set-up": Row(P.MANAGE_SCHOOL, POST),
    "people:add-school": Row(P.MANAGE_SCHOOL, BOTH),
    "people:profile": Row(P.MANAGE_SCHOOL, BOTH),
    "people:sign-in-settings": Row(P.MANAGE_SCHOOL, BOTH),
    "people:staff": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:invite": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:person": Row(P.MANAGE_ACCOUNTS),
    "people:edit-person": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:resend-invitation": Row(P.MANAGE_ACCOUNTS, POST),
    "people:grant-role": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:end-role": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:end-employment": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:deactivate": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:reactivate": Row(P.MANAGE_ACCOUNTS, POST),
    "people:sign-out-person": Row(P.MANAGE_ACCOUNTS, POST),
    "people:ask-factor-reset": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:confirm-factor-reset": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:desks": Row(P.MANAGE_ACCOUNTS, BOTH),
    "people:revoke-desk": Row(P.MANAGE_ACCOUNTS, POST),
    "people:end-desk-pin": Row(P.MANAGE_ACCOUNTS, POST),
    "people:roles": Row(P.VIEW_RULES),
    # people: pupils, contacts, forms
    "people:pupils": Row(P.VIEW_PUPILS, BOTH),
    "people:pupil": Row(P.VIEW_PUPILS),
    "people:medical-note": Row(P.EDIT_PUPILS),
    "people:add-pupil": Row(P.EDIT_PUPILS, BOTH),
    "people:edit-pupil": Row(P.EDIT_PUPILS, BOTH),
    "people:close-pupil": Row(P.EDIT_PUPILS, BOTH),
    "people:bring-back-pupil": Row(P.EDIT_PUPILS, POST),
    "people:add-placement": Row(P.EDIT_PUPILS, BOTH),
    "people:end-placement": Row(P.EDIT_PUPILS, BOTH),
    "people:add-contact": Row(P.EDIT_PUPILS, BOTH),
    "people:edit-contact": Row(P.EDIT_PUPILS, BOTH),
    "people:end-contact": Row(P.EDIT_PUPILS, BOTH),
    "people:bar-contact": Row(P.SET_DO_NOT_INFORM, BOTH),
    "people:lift-bar": Row(P.SET_DO_NOT_INFORM, BOTH),
    "people:forms": Row(P.VIEW_PUPILS),
    "people:add-form": Row(P.EDIT_PUPILS, BOTH),
    "people:edit-form": Row(P.EDIT_PUPILS, BOTH),
    "people:close-form": Row(P.EDIT_PUPILS, POST),
    # people: the calendar, the directory
    "people:calendar": Row(P.MANAGE_CALENDAR),
    "people:add-term": Row(P.MANAGE_CALENDAR, BOTH),
    "people:edit-term": Row(P.MANAGE_CALENDAR, BOTH),
    "people:take-out-term": Row(P.MANAGE_CALENDAR, POST),
    "people:set-days": Row(P.MANAGE_CALENDAR, BOTH),
    "people:set-times": Row(P.MANAGE_CALENDAR, BOTH),
    "people:directory": Row(P.VIEW_DIRECTORY),
    "people:print-directory": Row(P.VIEW_DIRECTORY),
    "people:add-body": Row(P.MANAGE_DIRECTORY, BOTH),
    "people:edit-body": Row(P.MANAGE_DIRECTORY, BOTH),
    "people:end-body": Row(P.MANAGE_DIRECTORY, POST),
    # rules
    "rules:overview": Row(P.VIEW_RULES),
    "rules:section": Row(P.VIEW_RULES),
    "rules:rule": Row(P.VIEW_RULES),
    "rules:differences": Row(P.VIEW_RULES),
    "rules:unsettled": Row(P.VIEW_RULES),
    "rules:history": Row(P.VIEW_RULES),
    "rules:coming": Row(P.VIEW_INBOX),
    "rules:change": Row(P.EDIT_RULES, BOTH),
    "rules:choose-preset": Row(P.EDIT_RULES, BOTH),
    "rules:withdraw-change": Row(P.EDIT_RULES, BOTH),
    # roll
    "roll:list": Row(P.MANAGE_ROLL),
    "roll:start": Row(P.MANAGE_ROLL, BOTH),
    "roll:match": Row(P.MANAGE_ROLL, BOTH),
    "roll:preview": Row(P.MANAGE_ROLL, BOTH),
    "roll:refresh": Row(P.MANAGE_ROLL, BOTH),
    "roll:problems": Row(P.MANAGE_ROLL),
    "roll:cancel": Row(P.MANAGE_ROLL, BOTH),
    "roll:progress": Row(P.MANAGE_ROLL),
    "roll:resume": Row(P.MANAGE_ROLL, BOTH),
    "roll:result": Row(P.MANAGE_ROLL),
    "roll:undo": Row(P.MANAGE_ROLL, BOTH),
    "roll:confirm-do-not-inform": Row(P.SET_DO_NOT_INFORM, BOTH),
    # notices
    "notices:inbox": Row(P.VIEW_INBOX, BOTH),
    "notices:count": Row(P.VIEW_INBOX),
    "notices:preferences": Row(P.VIEW_INBOX, BOTH),
    "notices:email": Row(P.MANAGE_SCHOOL, BOTH),
    "notices:notice": Row(P.VIEW_INBOX, BOTH, own=True),
    "notices:acknowledge": Row(P.VIEW_INBOX, POST, own=True),
    # devices: the desk and the register
    "devices:arrivals": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:desk-search": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:decide-hand-in": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:choose-gate": Row(P.LOG_CUSTODY, POST, desk=True),
    "devices:parked": Row(P.LOG_CUSTODY, desk=True),
    "devices:settle-parked": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:gates": Row(P.MANAGE_STORAGE, BOTH),
    "devices:close-gate": Row(P.MANAGE_STORAGE, POST),
    "devices:desk-sync": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:desk-offline": Row(P.LOG_CUSTODY, desk=True),
    "devices:offline-scans": Row(P.LOG_CUSTODY, desk=True),
    "devices:settle-offline-scan": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:returns": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:whole-form-list": Row(P.LOG_CUSTODY, desk=True),
    "devices:whole-form": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:whole-form-paper": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:return-form": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:paste": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:register": Row(P.VIEW_REGISTER, desk=True),
    "devices:register-print": Row(P.VIEW_REGISTER),
    "devices:uncollected": Row(P.VIEW_REGISTER, desk=True),
    "devices:correct": Row(P.LOG_CUSTODY, BOTH, desk=True),
    "devices:no-device": Row(P.VIEW_REGISTER, desk=True),
    "devices:withdraw-no-device": Row(P.LOG_CUSTODY, BOTH, desk=True),
    # devices: what the office asks and writes down
    "devices:may-use": Row(P.VIEW_PUPILS, BOTH),
    "devices:may-use-of": Row(P.VIEW_PUPILS),
    "devices:areas": Row(P.VIEW_HOME),
    "devices:calls": Row(P.LOG_CUSTODY, BOTH),
    "devices:log-call": Row(P.LOG_CUSTODY, BOTH),
    "devices:messages": Row(P.VIEW_PUPIL_DETAIL, BOTH),
    "devices:take-message": Row(P.LOG_CUSTODY, BOTH),
    "devices:deliver-message": Row(P.VIEW_PUPIL_DETAIL, BOTH, few=True),
    "devices:losses": Row(P.LOG_CUSTODY),
    "devices:report-loss": Row(P.LOG_CUSTODY, BOTH),
    "devices:end-loss": Row(P.LOG_CUSTODY, BOTH),
    "devices:kept-secure": Row(P.VIEW_REGISTER),
    "devices:without-reason": Row(P.VIEW_REGISTER),
    # devices: absences, the chase, the end of the day
    "devices:absences": Row(P.LOG_CUSTODY, BOTH),
    "devices:read-attendance": Row(P.LOG_CUSTODY, BOTH),
    "devices:record-absences": Row(P.LOG_CUSTODY, POST),
    "devices:withdraw-mark": Row(P.LOG_CUSTODY, BOTH),
    "devices:chase": Row(P.VIEW_REGISTER),
    "devices:chase-print": Row(P.VIEW_REGISTER),
    "devices:send-chase": Row(P.LOG_CUSTODY, POST),
    "devices:close-day": Row(P.LOG_CUSTODY, BOTH),
    "devices:desk-settings": Row(P.MANAGE_STORAGE, BOTH),
    "devices:keep-overnight": Row(P.LOG_CUSTODY, BOTH),
    "devices:second-overnight": Row(P.LOG_CUSTODY, POST),
    "devices:parent-told": Row(P.LOG_CUSTODY, BOTH),
    "devices:day-summary": Row(P.VIEW_REGISTER),
    "devices:day-summary-print": Row(P.VIEW_REGISTER),
    # devices: printing
    "devices:prints": Row(P.LOG_CUSTODY, BOTH),
    "devices:print-job": Row(P.LOG_CUSTODY, BOTH),
    "devices:print-file": Row(P.LOG_CUSTODY),
    "devices:label-offsets": Row(P.LOG_CUSTODY, BOTH),
    "devices:receipt": Row(P.LOG_CUSTODY),
    # devices: storage, kinds and records
    "devices:storage": Row(P.MANAGE_STORAGE),
    "devices:add-place": Row(P.MANAGE_STORAGE, BOTH),
    "devices:place": Row(P.LOG_CUSTODY),
    "devices:change-place": Row(P.MANAGE_STORAGE, BOTH),
    "devices:add-slots": Row(P.MANAGE_STORAGE, BOTH),
    "devices:close-place": Row(P.MANAGE_STORAGE, BOTH),
    "devices:slot-state": Row(P.MANAGE_STORAGE, BOTH),
    "devices:types": Row(P.MANAGE_STORAGE, BOTH),
    "devices:change-type": Row(P.MANAGE_STORAGE, BOTH),
    "devices:device": Row(P.VIEW_PUPIL_DETAIL),
    "devices:device-print": Row(P.VIEW_PUPIL_DETAIL),
    "devices:change-device": Row(P.MANAGE_DEVICES, BOTH),
    "devices:retire-device": Row(P.MANAGE_DEVICES, BOTH),
    "devices:pupil-panel": Row(P.VIEW_PUPIL_DETAIL),
    "devices:add-device": Row(P.MANAGE_DEVICES, BOTH),
    "devices:agree-bring": Row(P.VIEW_PUPIL_DETAIL, BOTH),
    "devices:end-bring": Row(P.VIEW_PUPIL_DETAIL, BOTH),
    # policies: documents and acknowledgements
    "policies:home-learning": Row(P.VIEW_PUPIL_DETAIL),
    "policies:set-version": Row(P.EDIT_RULES, BOTH),
    "policies:acknowledge-form": Row(P.EDIT_PUPILS, BOTH),
    "policies:acknowledge": Row(P.EDIT_PUPILS, BOTH),
}
