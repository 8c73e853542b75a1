"""One record of every kind that an address can name, so that the sweeps can fill in any address."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.architecture import (
    records_agreements,
    records_approvals,
    records_cases,
    records_conduct,
    records_consents,
    records_course,
    records_papers,
    records_permissions_assets,
    records_permissions_exceptional,
    records_permissions_staff,
    records_searches,
)

ALLAUTH = ("account_", "mfa_")

# Words that stand nowhere else, so that a sweep can tell whether a pupil's name, a note or an address has got out.
FORENAME, SURNAME = "Quillamine", "Wrenfeatherby"
NOTE = "Zephyrdust allergy, pen in the office"
EMAIL = "marrowdown@example.org"
LONG_FORENAME, LONG_SURNAME = "Maximiliana-Theodora", "Featherstonehaugh-Cholmondeley-Worthington"
CANARIES = ("quillamine", "wrenfeatherby", "zephyrdust", "marrowdown")

_numbers = itertools.count(1)


def named_patterns() -> dict[str, URLPattern]:
    """Every address of the site by its full name ("devices:arrivals"), django-allauth's own left out."""
    found: dict[str, URLPattern] = {}

    def walk(patterns: list[Any], prefix: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                walk(pattern.url_patterns, space)
            else:
                assert pattern.name, f"{pattern} has no name"
                if not pattern.name.startswith(ALLAUTH):
                    found[prefix + pattern.name] = pattern

    walk(get_resolver().url_patterns, "")
    return found


def kwargs_of(name: str) -> set[str]:
    """The names of the parts of an address that vary."""
    resolver: Any = get_resolver()
    *spaces, last = name.split(":")
    kwargs: set[str] = set()
    for space in spaces:
        prefix, resolver_inside = resolver.namespace_dict[space]
        kwargs |= set(resolver_inside.pattern.converters)
        resolver = resolver_inside
        del prefix
    for _possibility, pattern, _defaults, converters in resolver.reverse_dict.getlist(last):
        del pattern
        kwargs |= set(converters)
        break
    if "school" not in kwargs and _is_inside_school(name):
        kwargs.add("school")
    return kwargs


def _is_inside_school(name: str) -> bool:
    return name.split(":")[0] in {
        "people",
        "rules",
        "roll",
        "notices",
        "devices",
        "policies",
        "overview",
        "incidents",
        "agreements",
    }


class Records(
    records_searches.SearchRecords,
    records_papers.PaperRecords,
    records_cases.CaseRecords,
    records_course.CourseRecords,
    records_agreements.AgreementRecords,
    records_consents.ConsentRecords,
    records_conduct.ConductRecords,
    records_approvals.ApprovalRecords,
    records_permissions_exceptional.ExceptionalRecords,
    records_permissions_assets.AssetRecords,
    records_permissions_staff.StaffPermissionRecords,
):
    """Makes records in one school, each once, when an address asks for it.

    `reader` gets the notices, and asks for what somebody else has to confirm. Where an address needs its record in a
    state of its own (an import that is running, an account that is switched off), `FITTING` says which. `long` gives
    everything the longest names that people have.
    """

    FITTING: ClassVar[dict[str, dict[str, str]]] = {
        **records_searches.FITTING,
        **records_papers.FITTING,
        **records_cases.FITTING,
        **records_course.FITTING,
        **records_agreements.FITTING,
        **records_consents.FITTING,
        **records_conduct.FITTING,
        **records_approvals.FITTING,
        **records_permissions_exceptional.FITTING,
        **records_permissions_assets.FITTING,
        **records_permissions_staff.FITTING,
        "people:ask-factor-reset": {"person": "person_with_second_step"},
        "people:confirm-factor-reset": {"person": "person_with_second_step"},
        "people:reactivate": {"person": "person_switched_off"},
        "people:resend-invitation": {"person": "person_invited"},
        "people:bring-back-pupil": {"pupil": "pupil_who_left"},
        "people:medical-note": {"pupil": "pupil_with_note"},
        "people:lift-bar": {"contact": "contact_barred"},
        "roll:progress": {"roll_import": "import_running"},
        "roll:resume": {"roll_import": "import_stopped"},
        "roll:result": {"roll_import": "import_applied"},
        "roll:undo": {"roll_import": "import_applied"},
        "notices:acknowledge": {"notice": "notice_urgent"},
        "devices:print-job": {"print_job": "print_failed"},
        "devices:release": {"custody": "stay_taken"},
        "devices:taken": {"custody": "stay_taken"},
        "devices:store-taken": {"custody": "stay_taken"},
        "devices:sign-off": {"custody": "stay_taken"},
        "devices:withdraw-taking": {"custody": "stay_taken"},
        "devices:decide-release": {"custody": "stay_undecided"},
        "devices:escalate": {"custody": "stay_taken"},
        "devices:stop-withholding": {"parent_notice": "notice_withheld"},
        "devices:hand-to-police": {"custody": "custody_held"},
        "devices:decide-after-police": {"custody": "custody_back"},
        "devices:place-hold": {"pupil": "pupil_with_device_here"},
    }

    # What stands on a page about one record, or in a list, when there is something to show.
    SHOWN: ClassVar[dict[str, tuple[str, ...]]] = {
        **records_searches.SHOWN,
        **records_papers.SHOWN,
        **records_cases.SHOWN,
        **records_course.SHOWN,
        **records_agreements.SHOWN,
        **records_consents.SHOWN,
        **records_conduct.SHOWN,
        **records_approvals.SHOWN,
        **records_permissions_exceptional.SHOWN,
        **records_permissions_assets.SHOWN,
        "people:pupil": ("contact", "contact_barred", "placement", "custody", "bring"),
        "people:person": ("holding", "reset"),
        "people:desks": ("desk", "desk_pin", "desk_revoked"),
        "people:calendar": ("term",),
        "people:directory": ("body",),
        "people:print-directory": ("body",),
        "devices:pupil-panel": ("custody", "bring", "message", "damage", "acknowledgement"),
        "devices:calls": ("call",),
        "devices:messages": ("message", "message_urgent"),
        "devices:losses": ("loss", "damage"),
        "devices:may-use-of": ("placement", "exceptional_live"),
        "devices:kept-secure": ("device",),
        "devices:without-reason": ("device",),
        "policies:home-learning": ("acknowledgement",),
        "policies:acknowledge": ("document_version",),
        "policies:acknowledge-form": ("document_version", "pupil"),
        "devices:device": ("custody",),
        "devices:device-print": ("custody",),
        "devices:place": ("custody",),
        "devices:no-device": ("declaration",),
        "devices:uncollected": ("uncollected",),
        "devices:absences": ("mark",),
        "devices:chase": ("missing", "chase"),
        "devices:chase-print": ("missing", "chase"),
        "devices:close-day": ("custody", "uncollected", "decision", "contact"),
        "devices:keep-overnight": ("contact",),
        "devices:day-summary": ("uncollected", "decision", "chase", "closed"),
        "devices:day-summary-print": ("uncollected", "decision", "chase", "closed"),
        "devices:whole-form-list": ("pupil",),
        "devices:whole-form": ("device",),
        "devices:whole-form-paper": ("device",),
        "devices:return-form": ("custody",),
        "devices:arrivals": ("custody", "declaration"),
        "devices:returns": ("custody", "uncollected"),
        "devices:held": ("stay_taken", "stay_undecided", "custody_held"),
        "devices:release-desk": ("stay_taken", "stay_undecided", "release"),
        "devices:release": ("contact", "claim"),
        "devices:parents-to-tell": ("parent_notice", "notice_told", "notice_withheld"),
        "devices:parent-notice": ("contact",),
        "devices:prints": ("form", "place", "print_job", "print_failed"),
        "devices:evidence": ("hold", "hold_lifted", "handover", "custody_back"),
        "devices:police": ("hold", "handover", "custody_back"),
        "devices:story": ("custody",),
        "devices:parked": ("parked",),
        "devices:offline-scans": ("scan",),
        "devices:gates": ("gate",),
        "notices:inbox": ("notice", "notice_urgent"),
        "overview:home": ("notice_urgent", "change", "uncollected", "proposal"),
        "roll:confirm-do-not-inform": ("proposal",),
        "roll:list": ("roll_import", "import_stopped"),
        "rules:coming": ("change",),
        "rules:differences": ("change",),
        "rules:history": ("change",),
    }

    def __init__(self, school: Any, at: datetime, reader: Any = None, *, long: bool = False) -> None:
        self.school, self.at, self._reader, self.is_long = school, at, reader, long
        self.forename, self.surname = (LONG_FORENAME, LONG_SURNAME) if long else (FORENAME, SURNAME)
        self.made: dict[str, Any] = {}

    def address(self, name: str, **given: Any) -> str:
        """The address `name` in this school, with a record for each part of it that varies."""
        return reverse(name, kwargs=self.kwargs(name) | given)

    def kwargs(self, name: str) -> dict[str, Any]:
        return {kind: self.value(kind, name) for kind in sorted(kwargs_of(name))}

    def body(self, name: str) -> dict[str, Any]:
        """What a form sends at the least: nothing, but for a page of many forms the record that one is about."""
        if name == "roll:confirm-do-not-inform":
            return {"proposal": self.make("proposal").pk}
        return {}

    def show(self, name: str) -> None:
        """Make what the page `name` has to show."""
        for kind in self.SHOWN.get(name, ()):
            self.make(kind)

    def value(self, kind: str, name: str) -> Any:
        """What stands in the address `name` for `kind`."""
        if kind == "school":
            return self.school.slug
        made = self.make(self.FITTING.get(name, {}).get(kind, kind))
        return getattr(made, "pk", made)

    def make(self, kind: str) -> Any:
        """The one record of this kind, made when it is first asked for."""
        if kind not in self.made:
            maker = getattr(self, f"make_{kind}", None)
            assert maker is not None, f"tests/architecture/records.py cannot make a {kind!r}: teach it"
            self.made[kind] = maker()
        return self.made[kind]

    def said(self, text: str, most: int) -> str:
        """A text of the record; among long ones as long as its field takes, with a word that does not break."""
        return f"{text} {'Llanfairpwllgwyngyllgogerychwyrndrobwll ' * 8}"[:most].strip() if self.is_long else text

    @property
    def reader(self) -> Any:
        if self._reader is None:
            from tests.factories import make_user

            self._reader = make_user("dsl", self.school)
        return self._reader

    @property
    def administrator(self) -> Any:
        return self.make("administrator")

    def make_administrator(self) -> Any:
        from tests.factories import make_user

        return make_user("administrator", self.school)

    def _upn(self) -> str:
        from core.roll.values import upn_check_letter

        digits = f"999{next(_numbers):09d}"
        return upn_check_letter(digits) + digits

    # people
    def make_form(self) -> Any:
        from tests.factories import make_form

        return make_form(self.school, year=8)

    def make_pupil(self) -> Any:
        from tests.factories import make_pupil

        return make_pupil(self.school, self.forename, self.surname, form=self.make("form"))

    def make_pupil_who_left(self) -> Any:
        from datetime import timedelta

        from tests.factories import BEGIN, make_pupil

        left_on = self.at.date() - timedelta(days=3)
        return make_pupil(self.school, self.forename, self.surname, joined_on=BEGIN, left_on=left_on)

    def make_pupil_with_note(self) -> Any:
        from tests.factories import make_pupil

        return make_pupil(
            self.school, self.forename, self.surname, form=self.make("form"), medical_note=self.said(NOTE, 300)
        )

    def make_contact(self) -> Any:
        from tests.factories import make_contact

        return make_contact(self.make("pupil"), self.surname, email=EMAIL, court_order_note=self.said(NOTE, 300))

    def make_contact_barred(self) -> Any:
        from tests.factories import make_contact

        return make_contact(self.make("pupil"), self.surname, email=EMAIL, do_not_inform=True, may_collect=False)

    def _family(self) -> dict[str, str]:
        return {"family_name": self.surname} if self.is_long else {}

    def make_person(self) -> Any:
        from tests.factories import make_user

        return make_user("teacher", self.school, given_name=self.forename, **self._family())

    def make_person_with_second_step(self) -> Any:
        from allauth.mfa.models import Authenticator

        person = self.make("person")
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
        return person

    def make_person_switched_off(self) -> Any:
        from core.people.operations import deactivate_account

        return deactivate_account(
            school=self.school,
            actor=self.administrator,
            at=self.at,
            user=self.make("person"),
            reason=self.said("A lost phone", 300),
        )

    def make_person_invited(self) -> Any:
        from core.people.operations import invite_person

        return invite_person(
            school=self.school, actor=self.administrator, at=self.at, email=f"invited{next(_numbers)}@example.org",
            given_name=self.forename, family_name=self.surname, category="teacher",
        )  # fmt: skip

    def make_holding(self) -> Any:
        from core.people.models import RoleHolding

        return RoleHolding.objects.filter(user=self.make("person"), school=self.school).get()

    def make_reset(self) -> Any:
        from core.people.operations import ask_factor_reset

        return ask_factor_reset(
            school=self.school, actor=self.administrator, at=self.at, user=self.make("person_with_second_step"),
            reason=self.said("Their phone was stolen.", 300),
        )  # fmt: skip

    def make_desk(self) -> Any:
        from core.people.operations import enrol_device

        return enrol_device(
            school=self.school, actor=self.administrator, at=self.at,
            name=self.said(f"Front office PC {next(_numbers)}", 60),
        )  # fmt: skip

    def make_desk_revoked(self) -> Any:
        from core.people.operations import revoke_device

        return revoke_device(school=self.school, actor=self.administrator, at=self.at, device=self.make_desk())

    def make_desk_pin(self) -> Any:
        from core.people.operations import issue_pin

        return issue_pin(school=self.school, actor=self._office(), at=self.at)

    def make_body(self) -> Any:
        from core.people.models import OutsideBody

        return self._saved(
            OutsideBody(school=self.school, kind="police", name=self.said(f"Team {next(_numbers)}", 120))
        )

    def make_placement(self) -> Any:
        from core.people.models import Placement

        return self._saved(
            Placement(school=self.school, pupil=self.make("pupil"), provider=self.said("Forge Training", 120))
        )

    def make_term(self) -> Any:
        from core.people.models import Term

        year = self.at.year + next(_numbers)  # terms of a school may not overlap
        return self._saved(
            Term(
                school=self.school, name=self.said("Autumn", 60), starts_on=date(year, 9, 1), ends_on=date(year, 12, 18)
            )
        )

    # the roll
    def _uploaded(self, *rows: list[str], problem: bool = False) -> Any:
        from core.roll.operations import upload_roll
        from tests.roll.conftest import PUPIL_HEAD, csv_of

        wrong = [[self._upn(), "", "", "", "31/02/2015", "7", "7A"]] if problem else []
        return upload_roll(
            school=self.school, actor=self.administrator, at=self.at, files=[csv_of(PUPIL_HEAD, *rows, *wrong)]
        )

    def _row(self) -> list[str]:
        number = next(_numbers)
        return [self._upn(), f"R{number:05d}", self.surname, self.forename, f"{number % 28 + 1:02d}/03/2015", "7", "7A"]

    def make_roll_import(self) -> Any:
        """Ready to apply, with a problem."""
        return self._uploaded(self._row(), problem=True)

    def make_import_running(self) -> Any:
        """Begun, and no worker has come: one at a time in a school."""
        from core.roll.operations import apply_roll
        from core.roll.queries import running_import

        running = running_import(self.school)
        return running or apply_roll(
            school=self.school, actor=self.administrator, at=self.at, roll_import=self._uploaded(self._row())
        )

    def make_import_stopped(self) -> Any:
        from core.roll.operations import running

        begun = self.make("import_running")
        self.made.pop("import_running")
        return running.fail_roll(school=self.school, actor=None, at=self.at, roll_import=begun)

    def make_import_applied(self) -> Any:
        from core.roll.operations import run_roll_import

        begun = self.make("import_running")
        self.made.pop("import_running")
        assert run_roll_import(import_id=begun.pk, at=self.at)
        begun.refresh_from_db()
        return begun

    def make_proposal(self) -> Any:
        from core.roll.models import ProposedDoNotInform

        return ProposedDoNotInform.objects.create(
            school=self.school,
            contact=self.make("contact"),
            roll_import=self.make("roll_import"),
            note=self.said(NOTE, 300),
        )

    # devices
    def make_place(self) -> Any:
        from devices.operations import add_place

        return add_place(
            school=self.school, actor=None, at=self.at, name=self.said(f"Safe {next(_numbers)}", 60), kind="safe",
            lockable=True, purpose="daily", slots=3,
        )  # fmt: skip

    def make_slot(self) -> Any:
        return self.make("place").slots.order_by("number").last()

    def make_device_type(self) -> Any:
        from devices.models import DeviceType
        from devices.operations import seed_device_types

        seed_device_types(school=self.school, actor=None, at=self.at)
        return DeviceType.objects.filter(school=self.school, key="phone").get()

    def make_device(self) -> Any:
        from devices.operations import add_device

        return add_device(
            school=self.school, actor=None, at=self.at, pupil=self.make("pupil"), type=self.make("device_type"),
            colour=self.said("black", 40), make=self.said("Fair", 60), model=self.said("Phone 3", 60),
            mark=self.said("A scratch", 120), note=self.said("In a green case", 200),
        )  # fmt: skip

    def make_custody(self) -> Any:
        from devices.operations import hand_in_device
        from tests.factories import make_user

        self.make("place")
        device = self.make("device")
        return hand_in_device(
            school=self.school, actor=make_user("office", self.school), at=self.at, pupil=device.pupil, device=device,
            switched_off=True, condition=self.said("A crack", 200), note=self.said("Screen down", 200),
        )  # fmt: skip

    def make_uncollected(self) -> Any:
        from datetime import timedelta

        from devices.operations import mark_uncollected

        earlier = Records(self.school, self.at - timedelta(days=3), self._reader, long=self.is_long)
        stay = earlier.make("custody")
        mark_uncollected(school=self.school, actor=None, at=self.at)
        stay.refresh_from_db()
        assert stay.state == "uncollected"
        return stay

    def make_gate(self) -> Any:
        from devices.operations import add_gate

        return add_gate(school=self.school, actor=None, at=self.at, name=self.said("River gate", 60))

    def make_parked(self) -> Any:
        from devices.operations import park_device
        from tests.factories import make_user

        self.make("place")
        return park_device(
            school=self.school, actor=make_user("office", self.school), at=self.at, typed=self.said(NOTE, 80)
        )

    def make_scan(self) -> Any:
        """A scan of the pupil's made without the line, that nobody saw switched off and nobody has settled."""
        from devices.models import OfflineScan
        from devices.operations import record_offline_scan
        from tests.factories import make_user

        said = {"school": self.school, "actor": make_user("office", self.school), "at": self.at, "act": "hand_in"}
        code, key = self.make("pupil").code, uuid4()
        record_offline_scan(**said, submission=key, code=code, happened_at=self.at - timedelta(days=15))
        return OfflineScan.objects.get(submission=key)

    def make_declaration(self) -> Any:
        from devices.operations import declare_no_device
        from tests.factories import make_pupil, make_user

        return declare_no_device(
            school=self.school,
            actor=make_user("office", self.school),
            at=self.at,
            pupil=make_pupil(self.school, self.forename, self.surname),
        )

    def make_mark(self) -> Any:
        from devices.enums import MarkKind
        from devices.operations import mark_day
        from tests.factories import make_pupil, make_user

        return mark_day(
            school=self.school, actor=make_user("office", self.school), at=self.at, kind=MarkKind.ABSENT,
            pupil=make_pupil(self.school, self.forename, self.surname), note=self.said("Unwell", 200),
        )  # fmt: skip

    def make_missing(self) -> Any:
        """A pupil of a form with a tutor, who has a phone and has not been seen."""
        from devices.operations import add_device
        from tests.factories import make_form, make_pupil, make_user

        form = make_form(self.school, tutor=make_user("form_tutor", self.school, **self._family()))
        pupil = make_pupil(self.school, self.forename, self.surname, form=form)
        add_device(school=self.school, actor=None, at=self.at, pupil=pupil, type=self.make("device_type"))
        return pupil

    def make_chase(self) -> Any:
        from devices.operations import send_chase
        from tests.factories import make_user

        self.make("missing")
        return send_chase(school=self.school, actor=make_user("office", self.school), at=self.at)

    def make_decision(self) -> Any:
        """A device kept overnight that waits for a second name."""
        from datetime import timedelta

        from devices.models import DeskSettings
        from devices.operations import change_desk_settings, keep_overnight
        from tests.factories import make_user

        office = make_user("office", self.school)
        if not DeskSettings.objects.filter(school=self.school).exists():
            change_desk_settings(
                school=self.school, actor=office, at=self.at, overnight_two_names=True, tell_parents_uncollected=False
            )
        fresh = Records(self.school, self.at, long=self.is_long)
        return keep_overnight(
            school=self.school, actor=office, at=self.at, custody=fresh.make("custody"),
            reason=self.said("The last bus goes at 3:20pm.", 200), keep_until=self.at.date() + timedelta(days=1),
        )  # fmt: skip

    def make_closed(self) -> Any:
        from devices.operations import close_day
        from devices.queries import last_close, left_devices
        from tests.factories import make_user

        left, last = left_devices(self.school, self.at.date()), last_close(self.school, self.at.date())
        return close_day(
            school=self.school, actor=make_user("office", self.school), at=self.at, counted=0,
            reasons={one.stay.pk: self.said("Fetched tomorrow", 200) for one in left},
            note=self.said("Counted in a hurry", 500), after=last.number if last else 0,
        )  # fmt: skip

    def make_bring(self) -> Any:
        from devices.operations import agree_bring_device
        from tests.factories import make_user

        return agree_bring_device(
            school=self.school,
            actor=make_user("headteacher", self.school),
            at=self.at,
            pupil=self.make("pupil"),
            reason=self.said(NOTE, 200),
            starts_on=self.at.date(),
            ends_on=self.at.date(),
        )

    # what the office writes down
    def _office(self) -> Any:
        from tests.factories import make_user

        return make_user("office", self.school)

    def make_call(self) -> Any:
        from devices.operations import log_call

        return log_call(
            school=self.school, actor=self._office(), at=self.at, pupil=self.make("pupil"), reason="other",
            dialled_by="pupil", called_at=self.at, called_name=self.said("Their aunt", 160),
            detail=self.said(NOTE, 200),
        )  # fmt: skip

    def make_message(self, *, is_urgent: bool = False) -> Any:
        from devices.operations import take_message

        return take_message(
            school=self.school, actor=self._office(), at=self.at, pupil=self.make("pupil"),
            from_name=self.said("Their aunt", 160), text=self.said(NOTE, 500), is_urgent=is_urgent,
        )  # fmt: skip

    def make_message_urgent(self) -> Any:
        return self.make_message(is_urgent=True)

    def make_damage(self) -> Any:
        from devices.operations import report_loss

        return report_loss(
            school=self.school, actor=self._office(), at=self.at, custody=self.make("custody"), kind="damaged",
            noticed_at=self.at, told_by=self.said("The office", 160), account=self.said(NOTE, 2000),
        )  # fmt: skip

    def make_loss(self) -> Any:
        """Of a device of its own: its stay is over."""
        from devices.operations import report_loss

        return report_loss(
            school=self.school, actor=self._office(), at=self.at, kind="lost", noticed_at=self.at,
            custody=Records(self.school, self.at, self._reader, long=self.is_long).make("custody"),
            told_by=self.said("The office", 160), account=self.said(NOTE, 2000),
        )  # fmt: skip

    # evidence and the police: each of a device of its own
    def make_pupil_with_device_here(self) -> Any:
        self.make("custody")
        return self.make("pupil")

    def make_hold(self) -> Any:
        from devices.operations.taken import place_hold

        fresh = Records(self.school, self.at, self._reader, long=self.is_long)
        return place_hold(
            school=self.school, actor=self._office(), at=self.at, custody=fresh.make("custody"), reason="crime",
            note=self.said(NOTE, 500), bag=self.said("E-114", 40),
        )  # fmt: skip

    def make_hold_lifted(self) -> Any:
        from devices.operations.taken import lift_hold

        return lift_hold(
            school=self.school, actor=self.reader, at=self.at, hold=self.make_hold(), because=self.said(NOTE, 500)
        )

    def make_custody_held(self) -> Any:
        return self.make_hold().custody

    def make_handover(self) -> Any:
        from devices.operations.taken import hand_to_police

        return hand_to_police(
            school=self.school, actor=self.reader, at=self.at, custody=self.make_hold().custody,
            officer_name=self.said("Officer Hale", 160), officer_number="4417", station=self.said("Northgate", 120),
            reference=self.said("42/117", 60), items=self.said("A phone", 500), condition=self.said("Cracked", 200),
            officer_signed=True,
        )  # fmt: skip

    def make_custody_back(self) -> Any:
        from devices.operations.taken import take_back_from_police

        handover = take_back_from_police(
            school=self.school, actor=self.reader, at=self.at, handover=self.make_handover(),
            officer=self.said("Officer Hale", 160), condition=self.said("As before", 200),
        )  # fmt: skip
        return handover.custody

    # documents
    def make_document_version(self) -> Any:
        from policies.operations import add_version
        from policies.queries import version_in_force

        return version_in_force(self.school, "home_learning", self.at.date()) or add_version(
            school=self.school, actor=self.administrator, at=self.at, kind="home_learning",
            title=self.said("Acceptable use", 200), label=self.said("2026", 60), starts_on=self.at.date(),
        )  # fmt: skip

    def make_acknowledgement(self) -> Any:
        from policies.operations import record_acknowledgement

        return record_acknowledgement(
            school=self.school, actor=self._office(), at=self.at, pupil=self.make("pupil"),
            version=self.make("document_version"), acknowledged_on=self.at.date(), method="paper",
        )  # fmt: skip

    def make_print_job(self) -> Any:
        """Ready to be opened."""
        return self._print(state="ready", content=b"%PDF-1.7", checksum="0" * 64, done=24, pages=1)

    def make_print_failed(self) -> Any:
        return self._print(state="failed", done=3, tries=3)

    def _print(self, **fields: Any) -> Any:
        from devices.models import PrintJob
        from tests.factories import make_user

        return PrintJob.objects.create(
            school=self.school, kind="slot_labels", wanted={"sheet": "3x8", "start": 1}, total=24,
            requested_by=make_user("office", self.school), requested_at=self.at, **fields,
        )  # fmt: skip

    # release, and parents to tell
    def _taken(self, rule: str) -> Any:
        from tests.factories import make_user
        from tests.factories.taking import make_taken

        device = self.make_device()  # one of its own: the other may be here by arrangement
        teacher = make_user("teacher", self.school, **self._family())
        return make_taken(
            device.pupil, device, by=teacher, at=self.at, release_rule=rule, seen=self.said(NOTE, 1000),
            place=self.make("place"),
        )  # fmt: skip

    def make_stay_taken(self) -> Any:
        """Taken, and the pupil may have it at the end of the day."""
        return self._taken("pupil_end_of_day_unless_escalated")

    def make_stay_undecided(self) -> Any:
        return self._taken("unspecified")

    def make_claim(self) -> Any:
        """Somebody asked for the taken device and was refused."""
        from devices.models import ReleaseRefusal
        from devices.operations.taken import FriendMayNotCollect, release_device

        stay = self.make("stay_taken")
        try:
            release_device(
                school=self.school, actor=self._office(), at=self.at, custody=stay, to="friend",
                claimant_name=self.said(NOTE, 160),
            )  # fmt: skip
        except FriendMayNotCollect:
            return ReleaseRefusal.objects.get(custody=stay)

    def make_release(self) -> Any:
        """Of a device of its own, to a parent who may come at any time."""
        from devices.operations.taken import release_device

        fresh = Records(self.school, self.at, self._reader, long=self.is_long)
        stay, contact = fresh.make("stay_taken"), fresh.make("contact")
        return release_device(
            school=self.school, actor=self._office(), at=self.at, custody=stay, to="contact", contact=contact,
            identity="other", identity_note=self.said("Rang the number on the record", 120), signed="initials",
            initials="QW", condition=self.said("No damage seen", 200), place="elsewhere",
            where=self.said("Reception", 120),
        )  # fmt: skip

    def make_parent_notice(self) -> Any:
        from devices.enums import NoticeAbout
        from devices.operations.taken import open_notice

        stay = self.make("stay_taken")
        return open_notice(
            school=self.school, actor=self._office(), at=self.at, about=NoticeAbout.TAKEN, pupil=stay.pupil,
            custody=stay,
        )  # fmt: skip

    def make_notice_told(self) -> Any:
        from devices.operations.taken import tell_parent

        fresh = Records(self.school, self.at, self._reader, long=self.is_long)
        return tell_parent(
            school=self.school, actor=self._office(), at=self.at, notice=fresh.make("parent_notice"),
            contact=fresh.make("contact"), how="phone", message=self.said(NOTE, 1000),
        )  # fmt: skip

    def make_notice_withheld(self) -> Any:
        from devices.operations.taken import withhold_notice
        from tests.factories import make_user

        fresh = Records(self.school, self.at, self._reader, long=self.is_long)
        return withhold_notice(
            school=self.school, actor=make_user("dsl", self.school), at=self.at, notice=fresh.make("parent_notice"),
            because=self.said(NOTE, 500),
        )  # fmt: skip

    # notices and rules
    def make_notice(self) -> Any:
        return self._notice(urgent=False)

    def make_notice_urgent(self) -> Any:
        return self._notice(urgent=True)

    def _notice(self, *, urgent: bool) -> Any:
        from core.notices.operations import notify

        return notify(
            school=self.school, recipients=[self.reader], kind="test", subject=self.said("A record needs you.", 160),
            url="/", at=self.at, urgent=urgent, dedupe_key=f"sweep.{next(_numbers)}", email=False,
        )[0]  # fmt: skip

    def make_section(self) -> str:
        from core.rules.catalogue import SECTIONS

        return SECTIONS[0].slug

    def make_change(self) -> Any:
        from datetime import timedelta

        from core.rules.operations import change_rule
        from core.rules.queries import for_school

        day = self.at.date() + timedelta(days=30 + next(_numbers))
        self.school.refresh_from_db()
        return change_rule(
            school=self.school,
            actor=self.administrator,
            at=self.at,
            key="handin_required",
            value="yes" if for_school(self.school, on=day).handin_required == "no" else "no",
            effective_from=day,
            reason=self.said("A trial after Christmas.", 300),
        )

    # the record
    def make_entry(self) -> Any:
        from core.audit.operations import record

        return record(school=self.school, actor=None, action="test.look", at=self.at, obj=self.make("pupil"))

    def make_key(self) -> str:
        return "handin_required"

    # the ways in
    def make_token(self) -> str:
        raise AssertionError("a token opens one kind of page: see test_the_ways_in")

    def _saved(self, item: Any) -> Any:
        item.stamp(by=None, at=self.at)
        item.save()
        return item
