"""Writing a workbook of 100,000 aged items, against openpyxl writing the same cells.

Both stream their rows.  Ours turns values into cells while it is measured; the peer gets cells that
are ready, so its figure is that of writing alone.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell

from benchmarks._harness import Benchmark
from receivables.aging import Aging, AgingScheme, age
from receivables.documents.model import ItemId, ItemKind, OpenItem
from receivables.parties import CreditorId, CustomerId
from receivables_plugins.reports import receivables_report_writers

__all__ = ["benchmarks"]

_ITEMS: Final = 100_000
_CUSTOMERS: Final = 5_000
_COMPARED: Final = 2_000
"""Rows of each sheet whose cells are compared one by one; the others are counted."""

_AS_OF: Final = dt.date(2026, 10, 31)
_DATE: Final = "m/d/yyyy"
_AMOUNT: Final = "#,##0.00;[Red]-#,##0.00"


def benchmarks() -> Iterable[Benchmark]:
    """The one question of this module."""
    yield Benchmark(
        name="aging as a workbook",
        size=_ITEMS,
        ours=_ours,
        peer_name="openpyxl, write-only",
        peer=_peer,
        limit=1.0,
        check=_agree,
        runs=3,
    )


@functools.cache
def _aging() -> Aging:
    items = (_item(number) for number in range(1, _ITEMS + 1))
    return age(items, scheme=AgingScheme(30, 60, 90), as_of=_AS_OF)


def _item(number: int) -> OpenItem:
    issued = _AS_OF - dt.timedelta(days=number * 7 % 200)
    return OpenItem(
        item=ItemId(f"{number:08}"),
        document=f"{number:08}",
        kind=ItemKind.INVOICE,
        creditor=CreditorId("MIRA"),
        customer=CustomerId(f"C-{number % _CUSTOMERS:05}"),
        currency="EUR",
        amount_minor=100 + number * 7_919 % 1_000_000,
        document_date=issued,
        posting_date=issued,
        due_date=issued + dt.timedelta(days=30),
    )


@functools.cache
def _names() -> MappingProxyType[str, str]:
    return MappingProxyType({row.customer: f"Name of {row.customer}" for row in _aging().rows})


def _ours() -> bytes:
    (spec,) = (spec for spec in receivables_report_writers() if spec.name == "excel")
    return spec.build().write(_aging(), names=_names(), locale="en-US")


@functools.cache
def _cells() -> tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...]:
    """The values of our own workbook, sheet by sheet, as the peer is given them."""
    book = openpyxl.load_workbook(io.BytesIO(_ours()), read_only=True, data_only=False)
    return tuple((sheet.title, tuple(sheet.iter_rows(values_only=True))) for sheet in book)


def _peer() -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for title, rows in _cells():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_styled(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _styled(sheet: Any, value: object) -> object:  # noqa: ANN401  # a sheet of openpyxl
    if not isinstance(value, dt.date | float):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _DATE if isinstance(value, dt.date) else _AMOUNT
    return cell


def _agree(ours: bytes, peer: bytes) -> None:
    assert _row_counts(ours) == _row_counts(peer), "the workbooks have different numbers of rows"
    for here, there in zip(_first_rows(ours), _first_rows(peer), strict=True):
        assert here == there, f"rows differ: {here} and {there}"


def _row_counts(content: bytes) -> list[int]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheets = sorted(name for name in file.namelist() if "worksheets/sheet" in name)
        return [len(re.findall(rb"<c [^>]*r=\"A\d", file.read(name))) for name in sheets]


def _first_rows(content: bytes) -> Iterator[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    for sheet in book:
        for row in islice(sheet.iter_rows(values_only=True), _COMPARED):
            # The peer declares no width, so its rows end at their last cell.
            filled = [index for index, value in enumerate(row, start=1) if value is not None]
            yield row[: max(filled, default=0)]
