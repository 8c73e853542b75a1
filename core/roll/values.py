"""What one cell of a roll may hold and what it means: dates, years, numbers, telephone numbers, names, job titles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from core.kit.text import fold
from core.people.roles import Role


class DateOrder(StrEnum):
    """Which of the two small numbers of a date comes first; decided once for a whole column."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class BadValue(ValueError):
    """A cell that cannot mean what its column says; the sentence tells why."""


_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_NUMERIC = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: 00:00(?::00)?)?")
_WORDED = re.compile(r"(?:[A-Za-z]+,? )?(\d{1,2})(?:st|nd|rd|th)?[- ]([A-Za-z]+)[,-]? ?(\d{4}|\d{2})")
_WORDED_MONTH_FIRST = re.compile(r"([A-Za-z]+) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_MONTH_LENGTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_ADMISSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{0,19}")
_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_PHONE_EXTENSION = re.compile(r"(?:x|ext\.?|extension)\s*\d{1,6}$", re.IGNORECASE)
_YEAR = re.compile(r"(?:(?:year|yr|y|nc|ncy|yeargroup|year group|nc year)\s*[-.]?\s*)?(\d{1,2})")
_NURSERY = frozenset(
    [
        "n",
        "nursery",
        "n1",
        "n2",
        "nursery 1",
        "nursery 2",
        "nursery1",
        "nursery2",
        "pre-school",
        "preschool",
        "fs1",
        "f1",
        "e1",
        "e2",
        "year n",
        "foundation 1",
        "-1",
    ]
)
_RECEPTION = frozenset(
    [
        "r",
        "reception",
        "rec",
        "fs2",
        "f2",
        "year r",
        "yr r",
        "yr",
        "foundation 2",
        "0",
        "year 0",
        "y0",
        "foundation stage",
    ]
)


def date_order(values: Iterable[str]) -> DateOrder:
    """Day first, as in Britain, unless more dates of the column can only be read with the month first."""
    day_first = month_first = 0
    for value in values:
        match = _NUMERIC.fullmatch(value)
        if match:
            first, second = int(match.group(1)), int(match.group(2))
            day_first += first > 12 >= second
            month_first += second > 12 >= first
    return DateOrder.MONTH_FIRST if month_first > day_first else DateOrder.DAY_FIRST


def parse_date(text: str, order: DateOrder, *, today: date) -> date:
    """The date in any of the usual forms. Raises `BadValue` with a sentence when there is no such day."""
    match = _ISO.fullmatch(text)
    if match:
        return _real(int(match.group(1)), int(match.group(2)), int(match.group(3)), text)
    match = _NUMERIC.fullmatch(text)
    if match:
        first, second, year = int(match.group(1)), int(match.group(2)), _century(match.group(3), today)
        day, month = (first, second) if order == DateOrder.DAY_FIRST else (second, first)
        return _real(year, month, day, text)
    match = _WORDED.fullmatch(text)
    if match and match.group(2).casefold() in _MONTHS:
        return _real(_century(match.group(3), today), _MONTHS[match.group(2).casefold()], int(match.group(1)), text)
    match = _WORDED_MONTH_FIRST.fullmatch(text)
    if match and match.group(1).casefold() in _MONTHS:
        return _real(int(match.group(3)), _MONTHS[match.group(1).casefold()], int(match.group(2)), text)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        raise BadValue(f'"{text}" is a spreadsheet\'s own day number. Format the column as dates and export it again.')
    raise BadValue(f'"{text}" cannot be read as a date. Write it as 31/12/2014.')


def _century(digits: str, today: date) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + 2000 if year + 2000 <= today.year else year + 1900


def _real(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        if not 1 <= month <= 12:
            raise BadValue(f'"{text}" is not a real date: there is no month {month}.') from None
        if day < 1 or day > _MONTH_LENGTH[month - 1]:
            raise BadValue(f'"{text}" is not a real date: that month has no day {day}.') from None
        if month == 2 and day == 29:
            raise BadValue(f'"{text}" is not a real date: {year} is not a leap year.') from None
        raise BadValue(f'"{text}" is not a real date.') from None


def parse_birth(text: str, order: DateOrder, *, today: date) -> date:
    """A pupil's date of birth: a real day, in the past, between 1 and 25 years ago."""
    born = parse_date(text, order, today=today)
    if born > today:
        raise BadValue(f'"{text}" is in the future.')
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years > 25:
        raise BadValue(f'"{text}" would make this pupil {years} years old.')
    if years < 1:
        raise BadValue(f'"{text}" would make this pupil less than a year old.')
    return born


def parse_year_group(text: str) -> int:
    """National-curriculum year: -1 nursery, 0 reception, 1 to 13. Raises `BadValue`."""
    plain = " ".join(text.casefold().split())
    if plain in _NURSERY:
        return -1
    if plain in _RECEPTION:
        return 0
    match = _YEAR.fullmatch(plain)
    if match is None:
        raise BadValue(f'"{text}" is not a year group. Write Nursery, Reception or a number from 1 to 13.')
    year = int(match.group(1))
    if not 0 <= year <= 13:
        raise BadValue(f'"{text}" is not a year group: they run from Nursery to Year 13.')
    return year


def parse_upn(text: str) -> str:
    """A unique pupil number whose shape and check letter are right. Raises `BadValue`."""
    upn = text.replace(" ", "").upper()
    if _UPN.fullmatch(upn) is None:
        raise BadValue(f'"{text}" is not a UPN: a letter, eleven digits and a last digit or letter.')
    if upn[12].isdigit() and upn[0] != upn_check_letter(upn[1:]):
        raise BadValue(
            f'"{text}" is not a valid UPN: its first letter does not fit its digits, so one of them is mistyped.'
        )
    return upn


def upn_check_letter(digits: str) -> str:
    """The letter that the twelve digits of a permanent UPN call for."""
    return _UPN_LETTERS[sum(int(digit) * weight for weight, digit in enumerate(digits, start=2)) % 23]


def parse_admission_number(text: str) -> str:
    """A school's own number for a pupil, as text so that its leading noughts stay. Raises `BadValue`."""
    if _ADMISSION.fullmatch(text) is None:
        raise BadValue(f'"{text}" is not an admission number: up to 20 letters and digits.')
    if re.fullmatch(r"\d(?:\.\d+)?[Ee][+]\d+", text):
        raise BadValue(f'"{text}" was shortened by a spreadsheet. Format the column as text and export it again.')
    return text


def parse_phone(text: str) -> str:
    """A telephone number as it was written, with 9 to 15 digits. Raises `BadValue`."""
    number = " ".join(text.split())
    bare = _PHONE_EXTENSION.sub("", number).strip()
    digits = re.sub(r"[\s().+-]", "", bare)
    if not digits.isascii() or not digits.isdigit() or (bare.count("+") and not bare.lstrip("(").startswith("+")):
        raise BadValue(f'"{text}" is not a telephone number.')
    if not 9 <= len(digits) <= 15 or len(number) > 30:
        raise BadValue(f'"{text}" is not a telephone number: it has {len(digits)} digits.')
    if bare[0].isdigit() and bare[0] != "0" and len(digits) == 10 and digits[0] in "127":
        return f"0{number}"  # a spreadsheet took the first nought off
    return number


def parse_email(text: str) -> str:
    """An email address, in lower case; letters with accents are allowed before the @. Raises `BadValue`."""
    email = text.removeprefix("mailto:").strip().casefold() if "ß" not in text else text.lower()
    if len(email) > 254 or _EMAIL.fullmatch(email) is None or ".." in email or email.startswith("."):
        raise BadValue(f'"{text}" is not an email address.')
    if email.split("@")[0].endswith("."):
        raise BadValue(f'"{text}" is not an email address.')
    return email


def parse_yes_no(text: str) -> bool:
    """Yes, Y, true, 1, or no, N, false, 0. Raises `BadValue`."""
    plain = text.casefold()
    if plain in {"y", "yes", "true", "t", "1", "x", "✓", "parental responsibility"}:
        return True
    if plain in {"n", "no", "false", "f", "0", "-", "none", "no parental responsibility"}:
        return False
    raise BadValue(f'"{text}" is neither yes nor no.')


def parse_priority(text: str) -> int:
    """The order in which a contact is called: 1 to 20. Raises `BadValue`."""
    match = re.fullmatch(r"(?:priority|contact)?\s*(\d{1,2})(?:\.0)?", text.casefold())
    if match is None or not 1 <= int(match.group(1)) <= 20:
        raise BadValue(f'"{text}" is not a priority: a number from 1 to 20.')
    return int(match.group(1))


def parse_sen(text: str) -> str:
    """SEN status as its stable key: "" none, "K" support, "E" plan. Raises `BadValue`."""
    plain = text.casefold().strip()
    if plain in {"n", "none", "no", "no sen", "no special educational need", "n - no sen", "no provision"}:
        return "N"
    if plain in {"k", "sen support", "support", "k - sen support", "yes", "y"}:
        return "K"
    if plain in {
        "e",
        "ehcp",
        "ehc plan",
        "ehc",
        "plan",
        "education, health and care plan",
        "e - ehc plan",
        "s",
        "statement",
    }:
        return "E"
    raise BadValue(f'"{text}" is not an SEN status: N (none), K (SEN support) or E (EHC plan).')


def parse_boarder(text: str) -> bool:
    """Whether a pupil boards, from the words and codes of school systems. Raises `BadValue`."""
    plain = text.casefold().strip()
    if plain in {"b", "y", "yes", "true", "1", "6", "7", "boarder", "boarding", "full boarder", "weekly boarder"}:
        return True
    if plain in {"n", "no", "false", "0", "d", "day", "day pupil", "not a boarder"}:
        return False
    raise BadValue(f'"{text}" does not say whether the pupil boards: B (boarder) or N (not a boarder).')


def parse_yes(text: str) -> bool:
    """Yes or no, as school systems write it. Raises `BadValue`."""
    plain = text.casefold().strip()
    if plain in {"y", "yes", "true", "t", "1", "x", "p", "pp", "eligible", "deprivation", "young carer"}:
        return True
    if plain in {"n", "no", "false", "f", "0", "-", "none", "not eligible"}:
        return False
    raise BadValue(f'"{text}" is neither yes nor no: write Y or N.')


def parse_ethnicity(text: str) -> str:
    """What the family said, in the words or the code of the list. Raises `BadValue`."""
    said = " ".join(text.split())
    if len(said) > 60:
        raise BadValue(f"This is {len(said)} characters long; 60 is the most.")
    return said


def parse_name(text: str, limit: int = 120) -> str:
    """A name or part of one, in any script. Raises `BadValue`."""
    name = " ".join(text.split())
    if len(name) > limit:
        raise BadValue(f"This name is {len(name)} characters long; {limit} is the most.")
    if not any(character.isalpha() for character in name):
        raise BadValue(f'"{name}" holds no letter, so it is not a name.')
    if any(character.isdigit() for character in name):
        raise BadValue(f'"{name}" holds a digit, so it is not a name.')
    return name


def damage(text: str) -> str | None:
    """A sentence when letters of `text` were plainly lost or mangled on the way, else None."""
    if "�" in text or re.search(r"\w\?\w|\w\?$|^\?\w", text):
        return f'"{text}" seems to have lost a letter in the export. It goes in as it is; put it right at its source.'
    if any(mark in text for mark in "ÃÅÄâ"):
        try:
            mended = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return None
        return f'"{text}" looks like "{mended}" read in the wrong encoding. It goes in as it is; check the export.'
    return None


def split_name(text: str, family: str = "") -> tuple[str, str]:
    """(forename, surname) of `Surname, Forename` or `Forename Surname`; `family` is the pupil's, where it helps.

    Without a comma the first word is the forename, unless the name ends with the pupil's own surname.
    """
    name = " ".join(text.split())
    if "," in name:
        surname, _, forename = name.partition(",")
        return _without_title(forename.strip()), surname.strip()
    name = _without_title(name)
    if family and name.casefold().endswith(" " + family.casefold()):
        return name[: -len(family)].strip(), name[-len(family) :]
    forename, _, surname = name.partition(" ")
    return (forename, surname) if surname else ("", forename)


_TITLES = frozenset(["mr", "mrs", "miss", "ms", "mx", "dr", "prof", "professor", "rev", "revd", "sir", "lady"])


def _without_title(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if rest and first.casefold().rstrip(".") in _TITLES else name


def looks_like_upn(text: str) -> bool:
    return _UPN.fullmatch(text.replace(" ", "").upper()) is not None


def looks_like_date(text: str) -> bool:
    return bool(_ISO.fullmatch(text) or _NUMERIC.fullmatch(text) or _WORDED.fullmatch(text))


def looks_like_year(text: str) -> bool:
    try:
        parse_year_group(text)
    except BadValue:
        return False
    return True


def looks_like_phone(text: str) -> bool:
    try:
        parse_phone(text)
    except BadValue:
        return False
    return True


_JOB_WORDS: tuple[tuple[str, Role], ...] = (
    (r"(deputy|assistant|depute).*(dsl|safeguarding lead|safeguarding officer|child protection)|\bddsl\b",
     Role.DEPUTY_DSL),
    (r"(group|trust|director).*safeguarding|safeguarding.*(group|trust|director)", Role.GROUP_SAFEGUARDING_HEAD),
    (r"(safeguarding|child protection).*(governor|trustee)|(governor|trustee).*(safeguarding|child protection)",
     Role.SAFEGUARDING_GOVERNOR),
    (r"\bdsl\b|safeguarding lead|designated safeguarding|child protection (lead|officer|coordinator)", Role.DSL),
    (r"\bclerk\b.*governor", Role.OFFICE),
    (r"governor|trustee", Role.GOVERNOR),
    (r"regional director", Role.REGIONAL_DIRECTOR),
    (r"filtering|monitoring lead", Role.FILTERING_LEAD),
    (r"(online|e|internet) ?safety (co ?ordinator|lead|officer)|esafety", Role.ONLINE_SAFETY_COORDINATOR),
    (r"(computing|ict|computer science) (lead|subject lead|co ?ordinator)|(head|lead|leader) of (computing|ict)|"
     r"(computing|ict) subject lead", Role.COMPUTING_LEAD),
    (r"(rshe|pshe|rse) (lead|co ?ordinator|subject lead)|(head|lead|leader) of (rshe|pshe|rse)", Role.RSHE_LEAD),
    (r"data protection|\bdpo\b|\bdpl\b", Role.DATA_PROTECTION_LEAD),
    (r"exam(s|ination|inations)?\b.*(officer|manager|administrator)", Role.EXAMS_OFFICER),
    (r"(network|systems?|it|ict) (manager|administrator|technician|support)", Role.SYSTEMS_MANAGER),
    (r"head of school", Role.HEAD_OF_SCHOOL),
    (r"(deputy|assistant|vice).*(head|principal)|head of (sixth|upper|lower|key stage|primary|secondary|early)|"
     r"\bslt\b|senior leader|school business (manager|leader)|\bsbm\b|business manager", Role.SLT),
    (r"head ?teacher|head ?master|head ?mistress|principal|^head$|executive head", Role.HEADTEACHER),
    (r"form tutor|\btutor\b", Role.FORM_TUTOR),
    (r"office|reception|admin|secretary|clerk|attendance|registrar", Role.OFFICE),
    (r"teaching assistant|\bhlta\b|\bta\b|\blsa\b|learning support|learning mentor|support|technician|midday|lunchtime|"
     r"caretaker|site|librar|cover supervisor|nursery (nurse|practitioner)|early years practitioner|pastoral|welfare|"
     r"counsellor|nurse|mentor|cook|cater|clean|finance|matron", Role.SUPPORT),
    (r"teacher|senco|sendco|head of|lead practitioner|\bect\b|lecturer|instructor|curriculum lead|subject lead|"
     r"co ?ordinator|head of year|year lead|phase lead", Role.TEACHER),
)  # fmt: skip
_JOB_PATTERNS = tuple((re.compile(pattern), role) for pattern, role in _JOB_WORDS)


def roles_for_job(title: str) -> tuple[Role, ...]:
    """The roles that a job title in words suggests, at most two; a person looks at them before they are given.

    A title that joins two posts ("Headteacher and DSL") is read as both. An unknown title suggests nothing. The role
    of administrator is never suggested.
    """
    found: list[Role] = []
    for part in re.split(r"\band\b|[&/,;()]| - | \+ ", title.casefold()):
        plain = fold(part)
        for pattern, role in _JOB_PATTERNS:
            if plain and pattern.search(plain):
                if role not in found:
                    found.append(role)
                break
    return tuple(found[:2])
