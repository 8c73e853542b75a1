"""Recognises what each column of a roll holds, from its heading and from what stands below it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.roll.enums import FileKind
from core.roll.reading import Table
from core.roll.values import DateOrder, date_order, looks_like_date, looks_like_phone, looks_like_upn, looks_like_year

IGNORE = ""
MAX_CONTACTS = 6

PUPIL_FIELDS: dict[str, str] = {
    "upn": "UPN",
    "admission_number": "Admission number",
    "surname": "Legal surname",
    "forename": "Legal forename",
    "preferred_forename": "Preferred forename",
    "name": "Whole name",
    "date_of_birth": "Date of birth",
    "gender": "Gender",
    "year_group": "Year group",
    "form": "Form or class",
    "sen_status": "SEN status",
    "medical_note": "Medical note",
    "young_carer": "Young carer",
    "pupil_premium": "Pupil premium",
    "ethnicity": "Ethnicity",
    "is_boarder": "Boarding",
    "placement": "Off-site placement",
}
CONTACT_FIELDS: dict[str, str] = {
    "upn": "Pupil's UPN",
    "admission_number": "Pupil's admission number",
    "name": "Contact's whole name",
    "surname": "Contact's surname",
    "forename": "Contact's forename",
    "relationship": "Relationship",
    "priority": "Priority",
    "mobile": "Mobile",
    "telephone": "Other telephone",
    "email": "Email",
    "parental": "Parental responsibility",
    "court_order": "Court order or note",
}
STAFF_FIELDS: dict[str, str] = {
    "staff_code": "Staff code",
    "title": "Title",
    "name": "Whole name",
    "surname": "Surname",
    "forename": "Forename",
    "job_title": "Job title",
    "email": "Email",
    "form": "Tutor of form",
}
WIDE_FIELDS = ("name", "surname", "forename", "relationship", "mobile", "telephone", "email", "parental", "court_order")

_SYNONYMS: dict[FileKind, dict[str, str]] = {
    FileKind.PUPILS: {
        "upn": "upn uniquepupilnumber pupilupn studentupn formalupn",
        "admission_number": "adno admno admissionno admissionnumber admissionnum admnumber admissionid admissionref "
        "pupilnumber pupilno studentnumber studentno studentid pupilid misid schoolid",
        "surname": "surname lastname familyname legalsurname legallastname legalfamilyname pupilsurname studentsurname "
        "secondname studentlastname pupillastname",
        "forename": "forename firstname givenname legalforename legalfirstname pupilforename studentforename forenames "
        "firstnames givennames christianname studentfirstname pupilfirstname",
        "preferred_forename": "preferredforename preferredfirstname preferredname knownas chosenname chosenforename "
        "preferredgivenname calledname nickname usualname chosenfirstname",
        "name": "name fullname pupilname studentname pupil student legalname child childname learner",
        "date_of_birth": "dob dateofbirth birthdate birthday birthdt dateofbirthddmmyyyy borndate born",
        "gender": "gender sex legalsex",
        "year_group": "year yeargroup yr ncyear nationalcurriculumyear yearnc nationalcurriculumyeargroup "
        "curriculumyear ncyearactual yeartaughtin ncy yg yrgrp yrgroup ncyeargroup",
        "form": "form reg registrationform registrationgroup reggroup class tutorgroup tutorgrp formgroup classname "
        "regform registration regclass tutorform tg formclass",
        "sen_status": "sen senstatus senprovision sencode send sendstatus senneed senstage senprovisiontype sentype",
        "medical_note": "medical medicalnote medicalnotes medicalcondition medicalconditions medicalinformation "
        "medicalinfo health healthnote medicalcomment medicaldetails medicalflag healthcondition",
        "young_carer": "youngcarer isyoungcarer youngcarerindicator youngcarerflag carerstatus",
        "pupil_premium": "pupilpremium pp ppi pupilpremiumindicator pupilpremiumeligible pupilpremiumstatus ppe "
        "ppstatus ppeligible pupilpremiumflag eligibleforpupilpremium",
        "ethnicity": "ethnicity ethnic ethnicgroup ethniccode ethnicitycode ethnicorigin ethnicitydescription",
        "is_boarder": "boarder boarding boardingstatus boarderstatus boarderindicator isboarder boards boardertype",
        "placement": "offsiteplacement placement alternativeprovision offsite placementprovider dualregistered "
        "offsiteprovision approvision alternativeprovider",
    },
    FileKind.CONTACTS: {
        "upn": "upn studentupn pupilupn uniquepupilnumber childupn learnerupn",
        "admission_number": "adno admno admissionno admissionnumber pupiladmissionnumber studentadmissionnumber "
        "pupiladno pupilid studentid",
        "name": "name contactname fullname parentname guardianname carername contact parentcarername parentcarer "
        "contactfullname guardian",
        "surname": "surname lastname familyname contactsurname contactlastname guardianlastname guardiansurname "
        "parentsurname parentlastname carersurname",
        "forename": "forename firstname givenname contactforename contactfirstname guardianfirstname guardianforename "
        "parentforename parentfirstname carerforename",
        "relationship": "relationship relation relationshiptopupil relationshiptostudent relationtopupil contacttype "
        "relationshiptochild contactrelationship reltopupil relationshiptype",
        "priority": "priority order contactpriority contactorder callorder contactno prioritynumber contactnumberorder "
        "priorityorder rank sequence",
        "mobile": "mobile mobilephone mobilenumber mobileno mob mobiletelephone cell cellphone mobiletel primarymobile",
        "telephone": "telephone phone tel phonenumber telephonenumber hometelephone homephone daytimephone telno "
        "contactnumber mainphone hometel worktelephone daytimetelephone primaryphone phoneno telephoneno",
        "email": "email emailaddress primaryemail contactemail parentemail homeemail mail",
        "parental": "parentalresponsibility pr parentresponsibility legalresponsibility hasparentalresponsibility "
        "parentalresp hasparentalresp parentalresponsibilityyn",
        "court_order": "courtorder note notes courtordernote courtorderflag restrictions contactnote courtorders "
        "restriction comments comment courtorderinplace alert",
    },
    FileKind.STAFF: {
        "staff_code": "staffcode code initials staffid staffno staffnumber employeenumber payrollno payrollnumber "
        "employeeid employeeno staffref staffinitials",
        "title": "title salutation prefix honorific",
        "name": "name fullname staffname teachername employeename",
        "surname": "surname lastname familyname legalsurname staffsurname",
        "forename": "forename firstname givenname legalforename preferredforename staffforename firstnames",
        "job_title": "role jobtitle job post position roles jobrole posttitle staffrole jobdescription jobpost "
        "roletitle",
        "email": "email emailaddress workemail schoolemail mail emailwork",
        "form": "form reg class registrationform tutorgroup tutorof formtutorof formtutor classname registrationgroup "
        "reggroup tutorgroupform classteacherof",
    },
}
_HEADINGS: dict[FileKind, dict[str, str]] = {
    kind: {word: field for field, words in fields.items() for word in words.split()}
    for kind, fields in _SYNONYMS.items()
}
_WIDE_WORDS: dict[str, str] = {
    **{word: field for word, field in _HEADINGS[FileKind.CONTACTS].items() if field in WIDE_FIELDS},
    "": "name",
    "contact": "name",
    "contactname": "name",
}
_WIDE = re.compile(
    r"(?:priority|contact|parent|carer|guardian|parentcarer|emergencycontact|parentguardian|p|c)(\d)(.*)"
)
_WIDE_TAIL = re.compile(r"(?:contact|parent|carer|guardian|emergencycontact|parentcarer)?([a-z]+?)(\d)")
_NOTHING = re.compile(r"[^a-z0-9]+")

REQUIRED: dict[FileKind, tuple[tuple[str, ...], ...]] = {
    FileKind.PUPILS: (
        ("surname", "name"),
        ("forename", "name"),
        ("year_group",),
        ("upn", "admission_number", "date_of_birth"),
    ),
    FileKind.CONTACTS: (("upn", "admission_number"), ("surname", "name")),
    FileKind.STAFF: (("surname", "name"), ("forename", "name"), ("email",)),
}


@dataclass(frozen=True)
class ColumnMapping:
    """Which kind of list a file is, what each of its columns holds, and in which order its dates are written."""

    kind: FileKind
    columns: tuple[str, ...]
    date_order: DateOrder = DateOrder.DAY_FIRST
    sure: bool = True

    def positions(self) -> dict[str, int]:
        """Field to column number; a column that is ignored has none."""
        return {field: position for position, field in enumerate(self.columns) if field}

    def missing(self) -> list[str]:
        """What the list cannot do without and has no column for, in words."""
        present = set(self.columns)
        labels = field_labels(self.kind)
        return [
            " or ".join(labels[name].lower() if labels[name] != "UPN" else "UPN" for name in group)
            for group in REQUIRED[self.kind]
            if not present & set(group)
        ]


def field_labels(kind: FileKind) -> dict[str, str]:
    """Every field that a column of this kind of list may hold, with its name for a person."""
    if kind == FileKind.CONTACTS:
        return CONTACT_FIELDS
    if kind == FileKind.STAFF:
        return STAFF_FIELDS
    wide = {
        f"contact{number}.{field}": f"Contact {number}: {CONTACT_FIELDS[field].lower()}"
        for number in range(1, MAX_CONTACTS + 1)
        for field in WIDE_FIELDS
    }
    return {**PUPIL_FIELDS, **wide}


def recognise(
    table: Table, file_name: str = "", remembered: Callable[[FileKind], Sequence[str] | None] | None = None
) -> ColumnMapping:
    """Say what kind of list this is and what each column holds (ORG-24).

    `remembered(kind)` may give the columns that this school corrected earlier for the same headings; they win.
    """
    kind, sure = _kind(table, file_name)
    columns = list((remembered(kind) if remembered else None) or _columns(table, kind))
    return with_columns(table, kind, columns, sure=sure)


def recognise_as(table: Table, kind: FileKind) -> ColumnMapping:
    """What each column holds when a person has said which kind of list this is."""
    return with_columns(table, kind, _columns(table, kind))


def with_columns(table: Table, kind: FileKind, columns: Iterable[str], *, sure: bool = True) -> ColumnMapping:
    """The mapping that a person (or the recogniser) chose, with the dates' order read from the whole column."""
    chosen = tuple(columns)
    order = DateOrder.DAY_FIRST
    if "date_of_birth" in chosen:
        position = chosen.index("date_of_birth")
        order = date_order(row.cells[position] for row in table.rows)
    return ColumnMapping(kind, chosen, order, sure)


def signature(header: Sequence[str]) -> str:
    """The headings as one key, by which a school's corrections are found again."""
    return "|".join(heading_key(name) for name in header)


def heading_key(heading: str) -> str:
    """A heading without case, accents, spaces or marks: "Date of Birth (dd/mm/yyyy)" → "dateofbirthddmmyyyy"."""
    plain = unicodedata.normalize("NFKD", heading.casefold())
    return _NOTHING.sub("", "".join(mark for mark in plain if not unicodedata.combining(mark)))


def _kind(table: Table, file_name: str) -> tuple[FileKind, bool]:
    keys = [heading_key(name) for name in table.header]
    fields = {kind: {_HEADINGS[kind][key] for key in keys if key in _HEADINGS[kind]} for kind in FileKind}
    scores: dict[FileKind, float] = dict.fromkeys(FileKind, 0.0)
    weights: dict[FileKind, Mapping[str, float]] = {
        FileKind.PUPILS: {"date_of_birth": 4, "year_group": 3, "sen_status": 1, "preferred_forename": 1, "form": 1,
                          "upn": 1, "admission_number": 1},
        FileKind.CONTACTS: {"relationship": 4, "priority": 3, "parental": 3, "upn": 1, "mobile": 1, "court_order": 1,
                            "telephone": 1},
        FileKind.STAFF: {"staff_code": 3, "job_title": 4, "email": 1, "form": 1, "title": 1},
    }  # fmt: skip
    for kind, weight in weights.items():
        scores[kind] = sum(weight.get(field, 0) for field in fields[kind])
    name = heading_key(file_name)
    for kind, words in (
        (FileKind.PUPILS, ("pupil", "student", "roll", "learner")),
        (FileKind.CONTACTS, ("contact", "parent", "guardian", "carer")),
        (FileKind.STAFF, ("staff", "teacher", "employee", "workforce")),
    ):
        if any(word in name for word in words):
            scores[kind] += 1.5
    ranked = sorted(FileKind, key=lambda kind: -scores[kind])
    return ranked[0], scores[ranked[0]] >= 4 and scores[ranked[0]] > scores[ranked[1]]


def _columns(table: Table, kind: FileKind) -> list[str]:
    found = [IGNORE] * len(table.header)
    taken: set[str] = set()
    wide = kind == FileKind.PUPILS
    for position, heading in enumerate(table.header):
        key = heading_key(heading)
        field = _HEADINGS[kind].get(key, IGNORE)
        if not field and wide:
            field = _wide_field(key)
        if field and field not in taken:
            found[position] = field
            taken.add(field)
    sample = table.rows[:200]
    for position in range(len(table.header)):
        if found[position] or heading_key(table.header[position]) in _LEAVE_ALONE:
            continue
        values = [row.cells[position] for row in sample if row.cells[position]]
        guess = _by_content(values, kind)
        if guess and guess not in taken:
            found[position] = guess
            taken.add(guess)
    if "name" in taken and {"surname", "forename"} <= taken:
        found = [IGNORE if field == "name" else field for field in found]
    return found


# Headings that are plainly something else, so that their content is not taken for a date of birth or a phone.
_LEAVE_ALONE = frozenset(
    [
        "ethnicity",
        "address",
        "postcode",
        "house",
        "language",
        "religion",
        "dateofadmission",
        "admissiondate",
        "entrydate",
        "startdate",
        "leavingdate",
        "dateofleaving",
        "uln",
        "pupilpremium",
        "fsm",
        "eal",
        "housenumber",
        "tutor",
        "tutorname",
        "middlename",
        "middlenames",
        "worktelephone",
        "homeemail",
        "enddate",
        "joined",
        "left",
    ]
)


def _wide_field(key: str) -> str:
    match = _WIDE.fullmatch(key)
    if match and 1 <= int(match.group(1)) <= MAX_CONTACTS and match.group(2) in _WIDE_WORDS:
        return f"contact{match.group(1)}.{_WIDE_WORDS[match.group(2)]}"
    match = _WIDE_TAIL.fullmatch(key)
    if match and key.startswith(("contact", "parent", "carer", "guardian", "emergency")):
        word = match.group(1)
        if 1 <= int(match.group(2)) <= MAX_CONTACTS and word in _WIDE_WORDS:
            return f"contact{match.group(2)}.{_WIDE_WORDS[word]}"
    return IGNORE


def _by_content(values: Sequence[str], kind: FileKind) -> str:
    """What a column under an unknown heading plainly holds, if four in five of its cells agree."""
    if not values:
        return IGNORE

    def mostly(test: Callable[[str], bool]) -> bool:
        return sum(map(test, values)) >= 0.8 * len(values)

    if kind != FileKind.STAFF and mostly(looks_like_upn):
        return "upn"
    if kind != FileKind.PUPILS and mostly(lambda value: "@" in value and " " not in value):
        return "email"
    if kind == FileKind.CONTACTS and mostly(looks_like_phone):
        return "mobile"
    if kind == FileKind.PUPILS and mostly(looks_like_date):
        return "date_of_birth"
    if kind == FileKind.PUPILS and mostly(lambda value: looks_like_year(value) and not value.isdigit()):
        return "year_group"
    if mostly(lambda value: re.fullmatch(r"[^\d,]+, [^\d,]+", value) is not None):
        return "name"
    return IGNORE
