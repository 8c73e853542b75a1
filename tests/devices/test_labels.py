"""Labels and cards as they come out of a printer: read from the picture by a reader that did not make them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from core.kit.pdf import Pdf, join_pdf
from core.people.models import Placement, Pupil, School, User
from core.rules.words import PLAIN
from devices import operations
from devices.documents import KNOWN_SHEETS, SHEETS, Label, Sheet, label_parts, printout_for
from devices.documents.cards import card_parts, command_cards
from devices.documents.labels import EDGE, MODULES, device_label, pupil_label, slot_label
from devices.enums import COMMANDS, MarkKind, PlaceKind, PlacePurpose, PrintKind
from devices.models import PupilDevice, StoragePlace
from devices.operations import add_device, add_place
from devices.queries.printing import slots_to_label
from tests.factories import make_form, make_pupil

DPI = 200  # what an office printer and a scanner at arm's length can be held to
MM = DPI / 25.4


def made(labels: list[Label], sheet: Sheet, *, start: int = 1, x: str = "0", y: str = "0", at: datetime) -> Pdf:
    parts = label_parts(labels, sheet=sheet, start=start, offset_x=Decimal(x), offset_y=Decimal(y), title="Labels")
    return join_pdf(parts, made_at=at, title="Labels")


def pages_of(pdf: Pdf) -> Iterator[Any]:
    """Each page as the printer would draw it."""
    for page in pypdfium2.PdfDocument(pdf.content):
        yield page.render(scale=DPI / 72).to_pil().convert("L")


def read(picture: Any) -> dict[str, tuple[float, float, float, float]]:
    """Every code on a page: its text, and its left, top, right and bottom in millimetres."""
    found = {}
    for code in zxingcpp.read_barcodes(picture):
        corners = [code.position.top_left, code.position.bottom_right]
        found[code.text] = (*(v / MM for p in corners[:1] for v in (p.x, p.y)), corners[1].x / MM, corners[1].y / MM)
    return found


def some(number: int, **words: str) -> list[Label]:
    return [
        Label(f"S{n:08d}", words.get("big", str(n)), words.get("small", "Office safe")) for n in range(1, number + 1)
    ]


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_label_parts_every_label_is_read_inside_its_own_cell(sheet: Sheet, at: datetime) -> None:
    """ux 5, Printing: codes of 20 mm at least, on every sheet that is offered, each read where it belongs."""
    labels = some(2 * sheet.labels + 1)
    pages = list(pages_of(made(labels, sheet, at=at)))
    assert len(pages) == 3
    for number, picture in enumerate(pages):
        found = read(picture)
        expected = labels[number * sheet.labels : (number + 1) * sheet.labels]
        assert set(found) == {label.code for label in expected}
        for position, label in enumerate(expected):
            left, top, right, bottom = found[label.code]
            cell_left, cell_top = sheet.lefts[position % sheet.columns], sheet.tops[position // sheet.columns]
            assert min(right - left, bottom - top) >= 19.8, label  # 20 mm, less what a reader rounds
            assert cell_left < left < right < cell_left + sheet.width
            assert cell_top < top < bottom < cell_top + sheet.height


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_label_parts_quiet_zone_is_white(sheet: Sheet, at: datetime) -> None:
    """stack 7: four modules of white round each code, words and neighbours kept out of it."""
    (picture,) = pages_of(made(some(sheet.labels, big="Llanfairpwll", small="W" * 80), sheet, at=at))
    quiet, whole = sheet.box * 4 / (MODULES + 8), sheet.box
    slack = 0.3  # two dots of the picture
    for left in sheet.lefts:
        for top in sheet.tops:
            corner_x, corner_y = left + EDGE, top + (sheet.height - sheet.box) / 2
            for x, y, width, height in (
                (0, 0, whole, quiet),
                (0, whole - quiet, whole, quiet),
                (0, 0, quiet, whole),
                (whole - quiet, 0, quiet, whole),
            ):
                edges = (x + slack, y + slack, x + width - slack, y + height - slack)
                strip = [edge + corner for edge, corner in zip(edges, (corner_x, corner_y) * 2, strict=True)]
                assert picture.crop(tuple(round(edge * MM) for edge in strip)).getextrema()[0] > 200


def test_sheets_offered_are_those_that_hold_a_code_of_20_mm() -> None:
    """ux 5: 5 × 13 labels of 21.2 mm cannot hold one with its white, so they are not offered."""
    assert [sheet.key for sheet in KNOWN_SHEETS if not sheet.fits] == ["5x13"]
    for sheet in SHEETS.values():
        assert sheet.box * MODULES / (MODULES + 8) >= 20
        assert sheet.lefts[0] > 4
        assert sheet.lefts[-1] + sheet.width < 206


@pytest.mark.parametrize(("x", "y"), [("2.5", "-1.5"), ("-3", "4")])
def test_label_parts_offsets_move_everything(x: str, y: str, at: datetime) -> None:
    """ux 5: offsets of the printer, in millimetres, right and down."""
    sheet = SHEETS["3x8"]
    (plain,) = pages_of(made(some(24), sheet, at=at))
    (moved,) = pages_of(made(some(24), sheet, x=x, y=y, at=at))
    before, after = read(plain), read(moved)
    assert set(after) == set(before)
    for code, (left, top, _, _) in before.items():
        assert after[code][0] - left == pytest.approx(float(x), abs=0.3)
        assert after[code][1] - top == pytest.approx(float(y), abs=0.3)


def test_label_parts_start_on_a_sheet_used_in_part(at: datetime) -> None:
    sheet = SHEETS["3x8"]
    first, second = pages_of(made(some(20), sheet, start=6, at=at))
    left, top, _, _ = read(first)["S00000001"]
    assert sheet.lefts[2] < left
    assert sheet.tops[1] < top < sheet.tops[2]
    assert (len(read(first)), len(read(second))) == (19, 1)
    (whole,) = pages_of(made(some(1), sheet, start=24, at=at))
    assert read(whole)["S00000001"][1] > sheet.tops[7]


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_label_parts_long_words_stay_on_their_label(sheet: Sheet, at: datetime) -> None:
    """The place with the longest name and a number of twelve letters: the code that is typed is still there."""
    labels = some(sheet.labels, big="WWWWWWWWWWWW", small="Llanfairpwllgwyngyllgogerychwyrndrobwll office safe " * 2)
    pdf = made(labels, sheet, at=at)
    (picture,) = pages_of(pdf)
    assert len(read(picture)) == sheet.labels
    text = pypdfium2.PdfDocument(pdf.content)[0].get_textpage().get_text_bounded()
    assert all(label.code in text for label in labels)
    for column in range(sheet.columns - 1):
        gap = (sheet.lefts[column] + sheet.width) * MM
        strip = picture.crop((round(gap), 0, round(gap + sheet.gap * MM), picture.height))
        assert strip.getextrema()[0] > 200


def test_labels_name_nobody(phone: PupilDevice, safe: StoragePlace, school: School, at: datetime) -> None:
    """ux 5: no name on a label, whatever it is for; what is typed stands beside each code (DEV-06)."""
    slots = slots_to_label(school, safe.pk)
    assert [(label.big, label.small) for label in map(slot_label, slots)] == [
        (str(number), "Office safe") for number in range(1, 6)
    ]
    assert pupil_label(phone.pupil) == Label(phone.pupil.code, "8B", "")
    assert device_label(phone) == Label(phone.code, "", "Phone")
    for kind in (PrintKind.SLOT_LABELS, PrintKind.PUPIL_LABELS, PrintKind.DEVICE_LABELS):
        printout = printout_for(school, kind, {"sheet": "3x7", "start": 1}, at)
        pdf = join_pdf(printout.parts, made_at=at, title=printout.title)
        text = pypdfium2.PdfDocument(pdf.content)[0].get_textpage().get_text_bounded()
        assert not any(word in text for word in ("Kovacs", "Amara", phone.pupil.admission_number)), kind
        (picture,) = pages_of(pdf)
        assert len(read(picture)) == printout.total


def test_printout_for_pupils_comes_form_by_form_in_surname_order(school: School, at: datetime) -> None:
    eight, seven = make_form(school, "8B", year=8), make_form(school, "7A", year=7)
    last = make_pupil(school, "Zoë", "Zephyr", form=eight)
    first = make_pupil(school, "Anna", "Adams", form=eight)
    younger = make_pupil(school, "Łukasz", "Nguyễn", form=seven)
    printout = printout_for(school, PrintKind.PUPIL_LABELS, {}, at)
    codes = [cell.label.code for part in printout.parts for cell in part.context["cells"]]
    assert codes == [younger.code, first.code, last.code]
    only = printout_for(school, PrintKind.PUPIL_LABELS, {"forms": [eight.pk]}, at)
    assert only.total == 2


def test_printout_for_a_place_of_forty_slots(school: School, at: datetime) -> None:
    place = add_place(
        school=school, actor=None, at=at, name="Year office lockers", kind=PlaceKind.LOCKED_PLACE, lockable=True,
        purpose=PlacePurpose.DAILY, slots=40,
    )  # fmt: skip
    printout = printout_for(school, PrintKind.SLOT_LABELS, {"place": place.pk, "sheet": "3x8", "start": 1}, at)
    assert (printout.total, [part.count for part in printout.parts]) == (40, [24, 16])


def test_command_cards_have_every_act_its_key_and_a_code_that_is_read(at: datetime) -> None:
    """W1: the printed cards are those of the desk, each with its word, its code and the key that does the same."""
    cards = command_cards("learner")
    assert {(card.code, card.key) for card in cards} == {(code, key) for code, (_, key) in COMMANDS.items()}
    parts = card_parts(school_name="Harbour View School", child=PLAIN.child, children=PLAIN.children, title="Cards")
    pdf = join_pdf(parts, made_at=at, title="Cards")
    first, _second = pages_of(pdf)
    found = read(first)
    assert set(found) == set(COMMANDS)
    assert all(right - left > 30 for left, _, right, _ in found.values())
    text = pypdfium2.PdfDocument(pdf.content)[0].get_textpage().get_text_bounded()
    assert all(card.word.split()[0] in text and card.key in text for card in cards)
    assert "The learner brought no phone" in cards[0].means


def test_morning_register_codes_are_read_and_say_who(
    school: School, pupil: Pupil, phone: PupilDevice, at: datetime
) -> None:
    """The paper twin: every pupil's code is read from the page, with name, slot, device and the boxes beside it."""
    others = [make_pupil(school, "Sam", f"Pupil{n:02d}", form=pupil.form) for n in range(29)]
    add_device(school=school, actor=None, at=at, pupil=others[0], type=phone.type, make="Fair", usual_slot=None)
    printout = printout_for(school, PrintKind.MORNING_REGISTER, {"day": "2026-11-23"}, at)
    pdf = join_pdf(printout.parts, made_at=at, title=printout.title)
    codes: set[str] = set()
    for picture in pages_of(pdf):
        codes |= set(read(picture))
    assert codes == {one.code for one in [pupil, *others]}
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf.content)]
    text = "\n".join(pages)
    for word in ("Kovacs, Amara", "black phone", "No phone", "Refused", "Permitted", "Absent", "Initials"):
        assert word in text, word
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Morning register, 23 November 2026 · 8B" in page
        assert school.name in page


def test_morning_register_says_what_the_day_knows_already(
    school: School, pupil: Pupil, phone: PupilDevice, office_user: User, at: datetime
) -> None:
    """DEV-20, DEV-35: a permission or a placement stands beside the name, so that nobody is asked for nothing."""
    placed = make_pupil(school, "Sam", "Placed", form=pupil.form)
    placement = Placement(school=school, pupil=placed, provider="Riverside College", days="Mondays")
    placement.stamp(by=None, at=at)
    placement.save()
    operations.mark_day(school=school, actor=office_user, at=at, pupil=pupil, kind=MarkKind.PERMITTED)
    printout = printout_for(school, PrintKind.MORNING_REGISTER, {"day": "2026-11-23"}, at)
    lines = {line.name: line.known for part in printout.parts for line in part.context["lines"]}
    assert lines == {"Kovacs, Amara": "Keeps it by permission", "Placed, Sam": "At Riverside College"}
