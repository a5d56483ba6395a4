"""Bytes to rows of cells: what kind of file it is, which encoding, which rows stand where.

The one idea: never read a file wrongly without a word. UTF-8 and UTF-16 prove themselves; an older
encoding counts only if the header (or a word the format names) makes sense in it. Whatever is no table
at all is refused with the step that makes it one.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import importlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from sellerlab.errors import ReadError
from sellerlab.text import say

_KINDS = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"%PDF", "a PDF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_ASK = "Give the CSV or Excel file that the shop's admin page exports."
_END = "\ue000end\ue000"


@dataclass(frozen=True)
class Sheet:
    """Rows of cells with the line each starts at (in a workbook: its row).

    Attributes:
        rows: Cells; text, or a number or time where a workbook holds one.
        lines: Line number of each row, from 1.
        name: Name of the worksheet; empty for text.
        cut: Whether the file ends inside its last row.
        notes: What a reader should know about the file.
    """

    rows: list[list[Any]]
    lines: list[int]
    name: str = ""
    cut: bool = False
    notes: tuple[str, ...] = ()


def load(path: Path) -> bytes:
    """Return the bytes of a file; a ``.gz`` file is unpacked.

    Raises:
        ReadError: There is no such file, it is a folder, empty, or no table at all.
    """
    if path.is_dir():
        raise ReadError(f"{path.name} is a folder. Give the export file that lies in it.")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        near = get_close_matches(path.name, _names(path.parent), n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ReadError(f"There is no file {path.name} in the folder given.{hint}") from None
    except OSError as error:
        raise ReadError(f"{path.name} cannot be opened ({error.strerror}). Check who may read it.") from None
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise ReadError(f"{path.name} is a broken .gz file. Download or copy it again.") from None
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise ReadError(f"{path.name} is empty. Export it again, with a period that has orders.")
    _refuse(data, path.name)
    return data


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are an Excel workbook (xlsx, xlsb or xls)."""
    return data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def workbook(data: bytes, name: str, password: str | None) -> list[Sheet]:
    """Return the worksheets of a workbook that hold something.

    Args:
        data: The file's bytes.
        name: The file's name, for messages.
        password: The password the file opens with, if it has one.

    Raises:
        ReadError: The workbook is locked or broken.
    """
    from python_calamine import CalamineWorkbook

    if "EncryptedPackage".encode("utf-16-le") in data:
        data = _unlock(data, name, password)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for title in book.sheet_names:
            rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            if any(cell not in ("", None) for row in rows for cell in row):
                sheets.append(Sheet(rows, list(range(1, len(rows) + 1)), title))
    except Exception as error:
        if "password" in str(error).lower():
            raise _locked(name) from None
        raise ReadError(
            f"{name} is a broken Excel file. Open it in Excel, save it again as .xlsx, and read that."
        ) from None
    if not sheets:
        raise ReadError(f"{name} is empty: no worksheet holds anything.")
    return sheets


def sure_text(data: bytes) -> tuple[str, str] | None:
    """Return the text and its encoding where the bytes prove it (UTF-16 by its mark, or UTF-8)."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if marked else "utf-8-sig"
    text = as_text(data, encoding)
    if text is None or (not marked and "\x00" in text):
        return None
    return text, encoding


def as_text(data: bytes, encoding: str) -> str | None:
    """Return the text in an encoding, or None where the bytes are not in it.

    A character cut off by the end of the file is left out, not an error.
    """
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, final=False)
    except UnicodeDecodeError:
        return None
    except LookupError:
        raise ReadError(
            f"There is no encoding {encoding!r}. Usual ones: utf-8, cp949, cp932, gb18030, cp1252."
        ) from None


def rows(text: str, delimiter: str, *, quoting: bool = True, head: int | None = None) -> Sheet:
    """Split text into rows of cells.

    Args:
        text: The file's text.
        delimiter: Character between cells.
        quoting: Whether quotation marks hold a cell together.
        head: Lines to look at; all by default.

    Raises:
        ReadError: A quotation mark is never closed and swallows the rest of the file.
    """
    stream: Iterable[str] = io.StringIO(text, newline="")
    if head is not None:
        stream = [line for line, _ in zip(stream, range(head), strict=False)]
    style: Literal[0, 3] = csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE
    closed = "" if text.endswith(("\n", "\r")) else "\n"
    # A last line of our own tells whether a quotation mark is still open at the end of the file.
    reader = csv.reader(
        chain(stream, [closed, _END] if closed else [_END]), delimiter=delimiter, quoting=style
    )
    found: list[list[Any]] = []
    lines: list[int] = []
    at = 1
    try:
        for row in reader:
            found.append(row)
            lines.append(at)
            at = reader.line_num + 1
    except csv.Error:
        raise ReadError(_open_quote(at)) from None
    whole = found[-1] == [_END]
    if whole:
        found.pop(), lines.pop()
    else:
        found[-1] = [cell.removesuffix(_END) for cell in found[-1]]
        if head is None and text.count("\n") - lines[-1] > 50:
            raise ReadError(_open_quote(lines[-1]))
    notes = (
        ()
        if not closed or head
        else (say("The last line has no line end: check that the file is complete."),)
    )
    return Sheet(found, lines, cut=not whole, notes=notes)


def _open_quote(line: int) -> str:
    return (
        f"The quotation mark opened in line {line} is never closed, so the rest of the file reads as one "
        "cell. Export the file again, or close the mark in that line."
    )


def _refuse(data: bytes, name: str) -> None:
    for magic, kind in _KINDS:
        if data.startswith(magic):
            raise ReadError(f"{name} is {kind}, not a table. {_ASK}")
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|head|body|table|\?xml|meta|style|div)", start):
        raise ReadError(
            f"{name} is a web page with the ending {Path(name).suffix or 'of a table'}: the site exports "
            "HTML under that name. Open it in Excel, save it as .xlsx, and read that file."
        )
    if data.startswith(b"PK\x03\x04"):
        try:
            inside = zipfile.ZipFile(io.BytesIO(data)).namelist()
        except zipfile.BadZipFile:
            raise ReadError(
                f"{name} is a broken Excel or zip file: its end is missing. Download it again."
            ) from None
        if not any(each.startswith("xl/") or each == "content.xml" for each in inside):
            listed = ", ".join(Path(each).name for each in inside[:5])
            raise ReadError(f"{name} is a zip archive. Unpack it and read the file in it: {listed}.")
    elif (
        not is_workbook(data)
        and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        and b"\x00" in data[:4000]
    ):
        raise ReadError(f"{name} holds bytes that are no text, so it is not a table. {_ASK}")


def _unlock(data: bytes, name: str, password: str | None) -> bytes:
    if password is None:
        raise _locked(name)
    try:
        office = importlib.import_module("msoffcrypto")
    except ImportError:
        raise ReadError(
            f"{name} is locked, and opening it here needs the package msoffcrypto-tool. "
            "Install it, or remove the password: in Excel, File > Info > Protect Workbook > "
            "Encrypt with Password, empty the box, save."
        ) from None
    opened = io.BytesIO()
    try:
        locked = office.OfficeFile(io.BytesIO(data))
        locked.load_key(password=password)
        locked.decrypt(opened)
    except Exception:
        raise ReadError(f"The password does not open {name}. Check it in the shop's admin page.") from None
    return opened.getvalue()


def _locked(name: str) -> ReadError:
    return ReadError(
        f"{name} is locked with a password. Open it in Excel with the password the shop set, choose "
        "File > Info > Protect Workbook > Encrypt with Password, empty the box, save, and read it again."
    )


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
