"""Laws of the checks: refused stays refused until its end, calls only ever speak against more calls."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import given
from hypothesis import strategies as st

from receivables.casework import ContactNote
from receivables.conduct import check, contacts_in
from receivables.ledger.casework import ContactLogged, ContactWithdrawn

from .worlds import AGREED, an_american, logged, planned

START = dt.date(2026, 4, 1)
_DAYS = st.integers(0, 20).map(lambda offset: START + dt.timedelta(days=offset))
_ITEMS = st.lists(st.sampled_from(["F-1", "F-2"]), unique=True, max_size=2)
_OUTCOMES = st.sampled_from(
    ["reached", "message-left", "no-answer", "not-connected", "wrong-person"]
)


@st.composite
def logs(draw, outcomes=_OUTCOMES, max_size=12):
    """A log of calls, some of them with a consent."""
    found = []
    for number in range(draw(st.integers(0, max_size))):
        on = draw(_DAYS)
        consent = draw(st.none() | st.integers(0, 9))
        more = (
            {}
            if consent is None
            else {
                "wishes": ["call-back"],
                "consent_until": on + dt.timedelta(days=consent),
            }
        )
        found.append(
            logged(
                on,
                f"K-{number}",
                items=draw(_ITEMS),
                outcome=draw(outcomes),
                direction=draw(st.sampled_from(["outbound", "inbound"])),
                local_time=draw(st.sampled_from(["", "09:15", "16:40"])),
                **more,
            )
        )
    return found


_PLANNED = st.builds(
    planned,
    _DAYS,
    items=_ITEMS,
    local_time=st.sampled_from(["", "07:10", "08:00", "12:00", "21:00", "21:01"]),
)


def _ask(contact, history):
    return check(contact, history=history, customer=an_american(), facts=AGREED)


def _at(contact, moment):
    return attrs.evolve(contact, on=moment.on, local_time=moment.local_time)


@given(contact=_PLANNED, history=logs())
def test_a_refused_call_is_allowed_at_its_end(contact, history):
    """If nothing else happens, the moment named is allowed."""
    history = [one for one in history if one.on <= contact.on]
    found = _ask(contact, history)

    if not found.allowed:
        assert found.until is not None
        assert _ask(_at(contact, found.until), history).allowed


@given(contact=_PLANNED, history=logs(), offset=st.integers(0, 7), time=st.integers(0, 1439))
def test_a_refused_call_stays_refused_until_its_end(contact, history, offset, time):
    """No moment between the call and its end is allowed."""
    history = [one for one in history if one.on <= contact.on]
    found = _ask(contact, history)
    between = attrs.evolve(
        contact,
        on=contact.on + dt.timedelta(days=offset),
        local_time=contact.local_time and f"{time // 60:02d}:{time % 60:02d}",
    )
    moment, start = ((one.on, one.local_time) for one in (between, contact))

    if not found.allowed and start <= moment < (found.until.on, found.until.local_time):
        assert not _ask(between, history).allowed


@given(contact=_PLANNED, history=logs(), on=_DAYS, items=_ITEMS, outcome=_OUTCOMES)
def test_one_more_call_never_allows(contact, history, on, items, outcome):
    """A call that is added without a consent can only speak against the next one."""
    more = [*history, logged(on, "K-more", items=items, outcome=outcome)]

    assert _ask(contact, history).allowed or not _ask(contact, more).allowed


@given(contact=_PLANNED, history=logs(), days=st.lists(_DAYS, max_size=9))
def test_what_was_not_connected_never_counts(contact, history, days):
    """Busy signals change no answer."""
    busy = [
        logged(on, f"K-busy-{number}", outcome="not-connected") for number, on in enumerate(days)
    ]

    before, after = _ask(contact, history), _ask(contact, [*history, *busy])

    assert (before.allowed, before.until) == (after.allowed, after.until)


@given(contact=_PLANNED, history=logs(), gone=logs())
def test_what_was_withdrawn_never_counts(contact, history, gone):
    """A log with notes that were withdrawn is the log without them."""
    wrong = [
        attrs.evolve(one, note=attrs.evolve(one.note, contact=f"W-{one.note.contact}"))
        for one in gone
    ]
    moment = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    said = [_event(one, moment) for one in (*history, *wrong)]
    taken_back = [
        ContactWithdrawn(
            event=f"w:{one.note.contact}",
            effective_on=one.on,
            recorded_at=moment,
            creditor="MIRA",
            customer="C-017",
            contact=one.note.contact,
        )
        for one in wrong
    ]

    log = contacts_in([*said, *taken_back])

    assert {one.note.contact for one in history} == {one.note.contact for one in log}
    assert _ask(contact, contacts_in(map(_told(moment), history))) == _ask(contact, log)


def _told(moment):
    return lambda one: _event(one, moment)


def _event(one, moment):
    return ContactLogged(
        event=f"contact:{one.note.contact}",
        effective_on=one.on,
        recorded_at=moment,
        creditor="MIRA",
        contact=one.note,
    )


@given(contact=_PLANNED, history=logs(), data=st.data())
def test_the_answer_depends_on_the_arguments_alone(contact, history, data):
    """Asked again, or with a log in another order where times are known, it is the same."""
    timed = [attrs.evolve(one, note=_timed(one.note, number)) for number, one in enumerate(history)]
    shuffled = data.draw(st.permutations(timed))

    assert _ask(contact, timed) == _ask(contact, timed) == _ask(contact, shuffled)


def _timed(note: ContactNote, number: int) -> ContactNote:
    return attrs.evolve(note, local_time=f"09:{number:02d}")
