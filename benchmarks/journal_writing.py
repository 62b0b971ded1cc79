"""Writing the journal of a million events in each format, beside a loop that writes the same bytes.

The peer is what somebody writes for this one journal: f-strings over the lines, with every name, text
and account taken as it stands, nothing surveyed, nothing refused, nothing escaped.  It writes the same
file to the byte, so its ratio says what the checks, the declarations and the safe texts cost.

The journal takes 0.8 gigabytes.  A writer adds to that a piece of a quarter of a million characters; the
FEC adds the order of the entries and the sums of the items, about 350 bytes for each of them.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import random
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from benchmarks._harness import Benchmark

if TYPE_CHECKING:
    from receivables.accounting.model import GlAccount, Journal, JournalEntry, JournalLine, Role
    from receivables.adapters import JournalWriter

_EVENTS: Final = 1_000_000
_CUSTOMERS: Final = 20_000
_PIECE: Final = 1 << 18
_FIRST: Final = dt.date(2026, 1, 1)
_RECORDED: Final = dt.datetime(2027, 1, 4, 8, tzinfo=dt.UTC)
_ACCOUNTS: Final = {
    "411": ("Assets:Receivable:411-Clients", "Assets:Receivable:411 Clients", "A"),
    "44571": ("Liabilities:Tax:44571-TVA", "Liabilities:Tax:44571 TVA", "L"),
    "512": ("Assets:Bank:512-Banque", "Assets:Bank:512 Banque", "A"),
    "706": ("Income:Revenue:706-Prestations", "Income:Revenue:706 Prestations", "R"),
}


def benchmarks() -> Iterable[Benchmark]:
    """Each of the four writers beside its loop; the journal is built once and kept for all."""
    from receivables_plugins import (  # noqa: PLC0415  # measured with everything loaded
        beancount,
        fec,
        hledger,
        journal_csv,
    )

    loops: list[tuple[Any, Callable[[], Iterator[str]], float]] = [
        (beancount, _beancount, 3.5),
        (hledger, _hledger, 3.5),
        (journal_csv, _csv, 3.5),
        # The loop looks for nothing that settles, and so gives no letters.
        (fec, _fec, 4.0),
    ]
    for plugin, loop, limit in loops:
        (spec,) = plugin.receivables_journal_writers()
        yield Benchmark(
            name=f"journal written: {spec.name}",
            size=_EVENTS,
            ours=functools.partial(_ours, spec.build()),
            peer_name="f-strings over the lines, unchecked",
            peer=functools.partial(_theirs, loop),
            limit=limit,
            check=lambda ours, theirs: ours == theirs,
            runs=3,
        )


def _ours(writer: JournalWriter) -> str:
    return _digest(writer.write(_journal()))


def _theirs(loop: Callable[[], Iterator[str]]) -> str:
    return _digest(_pieces(loop()))


def _digest(pieces: Iterable[bytes]) -> str:
    """What both sides do with a piece: one digest of all, so that no file is ever held whole."""
    digest = hashlib.blake2b()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _pieces(texts: Iterable[str]) -> Iterator[bytes]:
    held: list[str] = []
    count = 0
    for text in texts:
        held.append(text)
        count += len(text)
        if count >= _PIECE:
            yield "".join(held).encode()
            held, count = [], 0
    yield "".join(held).encode()


@functools.cache
def _journal() -> Journal:
    """Sales and receipts, two lines of three with each; one in ten is in dollars."""
    from receivables.accounting.model import Chart, GlAccount, Journal, Role  # noqa: PLC0415  # see above

    named = {"411": "Clients", "44571": "TVA", "512": "Banque", "706": "Prestations"}
    roles = {"411": Role.RECEIVABLE, "44571": Role.TAX, "512": Role.BANK, "706": Role.REVENUE}
    accounts = {roles[number]: GlAccount(number, name) for number, name in named.items()}
    chart = Chart(name="benchmark", version="1", accounts=accounts)
    return Journal(chart=chart, functional_currency="EUR", entries=_entries(accounts))


def _entries(accounts: dict[Role, GlAccount]) -> Iterator[JournalEntry]:
    luck = random.Random(7)  # noqa: S311  # no secret
    customers = [f"C-{number:05d}" for number in range(_CUSTOMERS)]
    for index in range(0, _EVENTS, 2):
        # Sales and receipts alternate; the journal is in the order of its days.
        day = _FIRST + dt.timedelta(days=index * 365 // _EVENTS)
        customer = customers[luck.randrange(_CUSTOMERS)]
        net = luck.randint(1_000, 500_000)
        yield _sale(accounts, index, day, customer=customer, net_minor=net)
        yield _receipt(accounts, index + 1, day, customer=customer, minor=net + net // 5)


def _sale(
    accounts: dict[Role, GlAccount], index: int, day: dt.date, *, customer: str, net_minor: int
) -> JournalEntry:
    from receivables.accounting.model import JournalEntry, Role  # noqa: PLC0415  # see above

    number = f"2026-{index:07d}"
    tax = net_minor // 5
    code = "USD" if index % 20 == 0 else "EUR"
    return JournalEntry(
        entry=f"e-{index}",
        creditor="MIRA",
        date=day,
        kind="DocumentIssued",
        functional_currency="EUR",
        lines=[
            _line(
                accounts[Role.RECEIVABLE], Role.RECEIVABLE, net_minor + tax, code, customer, number
            ),
            _line(accounts[Role.REVENUE], Role.REVENUE, -net_minor, code),
            _line(accounts[Role.TAX], Role.TAX, -tax, code),
        ],
        document=number,
        document_date=day,
        event=f"issued:MIRA:{number}",
        recorded_at=_RECORDED,
    )


def _receipt(
    accounts: dict[Role, GlAccount], index: int, day: dt.date, *, customer: str, minor: int
) -> JournalEntry:
    from receivables.accounting.model import JournalEntry, Role  # noqa: PLC0415  # see above

    name = f"r-{index}"
    return JournalEntry(
        entry=f"e-{index}",
        creditor="MIRA",
        date=day,
        kind="ReceiptRecorded",
        functional_currency="EUR",
        lines=[
            _line(accounts[Role.BANK], Role.BANK, minor, "EUR"),
            _line(accounts[Role.RECEIVABLE], Role.RECEIVABLE, -minor, "EUR", customer, name),
        ],
        document=name,
        document_date=day,
        event=f"received:MIRA:{name}",
        recorded_at=_RECORDED,
    )


def _line(
    account: GlAccount, role: Role, minor: int, code: str, customer: str = "", item: str = ""
) -> JournalLine:
    from receivables.accounting.model import JournalLine  # noqa: PLC0415  # see above

    return JournalLine(
        account=account,
        role=role,
        amount_minor=minor,
        currency=code,
        functional_minor=minor,
        customer=customer,
        item=item,
    )


def _units(minor: int, mark: str = ".") -> str:
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}{mark}{cents:02d}"


def _beancount() -> Iterator[str]:
    yield 'option "title" "Receivables"\noption "operating_currency" "EUR"\n'
    yield 'option "tolerance_multiplier" "0.1"\noption "inferred_tolerance_default" "EUR:0.001"\n\n'
    for code in ("EUR", "USD"):
        yield f"{_FIRST} commodity {code}\n  digits: 2\n"
    yield "\n"
    for number, (name, *_) in _ACCOUNTS.items():
        label = name.partition(f"{number}-")[2]
        yield f'{_FIRST} open {name}\n  number: "{number}"\n  name: "{label}"\n'
    for entry in _journal():
        number = entry.document
        parts = [
            (
                f'\n{entry.date} * "{entry.kind} {number}" #{entry.kind} ^{entry.event.replace(":", "-")}\n'
                f'  entry: "{entry.entry}"\n  entity: "MIRA"\n  kind: "{entry.kind}"\n'
                f'  document: "{number}"\n  document-date: {entry.date}\n  event: "{entry.event}"\n'
                f'  recorded-at: "2027-01-04T08:00:00+00:00"\n'
            )
        ]
        for line in entry.lines:
            name, units = _ACCOUNTS[line.account.number][0], _units(line.amount_minor)
            price = (
                "" if line.currency == "EUR" else f" @@ {_units(abs(line.functional_minor))} EUR"
            )
            parts.append(f"  {name}  {units} {line.currency}{price}\n")
            if line.customer:
                parts.append(f'    customer: "{line.customer}"\n    item: "{line.item}"\n')
        yield "".join(parts)


def _hledger() -> Iterator[str]:
    yield "decimal-mark .\n\ncommodity 1000.00 EUR\ncommodity 1000.00 USD\n\n"
    for _, name, kind in _ACCOUNTS.values():
        yield f"account {name}  ; type:{kind}\n"
    for entry in _journal():
        number = entry.document
        parts = [
            (
                f"\n{entry.date} * ({number}) {entry.kind} {number}\n"
                f"    ; entry:{entry.entry}, entity:MIRA, kind:{entry.kind}\n"
                f"    ; document-date:{entry.date}\n    ; event:{entry.event}\n"
                f"    ; recorded-at:2027-01-04T08:00:00+00:00\n"
            )
        ]
        for line in entry.lines:
            name, units = _ACCOUNTS[line.account.number][1], _units(line.amount_minor)
            price = (
                "" if line.currency == "EUR" else f" @@ {_units(abs(line.functional_minor))} EUR"
            )
            tags = f"  ; customer:{line.customer}, item:{line.item}" if line.customer else ""
            parts.append(f"    {name}  {units} {line.currency}{price}{tags}\n")
        yield "".join(parts)


def _csv() -> Iterator[str]:
    yield (
        "entry,creditor,date,kind,document,document_date,event,recorded_at,entry_text,line,account,"
        "account_name,role,amount,currency,functional_amount,functional_currency,customer,item,"
        "counterparty,text\r\n"
    )
    for entry in _journal():
        head = (
            f"{entry.entry},MIRA,{entry.date},{entry.kind},{entry.document},{entry.date},"
            f"{entry.event},2027-01-04T08:00:00+00:00,"
        )
        for place, line in enumerate(entry.lines, start=1):
            account, units = line.account, _units(line.amount_minor)
            yield (
                f"{head},{place},{account.number},{account.name},{line.role.value},{units},"
                f"{line.currency},{_units(line.functional_minor)},EUR,{line.customer},{line.item},,\r\n"
            )


def _fec() -> Iterator[str]:
    yield (
        "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\t"
        "CompAuxLib\tPieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\t"
        "ValidDate\tMontantdevise\tIdevise\r\n"
    )
    for place, entry in enumerate(_journal(), start=1):
        journal = "VE\tVentes" if entry.kind == "DocumentIssued" else "BQ\tBanque"
        day = f"{entry.date:%Y%m%d}"
        head = f"{journal}\t{place}\t{day}"
        said = f"{entry.document}\t{day}\t{entry.kind} {entry.document}"
        for line in entry.lines:
            amount = _units(abs(line.functional_minor), ",")
            sides = f"0,00\t{amount}" if line.functional_minor < 0 else f"{amount}\t0,00"
            is_euro = line.currency == "EUR"
            foreign = "\t" if is_euro else f"{_units(line.amount_minor, ',')}\t{line.currency}"
            yield (
                f"{head}\t{line.account.number}\t{line.account.name}\t{line.customer}\t"
                f"{line.customer}\t{said}\t{sides}\t\t\t20270104\t{foreign}\r\n"
            )
