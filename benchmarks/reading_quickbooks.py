"""Reading a million items of QuickBooks to records, beside the bare parser of each format.

Saved answers of Online (pages of JSON, and of XML), transactions of Desktop (IIF), an exported
report.  The service itself is not measured: its pages are those of the first file, and the rest is
the network.
"""

from __future__ import annotations

import atexit
import csv
import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import attrs

from benchmarks._harness import Benchmark

__all__ = ["ITEMS", "benchmarks"]

ITEMS: Final = 1_000_000
_PAGE: Final = 1_000
_CUSTOMERS: Final = 5_000


@attrs.frozen
class Answer:
    """How many documents a side saw, and what they sum up to in minor units."""

    documents: int
    sum_minor: int


def benchmarks(items: int = ITEMS) -> Iterable[Benchmark]:
    """Each file reader beside what only takes its format apart."""
    rows: list[tuple[str, str, Callable[[int], Answer], str]] = [
        ("quickbooks-objects", "json", _loads, "json.loads and a Decimal"),
        ("quickbooks-objects", "xml", _expat, "expat and a Decimal"),
        ("quickbooks-iif", "iif", _tabs, "csv.reader and a Decimal"),
        ("quickbooks-report", "csv", _commas, "csv.reader and a Decimal"),
    ]
    for reader, suffix, peer, said in rows:
        yield Benchmark(
            name=f"{reader}: {suffix} to records",
            size=items,
            ours=functools.partial(ours, reader, suffix, items),
            peer_name=said,
            peer=functools.partial(peer, items),
            check=_check,
            runs=2,
        )


def ours(reader: str, suffix: str, items: int) -> Answer:
    """Every record as a value, the documents added up."""
    from receivables.documents import Document  # noqa: PLC0415  # measured when loaded
    from receivables.money import to_minor  # noqa: PLC0415  # see above
    from receivables_plugins import quickbooks  # noqa: PLC0415  # see above

    [spec] = [each for each in quickbooks.receivables_ledger_sources() if each.name == reader]
    settings: dict[str, Any] = {"creditor": "MIRA", "currency": "CAD"}
    if suffix == "csv":
        settings |= {"date-format": "%m/%d/%Y", "decimal": ".", "grouping": ","}
    count = total = 0
    with _file(suffix, items).open("rb") as stream:
        read = spec.build(settings).read(stream, name=suffix)
        for row in read:
            if isinstance(row, Document):
                count += 1
                total += to_minor(row.total)
    assert read.report.complete, read.report.problems[:3]
    return Answer(count, total)


def _loads(items: int) -> Answer:
    count, total = 0, Decimal(0)
    with _file("json", items).open("rb") as lines:
        for line in lines:
            rows = json.loads(line, parse_float=Decimal)["QueryResponse"]["Invoice"]
            count += len(rows)
            total += sum(row["TotalAmt"] for row in rows)
    return Answer(count, int(total * 100))


def _expat(items: int) -> Answer:
    count, total = 0, Decimal(0)
    texts: list[str] = []

    def start(_name: str, _attributes: object) -> None:
        texts.clear()

    def end(name: str) -> None:
        nonlocal count, total
        if name == "TotalAmt":
            count += 1
            total += Decimal("".join(texts))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = texts.append
    with _file("xml", items).open("rb") as stream:
        parser.ParseFile(stream)
    return Answer(count, int(total * 100))


def _tabs(items: int) -> Answer:
    count, total = 0, Decimal(0)
    with _file("iif", items).open(encoding="cp1252", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if row[0] == "TRNS":
                count += 1
                total += Decimal(row[6])
    return Answer(count, int(total * 100))


def _commas(items: int) -> Answer:
    count, total = 0, Decimal(0)
    with _file("csv", items).open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if row[1:] and row[1][:1].isdigit():
                count += 1
                total += Decimal(row[6])
    return Answer(count, int(total * 100))


def _check(ours: Answer, peer: Answer) -> None:
    assert ours == peer
    assert ours.sum_minor == sum(map(_minor, range(ours.documents)))


@functools.cache
def _file(suffix: str, items: int) -> Path:
    """A file of so many invoices in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-quickbooks-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{items}.{suffix}"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(_WRITTEN[suffix](items))
    return path


def _minor(index: int) -> int:
    return index * 7_919 % 1_000_000 + 1


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _json(items: int) -> Iterator[str]:
    for first in range(0, items, _PAGE):
        rows = ",".join(map(_invoice, range(first, min(first + _PAGE, items))))
        said = f'"startPosition":{first + 1},"totalCount":{items}'
        yield f'{{"QueryResponse":{{"Invoice":[{rows}],{said}}}}}\n'


def _invoice(index: int) -> str:
    amount, customer = _amount(_minor(index)), index % _CUSTOMERS
    return (
        f'{{"Id":"{index + 1}","SyncToken":"0","domain":"QBO","sparse":false,'
        f'"MetaData":{{"LastUpdatedTime":"2026-09-01T08:00:00-07:00"}},'
        f'"DocNumber":"{index:07}","TxnDate":"2026-09-{index % 28 + 1:02}",'
        f'"CustomerRef":{{"value":"{customer}","name":"Customer {customer}"}},'
        f'"CurrencyRef":{{"value":"CAD"}},"DueDate":"2026-10-{index % 28 + 1:02}",'
        f'"Line":[{{"Id":"1","Amount":{amount},"DetailType":"SalesItemLineDetail"}}],'
        f'"TotalAmt":{amount},"Balance":{amount}}}'
    )


def _xml(items: int) -> Iterator[str]:
    yield '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
    for first in range(0, items, _PAGE):
        yield f'<QueryResponse startPosition="{first + 1}" totalCount="{items}">'
        for index in range(first, min(first + _PAGE, items)):
            amount, customer = _amount(_minor(index)), index % _CUSTOMERS
            yield (
                f'<Invoice domain="QBO" sparse="false"><Id>{index + 1}</Id><SyncToken>0</SyncToken>'
                f"<MetaData><LastUpdatedTime>2026-09-01T08:00:00-07:00</LastUpdatedTime></MetaData>"
                f"<DocNumber>{index:07}</DocNumber><TxnDate>2026-09-{index % 28 + 1:02}</TxnDate>"
                f'<CustomerRef name="Customer {customer}">{customer}</CustomerRef>'
                f"<CurrencyRef>CAD</CurrencyRef><DueDate>2026-10-{index % 28 + 1:02}</DueDate>"
                f"<TotalAmt>{amount}</TotalAmt><Balance>{amount}</Balance></Invoice>"
            )
        yield "</QueryResponse>"
    yield "</IntuitResponse>"


def _iif(items: int) -> Iterator[str]:
    yield "!TRNS\tTRNSID\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\tDOCNUM\tDUEDATE\r\n"
    yield "!SPL\tSPLID\tTRNSTYPE\tDATE\tACCNT\tNAME\tAMOUNT\r\n!ENDTRNS\r\n"
    for index in range(items):
        amount, day = _amount(_minor(index)), f"9/{index % 28 + 1}/2026"
        name = f"Customer {index % _CUSTOMERS}"
        yield (
            f"TRNS\t{index}\tINVOICE\t{day}\tAccounts Receivable\t{name}\t{amount}\t{index:07}\t"
            f"10/{index % 28 + 1}/2026\r\n"
            f"SPL\t{index}\tINVOICE\t{day}\tSales\t\t-{amount}\r\nENDTRNS\r\n"
        )


def _csv(items: int) -> Iterator[str]:
    yield ",Date,Transaction type,Num,Customer full name,Due date,Open balance\nCurrent\n"
    for index in range(items):
        yield (
            f",09/{index % 28 + 1:02}/2026,Invoice,{index:07},Customer {index % _CUSTOMERS},"
            f"10/{index % 28 + 1:02}/2026,{_amount(_minor(index))}\n"
        )
    total = _amount(sum(map(_minor, range(items))))
    yield f"Total for Current,,,,,,{total}\nTOTAL,,,,,,{total}\n"


_WRITTEN: Final[dict[str, Callable[[int], Iterator[str]]]] = {
    "csv": _csv,
    "iif": _iif,
    "json": _json,
    "xml": _xml,
}
