"""The reader: recognizes a file of Standard 005, and streams advices and batches out of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.receipts import Payer, PaymentAdvice, Remittance, ReturnInfo
from receivables.texts import fixed_records, record_pieces
from receivables_plugins.cpa005.files import File
from receivables_plugins.cpa005.layout import (
    HEAD_LENGTH,
    KINDS,
    RECORD_LENGTH,
    SEGMENT_LENGTH,
    Kind,
    julian,
)
from receivables_plugins.cpa005.settings import Cpa005Settings

__all__ = ["Cpa005Reader"]

_OURS: Final = re.compile(rb"\s*A[0-9]{9}[0-9A-Z ]{10}[0-9]{4}0[0-9]{5}[0-9 ]{5}")
_NOTHING: Final = Remittance()
_LEAST_LENGTH: Final = 169
"""Characters of a segment up to its cross-reference; what is cut before has lost a value."""

_SCHEME: Final = "cpa005"
_NO_FLAGS: Final = "0" * 11
_PLACEHOLDER: Final = "NOTPROVIDED"


class Cpa005Reader:
    """Reads files of Standard 005 with records of 1,464 characters, with line ends or without."""

    def __init__(self, settings: Cpa005Settings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first record is a header A."""
        return _OURS.match(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their record and field, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(notes, self._settings.currency).rows(stream), notes)


class _Reading:
    """One stream under way, which may hold several files."""

    def __init__(self, notes: ReadNotes, currency: str) -> None:
        self._notes = notes
        self._currency = currency
        self._line = 0
        self._index = 0
        self._file: File | None = None
        self._days: dict[str, dt.date | None] = {}
        """Every day that was read; there are at most as many as in a century."""
        self._is_begun = False
        self._is_refused = False

    def rows(self, stream: BinaryIO) -> Iterator[AdviceRecord]:
        """Advices as they come, and after the trailer of a file its batch."""
        for block in fixed_records(stream, notes=self._notes, length=RECORD_LENGTH):
            for line in block:
                self._line += 1
                for record in record_pieces(line, length=RECORD_LENGTH):
                    yield from self._record(record)
                    if self._is_refused:
                        return
        if not self._is_begun:
            self._notes.error("file.empty", "file must hold a record, got nothing")
        yield from self._close()

    def _record(self, record: str) -> Iterator[AdviceRecord]:
        type_ = record[:1]
        if not record.strip():
            return
        if not self._is_begun:
            self._is_begun = True
            if type_ not in {"A", "Z"} and type_ not in KINDS:
                self._is_refused = True
                msg = f"file must begin with a record A of Standard 005, got {type_!r}"
                self._notes.error("file.format", msg, line=self._line)
                return
        if type_ == "A":
            yield from self._close()
            self._begin(record)
            return
        file = self._under_way(record)
        file.check_head(record, line=self._line)
        if type_ in KINDS:
            yield from self._segments(record, file, KINDS[type_])
        elif type_ == "Z":
            self._file = None
            yield file.finish(record, line=self._line)
        else:
            msg = f"record type must be A, C, D, E, F, I, J or Z, got {type_!r}"
            self._notes.error("cpa005.record-unknown", msg, line=self._line, field="record type")

    def _begin(self, record: str) -> None:
        currency = record[55:58].strip() or self._currency
        try:
            digits(currency)
        except UnknownCurrencyError as error:
            self._notes.error("currency.unknown", str(error), line=self._line, field="currency")
            currency = ""
        created = None
        try:
            created = julian(record[24:30])
        except ValueError as error:
            self._notes.warn("date.invalid", str(error), line=self._line, field="creation date")
        self._file = File(
            record,
            notes=self._notes,
            currency=currency,
            created_at="" if created is None else created.isoformat(),
        )
        self._file.check_head(record, line=self._line)

    def _under_way(self, record: str) -> File:
        if self._file is None:
            msg = "a file must begin with a record A, got none"
            self._notes.error("cpa005.header-missing", msg, line=self._line, field="record type")
            self._file = File(record, notes=self._notes, currency=self._currency, created_at="")
        return self._file

    def _close(self) -> Iterator[AdviceRecord]:
        """End a file that has no trailer."""
        file, self._file = self._file, None
        if file is not None:
            msg = "a file must end with a record Z, got none"
            self._notes.error("file.truncated", msg, line=self._line)
            yield file.batch(None, None)

    def _segments(self, record: str, file: File, kind: Kind) -> Iterator[PaymentAdvice]:
        file.count_record(kind.total)
        if not file.currency:
            # Said at the header: without a currency there is no amount.
            return
        for start in range(HEAD_LENGTH, min(len(record), RECORD_LENGTH), SEGMENT_LENGTH):
            segment = record[start : start + SEGMENT_LENGTH]
            if segment[:3] == "   " and not segment.strip():
                continue
            number = (start - HEAD_LENGTH) // SEGMENT_LENGTH + 1
            figures = segment[3:13]
            if len(segment) < _LEAST_LENGTH or not (figures.isascii() and figures.isdecimal()):
                self._refuse(segment, number)
                continue
            amount = int(figures)
            file.count(kind, amount)
            self._index += 1
            yield self._advice(record, segment, file, kind, amount=amount, number=number)

    def _refuse(self, segment: str, number: int) -> None:
        if len(segment) < _LEAST_LENGTH:
            msg = f"segment must have {SEGMENT_LENGTH} characters, got {len(segment)}"
            code, field = "cpa005.segment-length", f"segment {number}"
        else:
            msg = f"amount must be in figures, got {segment[3:13]!r}"
            code, field = "amount.invalid", f"segment {number}: amount"
        self._notes.error(code, msg, line=self._line, field=field)

    def _advice(  # what is known of the segment
        self, record: str, segment: str, file: File, kind: Kind, *, amount: int, number: int
    ) -> PaymentAdvice:
        is_ours = kind.total == "credits" and not kind.is_returned
        account = segment[28:40].strip()
        said = segment[150:169].strip()
        sundry = segment[190:205].strip()
        text = segment[13:19]
        return PaymentAdvice(
            kind=kind.kind,
            batch=file.name,
            index=self._index,
            amount_minor=kind.sign * amount,
            currency=file.currency,
            date=self._days[text] if text in self._days else self._date(text, number),
            payer=Payer(name=segment[110:140].strip() or segment[65:80].strip())
            if is_ours
            else Payer(name=segment[80:110].strip(), account=account),
            remittance=Remittance(
                end_to_end="" if said == _PLACEHOLDER else said, text=(sundry,) if sundry else ()
            )
            if said or sundry
            else _NOTHING,
            references=_references(segment, kind),
            returned=_returned(segment, kind),
            return_scheme=_SCHEME if kind.is_returned else "",
            account=account if is_ours else "",
            method=kind.method,
            source=Place(self._notes.source, line=self._line),
            # The segments of a record are advices of their own, and keep their own characters.
            raw=f"{record[:HEAD_LENGTH]}\n{segment}",
        )

    def _date(self, text: str, number: int) -> dt.date | None:
        try:
            day = self._days[text] = julian(text)
        except ValueError as error:
            field = f"segment {number}: date"
            self._notes.error("date.invalid", str(error), line=self._line, field=field)
            return None
        return day


def _returned(segment: str, kind: Kind) -> ReturnInfo | None:
    if kind.is_returned:
        return ReturnInfo(code=segment[:3].strip())
    return ReturnInfo(text=kind.text) if kind.text else None


def _references(segment: str, kind: Kind) -> tuple[tuple[str, str], ...]:
    trace, routing = segment[40:62].strip(), segment[19:28].strip()
    pairs: tuple[tuple[str, str], ...] = (
        ("trace", trace),
        ("transaction-type", segment[62:65] if kind.is_returned else segment[:3]),
        ("routing", routing),
        ("originator", segment[140:150].strip()),
    )
    if kind.is_returned:
        pairs = (("original-trace", segment[205:227].strip()), *pairs)
    if segment[229:240] != _NO_FLAGS:
        pairs = (*pairs, ("invalid-fields", segment[229:240].strip()))
    if kind.is_returned or not trace.strip("0") or not routing.strip("0"):
        return tuple([pair for pair in pairs if pair[1].strip("0")])
    return tuple([pair for pair in pairs if pair[1]]) if "" in pairs[3] else pairs
