"""Amounts, dates and lines as other programs write them: read by a declared convention, or refused.

A text that can be read in two ways is never guessed: `amount_readings` and `date_readings` give
every reading, and one reading is an answer.

>>> amount_readings("1,234.50")
(Decimal('1234.50'),)
>>> amount_readings("1,234")
(Decimal('1.234'), Decimal('1234'))
>>> parse_amount("1,234", decimal=".", grouping=",")
Decimal('1234')
>>> parse_date("31/12/2026", format="%d/%m/%Y")
datetime.date(2026, 12, 31)
"""

from __future__ import annotations

import codecs
import datetime as dt
import functools
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, Final, cast

from receivables import limits
from receivables.errors import DocumentError, MoneyError, PolicyError
from receivables.reading import ReadNotes

__all__ = [
    "DECIMALS",
    "GROUPINGS",
    "TextLines",
    "amount_readings",
    "check_date_format",
    "check_encoding",
    "check_number_format",
    "date_readings",
    "fixed_records",
    "line_blocks",
    "parse_amount",
    "parse_date",
    "record_pieces",
    "text_chunks",
]

DECIMALS: Final = (".", ",")
"""What can stand before the decimals of an amount."""

GROUPINGS: Final = ("", " ", ".", ",", "'")
"""What can stand between the thousands of an amount; a blank stands for every kind of blank."""

# A no-break space, a narrow one and a thin one are what French and Swiss programs write for " ".
_SAME_AS: Final = {" ": " \u00a0\u202f\u2009", "'": "'\u2019"}

_MINUS: Final = "-\u2212"
_SIGNS: Final = f"+{_MINUS}"

_AMOUNT_LENGTH_MAX: Final = 60
"""Characters of an amount: twice the digits of the largest, with all their separators."""

_SURE: Final = {
    ".": re.compile(r"-?[0-9]{1,20}(?:\.(?:[0-9]{1,2}|[0-9]{4,6}))?"),
    ",": re.compile(r"-?[0-9]{1,20}(?:,(?:[0-9]{1,2}|[0-9]{4,6}))?"),
}
"""Figures without groups that have one reading, as three figures behind a mark may be a group."""

_ASCII_INSIDE: Final = frozenset({"utf-8", "iso8859-1", "iso8859-15", "cp1252"})
"""Encodings in which bytes of ASCII mean themselves, whatever came before them."""
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
"""What every character of UTF-8 beyond ASCII has, and hardly any text in another encoding."""
_BLOCK_BYTES: Final = 262_144
_HEAD_BYTES: Final = 4_096
"""Bytes in which a file that has line ends shows one; the longest known record has 1,464."""

_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIRECTIVES: Final = frozenset("dmYyHMS%")
_UNDECLARED: Final = {
    "day and month first": re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})"),
    "year first": re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})"),
}


def check_number_format(decimal: str | None, grouping: str | None) -> None:
    """Raise `PolicyError` unless the two marks are known, or left open, and differ."""
    if decimal is not None and decimal not in DECIMALS:
        msg = f"decimal must be one of {DECIMALS}, got {decimal!r}"
        raise PolicyError(msg)
    if grouping is not None and grouping not in GROUPINGS:
        msg = f"grouping must be one of {GROUPINGS}, got {grouping!r}"
        raise PolicyError(msg)
    if decimal is not None and decimal == grouping:
        msg = f"grouping must differ from decimal, got {grouping!r} for both"
        raise PolicyError(msg)


def amount_readings(
    text: str, *, decimal: str | None = None, grouping: str | None = None
) -> tuple[Decimal, ...]:
    """Every value that a text can have under the marks declared; None leaves a mark open.

    A sign may stand before or after, and parentheses mean minus.  Currency symbols, exponents,
    ``NaN`` and infinities are no amounts, and have no reading.

    >>> amount_readings("(1 234,50)", decimal=",", grouping=" ")
    (Decimal('-1234.50'),)
    >>> amount_readings("12.34", decimal=",")
    ()
    """
    if decimal != "," and _SURE["."].fullmatch(text):
        return (Decimal(text),)
    if decimal != "." and _SURE[","].fullmatch(text):
        return (Decimal(text.replace(",", ".")),)
    sign, digits = _unsigned(text.strip())
    if not digits or len(digits) > _AMOUNT_LENGTH_MAX:
        return ()
    if decimal is not None:
        is_one = _pattern(decimal, grouping).fullmatch(digits)
        return (sign * Decimal(_plain(digits, decimal)),) if is_one else ()
    found = {
        sign * Decimal(_plain(digits, mark))
        for mark in DECIMALS
        if _pattern(mark, grouping).fullmatch(digits)
    }
    return tuple(sorted(found))


def parse_amount(text: str, *, decimal: str | None = None, grouping: str | None = None) -> Decimal:
    """The one value of a text; raises `MoneyError` where there is none, or more than one.

    >>> parse_amount("3.500,00-", decimal=",", grouping=".")
    Decimal('-3500.00')
    """
    readings = amount_readings(text, decimal=decimal, grouping=grouping)
    if len(readings) != 1:
        ways = " or ".join(str(reading) for reading in readings) or "no number"
        msg = f"amount must be readable in one way, got {text!r}, which is {ways}"
        raise MoneyError(msg)
    return readings[0]


def _unsigned(text: str) -> tuple[int, str]:
    """Part an amount into its sign and its digits; the digits are empty where it has two signs."""
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1].strip()
    if text[:1] and text[0] in _SIGNS:
        return (-1 if text[0] in _MINUS else 1), text[1:].strip()
    if text[-1:] and text[-1] in _SIGNS:
        return (-1 if text[-1] in _MINUS else 1), text[:-1].strip()
    return 1, text


def _plain(digits: str, mark: str) -> str:
    whole, _, fraction = digits.partition(mark)
    kept = whole if whole.isdigit() else "".join(filter(str.isdigit, whole))
    return f"{kept or '0'}.{fraction or '0'}" if fraction else kept


@functools.cache
def _pattern(mark: str, grouping: str | None) -> re.Pattern[str]:
    """Digits in groups of three, one mark throughout, or in none; then the decimals."""
    allowed = GROUPINGS if grouping is None else (grouping,)
    kinds = "".join(_SAME_AS.get(group, group) for group in allowed if group != mark)
    grouped = (
        rf"|[1-9][0-9]{{0,2}}([{re.escape(kinds)}])[0-9]{{3}}(?:\1[0-9]{{3}})*" if kinds else ""
    )
    point = re.escape(mark)
    return re.compile(rf"(?:[0-9]+{grouped})(?:{point}[0-9]+)?|{point}[0-9]+")


@functools.cache
def check_date_format(format: str) -> str:
    """Return a date format, or raise `PolicyError`: day, month and year, in figures only.

    Names of months depend on the locale of the machine, which this library does not read.

    >>> check_date_format("%d.%m.%Y")
    '%d.%m.%Y'
    """
    directives = re.findall("%(.?)", format)
    known = set(directives) <= _DIRECTIVES
    if not known or not {"d", "m"} <= set(directives) or not {"Y", "y"} & set(directives):
        msg = f"date format must have %d, %m and %Y, and figures only, got {format!r}"
        raise PolicyError(msg)
    return format


@functools.lru_cache(maxsize=8192)
def date_readings(text: str, *, format: str | None = None) -> tuple[dt.date, ...]:
    """Every day that a text can mean: in the format declared, or in ISO 8601 and by proof.

    Without a format, ``2026-04-03`` is itself, ``31/12/2026`` can only be the last of December, and
    ``03/04/2026`` is two days.

    >>> len(date_readings("03/04/2026"))
    2
    >>> date_readings("2026-02-30")
    ()
    """
    text = text.strip()
    if format is not None:
        return _by_format(text, check_date_format(format))
    if _ISO_DATE.fullmatch(text):
        return _existing([(text[:4], text[5:7], text[8:])])
    if match := _UNDECLARED["year first"].fullmatch(text):
        return _existing([(match[1], match[3], match[4])])
    if match := _UNDECLARED["day and month first"].fullmatch(text):
        return _existing([(match[4], match[3], match[1]), (match[4], match[1], match[3])])
    return ()


def parse_date(text: str, *, format: str | None = None) -> dt.date:
    """The one day that a text means; raises `DocumentError` where there is none, or two.

    >>> parse_date("2026-10-31")
    datetime.date(2026, 10, 31)
    """
    readings = date_readings(text, format=format)
    if len(readings) != 1:
        days = " or ".join(str(day) for day in readings) or "no day"
        msg = f"date must be readable in one way, got {text!r}, which is {days}"
        raise DocumentError(msg)
    return readings[0]


def _by_format(text: str, format: str) -> tuple[dt.date, ...]:
    if not text.isascii():
        return ()
    try:
        return (dt.datetime.strptime(text, format).date(),)  # noqa: DTZ007  # only the day is kept
    except ValueError:
        return ()


def _existing(days: list[tuple[str, str, str]]) -> tuple[dt.date, ...]:
    found = set()
    for year, month, day in days:
        try:
            found.add(dt.date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return tuple(sorted(found))


def check_encoding(encoding: str) -> str:
    """Return the name of a text encoding, or raise `PolicyError`.

    >>> check_encoding("ISO-8859-15")
    'iso8859-15'
    """
    try:
        "\n".encode(encoding)
    except (LookupError, UnicodeError):
        msg = f"encoding must be a text encoding that Python knows, got {encoding!r}"
        raise PolicyError(msg) from None
    name = codecs.lookup(encoding).name
    return "utf-8" if name == "utf-8-sig" else name


class TextLines:
    r"""The physical lines of a binary stream as text, one at a time, line ends kept.

    Without an encoding, UTF-8 is tried first and ISO 8859-15 next (cp1252 where a line has bytes
    that ISO 8859-15 keeps for control characters).  A line that is not text in the encoding, or that
    disagrees with the lines before it, is noted as ``encoding.invalid``, comes with U+FFFD for what
    could not be read, and has its number in `damaged`.  A line beyond `limits.LINE_BYTES_MAX` ends
    the reading with ``file.too-large``.

    >>> notes = ReadNotes("names.txt")
    >>> list(TextLines(io.BytesIO("Bücher\n".encode("iso-8859-15")), notes=notes))
    ['Bücher\n']
    """

    def __init__(self, stream: BinaryIO, *, notes: ReadNotes, encoding: str | None = None) -> None:
        self._stream = stream
        self._notes = notes
        self._encoding = None if encoding is None else check_encoding(encoding)
        self._found = ""
        self.number = 0
        """The number of the line that came last; the first is 1."""
        self.damaged: set[int] = set()

    def __iter__(self) -> Iterator[str]:
        by_bytes = self._encoding is None or "\n".encode(self._encoding) == b"\n"
        texts = self._decoded() if by_bytes else self._wrapped(str(self._encoding))
        for text in texts:
            self.number += 1
            yield text.removeprefix("\ufeff")
            break
        for text in texts:
            self.number += 1
            yield text

    def _decoded(self) -> Iterator[str]:
        """Decode line by line, which is right wherever a line end is a single byte."""
        longest = limits.LINE_BYTES_MAX
        has_ascii = self._encoding is None or self._encoding in _ASCII_INSIDE
        readline = self._stream.readline
        while raw := readline(longest + 1):
            if len(raw) > longest:
                self._refuse_length()
                return
            yield raw.decode("ascii") if has_ascii and raw.isascii() else self._decode(raw)

    def _decode(self, raw: bytes) -> str:
        encoding = self._encoding or _likely(raw)
        family = "utf-8" if encoding == "utf-8" else "iso-8859-15"
        consistent = self._encoding is not None or self._found in {"", family}
        self._found = self._found or family
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            consistent, text = False, raw.decode(encoding, errors="replace")
        if not consistent:
            self._note_damage(self._encoding or self._found)
        return text

    def _wrapped(self, encoding: str) -> Iterator[str]:
        """Decode as a whole: in UTF-16 and its like a line end is more than one byte."""
        wrapper = io.TextIOWrapper(self._stream, encoding=encoding, newline="")
        try:
            while text := wrapper.readline(limits.LINE_BYTES_MAX):
                if len(text) == limits.LINE_BYTES_MAX:
                    self._refuse_length()
                    return
                yield text
        except UnicodeError:
            self._note_damage(encoding)
        finally:
            # The stream belongs to whoever opened it; without this the wrapper would close it.
            wrapper.detach()

    def _refuse_length(self) -> None:
        msg = f"a line must have at most {limits.LINE_BYTES_MAX} bytes, got more"
        self._notes.error("file.too-large", msg, line=self.number + 1)

    def _note_damage(self, encoding: str) -> None:
        self.damaged.add(self.number + 1)
        msg = f"line must be text in {encoding}, got other bytes. Declare the encoding of the file"
        self._notes.error("encoding.invalid", msg, line=self.number + 1)


def _likely(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        # Bytes 80 to 9F are control characters in ISO 8859-15, which no export holds.
        return "cp1252" if any(0x80 <= byte <= 0x9F for byte in raw) else "iso-8859-15"  # noqa: PLR2004
    return "utf-8"


def line_blocks(
    stream: BinaryIO, *, notes: ReadNotes, encoding: str | None = None
) -> Iterator[list[str]]:
    r"""The lines of a bank file without their ends, in blocks, so that a loop over them is fast.

    A line ends with CR LF, LF, or CR alone in a file that has no LF.  Without an encoding, each block
    is UTF-8, or else each of its lines is UTF-8, or else Windows-1252: bank files mix them.  A byte
    that is no text in the encoding declared is noted as ``encoding.invalid`` and comes as U+FFFD.  A
    line beyond `limits.LINE_BYTES_MAX` ends the reading with ``file.too-large``.

    >>> notes = ReadNotes("october.sta")
    >>> list(line_blocks(io.BytesIO(b":20:ONE\r\n:25:TWO"), notes=notes))
    [[':20:ONE'], [':25:TWO']]
    """
    name = None if encoding is None else check_encoding(encoding)
    number = 0
    for data in _whole_lines(stream, notes):
        text = _decoded_block(data, name, notes, number)
        lines = text.removeprefix("\ufeff").split("\n") if number == 0 else text.split("\n")
        if not lines[-1]:
            lines.pop()
        if "\r" in text:
            lines = [line.rstrip("\r") for line in lines]
        number += len(lines)
        yield lines


def _whole_lines(stream: BinaryIO, notes: ReadNotes) -> Iterator[bytes]:
    """The bytes of a stream in pieces that end where a line ends."""
    rest = b""
    lines = 0
    ends_with_return = False
    while chunk := stream.read(_BLOCK_BYTES):
        data = rest + chunk
        cut = data.rfind(b"\n") + 1
        if not cut and not lines and b"\r" in data[:-1]:
            ends_with_return = True
        if ends_with_return:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            lines += data.count(b"\n")
            yield data[:cut]
        if len(rest) > limits.LINE_BYTES_MAX:
            msg = f"a line must have at most {limits.LINE_BYTES_MAX} bytes, got more"
            notes.error("file.too-large", msg, line=lines + 1)
            return
    if rest:
        yield rest


def _decoded_block(data: bytes, encoding: str | None, notes: ReadNotes, number: int) -> str:
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is not None:
            line = number + 1 + data.count(b"\n", 0, error.start)
            msg = f"line must be text in {encoding}, got other bytes"
            notes.error("encoding.invalid", msg, line=line)
            return data.decode(encoding, errors="replace")
    if not _MULTIBYTE.search(data):
        return data.decode("cp1252", errors="replace")
    return "\n".join(map(_decoded_line, data.split(b"\n")))


def _decoded_line(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined, which ISO 8859-1 has as control characters.
        return raw.decode("cp1252", errors="replace")


def text_chunks(stream: BinaryIO) -> Iterator[str]:
    r"""The text of a bank file in pieces that end anywhere, for formats that need no line ends.

    The text is UTF-8 as long as it can be, and Windows-1252 from the piece on that cannot.

    >>> "".join(text_chunks(io.BytesIO("ST*820*1~N1*PR*Bücher~".encode())))
    'ST*820*1~N1*PR*Bücher~'
    """
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
    is_first = True
    while True:
        data = stream.read(_BLOCK_BYTES)
        held = decoder.getstate()[0]
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            decoder = codecs.getincrementaldecoder("cp1252")(errors="replace")
            text = decoder.decode(held + data, final=not data)
        yield text.removeprefix("\ufeff") if is_first else text
        is_first = False
        if not data:
            return


def fixed_records(stream: BinaryIO, *, notes: ReadNotes, length: int) -> Iterator[list[str]]:
    r"""The records of a bank file in blocks: its lines, or pieces of a length where it has no lines.

    Whether it has line ends is seen in its first 4,096 bytes.  A line comes as it stands, shorter or
    longer than the length; `record_pieces` parts a line that holds several records.

    >>> notes = ReadNotes("october.ach")
    >>> list(fixed_records(io.BytesIO(b"101 03\n5225"), notes=notes, length=94))
    [['101 03'], ['5225']]
    """
    head = stream.read(_HEAD_BYTES)
    whole = cast("BinaryIO", _Rejoined(head, stream))
    if len(head) < _HEAD_BYTES or b"\n" in head or b"\r" in head:
        yield from line_blocks(whole, notes=notes)
        return
    rest = ""
    for chunk in text_chunks(whole):
        text = rest + chunk.replace("\r", "").replace("\n", "")
        end = len(text) - len(text) % length
        rest = text[end:]
        if end:
            yield [text[start : start + length] for start in range(0, end, length)]
    if rest.strip():
        yield [rest]


def record_pieces(line: str, *, length: int) -> list[str]:
    """The records of a line that holds several; blanks beyond the last one are no record.

    >>> record_pieces("1ABC2DEF  ", length=4)
    ['1ABC', '2DEF']
    """
    pieces = [line[start : start + length] for start in range(0, len(line), length)]
    return pieces[:1] + [piece for piece in pieces[1:] if piece.strip()]


class _Rejoined:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int) -> bytes:
        """The beginning, then what follows it."""
        head, self._head = self._head, b""
        return head or self._rest.read(size)
