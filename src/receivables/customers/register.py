"""The register: customers as they stand on any day and as known at any moment, and their history.

>>> moment = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
>>> register = CustomerRegister().take_over(
...     [Customer(customer="C-017", name="Roy SARL", country="FR", terms="net 30")],
...     on=dt.date(2026, 1, 1), at=moment, by="L. Roy", source="opening of the books")
>>> known = register.customer("C-017", as_of=dt.date(2026, 11, 2))
>>> proposal = register.proposed(attrs.evolve(known, terms="net 45"), proposal="P-1", by="M. Diaz",
...     why="frame contract of 2026", on=dt.date(2026, 12, 1), at=moment)
>>> register = register.propose(proposal).approve("P-1", by="L. Roy", at=moment)
>>> register.standing("P-1").missing
1
>>> register = register.approve("P-1", by="A. Ito", at=moment)
>>> [register.customer("C-017", as_of=dt.date(2026, month, 1)).terms for month in (11, 12)]
['net 30', 'net 45']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from receivables.customers._names import check_moment, check_named, same_person, whole
from receivables.customers.model import (
    FIELDS,
    ChangeEvidence,
    ChangePolicy,
    CustomerChange,
    CustomerProposal,
    FieldChange,
    ProposalDecision,
    ProposalKind,
    ProposalStanding,
    ProposalState,
)
from receivables.days import check_day
from receivables.errors import DocumentError, EventError
from receivables.parties import Customer, CustomerId

__all__ = [
    "STANDARD",
    "CustomerMasked",
    "CustomerRegister",
    "CustomerReviewed",
    "CustomerTakenOver",
    "ProposalRecorded",
    "RegisterEntry",
    "differences",
]

STANDARD: Final = ChangePolicy()
"""The policy that holds where a house has none of its own."""

_DEFAULTS: Final = Customer(customer=CustomerId("-"), name="")


@attrs.frozen(kw_only=True)
class CustomerTakenOver:
    """A customer as another system had it: how a register begins."""

    customer: Customer
    effective_on: dt.date
    by: str = attrs.field(validator=check_named)
    at: dt.datetime = attrs.field(validator=check_moment)
    source: str = attrs.field(validator=check_named)


@attrs.frozen(kw_only=True)
class ProposalRecorded:
    """A proposal as it was taken in, with how many people have to agree, by which policy."""

    proposal: CustomerProposal
    needed: int = attrs.field(validator=whole)
    policy: str

    @needed.validator
    def _check_needed(self, _attribute: object, value: int) -> None:
        if value < 1:
            msg = f"needed must be one or more, because nobody agrees with themselves, got {value}"
            raise DocumentError(msg)

    @property
    def at(self) -> dt.datetime:
        """When it was made."""
        return self.proposal.at


@attrs.frozen(kw_only=True)
class CustomerReviewed:
    """Somebody looked through a whole record and found it right, or proposed what was not."""

    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    on: dt.date
    by: str = attrs.field(validator=check_named)
    at: dt.datetime = attrs.field(validator=check_moment)
    note: str = ""


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CustomerMasked:
    """A person's data were masked: in which records and fields, by whom, when, why; not what they were."""

    customers: tuple[str, ...] = attrs.field(converter=_names)
    fields: tuple[str, ...] = attrs.field(converter=_names)
    by: str = attrs.field(validator=check_named)
    at: dt.datetime = attrs.field(validator=check_moment)
    why: str = attrs.field(validator=check_named)


RegisterEntry: TypeAlias = (
    CustomerTakenOver | ProposalRecorded | ProposalDecision | CustomerReviewed | CustomerMasked
)


@attrs.frozen(kw_only=True)
class _Applied:
    """One version of a record: what changed it, from which day, since when it is known."""

    effective_on: dt.date
    at: dt.datetime
    taken_over: CustomerTakenOver | None = None
    proposal: CustomerProposal | None = None
    masked: CustomerMasked | None = None


class _Index:
    """What the entries say, kept beside them; copied before it learns more."""

    def __init__(self) -> None:
        self.applied: dict[CustomerId, tuple[_Applied, ...]] = {}
        self.proposals: dict[str, ProposalRecorded] = {}
        self.decisions: dict[str, tuple[ProposalDecision, ...]] = {}
        self.by_customer: dict[CustomerId, tuple[str, ...]] = {}
        self.reviews: dict[CustomerId, tuple[CustomerReviewed, ...]] = {}
        self.last: dt.datetime | None = None

    def copied(self) -> _Index:
        other = _Index()
        for name in ("applied", "proposals", "decisions", "by_customer", "reviews"):
            setattr(other, name, dict(getattr(self, name)))
        other.last = self.last
        return other

    def take(self, entry: RegisterEntry) -> None:
        """Learn one entry; raises `EventError` for one that cannot follow what is there."""
        if self.last is not None and entry.at < self.last:
            msg = f"at must not be before {self.last}, when the register was last written, got {entry.at}"
            raise EventError(msg)
        if isinstance(entry, CustomerTakenOver):
            self._take_over(entry)
        elif isinstance(entry, ProposalRecorded):
            self._propose(entry)
        elif isinstance(entry, ProposalDecision):
            self._decide(entry)
        elif isinstance(entry, CustomerReviewed):
            self._require(entry.customer)
            self.reviews[entry.customer] = (*self.reviews.get(entry.customer, ()), entry)
        else:
            self._mask(entry)
        self.last = entry.at

    def version(self, customer: str) -> int:
        return len(self.applied.get(CustomerId(customer), ()))

    def _apply(self, customer: CustomerId, applied: _Applied) -> None:
        self.applied[customer] = (*self.applied.get(customer, ()), applied)

    def _require(self, customer: CustomerId) -> None:
        if customer not in self.applied:
            msg = f"customer must be in the register, got {customer!r}"
            raise EventError(msg)

    def _take_over(self, entry: CustomerTakenOver) -> None:
        customer = entry.customer.customer
        if self.version(customer):
            msg = f"customer must be new to be taken over, got {customer!r}; propose a change of it"
            raise EventError(msg)
        applied = _Applied(effective_on=entry.effective_on, at=entry.at, taken_over=entry)
        self._apply(customer, applied)

    def _propose(self, entry: ProposalRecorded) -> None:
        proposal = entry.proposal
        if proposal.proposal in self.proposals:
            msg = f"proposal must be new, got {proposal.proposal!r} twice"
            raise EventError(msg)
        if (proposal.kind is ProposalKind.CREATE) == bool(self.version(proposal.customer)):
            msg = f"proposal {proposal.proposal} to {proposal.kind.value} must fit the register, got customer {proposal.customer!r}"
            raise EventError(msg)
        self._check_fresh(proposal)
        self._check_before(proposal)
        known = self.by_customer.get(proposal.customer, ())
        self.proposals[proposal.proposal] = entry
        self.by_customer[proposal.customer] = (*known, proposal.proposal)

    def _check_fresh(self, proposal: CustomerProposal) -> None:
        if proposal.version != (version := self.version(proposal.customer)):
            msg = f"proposal {proposal.proposal} must be for version {version} of {proposal.customer}, got {proposal.version}; the record has changed"
            raise EventError(msg)

    def _check_before(self, proposal: CustomerProposal) -> None:
        if proposal.kind is ProposalKind.CREATE:
            standing: Customer | None = _DEFAULTS
        else:
            standing = _folded_record(self.applied[proposal.customer], proposal.effective_on)
        if standing is None:
            msg = f"proposal {proposal.proposal} must not begin before its customer does, got {proposal.effective_on}"
            raise EventError(msg)
        for change in proposal.changes:
            if change.before != getattr(standing, change.field):
                msg = f"{change.field} of {proposal.customer} must be proposed as it stands on {proposal.effective_on}, got another value before"
                raise EventError(msg)
        _evolved(standing, proposal)

    def _decide(self, entry: ProposalDecision) -> None:
        standing = self.standing(entry.proposal)
        proposal = standing.proposal
        is_own = same_person(entry.by, proposal.by)
        ended = standing.state not in {ProposalState.WAITING, ProposalState.STALE}
        if ended:
            msg = f"proposal {proposal.proposal} must be waiting, got one that is {standing.state.value}"
        elif entry.outcome is ProposalState.WITHDRAWN and not is_own:
            msg = f"proposal {proposal.proposal} must be withdrawn by {proposal.by}, who made it, got {entry.by}"
        elif entry.outcome is not ProposalState.WITHDRAWN and is_own:
            msg = f"proposal {proposal.proposal} must be {entry.outcome.value} by another person than made it, got {entry.by}"
        elif entry.outcome is ProposalState.APPROVED and any(
            same_person(entry.by, name) for name in standing.approved_by
        ):
            msg = f"proposal {proposal.proposal} must be approved by different people, got {entry.by} twice"
        else:
            self._count(entry, standing)
            return
        raise EventError(msg)

    def _count(self, entry: ProposalDecision, standing: ProposalStanding) -> None:
        proposal = standing.proposal
        if entry.outcome is ProposalState.APPROVED:
            self._check_fresh(proposal)
            if standing.missing == 1:
                applied = _Applied(
                    effective_on=proposal.effective_on, at=entry.at, proposal=proposal
                )
                self._apply(proposal.customer, applied)
        self.decisions[entry.proposal] = (*self.decisions.get(entry.proposal, ()), entry)

    def _mask(self, entry: CustomerMasked) -> None:
        for name in entry.customers:
            customer = CustomerId(name)
            if self.version(customer):
                day = entry.at.date()
                self._apply(customer, _Applied(effective_on=day, at=entry.at, masked=entry))

    def standing(self, proposal: str, *, known_at: dt.datetime | None = None) -> ProposalStanding:
        """Where a proposal stands; raises `EventError` for one that was not made by then."""
        entry = self.proposals.get(proposal)
        if entry is None or (known_at is not None and entry.at > known_at):
            msg = f"proposal must be one that was made, got {proposal!r}"
            raise EventError(msg)
        decisions = tuple(
            one
            for one in self.decisions.get(proposal, ())
            if known_at is None or one.at <= known_at
        )
        return ProposalStanding(
            proposal=entry.proposal,
            state=self._state(entry, decisions, known_at),
            needed=entry.needed,
            policy=entry.policy,
            decisions=decisions,
        )

    def _state(
        self,
        entry: ProposalRecorded,
        decisions: tuple[ProposalDecision, ...],
        known_at: dt.datetime | None,
    ) -> ProposalState:
        for decision in decisions:
            if decision.outcome is not ProposalState.APPROVED:
                return decision.outcome
        if len(decisions) >= entry.needed:
            return ProposalState.APPROVED
        known = self.applied.get(entry.proposal.customer, ())
        version = sum(1 for one in known if known_at is None or one.at <= known_at)
        is_fresh = version == entry.proposal.version
        return ProposalState.WAITING if is_fresh else ProposalState.STALE


def _folded_record(
    applied: Iterable[_Applied], as_of: dt.date, known_at: dt.datetime | None = None
) -> Customer | None:
    """A record as it stands at the end of a day: its versions in the order in which they take effect."""
    known = [
        (one.effective_on, number, one)
        for number, one in enumerate(applied)
        if one.effective_on <= as_of and (known_at is None or one.at <= known_at)
    ]
    record: Customer | None = None
    for _, _, one in sorted(known, key=lambda each: each[:2]):
        if one.taken_over is not None:
            record = one.taken_over.customer
        elif one.proposal is not None:
            record = _evolved(record, one.proposal)
    return record


def _evolved(record: Customer | None, proposal: CustomerProposal) -> Customer:
    values = {change.field: change.after for change in proposal.changes}
    if record is None or record is _DEFAULTS:
        return Customer(customer=proposal.customer, **{"name": "", **values})
    return attrs.evolve(record, **values)


class CustomerRegister:
    """Every customer with all that was ever proposed, decided and changed; it only ever grows.

    A verb that records returns a new register, and refuses with `EventError` what cannot follow what
    is there: nothing is overwritten, and what was known at a moment stays what it was.  Moments never
    go back.  `entries` build it again, every rule checked.
    """

    def __init__(
        self,
        entries: Iterable[RegisterEntry] = (),
        *,
        policy: ChangePolicy = STANDARD,
        _index: _Index | None = None,
    ) -> None:
        self.policy = policy
        self._entries = tuple(entries)
        if _index is None:
            _index = _Index()
            for entry in self._entries:
                _index.take(entry)
        self._index = _index

    @property
    def entries(self) -> tuple[RegisterEntry, ...]:
        """All that was recorded, in its order."""
        return self._entries

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CustomerRegister):
            return NotImplemented
        return self._entries == other._entries and self.policy == other.policy

    def __hash__(self) -> int:
        return hash((CustomerRegister, len(self._entries)))

    def __repr__(self) -> str:
        return (
            f"CustomerRegister({len(self._index.applied)} customers, {len(self._entries)} entries)"
        )

    def __contains__(self, customer: object) -> bool:
        return customer in self._index.applied

    def record(self, *entries: RegisterEntry) -> CustomerRegister:
        """A new register with more entries; nothing of them is taken where one cannot be."""
        index = self._index.copied()
        for entry in entries:
            index.take(entry)
        return CustomerRegister((*self._entries, *entries), policy=self.policy, _index=index)

    def under(self, policy: ChangePolicy) -> CustomerRegister:
        """The same register with another policy for the proposals to come."""
        return CustomerRegister(self._entries, policy=policy, _index=self._index)

    # What is recorded.

    def take_over(
        self, customers: Iterable[Customer], *, on: dt.date, at: dt.datetime, by: str, source: str
    ) -> CustomerRegister:
        """Take over customers that another system has, as they stand on a day; all must be new."""
        check_day(on, name="on")
        return self.record(
            *(
                CustomerTakenOver(customer=each, effective_on=on, by=by, at=at, source=source)
                for each in customers
            )
        )

    def proposed(
        self,
        customer: Customer,
        *,
        proposal: str,
        by: str,
        why: str,
        on: dt.date,
        at: dt.datetime,
        evidence: Iterable[ChangeEvidence] = (),
    ) -> CustomerProposal:
        """The proposal that makes a record what `customer` says, or that creates it.

        Raises `DocumentError` where nothing would change.
        """
        standing = self.customer(customer.customer, as_of=on)
        old = _DEFAULTS if standing is None else standing
        changes = differences(old, customer)
        if not changes:
            msg = (
                f"customer must differ from what stands on {on}, got the same {customer.customer!r}"
            )
            raise DocumentError(msg)
        return CustomerProposal(
            proposal=proposal,
            customer=customer.customer,
            kind=ProposalKind.CHANGE if customer.customer in self else ProposalKind.CREATE,
            changes=changes,
            version=self.version(customer.customer),
            effective_on=on,
            by=by,
            at=at,
            why=why,
            evidence=evidence,
        )

    def propose(self, proposal: CustomerProposal) -> CustomerRegister:
        """Take a proposal in.

        Raises `EventError` where it is stale, does not say what stands before, or lacks the evidence
        that the policy wants for one of its fields.
        """
        bare = sorted(self.policy.evidence_for.intersection(proposal.fields))
        bare = [name for name in bare if any(c.field == name and c.after for c in proposal.changes)]
        if bare and not proposal.evidence:
            msg = f"proposal {proposal.proposal} must give evidence for {', '.join(bare)}, got none"
            raise EventError(msg)
        is_new = proposal.kind is ProposalKind.CREATE
        needed = self.policy.needed(proposal.fields, is_new=is_new)
        return self.record(
            ProposalRecorded(proposal=proposal, needed=needed, policy=self.policy.label)
        )

    def approve(
        self,
        proposal: str,
        *,
        by: str,
        at: dt.datetime,
        note: str = "",
        evidence: Iterable[ChangeEvidence] = (),
    ) -> CustomerRegister:
        """Agree to a proposal; with the last one who has to, it takes effect.

        Raises `EventError` for whoever made it, for whoever agreed before, and for a proposal that
        is decided or whose record has changed since.
        """
        return self.record(
            ProposalDecision(
                proposal=proposal,
                outcome=ProposalState.APPROVED,
                by=by,
                at=at,
                note=note,
                evidence=evidence,
            )
        )

    def reject(self, proposal: str, *, by: str, at: dt.datetime, why: str) -> CustomerRegister:
        """Refuse a proposal, which ends it; raises `EventError` for whoever made it."""
        return self._ended(proposal, ProposalState.REJECTED, by, at, why)

    def withdraw(self, proposal: str, *, by: str, at: dt.datetime, why: str) -> CustomerRegister:
        """Take back one's own proposal; raises `EventError` for somebody else's."""
        return self._ended(proposal, ProposalState.WITHDRAWN, by, at, why)

    def _ended(
        self, proposal: str, outcome: ProposalState, by: str, at: dt.datetime, why: str
    ) -> CustomerRegister:
        if not why.strip():
            msg = f"why must say why proposal {proposal} is {outcome.value}, got {why!r}"
            raise DocumentError(msg)
        return self.record(
            ProposalDecision(proposal=proposal, outcome=outcome, by=by, at=at, note=why)
        )

    # What is asked.

    def version(self, customer: str) -> int:
        """How often a record was changed; 0 where there is none."""
        return self._index.version(customer)

    def customer(
        self, customer: str, *, as_of: dt.date, known_at: dt.datetime | None = None
    ) -> Customer | None:
        """A customer as it stands at the end of a day, as known at a moment; None where it is not there."""
        check_day(as_of, name="as_of")
        applied = self._index.applied.get(CustomerId(customer), ())
        return _folded_record(applied, as_of, known_at)

    def customers(
        self, *, as_of: dt.date, known_at: dt.datetime | None = None, closed: bool = False
    ) -> tuple[Customer, ...]:
        """Every customer at the end of a day, by identifier; with `closed`, those too that were closed."""
        found = (
            self.customer(name, as_of=as_of, known_at=known_at)
            for name in sorted(self._index.applied)
            if closed or self.closed_on(name, as_of=as_of, known_at=known_at) is None
        )
        return tuple(record for record in found if record is not None)

    def closed_on(
        self, customer: str, *, as_of: dt.date, known_at: dt.datetime | None = None
    ) -> dt.date | None:
        """The day on which a customer was closed, where that was by the end of a day."""
        applied = self._index.applied.get(CustomerId(customer), ())
        days = [
            one.effective_on
            for one in applied
            if one.proposal is not None
            and one.proposal.kind is ProposalKind.CLOSE
            and one.effective_on <= as_of
            and (known_at is None or one.at <= known_at)
        ]
        return min(days, default=None)

    def standing(self, proposal: str, *, known_at: dt.datetime | None = None) -> ProposalStanding:
        """Where a proposal stands; raises `EventError` for one that was not made by then."""
        return self._index.standing(proposal, known_at=known_at)

    def waiting(self, *, known_at: dt.datetime | None = None) -> tuple[ProposalStanding, ...]:
        """The proposals that wait for somebody, in the order in which they were made."""
        made = (
            entry
            for entry in self._index.proposals.values()
            if known_at is None or entry.at <= known_at
        )
        found = (self.standing(entry.proposal.proposal, known_at=known_at) for entry in made)
        return tuple(one for one in found if one.state is ProposalState.WAITING)

    def reviews(
        self, customer: str, *, known_at: dt.datetime | None = None
    ) -> tuple[CustomerReviewed, ...]:
        """When a record was looked through, the latest last."""
        known = self._index.reviews.get(CustomerId(customer), ())
        found = (one for one in known if known_at is None or one.at <= known_at)
        return tuple(sorted(found, key=lambda one: one.on))

    def history(
        self, customer: str, *, known_at: dt.datetime | None = None
    ) -> tuple[CustomerChange, ...]:
        """Who changed which field of a customer, when and why, in the order of recording."""
        lines: list[CustomerChange] = []
        for one in self._index.applied.get(CustomerId(customer), ()):
            if known_at is None or one.at <= known_at:
                lines += self._lines(CustomerId(customer), one)
        return tuple(lines)

    def _lines(self, customer: CustomerId, one: _Applied) -> Iterator[CustomerChange]:
        told: Mapping[str, Any] = {
            "customer": customer,
            "effective_on": one.effective_on,
            "recorded_at": one.at,
        }
        if one.proposal is not None:
            yield from self._proposal_lines(one.proposal, told)
        elif one.masked is not None:
            for field in one.masked.fields:
                yield CustomerChange(
                    **told, field="masked", after=field, by=one.masked.by, why=one.masked.why
                )
        elif one.taken_over is not None:
            entry = one.taken_over
            for change in differences(_DEFAULTS, entry.customer):
                yield CustomerChange(**told, **_both(change), by=entry.by, why=entry.source)

    def _proposal_lines(
        self, proposal: CustomerProposal, told: Mapping[str, Any]
    ) -> Iterator[CustomerChange]:
        standing = self.standing(proposal.proposal)
        more = tuple(piece for one in standing.decisions for piece in one.evidence)
        shared: Mapping[str, Any] = {
            **told,
            "by": proposal.by,
            "approved_by": standing.approved_by,
            "proposal": proposal.proposal,
            "why": proposal.why,
            "evidence": (*proposal.evidence, *more),
        }
        if proposal.kind is ProposalKind.CLOSE:
            yield CustomerChange(**shared, field="closed", after=proposal.merged_into)
        for change in proposal.changes:
            yield CustomerChange(**shared, **_both(change))


def _both(change: FieldChange) -> Mapping[str, Any]:
    return {"field": change.field, "before": change.before, "after": change.after}


def differences(old: Customer, new: Customer) -> tuple[FieldChange, ...]:
    """What makes one record another, field by field.

    >>> [one.field for one in differences(_DEFAULTS, attrs.evolve(_DEFAULTS, country="FR"))]
    ['country']
    """
    return tuple(
        FieldChange(field=name, before=getattr(old, name), after=getattr(new, name))
        for name in FIELDS
        if getattr(old, name) != getattr(new, name)
    )
