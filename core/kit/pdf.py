"""From a template to a PDF for the archive and for screen readers; nothing is fetched while it is made."""

from __future__ import annotations

import hashlib
import mimetypes
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

if TYPE_CHECKING:
    from weasyprint import Document

# Archive and accessible in one: tagged, fonts embedded, dates fixed. WeasyPrint takes a single variant.
VARIANT = "pdf/a-3a"
BASE_STYLES = "pdf/base.css"
EMPTY_PAGE = "pdf/empty_page.html"
ASSET = "asset:"
_learnt = threading.local()
_NOWHERE = "nowhere:///"  # what a relative address is relative to: it is refused like any other


class ForeignAddress(Exception):
    """A template asked for something that was not handed to it: a file, a page, a picture from elsewhere."""


@dataclass(frozen=True)
class Pdf:
    """A finished document."""

    content: bytes
    checksum: str
    pages: int


@dataclass(frozen=True)
class Part:
    """Some pages of a document, numbered on their own: a template, its context and its styles (templates too).

    `assets` are what it may show, by name: `asset:signature.png`. `count` says how many things are on its pages.
    """

    template: str
    context: Mapping[str, Any]
    styles: tuple[str, ...] = ()
    assets: Mapping[str, bytes] = field(default_factory=dict)
    count: int = 1


def render_pdf(
    template: str,
    context: Mapping[str, Any],
    *,
    made_at: datetime,
    title: str,
    styles: tuple[str, ...] = (),
    assets: Mapping[str, bytes] | None = None,
    attached: Mapping[str, bytes] | None = None,
) -> Pdf:
    """The template as a PDF/A-3a; the same input and moment give the same bytes. Raises `ForeignAddress`."""
    return join_pdf([Part(template, context, styles, assets or {})], made_at=made_at, title=title, attached=attached)


def join_pdf(
    parts: Iterable[Part],
    *,
    made_at: datetime,
    title: str,
    after_each: Callable[[Part], None] | None = None,
    attached: Mapping[str, bytes] | None = None,
    own_sheets: bool = False,
) -> Pdf:
    """One document of several parts, calling `after_each` when the pages of a part are laid out.

    `attached` are the data that it was made from, by name, for whoever reads it by machine. With `own_sheets` each part
    begins on a sheet of its own when it is printed on both sides: an empty page follows an odd number of them.

    Raises `ForeignAddress` when a template, its styles or an attachment names anything but an asset of its part, and
    ValueError when there is no part.
    """
    # Loading it takes most of a second and 70 MB: only what makes a PDF pays for that.
    from weasyprint import Attachment
    from weasyprint.urls import FatalURLFetchingError

    fonts = _fonts()
    documents: list[Document] = []
    refused: list[str] = []
    try:
        for part in parts:
            documents.append(_laid_out(part, fonts, refused))
            if after_each is not None:
                after_each(part)
        if not documents:
            raise ValueError("A document needs at least one part.")
        first = documents[0]
        pages = [page for document in documents for page in document.pages]
        if own_sheets and len(documents) > 1:
            (empty,) = _laid_out(Part(EMPTY_PAGE, {}), fonts, refused).pages
            pages = [page for document in documents for page in _on_own_sheets(document.pages, empty)]
        whole = first.copy(pages) if len(documents) > 1 else first
        made = made_at.astimezone(UTC).replace(microsecond=0).isoformat()
        whole.metadata.title, whole.metadata.lang = title, "en-GB"
        whole.metadata.created = whole.metadata.modified = made
        moment = made_at.astimezone(UTC).replace(microsecond=0)
        whole.metadata.attachments += [
            Attachment(string=data, name=name, relationship="Data", created=moment, modified=moment)
            for name, data in (attached or {}).items()
        ]
        content = whole.write_pdf(pdf_variant=VARIANT)
    except FatalURLFetchingError as error:
        # It is no Exception: left alone it would pass by every handler of the worker and of the web process.
        raise ForeignAddress(str(error)) from None
    if refused:  # inside a picture WeasyPrint goes on without what it could not have
        raise ForeignAddress(refused[0])
    return Pdf(content=content, checksum=hashlib.sha256(content).hexdigest(), pages=len(pages))


def _fonts() -> Any:
    """What this thread has learnt of the machine's fonts. No style of ours brings a font of its own for it to keep."""
    from weasyprint.text.fonts import FontConfiguration

    if not hasattr(_learnt, "fonts"):
        _learnt.fonts = FontConfiguration()
    return _learnt.fonts


def _on_own_sheets(pages: Sequence[Any], empty: Any) -> list[Any]:
    return [*pages, empty] if len(pages) % 2 else list(pages)


def _laid_out(part: Part, fonts: Any, refused: list[str]) -> Document:
    from weasyprint import CSS, HTML

    fetcher = _closed_fetcher(part.assets, refused)
    context = dict(part.context)
    sheets = [
        CSS(string=render_to_string(name, context), base_url=_NOWHERE, url_fetcher=fetcher, font_config=fonts)
        for name in (BASE_STYLES, *part.styles)
    ]
    page = HTML(string=render_to_string(part.template, context), base_url=_NOWHERE, url_fetcher=fetcher)
    document: Document = page.render(stylesheets=sheets, font_config=fonts, pdf_variant=VARIANT)
    return document


def _closed_fetcher(assets: Mapping[str, bytes], refused: list[str]) -> Any:
    """A fetcher that opens nothing: it hands out the given assets, and notes and stops at any other address."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(ASSET)
            if not url.startswith(ASSET) or name not in assets:
                scheme = url.partition(":")[0] if ":" in url else "relative"
                refused.append(f"A document holds what it is given; it asked for a {scheme} address.")
                raise FatalURLFetchingError(refused[-1])
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, body=assets[name], headers={"Content-Type": kind})

    return ClosedFetcher(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
