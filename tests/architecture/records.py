"""One record of every kind that an address can name, so that the sweeps can fill in any address."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

ALLAUTH = ("account_", "mfa_")


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
    return name.split(":")[0] in {"people", "rules", "roll", "notices", "devices", "overview"}


class Records:
    """Makes records in one school, each once, when an address asks for it."""

    def __init__(self, school: Any, at: datetime) -> None:
        self.school, self.at = school, at
        self.made: dict[str, Any] = {}

    def value(self, kind: str, view: Any) -> Any:
        """What stands in an address for `kind`."""
        if kind == "school":
            return self.school.slug
        maker = getattr(self, f"make_{kind}", None)
        assert maker is not None, f"tests/architecture/records.py cannot make a {kind!r}: teach it"
        if kind not in self.made:
            self.made[kind] = maker()
        made = self.made[kind]
        return getattr(made, "pk", made)

    def _get(self, kind: str) -> Any:
        if kind not in self.made:
            self.made[kind] = getattr(self, f"make_{kind}")()
        return self.made[kind]

    # people
    def make_form(self) -> Any:
        from tests.factories import make_form

        return make_form(self.school, year=8)

    def make_pupil(self) -> Any:
        from tests.factories import make_pupil

        return make_pupil(self.school, "Amara", form=self._get("form"))

    def make_contact(self) -> Any:
        from tests.factories import make_contact

        return make_contact(self._get("pupil"))

    def make_person(self) -> Any:
        from tests.factories import make_user

        return make_user("teacher", self.school)

    def make_holding(self) -> Any:
        from core.people.models import RoleHolding

        return RoleHolding.objects.filter(user=self._get("person"), school=self.school).get()

    def make_reset(self) -> Any:
        from core.people.models import FactorReset
        from tests.factories import make_user

        asked_by = make_user("administrator", self.school)
        return self._saved(
            FactorReset(
                school=self.school, user=self._get("person"), reason="Lost", asked_by=asked_by, asked_at=self.at
            )
        )

    def make_body(self) -> Any:
        from core.people.models import OutsideBody

        return self._saved(OutsideBody(school=self.school, kind="police", name="Neighbourhood team"))

    def make_placement(self) -> Any:
        from core.people.models import Placement

        return self._saved(Placement(school=self.school, pupil=self._get("pupil"), provider="Forge Training"))

    def make_term(self) -> Any:
        from core.people.models import Term

        return self._saved(
            Term(school=self.school, name="Autumn", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 18))
        )

    def make_calendar_day(self) -> Any:
        from core.people.models import CalendarDay

        return self._saved(CalendarDay(school=self.school, date=date(2026, 10, 26), kind="holiday"))

    def make_day_time(self) -> Any:
        from datetime import time

        from core.people.models import DayTime

        return self._saved(DayTime(school=self.school, key="start", time=time(8, 40), effective_from=date(2026, 9, 1)))

    # devices
    def make_place(self) -> Any:
        from devices.operations import add_place

        return add_place(
            school=self.school, actor=None, at=self.at, name="Safe", kind="safe", lockable=True, purpose="daily",
            slots=3,
        )  # fmt: skip

    def make_slot(self) -> Any:
        return self._get("place").slots.order_by("number").last()

    def make_device_type(self) -> Any:
        from devices.operations import seed_device_types

        return seed_device_types(school=self.school, actor=None, at=self.at)[0]

    def make_device(self) -> Any:
        from devices.operations import add_device

        return add_device(
            school=self.school, actor=None, at=self.at, pupil=self._get("pupil"), type=self._get("device_type")
        )

    def make_custody(self) -> Any:
        from devices.operations import hand_in_device
        from tests.factories import make_user

        self._get("place")
        device = self._get("device")
        return hand_in_device(
            school=self.school,
            actor=make_user("office", self.school),
            at=self.at,
            pupil=device.pupil,
            device=device,
            switched_off=True,
        )

    def make_declaration(self) -> Any:
        from devices.operations import declare_no_device
        from tests.factories import make_pupil, make_user

        return declare_no_device(
            school=self.school,
            actor=make_user("office", self.school),
            at=self.at,
            pupil=make_pupil(self.school, "Ben"),
        )

    def make_bring(self) -> Any:
        from devices.operations import agree_bring_device
        from tests.factories import make_user

        return agree_bring_device(
            school=self.school,
            actor=make_user("headteacher", self.school),
            at=self.at,
            pupil=self._get("pupil"),
            reason="Walks home alone",
            starts_on=self.at.date(),
            ends_on=self.at.date(),
        )

    # notices and rules
    def make_notice(self) -> Any:
        from core.notices.operations import notify
        from tests.factories import make_user

        return notify(
            school=self.school, recipients=[make_user("dsl", self.school)], kind="test", subject="A record needs you.",
            url="/", at=self.at, dedupe_key="sweep", email=False,
        )[0]  # fmt: skip

    def make_section(self) -> str:
        from core.rules.catalogue import SECTIONS

        return next(iter(SECTIONS.values() if isinstance(SECTIONS, dict) else SECTIONS)).slug

    def make_change(self) -> Any:
        from datetime import timedelta

        from core.rules.operations import change_rule
        from tests.factories import make_user

        return change_rule(
            school=self.school,
            actor=make_user("administrator", self.school),
            at=self.at,
            key="handin_required",
            value="no",
            effective_from=self.at.date() + timedelta(days=30),
            reason="A trial after Christmas.",
        )

    # the record
    def make_entry(self) -> Any:
        from core.audit.operations import record

        return record(school=self.school, actor=None, action="test.look", at=self.at, obj=self._get("pupil"))

    def make_key(self) -> str:
        return "handin_required"

    def _saved(self, item: Any) -> Any:
        item.stamp(by=None, at=self.at)
        item.save()
        return item
