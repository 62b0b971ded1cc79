"""Reading a remittance of 100,000 lines to documents, beside a plain loop that splits and converts.

The table is what a head office sends that pays for its branches: a document, a date, what it is for,
what is taken off, what is paid; a payment for each thousand lines, and a total.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["LINES", "benchmarks", "remittance_file"]

LINES: Final = 100_000
_LINES_A_PAYMENT: Final = 1_000


@attrs.frozen
class Answer:
    """How many lines a side saw, and what they sum up to."""

    lines: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Typed values beside a loop by hand."""
    yield Benchmark(
        name="remittance-csv: lines to documents",
        size=LINES,
        ours=ours,
        peer_name="split, Decimal, date",
        peer=plain_loop,
        check=_check,
        runs=5,
    )


def ours() -> Answer:
    """What an application does: every payment with its documents, added up."""
    from receivables.receipts.advices import PaymentAdvice  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.remittance_tables.reader import (  # noqa: PLC0415  # see above
        CsvRemittanceReader,
    )
    from receivables_plugins.remittance_tables.settings import (  # noqa: PLC0415  # see above
        CsvRemittanceSettings,
    )

    reader = CsvRemittanceReader(CsvRemittanceSettings(currency="EUR"))
    lines = total = 0
    with remittance_file().open("rb") as stream:
        for row in reader.read(stream, name="remittance.csv"):
            if type(row) is PaymentAdvice:
                lines += len(row.remittance.documents)
                total += row.amount_minor
    return Answer(lines, total)


def plain_loop() -> Answer:
    """A loop as one would write it for this one file."""
    lines, total = 0, Decimal(0)
    with remittance_file().open(encoding="utf-8") as stream:
        for line in stream:
            cells = line.rstrip("\n").split(";")
            if not cells[1].startswith("INV"):
                continue
            amounts = tuple(Decimal(cell.replace(",", ".")) for cell in cells[3:6])
            row = (cells[1], dt.date.fromisoformat(cells[2]), *amounts)
            lines += 1
            total += row[-1]
    return Answer(lines, int(total * 100))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer
    assert ours.lines == LINES


@functools.cache
def remittance_file() -> Path:
    """The table in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-remittances-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "remittance.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(_lines())
    return path


def _lines() -> Iterator[str]:
    yield "Payment reference;Invoice;Invoice date;Gross;Discount;Paid\n"
    total = 0
    for index in range(LINES):
        gross = index * 7_919 % 1_000_000 + 100
        discount = gross // 50
        total += gross - discount
        day = f"2026-{index % 12 + 1:02}-{index % 28 + 1:02}"
        amounts = ";".join(map(_amount, (gross, discount, gross - discount)))
        yield f"PAY-{index // _LINES_A_PAYMENT};INV-{index:07};{day};{amounts}\n"
    yield f"Total;;;;;{_amount(total)}\n"


def _amount(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"
