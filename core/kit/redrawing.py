"""A scan drawn anew from its pixels, in a process of its own with little time and memory; what else was in it is gone.

Run as a script it imports nothing of ours: it reads one JPEG, PNG or PDF and writes a PDF of pictures. Whatever a file
may do to the libraries that read it, it does there, without the database, the network's secrets or the product.
"""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 12
MOST_PIXELS = 40_000_000
_SECONDS, _MEMORY = 20, 1_500 * 1024 * 1024
_WIDE, _HIGH = 1240, 1754  # A4 at 150 points an inch: every line of a signature, and about 150 kB a page
_MAGIC = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
_ENDINGS = {"pdf": ("pdf",), "jpeg": ("jpg", "jpeg"), "png": ("png",)}
_SAID = {
    "kind": "Choose a PDF, JPEG or PNG file, as the scanner or the telephone saved it.",
    "large": "This file is larger than 10 MB. Scan it with less detail.",
    "pages": f"This file has no page, or more than {MOST_PAGES}. Scan the signed sheets alone.",
    "pixels": "This picture has more than 40 million points. Scan it with less detail.",
    "password": "This PDF is locked with a password. Save it without one, then choose it again.",
    "unreadable": "This file cannot be read as a picture of a sheet. Scan the sheet again.",
}


class NotRedrawn(Exception):
    """The file is not taken; the message says why, for the person who sent it."""


@dataclass(frozen=True)
class Redrawn:
    """A PDF that holds pictures and nothing else."""

    content: bytes
    pages: int


def kind_of(content: bytes, name: str) -> str:
    """What a file is by how it begins and by its ending, which have to agree. Raises `NotRedrawn`."""
    kind = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), "")
    if not kind or name.rpartition(".")[2].lower() not in _ENDINGS[kind]:
        raise NotRedrawn(_SAID["kind"])
    return kind


def redrawn(content: bytes, name: str) -> Redrawn:
    """The pages of a scan as pictures in a PDF of ours; the same file gives the same bytes. Raises `NotRedrawn`."""
    if len(content) > MOST_BYTES:
        raise NotRedrawn(_SAID["large"])
    kind = kind_of(content, name)
    try:
        done = subprocess.run(  # noqa: S603  our own file, and no shell
            [sys.executable, "-I", __file__, kind], input=content, capture_output=True, timeout=_SECONDS, env={},
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotRedrawn(_SAID["unreadable"]) from None
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotRedrawn(_SAID.get(why, _SAID["unreadable"]))
    pages, _, drawn = done.stdout.partition(b"\n")
    return Redrawn(content=drawn, pages=int(pages))


def _refuse(why: str) -> None:
    sys.stderr.write(why)
    raise SystemExit(1)


def _picture(content: bytes) -> list[Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            _refuse("pixels")
        if getattr(opened, "n_frames", 1) != 1:
            _refuse("pages")
        opened.load()
        return [_as_page(ImageOps.exif_transpose(opened))]


def _as_page(picture: Any) -> Any:
    """Flat, on white, no larger than a sheet: a signed page, not a photograph."""
    from PIL import Image

    if picture.mode not in ("L", "RGB"):
        with_alpha = picture.convert("RGBA")
        white = Image.new("RGBA", with_alpha.size, "white")
        picture = Image.alpha_composite(white, with_alpha).convert("RGB")
    sideways = picture.width > picture.height
    picture.thumbnail((_HIGH, _WIDE) if sideways else (_WIDE, _HIGH))
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _pages(content: bytes) -> list[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        _refuse("password" if "password" in str(error).lower() else "unreadable")
    if not 1 <= len(document) <= MOST_PAGES:
        _refuse("pages")
    drawn = []
    for page in document:
        wide, high = page.get_size()
        if not (10 < wide < 5000 and 10 < high < 5000):
            _refuse("unreadable")
        scale = min(_HIGH / max(wide, high), _WIDE / min(wide, high))
        drawn.append(_as_page(page.render(scale=scale, may_draw_forms=False).to_pil()))
    return drawn


def _main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        drawn = _pages(content) if sys.argv[1] == "pdf" else _picture(content)
    except Exception as error:  # whatever a library says of a file that is not what it claims
        _refuse("pixels" if type(error).__name__ == "DecompressionBombError" else "unreadable")
    out = io.BytesIO()
    first, *others = drawn
    first.save(out, "PDF", save_all=True, append_images=others, resolution=150, quality=72, creationDate="", modDate="")
    sys.stdout.buffer.write(f"{len(drawn)}\n".encode() + out.getvalue())


if __name__ == "__main__":
    _main()
