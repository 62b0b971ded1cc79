"""Statements of account: what stands on them, in which form, and of whom."""

import datetime as dt

import attrs
import pytest

from receivables.aging import AgingScheme, Credits
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.documents import Installment
from receivables.errors import DocumentError, PolicyError
from receivables.ledger import DueDateChanged, Ledger, PeriodClosed
from receivables.money import money
from receivables.parties import PayerGroup
from receivables.statements import (
    StatementForm,
    StatementMovementKind,
    group_statement,
    statement_of_account,
    statements_of_account,
)

from .worlds import World, day, discount

_AS_OF = day(10, 31)


def _open(world, customer="C-1", **more):
    given = {"as_of": _AS_OF, **more}
    return statement_of_account(world.ledger, "MIRA", customer, **given)


def _moves(world, customer="C-1", **more):
    statement = _open(world, customer, form=StatementForm.RUNNING_BALANCE, **more)
    return [
        (movement.kind.value, movement.document, movement.amount_minor, movement.balance_minor)
        for part in statement.parts
        for movement in part.movements
    ]


def test_open_items_have_their_age_and_what_is_left():
    """An item shows what it was for, what was settled, what is open, and how late it is."""
    world = World().invoice("I-1", "100").receipt("R-1", "40")
    world.apply("A-1", {"I-1": 4_000, "R-1": -4_000})
    (part,) = _open(world).parts
    (each,) = part.items

    assert (each.item.item, each.item.amount_minor, each.settled_minor) == ("I-1", 10_000, 4_000)
    assert (each.item.open_minor, each.days_past_due) == (6_000, 30)
    assert part.closing_minor == part.aging.total_minor == 6_000
    assert (part.opening_minor, part.movements) == (None, ())


def test_settled_documents_are_not_shown():
    """A paid invoice is no open item."""
    world = World().invoice("I-1", "100").receipt("R-1", "100")
    world.apply("A-1", {"I-1": 10_000, "R-1": -10_000})

    assert _open(world).parts == ()


def test_each_receipt_is_named_that_paid_a_part():
    """The statement lists which receipt and which credit note settled which part, and when."""
    world = World().invoice("I-1", "100").receipt("R-1", "40").credit("K-1", "10")
    world.apply("A-1", {"I-1": 5_000, "R-1": -4_000, "K-1": -1_000})
    (each,) = _open(world).parts[0].items

    assert [
        (part.on, part.amount_minor, [by.document for by in part.by]) for part in each.settled_parts
    ] == [(day(10), 4_000, ["R-1"]), (day(10), 1_000, ["K-1"])]


def test_a_discount_is_a_settlement_of_its_own():
    """What was kept for paying early stands beside the money that came."""
    world = World().invoice("I-1", "100").invoice("I-2", "50").receipt("R-1", "108")
    world.apply("A-1", {"I-1": 6_000, "I-2": 5_000, "R-1": -10_800}, day(10), discount(200, "I-1"))
    (each,) = [each for each in _open(world).parts[0].items if each.item.item == "I-1"]

    assert [
        (part.amount_minor, [by.document for by in part.by], part.residuals)
        for part in each.settled_parts
    ] == [(5_800, ["R-1"], ()), (200, [], (ResidualKind.SETTLEMENT_DISCOUNT,))]


def test_many_against_many_are_settled_together():
    """Where an allocation does not say which paid which, no share is invented."""
    world = World().invoice("I-1", "100").invoice("I-2", "100")
    world.receipt("R-1", "60").receipt("R-2", "60")
    world.apply("A-1", {"I-1": 6_000, "I-2": 6_000, "R-1": -6_000, "R-2": -6_000})
    first, second = _open(world).parts[0].items

    for each in (first, second):
        (part,) = each.settled_parts
        assert part.amount_minor == 6_000
        assert [by.document for by in part.by] == ["R-1", "R-2"]


def test_a_receipt_says_what_it_paid():
    """What is left of a receipt is unapplied cash, and what was used of it is named."""
    world = World().invoice("I-1", "30").invoice("I-2", "20").receipt("R-1", "80")
    world.apply("A-1", {"I-1": 3_000, "I-2": 2_000, "R-1": -5_000})
    (part,) = _open(world).parts
    (each,) = part.unapplied

    assert (part.owed, part.unapplied_minor) == ((), -3_000)
    assert [(s.amount_minor, s.by[0].document) for s in each.settled_parts] == [
        (-3_000, "I-1"),
        (-2_000, "I-2"),
    ]


def test_an_overpayment_kept_as_a_small_difference_belongs_to_the_receipt():
    """A difference in our favor is taken off the receipt, and the invoice is paid in full by it."""
    world = World().invoice("I-1", "100").invoice("I-2", "10").receipt("R-1", "90.05")
    small = Residual(ResidualKind.SMALL_DIFFERENCE, -5)
    world.apply("A-1", {"I-1": 9_000, "R-1": -9_005}, day(10), small)
    (first, _) = _open(world).parts[0].items

    assert [(s.amount_minor, s.by[0].document) for s in first.settled_parts] == [(9_000, "R-1")]
    assert ("small-difference", "R-1", 5, 2_000) == _moves(world)[-1]


@pytest.mark.parametrize(
    ("count", "document"), [(1, "I-0"), (2, "I-0, I-1"), (4, "")], ids=["one", "two", "many"]
)
def test_a_discount_names_the_documents_that_share_it(count, document):
    """A discount of no item in particular is one movement, and names its documents where they are few."""
    world, legs = World(), {}
    for number in range(count):
        world.invoice(f"I-{number}", "100")
        legs[f"I-{number}"] = 10_000
    world.receipt("R-1", str(100 * count - 2))
    world.apply("A-1", {**legs, "R-1": 200 - 10_000 * count}, day(10), discount(200))

    assert ("settlement-discount", document, -200, 0) == _moves(world)[-1]


def test_currencies_are_never_added():
    """Each currency has its part, its balance and its aging."""
    world = World().invoice("I-1", "100").invoice("I-2", "70", currency="USD")
    statement = _open(world)

    assert {code: total.closing_minor for code, total in statement.totals.items()} == {
        "EUR": 10_000,
        "USD": 7_000,
    }
    assert [row.currency for row in statement.aging.rows] == ["EUR", "USD"]


def test_running_balance_tells_every_movement():
    """Invoices, credits, receipts, discounts, returns, cancellations, in order, and the balance after."""
    world = World().invoice("I-1", "100", day(9, 1)).invoice("I-2", "50", day(9, 2))
    world.credit("K-1", "10", day(9, 3)).receipt("R-1", "98", day(10, 1))
    world.apply("A-1", {"I-1": 10_000, "R-1": -9_800}, day(10, 2), discount(200))
    world.undo("A-1", day(10, 5)).returned("R-1", day(10, 6)).cancel("I-2", day(10, 7))

    assert _moves(world, since=day(9, 2)) == [
        ("invoice", "I-2", 5_000, 15_000),
        ("credit-note", "K-1", -1_000, 14_000),
        ("receipt", "R-1", -9_800, 4_200),
        ("settlement-discount", "I-1", -200, 4_000),
        ("settlement-discount", "I-1", 200, 4_200),
        ("return", "R-1", 9_800, 14_000),
        ("cancellation", "I-2", -5_000, 9_000),
    ]
    (part,) = _open(world, since=day(9, 2)).parts
    assert (part.opening_minor, part.closing_minor) == (10_000, 9_000)
    assert [movement.is_reversal for movement in part.movements].index(True) == 4


def test_a_partial_return_is_a_movement():
    """A part of a receipt that went back raises the balance by that part, and no more."""
    world = World().receipt("R-1", "98").returned("R-1", amount=money("20", "EUR"))
    (each,) = _open(world, as_of=day(12)).parts[0].items

    assert _moves(world, as_of=day(12))[-1] == ("return", "R-1", 2_000, -7_800)
    assert [(s.amount_minor, s.by, s.residuals) for s in each.settled_parts] == [(-2_000, (), ())]


@pytest.mark.parametrize("kind", [ResidualKind.DEDUCTION, ResidualKind.RETENTION])
def test_what_stays_owed_moves_no_balance(kind):
    """A deduction or a retention becomes an item of its own, and the balance is what it was."""
    world = World().invoice("I-1", "100").receipt("R-1", "90")
    residual = Residual(kind, 1_000, item="I-1")
    world.apply("A-1", {"I-1": 10_000, "R-1": -9_000}, day(10), residual)
    (part,) = _open(world).parts

    assert [each.item.kind.value for each in part.items] == [kind.value]
    assert _moves(world) == [("invoice", "I-1", 10_000, 10_000), ("receipt", "R-1", -9_000, 1_000)]
    assert _moves(world.undo("A-1"), as_of=day(12)) == _moves(world)


def test_a_refund_and_a_write_off_are_movements():
    """A credit sent back and a debt given up are told by their names."""
    world = World().invoice("I-1", "100").receipt("R-1", "30", day(9, 20))
    world.apply("A-1", {"I-1": 10_000}, day(10, 1), Residual(ResidualKind.WRITE_OFF, 10_000))
    world.apply("A-2", {"R-1": -3_000}, day(10, 2), Residual(ResidualKind.REFUND, -3_000))

    assert _moves(world)[2:] == [
        ("write-off", "I-1", -10_000, -3_000),
        ("refund", "R-1", 3_000, 0),
    ]


def test_every_residual_kind_is_a_kind_of_movement():
    """No residual is told as something else."""
    assert {kind.value for kind in ResidualKind} <= {kind.value for kind in StatementMovementKind}


def test_an_allocation_across_currencies_is_a_conversion_in_each():
    """The two sides of a conversion are movements of the two currencies."""
    world = World().invoice("I-1", "100").receipt("R-1", "110", currency="USD")
    event = world.ledger.allocated(
        _across_currencies(), effective_on=day(10, 2), recorded_at=world.now
    )
    moves = _moves(world.record(event))

    assert [each for each in moves if each[0] == "conversion"] == [
        ("conversion", "I-1", -10_000, 0),
        ("conversion", "R-1", 11_000, 0),
    ]


def _across_currencies():
    return Allocation(
        allocation="A-1",
        creditor="MIRA",
        currency="EUR",
        legs=[Leg("I-1", 10_000), Leg("R-1", -11_000, currency="USD")],
        residuals=[
            Residual(ResidualKind.CONVERSION, 10_000),
            Residual(ResidualKind.CONVERSION, -11_000, currency="USD"),
        ],
    )


def test_installments_are_one_movement_and_several_items():
    """An invoice is one movement, whatever it is paid in; its parts are open by themselves."""
    parts = [Installment(day(10), money("60", "EUR")), Installment(day(12), money("40", "EUR"))]
    world = World().invoice("I-1", "100", installments=parts)
    (part,) = _open(world, form=StatementForm.RUNNING_BALANCE).parts
    (movement,) = part.movements

    assert [each.item.item for each in part.items] == ["I-1/1", "I-1/2"]
    assert (movement.amount_minor, movement.due_date) == (10_000, None)


def test_a_receipt_that_pays_for_another_customer_is_a_transfer():
    """What a head office pays for a branch moves both accounts, and neither loses anything."""
    world = World().invoice("I-1", "100", customer="C-2").receipt("R-1", "100", customer="C-1")
    world.apply("A-1", {"I-1": 10_000, "R-1": -10_000}, day(10, 2))
    (_, there), (_, here) = (
        _open(world, name, form=StatementForm.RUNNING_BALANCE).parts[0].movements
        for name in ("C-2", "C-1")
    )

    assert [there.kind, here.kind] == [StatementMovementKind.TRANSFER] * 2
    assert (there.amount_minor, there.others) == (-10_000, ("C-1",))
    assert (here.amount_minor, here.others) == (10_000, ("C-2",))


def test_a_receipt_that_is_identified_changes_accounts():
    """Money whose payer becomes known leaves the account of nobody and comes on the customer's."""
    world = World().receipt("R-1", "80", day(10, 1), customer="").identify("R-1", "C-1", day(10, 9))

    assert _moves(world) == [("identified-receipt", "R-1", -8_000, -8_000)]
    assert _moves(world, "") == [
        ("receipt", "R-1", -8_000, -8_000),
        ("identified-receipt", "R-1", 8_000, 0),
    ]
    assert _open(world, as_of=day(10, 8)).parts == ()


def test_a_statement_is_as_it_was_known():
    """What was recorded later is not on a statement as known then."""
    world = World().invoice("I-1", "100")
    moment = world.ledger.last_recorded_at
    world.receipt("R-1", "40", day(9, 15))

    assert _open(world).parts[0].closing_minor == 6_000
    assert _open(world, known_at=moment).parts[0].closing_minor == 10_000


def test_a_group_has_a_part_for_each_member():
    """One statement, a sub-total for each customer, and a total per currency."""
    world = World().invoice("I-1", "100").invoice("I-2", "50", customer="C-2")
    world.invoice("I-3", "7", customer="C-2", currency="USD").receipt("R-1", "30")
    group = PayerGroup(name="G", payer="C-1", members=["C-2", "C-1"])
    statement = group_statement(world.ledger, "MIRA", group, as_of=_AS_OF)

    assert (statement.customer, statement.customers) == ("C-1", ("C-1", "C-2"))
    assert [(part.customer, part.currency, part.closing_minor) for part in statement.parts] == [
        ("C-1", "EUR", 7_000),
        ("C-2", "EUR", 5_000),
        ("C-2", "USD", 700),
    ]
    assert statement.totals["EUR"].closing_minor == 12_000
    assert statement.totals["EUR"].unapplied_minor == -3_000
    assert statement.totals["EUR"].aging.total_minor == 12_000


def test_transfers_within_a_group_cancel_out():
    """Money that moves from one member to another changes nothing for the group."""
    world = World().invoice("I-1", "100", customer="C-2").receipt("R-1", "100")
    world.apply("A-1", {"I-1": 10_000, "R-1": -10_000}, day(10, 2))
    group = PayerGroup(name="G", payer="C-1", members=["C-2"])
    statement = group_statement(world.ledger, "MIRA", group, as_of=_AS_OF, since=day(10, 2))

    assert statement.totals["EUR"].movements_minor == 0
    assert statement.totals["EUR"].opening_minor == 0


def test_statements_of_everybody_are_read_in_one_go():
    """Each customer with something to say gets a statement; nobody's receipts are nobody's statement."""
    world = World().invoice("I-1", "100").invoice("I-2", "50", customer="C-2")
    world.receipt("R-9", "5", customer="")
    statements = list(statements_of_account(world.ledger, "MIRA", as_of=_AS_OF))

    assert [each.customer for each in statements] == ["C-1", "C-2"]
    assert statements == [_open(world), _open(world, "C-2")]


def test_other_creditors_are_left_out():
    """A statement is of one creditor's books."""
    world = World().invoice("I-1", "100")

    assert statement_of_account(world.ledger, "OTHER", "C-1", as_of=_AS_OF).parts == ()


def test_the_scheme_is_asked_for():
    """The aging follows the scheme, credits included."""
    world = World().invoice("I-1", "100").receipt("R-1", "30")
    scheme = AgingScheme(15, credits=Credits.NETTED)
    row = _open(world, scheme=scheme).parts[0].aging

    assert (row.buckets_minor, row.credits_minor) == ((0, 0, 7_000), 0)


def test_an_item_without_a_due_date_has_no_days_past_due():
    """It is aged by its document date, and said to be late by nothing."""
    world = World().invoice("I-1", "100", due_date=None)
    (part,) = _open(world).parts

    assert part.items[0].days_past_due is None
    assert part.aging.buckets_minor == (0, 0, 10_000, 0, 0)


def test_a_due_date_that_changed_is_the_new_one():
    """An item is late by the due date that was last said."""
    world = World().invoice("I-1", "100")
    world.record(
        DueDateChanged(
            event="due:1",
            effective_on=day(9, 15),
            recorded_at=world.now,
            creditor="MIRA",
            customer="C-1",
            item="I-1",
            due_date=day(10, 30),
        )
    )

    assert _open(world).parts[0].items[0].days_past_due == 1
    assert len(_moves(world)) == 1


def test_a_closed_period_is_no_movement():
    """Events that move nothing are not on a statement."""
    world = World().invoice("I-1", "100")
    world.record(
        PeriodClosed(
            event="closed:1",
            effective_on=day(9, 30),
            recorded_at=world.now,
            creditor="MIRA",
            through=day(9, 30),
        )
    )

    assert [kind for kind, *_ in _moves(world)] == ["invoice"]


class _Forgetful(Ledger):
    """A ledger whose events are of kinds that statements do not know."""

    __slots__ = ()

    @property
    def events(self):
        """No event but those of documents."""
        return tuple(event for event in super().events if event.subject == "document")


def test_what_has_no_name_is_other_and_never_missing():
    """A movement that no known event explains stands on the statement all the same."""
    world = World().invoice("I-1", "100").receipt("R-1", "40", day(10, 1)).returned("R-1")
    world.ledger = _Forgetful(world.ledger._books)

    assert _moves(world, as_of=day(12)) == [
        ("invoice", "I-1", 10_000, 10_000),
        ("other", "R-1", -4_000, 6_000),
        ("other", "R-1", 4_000, 10_000),
    ]


class _Silent(_Forgetful):
    """A ledger whose columns do not say what moved either."""

    __slots__ = ()

    def to_columns(self, **_asked):
        """Items only."""
        columns = super().to_columns()
        return attrs.evolve(columns, moves={name: [] for name in columns.moves})


def test_what_not_even_the_columns_tell_is_one_other_movement():
    """The closing balance is the ledger's, and what is not explained is seen at the end."""
    world = World().invoice("I-1", "100").cancel("I-1", day(10, 2))
    world.ledger = _Silent(world.ledger._books)

    assert _moves(world, since=day(9, 1))[-1] == ("other", "", -10_000, 0)


_REFUSED = {
    "period backwards": ({"since": day(11)}, PolicyError, "since must be 2026-10-31 or earlier"),
    "period of open items": (
        {"since": day(9), "form": StatementForm.OPEN_ITEM},
        PolicyError,
        "since must be left out",
    ),
    "moment as a day": (
        {"as_of": dt.datetime(2026, 10, 31, tzinfo=dt.UTC)},
        PolicyError,
        "as_of must be a date",
    ),
    "moment without a zone": ({"known_at": dt.datetime(2027, 1, 1)}, PolicyError, "time zone"),
    "scheme that refuses": ({"scheme": AgingScheme(30)}, DocumentError, "due_date must be known"),
}


@pytest.mark.parametrize(("asked", "error", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_statement_is_refused(asked, error, reason):
    """What cannot be asked is refused, with the reason."""
    with pytest.raises(error, match=reason):
        _open(World().invoice("I-1", "100", due_date=None), **asked)


_BROKEN = {
    "closing": ({"closing_minor": 1}, "open items of C-1 in EUR must give the closing balance 1"),
    "items": ({"items": ()}, "open items of C-1"),
    "movements": ({"movements": ()}, "movements of C-1"),
}


@pytest.mark.parametrize(("changes", "reason"), _BROKEN.values(), ids=_BROKEN)
def test_part_that_does_not_add_up_is_refused(changes, reason):
    """No statement is built that its own figures contradict."""
    world = World().invoice("I-1", "100")
    (part,) = _open(world, form=StatementForm.RUNNING_BALANCE).parts

    with pytest.raises(DocumentError, match=reason):
        attrs.evolve(part, **changes)


def test_rows_of_open_items():
    """A statement of open items is a row per item."""
    world = World().invoice("I-1", "100").invoice("I-2", "7", currency="USD")
    statement = _open(world)

    assert statement.to_dicts()[0] == {
        "creditor": "MIRA",
        "customer": "C-1",
        "currency": "EUR",
        "item": "I-1",
        "document": "I-1",
        "kind": "invoice",
        "document_date": day(9),
        "due_date": day(10),
        "days_past_due": 30,
        "amount_minor": 10_000,
        "settled_minor": 0,
        "open_minor": 10_000,
    }
    assert statement.to_frame().height == 2


@pytest.mark.parametrize("backend", ["polars", "pandas", "pyarrow"])
@pytest.mark.parametrize("form", StatementForm)
def test_rows_are_a_frame_of_any_kind(backend, form):
    """Rows become a data frame of each library, and so does nothing at all."""
    pytest.importorskip(backend)
    world = World().invoice("I-1", "100", due_date=None)

    for customer, height in (("C-1", 1 + (form is StatementForm.RUNNING_BALANCE)), ("C-2", 0)):
        statement = _open(world, customer, form=form)
        frame = statement.to_frame(backend)
        assert (len(frame), len(statement.columns)) == (height, frame.shape[1])


def test_rows_of_a_running_balance():
    """A running balance is the opening balance, then a row per movement."""
    world = World().invoice("I-1", "100").receipt("R-1", "40", day(10, 1))
    statement = _open(world, since=day(10, 1))

    assert [
        (row["kind"], row["amount_minor"], row["balance_minor"]) for row in statement.to_dicts()
    ] == [
        ("opening-balance", 0, 10_000),
        ("receipt", -4_000, 6_000),
    ]


def test_statement_prints_as_a_table():
    """A statement in a notebook is a table with amounts in the currency's own decimals."""
    world = World().invoice("I-1", "1234.50").invoice("I-2", "7", currency="JPY")

    assert str(_open(world)).splitlines() == [
        "open-item statement of C-1 as of 2026-10-31",
        "creditor  customer  currency  item  document  kind     document date  due date    days past due    amount  settled      open",
        "MIRA      C-1       EUR       I-1   I-1       invoice  2026-09-01     2026-10-01             30  1,234.50     0.00  1,234.50",
        "MIRA      C-1       JPY       I-2   I-2       invoice  2026-09-01     2026-10-01             30         7        0         7",
        "balance EUR: 1,234.50",
        "balance JPY: 7",
    ]


def test_long_statement_is_cut_when_printed():
    """A notebook is not flooded: the rest is counted, and the balance is whole."""
    world = World()
    for number in range(70):
        world.invoice(f"I-{number:02}", "1")

    assert str(_open(world)).splitlines()[-2:] == ["10 more rows", "balance EUR: 70.00"]
