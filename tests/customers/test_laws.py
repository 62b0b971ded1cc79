"""Laws of registers: what was known stays known, nobody decides alone, nothing is lost on the way."""

import datetime as dt
import json

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.customers import (
    ChangePolicy,
    CustomerRegister,
    DataSubject,
    ProposalState,
    find_person,
    from_plain,
    mask_person,
    to_plain,
)
from receivables.errors import EventError
from receivables.parties import Address, Contact, Customer, Identifier

_SETTINGS = settings(max_examples=30)
_START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
_PEOPLE = ("L. Roy", "l. roy", "A. Ito", "Ana Díaz", "ANA DIAZ")
_DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31))
_TEXTS = st.sampled_from(["", "Ana Díaz", "díaz, ana", "net 30", "Zoé", "call ANA DIAZ now", "x@y"])
_CONTACTS = st.builds(
    Contact,
    name=st.sampled_from(["Ana Díaz", "Accounts payable", "Zoé Roy"]),
    email=st.sampled_from(["", "ana@norte.example", "ap@norte.example"]),
    phone=st.sampled_from(["", "+34 600 123 456", "600123456"]),
)
_CUSTOMERS = st.builds(
    Customer,
    customer=st.sampled_from(["C-1", "C-2", "C-3"]),
    name=st.sampled_from(["Norte SL", "Ana Díaz", "Roy SARL"]),
    address=st.builds(Address, lines=st.tuples(_TEXTS), city=_TEXTS),
    contacts=st.lists(_CONTACTS, max_size=2),
    identifiers=st.lists(st.just(Identifier("es.nif", "54362315K")), max_size=1),
    ibans=st.lists(st.sampled_from(["ES9121000418450200051332"]), max_size=1),
    aliases=st.lists(_TEXTS, max_size=2),
    terms=_TEXTS,
    is_consumer=st.booleans(),
    owners=st.lists(st.tuples(st.just("collector"), _TEXTS), max_size=1),
)
_STEPS = st.lists(
    st.tuples(
        _CUSTOMERS,
        _DAYS,
        st.sampled_from(["take", "propose", "decide", "decide", "reject"]),
        st.sampled_from(_PEOPLE),
        _TEXTS,
    ),
    max_size=12,
)


def _grown(steps):
    """The registers of a history, each one step further; steps that are refused are left out."""
    register = CustomerRegister(policy=ChangePolicy(evidence_for=[]))
    yield register
    for number, (customer, day, verb, by, text) in enumerate(steps, start=1):
        at = _START + dt.timedelta(minutes=number)
        names = [entry.proposal.proposal for entry in register.entries if hasattr(entry, "needed")]
        name = names[-1] if names else "none"
        try:
            if verb == "take":
                register = register.take_over([customer], on=day, at=at, by=by, source=f"s {text}")
            elif verb == "propose":
                made = register.proposed(
                    customer, proposal=f"P-{number}", by=by, why=f"w {text}", on=day, at=at
                )
                register = register.propose(made)
            elif verb == "decide":
                register = register.approve(name, by=by, at=at, note=text)
            else:
                register = register.reject(name, by=by, at=at, why=f"r {text}")
        except (EventError, ValueError):
            continue
        yield register


@_SETTINGS
@given(_STEPS, _DAYS)
def test_what_was_known_stays_known(steps, day):
    """Whatever is recorded later, a register says of a moment what it said at that moment."""
    registers = list(_grown(steps))
    last = registers[-1]

    for register in registers[1:]:
        known_at = register.entries[-1].at
        assert last.customers(as_of=day, known_at=known_at) == register.customers(as_of=day)
        for customer in ("C-1", "C-2", "C-3"):
            assert last.history(customer, known_at=known_at) == register.history(customer)


@_SETTINGS
@given(_STEPS)
def test_nobody_decides_alone(steps):
    """What was approved was approved by as many different people as it needs, its author not among them."""
    *_, register = _grown(steps)

    for entry in register.entries:
        if hasattr(entry, "needed"):
            standing = register.standing(entry.proposal.proposal)
            people = {name.casefold().replace("í", "i") for name in standing.approved_by}
            assert entry.proposal.by.casefold().replace("í", "i") not in people
            is_done = standing.state is ProposalState.APPROVED
            assert is_done == (len(people) >= entry.needed)


@_SETTINGS
@given(_STEPS)
def test_the_plain_form_loses_nothing(steps):
    """Through JSON and back, a register is the same, and every rule has been checked again."""
    *_, register = _grown(steps)

    assert from_plain(json.loads(json.dumps(to_plain(register)))) == register


@_SETTINGS
@given(
    _STEPS,
    st.builds(
        DataSubject,
        names=st.lists(
            st.sampled_from(["Ana Diaz", "DÍAZ Ana", "Zoe Roy"]), min_size=1, max_size=2
        ),
        emails=st.lists(st.just("ana@norte.example"), max_size=1),
        phones=st.lists(st.just("0034 600 123 456"), max_size=1),
        customers=st.lists(st.sampled_from(["C-1", "C-2"]), max_size=2, unique=True),
    ),
)
def test_masking_leaves_nothing_that_can_be_found(steps, subject):
    """A person who was masked is nowhere, and who changed what when is where it was."""
    *_, register = _grown(steps)
    masked = mask_person(
        register, subject, by="A. Ito", at=_START + dt.timedelta(days=1), why="asked for"
    )

    assert find_person(subject, register=masked) == ()
    assert from_plain(to_plain(masked)) == masked
    for customer in ("C-1", "C-2", "C-3"):
        before = [_trail(one) for one in register.history(customer)]
        after = [_trail(one) for one in masked.history(customer) if one.field != "masked"]
        assert after == before


def _trail(line):
    return (line.effective_on, line.recorded_at, line.by, line.approved_by, line.proposal)


@_SETTINGS
@given(_STEPS)
def test_masking_nobody_changes_nothing(steps):
    """A person who is not there leaves the register as it is."""
    *_, register = _grown(steps)
    nobody = DataSubject(names=["Nobody Atall"], emails=["nobody@example.com"])

    assert mask_person(register, nobody, by="x", at=_START, why="y") is register


def test_a_register_needs_no_particular_zone():
    """A moment in another zone is the same moment after the way through JSON."""
    zone = dt.timezone(dt.timedelta(hours=-5))
    register = CustomerRegister().take_over(
        [Customer(customer="C-1", name="x")],
        on=dt.date(2026, 1, 1),
        at=attrs.evolve(_Moment(_START)).at.astimezone(zone),
        by="x",
        source="y",
    )

    assert from_plain(to_plain(register)) == register


@attrs.frozen
class _Moment:
    at: dt.datetime
