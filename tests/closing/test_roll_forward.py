"""The roll-forward of a ledger, movement by movement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from receivables.accounting import (
    GlAccount,
    JournalEntry,
    JournalLine,
    Role,
    chart,
    journal,
)
from receivables.accounting.manual import reversal
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.closing import MovementKind, RollForwardRow, movements, roll_forward
from receivables.closing.movements import RESIDUAL_KINDS
from receivables.errors import DocumentError, PolicyError
from receivables.ledger import Ledger
from receivables.money import ExchangeRate
from receivables.testing.builders import (
    a_cancellation,
    a_credit_note,
    a_receipt,
    a_return,
    an_allocation,
    an_identification,
    an_invoice,
    an_unallocation,
    issued,
    received,
    recorded,
)

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)


def _rolled(*events, **options):
    return roll_forward(Ledger().record(*events), first=FIRST, last=LAST, **options)


def _only(rolled):
    (row,) = rolled.rows
    return row


def _allocated(*residuals, legs):
    return Allocation(
        allocation="a-1",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg(item, minor) for item, minor in legs.items()],
        residuals=residuals,
    )


def _allocate(ledger, allocation, day=dt.date(2026, 10, 15)):
    return ledger.record(ledger.allocated(allocation, effective_on=day, recorded_at=recorded(30)))


def test_every_kind_of_residual_has_a_movement():
    """A residual without a movement would leave a balance unexplained."""
    assert set(RESIDUAL_KINDS) == set(ResidualKind)


def test_the_opening_is_that_of_the_eve():
    """What was issued before the first day opens the roll-forward, and is no invoice of it."""
    row = _only(_rolled(issued(an_invoice(document_date=dt.date(2026, 9, 30)))))

    assert (row.opening_minor, dict(row.movements), row.closing_minor) == (10_000, {}, 10_000)


def test_documents_and_receipts_move_the_balance():
    """Invoices raise it, credit notes and receipts lower it."""
    row = _only(
        _rolled(
            issued(an_invoice("F-1", total="120.00", document_date=FIRST)),
            issued(a_credit_note("AV-1", total="20.00", document_date=FIRST), minute=1),
            received(a_receipt(amount="40.00"), minute=2),
        )
    )

    assert row.movements == {
        MovementKind.INVOICES: 12_000,
        MovementKind.CREDIT_NOTES: -2_000,
        MovementKind.RECEIPTS: -4_000,
    }
    assert row.closing_minor == 6_000


def test_an_allocation_moves_nothing_but_its_residuals():
    """Settling with a discount lowers the balance by the discount alone; undoing brings it back."""
    ledger = Ledger().record(issued(an_invoice()), received(a_receipt(amount="98.00")))
    discount = Residual(ResidualKind.SETTLEMENT_DISCOUNT, 200, item="FA-1")
    settled = _allocate(ledger, _allocated(discount, legs={"FA-1": 10_000, "r-1": -9_800}))
    undone = settled.record(
        settled.unallocated(
            "MIRA", "a-1", effective_on=dt.date(2026, 11, 3), recorded_at=recorded(40)
        )
    )

    october = _only(roll_forward(undone, first=FIRST, last=LAST))
    november = _only(roll_forward(undone, first=LAST + dt.timedelta(1), last=dt.date(2026, 11, 30)))

    assert october.movements == {
        MovementKind.RECEIPTS: -9_800,
        MovementKind.SETTLEMENT_DISCOUNTS: -200,
    }
    assert november.movements == {MovementKind.SETTLEMENT_DISCOUNTS: 200}


def test_a_deduction_stays_owed():
    """What a payer kept back goes from one item to another, so the balance keeps it."""
    ledger = Ledger().record(issued(an_invoice()), received(a_receipt(amount="90.00")))
    deduction = Residual(ResidualKind.DEDUCTION, 1_000, item="FA-1", reason="short delivery")
    ledger = _allocate(ledger, _allocated(deduction, legs={"FA-1": 10_000, "r-1": -9_000}))

    moved = [each for each in movements(ledger) if each.kind is MovementKind.DEDUCTIONS]
    row = _only(roll_forward(ledger, first=FIRST, last=LAST))

    assert [(each.item, each.amount_minor) for each in moved] == [
        ("FA-1", -1_000),
        ("a-1:deduction:1", 1_000),
    ]
    assert row.closing_minor == 1_000


def test_one_customer_may_pay_for_another():
    """The receipt of a head office that pays a branch's invoice goes over to the branch."""
    ledger = Ledger().record(
        issued(an_invoice(customer="C-BRANCH")), received(a_receipt(customer="C-HEAD"))
    )
    ledger = _allocate(ledger, _allocated(legs={"FA-1": 10_000, "r-1": -10_000}))

    rolled = roll_forward(ledger, first=FIRST, last=LAST)

    assert {row.customer: dict(row.movements) for row in rolled.rows} == {
        "C-BRANCH": {MovementKind.TRANSFERS: -10_000},
        "C-HEAD": {MovementKind.RECEIPTS: -10_000, MovementKind.TRANSFERS: 10_000},
    }
    assert rolled.totals[0].movements == {MovementKind.RECEIPTS: -10_000}


def test_a_payer_found_takes_the_receipt_over():
    """An unidentified receipt moves from no customer to the one it is found to be of."""
    rolled = _rolled(
        received(a_receipt(customer="")),
        an_identification(customer="C-017", effective_on=dt.date(2026, 10, 20)),
    )

    assert [(row.customer, row.closing_minor) for row in rolled.rows] == [
        ("", 0),
        ("C-017", -10_000),
    ]
    assert rolled.rows[1].movements == {MovementKind.TRANSFERS: -10_000}


def test_returns_and_cancellations_have_columns_of_their_own():
    """Money that goes back and a document that is withdrawn are not netted with what they undo."""
    row = _only(
        _rolled(
            issued(an_invoice(document_date=FIRST)),
            received(),
            a_cancellation(),
            a_return(),
        )
    )

    assert row.movements == {
        MovementKind.INVOICES: 10_000,
        MovementKind.CANCELLATIONS: -10_000,
        MovementKind.RECEIPTS: -10_000,
        MovementKind.RETURNS: 10_000,
    }


def test_what_was_learned_after_a_report_is_recorded_late():
    """A late entry of September opens October without changing what September had reported."""
    early, late = an_invoice("F-1"), an_invoice("F-2", total="7.00")
    rolled = _rolled(issued(early), issued(late, minute=90), reported_at=recorded(10))

    row = _only(rolled)

    assert (row.opening_minor, row.closing_minor) == (10_000, 10_700)
    assert row.movements == {MovementKind.RECORDED_LATE: 700}


def test_balances_are_as_known_then():
    """With a moment, later recordings do not exist."""
    rolled = _rolled(issued(an_invoice("F-1")), received(minute=90), known_at=recorded(10))

    assert MovementKind.RECEIPTS not in _only(rolled).movements


def test_currencies_are_never_added():
    """A customer with two currencies has two rows, and the totals stay apart."""
    rolled = _rolled(
        issued(an_invoice("F-1", document_date=FIRST)),
        issued(an_invoice("F-2", total="5000", currency="JPY", document_date=FIRST), minute=1),
    )

    assert [(row.currency, row.closing_minor) for row in rolled.totals] == [
        ("EUR", 10_000),
        ("JPY", 5_000),
    ]


def _rate(rate, day):
    return ExchangeRate(base="EUR", quote="USD", rate=Decimal(rate), date=day)


def test_a_journal_adds_the_functional_currency_and_exchange():
    """An invoice booked at 1.08 and paid at 1.05 closes at zero with its gain beside it."""
    day = dt.date(2026, 10, 5)
    invoice = an_invoice(
        total="10000.00", currency="USD", document_date=day, exchange_rate=_rate("1.08", day)
    )
    paid = a_receipt(
        amount="10000.00", currency="USD", exchange_rate=_rate("1.05", dt.date(2026, 10, 15))
    )
    settled = an_allocation({"FA-1": 1_000_000, "r-1": -1_000_000}, currency="USD")
    ledger = Ledger().record(issued(invoice), received(paid), settled)
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR")

    row = _only(roll_forward(ledger, first=FIRST, last=LAST, journal=books))

    assert row.functional_movements == {
        MovementKind.INVOICES: 925_926,
        MovementKind.RECEIPTS: -952_381,
        MovementKind.EXCHANGE: 26_455,
    }
    assert (row.closing_minor, row.functional_closing_minor) == (0, 0)


def test_a_revaluation_and_its_mirror_stand_apart_from_exchange():
    """What a period end adds, and the next day takes back, is revaluation, customer by customer."""
    day = dt.date(2026, 10, 5)
    invoices = [
        an_invoice(
            f"F-{customer}",
            total="10000.00",
            currency="USD",
            customer=customer,
            document_date=day,
            exchange_rate=_rate("1.08", day),
        )
        for customer in ("A", "B")
    ]
    ledger = Ledger().record(*(issued(each, minute=at) for at, each in enumerate(invoices)))
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR")
    lines = [
        JournalLine(
            account=GlAccount(role.value, role.value),
            role=role,
            amount_minor=0,
            currency="USD",
            functional_minor=minor,
            customer=customer,
        )
        for role, minor, customer in (
            (Role.RECEIVABLE, -16_835, "A"),
            (Role.RECEIVABLE, -16_835, "B"),
            (Role.TRANSLATION_LOSS, 33_670, ""),
        )
    ]
    closing = JournalEntry(
        entry="revaluation",
        creditor="MIRA",
        date=LAST,
        kind="revaluation",
        functional_currency="EUR",
        lines=lines,
    )
    mirror = reversal(closing, on=LAST + dt.timedelta(1), name="mirror")
    books = books.with_entries([closing, mirror])

    october = roll_forward(ledger, first=FIRST, last=LAST, journal=books)
    november = roll_forward(
        ledger, first=LAST + dt.timedelta(1), last=LAST + dt.timedelta(30), journal=books
    )

    revaluation = MovementKind.REVALUATION
    assert [row.functional_movements[revaluation] for row in october.rows] == [-16_835] * 2
    assert [row.functional_closing_minor for row in october.rows] == [909_091] * 2
    assert [dict(row.functional_movements) for row in november.rows] == [{revaluation: 16_835}] * 2


def test_rows_have_the_columns_they_name():
    """The table has as many cells as columns, functional ones included."""
    ledger = Ledger().record(issued(an_invoice(document_date=FIRST)), received())
    books = journal(ledger, chart=chart("fr-pcg"), functional_currency="EUR")
    rolled = roll_forward(ledger, first=FIRST, last=LAST, journal=books)

    table = [dict(zip(rolled.columns, row, strict=True)) for row in rolled.to_rows()]

    assert table[0]["invoices"] == table[0]["functional_invoices"] == 10_000
    assert table[0]["functional_currency"] == "EUR"


def test_one_entity_or_customer_can_be_looked_at_alone():
    """`only` keeps the rows of an entity or of a customer."""
    rolled = _rolled(
        issued(an_invoice("F-1", customer="A")), issued(an_invoice("F-2", customer="B"), minute=1)
    )

    assert [row.customer for row in rolled.only(customer="B").rows] == ["B"]
    assert rolled.only(creditor="OTHER").rows == ()


def test_what_does_not_add_up_is_refused():
    """A row whose closing is another than its opening and movements cannot be built."""
    with pytest.raises(DocumentError, match="closing of C-017 in EUR must be 1, got 2"):
        RollForwardRow(
            creditor="MIRA", customer="C-017", currency="EUR", opening_minor=1, closing_minor=2
        )


def test_days_must_be_in_order():
    """A period that ends before it begins is misuse."""
    with pytest.raises(PolicyError, match="last must be"):
        roll_forward(Ledger(), first=LAST, last=FIRST)


def test_an_undo_of_another_period_is_a_movement_of_its_own():
    """Undoing with no residuals moves nothing within one account."""
    allocated = an_allocation()
    rolled = _rolled(
        issued(an_invoice()), received(), allocated, an_unallocation(allocated, minute=5)
    )

    assert _only(rolled).movements == {MovementKind.RECEIPTS: -10_000}
