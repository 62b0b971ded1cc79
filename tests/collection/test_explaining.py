"""Reasons in plain English."""

from __future__ import annotations

import pytest

from receivables.collection import Barred, WorkReason, WorkReasonKind, rank, sentence, why
from receivables.collection.explaining import _SENTENCES, amount_text

from .worlds import AS_OF, case, day

SAID = [
    ({"kind": "amount", "currency": "EUR", "amount_minor": 120_050}, "EUR 1,200.50 is past due"),
    ({"kind": "age", "days": 1}, "the oldest amount is 1 day past due"),
    (
        {"kind": "deadline", "text": "limitation", "reference": "L-1", "days": -9},
        "the deadline limitation L-1 is in 9 days",
    ),
    (
        {
            "kind": "promise-due",
            "reference": "P-1",
            "currency": "JPY",
            "amount_minor": 5_000,
            "days": 0,
        },
        "the promise P-1 of JPY 5,000 was due today",
    ),
    (
        {"kind": "installment-due", "reference": "PL-1", "days": 2},
        "an installment of plan PL-1 was due 2 days ago",
    ),
    (
        {"kind": "stake", "currency": "EUR", "amount_minor": 100},
        "EUR 1.00 is promised or falls due soon",
    ),
    ({"kind": "next-action", "days": 1, "text": "call"}, "the next step was due 1 day ago: call"),
    ({"kind": "next-action", "days": 1}, "the next step was due 1 day ago"),
    (
        {"kind": "request", "reference": "R-1", "text": "proof", "days": 3},
        "the request R-1 (proof) was to be answered 3 days ago",
    ),
    (
        {"kind": "dispute", "reference": "D-1", "text": "quality", "days": 3},
        "the dispute D-1 (quality) was to be answered 3 days ago",
    ),
    ({"kind": "risk", "text": "high"}, "the risk class is high"),
    ({"kind": "broken-promise", "count": 1}, "1 promise broken"),
    ({"kind": "broken-promise", "count": 2}, "2 promises broken"),
    ({"kind": "limit", "bps": 10_405}, "104.05 % of the credit limit is used"),
]


@pytest.mark.parametrize(("fields", "words"), SAID)
def test_a_reason_is_a_sentence(fields, words):
    """The figures of the reason are in it, and its points."""
    kind = WorkReasonKind(fields["kind"])

    assert f"{words} (5 points)" == sentence(WorkReason(points=5, **{**fields, "kind": kind}))


def test_every_kind_has_its_sentence():
    """None is left out."""
    assert set(WorkReasonKind) == set(_SENTENCES)


def test_an_amount_has_the_digits_of_its_currency():
    """None where the currency has none."""
    assert ("EUR -0.05", "JPY 1,000", "KWD 1.005") == (
        amount_text(-5, "EUR"),
        amount_text(1_000, "JPY"),
        amount_text(1_005, "KWD"),
    )


def test_a_line_says_why_it_stands_there():
    """And why it may not be called today."""
    bars = [None, Barred(reason="lawyer"), Barred(reason="quiet week", again_on=day(-2))]
    lines = [rank([case(barred=bar)], as_of=AS_OF).lines[0] for bar in bars]

    assert (
        "the oldest amount is 45 days past due (15 points)",
        "EUR 1,200.00 is past due (8 points)",
    ) == why(lines[0])
    assert "not to be contacted: lawyer" == why(lines[1])[-1]
    assert "not to be contacted before 2026-11-02: quiet week" == why(lines[2])[-1]
