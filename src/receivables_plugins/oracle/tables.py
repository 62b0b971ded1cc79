"""The tables of Receivables, recognized by their columns whatever the file is called.

Names are those of Oracle E-Business Suite (*Receivables technical reference*); extracts of Fusion
Cloud (BICC) have the same columns in CamelCase after a prefix of their view object.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, Final

import attrs

from receivables.reading import ReadNotes
from receivables.tabular import DELIMITERS, split
from receivables.texts import TextLines
from receivables_plugins.oracle.cells import Row, Values
from receivables_plugins.oracle.settings import EbsSettings

__all__ = ["SHAPES", "Shape", "Table", "by_name", "in_file", "in_rows", "recognize"]

_NO_LETTER: Final = re.compile(r"[^A-Z0-9]")


def _squashed(text: str) -> str:
    return _NO_LETTER.sub("", text.upper())


@attrs.frozen(kw_only=True)
class Shape:
    """What tells a table from the others, and which of its columns are read."""

    table: str
    prefix: str
    """What the columns of its view object begin with."""
    needed: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    """Columns of which one at least must be there."""
    read: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()

    def places(self, headings: Sequence[str]) -> dict[str, int] | None:
        """Where each column stands; None where this is another table."""
        found: dict[str, int] = {}
        for place, heading in enumerate(headings):
            column = self._column(heading)
            if column:
                found.setdefault(column, place)
        is_it = all(column in found for column in self.needed)
        return found if is_it and (not self.one_of or found.keys() & set(self.one_of)) else None

    def _column(self, heading: str) -> str:
        plain = _squashed(heading.rpartition(".")[2])
        known = _KNOWN[self.table]
        return known.get(plain) or known.get(plain.removeprefix(self.prefix), "")


SHAPES: Final = (
    Shape(
        table="AR_PAYMENT_SCHEDULES_ALL",
        prefix="ARPAYMENTSCHEDULE",
        needed=("PAYMENT_SCHEDULE_ID", "CLASS", "AMOUNT_DUE_ORIGINAL", "AMOUNT_DUE_REMAINING"),
        read=(
            "STATUS", "CUSTOMER_ID", "CUSTOMER_TRX_ID", "CASH_RECEIPT_ID", "TRX_NUMBER",
            "TRX_DATE", "DUE_DATE", "GL_DATE", "GL_DATE_CLOSED", "ACTUAL_DATE_CLOSED",
            "TERMS_SEQUENCE_NUMBER", "NUMBER_OF_DUE_DATES", "INVOICE_CURRENCY_CODE",
            "EXCHANGE_RATE", "EXCHANGE_DATE", "AMOUNT_ADJUSTED", "AMOUNT_IN_DISPUTE",
            "RECEIPT_CONFIRMED_FLAG", "ORG_ID", "LAST_UPDATE_DATE",
        ),
        aliases=(("PAYMENTSCHEDULECLASS1", "CLASS"), ("PAYMENTSCHEDULECLASS", "CLASS")),
    ),
    Shape(
        table="AR_RECEIVABLE_APPLICATIONS_ALL",
        prefix="ARRECEIVABLEAPPLICATION",
        needed=("APPLIED_PAYMENT_SCHEDULE_ID", "AMOUNT_APPLIED", "STATUS"),
        read=(
            "RECEIVABLE_APPLICATION_ID", "APPLICATION_TYPE", "GL_DATE", "APPLY_DATE",
            "CASH_RECEIPT_ID", "CUSTOMER_TRX_ID", "PAYMENT_SCHEDULE_ID", "AMOUNT_APPLIED_FROM",
            "EARNED_DISCOUNT_TAKEN", "UNEARNED_DISCOUNT_TAKEN", "CONFIRMED_FLAG", "ORG_ID",
        ),
    ),
    Shape(
        table="AR_ADJUSTMENTS_ALL",
        prefix="ARADJUSTMENT",
        needed=("ADJUSTMENT_ID", "PAYMENT_SCHEDULE_ID", "AMOUNT"),
        read=("GL_DATE", "APPLY_DATE", "STATUS", "ORG_ID"),
    ),
    Shape(
        table="AR_CASH_RECEIPTS_ALL",
        prefix="ARCASHRECEIPT",
        needed=("CASH_RECEIPT_ID", "RECEIPT_NUMBER", "AMOUNT"),
        read=(
            "CURRENCY_CODE", "PAY_FROM_CUSTOMER", "STATUS", "TYPE", "RECEIPT_DATE",
            "DEPOSIT_DATE", "REVERSAL_DATE", "EXCHANGE_RATE", "EXCHANGE_DATE", "COMMENTS",
            "CONFIRMED_FLAG", "ORG_ID",
        ),
    ),
    Shape(
        table="RA_CUSTOMER_TRX_ALL",
        prefix="RACUSTOMERTRX",
        needed=("CUSTOMER_TRX_ID", "TRX_NUMBER"),
        one_of=("COMPLETE_FLAG", "BILL_TO_CUSTOMER_ID", "CUST_TRX_TYPE_ID", "TRX_DATE"),
        read=("PREVIOUS_CUSTOMER_TRX_ID", "PURCHASE_ORDER", "CT_REFERENCE", "ORG_ID"),
    ),
    Shape(
        table="HZ_CUST_ACCOUNTS",
        prefix="CUSTACCOUNT",
        needed=("CUST_ACCOUNT_ID", "ACCOUNT_NUMBER"),
        read=(
            "PARTY_ID", "ACCOUNT_NAME", "PARTY_NAME", "PARTY_TYPE", "COUNTRY", "ADDRESS1",
            "ADDRESS2", "ADDRESS3", "ADDRESS4", "CITY", "POSTAL_CODE", "STATE", "PROVINCE",
            "EMAIL_ADDRESS",
        ),
    ),
    Shape(
        table="HZ_PARTIES",
        prefix="PARTY",
        needed=("PARTY_ID", "PARTY_NAME"),
        read=(
            "PARTY_TYPE", "COUNTRY", "ADDRESS1", "ADDRESS2", "ADDRESS3", "ADDRESS4", "CITY",
            "POSTAL_CODE", "STATE", "PROVINCE", "EMAIL_ADDRESS",
        ),
    ),
)  # fmt: skip
"""Every table that is read; of two that fit, the first one is meant."""

_KNOWN: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        shape.table: {
            **{_squashed(name): name for name in (*shape.needed, *shape.one_of, *shape.read)},
            **dict(shape.aliases),
        }
        for shape in SHAPES
    }
)


@attrs.frozen(kw_only=True)
class Table:
    """A table that was recognized, and its rows, which can be taken once."""

    name: str
    rows: Iterable[Row]


def recognize(headings: Sequence[str]) -> tuple[str, dict[str, int]] | None:
    """The table that has such columns, and where they stand; None where it is none of ours.

    >>> recognize(["PARTY_ID", "PARTY_NAME"])
    ('HZ_PARTIES', {'PARTY_ID': 0, 'PARTY_NAME': 1})
    """
    for shape in SHAPES:
        places = shape.places(headings)
        if places is not None:
            return shape.table, places
    return None


def by_name(name: str) -> str:
    """The table of a name, with or without schema and ``_ALL``; empty where it is none of ours.

    >>> by_name("ar.ar_payment_schedules")
    'AR_PAYMENT_SCHEDULES_ALL'
    """
    plain = _squashed(name.rpartition(".")[2]).removesuffix("ALL")
    tables = {_squashed(shape.table).removesuffix("ALL"): shape.table for shape in SHAPES}
    return tables.get(plain, "")


def in_file(
    stream: BinaryIO, *, settings: EbsSettings, notes: ReadNotes, part: str = ""
) -> Table | None:
    """The table of a delimited text; None, with a problem noted, where it is none of ours."""
    lines = TextLines(stream, notes=notes, encoding=settings.encoding)
    source = iter(lines)
    heading = next((line for line in source if line.strip()), "")
    where = part or None
    if not heading:
        notes.error("file.empty", "file must have a heading, got nothing", field=where)
        return None
    found = _delimited(heading, settings)
    if found is None:
        msg = "columns must be those of a table of Oracle Receivables, got others"
        note = notes.warn if part else notes.error
        note("oracle.table-unknown", msg, line=lines.number, field=where)
        return None
    delimiter, headings, (table, places) = found
    values = Values(settings, notes, part)
    rows = _rows(lines, source, delimiter, len(headings), places, values)
    return Table(name=table, rows=rows)


def _delimited(
    heading: str, settings: EbsSettings
) -> tuple[str, list[str], tuple[str, dict[str, int]]] | None:
    for mark in (settings.delimiter,) if settings.delimiter else DELIMITERS:
        try:
            headings = next(split([heading], mark), [])
        except csv.Error:
            continue
        if (known := recognize(headings)) is not None:
            return mark, headings, known
    return None


def _rows(
    lines: TextLines,
    source: Iterator[str],
    delimiter: str,
    width: int,
    places: dict[str, int],
    values: Values,
) -> Iterator[Row]:
    records = split(source, delimiter)
    notes, where = values.notes, values.part or None
    while True:
        start = lines.number + 1
        try:
            cells: list[object] = list(next(records))
        except StopIteration:
            return
        except csv.Error as error:
            is_cut = "unexpected end" in str(error)
            code = "file.truncated" if is_cut else "file.format"
            msg = f"row must be quoted as RFC 4180 says, got {error}"
            notes.error(code, msg, line=start, field=where)
            continue
        if lines.damaged and not lines.damaged.isdisjoint(range(start, lines.number + 1)):
            continue
        if len(cells) == width:
            yield Row(start, cells, places, values)
        elif any(cells):
            msg = f"row must have {width} fields, got {len(cells)}"
            notes.error("row.length", msg, line=start, field=where)


def in_rows(
    name: str, rows: Iterable[Mapping[str, object]], *, settings: EbsSettings, notes: ReadNotes
) -> Table | None:
    """The table of rows that a database gave, by column; an empty one is known by its name."""
    source = iter(rows)
    first = next(source, None)
    if first is None:
        known = by_name(name)
        if not known:
            notes.warn("oracle.table-unknown", "table must be known by its name", field=name)
        return Table(name=known, rows=()) if known else None
    found = recognize(list(first))
    if found is None:
        msg = "columns must be those of a table of Oracle Receivables, got others"
        notes.error("oracle.table-unknown", msg, field=name)
        return None
    values = Values(settings, notes, name)
    return Table(name=found[0], rows=_made(itertools.chain([first], source), values))


def _made(rows: Iterable[Mapping[str, object]], values: Values) -> Iterator[Row]:
    """Rows by column; those of one database query all have the same columns."""
    known: dict[tuple[str, ...], dict[str, int]] = {}
    for number, row in enumerate(rows, start=1):
        headings = tuple(row)
        if headings not in known:
            known[headings] = (recognize(headings) or ("", {}))[1]
        yield Row(number, list(row.values()), known[headings], values)
