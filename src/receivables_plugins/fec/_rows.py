"""From the lines of an accounting export to its entry lines, by heading.

Columns are found by their heading whatever their case, so that ``Montantdevise`` and
``MontantDevise``, further columns (*DateRglt*, *ModeRglt*…) and another order do no harm.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from receivables.errors import InexactAmountError, LimitError, MoneyError
from receivables.money import minor_of
from receivables.reading import ReadNotes
from receivables.texts import TextLines, parse_amount
from receivables_plugins.fec.settings import FecSettings

__all__ = ["DELIMITERS", "FecLine", "Heading", "read_lines", "split_heading"]

DELIMITERS: Final = ("\t", "|")
"""The two separators that *LPF art. A47 A-1 VI* allows."""

_MARKS: Final = frozenset({"journalcode", "ecrituredate", "comptenum"})
_NEEDED: Final = (
    "JournalCode",
    "EcritureNum",
    "EcritureDate",
    "CompteNum",
    "CompAuxNum",
    "CompAuxLib",
    "PieceRef",
    "PieceDate",
    "EcritureLib",
    "EcritureLet",
    "DateLet",
)
_TEXTS: Final = ("journallib", "comptelib", "compauxlib", "pieceref", "ecriturelib")
_DATES: Final = ("ecrituredate", "piecedate", "datelet", "validdate")
_DATE: Final = re.compile(r"[0-9]{8}")
_ACCOUNT: Final = re.compile(r"[0-9][0-9A-Za-z]*")
_LETTER: Final = re.compile(r"[^\W_]*")
_SIDES: Final = {"D": 1, "+1": 1, "1": 1, "+": 1, "C": -1, "-1": -1, "-": -1}


@attrs.frozen(kw_only=True)
class FecLine:
    """One line of an entry: texts as they stand, outer blanks removed; amounts in minor units."""

    line: int
    journal: str
    journal_name: str
    entry: str
    posted: str
    account: str
    account_name: str
    auxiliary: str
    auxiliary_name: str
    piece: str
    dated: str
    text: str
    letter: str
    lettered: str
    debit_minor: int
    credit_minor: int


@attrs.frozen(kw_only=True)
class Heading:
    """The first line of a file: its separator, and the place of each column by folded heading."""

    delimiter: str
    names: tuple[str, ...]
    trailing: int
    """How many separators stand after the last heading; Latin exports have one on every line."""
    places: Mapping[str, int]

    @property
    def width(self) -> int:
        """How many fields a line must have."""
        return len(self.names)


def _fold(heading: str) -> str:
    """Reduce a heading to what all programs agree on: its letters, in lower case."""
    plain = unicodedata.normalize("NFKD", heading)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def split_heading(text: str) -> Heading | None:
    """Take the first line apart; None where it is not the heading of an accounting export.

    >>> split_heading("JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|").width
    5
    >>> split_heading("number,customer,amount") is None
    True
    """
    for delimiter in DELIMITERS:
        fields = text.rstrip("\r\n").rstrip(delimiter).split(delimiter)
        names = tuple(_fold(name) for name in fields)
        if set(names) >= _MARKS:
            return Heading(
                delimiter=delimiter,
                names=names,
                trailing=text.rstrip("\r\n").count(delimiter) + 1 - len(names),
                places={name: index for index, name in reversed(list(enumerate(names)))},
            )
    return None


def read_lines(lines: TextLines, settings: FecSettings, notes: ReadNotes) -> Iterator[FecLine]:
    """Read every line of the file; what cannot be read is noted and left out."""
    texts = iter(lines)
    first = next(texts, "")
    heading = split_heading(first)
    if heading is None and first.strip():
        msg = "first line must have the headings of an accounting export, separated by tab or '|'"
        notes.error("file.format", msg, line=1)
    elif heading is None or not _is_sound(heading, notes):
        _note_if_empty(first, notes)
    else:
        yield from _entries(texts, lines, _RowReader(heading, settings, notes))
        _note_if_empty("" if lines.number == 1 else first, notes)


def _entries(texts: Iterator[str], lines: TextLines, reader: _RowReader) -> Iterator[FecLine]:
    for text in texts:
        fields = text.rstrip("\r\n")
        if fields.strip() and lines.number not in lines.damaged:
            yield from reader.read(fields, lines.number)


def _note_if_empty(text: str, notes: ReadNotes) -> None:
    # The accounts of a year are never without an entry, so the file was lost on its way.
    if not text.strip():
        notes.error("file.empty", "file must hold entries under its headings, got none")


def _is_sound(heading: Heading, notes: ReadNotes) -> bool:
    amounts = ("Montant", "Sens") if "montant" in heading.places else ("Debit", "Credit")
    wanted = {_fold(name): name for name in (*_NEEDED, *amounts)}
    missing = [name for folded, name in wanted.items() if folded not in heading.places]
    double = [name for folded, name in wanted.items() if heading.names.count(folded) > 1]
    for name in missing:
        notes.error("column.missing", f"file must have the column {name}", line=1, field=name)
    for name in double:
        notes.error("column.duplicate", f"file must have one column {name}", line=1, field=name)
    return not missing and not double


@functools.lru_cache(maxsize=4096)
def _minor_of(text: str, decimal: str, currency: str) -> int:
    """Read an amount; half of all amounts of an export are the same zero."""
    return minor_of(parse_amount(text, decimal=decimal, grouping=""), currency)


class _RowReader:
    """Takes lines apart under one heading."""

    def __init__(self, heading: Heading, settings: FecSettings, notes: ReadNotes) -> None:
        self._heading = heading
        self._settings = settings
        self._notes = notes
        self._by_side = "montant" in heading.places
        self._amount_names = ("montant", "sens") if self._by_side else ("debit", "credit")
        self._trailing = heading.trailing

    def read(self, text: str, line: int) -> Iterator[FecLine]:
        """Give the line that a text holds, or note why it gives none."""
        fields = self._fields(text, line)
        if fields is None:
            return
        try:
            debit, credit = self._amounts(fields)
        except InexactAmountError as error:
            self._notes.error("amount.inexact", str(error), line=line)
        except LimitError as error:
            self._notes.error("amount.limit", str(error), line=line)
        except MoneyError as error:
            self._notes.error("amount.invalid", str(error), line=line)
        else:
            yield self._line(fields, line, debit, credit)

    def _fields(self, text: str, line: int) -> list[str] | None:
        fields = text.split(self._heading.delimiter)
        if self._trailing and not any(fields[-self._trailing :]):
            del fields[-self._trailing :]
        return fields if len(fields) == self._heading.width else self._recovered(fields, line)

    def _recovered(self, fields: list[str], line: int) -> list[str] | None:
        """Put a separator back that stands in a text, if there is one way only to do so.

        Odoo lets ``|`` into *EcritureLib*.  The dates, the account and the amounts around the text
        say where the columns are.
        """
        width = self._heading.width
        extra = len(fields) - width
        ways = [way for way in self._ways(fields, extra) if self._is_plausible(way)]
        if len(ways) != 1:
            msg = f"line must have {width} fields, got {len(fields)}"
            self._notes.error("row.length", msg, line=line)
            return None
        if ways[0] == fields[:width]:
            self._trailing += extra
        else:
            msg = f"line has {extra} separators too many, which were taken as part of a text"
            self._notes.warn("row.length", msg, line=line)
        return ways[0]

    def _ways(self, fields: list[str], extra: int) -> Iterator[list[str]]:
        """Every way to get the right number of fields from too many."""
        if extra <= 0:
            return
        if not any(fields[-extra:]):
            yield fields[:-extra]
        for name in _TEXTS:
            index = self._heading.places.get(name)
            if index is not None:
                text = self._heading.delimiter.join(fields[index : index + extra + 1])
                yield [*fields[:index], text, *fields[index + extra + 1 :]]

    def _is_plausible(self, fields: list[str]) -> bool:
        """Whether everything that is no free text looks as it must; a line has one side."""
        dates = [self._get(fields, name) for name in _DATES]
        if not all(dates[:2]) or any(date and not _DATE.fullmatch(date) for date in dates):
            return False
        if not all(self._get(fields, name) for name in self._amount_names):
            return False
        if not _ACCOUNT.fullmatch(self._get(fields, "comptenum")):
            return False
        if not _LETTER.fullmatch(self._get(fields, "ecriturelet")):
            return False
        try:
            return 0 in self._amounts(fields)
        except (MoneyError, LimitError):
            return False

    def _get(self, fields: list[str], name: str) -> str:
        index = self._heading.places.get(name)
        return "" if index is None or index >= len(fields) else fields[index].strip()

    def _amounts(self, fields: list[str]) -> tuple[int, int]:
        """Debit and credit in minor units; an amount left blank is zero."""
        if not self._by_side:
            return self._minor(fields, "debit"), self._minor(fields, "credit")
        amount = self._minor(fields, "montant")
        side = _SIDES.get(self._get(fields, "sens").upper())
        if side is None:
            msg = f"Sens must be D, C, +1 or -1, got {self._get(fields, 'sens')!r}"
            raise MoneyError(msg)
        return (amount, 0) if side > 0 else (0, amount)

    def _minor(self, fields: list[str], name: str) -> int:
        text = self._get(fields, name)
        return _minor_of(text, self._settings.decimal, self._settings.currency) if text else 0

    def _line(self, fields: list[str], line: int, debit: int, credit: int) -> FecLine:
        return FecLine(
            line=line,
            journal=self._get(fields, "journalcode"),
            journal_name=self._get(fields, "journallib"),
            entry=self._get(fields, "ecriturenum"),
            posted=self._get(fields, "ecrituredate"),
            account=self._get(fields, "comptenum"),
            account_name=self._get(fields, "comptelib"),
            auxiliary=self._get(fields, "compauxnum"),
            auxiliary_name=self._get(fields, "compauxlib"),
            piece=self._get(fields, "pieceref"),
            dated=self._get(fields, "piecedate"),
            text=self._get(fields, "ecriturelib"),
            letter=self._get(fields, "ecriturelet"),
            lettered=self._get(fields, "datelet"),
            debit_minor=debit,
            credit_minor=credit,
        )
