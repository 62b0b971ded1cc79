"""The laws of exposure: more owed is never less, money never adds, parts make the whole."""

from __future__ import annotations

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.casework.credit import LimitScope
from receivables.credit.exposure import exposures
from receivables.documents import ItemKind
from receivables.receipts import ReceiptMethod
from receivables.testing.builders import a_customer, a_receipt, an_open_item

from .exposure_worlds import CUSTOMERS, DAY, RATES, cheques, commitments, items, worlds

SETTINGS = settings(max_examples=25, deadline=None)
MEMBERS = [a_customer(name, payer_group="G", country="FR") for name in CUSTOMERS]
SCOPES = st.sampled_from(LimitScope)
CREDITORS = st.sampled_from(["MIRA", ("MIRA", "NORD")])


def totals(world, *, by, creditor):
    """What counts of each holder, zero where there is nothing."""
    found = exposures(**world, creditor=creditor, as_of=DAY, by=by, customers=MEMBERS, rates=RATES)
    names = (*CUSTOMERS, "G", "FR", "")
    return {name: found[name].total_minor if name in found else 0 for name in names}


@SETTINGS
@given(world=worlds(), more=items(name="F-new", least=1), by=SCOPES, creditor=CREDITORS)
def test_an_unpaid_invoice_never_lowers_exposure(world, more, by, creditor):
    """Whatever weights, currencies and roundings are, one more invoice is not less exposure."""
    before = totals(world, by=by, creditor=creditor)

    after = totals({**world, "items": [*world["items"], more]}, by=by, creditor=creditor)

    assert all(before[name] <= after[name] for name in before)


@SETTINGS
@given(world=worlds(), more=commitments("SO-new"), by=SCOPES, creditor=CREDITORS)
def test_a_commitment_never_lowers_exposure(world, more, by, creditor):
    """One more order, delivery, bill or cheque is not less exposure."""
    before = totals(world, by=by, creditor=creditor)

    changed = {**world, "commitments": [*world["commitments"], more]}
    after = totals(changed, by=by, creditor=creditor)

    assert all(before[name] <= after[name] for name in before)


@SETTINGS
@given(world=worlds(), more=cheques("R-new"), by=SCOPES, creditor=CREDITORS)
def test_unapplied_cash_never_raises_exposure(world, more, by, creditor):
    """Money that came in raises nothing, also where it may still come back."""
    before = totals(world, by=by, creditor=creditor)
    cash = an_open_item(
        more.receipt,
        amount=-more.amount,
        currency=more.currency,
        customer=more.customer,
        kind=ItemKind.UNAPPLIED_CASH,
    )

    changed = {
        **world,
        "items": [*world["items"], cash],
        "receipts": [*world["receipts"], more],
    }
    after = totals(changed, by=by, creditor=creditor)

    assert all(before[name] >= after[name] for name in before)


@SETTINGS
@given(world=worlds(), more=items(name="F-new", least=1), by=SCOPES)
def test_a_cheque_that_pays_an_invoice_counts_as_the_invoice_did(world, more, by):
    """With full weights, paying by a cheque that has not cleared changes nothing."""
    policy = attrs.evolve(world["policy"], weights={}, clearing_days=30)
    invoice = attrs.evolve(more, creditor="MIRA")
    cheque = a_receipt(
        "R-new",
        amount=invoice.amount,
        customer=invoice.customer,
        booking_date=DAY,
        method=ReceiptMethod.CHEQUE,
    )
    world = {**world, "policy": policy}

    owed = totals({**world, "items": [*world["items"], invoice]}, by=by, creditor="MIRA")
    paid = totals({**world, "receipts": [*world["receipts"], cheque]}, by=by, creditor="MIRA")

    # Two sums that are converted apart may differ by a unit.
    assert all(abs(owed[name] - paid[name]) <= 1 for name in owed)


@SETTINGS
@given(world=worlds(), by=SCOPES, creditor=CREDITORS)
def test_components_add_up(world, by, creditor):
    """The components sum to what counts, and each weight keeps its sign."""
    found = exposures(**world, creditor=creditor, as_of=DAY, by=by, customers=MEMBERS, rates=RATES)

    for exposure in found.values():
        assert exposure.net_minor == sum(part.weighted_minor for part in exposure.components)
        assert exposure.total_minor == max(0, exposure.net_minor)
        for part in exposure.components:
            assert 0 <= part.weighted_minor * (1 if part.amount_minor > 0 else -1)


@SETTINGS
@given(world=worlds())
def test_a_country_is_the_sum_of_its_customers(world):
    """Nothing is netted between customers, and nothing is lost."""
    alone = totals(world, by=LimitScope.CUSTOMER, creditor="MIRA")

    together = totals(world, by=LimitScope.COUNTRY, creditor="MIRA")

    assert sum(alone[name] for name in CUSTOMERS) == together["FR"]
