"""Reading answers of SAP's open item cube to records, beside the parser of JSON alone.

The file is one answer of version 2 of OData: open customer lines with the fields that are asked
for, a tenth of them payments.  The service reads the same rows from pages of a few thousand, so
that what is measured here is what it costs beyond the network.
"""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ITEMS", "benchmarks", "cube_file"]

ITEMS: Final = 1_000_000


@attrs.frozen
class Answer:
    """How many items a side saw, and what they sum up to in minor units."""

    items: int
    sum_minor: int


def benchmarks() -> Iterable[Benchmark]:
    """Records beside the bare parser, which makes dictionaries of them."""
    yield Benchmark(
        name="sap: a file of the open item cube to records",
        size=ITEMS,
        ours=functools.partial(ours, ITEMS),
        peer_name="json.loads with Decimal",
        peer=functools.partial(bare, ITEMS),
        check=_check,
        runs=2,
    )


def ours(items: int) -> Answer:
    """What an application does: every item as a value, added up."""
    from receivables.receipts import Receipt  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.sap import SapCubeSettings  # noqa: PLC0415  # see above
    from receivables_plugins.sap.cube import CubeSource  # noqa: PLC0415  # see above

    count = 0
    total = Decimal(0)
    with cube_file(items).open("rb") as stream:
        read = CubeSource(SapCubeSettings()).read(stream, name="cube.json")
        for row in read:
            count += 1
            total += -row.amount.amount if isinstance(row, Receipt) else row.total.amount  # type: ignore[union-attr]  # documents
    assert read.report.complete
    return Answer(count, int(total * 100))


def bare(items: int) -> Answer:
    """The parser alone, which keeps every row in memory, and the sum of a column."""
    content = cube_file(items).read_bytes()
    rows = json.loads(content, parse_float=Decimal)["d"]["results"]
    total = sum(Decimal(row["AmountInTransactionCurrency"]) for row in rows)
    return Answer(len(rows), int(total * 100))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer


@functools.cache
def cube_file(items: int) -> Path:
    """A file of so many items in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-sap-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{items}.json"
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"d": {"results": [')
        for index, row in enumerate(_rows(items)):
            stream.write(("," if index else "") + json.dumps(row))
        stream.write(f'], "__count": "{items}"}}}}')
    return path


def _rows(items: int) -> Iterator[dict[str, Any]]:
    for index in range(items):
        is_paid = index % 10 == 9
        amount = f"{index * 7_919 % 1_000_000 + 1}"
        posted = 1_790_000_000_000 + index % 90 * 86_400_000
        yield {
            "CompanyCode": "1710",
            "FiscalYear": "2026",
            "AccountingDocument": f"{100_000_000 + index:010}",
            "AccountingDocumentItem": "001",
            "Customer": f"{index % 5_000:010}",
            "FinancialAccountType": "D",
            "AccountingDocumentType": "DZ" if is_paid else "RV",
            "PostingKey": "15" if is_paid else "01",
            "DebitCreditCode": "H" if is_paid else "S",
            "SpecialGLCode": "",
            "PostingDate": f"/Date({posted})/",
            "DocumentDate": f"/Date({posted})/",
            "NetDueDate": f"/Date({posted + (0 if is_paid else 30) * 86_400_000})/",
            "DueCalculationBaseDate": f"/Date({posted})/",
            "CashDiscount1Days": "0",
            "NetPaymentDays": "30",
            "CashDiscount1Percent": "0.000",
            "PaymentTerms": "NT30",
            "DocumentReferenceID": f"{index:010}",
            "IsCleared": False,
            "ClearingDate": None,
            "ClearingAccountingDocument": "",
            "AmountInTransactionCurrency": f"{'-' if is_paid else ''}{amount}.50",
            "TransactionCurrency": "EUR",
        }
