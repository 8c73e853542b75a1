"""Cells: dates, years, UPNs, numbers, addresses, names and job titles."""

from __future__ import annotations

from datetime import date

import pytest

from core.people.roles import Role
from core.roll import values
from core.roll.values import BadValue, DateOrder

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("19/06/2017", date(2017, 6, 19)),
        ("2021-09-16", date(2021, 9, 16)),
        ("2021-09-16T00:00:00", date(2021, 9, 16)),
        ("06 Mar 2022", date(2022, 3, 6)),
        ("17 October 2021", date(2021, 10, 17)),
        ("1st May 2015", date(2015, 5, 1)),
        ("March 6, 2015", date(2015, 3, 6)),
        ("6-3-2015", date(2015, 3, 6)),
        ("06.03.15", date(2015, 3, 6)),
        ("29/02/2016", date(2016, 2, 29)),
    ],
)
def test_parse_birth_reads_every_usual_form(text: str, born: date) -> None:
    """ORG-24: dates as schools' systems write them."""
    assert values.parse_birth(text, DateOrder.DAY_FIRST, today=TODAY) == born


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("31/02/2012", "not a real date"),
        ("29/02/2015", "not a leap year"),
        ("13/13/2015", "no month 13"),
        ("32/01/2015", "no day 32"),
        ("01/01/2030", "future"),
        ("01/01/1980", "46 years old"),
        ("01/10/2026", "less than a year"),
        ("42066", "day number"),
        ("soon", "cannot be read"),
        ("2015", "cannot be read"),
    ],
)
def test_parse_birth_impossible_date_says_why(text: str, words: str) -> None:
    """W12: "31/02/2012" is not a real date."""
    with pytest.raises(BadValue, match=words):
        values.parse_birth(text, DateOrder.DAY_FIRST, today=TODAY)


def test_date_order_is_decided_for_the_whole_column() -> None:
    """ORG-24: day first unless more dates can only be read with the month first."""
    assert values.date_order(["01/02/2015", "03/04/2015"]) == DateOrder.DAY_FIRST
    assert values.date_order(["01/02/2015", "03/25/2015"]) == DateOrder.MONTH_FIRST
    assert values.date_order(["25/02/2015", "26/02/2015", "03/25/2015"]) == DateOrder.DAY_FIRST


@pytest.mark.parametrize(
    ("text", "year"),
    [("Year 5", 5), ("5", 5), ("05", 5), ("Y11", 11), ("yr 7", 7), ("R", 0), ("Reception", 0), ("Nursery", -1),
     ("N2", -1), ("1", 1), ("2", 2), ("0", 0), ("13", 13)],
)  # fmt: skip
def test_parse_year_group_reads_every_usual_form(text: str, year: int) -> None:
    """ORG-24: year groups in words, letters and figures."""
    assert values.parse_year_group(text) == year


@pytest.mark.parametrize("text", ["14", "99", "Year", "Acorn", "7A", "-2"])
def test_parse_year_group_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        values.parse_year_group(text)


def test_parse_upn_checks_the_letter() -> None:
    """ORG-24: a mistyped UPN is found by its check letter."""
    assert values.parse_upn("n999400121001 ") == "N999400121001"
    assert values.parse_upn("A99940012100B") == "A99940012100B"  # a temporary number
    for wrong in ("N999400121002", "X99940012100", "1999400121001", "I999400121001", ""):
        with pytest.raises(BadValue):
            values.parse_upn(wrong)


def test_parse_phone_keeps_what_was_written() -> None:
    assert values.parse_phone("07700  900914") == "07700 900914"
    assert values.parse_phone("+44 (0)1632 960 001 ext 12") == "+44 (0)1632 960 001 ext 12"
    assert values.parse_phone("7700900914") == "07700900914"
    for wrong in ("0770", "ring mum", "07700 9009140000000", "1+2"):
        with pytest.raises(BadValue):
            values.parse_phone(wrong)


def test_parse_email_allows_accents() -> None:
    """ORG-24: the sample rolls hold addresses with accents."""
    assert values.parse_email("Roisín.Smith@Example.org") == "roisín.smith@example.org"
    for wrong in ("x", "a@b", "a b@example.org", "a@@example.org", "a..b@example.org", "<a@example.org>", "a@example"):
        with pytest.raises(BadValue):
            values.parse_email(wrong)


@pytest.mark.parametrize(
    ("text", "family", "names"),
    [
        ("Thomas, Wren", "", ("Wren", "Thomas")),
        ("Orla Davies", "", ("Orla", "Davies")),
        ("Max van Dijk", "", ("Max", "van Dijk")),
        ("Mary Anne O'Brien", "O'Brien", ("Mary Anne", "O'Brien")),
        ("Mrs Esme Miller", "", ("Esme", "Miller")),
        ("de la Cruz, Ms Ana", "", ("Ana", "de la Cruz")),
        ("Suharto", "", ("", "Suharto")),
    ],
)
def test_split_name_reads_both_orders(text: str, family: str, names: tuple[str, str]) -> None:
    assert values.split_name(text, family) == names


@pytest.mark.parametrize(
    ("title", "roles"),
    [
        ("Headteacher", (Role.HEADTEACHER,)),
        ("Deputy Headteacher", (Role.SLT,)),
        ("Designated Safeguarding Lead", (Role.DSL,)),
        ("Deputy DSL", (Role.DEPUTY_DSL,)),
        ("School Office", (Role.OFFICE,)),
        ("SENCO", (Role.TEACHER,)),
        ("Online Safety Coordinator", (Role.ONLINE_SAFETY_COORDINATOR,)),
        ("Chair of Governors", (Role.GOVERNOR,)),
        ("Safeguarding Governor", (Role.SAFEGUARDING_GOVERNOR,)),
        ("Class Teacher", (Role.TEACHER,)),
        ("Headteacher and DSL", (Role.HEADTEACHER, Role.DSL)),
        ("Assistant Head (DSL)", (Role.SLT, Role.DSL)),
        ("Teaching Assistant", (Role.SUPPORT,)),
        ("Administrator", (Role.OFFICE,)),
        ("Wizard", ()),
    ],
)
def test_roles_for_job_proposes_from_words(title: str, roles: tuple[Role, ...]) -> None:
    """ORG-05: job titles in words become proposed roles; never that of administrator."""
    assert values.roles_for_job(title) == roles


def test_damage_tells_of_lost_and_mangled_letters() -> None:
    """A letter that the export lost or mangled is pointed out and goes in as it is."""
    assert "lost a letter" in str(values.damage("Szczepa?ski"))
    assert "lost a letter" in str(values.damage("?ukasz"))
    assert "Zoë" in str(values.damage("ZoÃ«"))
    for sound in ("Zoë", "Ã", "O'Brien", "Ångström", "Łukasz", ""):
        assert values.damage(sound) is None
