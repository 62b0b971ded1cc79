"""Receipts from bank entries: one per transaction, named for good, own transfers left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from receivables.documents import ItemKind
from receivables.errors import DocumentError, InexactAmountError
from receivables.money import Money, money
from receivables.receipts import (
    BankEntry,
    BankStatement,
    EntryDetail,
    Payer,
    Receipt,
    Remittance,
    ReturnInfo,
    receipts_from,
    unapplied_item,
)
from receivables.testing.builders import a_receipt

DAY = dt.date(2026, 10, 5)


def entry(amount_minor: int = 10_000, **fields: Any) -> BankEntry:
    known = {"account": "FR76", "statement": "S1", "index": 1, "currency": "EUR"}
    return BankEntry(amount_minor=amount_minor, **{**known, "booking_date": DAY, **fields})


def detail(amount_minor: int | None, name: str = "") -> EntryDetail:
    return EntryDetail(amount_minor=amount_minor, payer=Payer(name=name))


def receipts(*entries: BankEntry, **options: Any) -> list[Receipt]:
    return list(receipts_from(entries, creditor="MIRA", **options))


def amounts(*entries: BankEntry) -> list[Money]:
    return [receipt.amount for receipt in receipts(*entries)]


def test_a_batch_gives_a_receipt_per_transaction() -> None:
    """Where the details say their amounts and add up, each payer has a receipt."""
    batch = entry(details=[detail(6_000, "A"), detail(4_000, "B")])

    found = receipts(batch)

    assert [(each.payer.name, each.amount) for each in found] == [
        ("A", money("60.00", "EUR")),
        ("B", money("40.00", "EUR")),
    ]
    assert found[0].receipt != found[1].receipt


@pytest.mark.parametrize("details", [[], [detail(None)], [detail(6_000), detail(3_000)]])
def test_a_batch_that_proves_nothing_is_one_receipt(details: list[EntryDetail]) -> None:
    """Without amounts that add up, the entry itself is what came in."""
    assert amounts(entry(details=details)) == [money("100.00", "EUR")]


NO_RECEIPTS = {
    "a debit": entry(-100),
    "pending": entry(is_booked=False),
    "a reversal": entry(is_reversal=True),
    "a return": entry(details=[EntryDetail(amount_minor=10_000, returned=ReturnInfo(code="AC04"))]),
}


@pytest.mark.parametrize("why", NO_RECEIPTS)
def test_what_is_no_receipt(why: str) -> None:
    """Only booked credits that reverse nothing are receipts."""
    assert receipts(NO_RECEIPTS[why]) == []


def test_an_own_transfer_is_no_receipt() -> None:
    """Money from the creditor's other account was never a customer's."""
    own = entry(details=[EntryDetail(amount_minor=10_000, payer=Payer(account="DE02 1203"))])

    assert receipts(own, own_accounts=["de021203", ""]) == []
    assert len(receipts(own)) == 1


def test_the_same_entry_again_has_the_same_name() -> None:
    """The bank's reference names the entry, whatever statement carries it."""
    first = entry(bank_reference="B-1")
    again = entry(bank_reference="B-1", statement="S2", index=9)
    other = entry(bank_reference="B-2")

    names = [receipt.receipt for receipt in receipts(first, again, other)]

    assert names[0] == names[1] != names[2]


def test_without_a_reference_the_place_in_the_statement_counts() -> None:
    """Two equal payments of one day are two receipts."""
    names = [each.receipt for each in receipts(entry(index=1), entry(index=2))]

    assert names[0] != names[1]


def test_an_entry_without_booking_date_is_taken_on_its_value_date() -> None:
    """Some banks give the value date only."""
    (receipt,) = receipts(entry(booking_date=None, value_date=DAY))

    assert receipt.booking_date == DAY


def test_a_credit_without_any_date_is_refused() -> None:
    """A reader that lets such an entry through broke its contract; it is not dated by guess."""
    with pytest.raises(DocumentError, match="must have a booking or a value date"):
        receipts(entry(booking_date=None))


def test_the_entry_speaks_where_the_detail_is_silent() -> None:
    """The additional text of the entry is the remittance of a transaction without one."""
    said = EntryDetail(amount_minor=10_000, remittance=Remittance(text=["F-1"]))

    texts = [
        receipts(entry(text="F-2", details=[each]))[0].remittance.text
        for each in (said, detail(10_000))
    ]

    assert texts == [("F-1",), ("F-2",)]


def test_unapplied_cash_is_a_credit() -> None:
    """A receipt is a credit of its booking date until something is paid with it."""
    item = unapplied_item(a_receipt(amount="80.00", booking_date=DAY), customer="C-9")

    assert (item.kind, item.open_minor, item.due_date, item.customer) == (
        ItemKind.UNAPPLIED_CASH,
        -8_000,
        DAY,
        "C-9",
    )


REFUSED = {
    "nothing": (DocumentError, {"amount": Money("0.00", "EUR")}),
    "negative": (DocumentError, {"amount": Money("-1.00", "EUR")}),
    "a tenth of a cent": (InexactAmountError, {"amount": Money("1.005", "EUR")}),
    "no identity": (DocumentError, {"receipt": ""}),
}


@pytest.mark.parametrize("why", REFUSED)
def test_impossible_receipts_are_refused(why: str) -> None:
    """A receipt is positive, exact, and has a name."""
    error, changes = REFUSED[why]

    with pytest.raises(error):
        attrs.evolve(a_receipt(), **changes)


@pytest.mark.parametrize(
    ("opening", "closing", "difference"), [(100, 150, 0), (100, 151, 1), (None, 150, None)]
)
def test_a_statement_proves_its_entries(
    opening: int | None, closing: int, difference: int | None
) -> None:
    """Opening plus entries is closing, or the difference is said; unprovable is None."""
    statement = BankStatement(
        account="FR76",
        statement="S1",
        currency="EUR",
        opening_minor=opening,
        closing_minor=closing,
        credits_minor=70,
        debits_minor=20,
    )

    assert statement.difference_minor == difference


def test_remittance_knows_when_it_is_empty() -> None:
    """Nothing said is nothing to match by."""
    assert Remittance().is_empty
    assert not Remittance(end_to_end="X").is_empty
