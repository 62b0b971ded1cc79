"""Loss rates from a ledger: right denominators, nothing from the future, nothing undecided as paid."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.aging import AgingScheme
from receivables.allocation import Allocation, Leg, Residual, ResidualKind
from receivables.allowance import (
    RatePolicy,
    StillOpen,
    ThinBuckets,
    loss_rates,
    product_of_rolls,
    rates_of,
    roll_rates,
    simple_loss_rate,
    vintages,
)
from receivables.errors import PolicyError
from receivables.ledger import Allocated, Ledger, Unallocated
from receivables.money import from_minor
from receivables.testing.builders import (
    a_receipt,
    an_allocation,
    an_invoice,
    issued,
    received,
    recorded,
)
from receivables.testing.strategies import histories

SCHEME = AgingScheme(30, 60, 90)
DUE = dt.date(2026, 1, 31)
ISSUED = dt.date(2026, 1, 1)
END = dt.date(2026, 12, 31)


class Book:
    """A ledger under way: invoices, payments and write-offs by number and day."""

    def __init__(self):
        self.ledger = Ledger()
        self.minute = 0

    def _record(self, *events):
        self.ledger = self.ledger.record(*events)

    def _next(self):
        self.minute += 1
        return self.minute

    def invoice(self, number, minor, *, due=DUE, on=ISSUED, customer="C-017"):
        document = an_invoice(
            number,
            total=from_minor(minor, "EUR"),
            document_date=on,
            due_date=due,
            customer=customer,
        )
        self._record(issued(document, minute=self._next()))
        return self

    def paid(self, number, minor, *, on, customer="C-017"):
        name = f"r-{number}-{on}"
        receipt = a_receipt(
            name, amount=from_minor(minor, "EUR"), booking_date=on, customer=customer
        )
        self._record(
            received(receipt, minute=self._next()),
            an_allocation(
                {number: minor, name: -minor},
                allocation=f"a-{name}",
                effective_on=on,
                minute=self._next(),
                customers=(customer,),
            ),
        )
        return self

    def lost(self, number, minor, *, on, customer="C-017"):
        allocation = Allocation(
            allocation=f"w-{number}",
            creditor="MIRA",
            currency="EUR",
            legs=[Leg(number, minor)],
            residuals=[Residual(ResidualKind.WRITE_OFF, minor, item=number)],
        )
        event = Allocated(
            event=f"allocated:MIRA:w-{number}",
            effective_on=on,
            recorded_at=recorded(self._next()),
            allocation=allocation,
            customers=(customer,),
        )
        self._record(event)
        return self

    def undone(self, number, *, on, customer="C-017"):
        event = Unallocated(
            event=f"unallocated:MIRA:w-{number}",
            effective_on=on,
            recorded_at=recorded(self._next()),
            creditor="MIRA",
            customers=(customer,),
            allocation=f"w-{number}",
        )
        self._record(event)
        return self


def _past(days):
    return DUE + dt.timedelta(days=days)


def _cohort():
    """100,000 invoiced; 50,000, 23,000, 8,000 and 2,000 reach the later buckets; 2,000 are lost."""
    return (
        Book()
        .invoice("F-1", 100_000)
        .paid("F-1", 50_000, on=_past(0))
        .paid("F-1", 27_000, on=_past(20))
        .paid("F-1", 15_000, on=_past(50))
        .paid("F-1", 6_000, on=_past(80))
        .lost("F-1", 2_000, on=_past(200))
    )


def _rates(book, **given):
    given.setdefault("until", END)
    return loss_rates(book.ledger, "MIRA", scheme=SCHEME, first=ISSUED, last=DUE, **given)


def test_a_cohort_on_a_ledger_has_the_rates_of_the_table():
    """The published cohort (ifrscommunity.com) as invoices, payments and a write-off."""
    found = _rates(_cohort())

    assert rates_of([100_000, 50_000, 23_000, 8_000, 2_000], lost=2_000) == found.rates()
    assert [100_000, 50_000, 23_000, 8_000, 2_000] == [cell.reached_minor for cell in found.cells]
    assert {2_000} == {cell.lost_minor for cell in found.cells}
    assert "reached" in found.segments[0].source


def test_what_is_not_known_yet_is_not_seen():
    """A write-off after the last day, or recorded later, changes no rate."""
    book = _cohort()
    early = _rates(book, until=_past(199))
    known = _rates(book, known_at=recorded(book.minute - 1))

    assert [0] * 5 == [cell.lost_minor for cell in early.cells]
    assert [2_000] * 5 == [cell.still_open_minor for cell in early.cells]
    assert early.cells == known.cells


def test_what_is_still_open_is_not_paid():
    """Left out of both numbers, or taken as lost; the last bucket has nothing decided at all."""
    book = _cohort()

    left_out = _rates(book, until=_past(199))
    as_lost = _rates(book, until=_past(199), policy=RatePolicy(still_open=StillOpen.AS_LOST))

    assert (0, 0, 0, 0, 1) == left_out.rates()
    assert "taken as lost" in left_out.cells[-1].basis
    assert rates_of([100_000, 50_000, 23_000, 8_000, 2_000], lost=2_000) == as_lost.rates()


def test_a_loss_before_a_bucket_is_no_loss_of_it():
    """Given up when 10 days past due: of the first two buckets, and not of the later ones."""
    book = (
        Book()
        .invoice("F-1", 10_000)
        .lost("F-1", 10_000, on=_past(10))
        .invoice("F-2", 10_000)
        .paid("F-2", 10_000, on=_past(40))
    )

    found = _rates(book)

    assert [10_000, 10_000, 0, 0, 0] == [cell.lost_minor for cell in found.cells]
    assert [20_000, 20_000, 10_000, 0, 0] == [cell.reached_minor for cell in found.cells]
    assert Fraction(1, 2) == found.rates()[0]
    assert 0 == found.rates()[2]


def test_a_write_off_that_is_undone_is_no_loss():
    """It is open again from that day on."""
    book = _cohort().undone("F-1", on=_past(250))

    found = _rates(book)

    assert {0} == {cell.lost_minor for cell in found.cells}
    assert {2_000} == {cell.still_open_minor for cell in found.cells}


def test_an_invoice_posted_late_reaches_no_bucket_that_it_had_left():
    """Due in January and posted in March: it never was "not yet due"."""
    book = Book().invoice("F-1", 10_000, due=DUE, on=dt.date(2026, 3, 10))

    found = loss_rates(
        book.ledger, "MIRA", scheme=SCHEME, first=ISSUED, last=dt.date(2026, 3, 31), until=END
    )

    assert [0, 0, 10_000, 10_000, 10_000] == [cell.reached_minor for cell in found.cells]


def _two_segments():
    """Ten small invoices of one segment, two of them lost; one of another, lost whole."""
    book = Book()
    for number in range(10):
        book.invoice(f"F-{number}", 1_000)
        if number < 2:
            book.lost(f"F-{number}", 1_000, on=_past(100))
        else:
            book.paid(f"F-{number}", 1_000, on=_past(5))
    return book.invoice("G-1", 1_000, customer="C-2").lost(
        "G-1", 1_000, on=_past(100), customer="C-2"
    )


@pytest.mark.parametrize(
    ("thin", "rate", "basis"),
    [
        (ThinBuckets(), Fraction(1), "own"),
        (ThinBuckets(items_min=5), Fraction(3, 11), "all segments"),
        (ThinBuckets(items_min=5, way="kept"), Fraction(1), "own, thin"),
        (
            ThinBuckets(way="credibility", credibility_items=9),
            Fraction(1, 10) + Fraction(9, 10) * Fraction(3, 11),
            "credibility 10 %",
        ),
    ],
)
def test_a_thin_bucket_says_whose_experience_it_has(thin, rate, basis):
    """One invoice of one customer is no rate, unless one says that it is."""
    policy = RatePolicy(segments={"C-017": "many", "C-2": "one"}, thin=thin)

    found = _rates(_two_segments(), policy=policy)

    cell = next(cell for cell in found.cells if cell.segment == "one" and cell.bucket == 0)
    assert (rate, basis) == (cell.rate, cell.basis)


def test_months_roll_from_bucket_to_bucket():
    """Two invoices are late; one is paid in the second month, one is lost in the fourth."""
    book = (
        Book()
        .invoice("F-1", 10_000, due=dt.date(2026, 1, 1))
        .invoice("F-2", 30_000, due=dt.date(2026, 1, 1))
        .paid("F-2", 30_000, on=dt.date(2026, 2, 15))
        .lost("F-1", 10_000, on=dt.date(2026, 5, 15))
    )

    found = roll_rates(
        book.ledger,
        "MIRA",
        scheme=SCHEME,
        first=dt.date(2026, 1, 31),
        last=dt.date(2026, 6, 30),
    )

    assert dt.date(2026, 1, 31) == found.days[0]
    assert (0, Fraction(1, 4), 1, 1, 1) == found.rolls
    assert (40_000, 10_000, 10_000, 10_000) == found.opening[1:]
    assert (Fraction(1, 4), 1, 1, 1) == found.rates.rates()[1:]
    assert 10_000 == sum(found.lost)
    assert 30_000 == sum(found.paid)


def test_loss_rates_by_month_are_the_product_of_the_rolls():
    """Where every bucket is a month wide and losses come last."""
    rolls = [Fraction(1, 2), Fraction(23, 50), Fraction(8, 23), Fraction(1, 4), Fraction(1)]

    assert rates_of([100_000, 50_000, 23_000, 8_000, 2_000], lost=2_000) == product_of_rolls(rolls)


def test_a_bucket_that_nothing_left_is_taken_as_lost():
    """No month shows that anything of it is ever paid."""
    book = Book().invoice("F-1", 10_000, due=dt.date(2026, 1, 1))

    found = roll_rates(
        book.ledger, "MIRA", scheme=SCHEME, first=dt.date(2026, 1, 31), last=END
    ).rates

    assert (1, 1, 1, 1, 1) == found.rates()
    assert "taken as lost" in found.cells[-1].basis


def test_vintages_are_losses_by_month_of_issue_and_age():
    """An age is seen once its month is over."""
    book = (
        Book()
        .invoice("F-1", 10_000)
        .lost("F-1", 4_000, on=dt.date(2026, 3, 5))
        .invoice("F-2", 20_000, on=dt.date(2026, 2, 3), due=dt.date(2026, 3, 1))
        .lost("F-2", 1_000, on=dt.date(2026, 3, 5))
    )

    found = vintages(
        book.ledger,
        "MIRA",
        first=ISSUED,
        last=dt.date(2026, 2, 28),
        until=dt.date(2026, 3, 31),
        months=3,
    )

    assert [(0, 0, 4_000, None), (0, 1_000, None, None)] == [
        one.lost_minor for one in found.vintages
    ]
    assert (0, Fraction(1_000, 30_000), Fraction(4_000, 10_000), None) == found.rates


def test_a_simple_rate_is_over_everything_that_was_invoiced():
    """Whatever its age when it was lost."""
    found = simple_loss_rate(_cohort().ledger, "MIRA", first=ISSUED, last=DUE, until=END)

    (cell,) = found.cells
    assert ("all", 100_000, 2_000, Fraction(1, 50)) == (
        cell.label,
        cell.reached_minor,
        cell.lost_minor,
        cell.rate,
    )


REFUSED = [
    ({"first": DUE, "last": ISSUED}, "must follow each other"),
    ({"first": ISSUED, "last": DUE, "until": ISSUED}, "must follow each other"),
    ({"first": "2026-01-01", "last": DUE}, "first must be a date"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_windows_that_cannot_be_are_refused(given, words):
    """Days follow each other, and are dates."""
    with pytest.raises(PolicyError, match=words):
        loss_rates(Ledger(), "MIRA", scheme=SCHEME, **given)


def test_one_month_end_is_no_month():
    """A roll goes from one to the next."""
    with pytest.raises(PolicyError, match="2 to 240 month ends"):
        roll_rates(Ledger(), "MIRA", scheme=SCHEME, first=ISSUED, last=DUE)


def test_more_cannot_be_lost_than_reached_a_bucket():
    """A table that says so is wrong."""
    with pytest.raises(PolicyError, match="lost must be from 0 to"):
        rates_of([100, 50], lost=60)


def test_amounts_in_several_currencies_need_one_to_count_in():
    """They are never added as they are."""
    book = _cohort()
    book.ledger = book.ledger.record(
        issued(
            an_invoice("U-1", currency="USD", document_date=ISSUED, due_date=DUE),
            minute=book.minute,
        )
    )

    with pytest.raises(PolicyError, match=r"currency must be named .*, got EUR, USD"):
        _rates(book)


@settings(max_examples=25, deadline=None)
@given(
    events=histories(currencies=("EUR",)), until=st.dates(dt.date(2025, 6, 1), dt.date(2027, 6, 1))
)
def test_numerators_are_parts_of_their_denominators(events, until):
    """On any ledger, and every rate is between nothing and all."""
    ledger = Ledger.replay(events)
    first = dt.date(2025, 1, 1)

    found = loss_rates(ledger, "MIRA", scheme=SCHEME, first=first, last=until, until=until)
    rolled = roll_rates(ledger, "MIRA", scheme=SCHEME, first=first, last=until)

    for cell in found.cells:
        assert 0 <= cell.lost_minor <= cell.reached_minor - cell.still_open_minor
        assert 0 <= cell.rate <= 1
    for row, opening in enumerate(rolled.opening):
        assert opening == sum(rolled.matrix[row]) + rolled.paid[row] + rolled.lost[row]
    assert all(0 <= rate <= 1 for rate in rolled.rates.rates())


@settings(max_examples=15, deadline=None)
@given(events=histories(currencies=("EUR",)), cut=st.integers(0, 12))
def test_later_events_change_no_rate_as_known_before(events, cut):
    """Everything is as it was known at the moment asked for."""
    kept = events[:cut]
    if not kept or len(kept) == len(events) or events[cut].recorded_at == kept[-1].recorded_at:
        return
    moment, until = kept[-1].recorded_at, dt.date(2026, 12, 31)
    given = {"scheme": SCHEME, "first": dt.date(2025, 1, 1), "last": until, "known_at": moment}

    before = loss_rates(Ledger.replay(kept), "MIRA", **given)
    after = loss_rates(Ledger.replay(events), "MIRA", **given)

    assert before.cells == after.cells
