"""Interest and compensation as documents: what a run charges, what the next one does not, and back."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.documents import Line, open_items
from receivables.errors import DocumentError, PolicyError
from receivables.interest import (
    Charged,
    Charging,
    charged_in,
    interest_documents,
    interest_on,
    reversal_of,
)
from receivables.money import money, to_minor
from receivables.testing.builders import a_credit_note, a_debit_note

from .worlds import DUE, late, late_items, one_rate, policy

RATES = one_rate("ecb.mro", "4.50")


class _Numbers:
    """Numbers as they are asked for, with what they were asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, category, customer):
        self.asked.append((category, customer))
        return f"N-{len(self.asked)}"


def _day(days):
    return DUE + dt.timedelta(days=days)


def _run(items, days, *, charged=(), **fields):
    charging = Charging(**{"number": _Numbers(), **fields})
    return interest_documents(
        items, policy=policy("eu", RATES), as_of=_day(days), charging=charging, charged=charged
    )


def test_a_run_makes_a_note_for_interest_and_one_for_compensation():
    """Each is a document of its own: number, due date, untaxed lines by category, the items it concerns."""
    items = [late("1000.00", item="F-1"), late("500.00", item="F-2")]

    compensation, interest = _run(items, 30, payable_days=15).documents

    assert ("N-1", "N-2") == (compensation.number, interest.number)
    assert [money("80", "EUR"), money("15.41", "EUR")] == [compensation.total, interest.total]
    assert [("late-interest", ()), ("late-interest", ())] == [
        (line.category, line.taxes) for line in interest.lines
    ]
    assert ("F-1", "F-2") == interest.concerns == compensation.concerns
    assert (_day(30), _day(45)) == (interest.document_date, interest.due_date)
    assert ["late-interest"] == [item.category for item in open_items(interest)]
    assert (
        "late-interest on F-1, 2024-06-16 to 2024-07-15, 30 days" == interest.lines[0].description
    )


def test_numbers_are_asked_for_documents_that_are_made():
    """No number is lost on a run that charges nothing."""
    numbers = _Numbers()

    _run([late(due=_day(60))], 30, number=numbers)
    assert [] == numbers.asked
    _run([late()], 30, number=numbers)
    assert [("compensation", "C-017"), ("late-interest", "C-017")] == numbers.asked


def test_customers_creditors_and_currencies_are_never_mixed():
    """Each account and currency has its own notes; the fixed sum is in euros all the same."""
    items = [
        late(item="F-1"),
        late(item="F-2", customer="C-018"),
        late(item="F-3", creditor="NORD"),
        late(item="F-4", currency="USD"),
    ]

    run = _run(items, 30)

    assert [
        ("MIRA", "C-017", "EUR", ("F-1", "F-4")),
        ("MIRA", "C-017", "EUR", ("F-1",)),
        ("MIRA", "C-017", "USD", ("F-4",)),
        ("MIRA", "C-018", "EUR", ("F-2",)),
        ("MIRA", "C-018", "EUR", ("F-2",)),
        ("NORD", "C-017", "EUR", ("F-3",)),
        ("NORD", "C-017", "EUR", ("F-3",)),
    ] == [(note.creditor, note.customer, note.currency, note.concerns) for note in run.documents]


def test_both_may_stand_in_one_document():
    """Together they have one number, and each line its own category and item."""
    numbers = _Numbers()

    (note,) = _run([late("1000.00")], 30, together=True, number=numbers).documents

    assert [("late-interest", "C-017")] == numbers.asked
    assert ["late-interest", "compensation"] == [line.category for line in note.lines]
    assert ("F-1", "F-1") == note.concerns
    assert ["compensation", "late-interest"] == [one.category for one in charged_in([note])]


def test_a_policy_may_leave_the_fixed_sum_out():
    """Interest alone, posted on another day, described in other words."""
    (note,) = _run(
        [late()],
        30,
        with_compensation=False,
        posting_date=_day(33),
        describe=lambda charge: f"intérêts {charge.item}",
    ).documents

    assert (_day(30), _day(33)) == (note.document_date, note.posting_date)
    assert "intérêts F-1" == note.lines[0].description


def test_the_same_run_again_charges_nothing():
    """What was charged up to a day is not charged again for that day, nor for an earlier one."""
    first = _run([late()], 30)
    charged = charged_in(first.documents)

    for days in (30, 20):
        again = _run([late()], days, charged=charged)
        assert ((), (), ()) == (again.documents, again.charges, again.overcharged)


def test_the_next_run_charges_the_new_days_only():
    """The line names the days that are new, and the fixed sum is not charged twice."""
    charged = charged_in(_run([late()], 30).documents)

    (note,) = _run([late()], 60, charged=charged).documents

    assert "late-interest on F-1, 2024-07-16 to 2024-08-14, 30 days" == note.lines[0].description
    assert {"late-interest"} == {line.category for line in note.lines}


@given(item=late_items(), days=st.sets(st.integers(1, 900), min_size=1, max_size=5))
def test_runs_add_up_to_one(item, days):
    """However often interest is charged, it comes to what one run charges, to the cent."""
    rule = policy("eu", RATES)
    documents = []
    for day in sorted(days):
        as_of = item.due_date + dt.timedelta(days=day)
        run = interest_documents(
            [item],
            policy=rule,
            as_of=as_of,
            charging=Charging(number=lambda kind, _, day=day: f"{kind}-{day}"),
            charged=charged_in(documents),
        )
        documents += run.documents
        assert () == run.overcharged

    once = interest_on(item, policy=rule, as_of=as_of)
    charged = {one.category: one.amount_minor for one in charged_in(documents)}
    assert once.amount_minor == charged.get("late-interest", 0)
    assert charged.get("compensation", 0) in (0, 4_000)


def test_a_payment_that_is_found_later_shows_what_was_charged_too_much():
    """The run makes no document of it, and says how much, by item."""
    charged = charged_in(_run([late("1000.00")], 60).documents)
    paid_early = late("1000.00", payments=[(_day(10), "1000.00")])

    run = _run([paid_early], 90, charged=charged)

    assert () == run.documents
    assert [("late-interest", "F-1", money("17.13", "EUR"))] == [
        (one.category, one.item, one.amount) for one in run.overcharged
    ]
    paid_in_time = late("1000.00", payments=[(DUE, "1000.00")])
    assert {"late-interest", "compensation"} == {
        one.category for one in _run([paid_in_time], 90, charged=charged).overcharged
    }


def test_a_reversal_takes_a_note_back_and_the_next_run_charges_anew():
    """A credit note with the note's own lines corrects it; what it charged is free again."""
    notes = _run([late("1000.00")], 60).documents
    interest = next(note for note in notes if note.lines[0].category == "late-interest")

    back = reversal_of(interest, number="A-1", document_date=_day(61))

    assert (interest.number, interest.total) == (back.corrects, back.total)
    charged = charged_in([*notes, back])
    assert ["compensation"] == [one.category for one in charged]
    (again,) = _run([late("1000.00")], 60, charged=charged).documents
    assert interest.lines == again.lines


def test_a_correction_in_part_takes_off_what_its_lines_say():
    """A credit note of some of each line leaves the rest charged."""
    (note,) = _run([late("1000.00")], 60, with_compensation=False).documents
    part = attrs.evolve(
        reversal_of(note, number="A-1", document_date=_day(61)),
        lines=[Line(description="goodwill", net=money("5.00", "EUR"))],
        total=money("5.00", "EUR"),
        installments=a_credit_note(total="5.00").installments,
    )

    (left,) = charged_in([note, part])

    assert to_minor(note.total) - 500 == left.amount_minor


def test_other_documents_are_no_charges():
    """A debit note for something else, and its correction, say nothing of interest."""
    other = a_debit_note(total="12.00")

    assert () == charged_in([other, a_credit_note(total="12.00", corrects=other.number)])


def test_a_note_must_name_an_item_for_each_line():
    """A note that was made otherwise cannot be reckoned with."""
    line = Line(description="interest", net=money("5.00", "EUR"), category="late-interest")
    (note,) = _run([late()], 30, with_compensation=False).documents

    with pytest.raises(
        DocumentError, match="concerns of N-1 must name an item for each of its 1 lines"
    ):
        charged_in([attrs.evolve(note, concerns=())])
    twice = reversal_of(attrs.evolve(note), number="A-1", document_date=_day(31))
    with pytest.raises(DocumentError, match="A-1 must have the 1 lines of what it corrects, got 2"):
        charged_in(
            [
                note,
                attrs.evolve(
                    twice,
                    lines=(line, line),
                    total=money("10", "EUR"),
                    installments=a_credit_note(total="10").installments,
                ),
            ]
        )


def test_what_was_charged_can_be_given_as_values():
    """An application with documents of its own says what it charged."""
    charged = [
        Charged(
            creditor="MIRA", item="F-1", category="late-interest", until=_day(30), amount_minor=100
        )
    ]

    (compensation, interest) = _run([late("1000.00")], 60, charged=charged).documents

    assert money("19.55", "EUR") == interest.total
    assert money("40.00", "EUR") == compensation.total


@pytest.mark.parametrize("days", [-1, 1_000])
def test_impossible_terms_are_refused(days):
    """Notes are due on their day or within the terms that trade knows."""
    with pytest.raises(PolicyError, match="payable_days must be 0 to 999"):
        Charging(number=_Numbers(), payable_days=days)
