"""Reading a Norwegian standard audit file to records, and writing one, beside bare expat and joins.

A transaction has a line on a customer, one of income and one of tax, as most sales have.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from benchmarks._harness import Benchmark

__all__ = ["ITEMS", "benchmarks", "saft_file"]

ITEMS: Final = 100_000
_CUSTOMERS: Final = 5_000


def benchmarks() -> Iterable[Benchmark]:
    """A file to records, beside a parser that looks at every element and keeps nothing."""
    yield Benchmark(
        name="saft: a file to records",
        size=ITEMS,
        ours=functools.partial(ours, ITEMS),
        peer_name="expat, with three handlers",
        peer=functools.partial(plain_parser, ITEMS),
        check=_check,
        runs=2,
    )


def ours(items: int) -> int:
    """What an application does: every record, counted, with all checks of the balances."""
    from receivables_plugins.saft.settings import SaftSettings  # noqa: PLC0415  # measured when loaded
    from receivables_plugins.saft.source import SaftSource  # noqa: PLC0415  # see above

    with saft_file(items).open("rb") as stream:
        read = SaftSource(SaftSettings(creditor="MIRA")).read(stream, name="saft.xml")
        count = sum(1 for record in read if hasattr(record, "total"))
    assert read.report.complete
    return count


def plain_parser(items: int) -> int:
    """Every element, its text and its end seen, and the customer lines counted."""
    count = 0
    texts: list[str] = []

    def end(name: str) -> None:
        nonlocal count
        count += name == "DueDate"
        texts.clear()

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda _name, _attributes: texts.clear()
    parser.CharacterDataHandler = texts.append
    parser.EndElementHandler = end
    with saft_file(items).open("rb") as stream:
        parser.ParseFile(stream)
    return count


def _check(ours: int, peer: int) -> None:
    assert ours == peer


@functools.cache
def saft_file(items: int) -> Path:
    """A file of so many sales in a temporary folder, written once."""
    folder = Path(tempfile.mkdtemp(prefix="receivables-saft-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{items}.xml"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(_texts(items))
    return path


def _minor(index: int) -> int:
    return index * 7_919 % 1_000_000 * 5 + 500


def _units(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _texts(items: int) -> Iterator[str]:
    yield (
        '<AuditFile xmlns="urn:StandardAuditFile-Taxation-Financial:NO"><Header>'
        "<AuditFileVersion>1.10</AuditFileVersion><AuditFileCountry>NO</AuditFileCountry>"
        "<DefaultCurrencyCode>NOK</DefaultCurrencyCode></Header><MasterFiles><Customers>"
    )
    for customer in range(_CUSTOMERS):
        owed = sum(map(_minor, range(customer, items, _CUSTOMERS)))
        yield (
            f"<Customer><Name>Kunde {customer}</Name><CustomerID>{customer:06}</CustomerID>"
            "<AccountID>1500</AccountID><OpeningDebitBalance>0</OpeningDebitBalance>"
            f"<ClosingDebitBalance>{_units(owed)}</ClosingDebitBalance></Customer>"
        )
    total = _units(sum(map(_minor, range(items))))
    yield (
        f"</Customers></MasterFiles><GeneralLedgerEntries><NumberOfEntries>{items}</NumberOfEntries>"
        f"<TotalDebit>{total}</TotalDebit><TotalCredit>{total}</TotalCredit><Journal>"
        "<JournalID>GL</JournalID><Description>GL</Description><Type>GL</Type>"
    )
    yield from map(_transaction, range(items))
    yield "</Journal></GeneralLedgerEntries></AuditFile>"


def _transaction(index: int) -> str:
    minor = _minor(index)
    day = f"2026-{index % 12 + 1:02}-{index % 28 + 1:02}"
    lines = (
        ("1500", "Debit", minor, f"<CustomerID>{index % _CUSTOMERS:06}</CustomerID>"),
        ("3000", "Credit", minor * 4 // 5, ""),
        ("2700", "Credit", minor - minor * 4 // 5, ""),
    )
    made = "".join(
        f"<Line><RecordID>{place}</RecordID><AccountID>{account}</AccountID>{party}"
        f"<Description>Faktura {index}</Description><{side}Amount><Amount>{_units(amount)}</Amount>"
        f"</{side}Amount>"
        + (f"<ReferenceNumber>{index}</ReferenceNumber><DueDate>{day}</DueDate>" if party else "")
        + "</Line>\n"
        for place, (account, side, amount, party) in enumerate(lines, start=1)
    )
    return (
        f"<Transaction><TransactionID>{index}</TransactionID><Period>1</Period>"
        f"<PeriodYear>2026</PeriodYear><TransactionDate>{day}</TransactionDate>"
        f"<Description>Faktura {index}</Description><SystemEntryDate>{day}</SystemEntryDate>"
        f"<GLPostingDate>{day}</GLPostingDate>{made}</Transaction>"
    )
