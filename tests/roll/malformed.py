"""A corpus of files that no import may fall over: each a name, bytes, and whether a list can be read from it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator

from core.roll.values import upn_check_letter

HEAD = "UPN,Admission number,Surname,Forename,Date of birth,Year,Form"


def _row(number: int) -> str:
    digits = f"999{number:09d}"
    return f"{upn_check_letter(digits)}{digits},{number:06d},Brånd,Zoë,0{number % 9 + 1}/03/2015,7,7A"


GOOD = "\r\n".join([HEAD, *(_row(number) for number in range(1, 6))]) + "\r\n"


def _bomb(names: int = 1, size: int = 50_000_000) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(names):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * (size // names))
    return buffer.getvalue()


def _nested() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", _bomb(size=1_000_000))
    return buffer.getvalue()


def unreadable() -> Iterator[tuple[str, bytes]]:
    """Files that must be refused whole, with a sentence."""
    good = GOOD.encode()
    yield "nothing", b""
    yield "one blank", b" "
    yield "blank lines", b"\r\n\r\n\r\n"
    yield "a mark alone", b"\xef\xbb\xbf"
    yield "a UTF-16 mark alone", b"\xff\xfe"
    yield "end-of-file sign alone", b"\x1a"
    yield "only delimiters", b",,,,,\r\n,,,,\r\n"
    yield "headings alone", HEAD.encode() + b"\r\n"
    yield "headings without line end", HEAD.encode()
    yield "one column", b"Name\r\nAda\r\nBo\r\n"
    yield "one word", b"hello"
    yield "prose", b"Dear office\r\nplease find the list\r\nkind regards\r\n"
    yield "null byte in a name", good.replace("Zoë".encode(), b"Z\x00e", 1)
    yield "null bytes at the end", good + b"\x00" * 64
    yield "only null bytes", b"\x00" * 4096
    yield "null byte late", good * 400 + b"a\x00b"
    yield "unclosed quote in the headings", b'UPN,"Surname,Forename\r\n1,2,3\r\n'
    yield "unclosed quote in row 3", good.replace(b"000002,", b'000002,"', 1)
    yield "unclosed quote in the last cell", good.rstrip() + b',"'
    yield "a quote that swallows many rows", (HEAD + '\r\n"x' + "\r\na,b,c" * 40 + '",1\r\n').encode()
    yield "the same heading twice", good.replace(b"Forename", b"Surname", 1)
    yield "the same heading in another case", good.replace(b"Forename", b"SURNAME", 1)
    yield "a hidden character in a heading", good.replace(b"Surname", "Sur\u200bname".encode(), 1)
    yield "a heading of 300 characters", good.replace(b"Surname", b"S" * 300, 1)
    yield "300 columns", (",".join(f"c{n}" for n in range(300)) + "\r\n" + ",".join("1" * 300) + "\r\n").encode()
    yield "a million commas in the headings", b"," * 1_000_000 + b"\r\na,b\r\n"
    yield "a million commas in a row", HEAD.encode() + b"\r\n" + b"," * 1_000_000
    yield "a cell of 150,000 characters", HEAD.encode() + b"\r\n" + b"x" * 150_000 + b",1\r\n"
    yield "a line of 5 million characters", HEAD.encode() + b"\r\n" + b"x" * 5_000_000
    yield "9 million quotes", b"a,b\r\n" + b'"' * 9_000_000
    yield "11 MB", b"a,b\r\n" * 2_400_000
    yield "100,000 rows", HEAD.encode() + b"\r\n" + b"1,2,3,4,5,6,7\r\n" * 100_000
    yield "a spreadsheet", b"PK\x03\x04" + good
    yield "a spreadsheet bomb", _bomb()
    yield "a spreadsheet of 1,000 sheets", _bomb(names=1000, size=5_000_000)
    yield "an archive in an archive", _nested()
    yield "an empty archive", b"PK\x05\x06" + b"\x00" * 18
    yield "an old spreadsheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512
    yield "a PDF", b"%PDF-1.7\n" + good
    yield "gzip", b"\x1f\x8b\x08\x00" + good
    yield "a picture", b"\x89PNG\r\n\x1a\n" + good
    yield "a web page", b"<!DOCTYPE html><table><tr><td>UPN</td></tr></table>"
    yield "an XML spreadsheet", b'<?xml version="1.0"?><Workbook></Workbook>'
    yield "rich text", b"{\\rtf1 " + good
    yield "UTF-8 and Windows letters mixed", good + "Ångström,é\r\n".encode("cp1252")
    yield "a byte that is no letter", HEAD.encode() + b"\r\n1,2,\x81,4,5,6,7\r\n"
    yield "a broken UTF-16 pair", b"\xff\xfe" + GOOD.encode("utf-16-le") + b"\x00\xd8"
    yield "half a UTF-16 character", GOOD.encode("utf-16") + b"\x41"
    yield "a UTF-8 mark before Windows letters", b"\xef\xbb\xbf" + GOOD.encode("cp1252")
    yield "random bytes", random.Random(1).randbytes(20_000)


def with_problems() -> Iterator[tuple[str, bytes]]:
    """Files whose sound rows can be read while others are reported."""
    good = GOOD.encode()
    yield "a row with a cell too many", good.replace(b",7,7A\r\n", b",7,7A,extra\r\n", 1)
    yield "a stray quote in a quoted cell", good.replace(b"000002", b'"000"002', 1)
    yield "a bidi override", good.replace("Zoë".encode(), "Zo\u202eë".encode(), 1)
    yield "a zero-width space", good.replace("Zoë".encode(), "Zo\u200bë".encode(), 1)
    yield "a bell", good.replace("Zoë".encode(), b"Zo\x07e", 1)
    yield "an escape sequence", good.replace("Zoë".encode(), b"\x1b[31mZoe", 1)
    yield "a byte-order mark inside", good.replace("Zoë".encode(), "\ufeffZoë".encode(), 1)
    yield "a line break in a name", good.replace("Zoë".encode(), '"Zo\r\në"'.encode(), 1)
    yield "a cell of 30,000 characters", good.replace("Zoë".encode(), b"Z" * 30_000, 1)
    yield "a row of one cell", good + b"stray\r\n"
    yield "formula cells", good.replace("Zoë".encode(), b"=1+1", 1)
    yield "dates as day numbers", good.replace(b"03/03/2015", b"42066", 1)
    yield "a footer", good + b"Total,5,,,,,\r\n"


def readable() -> Iterator[tuple[str, bytes]]:
    """Odd files from which all five rows can be read."""
    yield "UTF-8", GOOD.encode()
    yield "UTF-8 with a mark", GOOD.encode("utf-8-sig")
    yield "Windows-1252", GOOD.encode("cp1252")
    yield "UTF-16 with a mark", GOOD.encode("utf-16")
    yield "UTF-16, big end first", b"\xfe\xff" + GOOD.encode("utf-16-be")
    yield "UTF-16 without a mark", GOOD.encode("utf-16-le")
    yield "UTF-32", GOOD.encode("utf-32")
    yield "LF", GOOD.replace("\r\n", "\n").encode()
    yield "CR", GOOD.replace("\r\n", "\r").encode()
    yield "line ends mixed", GOOD.replace("\r\n", "\n", 2).replace("\n", "\r", 1).encode()
    yield "no line end at the end", GOOD.rstrip().encode()
    yield "blank lines between", GOOD.replace("\r\n", "\r\n\r\n").encode()
    yield "semicolons", GOOD.replace(",", ";").encode()
    yield "tabs", GOOD.replace(",", "\t").encode()
    yield "bars", GOOD.replace(",", "|").encode()
    yield "a line that states the delimiter", b"sep=;\r\n" + GOOD.replace(",", ";").encode()
    yield "a title above", b"Pupils of the school\r\nPrinted today\r\n\r\n" + GOOD.encode()
    yield "rows cut short", GOOD.replace(",7,7A", ",7").encode()
    yield "empty columns at the end", GOOD.replace("\r\n", ",,,\r\n").encode()
    yield (
        "every cell quoted",
        "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in GOOD.split("\r\n") if line).encode(),
    )
    yield "blanks around cells", GOOD.replace(",", " , ").encode()
    yield "no-break blanks", GOOD.replace("Brånd", "\u00a0Brånd\u00a0").encode()
    yield "end-of-file sign at the end", GOOD.encode() + b"\x1a"
    yield "a line separator after a name", GOOD.replace("Brånd", "Brånd\u2028").encode()
