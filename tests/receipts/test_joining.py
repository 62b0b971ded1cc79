"""Advices find the entries that they explain, where it can be no other; everything else is left."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.money import money
from receivables.problems import Place
from receivables.receipts import (
    AdviceKind,
    BankEntry,
    EntryDetail,
    Joined,
    JoiningPolicy,
    Payer,
    PaymentAdvice,
    ReceiptMethod,
    ReferredDocument,
    Remittance,
    ReturnInfo,
    Unused,
    receipts_from,
    with_advices,
)

DAY = dt.date(2026, 10, 5)
ANN = Payer(name="Ann Sàrl", account="FR14 2004 1010")
DOCUMENTS = Remittance(documents=[ReferredDocument(number="F-0001", amount_minor=10_000)])


def entry(amount_minor: int = 10_000, **more: Any) -> BankEntry:
    facts = {"account": "DE89", "statement": "S-1", "index": 1, "currency": "EUR"}
    return BankEntry(**{**facts, "amount_minor": amount_minor, "booking_date": DAY, **more})


def paid(payer: Payer = ANN, amount_minor: int = 10_000, **more: Any) -> BankEntry:
    return entry(amount_minor, details=[EntryDetail(payer=payer)], **more)


def advice(amount_minor: int = 10_000, **more: Any) -> PaymentAdvice:
    facts = {
        "kind": AdviceKind.REMITTANCE,
        "batch": "1",
        "index": 0,
        "currency": "EUR",
        "date": DAY,
        "remittance": DOCUMENTS,
    }
    return PaymentAdvice(**{**facts, "amount_minor": amount_minor, **more})


def reasons(joined: Joined) -> list[Unused]:
    return [each.reason for each in joined.unused]


BY_REFERENCE = {
    "end-to-end": (
        entry(details=[EntryDetail(remittance=Remittance(end_to_end="E-7"))]),
        advice(remittance=attrs.evolve(DOCUMENTS, end_to_end="E-7")),
    ),
    "trace, with zeros before it": (
        entry(details=[EntryDetail(references=[("trace", "0000771")])]),
        advice(references=[("trace number", "771")]),
    ),
    "cheque number in the text": (
        entry(text="CHQ 0004711 ANN"),
        advice(references=[("cheque", "4711")]),
    ),
    "the bank's own": (entry(bank_reference="B-1"), advice(references=[("bank", "B-1")])),
    "less a charge of the bank": (
        entry(9_500, charges_minor=500, bank_reference="B-1"),
        advice(references=[("bank", "B-1")]),
    ),
    "ordered in that amount": (
        entry(
            9_000,
            bank_reference="B-1",
            details=[EntryDetail(instructed=money("100.00", "EUR"))],
        ),
        advice(references=[("bank", "B-1")]),
    ),
}


@pytest.mark.parametrize("how", BY_REFERENCE)
def test_a_reference_with_the_amount_joins(how: str) -> None:
    """A remittance explains the credit that has its reference, and the receipt has its documents."""
    one, said = BY_REFERENCE[how]

    joined = with_advices([one], [said])

    (receipt,) = receipts_from(joined.entries, creditor="MIRA")
    assert receipt.remittance.documents == DOCUMENTS.documents
    assert joined.unused == ()
    assert joined.joins[0].evidence.startswith("reference ")


BY_PAYER = {
    "account": (paid(), advice(payer=Payer(account="fr1420041010"))),
    "name": (paid(Payer(name="ANN, SÀRL.")), advice(payer=Payer(name="Ann Sàrl"))),
    "for whom it was paid": (
        paid(Payer(name="Bank of Bob", ultimate_name="Ann")),
        advice(payer=Payer(name="Ann")),
    ),
}


@pytest.mark.parametrize("how", BY_PAYER)
def test_payer_and_amount_within_days_join(how: str) -> None:
    """Without a reference the payer, the very amount and the days lead to one credit."""
    one, said = BY_PAYER[how]

    joined = with_advices([one], [said])

    assert [join.evidence for join in joined.joins] == ["payer, amount and day"]


LEFT = {
    "another payer": (
        [paid()],
        [advice(payer=Payer(name="Ann Sàrl", account="DE02"))],
        Unused.NO_ENTRY,
    ),
    "no payer": ([entry()], [advice()], Unused.NO_ENTRY),
    "another amount": ([paid()], [advice(9_999, payer=ANN)], Unused.NO_ENTRY),
    "another currency": ([paid()], [advice(payer=ANN, currency="CHF")], Unused.NO_ENTRY),
    "another week": (
        [paid()],
        [advice(payer=ANN, date=DAY + dt.timedelta(days=8))],
        Unused.NO_ENTRY,
    ),
    "pending": ([paid(is_booked=False)], [advice(payer=ANN)], Unused.NO_ENTRY),
    "a debit": ([paid(amount_minor=-10_000)], [advice(payer=ANN)], Unused.NO_ENTRY),
    "two credits": ([paid(), paid(index=2)], [advice(payer=ANN)], Unused.AMBIGUOUS),
    "a reference of another amount": (
        [entry(bank_reference="B-1")],
        [advice(500, references=[("bank", "B-1")])],
        Unused.AMOUNT_DIFFERS,
    ),
    "a rejection": ([paid()], [advice(kind=AdviceKind.REJECTION)], Unused.NOTHING_MOVED),
    "a state": ([paid()], [advice(kind=AdviceKind.STATUS)], Unused.NOTHING_MOVED),
    "a change": ([paid()], [advice(0, kind=AdviceKind.CHANGE)], Unused.NOTHING_MOVED),
    "an account of ours that it is not": (
        [paid(), paid(Payer(name="Bob"), account="CH93")],
        [advice(payer=ANN, account="CH93")],
        Unused.NO_ENTRY,
    ),
    "a deposit of a named payer": ([paid()], [advice(kind=AdviceKind.DEPOSIT)], Unused.NO_ENTRY),
    "a deposit of nothing": (
        [entry(0)],
        [
            advice(5, kind=AdviceKind.DEPOSIT),
            advice(-5, index=1, kind=AdviceKind.DEPOSIT),
        ],
        Unused.NO_ENTRY,
    ),
}


@pytest.mark.parametrize("why", LEFT)
def test_what_is_left(why: str) -> None:
    """Where it may be another one nothing is joined, and the reason is said."""
    entries, advices, reason = LEFT[why]

    joined = with_advices(entries, advices)

    assert joined.entries == tuple(entries)
    assert set(reasons(joined)) == {reason}


def test_two_advices_for_one_credit_are_left() -> None:
    """Of two advices that fit one credit as well, neither explains it."""
    joined = with_advices([paid()], [advice(payer=ANN), advice(payer=ANN, index=1)])

    assert reasons(joined) == [Unused.AMBIGUOUS, Unused.AMBIGUOUS]


def test_a_reference_decides_between_equal_amounts() -> None:
    """What a reference joins is no longer there for the payer and the amount."""
    entries = [paid(index=1), paid(index=2, bank_reference="B-2")]
    advices = [advice(payer=ANN), advice(payer=ANN, index=1, references=[("bank", "B-2")])]

    joined = with_advices(entries, advices)

    assert [(join.entry, join.advices[0].index) for join in joined.joins] == [(0, 0), (1, 1)]


def test_an_advice_read_twice_is_joined_once() -> None:
    """The same file again says nothing new."""
    said = advice(payer=ANN)

    joined = with_advices([paid()], [said, attrs.evolve(said, source=Place("again.csv"))])

    assert len(joined.joins) == 1
    assert reasons(joined) == [Unused.DUPLICATE]


def cheques(*amounts: int, **more: Any) -> list[PaymentAdvice]:
    return [
        advice(
            minor,
            kind=AdviceKind.DEPOSIT,
            index=index,
            payer=Payer(name=f"Payer {index}"),
            references=[("cheque", f"90{index}")],
            method=ReceiptMethod.CHEQUE,
            **more,
        )
        for index, minor in enumerate(amounts)
    ]


def test_the_cheques_of_a_deposit_are_receipts_of_their_own() -> None:
    """The one credit of their sum has a transaction for each cheque, and is of cheques."""
    joined = with_advices([entry(text="DEPOSIT"), entry(7)], cheques(6_000, 4_000))

    found = list(receipts_from(joined.entries, creditor="MIRA"))
    assert [(each.payer.name, each.amount, each.method) for each in found[:2]] == [
        ("Payer 0", money("60.00", "EUR"), ReceiptMethod.CHEQUE),
        ("Payer 1", money("40.00", "EUR"), ReceiptMethod.CHEQUE),
    ]
    assert joined.joins[0].evidence == "sum of 2 in batch 1"


def test_batches_of_one_name_in_two_files_are_two() -> None:
    """Banks number their batches from one in every file."""
    first = cheques(6_000, 4_000, source=Place("a.txt"))
    second = cheques(1_000, 2_000, source=Place("b.txt"))

    joined = with_advices([entry(3_000), entry(10_000, index=2)], [*first, *second])

    assert [(join.entry, len(join.advices)) for join in joined.joins] == [(0, 2), (1, 2)]


def test_two_deposits_of_one_sum_are_left() -> None:
    """Where two batches fit one credit, or one batch two, nobody knows which it was."""
    two = with_advices([entry()], [*cheques(10_000), *cheques(6_000, 4_000, batch="2")])
    one = with_advices([entry(), entry(index=2)], cheques(6_000, 4_000))

    assert two.joins == one.joins == ()


def back(amount_minor: int, index: int = 0, **more: Any) -> PaymentAdvice:
    facts = {
        "kind": AdviceKind.RETURN,
        "returned": ReturnInfo(code="R01"),
        "return_scheme": "nacha",
        "index": index,
    }
    return advice(amount_minor, **{**facts, **more})


def test_returns_explain_the_debit_of_their_sum() -> None:
    """A debit of several returns has a transaction for each, with the code and its scheme."""
    joined = with_advices([entry(-10_000)], [back(6_000), back(4_000, 1)])

    (debit,) = joined.entries
    assert debit.is_return
    assert [detail.amount_minor for detail in debit.details] == [-6_000, -4_000]
    assert debit.details[0].returned == ReturnInfo(code="R01", scheme="nacha")


def test_returns_explain_a_debit_each() -> None:
    """Where the bank books them one by one, each is joined to the debit of its amount."""
    joined = with_advices([entry(-4_000), entry(-6_000, index=2)], [back(6_000), back(4_000, 1)])

    assert [(join.entry, join.advices[0].index) for join in joined.joins] == [(0, 1), (1, 0)]
    assert all(each.is_return for each in joined.entries)


def test_a_debit_of_a_named_other_is_no_return() -> None:
    """What we paid to somebody else is not what came back from this payer."""
    supplier = paid(Payer(account="DE02"), -10_000)

    joined = with_advices([supplier], [back(10_000, payer=Payer(account="FR14"))])

    assert reasons(joined) == [Unused.NO_ENTRY]


def test_the_words_of_the_bank_stand() -> None:
    """An advice adds to what the bank says, and changes nothing of it."""
    told = EntryDetail(
        payer=Payer(account="FR14"),
        remittance=Remittance(end_to_end="E-7", text=["RENT"], references=["RF18"]),
    )
    said = advice(
        payer=Payer(name="Ann", account="FR14"),
        remittance=attrs.evolve(DOCUMENTS, text=["OCTOBER", "RENT"], end_to_end="OTHER"),
        references=[("trace", "1")],
    )

    ((detail,),) = (one.details for one in with_advices([entry(details=[told])], [said]).entries)

    assert detail.payer == Payer(name="Ann", account="FR14")
    assert detail.remittance.text == ("RENT", "OCTOBER")
    assert (detail.remittance.end_to_end, detail.remittance.references) == ("E-7", ("RF18",))
    assert detail.references == (("trace", "1"),)


def test_what_is_recorded_is_not_made_anew() -> None:
    """An entry that is on the ledger stays as it is, and the advice is left."""
    joined = with_advices([paid()], [advice(payer=ANN)], settled=lambda _entry: True)

    assert joined.entries == (paid(),)
    assert reasons(joined) == [Unused.NO_ENTRY]


def test_days_are_a_policy() -> None:
    """How far an entry may be from its advice can be said."""
    late = advice(payer=ANN, date=DAY + dt.timedelta(days=8))

    assert with_advices([paid()], [late], policy=JoiningPolicy(days_max=8)).joins


def test_a_joined_receipt_keeps_its_name() -> None:
    """With an advice or without one, and beside one that looks the same, the names are the same."""
    entries = [paid(), paid(index=2), paid(Payer(name="Bob"), 500, index=3)]
    before = [each.receipt for each in receipts_from(entries, creditor="MIRA")]
    advices = [advice(500, payer=Payer(name="Bob"))]
    same = [attrs.evolve(entries[0], text="A"), attrs.evolve(entries[1], text="A")]

    after = with_advices(entries, advices).entries
    twins = with_advices([*same, entries[2]], [*advices, advice(references=[("r", "A")])]).entries

    assert [each.receipt for each in receipts_from(after, creditor="MIRA")] == before
    assert len({each.receipt for each in receipts_from(twins, creditor="MIRA")}) == 3


AMOUNTS = st.sampled_from([100, 200, 300])
ENTRIES = st.lists(
    st.builds(
        paid,
        st.sampled_from([ANN, Payer(name="Bob"), Payer()]),
        AMOUNTS,
        bank_reference=st.sampled_from(["", "B-1", "B-2"]),
    ),
    max_size=6,
)
ADVICES = st.lists(
    st.builds(
        advice,
        AMOUNTS,
        payer=st.sampled_from([ANN, Payer(name="Bob"), Payer()]),
        kind=st.sampled_from([AdviceKind.REMITTANCE, AdviceKind.DEPOSIT, AdviceKind.RETURN]),
        references=st.sampled_from([[], [("bank", "B-1")], [("bank", "B-2")]]),
        index=st.integers(0, 3),
    ),
    max_size=6,
)


@given(ENTRIES, ADVICES)
def test_nothing_is_joined_twice_and_nothing_is_lost(
    entries: list[BankEntry], advices: list[PaymentAdvice]
) -> None:
    """Each advice is joined once or left with a reason, each entry once at most, and no cent moves."""
    joined = with_advices(entries, advices)
    used = [each for join in joined.joins for each in join.advices]

    assert Counter(used) + Counter(each.advice for each in joined.unused) == Counter(advices)
    assert max(Counter(join.entry for join in joined.joins).values(), default=1) == 1
    assert [one.amount_minor for one in joined.entries] == [one.amount_minor for one in entries]
    for join in joined.joins:
        details = joined.entries[join.entry].details
        sums = {sum(detail.amount_minor or 0 for detail in details), 0}
        assert len(details) == 1 or entries[join.entry].amount_minor in sums
