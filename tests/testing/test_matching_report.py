"""The report of a matching run: what counts as applied, as wrong, and as right when it was said."""

from __future__ import annotations

import attrs
import pytest

from receivables.allocation import Leg
from receivables.matching import MatchProposal, Outcome
from receivables.testing.cash import CashTruth, Shortfall, ShortfallKind, TruthKind
from receivables.testing.matching_report import BANDS, add_up, judge


def _truth(**more):
    given = {
        "receipt": "r-1",
        "kind": TruthKind.PAYS,
        "customer": "C-1",
        "worth_minor": 150,
        "currency": "EUR",
        "legs": (Leg("A", 100), Leg("B", 50)),
    }
    return CashTruth(**(given | more))


def _proposal(parts, *, outcome=Outcome.CERTAIN, **more):
    return MatchProposal(
        receipt="r-1",
        creditor="MIRA",
        outcome=outcome,
        amount_minor=150,
        currency="EUR",
        parts=[Leg(item, minor) for item, minor in parts.items()],
        **more,
    )


def _judged(parts, truth=None, **more):
    true = truth or _truth()
    return judge([_proposal(parts, **more)], {true.receipt: true})


SHORT = _truth(
    worth_minor=140,
    legs=(Leg("A", 90), Leg("B", 50)),
    short=(Shortfall(item="A", kind=ShortfallKind.DEDUCTION, amount_minor=10),),
)
PART = attrs.evolve(
    SHORT, short=(Shortfall(item="A", kind=ShortfallKind.PARTIAL, amount_minor=10),)
)
CREDIT = _truth(worth_minor=80, legs=(Leg("A", 100), Leg("N", -20)))

RIGHT = {
    "all of it": ({"A": 100, "B": 50}, _truth()),
    "some of it": ({"A": 100}, _truth()),
    "a short item in full": ({"A": 100, "B": 40}, SHORT),
    "a credit note": ({"A": 100, "N": -20}, CREDIT),
}
WRONG = {
    "another item": ({"A": 100, "X": 50}, _truth()),
    "more than is paid": ({"A": 100, "B": 51}, _truth()),
    "more than the shortfall": ({"A": 101, "B": 39}, SHORT),
    "what another receipt pays": ({"A": 100, "B": 40}, PART),
    "a duplicate": ({"A": 100}, _truth(kind=TruthKind.DUPLICATE, legs=())),
    "another credit note": ({"A": 100, "M": -20}, CREDIT),
}


@pytest.mark.parametrize(("parts", "truth"), RIGHT.values(), ids=RIGHT)
def test_what_the_receipt_pays_is_right(parts, truth):
    """Items that the receipt pays, up to what is missing on them, are right."""
    report = _judged(parts, truth)

    assert (1, 0) == (report.applied, report.wrong)


@pytest.mark.parametrize(("parts", "truth"), WRONG.values(), ids=WRONG)
def test_what_the_receipt_does_not_pay_is_wrong(parts, truth):
    """Another item, or more of one than is paid, makes the receipt wrong."""
    report = _judged(parts, truth)

    assert (1, 1) == (report.applied, report.wrong)
    assert 10_000 == report.wrong_bps


def test_a_tolerance_forgives_cents():
    """What exceeds by no more than the tolerance is right."""
    truth = _truth()

    report = judge([_proposal({"A": 103})], {"r-1": truth}, tolerance_minor=3)

    assert 0 == report.wrong


def test_what_leaves_something_out_is_incomplete():
    """Right as far as it goes, and told apart."""
    assert 1 == _judged({"A": 100}).incomplete
    assert 0 == _judged({"A": 100, "B": 50}).incomplete


def test_shares_are_by_receipt_item_and_value():
    """One of two items, all of the value, one of one receipt."""
    report = _judged({"A": 100})

    assert 10_000 == report.applied_bps == report.applied_of_payable_bps
    assert 5_000 == report.items_bps
    assert 10_000 == report.value_bps == report.pairs_right_bps


OUTCOMES = {
    "proposed": (Outcome.PROPOSED, {"A": 100}, (), "proposed"),
    "listed": (Outcome.AMBIGUOUS, {}, (("X",), ("A", "B")), "listed_right"),
    "unmatched": (Outcome.UNMATCHED, {}, (), "unmatched"),
}


@pytest.mark.parametrize(
    ("outcome", "parts", "alternatives", "field"), OUTCOMES.values(), ids=OUTCOMES
)
def test_what_is_not_applied_is_counted_apart(outcome, parts, alternatives, field):
    """A proposal, a list of answers and no answer are three things, and none is applied."""
    report = _judged(parts, outcome=outcome, alternatives=alternatives)

    assert (0, 1) == (report.applied, getattr(report, field))


def test_a_receipt_without_a_proposal_is_unmatched():
    """Nothing is dropped in silence."""
    assert 1 == judge([], {"r-1": _truth()}).unmatched


def test_stated_probabilities_are_held_against_what_is_right():
    """A band has its count, the mean of what was said, and how many are right."""
    sure, unsure = (_proposal({"A": 100}, probability_bp=bp) for bp in (9_990, 9_994))
    wrong = _proposal({"X": 1}, outcome=Outcome.PROPOSED, probability_bp=6_000)

    bands = {band.from_bp: band for band in judge([sure, unsure, wrong], {"r-1": _truth()}).bands}

    assert (2, 9_992, 2, 10_000) == (*attrs.astuple(bands[9_990])[2:], bands[9_990].right_bp)
    assert (1, 6_000, 0) == attrs.astuple(bands[5_000])[2:]
    assert list(BANDS) == sorted(BANDS)


def test_what_is_wrong_is_told_one_by_one():
    """A wrong match says what was said, what is true and what is in the way."""
    truth = _truth(noise=("name-cut",))

    (wrong,) = _judged({"X": 150}, truth).wrongs

    assert wrong.is_applied
    assert "r-1: said X 150; true A 100, B 50; evidence ; noise name-cut" == str(wrong)


def test_recall_is_told_by_kind_of_noise():
    """Each kind has its receipts, how many were applied, and wrongly; without any it is 'none'."""
    truth = _truth(noise=("name-cut", "twin"))

    kinds = _judged({"X": 150}, truth).kinds

    assert {"name-cut": (1, 1, 1), "twin": (1, 1, 1)} == {
        kind: attrs.astuple(figures) for kind, figures in kinds.items()
    }
    assert ["none"] == list(_judged({"A": 100}).kinds)


def test_runs_add_up():
    """Several reports are one with the sums."""
    one, other = _judged({"A": 100}), _judged({"X": 1}, probability_bp=6_000)

    total = add_up([one, other])

    assert (2, 2, 1, 1) == (total.receipts, total.applied, total.wrong, len(total.wrongs))
    assert total.bands[-1] == add_up([other]).bands[-1]
    assert str(total).startswith("receipts 2, applied 2 (100.00 %), wrong 1 of 2")
    assert "5000" in total.reliability()


def test_an_unknown_receipt_is_refused():
    """A proposal for a receipt without truth is the caller's mistake."""
    with pytest.raises(KeyError):
        judge([_proposal({"A": 100})], {})
