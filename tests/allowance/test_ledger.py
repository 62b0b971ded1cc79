"""Allowances from a ledger: as of any day, as known at any moment, disputes and taxes taken in once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from receivables.accounting import Journal, ManualEntries, chart
from receivables.allowance import (
    AllowanceFacts,
    Cover,
    Discounting,
    ImpairmentPolicy,
    ImpairmentReason,
    LineKind,
    MovementGrain,
    allowance_entries,
    backtest,
    credit_impaired,
    doubtful_entries,
    ledger_allowance,
    loss_allowance,
    specific_allowance_ended,
    specific_allowance_replaced,
    specific_allowance_set,
    specific_allowances,
)
from receivables.casework import Dispute, DisputedPart, Insolvency, SpecificAllowance
from receivables.currencies import ExchangeRates
from receivables.disputes import DisputePolicy, dispute_opened
from receivables.documents import Line, Tax
from receivables.errors import CurrencyMismatchError, MissingRateError
from receivables.ledger import InsolvencyReported, Ledger
from receivables.money import ExchangeRate, money
from receivables.testing.builders import a_customer, an_invoice, issued, recorded

from .test_rates import Book
from .worlds import AS_OF, open_item, simple

DAY = dt.date(2026, 11, 15)
RATES = ("0", "10 %", "20 %", "30 %", "40 %")


def _judged(name="A-1", bps=6_000, **given):
    return SpecificAllowance(
        specific=name, customer="C-017", rate_bps=bps, reason="litigation", **given
    )


def _set(one, *, on=DAY, minute=3):
    return specific_allowance_set(one, creditor="MIRA", on=on, recorded_at=recorded(minute))


@pytest.fixture
def ledger():
    """One invoice of 120 with 20 of tax, due on 30 October."""
    tax = Tax(code="S", base=money("100.00", "EUR"), amount=money("20.00", "EUR"))
    line = Line(description="x", net=money("100.00", "EUR"), taxes=[tax])
    return Ledger().record(issued(an_invoice("FA-1", lines=[line])))


def _total(ledger, *, on=DAY, **given):
    matrix = given.pop("matrix", None) or simple(*RATES)
    return ledger_allowance(ledger, "MIRA", matrix=matrix, as_of=on, **given).total_minor("EUR")


def test_an_allowance_is_of_any_day(ledger):
    """Nothing before the invoice, nothing before it is due, more the older it is."""
    days = [dt.date(2026, 9, 1), dt.date(2026, 10, 30), DAY, dt.date(2026, 12, 15)]

    assert [0, 0, 1_200, 2_400] == [_total(ledger, on=day) for day in days]


def test_an_allowance_is_as_known_at_a_moment(ledger):
    """A judgment that was recorded later is not in it."""
    ledger = ledger.record(_set(_judged()))

    assert 7_200 == _total(ledger)
    assert 1_200 == _total(ledger, known_at=recorded(2))
    assert 0 == _total(ledger, on=DAY - dt.timedelta(days=16))


def test_a_base_without_tax_leaves_the_tax_out(ledger):
    """The tax is that of the document's lines; what has none is measured whole."""
    ledger = ledger.record(issued(an_invoice("FA-2", total="60.00"), minute=1))

    found = ledger_allowance(ledger, "MIRA", matrix=simple(*RATES, base="net-of-tax"), as_of=DAY)

    assert {"FA-1": 10_000, "FA-2": 6_000} == {one.item: one.base_minor for one in found.items}
    (line,) = found.lines
    assert (18_000, 16_000, 1_600) == (line.gross_minor, line.base_minor, line.allowance_minor)


def test_money_on_account_pays_tax_too():
    """A credit without a tax of its own takes the share of what its customer owes."""
    items = [open_item("F-1", open_minor=12_000), open_item("r-1", open_minor=-6_000)]
    facts = AllowanceFacts(tax_shares={"F-1": Fraction(1, 6)})

    found = loss_allowance(
        items,
        matrix=simple(*RATES, base="net-of-tax", scheme=_netted()),
        as_of=AS_OF,
        facts=facts,
    )

    (line,) = found.lines
    assert (6_000, 5_000) == (line.gross_minor, line.base_minor)


def _netted():
    from receivables.aging import AgingScheme, Credits  # noqa: PLC0415  # for these tests alone

    return AgingScheme(30, 60, 90, credits=Credits.NETTED)


@pytest.fixture
def disputed(ledger):
    """30 of the invoice are contested."""
    case = Dispute(
        dispute="D-1",
        customer="C-017",
        reason="quality",
        owner="quality",
        parts=[DisputedPart(item="FA-1", amount=money("30.00", "EUR"))],
    )
    return ledger.record(dispute_opened(case, creditor="MIRA", on=DAY, recorded_at=recorded(2)))


def test_disputes_are_left_out_where_the_policy_says_so(disputed):
    """What was never owed is no credit loss."""
    apart = DisputePolicy(counts_in_allowance=False)

    assert 1_200 == _total(disputed)
    assert 1_200 == _total(disputed, disputes=DisputePolicy())
    assert 900 == _total(disputed, disputes=apart)
    assert 1_200 == _total(disputed, disputes=apart, known_at=recorded(1))


def test_a_specific_allowance_judges_a_disputed_item_whole(disputed):
    """The dispute is taken in once: by the person who judged, and not again by the policy."""
    ledger = disputed.record(_set(_judged()))

    assert 7_200 == _total(ledger, disputes=DisputePolicy(counts_in_allowance=False))


def test_specific_allowances_hold_from_their_day_until_they_end(ledger):
    """One that takes another's place has a name of its own."""
    old, new = _judged(), _judged("A-2", bps=9_000)
    end = dt.date(2026, 12, 1)
    events = specific_allowance_replaced(old, new, creditor="MIRA", on=end, recorded_at=recorded(4))
    ledger = ledger.record(_set(old), *events)

    def held(day):
        return [one.specific for one in specific_allowances(ledger, "MIRA", as_of=day)]

    assert [] == held(DAY - dt.timedelta(days=1))
    assert ["A-1"] == held(DAY)
    assert ["A-2"] == held(end)
    assert [
        "specific-ended:MIRA:A-1",
        "specific-set:MIRA:A-2",
    ] == [event.event for event in events]
    over = specific_allowance_ended(
        new, creditor="MIRA", on=end, recorded_at=recorded(5), reason="paid"
    )
    assert () == specific_allowances(ledger.record(over), "MIRA", as_of=end)


def test_the_rest_of_a_specific_allowance_is_discounted(ledger):
    """60 % are lost, and the 40 % come in after 100 days at 7.3 %: worth 50 of 51 parts."""
    matrix = simple(*RATES, discounting=Discounting(eir_bps=730))
    judged = _judged(expected_on=DAY + dt.timedelta(days=100))
    ledger = ledger.record(_set(judged))

    found = ledger_allowance(ledger, "MIRA", matrix=matrix, as_of=DAY)

    (line,) = found.lines
    assert 1 - Fraction(2, 5) * Fraction(50, 51) == line.rate
    assert 7_294 == line.allowance_minor


@pytest.mark.parametrize(
    ("threshold_bps", "rate"),
    [(0, 1 - Fraction(73, 100) * Fraction(50, 51)), (300, Fraction(27, 100))],
)
def test_discounting_is_left_out_where_it_does_not_matter(threshold_bps, rate):
    """Below the threshold the time value of what is waited for is nothing."""
    time = Discounting(eir_bps=730, days=[0, 0, 0, 100, 0], threshold_bps=threshold_bps)

    assert rate == simple("0", "0", "0", "27 %", "0", discounting=time).rate(3)


def test_impairment_has_reasons(ledger):
    """A judgment, proceedings, or 90 days past due; the ninety-first day is not waited for."""
    report = InsolvencyReported(
        event="insolvency:MIRA:I-1",
        effective_on=DAY,
        recorded_at=recorded(5),
        creditor="MIRA",
        insolvency=Insolvency(
            insolvency="I-1", customer="C-017", kind="liquidation", opened_on=DAY
        ),
    )
    ledger = ledger.record(_set(_judged()), report)
    presumed = dt.date(2027, 1, 28)

    def reasons(day, **given):
        return [one.reasons for one in credit_impaired(ledger, "MIRA", as_of=day, **given)]

    both = (ImpairmentReason.SPECIFIC, ImpairmentReason.INSOLVENCY)
    assert [] == reasons(DAY - dt.timedelta(days=1))
    assert [both] == reasons(DAY)
    assert [both] == reasons(presumed - dt.timedelta(days=1))
    assert [(*both, ImpairmentReason.DAYS_PAST_DUE)] == reasons(presumed)
    none = ImpairmentPolicy(insolvencies=[])
    assert [(ImpairmentReason.SPECIFIC,)] == reasons(DAY, policy=none)


def test_one_late_item_may_impair_its_customer():
    """Where the policy says that default is of the debtor."""
    book = (
        Book()
        .invoice("F-1", 100, due=dt.date(2026, 1, 31))
        .invoice("F-2", 100, due=dt.date(2026, 12, 31))
    )
    day = dt.date(2026, 6, 30)

    alone = credit_impaired(book.ledger, "MIRA", as_of=day)
    whole = credit_impaired(
        book.ledger, "MIRA", as_of=day, policy=ImpairmentPolicy(whole_customer=True)
    )

    assert ["F-1"] == [one.item for one in alone]
    assert ["F-1", "F-2"] == [one.item for one in whole]


def test_who_is_in_proceedings_and_in_a_pool_is_told(ledger):
    """The notes name customers whom somebody has to judge."""
    report = InsolvencyReported(
        event="insolvency:MIRA:I-1",
        effective_on=DAY,
        recorded_at=recorded(5),
        creditor="MIRA",
        insolvency=Insolvency(
            insolvency="I-1", customer="C-017", kind="liquidation", opened_on=DAY
        ),
    )
    ledger = ledger.record(report)

    waiting = ledger_allowance(ledger, "MIRA", matrix=simple(*RATES), as_of=DAY)
    judged = ledger_allowance(
        ledger,
        "MIRA",
        matrix=simple(*RATES),
        as_of=DAY,
        facts=AllowanceFacts(specifics=[_judged()]),
    )

    assert ("in proceedings and measured in a pool: C-017",) == waiting.notes
    assert () == judged.notes


def test_segments_come_from_customers_or_by_name(ledger):
    """A rating or a risk class is a segment that the caller names."""
    matrix = simple(
        segments={"": RATES, "CA": ["0", "1 %", "1 %", "1 %", "1 %"], "R5": ["100 %"] * 5},
        segment_by="country",
    )

    by_country = AllowanceFacts(customers=[a_customer("C-017", country="CA")])
    by_name = AllowanceFacts(segments={"C-017": "R5"})

    assert 1_200 == _total(ledger, matrix=matrix)
    assert 120 == _total(ledger, matrix=matrix, facts=by_country)
    assert 12_000 == _total(ledger, matrix=matrix, facts=by_name)


def test_a_cover_bears_the_oldest_first():
    """90 % of up to 150 of an old 100 and a younger 100: the younger is covered half."""
    items = [
        open_item("F-1", days=45, open_minor=10_000),
        open_item("F-2", days=10, open_minor=10_000),
    ]
    cover = Cover(customer="C-1", amount=money("150.00", "EUR"), share_bps=9_000)

    found = loss_allowance(
        items,
        matrix=simple(*RATES, covered_rate="1 %"),
        as_of=AS_OF,
        facts=AllowanceFacts(covers=[cover]),
    )

    covered = {
        line.label: line.gross_minor for line in found.lines if line.kind is LineKind.COVERED
    }
    assert {"1-30": 4_500, "31-60": 9_000} == covered
    assert 550 + 45 + 200 + 90 == found.total_minor("EUR")
    assert 20_000 == sum(line.gross_minor for line in found.lines)


def test_functional_amounts_are_at_stated_rates(ledger):
    """Line by line, so that the total is the sum of the lines."""
    ledger = ledger.record(issued(an_invoice("U-1", total="100.00", currency="USD"), minute=1))
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=DAY)

    found = ledger_allowance(
        ledger,
        "MIRA",
        matrix=simple(*RATES),
        as_of=DAY,
        rates=ExchangeRates([rate]),
        functional="EUR",
    )

    assert 1_200 + 800 == found.functional_minor
    assert ["EUR", "USD"] == [one.base for one in found.rates]
    assert [("EUR", 1_200), ("USD", 800)] == [
        (total.key["currency"], total.functional_minor) for total in found.totals()
    ]
    with pytest.raises(MissingRateError):
        _total(ledger, functional="EUR")


def test_totals_are_by_what_one_asks_for(ledger):
    """And by currency always."""
    found = ledger_allowance(ledger, "MIRA", matrix=simple(*RATES), as_of=DAY)

    (total,) = found.totals("bucket", "customer")

    assert {"bucket": "1-30", "customer": "C-017", "currency": "EUR"} == dict(total.key)
    assert (12_000, 1_200, Fraction(1, 10)) == (
        total.gross_minor,
        total.allowance_minor,
        total.rate,
    )
    assert 1 == len(found.to_frame())
    assert "reason" in found.to_dicts()[0]


def test_entries_of_pools_say_their_segment(ledger):
    """One entry for each pool, found again by its dimension."""
    by_hand = ManualEntries(chart=chart("generic"), creditor="MIRA", functional_currency="EUR")
    found = ledger_allowance(ledger, "MIRA", matrix=simple(*RATES), as_of=DAY)

    (entry,) = allowance_entries(found, by_hand=by_hand)

    assert {(("segment", ""),)} == {line.dimensions for line in entry.lines}
    assert "allowance:MIRA::2026-11-15" == entry.entry
    (own,) = allowance_entries(found, by_hand=by_hand, grain=MovementGrain.CUSTOMER)
    assert {"C-017"} == {line.customer for line in own.lines}
    journal = Journal(chart=chart("generic"), functional_currency="EUR", entries=[entry])
    assert () == allowance_entries(found, by_hand=by_hand, booked=journal)
    other = ManualEntries(chart=chart("generic"), creditor="MIRA", functional_currency="CAD")
    with pytest.raises(CurrencyMismatchError, match="in CAD, the currency of the books, got EUR"):
        allowance_entries(found, by_hand=other)


def test_a_doubtful_claim_in_a_foreign_currency_needs_its_rate():
    """A published one, because an entry says one rate."""
    invoice = an_invoice("U-1", total="100.00", currency="USD")
    ledger = Ledger().record(issued(invoice), _set(_judged()))
    by_hand = ManualEntries(chart=chart("fr-pcg"), creditor="MIRA", functional_currency="EUR")
    rate = ExchangeRate(base="EUR", quote="USD", rate=Decimal("1.25"), date=DAY)
    impaired = credit_impaired(ledger, "MIRA", as_of=DAY)
    given = (ledger.open_items(as_of=DAY), impaired)

    (entry,) = doubtful_entries(*given, by_hand=by_hand, on=DAY, rates=ExchangeRates([rate]))

    assert [(10_000, 8_000), (-10_000, -8_000)] == [
        (line.amount_minor, line.functional_minor) for line in entry.lines
    ]
    with pytest.raises(MissingRateError):
        doubtful_entries(*given, by_hand=by_hand, on=DAY)


def test_a_back_test_compares_with_what_was_lost_later():
    """Of two invoices one is lost, one still open: was 10 % enough?"""
    book = (
        Book()
        .invoice("F-1", 10_000)
        .invoice("F-2", 30_000)
        .lost("F-1", 10_000, on=dt.date(2026, 6, 1))
    )
    day = dt.date(2026, 2, 15)

    (found,) = backtest(
        book.ledger,
        "MIRA",
        matrix=simple(*RATES),
        days=[day],
        until=dt.date(2026, 12, 31),
        known_then=False,
    )

    row = found.rows[1]
    assert (40_000, 4_000, 10_000, 30_000) == (
        row.gross_minor,
        row.allowance_minor,
        row.lost_minor,
        row.still_open_minor,
    )
    assert (Fraction(5, 2), 10, Fraction(1), False) == (
        row.ratio,
        row.worst_ratio,
        row.realized_rate,
        row.is_enough,
    )
    (total,) = found.totals
    assert ("total", 4_000, 10_000) == (total.label, total.allowance_minor, total.lost_minor)


def test_a_back_test_knows_what_was_known_then():
    """Everything was recorded in November: nobody knew of it in February."""
    book = Book().invoice("F-1", 10_000)

    (found,) = backtest(
        book.ledger,
        "MIRA",
        matrix=simple(*RATES),
        days=[dt.date(2026, 2, 15)],
        until=dt.date(2026, 12, 31),
    )

    assert () == found.rows
