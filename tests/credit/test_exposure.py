"""Exposure: what it is made of, whose it is, in which currency."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from receivables.casework import Dispute, DisputedPart, Holdback, HoldReason
from receivables.casework.credit import LimitScope
from receivables.credit.exposure import (
    exposure_from_ledger,
    exposure_parts,
    exposures,
    uncleared_receipts,
)
from receivables.credit.model import Commitment, ComponentKind, ExposurePolicy
from receivables.credit.recording import limit_granted
from receivables.disputes import DisputePolicy, dispute_opened
from receivables.documents import ItemKind
from receivables.errors import DocumentError, MissingRateError, PolicyError
from receivables.ledger import Ledger
from receivables.money import money
from receivables.receipts import ReceiptMethod
from receivables.testing.builders import (
    a_customer,
    a_receipt,
    a_return,
    an_allocation,
    an_invoice,
    an_open_item,
    issued,
    received,
    recorded,
)

from .exposure_worlds import DAY, RATES, a_limit

ONE_DAY = dt.timedelta(days=1)


def of(items, **given):
    """The exposures to the customers of MIRA in euros."""
    asked = {"creditor": "MIRA", "as_of": DAY, "currency": "EUR", **given}
    return exposures(items, **asked)


def counted(exposure):
    """What counts of each component, in minor units."""
    return {part.kind.value: part.weighted_minor for part in exposure.components}


def an_order(commitment="SO-1", amount="100.00", **given):
    values = {"customer": "C-017", "kind": "orders", **given}
    return Commitment(commitment=commitment, amount=money(amount, "EUR"), **values)


def cash(item="R-1", amount_minor=-3_000, **given):
    return an_open_item(
        item, amount_minor=amount_minor, kind=ItemKind.UNAPPLIED_CASH, due_date=None, **given
    )


def test_every_component_has_its_name():
    """Exposure is claims with tax, deliveries, orders and what may bounce, less what we owe back."""
    items = [an_open_item(amount="1200.00"), an_open_item("AV-1", amount="-50.00"), cash()]
    waiting = [an_order(kind=kind) for kind in ("orders", "deliveries", "bills", "cheques")]

    exposure = of(items, commitments=waiting)["C-017"]

    expected = {
        "open-items": 120_000,
        "deliveries": 10_000,
        "orders": 10_000,
        "bills": 10_000,
        "cheques": 10_000,
        "credits": -5_000,
        "unapplied-cash": -3_000,
    }
    assert (expected, 152_000) == (counted(exposure), exposure.total_minor)


def test_weights_say_by_how_much_a_component_counts():
    """The whole amount is shown beside what counts of it."""
    policy = ExposurePolicy(weights={"orders": 2_500})

    orders = of([], commitments=[an_order()], policy=policy)["C-017"].components[0]

    assert (10_000, 2_500, 2_500) == (orders.amount_minor, orders.weight_bps, orders.weighted_minor)


@pytest.mark.parametrize(
    ("days", "counts"), [(30, True), (31, False), (-5, True), (None, True)], ids=str
)
def test_a_horizon_looks_so_far_ahead(days, counts):
    """A commitment within its horizon counts, one beyond does not, and one without a day does."""
    expected_on = None if days is None else DAY + dt.timedelta(days=days)
    policy = ExposurePolicy(horizons={"orders": 30})

    found = of([], commitments=[an_order(expected_on=expected_on)], policy=policy)

    assert counts == ("C-017" in found)


def test_a_commitment_counts_between_its_days():
    """An order that was delivered before, or comes in later, is no exposure of the day."""
    gone = an_order("SO-1", until=DAY - ONE_DAY)
    later = an_order("SO-2", since=DAY + ONE_DAY)
    today = an_order("SO-3", since=DAY, until=DAY)

    (part,) = exposure_parts([], creditor="MIRA", as_of=DAY, commitments=[gone, later, today])

    assert "SO-3" == part.reference


@pytest.mark.parametrize(
    ("amount", "disputed"), [(3_000, 3_000), (None, 10_000), (50_000, 10_000)], ids=str
)
def test_what_is_disputed_stands_apart(amount, disputed):
    """The contested part leaves the open items, and never more than is open."""
    held = Holdback(
        creditor="MIRA",
        item="FA-1",
        reason=HoldReason.DISPUTE,
        reference="D-1",
        amount_minor=amount,
    )
    policy = ExposurePolicy(weights={"disputed": 0})

    exposure = of([an_open_item()], held=[held], policy=policy)["C-017"]

    assert disputed == exposure.component(ComponentKind.DISPUTED).amount_minor
    assert 10_000 - disputed == exposure.total_minor


def test_a_promise_disputes_nothing():
    """What is held back because it was promised, or referred, is owed all the same."""
    held = Holdback(creditor="MIRA", item="FA-1", reason=HoldReason.PROMISE, reference="P-1")

    assert {"open-items": 10_000} == counted(of([an_open_item()], held=[held])["C-017"])


def a_cheque(amount="60.00", *, days=5, method=ReceiptMethod.CHEQUE, **given):
    return a_receipt(
        "R-1", amount=amount, booking_date=DAY - dt.timedelta(days=days), method=method, **given
    )


@pytest.mark.parametrize(
    ("method", "days", "counts"),
    [
        (ReceiptMethod.CHEQUE, 0, True),
        (ReceiptMethod.CHEQUE, 10, True),
        (ReceiptMethod.CHEQUE, 11, False),
        (ReceiptMethod.DIRECT_DEBIT, 10, True),
        (ReceiptMethod.CREDIT_TRANSFER, 0, False),
        (ReceiptMethod.UNSAID, 0, False),
    ],
)
def test_a_cheque_counts_until_it_has_cleared(method, days, counts):
    """What a cheque or direct debit has settled counts for so many days after its booking."""
    policy = ExposurePolicy(clearing_days=10)

    found = of([], receipts=[a_cheque(days=days, method=method)], policy=policy)

    assert counts == ("C-017" in found)


def test_a_bill_counts_until_it_is_due():
    """A bill of exchange is exposure before its maturity, whatever the clearing days are."""
    bill = a_cheque(method=ReceiptMethod.BILL_OF_EXCHANGE, value_date=DAY + ONE_DAY)

    assert {"bills": 6_000} == counted(of([], receipts=[bill])["C-017"])
    assert {} == of([], receipts=[bill], as_of=DAY + ONE_DAY)


def test_a_cheque_that_is_not_applied_lowers_nothing_yet():
    """Unapplied cash that may still come back counts for nothing, and is shown."""
    items = [an_open_item(), cash(amount_minor=-6_000)]
    policy = ExposurePolicy(clearing_days=10)

    exposure = of(items, receipts=[a_cheque()], policy=policy)["C-017"]

    assert 10_000 == exposure.total_minor
    assert -6_000 == exposure.component(ComponentKind.UNAPPLIED_CASH).amount_minor


def test_money_of_nobody_lowers_nothing():
    """A receipt whose payer is not known is no credit of any customer."""
    assert {} == of([cash(customer="")])


def test_items_of_other_creditors_are_left_out():
    """The exposure of an entity is what is owed to it."""
    items = [an_open_item(), an_open_item("FA-2", creditor="NORD", amount="70.00")]

    assert 10_000 == of(items)["C-017"].total_minor


def test_all_entities_of_one_customer_are_added_and_never_netted():
    """What one entity owes a customer is no money of another entity."""
    items = [an_open_item(), an_open_item("AV-1", creditor="NORD", amount="-70.00")]

    exposure = of(items, creditor=["MIRA", "NORD"])["C-017"]

    assert ("MIRA, NORD", 10_000) == (exposure.creditor, exposure.total_minor)


def members():
    return [
        a_customer("C-1", payer_group="HARFANG", country="CA"),
        a_customer("C-2", payer_group="HARFANG", country="FR"),
        a_customer("C-3", country="fr"),
    ]


def test_a_payer_group_is_one_account():
    """What the head office has paid counts against what its branches owe."""
    items = [
        an_open_item(customer="C-1"),
        cash(customer="C-2"),
        an_open_item("F-3", customer="C-3"),
    ]

    found = of(items, customers=members(), by=LimitScope.GROUP)

    assert {"": 10_000, "HARFANG": 7_000} == {name: one.total_minor for name, one in found.items()}


def test_in_a_country_nobody_pays_for_another():
    """The exposure to a country is the sum of those to its customers."""
    items = [an_open_item(customer="C-2"), cash(customer="C-3")]

    exposure = of(items, customers=members(), by="country")["FR"]

    assert (10_000, LimitScope.COUNTRY) == (exposure.total_minor, exposure.scope)


def test_another_currency_counts_at_a_rate_that_is_said():
    """The exposure is in the limit's currency, with the rate, its day and its source."""
    exposure = of([an_open_item(currency="USD", amount="108.87")], rates=RATES)["C-017"]

    assert 10_000 == exposure.total_minor
    assert (("USD", f"USD in EUR on {DAY}: EUR/USD 1.0887 of {DAY} (ECB)"),) == exposure.rates
    assert (("USD", 10_887),) == exposure.components[0].by_currency


@pytest.mark.parametrize("rates", [None, RATES])
def test_without_a_rate_there_is_no_figure(rates):
    """A currency without a rate is an error that names the pair and the day."""
    with pytest.raises(MissingRateError, match=f"GBP/EUR must be known for {DAY}"):
        of([an_open_item(currency="GBP")], rates=rates)


def test_a_commitment_comes_once():
    """The same order twice would count twice."""
    with pytest.raises(DocumentError, match="orders SO-1 of C-017 twice"):
        of([], commitments=[an_order(), an_order()])


def test_the_ledger_knows_disputes_and_cheques():
    """From the ledger: the contested part, the cheque that settled an item, the limit's currency."""
    case = Dispute(
        dispute="D-1",
        customer="C-017",
        reason="quality",
        owner="quality",
        parts=[DisputedPart(item="FA-2", amount=money("30.00", "EUR"))],
    )
    ledger = Ledger().record(
        issued(an_invoice("FA-1", total="60.00")),
        issued(an_invoice("FA-2", total="100.00")),
        received(a_cheque()),
        an_allocation({"FA-1": 6_000, "R-1": -6_000}, effective_on=DAY),
        dispute_opened(case, creditor="MIRA", on=DAY, recorded_at=recorded(9)),
        limit_granted(
            a_limit(currency="USD", customer="C-017"),
            creditor="MIRA",
            on=DAY,
            recorded_at=recorded(9),
        ),
    )
    policy = ExposurePolicy(clearing_days=10)

    found = exposure_from_ledger(
        ledger, "MIRA", as_of=DAY, currency="EUR", policy=policy, rates=RATES
    )["C-017"]

    assert "USD" == found.currency
    assert {"open-items": 7_621, "disputed": 3_266, "cheques": 6_532} == counted(found)


def test_a_policy_of_disputes_may_leave_them_out():
    """Where contested amounts do not count in exposure, their weight is zero unless it is stated."""
    case = Dispute(
        dispute="D-1",
        customer="C-017",
        reason="quality",
        owner="quality",
        parts=[DisputedPart(item="FA-1", amount=money("30.00", "EUR"))],
    )
    ledger = Ledger().record(
        issued(an_invoice("FA-1", total="100.00")),
        dispute_opened(case, creditor="MIRA", on=DAY, recorded_at=recorded(9)),
    )
    asked = {"as_of": DAY, "currency": "EUR", "disputes": DisputePolicy(counts_in_exposure=False)}
    stated = ExposurePolicy(weights={"disputed": 5_000})

    totals = [
        exposure_from_ledger(ledger, "MIRA", policy=policy, **asked)["C-017"].total_minor
        for policy in (ExposurePolicy(), stated)
    ]

    assert [7_000, 8_500] == totals


@pytest.mark.parametrize(
    ("amount", "left"), [(None, []), ("20.00", [money("40.00", "EUR")])], ids=["all", "a part"]
)
def test_what_came_back_may_not_come_back_again(amount, left):
    """A returned cheque is no exposure any more: the invoice is open instead."""
    back = None if amount is None else money(amount, "EUR")
    ledger = Ledger().record(
        received(a_cheque()), a_return("R-1", effective_on=DAY, amount=back, minute=3)
    )

    found = uncleared_receipts(ledger, "MIRA", as_of=DAY, policy=ExposurePolicy(clearing_days=10))

    assert left == [receipt.amount for receipt in found]


def test_nothing_looks_ahead():
    """The exposure of a day is the same after later events, and after what was recorded later."""
    early = Ledger().record(issued(an_invoice("FA-1", total="60.00")))
    later = early.record(
        received(a_receipt("R-1", amount="60.00", booking_date=DAY + ONE_DAY)),
        issued(an_invoice("FA-2", total="10.00"), minute=20),
    )
    asked = {"as_of": DAY, "known_at": recorded(10), "currency": "EUR"}

    assert exposure_from_ledger(early, "MIRA", **asked) == exposure_from_ledger(
        later, "MIRA", **asked
    )


def test_several_ledgers_are_read():
    """Each entity may have a ledger of its own."""
    ours = Ledger().record(issued(an_invoice("FA-1", total="60.00")))
    theirs = Ledger().record(issued(an_invoice("FA-1", total="10.00", creditor="NORD")))

    found = exposure_from_ledger([ours, theirs], ["MIRA", "NORD"], as_of=DAY, currency="EUR")

    assert 7_000 == found["C-017"].total_minor


REFUSED = [
    ({"weights": {"orders": 10_001}}, "weight of orders"),
    ({"weights": {"orders": True}}, "weight of orders"),
    ({"weights": {"order": 1}}, "components must be"),
    ({"weights": 5}, "components must be"),
    ({"horizons": {"orders": -1}}, "horizon of orders"),
    ({"horizons": {"open-items": 30}}, "horizons must be of"),
    ({"clearing-days": -1}, "clearing_days must be"),
    ({"clearing-days": "10"}, "clearing_days must be"),
    ({"rounding": "sideways"}, "exposure must be valid"),
    ({"weight": {}}, "keys of exposure must be among"),
]


@pytest.mark.parametrize(("table", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_a_policy_that_cannot_be_is_refused(table, said):
    """Each refusal names what is wrong."""
    with pytest.raises(PolicyError, match=said):
        ExposurePolicy.from_table(table)


def test_policies_are_compared_by_value():
    """The same table gives the same policy, with hyphens or underscores."""
    tables = [
        {"weights": {"open-items": 9_000}, "clearing-days": 5},
        {"weights": {"open_items": 9_000}, "clearing_days": 5},
    ]

    one, other = map(ExposurePolicy.from_table, tables)

    assert one == other


def test_parts_say_what_pushed():
    """Every part names its item, its day and its amount."""
    parts = exposure_parts(
        [an_open_item()], creditor="MIRA", as_of=DAY, commitments=[an_order(since=DAY)]
    )

    found = [(part.reference, part.kind.value, part.amount_minor, part.on) for part in parts]
    assert [
        ("FA-1", "open-items", 10_000, dt.date(2026, 9, 30)),
        ("SO-1", "orders", 10_000, DAY),
    ] == found


def test_components_come_in_one_order():
    """The order of items and commitments does not matter for what counts."""
    items = [an_open_item(), an_open_item("AV-1", amount="-5.00"), cash()]

    found = {tuple(counted(of(some)["C-017"]).items()) for some in itertools.permutations(items)}

    assert 1 == len(found)
