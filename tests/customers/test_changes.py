"""Changes of master data: proposed, agreed to by others, never overwritten."""

import datetime as dt

import attrs
import pytest

from receivables.customers import (
    ChangeEvidence,
    ChangePolicy,
    CustomerProposal,
    CustomerRegister,
    CustomerReviewed,
    FieldChange,
    ProposalKind,
    ProposalRecorded,
    ProposalState,
)
from receivables.errors import DocumentError, EventError, PolicyError
from receivables.parties import Customer

_DAY = dt.date(2026, 12, 1)


def _now(register):
    return register.customer("C-017", as_of=_DAY)


def test_a_sensitive_field_needs_two_others(register, norte, propose, at):
    """Terms change once two people agreed, none of them the one who asked."""
    register = propose(register, attrs.evolve(norte, terms="net 45"))
    once = register.approve("P-1", by="L. Roy", at=at(2))
    twice = once.approve("P-1", by="A. Ito", at=at(3))

    assert (once.standing("P-1").missing, _now(once).terms) == (1, "net 30")
    assert (twice.standing("P-1").state, _now(twice).terms) == (ProposalState.APPROVED, "net 45")


def test_any_other_field_needs_one(register, norte, propose, at):
    """A payer group is no secret, and one other person is enough."""
    register = propose(register, attrs.evolve(norte, payer_group="norte"))
    register = register.approve("P-1", by="L. Roy", at=at(2))

    assert _now(register).payer_group == "norte"


@pytest.mark.parametrize("name", ["M. Diaz", " m.  DIAZ", "M. Díaz", "M.\u200b Diaz"])
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_whoever_asked_does_not_decide(register, norte, propose, at, name, verb):
    """Neither capitals, accents nor signs that nobody sees make another person."""
    register = propose(register, attrs.evolve(norte, terms=""))
    more = {"why": "x"} if verb == "reject" else {}
    with pytest.raises(EventError, match="another person"):
        getattr(register, verb)("P-1", by=name, at=at(2), **more)


def test_nobody_agrees_twice(register, norte, propose, at):
    """Two agreements of one person are one."""
    register = propose(register, attrs.evolve(norte, terms=""))
    register = register.approve("P-1", by="José Roy", at=at(2))
    with pytest.raises(EventError, match="different people"):
        register.approve("P-1", by="JOSE ROY", at=at(3))


def test_a_new_account_needs_evidence(register, norte, propose, at):
    """An IBAN without a proof is not even looked at."""
    changed = attrs.evolve(norte, ibans=["ES7921000813610123456789"])
    with pytest.raises(EventError, match="evidence for ibans"):
        propose(register, changed)
    proof = ChangeEvidence(text="IBAN confirmed by call back on +34 944 000 000", by="M. Diaz")
    register = propose(register, changed, evidence=[proof])
    register = register.approve("P-1", by="L. Roy", at=at(2)).approve("P-1", by="A. Ito", at=at(3))

    assert register.history("C-017")[-1].evidence == (proof,)


def test_a_stale_proposal_is_refused(register, norte, propose, at):
    """Once the record has changed, whoever still wants it proposes anew."""
    register = propose(register, attrs.evolve(norte, payer_group="a"))
    register = propose(register, attrs.evolve(norte, segment="b"), name="P-2")
    register = register.approve("P-1", by="L. Roy", at=at(2))

    assert register.standing("P-2").state is ProposalState.STALE
    with pytest.raises(EventError, match="the record has changed"):
        register.approve("P-2", by="L. Roy", at=at(3))
    stale = register.standing("P-2").proposal
    with pytest.raises(EventError, match="the record has changed"):
        register.propose(attrs.evolve(stale, proposal="P-3", at=at(4)))
    rejected = register.reject("P-2", by="L. Roy", at=at(4), why="stale")
    assert rejected.standing("P-2").state is ProposalState.REJECTED


@pytest.mark.parametrize(
    ("verb", "by", "state"),
    [
        ("reject", "L. Roy", ProposalState.REJECTED),
        ("withdraw", "m. diaz", ProposalState.WITHDRAWN),
    ],
)
def test_an_ended_proposal_stays_ended(register, norte, propose, at, verb, by, state):
    """What was rejected or withdrawn is never approved."""
    register = propose(register, attrs.evolve(norte, terms=""))
    register = getattr(register, verb)("P-1", by=by, at=at(2), why="no")

    assert register.standing("P-1").state is state
    assert register.waiting() == ()
    with pytest.raises(EventError, match="must be waiting"):
        register.approve("P-1", by="A. Ito", at=at(3))


def test_a_customer_is_created_by_a_proposal(register, propose, at):
    """A new customer is there from its day on, once two agreed."""
    register = propose(register, Customer(customer="C-9", name="Roy SARL"))
    assert register.standing("P-1").proposal.kind is ProposalKind.CREATE
    register = register.approve("P-1", by="L. Roy", at=at(2)).approve("P-1", by="A. Ito", at=at(3))

    assert register.customer("C-9", as_of=_DAY).name == "Roy SARL"
    assert register.customer("C-9", as_of=dt.date(2026, 11, 30)) is None


def test_a_customer_is_closed_and_stays_in_the_register(register, at):
    """A duplicate is closed in favor of another, and its record is still there."""
    closing = CustomerProposal(
        proposal="P-1",
        customer="C-017",
        kind="close",
        version=1,
        effective_on=_DAY,
        by="M. Diaz",
        at=at(1),
        why="a duplicate",
        merged_into="C-1",
    )
    register = register.propose(closing).approve("P-1", by="L. Roy", at=at(2))

    assert register.customers(as_of=_DAY) == ()
    assert len(register.customers(as_of=_DAY, closed=True)) == 1
    assert register.closed_on("C-017", as_of=_DAY) == _DAY
    assert (register.history("C-017")[-1].field, register.history("C-017")[-1].after) == (
        "closed",
        "C-1",
    )


def test_history_says_who_when_and_why(register, norte, propose, at):
    """Each field that changed is a line, with who asked and who agreed."""
    register = propose(register, attrs.evolve(norte, payer_group="norte", segment="key"))
    register = register.approve("P-1", by="L. Roy", at=at(2))
    lines = register.history("C-017")[-2:]

    assert [(one.field, one.before, one.after) for one in lines] == [
        ("payer_group", "", "norte"),
        ("segment", "", "key"),
    ]
    assert {(one.by, one.approved_by, one.recorded_at, one.why) for one in lines} == {
        ("M. Diaz", ("L. Roy",), at(2), "the customer asked")
    }
    assert register.history("C-017", known_at=at(1))[-1].by == "L. Roy"


def test_a_change_may_take_effect_in_the_past(register, norte, propose, at):
    """A correction holds from its day on, and what was known before stays known."""
    past = dt.date(2026, 3, 1)
    register = propose(register, attrs.evolve(norte, segment="key"), on=past)
    register = register.approve("P-1", by="L. Roy", at=at(5))

    assert register.customer("C-017", as_of=past).segment == "key"
    assert register.customer("C-017", as_of=past, known_at=at(4)).segment == ""
    assert register.customer("C-017", as_of=dt.date(2026, 2, 28)).segment == ""


def test_a_later_change_in_effect_wins_over_an_earlier_one(register, norte, propose, at):
    """What takes effect later stands later, whichever was agreed to first."""
    register = propose(register, attrs.evolve(norte, segment="late"), on=dt.date(2027, 1, 1))
    register = register.approve("P-1", by="L. Roy", at=at(2))
    register = propose(register, attrs.evolve(norte, segment="early"), name="P-2", minute=3)
    register = register.approve("P-2", by="L. Roy", at=at(4))

    assert _now(register).segment == "early"
    assert register.customer("C-017", as_of=dt.date(2027, 1, 1)).segment == "late"


def test_the_policy_of_the_day_counts(register, norte, propose, at):
    """A policy that changes later does not change how many a proposal needs."""
    register = propose(register, attrs.evolve(norte, terms=""))
    loose = register.under(ChangePolicy(version="2", sensitive_approvals=1, evidence_for=[]))

    assert loose.approve("P-1", by="L. Roy", at=at(2)).standing("P-1").missing == 1
    assert loose.standing("P-1").policy == "standard 1"


def test_a_register_is_a_value(register, norte, propose):
    """Recording makes another register; the old one is what it was."""
    other = propose(register, attrs.evolve(norte, terms=""))

    assert (len(register.entries), len(other.entries)) == (1, 2)
    assert register != other
    assert register == CustomerRegister(register.entries)
    assert hash(register) == hash(CustomerRegister(register.entries))
    assert (register == 3, repr(other)) == (False, "CustomerRegister(1 customers, 2 entries)")


_REFUSED = {
    "taken over twice": lambda r, n, at: r.take_over([n], on=_DAY, at=at(1), by="x", source="y"),
    "moment goes back": lambda r, n, at: r.take_over(
        [attrs.evolve(n, customer="C-2")], on=_DAY, at=at(-1), by="x", source="y"
    ),
    "no such proposal": lambda r, _n, at: r.approve("P-9", by="x", at=at(1)),
    "review of nobody": lambda r, _n, at: r.record(
        CustomerReviewed(customer="C-9", on=_DAY, by="x", at=at(1))
    ),
    "create what is there": lambda r, _n, at: r.propose(_proposal(at, kind="create")),
    "change what is not there": lambda r, _n, at: r.propose(_proposal(at, customer="C-9")),
    "another value before": lambda r, _n, at: r.propose(
        _proposal(at, changes=[FieldChange(field="terms", before="net 7", after="")])
    ),
    "before its customer": lambda r, _n, at: r.propose(
        _proposal(at, effective_on=dt.date(2025, 1, 1))
    ),
    "somebody else withdraws": lambda r, _n, at: r.propose(_proposal(at)).withdraw(
        "P-1", by="L. Roy", at=at(2), why="x"
    ),
    "proposed twice": lambda r, _n, at: r.propose(_proposal(at)).propose(_proposal(at)),
}


def _proposal(clock, **changes):
    values = {
        "proposal": "P-1",
        "customer": "C-017",
        "changes": [FieldChange(field="terms", before="net 30", after="")],
        "version": 1,
        "effective_on": _DAY,
        "by": "M. Diaz",
        "at": clock(1),
        "why": "asked",
    }
    return CustomerProposal(**{**values, **changes})


@pytest.mark.parametrize("verb", _REFUSED.values(), ids=_REFUSED)
def test_what_cannot_follow_is_refused(register, norte, at, verb):
    """Each verb refuses what the register forbids, and changes nothing."""
    with pytest.raises(EventError):
        verb(register, norte, at)


_NO_PROPOSAL = {
    "no changes": {"changes": []},
    "field twice": {"changes": [FieldChange(field="terms", before="", after="x")] * 2},
    "no reason": {"why": " "},
    "nobody": {"by": "\u200b"},
    "no zone": {"at": dt.datetime(2026, 11, 2)},
    "close with changes": {"kind": "close"},
    "no name": {"proposal": ""},
}


@pytest.mark.parametrize("changes", _NO_PROPOSAL.values(), ids=_NO_PROPOSAL)
def test_what_is_no_proposal_is_refused(at, changes):
    """A proposal has a name, an author, a reason, a moment and changes."""
    with pytest.raises(DocumentError):
        _proposal(at, **changes)


def test_the_identifier_of_a_customer_does_not_change():
    """Another identifier is another customer."""
    with pytest.raises(DocumentError, match="field must be among"):
        FieldChange(field="customer", before="a", after="b")


def test_nothing_to_change_is_no_proposal(register, norte, at):
    """A record as it stands is not proposed."""
    with pytest.raises(DocumentError, match="must differ"):
        register.proposed(norte, proposal="P", by="x", why="y", on=_DAY, at=at(1))


@pytest.mark.parametrize("verb", ["reject", "withdraw"])
def test_an_end_has_a_reason(register, norte, propose, at, verb):
    """Who ends a proposal says why."""
    register = propose(register, attrs.evolve(norte, terms=""))
    with pytest.raises(DocumentError, match="why must say"):
        getattr(register, verb)("P-1", by="M. Diaz", at=at(2), why=" ")


@pytest.mark.parametrize(
    "table",
    [
        {"sensitive": ["shoe-size"]},
        {"approvals": 0},
        {"approvals": 3},
        {"sensitive": "ibans"},
        {"approvals": True},
        {"unknown": 1},
        [],
    ],
    ids=str,
)
def test_policies_are_refused(table):
    """A policy names fields that are, and asks somebody."""
    with pytest.raises(PolicyError):
        ChangePolicy.from_table(table)


_ONE = [
    ("M. Diaz", "m.diaz"),
    ("M. Diaz", "M.Díaz"),
    ("M. Diaz", "Diaz, M."),
    ("M. Diaz", "M. Diaz <m.diaz@mira.example>"),
    ("M. Diaz", "m.diaz@mira.example"),
    ("M. Diaz", "mdiaz@mira.example"),
    ("m.diaz@mira.example", "M.DIAZ@mira.example"),
    ("M. Diaz", "M. Di\u0430z"),
    ("M. Diaz", "\uff2d. Diaz"),
    ("\u0141ukasz S\u00f8rensen", "lukasz sorensen"),
]


@pytest.mark.parametrize(("maker", "other"), _ONE)
def test_another_spelling_is_no_second_pair_of_eyes(register, norte, propose, at, maker, other):
    """Whoever asked cannot agree under another spelling, nor agree twice."""
    asked = propose(register, attrs.evolve(norte, terms="net 45"), by=maker)
    once = propose(register, attrs.evolve(norte, terms="net 45")).approve(
        "P-1", by="A. Ito", at=at(2)
    )
    with pytest.raises(EventError, match="another person"):
        asked.approve("P-1", by=other, at=at(2))
    with pytest.raises(EventError, match="different people"):
        once.approve("P-1", by="Ito, A", at=at(3))


@pytest.mark.parametrize("other", ["P. Diaz", "m.diaz@other.example", "M. Díez", "Ito"])
def test_another_name_is_another_person(register, norte, propose, at, other):
    """Two addresses at two houses are two people, and so are two first names."""
    asked = propose(register, attrs.evolve(norte, terms="net 45"), by="m.diaz@mira.example")

    assert asked.approve("P-1", by=other, at=at(2)).standing("P-1").missing == 1


def test_nothing_is_agreed_to_by_nobody(register, norte, at):
    """A register that says that no approval is needed is refused."""
    made = register.proposed(
        attrs.evolve(norte, terms="net 45"),
        proposal="P-1",
        by="M. Diaz",
        why="asked",
        on=_DAY,
        at=at(1),
    )
    with pytest.raises(DocumentError, match="needed"):
        ProposalRecorded(proposal=made, needed=0, policy="standard 1")
