"""Changes of master data as values: what is proposed, on what evidence, and who has to agree.

>>> policy = ChangePolicy()
>>> policy.needed(["payer_group"]), policy.needed(["payer_group", "ibans"])
(1, 2)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from receivables.customers._names import (
    check_moment,
    check_named,
    table_values,
    texts,
    whole,
)
from receivables.days import check_day
from receivables.errors import DocumentError, PolicyError
from receivables.parties import Customer, CustomerId

__all__ = [
    "FIELDS",
    "ChangeEvidence",
    "ChangePolicy",
    "CustomerChange",
    "CustomerProposal",
    "FieldChange",
    "ProposalDecision",
    "ProposalKind",
    "ProposalStanding",
    "ProposalState",
]

FIELDS: Final = tuple(field.name for field in attrs.fields(Customer) if field.name != "customer")
"""The fields of a customer that can change; its identifier cannot."""


def _check_fields(values: Iterable[str]) -> frozenset[str]:
    given = frozenset(name.replace("-", "_") for name in texts(values))
    if unknown := sorted(given - set(FIELDS)):
        msg = f"fields must be among {', '.join(FIELDS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    return given


@attrs.frozen(kw_only=True)
class ChangePolicy:
    """How many people have to agree to a change, and which fields want a proof.

    Whoever proposes never counts, and nobody counts twice.  A proposal that touches one of the
    `sensitive` fields needs `sensitive_approvals` people, a new customer `creation_approvals`, or
    as many as its fields need where that is more.  Raises `PolicyError` for an unknown field, and
    where nobody would have to agree.
    """

    name: str = "standard"
    version: str = "1"
    approvals: int = attrs.field(default=1, validator=whole)
    sensitive: frozenset[str] = attrs.field(
        default=("ibans", "address", "name", "terms", "identifiers"), converter=_check_fields
    )
    sensitive_approvals: int = attrs.field(default=2, validator=whole)
    creation_approvals: int = attrs.field(default=2, validator=whole)
    evidence_for: frozenset[str] = attrs.field(default=("ibans",), converter=_check_fields)
    """Fields that no proposal may touch without a piece of evidence."""

    def __attrs_post_init__(self) -> None:
        least = min(self.approvals, self.sensitive_approvals, self.creation_approvals)
        if least < 1 or self.sensitive_approvals < self.approvals:
            msg = f"approvals of {self.name} must be 1 or more, and no fewer for sensitive fields, got {self}"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "changes") -> ChangePolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be.

        >>> ChangePolicy.from_table({"sensitive": ["ibans"], "evidence-for": []}).needed(["name"])
        1
        """
        values = table_values(table, cls, name=name)
        try:
            return cls(**values)
        except (TypeError, ValueError, AttributeError) as error:
            msg = f"{name} must be valid, got {error}"
            raise PolicyError(msg) from error

    @property
    def label(self) -> str:
        """Name and version, as a register keeps them."""
        return f"{self.name} {self.version}"

    def needed(self, fields: Iterable[str], *, is_new: bool = False) -> int:
        """How many people have to agree to a change of some fields."""
        touched = bool(self.sensitive.intersection(fields))
        count = self.sensitive_approvals if touched else self.approvals
        return max(count, self.creation_approvals) if is_new else count


@attrs.frozen(kw_only=True)
class ChangeEvidence:
    """What shows that a change is right: what it is, where it lies, on which day, who saw it.

    >>> ChangeEvidence(text="IBAN confirmed by call back on +33 2 40 00 00 00",
    ...                on=dt.date(2026, 11, 3), by="L. Roy").kind
    ''
    """

    text: str = attrs.field(validator=check_named)
    on: dt.date | None = None
    by: str = ""
    kind: str = ""
    """What kind, in the words of the house: ``call-back``, ``letter``, ``register``…"""
    reference: str = ""
    """Where it lies."""


def _is_plain_field(_instance: object, _attribute: object, value: str) -> None:
    if value not in FIELDS:
        msg = f"field must be among {', '.join(FIELDS)}, got {value!r}"
        raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class FieldChange:
    """One field of a customer, as it was and as it is to be; both are values of that field."""

    field: str = attrs.field(validator=_is_plain_field)
    before: Any
    after: Any


class ProposalKind(enum.Enum):
    """What a proposal asks for."""

    CREATE = "create"
    CHANGE = "change"
    CLOSE = "close"
    """No more business with it; its record stays."""


def _changes(values: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    return tuple(values)


def _evidence(values: Iterable[ChangeEvidence]) -> tuple[ChangeEvidence, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CustomerProposal:
    """A change of master data that somebody asks for: which fields, from when, why, on what evidence.

    `version` is that of the record it was made for; once the record has another one, the proposal
    is stale.  Raises `DocumentError` for one without changes, with a field twice, or without a
    reason.

    >>> CustomerProposal(
    ...     proposal="P-1", customer="C-017", version=1, by="M. Diaz", why="new house bank",
    ...     effective_on=dt.date(2026, 11, 2), at=dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC),
    ...     changes=[FieldChange(field="terms", before="", after="net 30")]).fields
    ('terms',)
    """

    proposal: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    kind: ProposalKind = attrs.field(default=ProposalKind.CHANGE, converter=ProposalKind)
    changes: tuple[FieldChange, ...] = attrs.field(default=(), converter=_changes)
    version: int = attrs.field(validator=whole)
    effective_on: dt.date
    by: str = attrs.field(validator=check_named)
    at: dt.datetime = attrs.field(validator=check_moment)
    why: str = attrs.field(validator=check_named)
    evidence: tuple[ChangeEvidence, ...] = attrs.field(default=(), converter=_evidence)
    merged_into: str = ""
    """The customer that takes its place, where it is closed as a duplicate."""

    def __attrs_post_init__(self) -> None:
        check_day(self.effective_on, name="effective_on")
        fields = self.fields
        if (self.kind is ProposalKind.CLOSE) == bool(fields) or len(set(fields)) < len(fields):
            msg = f"changes of proposal {self.proposal} must be of one field each, and none only to close, got {fields}"
            raise DocumentError(msg)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it touches."""
        return tuple(change.field for change in self.changes)


class ProposalState(enum.Enum):
    """Where a proposal stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    """Enough people agreed, and the record has changed."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STALE = "stale"
    """The record has changed since: whoever still wants it proposes anew."""


@attrs.frozen(kw_only=True)
class ProposalDecision:
    """What one person said of a proposal."""

    proposal: str = attrs.field(validator=check_named)
    outcome: ProposalState = attrs.field(converter=ProposalState)
    by: str = attrs.field(validator=check_named)
    at: dt.datetime = attrs.field(validator=check_moment)
    note: str = ""
    evidence: tuple[ChangeEvidence, ...] = attrs.field(default=(), converter=_evidence)

    @outcome.validator
    def _check_outcome(self, _attribute: object, value: ProposalState) -> None:
        if value in {ProposalState.WAITING, ProposalState.STALE}:
            msg = f"outcome must be approved, rejected or withdrawn, got {value.value}"
            raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class ProposalStanding:
    """Where a proposal stands at a moment: who said what, and how many are missing."""

    proposal: CustomerProposal
    state: ProposalState
    needed: int
    policy: str
    decisions: tuple[ProposalDecision, ...] = ()

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Who agreed, in the order in which they did."""
        return tuple(one.by for one in self.decisions if one.outcome is ProposalState.APPROVED)

    @property
    def missing(self) -> int:
        """How many people have to agree yet; none once it is decided."""
        waits = self.state is ProposalState.WAITING
        return self.needed - len(self.approved_by) if waits else 0


@attrs.frozen(kw_only=True)
class CustomerChange:
    """One line of the history: who changed which field of whom, from when, why, and who agreed."""

    customer: CustomerId
    field: str
    """The field, or ``closed`` or ``masked``."""
    before: Any = None
    after: Any = None
    effective_on: dt.date
    recorded_at: dt.datetime
    by: str
    approved_by: tuple[str, ...] = ()
    proposal: str = ""
    """The proposal; empty where the record was taken over from another system."""
    why: str = ""
    evidence: tuple[ChangeEvidence, ...] = ()
