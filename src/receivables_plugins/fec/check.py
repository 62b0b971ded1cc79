"""Checks any accounting export against *LPF art. A47 A-1*, field by field and as a whole.

What the article demands is an error; what the administration's own tester only points out, and what it
wants explained (a gap in the numbers: BOI-CF-IOR-60-40-20), is a warning.  The rules are those of the
firms that keep their books on an accruals basis (BIC, and IS: VII of the article).
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import BinaryIO, Final

import attrs

from receivables import limits
from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.problems import Problem
from receivables.reading import ReadNotes
from receivables_plugins.fec.layout import BY_SIDE, HEADINGS, MAY_BE_BLANK, NUMBERS, PAIRS

__all__ = ["check_fec"]

_SEPARATORS: Final = ("\t", "|")
_NAME: Final = re.compile(r"[0-9]{9}FEC[0-9]{8}(\.[A-Za-z]+)?")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(,[0-9]*)?|,[0-9]+)|([0-9]+(,[0-9]*)?|,[0-9]+)[+-]")
_DATE: Final = re.compile(r"[0-9]{8}")
_ACCOUNT: Final = re.compile(r"[1-8][0-9]{2}")
_LAST_FIGURES: Final = re.compile(r"[0-9]+(?=[^0-9]*$)")
_DATES: Final = frozenset({"EcritureDate", "PieceDate", "DateLet", "ValidDate"})
_SIDES: Final = {"D": 1, "+1": 1, "C": -1, "-1": -1}
_FIELDS: Final = len(HEADINGS)
_ZERO: Final = Decimal(0)


def check_fec(stream: BinaryIO, *, name: str = "") -> tuple[Problem, ...]:
    """Every way in which a file is not what the article wants; none where it is valid.

    `name` is the name of the file, which is checked too where it is given.  At most
    `limits.PROBLEMS_MAX` are kept; each entry of the file is remembered by its sum.

    >>> import io
    >>> for problem in check_fec(io.BytesIO(b"JournalCode|JournalLib"), name="accounts.txt"):
    ...     print(problem.severity.value, problem.code)
    warning fec.name
    error fec.columns
    error file.empty
    """
    notes = ReadNotes(name or "fec")
    if name and not _NAME.fullmatch(name):
        notes.warn("fec.name", f"file must be called SirenFECAAAAMMJJ, got {name!r}")
    lines = _texts(stream, notes)
    _, first = next(lines, (1, ""))
    separator = next((mark for mark in _SEPARATORS if mark in first), None)
    if separator is None:
        msg = "first line must have the names of the fields, separated by tab or '|'"
        notes.error("file.format", msg, line=1)
        return tuple(notes.problems)
    headings = _headings(first, separator, notes)
    shape = (len(headings), first.count(separator) + 1 - len(headings))
    whole = _Whole(notes)
    for line, text in lines:
        fields = _fields(text, separator, shape, line=line, notes=notes)
        if fields is not None:
            row = dict(zip(headings, fields, strict=True))
            _check_row(row, _Notes(notes, line))
            whole.add(row, line)
    whole.check()
    return tuple(notes.problems)


@attrs.frozen
class _Notes:
    """The notebook, open at one line."""

    notes: ReadNotes
    line: int

    def error(self, code: str, field: str, message: str) -> None:
        self.notes.error(code, f"{field} {message}", line=self.line, field=field)

    def warn(self, code: str, field: str, message: str) -> None:
        self.notes.warn(code, f"{field} {message}", line=self.line, field=field)


def _texts(stream: BinaryIO, notes: ReadNotes) -> Iterator[tuple[int, str]]:
    """Every line with its number, in one of the character sets of XII 1°."""
    number, found = 0, ""
    while raw := stream.readline(limits.LINE_BYTES_MAX + 1):
        number += 1
        if len(raw) > limits.LINE_BYTES_MAX:
            msg = f"a line must have at most {limits.LINE_BYTES_MAX} bytes, got more"
            notes.error("file.too-large", msg, line=number)
            return
        text, encoding = _decoded(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
        if encoding == "neither" or (encoding and found and encoding != found):
            msg = "line must be in ASCII, ISO 8859-15 or UTF-8, the same in the whole file"
            notes.error("encoding.invalid", msg, line=number)
        found = found or encoding
        yield number, text.rstrip("\r\n")


def _decoded(raw: bytes) -> tuple[str, str]:
    """A line as text, and its character set; nothing where it is ASCII, which is in all of them."""
    if raw.isascii():
        return raw.decode("ascii"), ""
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = raw.decode("iso-8859-15")
        # 80 to 9F are letters in Windows-1252 and control characters in ISO 8859-15.
        windows = any("\x80" <= letter <= "\x9f" for letter in text)
        return text, "neither" if windows else "iso-8859-15"


def _headings(text: str, separator: str, notes: ReadNotes) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.rstrip(separator).split(separator))
    wanted = BY_SIDE if "montant" in map(str.lower, names) else HEADINGS
    begun = names[:_FIELDS]
    if tuple(map(str.lower, begun)) != tuple(map(str.lower, wanted)):
        lacking = [one for one in wanted if one.lower() not in map(str.lower, begun)]
        said = f"without {', '.join(lacking)}" if lacking else "in another order"
        msg = f"the first 18 fields must be those of the article, in order, got them {said}"
        notes.error("fec.columns", msg, line=1)
    elif begun != wanted:
        odd = ", ".join(mine for mine, theirs in zip(begun, wanted, strict=True) if mine != theirs)
        notes.warn("fec.columns", f"fields must be spelled as in the article, got {odd}", line=1)
    spelled = {one.lower(): one for one in wanted}
    return tuple(spelled.get(one.lower(), one) for one in names)


def _fields(
    text: str, separator: str, shape: tuple[int, int], *, line: int, notes: ReadNotes
) -> list[str] | None:
    """The fields of a line, without the blank ones that stand behind the last heading too."""
    width, behind = shape
    fields = [field.strip() for field in text.split(separator)]
    if len(fields) != width + behind or any(fields[width:]):
        msg = f"line must have {width + behind} fields, got {len(fields)}"
        notes.error("row.length", msg, line=line)
        return None
    return fields[:width]


def _check_row(row: dict[str, str], notes: _Notes) -> None:
    for field in (field for field in row if field in HEADINGS or field in BY_SIDE):
        _check_field(field, row[field], notes)
    account = row.get("CompteNum", "")
    if account and not _ACCOUNT.match(account):
        notes.error(
            "fec.account", "CompteNum", f"must begin as the plan comptable, got {account!r}"
        )
    _check_pairs(row, notes)
    _check_currency(row.get("Idevise", ""), notes)
    _check_sides(row, notes)


def _check_field(field: str, text: str, notes: _Notes) -> None:
    if not text:
        if field not in MAY_BE_BLANK:
            notes.error("fec.blank", field, "must be filled, got nothing")
    elif field in _DATES and not _is_day(text):
        notes.error("date.invalid", field, f"must be AAAAMMJJ, got {text!r}")
    elif field in NUMBERS and not _NUMBER.fullmatch(text):
        notes.error("amount.invalid", field, f"must be figures with one comma, got {text!r}")
    elif field == "Sens" and text not in _SIDES:
        notes.error("amount.invalid", field, f"must be D, C, +1 or -1, got {text!r}")
    elif not text.isprintable() and any(letter < " " for letter in text):
        notes.error("fec.text", field, f"must have no control character, got {text!r}")


@functools.lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    if not _DATE.fullmatch(text) or not text.isascii():
        return False
    try:
        dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _check_pairs(row: dict[str, str], notes: _Notes) -> None:
    for one, other in PAIRS:
        first, second = row.get(one, ""), row.get(other, "")
        blank = not first.strip("0,") if one == "Montantdevise" else not first
        if blank and second:
            notes.warn("fec.pair", one, f"must be filled where {other} is, got nothing")
        elif first and not second and not blank:
            notes.warn("fec.pair", other, f"must be filled where {one} is, got nothing")


def _check_currency(code: str, notes: _Notes) -> None:
    if code:
        try:
            digits(code)
        except UnknownCurrencyError:
            notes.warn("currency.unknown", "Idevise", f"must be an ISO 4217 code, got {code!r}")


def _check_sides(row: dict[str, str], notes: _Notes) -> None:
    sides = (row.get("Debit", ""), row.get("Credit", ""))
    if "Sens" in row or not all(map(_NUMBER.fullmatch, sides)):
        # What is no amount was noted as such.
        return
    debit, credit = map(_amount, sides)
    if debit < 0 or credit < 0:
        notes.warn("fec.amount", "Debit", f"and Credit must not be negative, got {debit}, {credit}")
    elif bool(debit) is bool(credit):
        said = f"got {debit} and {credit}"
        notes.warn("fec.amount", "Debit", f"or Credit must be an amount and the other zero, {said}")


@functools.lru_cache(maxsize=4096)
def _amount(text: str) -> Decimal:
    """The value of an amount; zero where it is none, which was noted before."""
    if not _NUMBER.fullmatch(text):
        return _ZERO
    sign = -1 if "-" in text else 1
    return sign * Decimal(text.strip("+-").replace(",", ".") or 0)


@attrs.define
class _Entry:
    """The sum of one entry, its first line, and the day of its booking."""

    line: int
    day: str
    balance: Decimal = _ZERO
    is_one_day: bool = True


class _Whole:
    """Remembers what only the whole file can show: sums, numbers, the order of validation."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._balance = _ZERO
        self._validated = ""
        self._disorder = 0

    def add(self, row: dict[str, str], line: int) -> None:
        """Take notice of one line."""
        if "Sens" in row:
            net = _SIDES.get(row["Sens"], 0) * _amount(row.get("Montant", ""))
        else:
            net = _amount(row.get("Debit", "")) - _amount(row.get("Credit", ""))
        self._balance += net
        key = (row.get("JournalCode", ""), row.get("EcritureNum", ""))
        day = row.get("EcritureDate", "")
        entry = self._entries.setdefault(key, _Entry(line, day))
        entry.balance += net
        entry.is_one_day = entry.is_one_day and entry.day == day
        validated = row.get("ValidDate", "")
        if validated < self._validated and validated and not self._disorder:
            self._disorder = line
        self._validated = max(self._validated, validated)

    def check(self) -> None:
        """Note what is wrong with the whole."""
        if not self._entries:
            self._notes.error("file.empty", "file must hold entries under its headings, got none")
            return
        if self._balance:
            msg = f"debit and credit must agree, got a difference of {self._balance}"
            self._notes.error("entries.unbalanced", msg)
        if self._disorder:
            msg = "lines must be in the order of ValidDate, got an earlier one"
            self._notes.warn("fec.order", msg, line=self._disorder, field="ValidDate")
        numbered = [number for _, number in self._entries if number.strip("0")]
        if numbered:
            self._check_entries()
            self._check_numbers()
        else:
            msg = "EcritureNum must be a sequence, got 0 on every line"
            self._notes.error("fec.numbering", msg, field="EcritureNum")

    def _check_entries(self) -> None:
        for (journal, number), entry in self._entries.items():
            if entry.balance:
                msg = f"entry {number} of {journal} must balance, got {entry.balance}"
                self._notes.error("fec.entry", msg, line=entry.line)
            if not entry.is_one_day:
                msg = f"entry {number} of {journal} must have one EcritureDate, got several"
                self._notes.warn("fec.entry", msg, line=entry.line, field="EcritureDate")

    def _check_numbers(self) -> None:
        by_journal: dict[str, list[int]] = {}
        for journal, number in self._entries:
            figures = _LAST_FIGURES.search(number)
            by_journal.setdefault(journal, []).append(int(figures[0]) if figures else -1)
        every = [number for numbers in by_journal.values() for number in numbers]
        if _is_sequence(every) or all(map(_is_sequence, by_journal.values())):
            return
        broken = sorted(name for name, numbers in by_journal.items() if not _is_sequence(numbers))
        msg = f"EcritureNum must run on without a gap, in the file or in each journal, got gaps in {', '.join(broken)}"
        self._notes.warn("fec.numbering", msg, field="EcritureNum")


def _is_sequence(numbers: Iterable[int]) -> bool:
    found = sorted(numbers)
    return found == list(range(found[0], found[0] + len(found)))
