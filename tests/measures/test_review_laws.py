"""Laws of the measures on drawn histories: groups add up, and the past stays as it was known."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.ledger import Ledger
from receivables.measures import GroupBy, Measure, MeasurePolicy, MeasureUnit, measures
from receivables.testing.strategies import dates, histories

LAWS = settings(max_examples=15, deadline=None)
SEGMENTS = {"C-001": "trade", "C-002": ""}


def _told(table):
    return {(one.group, one.measure): one.value for one in table}


@LAWS
@given(events=histories(), day=dates(), by=st.sets(st.sampled_from(GroupBy), min_size=1))
def test_groups_add_up_to_the_whole(events, day, by):
    """Amounts over all groups are those of everybody, currency by currency."""
    ledger = Ledger.replay(events)
    whole = measures(ledger, as_of=day)
    sums = {}
    for one in measures(ledger, as_of=day, by=by, segments=SEGMENTS):
        if one.measure.unit is MeasureUnit.MONEY:
            key = (one.currency, one.measure)
            sums[key] = sums.get(key, 0) + one.value

    amounts = (one for one in whole if one.measure.unit is MeasureUnit.MONEY)
    assert sums == {(one.currency, one.measure): one.value for one in amounts}


@LAWS
@given(data=st.data(), events=histories(), day=dates(), nets=st.booleans())
def test_what_was_known_stays(data, events, day, nets):
    """As known at a moment, the figures are those of the ledger as it was then."""
    ledger, policy = Ledger.replay(events), MeasurePolicy(nets_credits=nets)
    if not events:
        return
    moment = data.draw(st.sampled_from(sorted({one.recorded_at for one in events})))
    then = Ledger.replay([one for one in events if one.recorded_at <= moment])
    by = [GroupBy.CREDITOR, GroupBy.CUSTOMER]

    now = measures(ledger, as_of=day, known_at=moment, by=by, policy=policy)
    assert _told(now) == _told(measures(then, as_of=day, by=by, policy=policy))


@LAWS
@given(events=histories(), day=dates())
def test_the_parts_of_the_dso(events, day):
    """The DSO is the best possible one and the days delinquent; the shares are the whole."""
    told = _told(measures(Ledger.replay(events), as_of=day, by=[GroupBy.CUSTOMER]))
    for group in {group for group, _ in told}:
        whole = told[group, Measure.DSO]
        if whole is not None:
            best = told[group, Measure.BEST_POSSIBLE_DSO]
            assert whole == best + told[group, Measure.AVERAGE_DAYS_DELINQUENT]
        if told[group, Measure.CURRENT_SHARE] is not None:
            assert told[group, Measure.CURRENT_SHARE] + told[group, Measure.PAST_DUE_SHARE] == 1
