"""Losses through the verbs of a book: what is expected, what was given up, what would hurt."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from receivables.accounting import ManualEntries
from receivables.accounting.model import Journal
from receivables.book import Book
from receivables.casework import CreditLimit, Insolvency, WriteOffRequest
from receivables.credit import insolvency_reported, limit_granted
from receivables.documents.model import Line, Tax
from receivables.errors import EventError, PolicyError
from receivables.ledger import Event, Ledger
from receivables.money import money
from receivables.settings import parse_settings
from receivables.testing.builders import (
    a_customer,
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)
from receivables.writeoffs import write_off_approved, write_off_requested

DAY = dt.date(2026, 12, 1)

TABLES = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
country = "{country}"
currency = "EUR"

[allowance]
version = "1"
scheme = {{ upper-bounds = [30, 60] }}
[allowance.rates]
default = ["0 %", "1 %", "10 %", "50 %"]

[[write-offs.levels]]
role = "head of credit"
[[write-offs.efforts]]
name = "insolvent"
reasons = ["insolvency"]
needs = {{ insolvency = 1 }}
"""

INSURANCE = """
[[credit.insurance]]
number = "EH-1"
insurer = "Assureur"
currency = "EUR"
insured-bps = 9000
extension-days = 60
notify-days = 30
claim-days = 150
"""


def book(
    *events: Event, country: str = "DE", tables: str = "", **customer: Any
) -> Book:  # the customer's own
    """A book of one customer with what happened."""
    known = a_customer(**customer)
    return Book(
        settings=parse_settings(TABLES.format(country=country) + tables),
        customers={known.customer: known},
        ledger=Ledger().record(*events),
    )


def taxed(number: str = "FA-1", **fields: Any) -> Event:  # the invoice's own
    """An invoice of 120 EUR, 20 of them tax, that was due on 1 October."""
    lines = [
        Line(
            description="saws",
            net=money("100.00", "EUR"),
            taxes=[Tax(code="S", base=money("100.00", "EUR"), amount=money("20.00", "EUR"))],
        )
    ]
    said = {"total": money("120.00", "EUR"), "lines": lines, "due_date": dt.date(2026, 10, 1)}
    return issued(an_invoice(number=number, **{**said, **fields}))


def insolvent() -> Event:
    """The customer is in liquidation."""
    case = Insolvency(
        insolvency="I-1", customer="C-017", kind="liquidation", opened_on=dt.date(2026, 11, 10)
    )
    return insolvency_reported(
        case, creditor="MIRA", on=dt.date(2026, 11, 10), recorded_at=recorded(3)
    )


def agreed(made: Book, name: str = "W-1") -> tuple[Book, WriteOffRequest]:
    """The book with a request to write off that was agreed to."""
    request = made.losses(as_of=DAY).propose_write_off(
        "C-017", reason="insolvency", name=name, by="A. Ito"
    )
    said: dict[str, Any] = {"creditor": "MIRA", "on": DAY, "recorded_at": recorded(5)}
    return made.record(
        write_off_requested(request, **said), write_off_approved(request, by="J. Roy", **said)
    ), request


def test_an_allowance_needs_a_matrix() -> None:
    """Without a table allowance nothing is measured, and the error names the table."""
    settings = parse_settings('[creditor]\ncreditor = "MIRA"\nname = "Mirabelle SAS"\n')
    view = Book(settings=settings, customers={}, ledger=Ledger()).losses(as_of=DAY)

    with pytest.raises(PolicyError, match="table allowance"):
        _ = view.allowance
    assert view.stress()


def test_empty_books_lose_nothing() -> None:
    """No item, no allowance, no entry, no concentration."""
    view = Book(
        settings=parse_settings(TABLES.format(country="FR")), customers={}, ledger=Ledger()
    ).losses(as_of=DAY)

    assert (view.allowance.lines, view.entries(), view.concentration()) == ((), (), ())
    assert (view.write_offs, view.small_balances.lines) == ((), ())


def test_what_is_late_is_provided_for() -> None:
    """61 days past due are provided for at half, and the movement closes."""
    view = book(taxed()).losses(as_of=DAY)
    movement = view.movement(since="2026-10-15")

    assert sum(line.allowance_minor for line in view.allowance.lines) == 6_000
    assert [(row.opening_minor, row.closing_minor) for row in movement.rows] == [(120, 6_000)]


def test_entries_bring_the_books_to_what_is_needed() -> None:
    """What is booked already is not charged again, segment by segment."""
    made = book(taxed(), segment="trade")
    view = made.losses(as_of=DAY)
    entries = view.entries()
    booked = Journal(chart=view.by_hand.chart, functional_currency="EUR", entries=entries)

    assert len(entries) == 1
    assert view.entries(booked) == ()
    assert isinstance(view.by_hand, ManualEntries)


def insured(on: dt.date) -> Event:
    """A limit of the insurer from a day on."""
    limit = CreditLimit(
        limit="L-1",
        customer="C-017",
        amount=money("1000.00", "EUR"),
        kind="insured",
        policy="EH-1",
        cover_bps=9_000,
    )
    return limit_granted(limit, creditor="MIRA", on=on, recorded_at=recorded(1))


@pytest.mark.parametrize(
    ("since", "expected"), [(dt.date(2026, 9, 1), 600), (dt.date(2026, 11, 20), 6_000)]
)
def test_only_what_is_insured_is_covered(since: dt.date, expected: int) -> None:
    """A limit from before the document covers nine tenths of it, a later one nothing."""
    view = book(taxed(), insured(since), tables=INSURANCE).losses(as_of=DAY)

    assert sum(line.allowance_minor for line in view.allowance.lines) == expected


def test_the_past_does_not_know_later_cover() -> None:
    """The opening of a movement is what it was: cover that came later covers nothing then."""
    guarantee = CreditLimit(
        limit="L-2", customer="C-017", amount=money("1000.00", "EUR"), kind="guaranteed"
    )
    event = limit_granted(
        guarantee, creditor="MIRA", on=dt.date(2026, 11, 20), recorded_at=recorded(1)
    )
    bare, covered = (book(*events).losses(as_of=DAY) for events in ((taxed(),), (taxed(), event)))
    day = "2026-11-10"

    assert covered.allowance != bare.allowance
    assert [row.opening_minor for row in covered.movement(since=day).rows] == [
        row.opening_minor for row in bare.movement(since=day).rows
    ]


def test_a_backtest_takes_any_days() -> None:
    """Days come in order, each once."""
    view = book(taxed()).losses(as_of=DAY)
    tested = view.backtest(days=["2026-11-10", "2026-10-20", "2026-11-10"])

    assert [one.as_of for one in tested] == [dt.date(2026, 10, 20), dt.date(2026, 11, 10)]


def test_tax_comes_back_for_who_is_insolvent() -> None:
    """In Germany the tax of a claim against an insolvent customer comes back, whole."""
    made, request = agreed(book(taxed(), insolvent()))
    (relief,) = made.losses(as_of=DAY).tax_relief(request)

    assert (relief.rule.country, relief.claimable_minor, relief.missing) == ("DE", 2_000, ())


def test_what_the_law_asks_for_and_nobody_knows_is_missing() -> None:
    """In France the customer has to get the document first; with its day the tax comes back."""
    made, request = agreed(book(taxed(), insolvent(), country="FR"))
    view = made.losses(as_of=DAY)
    (missing,) = view.tax_relief(request)
    (met,) = view.tax_relief(request, told_on=dt.date(2026, 11, 25))

    assert "debtor-told" in {one.value for one in missing.missing}
    assert "debtor-told" not in {one.value for one in met.missing}


@pytest.mark.parametrize("country", ["", "XK"])
def test_no_law_gives_nothing_back(country: str) -> None:
    """A creditor of no country, or of one without a rule, books the write-off without tax."""
    made, request = agreed(book(taxed(), insolvent(), country=country))

    assert made.losses(as_of=DAY).tax_relief(request) == ()


def test_tax_that_is_owed_on_receipts_was_never_paid() -> None:
    """Whoever owes the tax only when it is paid gets nothing back of what never was."""
    plain, request = agreed(book(taxed(), insolvent()))
    tables = "[write-offs]\non-receipts = true\n"
    settings = parse_settings(
        TABLES.format(country="DE").replace(
            "[[write-offs.levels]]", f"{tables}[[write-offs.levels]]", 1
        )
    )
    (relief,) = attrs.evolve(plain, settings=settings).losses(as_of=DAY).tax_relief(request)

    assert (relief.relief_minor, relief.claimable_minor) == (0, 0)


def test_rules_of_tax_relief_are_those_of_our_country() -> None:
    """A rule that is named and not of our country is an error that names those that are."""
    made, request = agreed(book(taxed(), insolvent(), country="FR"))
    tables = '[write-offs]\nrelief-rules = ["es-iva-small"]\n'
    settings = parse_settings(
        TABLES.format(country="FR").replace(
            "[[write-offs.levels]]", f"{tables}[[write-offs.levels]]", 1
        )
    )

    with pytest.raises(PolicyError, match="relief-rules must be among those of FR"):
        attrs.evolve(made, settings=settings).losses(as_of=DAY).tax_relief(request)


def test_a_secured_claim_is_said_to_be_one() -> None:
    """Spain gives nothing back for what is insured or secured."""
    plain, request = agreed(book(taxed(), insolvent(), country="ES"))
    secured, _ = agreed(book(taxed(), insured(dt.date(2026, 9, 1)), insolvent(), country="ES"))

    def missing(made: Book) -> set[str]:
        return {
            one.value
            for relief in made.losses(as_of=DAY).tax_relief(request)
            for one in relief.missing
        }

    assert "not-secured" not in missing(plain)
    assert "not-secured" in missing(secured)


def test_a_booking_takes_the_tax_of_what_is_booked() -> None:
    """Half of it was paid after the request: half of the tax comes back."""
    made, _ = agreed(book(taxed(), insolvent()))
    paid = made.record(
        received(a_receipt("R-1", amount=money("60.00", "EUR")), minute=6),
        an_allocation({"FA-1": 6_000, "R-1": -6_000}, minute=7),
    )
    done = paid.losses(as_of=DAY).book_write_off("W-1", recorded_at=recorded(8))
    (residual,) = [one for event in done.events for one in event.allocation.residuals]

    assert (residual.amount_minor, residual.tax_minor) == (6_000, 1_000)
    assert [one.claimable_minor for one in done.relief] == [1_000]
    assert paid.record(*done.events).losses(as_of=DAY).items == ()


def test_a_booking_needs_an_agreement() -> None:
    """Nothing is booked that nobody asked for or agreed to."""
    view = book(taxed()).losses(as_of=DAY)

    with pytest.raises(EventError, match="agreed to"):
        view.book_write_off("W-1", recorded_at=recorded(8))


@pytest.mark.parametrize("is_consumer", [True, False])
def test_a_consumer_is_one_by_the_list(is_consumer: bool) -> None:  # noqa: FBT001  # a case of the test
    """The list of customers says for whom a small claim brings no tax back in Spain."""
    lines = [
        Line(
            description="a saw",
            net=money("40.00", "EUR"),
            taxes=[Tax(code="S", base=money("40.00", "EUR"), amount=money("8.00", "EUR"))],
        )
    ]
    small = taxed(total=money("48.00", "EUR"), lines=lines)
    made, request = agreed(book(small, country="ES", is_consumer=is_consumer))
    (relief, *_) = made.losses(as_of=DAY).tax_relief(request)

    assert ("not-consumer" in {one.value for one in relief.missing}) is is_consumer


def test_concentration_is_by_what_is_known() -> None:
    """By anything else it is refused, and the error names what there is."""
    view = book(taxed()).losses(as_of=DAY)

    assert view.concentration(by="country")[0].holdings[0].holder == "CA"
    with pytest.raises(PolicyError, match="by must be one of"):
        view.concentration(by="colour")


def test_what_was_provided_for_does_not_hurt_twice() -> None:
    """A failure charges what is lost less what is provided for."""
    result = next(iter(book(taxed()).losses(as_of=DAY).stress()))
    (line,) = result.lines

    assert (line.exposure_minor, line.loss_minor, line.charge_minor) == (12_000, 12_000, 6_000)
