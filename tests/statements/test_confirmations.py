"""Balance confirmations: what is asked, what came back, and where the two lists differ."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.errors import DocumentError, PolicyError, UnknownCurrencyError
from receivables.money import from_minor, money
from receivables.statements import (
    BalanceConfirmation,
    ConfirmationCause,
    ConfirmationForm,
    ConfirmationOutcome,
    ConfirmationReply,
    ReplyItem,
    ReplyTo,
    balance_confirmation,
    compare_reply,
    statement_of_account,
)

from .worlds import World, day

_AS_OF = day(12, 31)
_AUDITOR = ReplyTo(name="Audit & Cie", email="confirm@audit.example")


def _world():
    world = World().invoice("FA-2026-0117", "100").invoice("FA-2026-0118", "50")
    return world.invoice("US-1", "70", currency="USD")


def _asked(world=None, **more):
    ledger = (world or _world()).ledger
    return balance_confirmation(ledger, "MIRA", "C-1", as_of=_AS_OF, reply_to=_AUDITOR, **more)


def _reply(**said):
    items = [
        item if isinstance(item, ReplyItem) else ReplyItem(document=item[0], amount=item[1])
        for item in said.pop("items", ())
    ]
    return ConfirmationReply(
        creditor="MIRA",
        customer="C-1",
        as_of=_AS_OF,
        received_on=day(1, 20, 2027),
        items=items,
        **said,
    )


def _compared(reply, *, currency="EUR", world=None, form=ConfirmationForm.POSITIVE, **more):
    result = compare_reply(_asked(world, form=form), reply, **more)
    return next(balance for balance in result.balances if balance.currency == currency)


def _told(balance):
    return [(each.cause.value, each.document, each.amount_minor) for each in balance.differences]


def test_balances_are_asked_for_by_currency():
    """A confirmation has a balance per currency, and the open items behind it."""
    asked = _asked()

    assert dict(asked.balances) == {"EUR": 15_000, "USD": 7_000}
    assert [each.item.item for each in asked.statement.parts[0].items] == [
        "FA-2026-0117",
        "FA-2026-0118",
    ]
    assert (asked.creditor, asked.customer, asked.as_of) == ("MIRA", "C-1", _AS_OF)


def test_an_empty_account_can_be_confirmed():
    """That nothing is owed is a balance too."""
    assert dict(_asked(World(), currencies=["EUR"]).balances) == {"EUR": 0}


def test_a_tick_agrees_with_every_balance():
    """Who agrees without a figure agrees with ours."""
    result = compare_reply(_asked(), _reply(agrees=True))

    assert result.outcome is ConfirmationOutcome.AGREED
    assert [balance.difference_minor for balance in result.balances] == [0, 0]


def test_a_figure_counts_more_than_a_tick():
    """A balance that differs is a difference, whatever box was ticked."""
    balance = _compared(_reply(agrees=True, balances=[money("140", "EUR")]))

    assert balance.outcome is ConfirmationOutcome.DIFFERENT
    assert _told(balance) == [("unknown", "", 1_000)]


def test_a_refusal_without_figures_is_a_difference_of_unknown_size():
    """Who disagrees and does not say by how much leaves the difference open."""
    balance = _compared(_reply(agrees=False))

    assert (balance.outcome, balance.their_minor) == (ConfirmationOutcome.DIFFERENT, None)
    assert balance.difference_minor is None


@pytest.mark.parametrize("form", ConfirmationForm)
def test_silence_is_no_agreement(form):
    """No reply is no answer, on the negative form as well."""
    assert _compared(None, form=form).outcome is ConfirmationOutcome.UNANSWERED
    assert _compared(_reply(), form=form).outcome is ConfirmationOutcome.UNANSWERED


def test_a_tick_on_a_blank_form_says_nothing():
    """There was no amount to agree with, so that only a figure is an answer."""
    ticked = _reply(agrees=True)
    filled = _reply(balances=[money("150", "EUR")])

    assert _compared(ticked, form=ConfirmationForm.BLANK).outcome is ConfirmationOutcome.UNANSWERED
    assert _compared(filled, form=ConfirmationForm.BLANK).outcome is ConfirmationOutcome.AGREED


def test_a_list_is_a_balance():
    """Who sends a list only states its sum."""
    reply = _reply(items=[("FA-2026-0117", money("100", "EUR")), ("0118", money("50", "EUR"))])

    assert reply.balances_minor == {"EUR": 15_000}


def test_documents_are_found_however_they_are_written():
    """Prefixes, blanks and signs do not part two names of one document."""
    reply = _reply(items=[("fa 2026 0117", money("100", "EUR")), ("2026-0118", money("50", "EUR"))])
    balance = _compared(reply)

    assert (balance.outcome, balance.differences) == (ConfirmationOutcome.AGREED, ())


def test_each_difference_has_its_document_and_cause():
    """Missing there, missing here, another amount, another currency: each by itself."""
    reply = _reply(
        items=[
            ("FA-2026-0118", money("45", "EUR")),
            ("US-1", money("65", "EUR")),
            ("X-9", money("5", "EUR")),
        ],
        balances=[money("112", "EUR")],
    )
    balance = _compared(reply)

    assert _told(balance) == [
        ("missing-there", "FA-2026-0117", 10_000),
        ("amount", "FA-2026-0118", 500),
        ("currency", "US-1", -6_500),
        ("missing-here", "X-9", -500),
        ("unknown", "", 300),
    ]
    assert sum(each.amount_minor for each in balance.differences) == balance.difference_minor


def test_two_rows_of_one_document_are_added():
    """A document that the customer lists in parts is compared as a whole."""
    reply = _reply(
        items=[
            ("FA-2026-0117", money("60", "EUR")),
            ("FA-2026-0117", money("40", "EUR")),
            ("FA-2026-0118", money("50", "EUR")),
        ]
    )

    assert _compared(reply).outcome is ConfirmationOutcome.AGREED


def test_a_name_that_fits_two_documents_fits_none():
    """Which of two documents is meant is never guessed."""
    world = World().invoice("A-17", "10").invoice("B-17", "10")
    balance = _compared(_reply(items=[("17", money("10", "EUR"))]), world=world)

    assert [cause for cause, *_ in _told(balance)] == [
        "missing-there",
        "missing-there",
        "missing-here",
    ]


def _settled_since():
    world = _world().receipt("R-1", "100", day(1, 4, 2027))
    return world.apply("A-1", {"FA-2026-0117": 10_000, "R-1": -10_000}, day(1, 4, 2027))


def test_what_they_paid_before_we_received_it_is_timing():
    """An item that they do not list, because they had paid it, is settled on the later day."""
    world = _settled_since()
    reply = _reply(items=[("FA-2026-0118", money("50", "EUR"))])
    until = day(1, 31, 2027)

    assert _told(_compared(reply, world=world)) == [("missing-there", "FA-2026-0117", 10_000)]
    assert _told(_compared(reply, world=world, ledger=world.ledger, until=until)) == [
        ("timing", "FA-2026-0117", 10_000)
    ]


def test_a_payment_that_they_list_is_timing_once_it_came():
    """Money that they booked in December and we in January is the same money."""
    world = _world().receipt("R-1", "30", day(1, 4, 2027)).invoice("NEW-7", "9", day(1, 5, 2027))
    reply = _reply(
        items=[
            ("FA-2026-0117", money("100", "EUR")),
            ("FA-2026-0118", money("50", "EUR")),
            ("payment", money("-30", "EUR")),
            ("NEW-7", money("9", "EUR")),
            ("NEW-8", money("9", "EUR")),
        ]
    )
    balance = _compared(reply, world=world, ledger=world.ledger, until=day(1, 31, 2027))

    assert _told(balance) == [
        ("timing", "payment", 3_000),
        ("timing", "NEW-7", -900),
        ("missing-here", "NEW-8", -900),
    ]


@given(
    listed=st.lists(
        st.tuples(
            st.sampled_from(["FA-2026-0117", "FA-2026-0118", "US-1", "X-1", "0117", ""]),
            st.integers(-20_000, 20_000),
            st.sampled_from(["EUR", "USD"]),
        ),
        max_size=6,
    ),
    stated=st.dictionaries(st.sampled_from(["EUR", "USD", "GBP"]), st.integers(-20_000, 20_000)),
    agrees=st.sampled_from([None, True, False]),
)
def test_differences_always_add_up(listed, stated, agrees):
    """Whatever came back, what is told explains ours less theirs, and no difference is left out."""
    reply = _reply(
        agrees=agrees,
        items=[(name, from_minor(minor, code)) for name, minor, code in listed],
        balances=[from_minor(minor, code) for code, minor in stated.items()],
    )
    result = compare_reply(_asked(), reply)

    for balance in result.balances:
        found = sum(each.amount_minor for each in balance.differences)
        if balance.their_minor is not None:
            assert found == balance.difference_minor
        agreed = balance.outcome is ConfirmationOutcome.AGREED
        assert agreed == (balance.their_minor == balance.our_minor)
    assert {balance.currency for balance in result.balances} >= {"EUR", "USD", *stated}


_REFUSED = {
    "answer before the day": ({"reply_by": _AS_OF}, PolicyError, "reply_by must be after"),
    "answer at a moment": (
        {"reply_by": dt.datetime(2027, 1, 1, tzinfo=dt.UTC)},
        PolicyError,
        "reply_by must be a date",
    ),
    "no currency": ({"currencies": ["XXQ"]}, UnknownCurrencyError, "currency must be"),
}


@pytest.mark.parametrize(("asked", "error", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_confirmation_is_refused(asked, error, reason):
    """What cannot be asked is refused, with the reason."""
    with pytest.raises(error, match=reason):
        _asked(**asked)


def test_a_running_balance_is_no_list_of_open_items():
    """A confirmation stands on open items."""
    statement = statement_of_account(_world().ledger, "MIRA", "C-1", as_of=_AS_OF, since=day(1))

    with pytest.raises(DocumentError, match="statement must be of open items, got a running"):
        BalanceConfirmation(statement=statement, form=ConfirmationForm.POSITIVE, reply_to=_AUDITOR)


@pytest.mark.parametrize(
    "change", [{"customer": "C-2"}, {"creditor": "OTHER"}, {"as_of": day(11, 30)}]
)
def test_reply_of_another_account_is_refused(change):
    """A reply is compared with what was asked, and with nothing else."""
    with pytest.raises(DocumentError, match="reply must be of MIRA C-1 2026-12-31"):
        compare_reply(_asked(), attrs.evolve(_reply(), **change))


def test_two_balances_in_one_currency_are_refused():
    """Which of two figures counts is never a matter of luck."""
    with pytest.raises(DocumentError, match="balances must be one per currency"):
        _reply(balances=[money("1", "EUR"), money("2", "EUR")])


@pytest.mark.parametrize("until", [None, _AS_OF])
def test_a_later_look_needs_a_later_day(until):
    """Timing is told by a day after the balance, or not at all."""
    with pytest.raises(PolicyError, match="until must be a day after"):
        compare_reply(_asked(), _reply(), ledger=_world().ledger, until=until)


def test_the_worst_balance_is_the_outcome():
    """One balance that differs, or that was not answered, is the outcome of the whole."""
    agreed = compare_reply(_asked(), _reply(balances=[money("150", "EUR"), money("70", "USD")]))
    half = compare_reply(_asked(), _reply(balances=[money("150", "EUR")]))
    wrong = compare_reply(_asked(), _reply(balances=[money("1", "EUR")]))

    assert [each.outcome for each in (agreed, half, wrong)] == [
        ConfirmationOutcome.AGREED,
        ConfirmationOutcome.UNANSWERED,
        ConfirmationOutcome.DIFFERENT,
    ]
    assert ConfirmationCause.UNKNOWN in {each.cause for each in wrong.balances[0].differences}
