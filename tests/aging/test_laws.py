"""Laws of aging: whatever the scheme and the day, the buckets add up to what is open."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from receivables.aging import AgeBasis, AgingScheme, Credits, Undated, age

from .worlds import AS_OF, open_items, schemes

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
ANY_SCHEME = schemes(undated=Undated.DOCUMENT_DATE)


@given(items=open_items(), scheme=ANY_SCHEME, as_of=DAYS)
def test_buckets_and_credits_add_up_to_what_is_open(items, scheme, as_of):
    """Buckets plus credits are the outstanding balance, per customer and currency, to the cent."""
    outstanding = defaultdict(int)
    for item in items:
        if item.open_minor:
            outstanding[item.creditor, item.customer, item.currency] += item.open_minor

    rows = age(items, scheme=scheme, as_of=as_of).rows

    assert outstanding == {
        (row.creditor, row.customer, row.currency): sum(row.buckets_minor) + row.credits_minor
        for row in rows
    }
    assert all(row.total_minor == sum(row.buckets_minor) + row.credits_minor for row in rows)


@given(items=open_items(), scheme=ANY_SCHEME, as_of=DAYS, luck=st.randoms())
def test_the_order_of_the_items_changes_nothing(items, scheme, as_of, luck):
    """The same items in another order give the same aging, items behind it included."""
    shuffled = list(items)
    luck.shuffle(shuffled)

    assert age(items, scheme=scheme, as_of=as_of) == age(shuffled, scheme=scheme, as_of=as_of)


@given(items=open_items(), bounds=st.sets(st.integers(1, 120), min_size=1, max_size=5), as_of=DAYS)
def test_ways_with_credits_agree_on_the_total(items, bounds, as_of):
    """Apart, netted or in the buckets, credits change the picture and never the total."""
    totals = {
        way: [
            (row.customer, row.currency, row.total_minor, row.items)
            for row in age(
                items,
                scheme=AgingScheme(*sorted(bounds), credits=way, undated=Undated.DOCUMENT_DATE),
                as_of=as_of,
            ).rows
        ]
        for way in Credits
    }

    assert totals[Credits.APART] == totals[Credits.NETTED] == totals[Credits.IN_BUCKETS]


@given(
    items=open_items(undated=False), scheme=schemes(credits=Credits.APART), later=st.integers(0, 60)
)
def test_debits_only_grow_older(items, scheme, later):
    """On a later day no bucket and its elders hold less, where nothing was settled."""
    before = age(items, scheme=scheme, as_of=AS_OF).rows
    after = age(items, scheme=scheme, as_of=AS_OF + dt.timedelta(days=later)).rows

    for young, old in zip(before, after, strict=True):
        tails = [
            (sum(young.buckets_minor[index:]), sum(old.buckets_minor[index:]))
            for index in range(scheme.bucket_count)
        ]
        assert all(earlier <= now for earlier, now in tails)


@given(items=open_items(), scheme=ANY_SCHEME, as_of=DAYS)
def test_finer_buckets_sum_to_coarser_ones(items, scheme, as_of):
    """Leaving out bounds merges buckets, where credits do not move between them."""
    if scheme.credits is Credits.NETTED:
        return
    kept = 0 if scheme.basis is AgeBasis.DUE_DATE else scheme.upper_bounds[-1]
    coarse = AgingScheme(kept, basis=scheme.basis, credits=scheme.credits, undated=scheme.undated)
    split = scheme.upper_bounds.index(kept) + 1

    merged = [
        (sum(row.buckets_minor[:split]), sum(row.buckets_minor[split:]))
        for row in age(items, scheme=scheme, as_of=as_of).rows
    ]

    assert merged == [row.buckets_minor for row in age(items, scheme=coarse, as_of=as_of).rows]
