"""Working days of England and Wales, held to the list that the government publishes."""

from __future__ import annotations

from datetime import date

import pytest

from core.kit.working_days import bank_holidays, easter, is_working_day, next_working_day

# As gov.uk lists them: month and day.
PUBLISHED = {
    2020: "1-1 4-10 4-13 5-8 5-25 8-31 12-25 12-28",
    2021: "1-1 4-2 4-5 5-3 5-31 8-30 12-27 12-28",
    2022: "1-3 4-15 4-18 5-2 6-2 6-3 8-29 9-19 12-26 12-27",
    2023: "1-2 4-7 4-10 5-1 5-8 5-29 8-28 12-25 12-26",
    2024: "1-1 3-29 4-1 5-6 5-27 8-26 12-25 12-26",
    2025: "1-1 4-18 4-21 5-5 5-26 8-25 12-25 12-26",
    2026: "1-1 4-3 4-6 5-4 5-25 8-31 12-25 12-28",
    2027: "1-1 3-26 3-29 5-3 5-31 8-30 12-27 12-28",
    2028: "1-3 4-14 4-17 5-1 5-29 8-28 12-25 12-26",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_are_those_published(year: int) -> None:
    """SG-7: one working day leaves bank holidays out, those kept on another day and those proclaimed among them."""
    days = {date(year, *map(int, said.split("-"))) for said in PUBLISHED[year].split()}
    assert bank_holidays(year) == days


@pytest.mark.parametrize(
    ("year", "sunday"), [(2008, (3, 23)), (2011, (4, 24)), (2038, (4, 25)), (2049, (4, 18)), (2076, (4, 19))]
)
def test_easter_is_right_in_years_that_rules_of_thumb_miss(year: int, sunday: tuple[int, int]) -> None:
    assert easter(year) == date(year, *sunday)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ((2026, 11, 23), (2026, 11, 24)),
        ((2026, 11, 27), (2026, 11, 30)),  # over a weekend
        ((2026, 4, 2), (2026, 4, 7)),  # over Easter
        ((2026, 12, 24), (2026, 12, 29)),  # Boxing Day is kept on the Monday
        ((2027, 12, 31), (2028, 1, 4)),  # New Year's Day is kept on the Monday
        ((2026, 8, 3), (2026, 8, 4)),  # in the summer holidays the LADO is at work
    ],
)
def test_next_working_day_leaves_out_weekends_and_bank_holidays_alone(
    after: tuple[int, int, int], found: tuple[int, int, int]
) -> None:
    """SG-7: a school holiday is a working day."""
    assert next_working_day(date(*after)) == date(*found)
    assert is_working_day(date(*found))
