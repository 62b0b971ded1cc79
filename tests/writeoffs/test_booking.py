"""Write-offs booked and undone: never above what is open, and only what was agreed to."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.accounting import PostingRules, Role, chart, journal, posting_rules
from receivables.errors import EventError
from receivables.testing.builders import an_allocation, recorded
from receivables.writeoffs import (
    STANDARD,
    WriteOffState,
    book_write_off,
    recovery,
    reverse_write_off,
    write_off_standing,
    written_off,
)

from .worlds import (
    DAY,
    LENIENT,
    MIRA,
    agreed,
    asked,
    dispute,
    given_up,
    insolvent,
    invoice,
    ledger_of,
    money_in,
    request,
    taxed,
)


def _book(ledger, *, on=DAY, minute=25, policy=LENIENT, **given):
    return book_write_off(
        ledger, "W-1", creditor=MIRA, on=on, recorded_at=recorded(minute), policy=policy, **given
    )


def _reverse(ledger, *, on=DAY, minute=30, **given):
    return reverse_write_off(
        ledger, "W-1", creditor=MIRA, on=on, recorded_at=recorded(minute), **given
    )


def _balances(ledger, *, name="fr-pcg", **switches):
    """The balance of each account that is not zero, in minor units."""
    rules = PostingRules(**switches) if switches else posting_rules(name)
    found = Counter()
    for entry in journal(ledger, chart=chart(name), functional_currency="EUR", rules=rules).entries:
        for line in entry.lines:
            found[line.role] += line.amount_minor
    return {role: minor for role, minor in found.items() if minor}


def test_nothing_is_booked_before_it_is_agreed_to():
    """The message says whom it waits for."""
    ledger, what = asked(ledger_of(invoice()))

    with pytest.raises(EventError, match="that is waiting for head of credit"):
        _book(ledger)
    with pytest.raises(EventError, match="must be agreed to by 2026-12-30"):
        _book(agreed(ledger, what), on=dt.date(2026, 12, 30))
    with pytest.raises(EventError, match="got none"):
        _book(ledger_of(invoice()))


def test_a_booking_takes_each_item_off_the_account():
    """One allocation per item, with a stable identity, and it names the request."""
    ledger, what = asked(ledger_of(invoice(), invoice("FA-2", total="7.00")))

    events = _book(agreed(ledger, what))
    ledger = agreed(ledger, what).record(*events)

    assert [
        "allocated:MIRA:write-off:W-1:FA-1",
        "allocated:MIRA:write-off:W-1:FA-2",
    ] == [event.event for event in events]
    assert () == ledger.open_items(as_of=DAY)
    assert [("FA-1", 10_000, "W-1"), ("FA-2", 700, "W-1")] == [
        (one.item, one.left_minor, one.write_off) for one in written_off(ledger, MIRA, as_of=DAY)
    ]


def test_what_was_paid_since_is_not_given_up():
    """A receipt after the request leaves less to book, or nothing."""
    ledger, what = asked(ledger_of(invoice(), invoice("FA-2", total="7.00"), money_in()))
    ledger = agreed(ledger, what)
    legs = {"FA-1": 4_000, "FA-2": 700, "r-1": -4_700}
    ledger = ledger.record(an_allocation(legs, effective_on=DAY, minute=23))

    (event,) = _book(ledger)

    assert 6_000 == event.allocation.residuals[0].amount_minor


def test_what_is_disputed_since_stays():
    """A dispute after the request is none of what was agreed to give up."""
    ledger, what = asked(ledger_of(invoice()))
    later = dispute().__class__(
        event="dispute:D-1",
        effective_on=DAY,
        recorded_at=recorded(22),
        creditor=MIRA,
        dispute=dispute().dispute,
    )

    (event,) = _book(agreed(ledger, what).record(later))

    assert 7_000 == event.allocation.residuals[0].amount_minor


def test_it_is_booked_once():
    """A second booking finds nothing; a booking that was undone is asked for anew."""
    ledger = given_up(ledger_of(invoice()))

    with pytest.raises(EventError, match="something left to book"):
        _book(ledger)
    with pytest.raises(EventError, match="something left to book"):
        _book(ledger.record(*_reverse(ledger)), minute=31)


def test_missing_efforts_need_a_reason():
    """Whoever books without them says why, and it is kept."""
    ledger, what = asked(ledger_of(invoice(total="900.00")))
    ledger = agreed(ledger, what)

    with pytest.raises(EventError, match="0 of 3 notice, 0 of 1 call"):
        _book(ledger, policy=STANDARD)
    (event,) = _book(ledger, policy=STANDARD, despite="the board wants it")

    assert ("despite", "the board wants it") in event.allocation.evidence


def test_an_undone_write_off_is_open_again():
    """Undoing opens the claim again, and the standing says so."""
    ledger = given_up(ledger_of(invoice(), invoice("FA-2", total="7.00")))

    one = ledger.record(*_reverse(ledger, items=["FA-2"], reason="paid after all"))
    both = one.record(*_reverse(one, minute=31))

    def state(of):
        return write_off_standing(of, MIRA, "W-1", as_of=DAY, policy=LENIENT).state

    assert (WriteOffState.BOOKED, WriteOffState.REVERSED) == (state(one), state(both))
    assert [700] == [item.open_minor for item in one.open_items(as_of=DAY)]
    assert [0, 0] == [item.left_minor for item in written_off(both, MIRA, as_of=DAY)]


REFUSED = [({"items": ["FA-9"]}, "something booked"), ({"on": dt.date(2026, 12, 1)}, "booked")]


@pytest.mark.parametrize(("fields", "said"), REFUSED)
def test_what_is_not_booked_is_not_undone(fields, said):
    """Neither another item nor an earlier day."""
    with pytest.raises(EventError, match=said):
        _reverse(given_up(ledger_of(invoice())), **fields)


def test_a_recovery_is_undone_before_its_write_off():
    """What came in for it would hang in the air."""
    ledger = given_up(ledger_of(invoice(), money_in(amount="30.00")))
    ledger = ledger.record(recovery(ledger, "r-1", creditor=MIRA, on=DAY, recorded_at=recorded(30)))

    with pytest.raises(EventError, match="no recovery before"):
        _reverse(ledger, minute=31)


def test_a_french_claim_goes_to_654_and_445(oracle):
    """The loss is net of tax, and the tax comes back; what was doubtful leaves by the same amount."""
    from receivables.writeoffs import ReliefFacts, efforts, relief_rules, tax_relief  # noqa: PLC0415

    case = oracle("fr-doubtful-full-cycle")["expected"]["writeoff"]
    ledger = ledger_of(taxed(), insolvent())
    _, what = asked(ledger, reason="insolvency")
    facts = ReliefFacts(
        proofs=efforts(ledger, MIRA, "C-017", as_of=DAY), written_off_on=DAY, debtor_told_on=DAY
    )
    relief = tax_relief(
        ledger, what.parts, creditor=MIRA, rules=relief_rules("FR"), facts=facts, as_of=DAY
    )

    found = _balances(given_up(ledger, reason="insolvency", relief=relief))

    ((_, loss, _), (_, tax, _), _) = case
    assert int(loss) * 100 == found[Role.WRITE_OFF]
    assert Role.TAX not in found  # it was owed by the invoice, and is owed no more
    assert int(tax) * 100 == relief[0].claimable_minor
    assert Role.RECEIVABLE not in found


def test_borne_by_the_allowance_it_costs_nothing_today(oracle):
    """Where the allowance bears the loss, net receivables stay what they were."""
    case = oracle("us-writeoff-no-pl")
    amount = case["inputs"]["writeoff"]
    gross = case["inputs"]["gross"]
    rest = str(int(gross) - int(amount))
    ledger = ledger_of(invoice(total=amount), invoice("FA-2", total=rest))
    switches = {"name": "generic", "write_offs": Role.ALLOWANCE}

    before = _balances(ledger, **switches)
    after = _balances(given_up(ledger, items=["FA-1"]), **switches)

    def net(found):
        return found[Role.RECEIVABLE] + found.get(Role.ALLOWANCE, 0)

    expected = case["expected"]
    spread = (int(expected["net_after"]) - int(expected["net_before"])) * 100
    used = int(amount) * 100
    assert -used == after[Role.RECEIVABLE] - before[Role.RECEIVABLE]
    assert used == after[Role.ALLOWANCE]
    assert spread == net(after) - net(before)
    assert Role.WRITE_OFF not in after


@given(
    total=st.integers(1, 10_000),
    wanted=st.integers(1, 20_000),
    paid=st.integers(0, 10_000),
)
def test_never_above_what_is_open(total, wanted, paid):
    """Whatever was asked for and whatever came in, what is booked leaves zero or more open."""
    paid = min(paid, total)
    ledger = ledger_of(
        invoice(total=f"{total // 100}.{total % 100:02d}"),
        money_in(amount="100.00"),
    )
    what = request(parts=[("FA-1", f"{wanted // 100}.{wanted % 100:02d}")])
    ledger = agreed(asked(ledger, what)[0], what)
    if paid:
        legs = {"FA-1": paid, "r-1": -paid}
        ledger = ledger.record(an_allocation(legs, effective_on=DAY, minute=23))
    if paid == total:
        with pytest.raises(EventError, match="left to book"):
            _book(ledger)
        return

    (event,) = _book(ledger)

    booked = event.allocation.residuals[0].amount_minor
    assert min(wanted, total - paid) == booked
    assert ledger.record(event).item(MIRA, "FA-1", as_of=DAY).open_minor == total - paid - booked
