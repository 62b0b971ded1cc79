"""The scorecard by judgement: readable, complete, and in the order that anybody would expect."""

from __future__ import annotations

from receivables.scoring import BEHAVIOUR_CHARACTERISTICS, behaviour_card
from receivables.scoring.scorecards import BinKind, CardSource, score

from .behaviour_worlds import behaviour_of, invoice, settled


def test_it_says_that_nothing_was_fitted():
    """Its source is an expert, and its notes say so."""
    card = behaviour_card()

    assert CardSource.EXPERT is card.source
    assert card.fitted_rows is None
    assert "not fitted on anything" in card.notes[0]


def test_it_reads_characteristics_of_behaviour():
    """Each by its name and in its unit, with points for what is not known."""
    for one in behaviour_card().characteristics:
        assert BEHAVIOUR_CHARACTERISTICS[one.name].unit.value == one.unit
        assert BinKind.MISSING in {each.kind for each in one.bins}


def test_points_add_up_to_a_hundred_at_most():
    """And to zero at least."""
    rows = [[each.points for each in one.bins] for one in behaviour_card().characteristics]

    assert (100, 0) == (sum(map(max, rows)), sum(map(min, rows)))


def test_a_prompt_customer_stands_above_a_late_one():
    """And one of whom nothing is known stands between them."""
    prompt = [settled(f"FA-{n}", ago=30 * n, late=0) for n in range(1, 9)]
    late = [settled(f"FA-{n}", ago=30 * n, late=60) for n in range(1, 9)]
    cases = [prompt, [invoice("FA-1", days=-10)], [*late, invoice("FA-0", days=120)]]

    points = [
        score(behaviour_of(*events).characteristics(), scorecard=behaviour_card()).points
        for events in cases
    ]

    assert sorted(points, reverse=True) == points
    assert len(set(points)) == len(points)
