"""Who does what today: within capacity, once, and fairly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.collection import (
    Barred,
    Capacity,
    LeftReason,
    WorkLine,
    WorkReason,
    WorkReasonKind,
    assign,
)
from receivables.errors import PolicyError

REASON = WorkReason(kind=WorkReasonKind.AGE, points=5, days=3)


def line(customer, *, place=1, minutes=10, role="collector", person="", barred=None):
    """A line of a list."""
    return WorkLine(
        customer=customer,
        place=place,
        reasons=[REASON],
        role=role,
        person=person,
        minutes=minutes,
        barred=barred,
    )


def given_to(found):
    """Who does whom."""
    return [(one.line.customer, one.person) for one in found.given]


def left_of(found):
    """Who is left, and why."""
    return [(one.line.customer, one.reason.value) for one in found.left]


def test_the_owner_does_its_own():
    """Whoever looks after a customer is asked first, and only as far as the minutes go."""
    lines = [line(f"C-{n}", person="j.roy") for n in range(1, 4)]

    found = assign(lines, [Capacity(person="j.roy", minutes=25), Capacity(person="m.diaz")])

    assert [("C-1", "j.roy"), ("C-2", "j.roy")] == given_to(found)
    assert [("C-3", "capacity")] == left_of(found)


def test_calls_are_counted_apart_from_minutes():
    """So many calls, however short they are."""
    lines = [line(f"C-{n}", minutes=1) for n in range(1, 4)]

    found = assign(lines, [Capacity(person="j.roy", calls=2)])

    assert ["C-1", "C-2"] == [one.customer for one in found.of("j.roy")]
    assert {"j.roy": 2} == found.minutes


def test_a_shorter_line_may_fit_where_a_longer_did_not():
    """The time of the day is used."""
    lines = [line("C-1", minutes=20), line("C-2", minutes=20), line("C-3", minutes=5)]

    found = assign(lines, [Capacity(person="j.roy", minutes=30)])

    assert ["C-1", "C-3"] == [one.line.customer for one in found.given]


def test_lines_of_nobody_are_shared_by_time():
    """Whoever has half the time is given half as much; the name decides last."""
    lines = [line(f"C-{n}") for n in range(1, 7)]
    people = [Capacity(person="b", minutes=240), Capacity(person="a", minutes=480)]

    found = assign(lines, people)

    assert {"a": 40, "b": 20} == found.minutes
    assert ("C-1", "a") == given_to(found)[0]


def test_somebody_stands_in():
    """Unless nobody may."""
    lines = [line("C-1", person="away")]
    people = [Capacity(person="j.roy")]

    found = assign(lines, people)

    assert [("C-1", "j.roy", True)] == [
        (one.line.customer, one.person, one.stands_in) for one in found.given
    ]
    assert [("C-1", "nobody")] == left_of(assign(lines, people, stand_ins=False))


def test_a_role_without_people_is_left():
    """A technician's line is not a collector's."""
    lines = [line("C-1", role="technician"), line("C-2")]

    found = assign(lines, [Capacity(person="j.roy")])

    assert [("C-1", "nobody")] == left_of(found)
    assert [("C-2", "j.roy")] == given_to(found)


def test_who_may_not_be_contacted_is_left():
    """It costs nobody any time."""
    barred = line("C-1", barred=Barred(reason="lawyer"))

    assert [("C-1", "barred")] == left_of(assign([barred], [Capacity(person="j.roy")]))


REFUSED = [
    ({"person": ""}, "person must be named"),
    ({"person": "a", "minutes": -1}, "minutes of a must be 0 to 1440"),
    ({"person": "a", "minutes": 1_441}, "minutes of a must be 0 to 1440"),
    ({"person": "a", "calls": -1}, "calls of a must be 0 or more"),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED)
def test_an_impossible_capacity_is_refused(fields, words):
    """A day has 1,440 minutes."""
    with pytest.raises(PolicyError, match=words):
        Capacity(**fields)


def test_a_capacity_is_given_once():
    """Two for one person in one role contradict each other."""
    with pytest.raises(PolicyError, match="capacity of a as collector must be given once"):
        assign([], [Capacity(person="a"), Capacity(person="a", minutes=5)])


LINES = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.sampled_from(["collector", "technician"]),
        st.sampled_from(["", "a", "b", "away"]),
        st.booleans(),
    ),
    max_size=12,
).map(
    lambda drawn: [
        line(
            f"C-{place}",
            place=place,
            minutes=minutes,
            role=role,
            person=person,
            barred=Barred(reason="x") if barred else None,
        )
        for place, (minutes, role, person, barred) in enumerate(drawn, start=1)
    ]
)
PEOPLE = st.lists(
    st.builds(
        Capacity,
        person=st.sampled_from(["a", "b", "c"]),
        role=st.sampled_from(["collector", "technician"]),
        minutes=st.integers(0, 90),
        calls=st.none() | st.integers(0, 4),
    ),
    max_size=4,
    unique_by=lambda one: (one.person, one.role),
)


@given(lines=LINES, people=PEOPLE, stand_ins=st.booleans())
def test_no_capacity_is_exceeded(lines, people, stand_ins):
    """Neither minutes nor calls, of anybody in any role."""
    found = assign(lines, people, stand_ins=stand_ins)

    for one in people:
        given = [
            each.line
            for each in found.given
            if each.person == one.person and each.line.role == one.role
        ]
        assert sum(each.minutes for each in given) <= one.minutes
        assert one.calls is None or len(given) <= one.calls


@given(lines=LINES, people=PEOPLE, stand_ins=st.booleans())
def test_every_line_is_once_somewhere(lines, people, stand_ins):
    """What is given and what is left make up the list, nobody twice, each in the list's order."""
    found = assign(lines, people, stand_ins=stand_ins)

    given = [one.line for one in found.given]
    left = [one.line for one in found.left]
    assert sorted([*given, *left], key=lambda one: one.place) == lines
    assert given == sorted(given, key=lambda one: one.place)
    assert left == sorted(left, key=lambda one: one.place)


@given(lines=LINES, people=PEOPLE)
def test_the_order_of_the_people_does_not_matter(lines, people):
    """The same day is shared in the same way."""
    assert assign(lines, people) == assign(lines, list(reversed(people)))


@given(lines=LINES, people=PEOPLE)
def test_who_is_left_for_capacity_fits_nowhere(lines, people):
    """Of those who could do it, nobody has the time."""
    found = assign(lines, people)
    free = {(one.person, one.role): one.minutes for one in people}
    calls = {(one.person, one.role): one.calls for one in people}
    for one in found.given:
        key = (one.person, one.line.role)
        free[key] -= one.line.minutes
        calls[key] = None if calls[key] is None else calls[key] - 1

    for one in found.left:
        if one.reason is LeftReason.CAPACITY:
            own = (one.line.person, one.line.role)
            keys = [own] if own in free else [key for key in free if key[1] == one.line.role]
            assert all(free[key] < one.line.minutes or calls[key] == 0 for key in keys)
