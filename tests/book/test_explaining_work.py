"""Why a line stands on the worklist, in the reader's language."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.casework import DisputeReason, RequestKind
from receivables.collection import Barred, DeadlineKind, WorkLine, WorkReason, WorkReasonKind
from receivables.explaining import WORK_SENTENCES, explain_line
from receivables.i18n import words

_DAY = dt.date(2026, 11, 2)
_MONEY = {"currency": "EUR", "amount_minor": 120_050}
_DUE = {"on": _DAY, "days": 3, "reference": "X-1"}

SAID = {
    "amount": (_MONEY, "€1,200.50 past due"),
    "age": ({"days": 42}, "the oldest amount is past due by 42 days"),
    "deadline": ({**_DUE, "text": "limitation"}, "limitation on Nov 2, 2026: X-1"),
    "promise-due": ({**_DUE, **_MONEY}, "promise X-1 for Nov 2, 2026: €1,200.50"),
    "installment-due": (_DUE, "installment of plan X-1 for Nov 2, 2026"),
    "stake": (_MONEY, "€1,200.50 promised or due soon"),
    "next-action": ({**_DUE, "text": "call"}, "next step for Nov 2, 2026: call"),
    "request": (
        {**_DUE, "text": "proof"},
        "request X-1 (proof), to be answered by Nov 2, 2026",
    ),
    "dispute": (
        {**_DUE, "text": "quality"},
        "dispute X-1 (quality), to be answered by Nov 2, 2026",
    ),
    "risk": ({"text": "high"}, "risk class high"),
    "broken-promise": ({"count": 2}, "broken promises: 2"),
    "limit": ({"bps": 10_405}, "credit limit used: 104.05\u00a0%"),
}


def _line(reason, barred=None):
    return WorkLine(customer="C-1", place=1, reasons=[reason], role="collector", barred=barred)


@pytest.mark.parametrize("kind", WorkReasonKind, ids=lambda kind: kind.value)
def test_every_reason_is_a_sentence(kind):
    """The figures of the reason are in it, and its points; what is not known leaves nothing behind."""
    fields, said = SAID[kind.value]
    line = _line(WorkReason(kind=kind, points=5, **fields))

    assert (f"{said} (5 points)",) == explain_line(line, locale="en")


@pytest.mark.parametrize("locale", ["fr-FR", "fr-CA", "es-ES", "es-MX"])
def test_every_reason_is_said_in_every_language(locale):
    """No English word is left where the language is another."""
    for kind in WorkReasonKind:
        fields, said = SAID[kind.value]
        (found,) = explain_line(_line(WorkReason(kind=kind, points=5, **fields)), locale=locale)

        assert said not in found


def test_every_word_of_a_reason_is_known():
    """A kind of deadline or request, or a reason of a dispute, that has no word would stop a list."""
    kinds = {"deadline": DeadlineKind, "request kind": RequestKind, "dispute reason": DisputeReason}
    for locale in ("en", "fr", "es"):
        for context, members in kinds.items():
            assert all(words(locale).text(context, one.value) for one in members)
    assert set(WORK_SENTENCES) == set(WorkReasonKind)


def test_a_line_says_why_nobody_calls_today():
    """And from when on it may be done."""
    reason = WorkReason(kind=WorkReasonKind.AGE, points=1, days=1)
    bars = [Barred(reason="lawyer"), Barred(reason="quiet week", again_on=_DAY)]

    assert [
        "not to be contacted: lawyer",
        "not to be contacted before Nov 2, 2026: quiet week",
    ] == [explain_line(_line(reason, bar), locale="en")[-1] for bar in bars]
