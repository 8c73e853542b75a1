"""PDFs: nothing is fetched while one is made, the same input gives the same bytes, names keep their accents."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import socket
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.template import engines

from core.kit import pdf as kit
from core.kit.pdf import ForeignAddress, Part, Pdf, join_pdf, render_pdf
from core.kit.qr import QUIET, qr_code

MADE = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>'

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)

Draw = Callable[..., Pdf]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Make a PDF of a template given as text."""

    def make(text: str, *, assets: dict[str, bytes] | None = None, css: str = "", **context: Any) -> Pdf:
        given = {"page.html": text, kit.BASE_STYLES: css}

        def render(name: str, values: Any) -> str:
            return str(engines["django"].from_string(given[name]).render(dict(values)))

        monkeypatch.setattr(kit, "render_to_string", render)
        return render_pdf("page.html", context, made_at=MADE, title="Test", assets=assets)

    return make


def text_of(made: Pdf) -> str:
    document = pypdfium2.PdfDocument(made.content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def unpacked(content: bytes) -> bytes:
    """The file with its compressed parts beside it, to look for words in."""
    found = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(stream))
    return b"\n".join(found)


HOSTILE = {
    "attachment": '<link rel="attachment" href="file:///etc/passwd">',
    "attached link": '<a rel="attachment" href="file:///etc/passwd">x</a>',
    "picture from the network": '<img alt="x" src="http://127.0.0.1:9/x.png">',
    "picture without a scheme": '<img alt="x" src="//127.0.0.1:9/x.png">',
    "relative picture": '<img alt="x" src="x.png">',
    "base": '<base href="http://127.0.0.1:9/"><img alt="x" src="x.png">',
    "data": '<img alt="x" src="data:image/png;base64,iVBORw0KGgo=">',
    "asset that was not given": '<img alt="x" src="asset:other.svg">',
    "style sheet": '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "import": "<style>@import url(http://127.0.0.1:9/x.css);</style>",
    "font": "<style>@font-face{font-family:f;src:url(file:///etc/passwd)} p{font-family:f}</style><p>x</p>",
    "background": '<p style="background:url(file:///etc/passwd)">x</p>',
    "object": '<object data="file:///etc/passwd"></object>',
    "embed": '<embed src="http://127.0.0.1:9/">',
    "picture in a drawing": '<svg width="9" height="9"><image href="file:///x/passwd" width="9" height="9"/></svg>',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_render_pdf_hostile_template_is_refused_with_an_ordinary_error(
    text: str, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """stack 5: WeasyPrint's own refusal is no Exception and would pass by the worker; nothing goes out or comes in."""

    def nothing_goes_out(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", nothing_goes_out)
    with pytest.raises(ForeignAddress) as refused:
        draw(f"<html><body>{text}</body></html>")
    assert isinstance(refused.value, Exception)
    assert "passwd" not in str(refused.value)


def test_render_pdf_hostile_styles_and_drawing_are_refused(draw: Draw) -> None:
    with pytest.raises(ForeignAddress):
        draw("<p>x</p>", css="p { background: url(http://127.0.0.1:9/x.png) }")
    hostile = DOT.replace(b"<circle", b'<image href="file:///etc/passwd" width="9" height="9"/><circle')
    with pytest.raises(ForeignAddress):
        draw('<img alt="a dot" src="asset:dot.svg">', assets={"dot.svg": hostile})


def test_render_pdf_shows_an_asset_it_was_given(draw: Draw) -> None:
    made = draw('<img alt="a dot" src="asset:dot.svg">', assets={"dot.svg": DOT}, css="@page { margin: 0 }")
    picture = pypdfium2.PdfDocument(made.content)[0].render(scale=2).to_pil().convert("L")
    assert picture.crop((0, 0, 60, 60)).getextrema()[0] < 40


def test_render_pdf_escapes_what_it_is_given(draw: Draw) -> None:
    made = draw("<html><body><p>{{ name }}</p></body></html>", name='<link rel="attachment" href="file:///etc/passwd">')
    assert "<link rel=" in text_of(made)


def test_render_pdf_same_input_gives_the_same_bytes(draw: Draw) -> None:
    """house 4.8: the checksum is of the document, not of the moment; the dates in it are the given one."""
    text = "<html lang='en-GB'><body><h1>{{ word }}</h1></body></html>"
    first, second = draw(text, word="Once"), draw(text, word="Once")
    assert first == second
    assert first.checksum == hashlib.sha256(first.content).hexdigest()
    assert draw(text, word="Other").checksum != first.checksum
    found = pypdfium2.PdfDocument(first.content).get_metadata_dict()
    assert (found["Title"], found["CreationDate"][:16], found["ModDate"][:16]) == (
        "Test", "D:20261123083000", "D:20261123083000",
    )  # fmt: skip


def test_render_pdf_is_tagged_british_and_for_the_archive(draw: Draw) -> None:
    """ORG-23: a screen reader gets structure and language; PDF/A-3a."""
    made = draw("<html><body><h1>Register</h1><p>Text</p></body></html>")
    found = unpacked(made.content)
    assert re.search(rb"/MarkInfo ?<</Marked true", found)
    assert re.search(rb"/Lang ?\(en-GB\)", found)
    assert b'pdfaid:part="3" pdfaid:conformance="A"' in found
    assert pypdfium2.PdfDocument(made.content).is_tagged()


NAMES = ("Łukasz Nguyễn", "Zoë O’Brien", "Siân Szczepański", "Đặng Þóra", "Ødegård-Çelik")


def test_render_pdf_names_keep_their_accents_in_the_product_s_font() -> None:
    """security F27: every letter comes from the one font that is installed with the product, none is a box."""
    from fontTools.ttLib import TTFont

    context = {"title": "Names", "head": None, "forms": [("8B", [{"name": name} for name in NAMES])]}
    made = render_pdf("pdf/day_register.html", context, made_at=MADE, title="Names", styles=("pdf/registers.css",))
    found = text_of(made)
    assert all(name in found for name in NAMES)
    document = pypdfium2.PdfDocument(made.content)
    fonts = {
        item.get_font().get_base_name().split("+")[-1]
        for item in document[0].get_objects()
        if isinstance(item, pypdfium2.PdfTextObj)
    }
    assert fonts <= {"DejaVu-Sans", "DejaVu-Sans-Bold", "DejaVuSans", "DejaVuSans-Bold"}, fonts
    letters = TTFont(_font_file("DejaVuSans.ttf")).getBestCmap()
    assert not [letter for name in NAMES for letter in name if ord(letter) not in letters]


def has_boxes(made: Pdf) -> bool:
    """Whether a letter is drawn as a box: WeasyPrint numbers those that no font has beyond the last glyph of a font."""
    from fontTools.ttLib import TTFont

    parts = [zlib.decompress(part) for part in _STREAM.findall(made.content) if part[:1] == b"\x78"]
    fonts = [TTFont(io.BytesIO(part)) for part in parts if part[:4] in (b"\x00\x01\x00\x00", b"OTTO", b"true")]
    drawn = b"".join(part for part in parts if part.rstrip().endswith((b"ET", b"EMC", b"Q")) and b"TJ" in part)
    glyphs = [int(glyph, 16) for text in re.findall(rb"<([0-9a-f]+)>", drawn) for glyph in re.findall(b"....", text)]
    assert glyphs and fonts
    return max(glyphs) >= max(font["maxp"].numGlyphs for font in fonts)


@pytest.mark.parametrize("name", ["王小明", "አበበ", "محمد", "আমিনা", "김민준", "さくら"])
def test_render_pdf_names_of_any_alphabet_have_letters_and_no_boxes(name: str, draw: Draw) -> None:
    """security F27: Chinese, Amharic, Arabic, Bengali, Korean, Japanese; `script/` and the image install the fonts."""
    css = 'html { font-family: "DejaVu Sans", sans-serif }'
    assert has_boxes(draw("<p>{{ name }}</p>", name="\ue123", css=css)), "a letter that no font has is seen as a box"
    made = draw("<p>{{ name }}</p>", name=name, css=css)
    assert not has_boxes(made), "Install fonts-noto-core and fonts-droid-fallback, as script/test does where it may."


def test_commands_and_image_install_the_same_fonts() -> None:
    """What prints in production prints on a fresh machine, and the other way round."""
    root = Path(__file__).resolve().parent.parent.parent
    scripts, image = ((root / path).read_text() for path in ("script/lib/bootstrap.sh", "Dockerfile"))
    assert set(re.findall(r"\bfonts-[a-z-]+", scripts)) == set(re.findall(r"\bfonts-[a-z-]+", image))


def _font_file(name: str) -> str:
    import subprocess

    listed = subprocess.run(["fc-list", ":family=DejaVu Sans", "file"], capture_output=True, text=True, check=True)
    return next(line.strip().rstrip(":") for line in listed.stdout.splitlines() if line.strip(": ").endswith(name))


def test_join_pdf_numbers_each_part_on_its_own_and_says_when_each_is_laid_out() -> None:
    head = {"school_name": "Harbour View School", "title": "Register", "printed": "today"}
    lines = [{"name": f"Pupil {number}"} for number in range(80)]
    parts = [
        Part("pdf/day_register.html", {"head": head, "forms": [(form, lines)]}, ("pdf/registers.css",), count=80)
        for form in ("8A", "8B")
    ]
    seen: list[int] = []
    made = join_pdf(parts, made_at=MADE, title="Register", after_each=lambda part: seen.append(part.count))
    assert seen == [80, 80]
    found = text_of(made)
    each = made.pages // 2
    assert each > 1
    assert found.count(f"Page 1 of {each}") == 2
    assert found.count("Harbour View School") == made.pages


def test_join_pdf_without_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        join_pdf([], made_at=MADE, title="Nothing")


def test_loading_the_kit_does_not_load_weasyprint() -> None:
    """The web process pays nothing for what the worker does."""
    import subprocess
    import sys

    code = "import sys, django; django.setup(); import core.kit.pdf; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("text", ["P23456789", "S9XYZABCD", "DESK-PERMITTED", "https://example.org/a?b=c#d"])
def test_qr_code_is_read_by_another_reader(text: str) -> None:
    """stack 7: never a Micro QR, four modules of white; read by a reader that did not make it."""
    from PIL import Image, ImageDraw

    code, scale = qr_code(text), 8
    picture = Image.new("L", (code.side * scale,) * 2, 255)
    pen = ImageDraw.Draw(picture)
    for run in code.path.split("M")[1:]:
        start, width = run.split("h")
        across, middle = start.split()
        left, top = int(across) * scale, int(float(middle)) * scale
        pen.rectangle((left, top, left + int(width) * scale - 1, top + scale - 1), fill=0)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [text]
    assert (code.modules - 21) % 4 == 0
    assert min(_white(picture, scale)) >= QUIET


def _white(picture: Any, scale: int) -> tuple[int, ...]:
    from PIL import ImageOps

    left, top, right, bottom = ImageOps.invert(picture).getbbox()
    return (left // scale, top // scale, (picture.width - right) // scale, (picture.height - bottom) // scale)


def test_qr_code_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        qr_code("")


def test_moment_of_another_zone_is_written_in_universal_time(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    from zoneinfo import ZoneInfo

    draw("<p>x</p>")
    summer = datetime(2026, 7, 1, 8, 30, tzinfo=ZoneInfo("Europe/London")) + timedelta(0)
    made = render_pdf("page.html", {}, made_at=summer, title="Test")
    assert pypdfium2.PdfDocument(io.BytesIO(made.content)).get_metadata_value("CreationDate")[:16] == "D:20260701073000"
