"""A house with a chart, in which events are recorded one after the other, and its journal."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.accounting import ManualEntries, PostingRules, chart, journal, posting_rules
from receivables.allocation import Allocation, Leg
from receivables.documents import Invoice, Line, Tax
from receivables.ledger import DocumentIssued, Ledger, ReceiptRecorded, ReceiptReturned
from receivables.money import ExchangeRate, money
from receivables.receipts import Receipt

DAY = dt.date(2026, 3, 2)
MOMENT = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)


class House:
    """A ledger under way; amounts are texts, and unless said otherwise everything is of one day."""

    def __init__(
        self,
        name: str = "fr-pcg",
        *,
        rules: PostingRules | None = None,
        functional: str = "EUR",
        variants: Iterable[str] = (),
        currency: str = "",
        rates: object = None,
    ) -> None:
        self.chart = chart(name, variants=variants)
        self.rules = rules or posting_rules(name)
        self.functional = functional
        self.currency = currency or functional
        self.rates = rates
        self.ledger = Ledger()

    def money(self, text: str):
        return money(text, self.currency)

    def record(self, *events):
        self.ledger = self.ledger.record(*events)

    def invoice(self, total: str = "", *, cls=Invoice, number="F-1", day=DAY, **said):
        total = {"total": self.money(total)} if total else {}
        document = cls(
            number=number,
            creditor="MIRA",
            customer=said.pop("customer", "C-1"),
            document_date=day,
            **total,
            **said,
        )
        self.record(DocumentIssued.of(document, recorded_at=MOMENT))
        return document

    def line(self, net: str, *, tax: str = "", code: str = "TVA20", **said) -> Line:
        base = self.money(net)
        taxes = [Tax(code=code, base=base, amount=self.money(tax))] if tax else []
        return Line(description="a line", net=base, taxes=taxes, **said)

    def receipt(self, amount: str, *, name="R-1", day=DAY, customer="C-1", **said):
        receipt = Receipt(
            receipt=name,
            creditor="MIRA",
            customer=customer,
            amount=self.money(amount),
            booking_date=day,
            **said,
        )
        self.record(ReceiptRecorded.of(receipt, recorded_at=MOMENT))
        return receipt

    def allocate(self, legs: dict[str, int], *residuals, name="A-1", day=DAY, currencies=()):
        allocation = Allocation(
            allocation=name,
            creditor="MIRA",
            currency=self.currency,
            legs=[
                Leg(item, minor, currency=dict(currencies).get(item, ""))
                for item, minor in legs.items()
            ],
            residuals=residuals,
        )
        event = self.ledger.allocated(allocation, effective_on=day, recorded_at=MOMENT)
        self.record(event)

    def unallocate(self, name="A-1", day=DAY):
        self.record(self.ledger.unallocated("MIRA", name, effective_on=day, recorded_at=MOMENT))

    def send_back(self, *, day=DAY, customer="C-1", **said):
        self.record(
            ReceiptReturned(
                event=f"returned-{len(self.ledger)}",
                effective_on=day,
                recorded_at=MOMENT,
                creditor="MIRA",
                customer=customer,
                receipt="R-1",
                **said,
            )
        )

    @property
    def journal(self):
        return journal(
            self.ledger,
            chart=self.chart,
            functional_currency=self.functional,
            rules=self.rules,
            rates=self.rates,
        )

    @property
    def by_hand(self) -> ManualEntries:
        return ManualEntries(
            chart=self.chart,
            creditor="MIRA",
            functional_currency=self.functional,
            rules=self.rules,
        )

    def posted(self, *kinds: str) -> dict[str, int]:
        """What the entries of some kinds of events, or all, leave on each account."""
        return net(entry for entry in self.journal if not kinds or entry.kind in kinds)


def net(entries) -> dict[str, int]:
    """What entries leave on each account, in minor units of the functional currency."""
    totals: Counter[str] = Counter()
    for entry in entries:
        for line in entry.lines:
            totals[line.account.number] += line.functional_minor
    return {number: minor for number, minor in totals.items() if minor}


@pytest.fixture
def house():
    """Build a house by the name of its chart."""
    return House


@pytest.fixture
def net_of():
    """What entries leave on each account."""
    return net


@pytest.fixture
def usd():
    """A rate of US dollars per euro."""

    def at(rate: str, day: dt.date = DAY) -> ExchangeRate:
        return ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=day)

    return at


_ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give `journal_case` every worked case of a journal, where they are beside this checkout."""
    if "journal_case" not in metafunc.fixturenames:
        return
    path = _ORACLES / "journal.jsonl"
    if not path.exists():
        skip = pytest.mark.skip(reason="shared oracles are not beside this checkout")
        metafunc.parametrize("journal_case", [pytest.param(None, marks=skip)])
        return
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    metafunc.parametrize("journal_case", rows, ids=[row["id"] for row in rows])


@pytest.fixture
def fx_case():
    """A worked case of exchange differences, by its name."""
    path = _ORACLES / "fx.jsonl"
    if not path.exists():
        pytest.skip("shared oracles are not beside this checkout")
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    return {row["id"]: row for row in rows}.__getitem__
