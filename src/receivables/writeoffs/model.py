"""Write-offs as values: who has to agree, what has to be tried first, and where a request stands.

>>> policy = WriteOffPolicy(levels=[
...     ApprovalLevel(role="head of credit"),
...     ApprovalLevel(role="finance director", above={"EUR": "5000.00"}, count=2)])
>>> [level.role for level in policy.levels_for({"EUR": 500_000})]
['head of credit']
>>> [level.role for level in policy.levels_for({"EUR": 500_001})]
['head of credit', 'finance director']
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

import attrs

from receivables.allocation.model import AllocationId
from receivables.casework import HoldReason, WriteOffReason, WriteOffRequest
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import PolicyError
from receivables.money import Money, from_minor
from receivables.parties import CreditorId, CustomerId
from receivables.writeoffs._amounts import (
    amounts_by_currency,
    check_count,
    minor_in,
    requested_minor,
    same_name,
)

__all__ = [
    "Approval",
    "ApprovalLevel",
    "Effort",
    "EffortKind",
    "EffortRule",
    "HeldPart",
    "MissingEffort",
    "Recovery",
    "SmallBalance",
    "SmallBalancePolicy",
    "SmallBalanceRun",
    "SmallBalanceSide",
    "WriteOffPolicy",
    "WriteOffStanding",
    "WriteOffState",
    "WrittenOff",
]

_Member = TypeVar("_Member", bound=enum.Enum)


class EffortKind(enum.Enum):
    """What was tried before a claim is given up, or what shows that trying is of no use."""

    NOTICE = "notice"
    """A dunning notice that went out."""
    FORMAL_NOTICE = "formal-notice"
    REGISTERED_LETTER = "registered-letter"
    """A letter whose delivery is proved."""
    LETTER = "letter"
    """A letter, an e-mail or a message outside the dunning."""
    CALL = "call"
    VISIT = "visit"
    RETURNED_LETTER = "returned-letter"
    """What came back: nobody of that name lives there."""
    PROMISE_BROKEN = "promise-broken"
    REFERRAL = "referral"
    """An agency, a lawyer, a court or an insurer has, or had, the file."""
    LEGAL_CLAIM = "legal-claim"
    """A court, or a lawyer for it, has the file."""
    UNCOLLECTIBLE = "uncollectible"
    """Who had the file says that nothing will come."""
    INSOLVENCY = "insolvency"
    """Proceedings were opened, of whatever kind."""
    LIQUIDATION = "liquidation"
    """The judgment that opens a liquidation."""
    CLAIM_FILED = "claim-filed"
    """Our claim was filed in the proceedings."""
    CERTIFICATE = "certificate"
    """Whoever conducts the proceedings says that nothing more will come."""
    LIMITATION = "limitation"
    """No court would hear the claim any more."""


@attrs.frozen(kw_only=True)
class Effort:
    """One thing that was tried or that happened: what, on which day, and where the ledger says so.

    >>> Effort(kind="notice", on=dt.date(2026, 10, 1), reference="dunned:MIRA:C-017:3").text
    'notice dunned:MIRA:C-017:3'
    """

    kind: EffortKind = attrs.field(converter=EffortKind)
    on: dt.date
    reference: str
    note: str = ""

    @property
    def text(self) -> str:
        """What it was, as a request keeps it."""
        return f"{self.kind.value} {self.reference}"


class HeldPart(enum.Enum):
    """What becomes of a part of an item that something holds back."""

    LEAVE = "leave"
    """It stays open, and only the rest is given up."""
    INCLUDE = "include"
    """It is given up with the rest."""
    REFUSE = "refuse"
    """The request is refused until whatever holds it is over."""


def _members(values: Iterable[_Member | str], kind: type[_Member]) -> frozenset[_Member]:
    if isinstance(values, str):
        msg = f"{kind.__name__} must be given as a list, got the text {values!r}"
        raise PolicyError(msg)
    return frozenset(_member(value, kind) for value in values)


def _member(value: _Member | str, kind: type[_Member]) -> _Member:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        msg = f"{kind.__name__} must be one of {known}, got {value!r}"
        raise PolicyError(msg) from None


def _reasons(values: Iterable[WriteOffReason | str]) -> frozenset[WriteOffReason]:
    return _members(values, WriteOffReason)


def _effort_kinds(values: Iterable[EffortKind | str]) -> frozenset[EffortKind]:
    return _members(values, EffortKind)


def _counts(values: Mapping[EffortKind | str, int]) -> Mapping[EffortKind, int]:
    return MappingProxyType({_member(kind, EffortKind): count for kind, count in values.items()})


def _is_above(above: Mapping[str, Money], amounts: Mapping[str, int]) -> bool:
    """Whether any amount is above its bound; one without a bound always is, if it is anything."""
    return any(minor > minor_in(above, code) for code, minor in amounts.items())


@attrs.frozen(kw_only=True)
class ApprovalLevel:
    """Who has to agree above an amount: so many people of a role.

    `above` is by currency, tax included; the level speaks for what is more than that.  In a currency
    that it does not name it speaks for every amount, so that nothing slips by in an odd currency.
    """

    role: str = attrs.field(validator=attrs.validators.min_len(1))
    above: Mapping[str, Money] = attrs.field(factory=dict, converter=amounts_by_currency)
    count: int = attrs.field(default=1, validator=check_count)

    def speaks(self, amounts: Mapping[str, int]) -> bool:
        """Whether these amounts, minor units by currency, need it."""
        return _is_above(self.above, amounts)


@attrs.frozen(kw_only=True)
class EffortRule:
    """What has to be tried before a claim is given up for some reasons, above some amounts.

    `needs` counts efforts by kind; any one kind of `instead` stands in for all of them and for the
    days.  `days_past_due` counts from the latest due date of the items.  Reasons that are not named
    are all of them.
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    reasons: frozenset[WriteOffReason] = attrs.field(default=(), converter=_reasons)
    above: Mapping[str, Money] = attrs.field(factory=dict, converter=amounts_by_currency)
    needs: Mapping[EffortKind, int] = attrs.field(factory=dict, converter=_counts)
    days_past_due: int = attrs.field(default=0, validator=check_count)
    instead: frozenset[EffortKind] = attrs.field(default=(), converter=_effort_kinds)
    proof: bool = False
    """Whether the request must name a proof."""

    @needs.validator
    def _check_needs(
        self, attribute: attrs.Attribute[Any], value: Mapping[EffortKind, int]
    ) -> None:
        for count in value.values():
            check_count(self, attribute, count)

    def speaks(self, reason: WriteOffReason, amounts: Mapping[str, int]) -> bool:
        """Whether it asks something of a write-off for a reason."""
        return (not self.reasons or reason in self.reasons) and _is_above(self.above, amounts)

    def missing(
        self, efforts: Iterable[Effort], *, days_past_due: int, proof: str = ""
    ) -> tuple[MissingEffort, ...]:
        """What it asks for and is not there."""
        made: dict[EffortKind, int] = {}
        for effort in efforts:
            made[effort.kind] = made.get(effort.kind, 0) + 1
        found = []
        if not self.instead & made.keys():
            wanted = [(kind.value, count, made.get(kind, 0)) for kind, count in self.needs.items()]
            wanted.append(("days-past-due", self.days_past_due, days_past_due))
            found = [row for row in wanted if row[2] < row[1]]
        if self.proof and not proof:
            found.append(("proof", 1, 0))
        return tuple(
            MissingEffort(rule=self.name, what=what, needed=needed, found=there)
            for what, needed, there in found
        )


@attrs.frozen(kw_only=True)
class MissingEffort:
    """Something that a rule asks for and that the ledger does not show.

    `what` is a value of `EffortKind`, ``days-past-due``, ``proof`` or ``credits-applied``.
    """

    rule: str
    what: str
    needed: int
    found: int


class SmallBalanceSide(enum.Enum):
    """Which small balances are cleaned up."""

    DEBIT = "debit"
    """What customers owe; it is let go."""
    CREDIT = "credit"
    """What we owe them.  It is theirs, and some laws want unclaimed money handed over."""


def _sides(values: Iterable[SmallBalanceSide | str]) -> frozenset[SmallBalanceSide]:
    return _members(values, SmallBalanceSide)


@attrs.frozen(kw_only=True)
class SmallBalancePolicy:
    """Which balances are too small to be asked for; all amounts by currency, none where not named.

    `items` bounds one item, `accounts` what one account is let off within `account_days`, `total`
    what one day's run lets off in all.  An item counts `min_days` after its due date, or after its
    document date where it has none.  Whatever something holds back is never cleaned up.
    """

    items: Mapping[str, Money] = attrs.field(factory=dict, converter=amounts_by_currency)
    accounts: Mapping[str, Money] = attrs.field(factory=dict, converter=amounts_by_currency)
    total: Mapping[str, Money] = attrs.field(factory=dict, converter=amounts_by_currency)
    account_days: int = attrs.field(default=365, validator=check_count)
    min_days: int = attrs.field(default=90, validator=check_count)
    sides: frozenset[SmallBalanceSide] = attrs.field(
        default=(SmallBalanceSide.DEBIT,), converter=_sides
    )

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str) -> SmallBalancePolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be."""
        from receivables.writeoffs.loading import small_balance_policy  # noqa: PLC0415  # a circle

        return small_balance_policy(table, name=name)


def _levels(values: Iterable[ApprovalLevel]) -> tuple[ApprovalLevel, ...]:
    return tuple(values)


def _effort_rules(values: Iterable[EffortRule]) -> tuple[EffortRule, ...]:
    return tuple(values)


def _people(values: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    for role, names in values.items():
        if isinstance(names, str):
            msg = f"people of {role} must be a list of names, got the text {names!r}"
            raise PolicyError(msg)
    return MappingProxyType({role: tuple(names) for role, names in values.items()})


_HELD: Final = MappingProxyType(
    {**dict.fromkeys(HoldReason, HeldPart.LEAVE), HoldReason.BLOCK: HeldPart.INCLUDE}
)
"""A dunning block stops letters, and says nothing of whether money will come."""


def _held(values: Mapping[HoldReason | str, HeldPart | str]) -> Mapping[HoldReason, HeldPart]:
    given = {
        _member(reason, HoldReason): _member(part, HeldPart) for reason, part in values.items()
    }
    return MappingProxyType({**_HELD, **given})


_BEYOND: Final = (EffortKind.UNCOLLECTIBLE, EffortKind.CERTIFICATE, EffortKind.LIMITATION)
_TRIED: Final = (
    *(WriteOffReason.UNTRACEABLE, WriteOffReason.UNECONOMIC, WriteOffReason.FRAUD),
    *(WriteOffReason.DECEASED, WriteOffReason.OTHER),
)
_MODEST: Final = dict.fromkeys(("EUR", "USD", "CAD", "GBP", "CHF"), "100.00")
_LARGE: Final = dict.fromkeys(("EUR", "USD", "CAD", "GBP", "CHF"), "5000.00")

_STANDARD_LEVELS: Final = (
    ApprovalLevel(role="head of credit"),
    ApprovalLevel(role="finance director", above=_LARGE),
)
_STANDARD_EFFORTS: Final = (
    EffortRule(
        name="reminded",
        reasons=_TRIED,
        above=_MODEST,
        needs={EffortKind.NOTICE: 3, EffortKind.CALL: 1},
        days_past_due=180,
        instead=(*_BEYOND, EffortKind.LIQUIDATION),
    ),
    EffortRule(
        name="proved",
        reasons=_TRIED,
        above=_LARGE,
        needs={EffortKind.REGISTERED_LETTER: 1},
        instead=(*_BEYOND, EffortKind.LIQUIDATION),
    ),
    EffortRule(
        name="insolvent", reasons=[WriteOffReason.INSOLVENCY], needs={EffortKind.INSOLVENCY: 1}
    ),
    EffortRule(
        name="barred", reasons=[WriteOffReason.LIMITATION], needs={EffortKind.LIMITATION: 1}
    ),
    EffortRule(name="judged", reasons=[WriteOffReason.COURT_LOST], proof=True),
)


@attrs.frozen(kw_only=True)
class WriteOffPolicy:
    """How claims are given up: for which reasons, after which efforts, with whose agreement.

    An amount needs every level that speaks for it, so that more never needs less.  `people` says who
    may agree in which role; a role without people may be taken by anybody, and as soon as one role
    has people every role must.  Nobody agrees twice, and with `four_eyes` nobody to what they asked
    for themselves.  Raises `PolicyError` for a policy without levels.
    """

    name: str = "standard"
    version: str = "1"
    reasons: frozenset[WriteOffReason] = attrs.field(
        default=tuple(WriteOffReason), converter=_reasons
    )
    levels: tuple[ApprovalLevel, ...] = attrs.field(default=_STANDARD_LEVELS, converter=_levels)
    people: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_people)
    four_eyes: bool = True
    efforts: tuple[EffortRule, ...] = attrs.field(
        default=_STANDARD_EFFORTS, converter=_effort_rules
    )
    held: Mapping[HoldReason, HeldPart] = attrs.field(default=_HELD, converter=_held)
    credits_first: bool = True
    """Whether credits of the customer must be applied before its debits are given up."""
    small_balances: SmallBalancePolicy = SmallBalancePolicy()

    def __attrs_post_init__(self) -> None:
        if not any(level.count for level in self.levels):
            msg = f"levels of {self.name} must ask for somebody, got {self.levels}"
            raise PolicyError(msg)
        roles = sorted({level.role for level in self.levels} - self.people.keys())
        if self.people and roles:
            msg = f"people of {self.name} must say who may agree as {', '.join(roles)}, got none"
            raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "write-offs") -> WriteOffPolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be."""
        from receivables.writeoffs.loading import write_off_policy  # noqa: PLC0415  # a circle

        return write_off_policy(table, name=name)

    @property
    def label(self) -> str:
        """Name and version, as a request keeps them."""
        return f"{self.name} {self.version}"

    def levels_for(self, amounts: Mapping[str, int]) -> tuple[ApprovalLevel, ...]:
        """The levels that amounts need, minor units by currency."""
        return tuple(level for level in self.levels if level.count and level.speaks(amounts))

    def rules_for(
        self, reason: WriteOffReason, amounts: Mapping[str, int]
    ) -> tuple[EffortRule, ...]:
        """The rules that ask for efforts before amounts are given up for a reason."""
        return tuple(rule for rule in self.efforts if rule.speaks(reason, amounts))

    def may_agree(self, person: str, role: str) -> bool:
        """Whether a person may agree in a role."""
        return not self.people or same_name(person) in map(same_name, self.people[role])


class WriteOffState(enum.Enum):
    """Where a request to write off stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    """Everybody agreed who has to, and nothing is booked yet."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    BOOKED = "booked"
    REVERSED = "reversed"
    """All that was booked was undone."""


@attrs.frozen(kw_only=True)
class Approval:
    """Somebody agreed: who, when, and in which role it counts; in none where it counts for nothing."""

    by: str
    on: dt.date
    role: str = ""
    ignored: str = ""
    """Why it counts for nothing."""


@attrs.frozen(kw_only=True)
class WrittenOff:
    """What became of one item that was given up; all amounts in minor units, none below zero.

    `booked_minor` is what was ever written off, `reversed_minor` what of it was undone,
    `recovered_minor` what came in for it afterwards.  `tax_minor` is the tax that came back less
    what is due again.
    """

    creditor: CreditorId
    item: ItemId
    document: str
    customer: CustomerId
    currency: str
    booked_minor: int
    reversed_minor: int
    recovered_minor: int
    tax_minor: int
    booked_on: dt.date
    """The day of the first write-off that stands; of the last one, where none does."""
    reason: str = ""
    write_off: str = ""
    """The request that it was booked by; empty where there was none."""
    allocations: tuple[AllocationId, ...] = ()
    """The write-offs of it that stand."""

    @property
    def left_minor(self) -> int:
        """What is still given up: written off, not undone and not recovered."""
        return self.booked_minor - self.reversed_minor - self.recovered_minor

    @property
    def left(self) -> Money:
        """What is still given up."""
        return from_minor(self.left_minor, self.currency)


@attrs.frozen(kw_only=True)
class WriteOffStanding:
    """Where a request stands at the end of a day: who agreed, who has to, what was booked."""

    creditor: CreditorId
    request: WriteOffRequest
    requested_on: dt.date
    state: WriteOffState
    approvals: tuple[Approval, ...] = ()
    waiting_for: tuple[str, ...] = ()
    """A role for each agreement that is missing."""
    decided_on: dt.date | None = None
    """When the last one agreed, or somebody refused or withdrew it."""
    decided_by: str = ""
    items: tuple[WrittenOff, ...] = ()
    """What was booked of it, item by item."""

    @property
    def name(self) -> str:
        """The identifier of the request."""
        return self.request.write_off

    def requested(self) -> Mapping[str, Money]:
        """What was asked for, currency by currency."""
        totals = requested_minor(self.request)
        return {code: from_minor(minor, code) for code, minor in sorted(totals.items())}

    def _sum(self, of: str) -> Mapping[str, Money]:
        totals: dict[str, int] = {}
        for item in self.items:
            totals[item.currency] = totals.get(item.currency, 0) + getattr(item, of)
        return {code: from_minor(minor, code) for code, minor in sorted(totals.items())}

    @property
    def booked(self) -> Mapping[str, Money]:
        """What was written off, currency by currency, undone or not."""
        return self._sum("booked_minor")

    @property
    def reversed(self) -> Mapping[str, Money]:
        """What was undone."""
        return self._sum("reversed_minor")

    @property
    def recovered(self) -> Mapping[str, Money]:
        """What came in afterwards."""
        return self._sum("recovered_minor")


@attrs.frozen(kw_only=True)
class Recovery:
    """Money that came in for a claim which had been written off: on which receipt, how much, by whom."""

    creditor: CreditorId
    item: ItemId
    receipt: ItemId
    allocation: AllocationId
    on: dt.date
    currency: str
    amount_minor: int
    tax_minor: int
    """What of it is tax that is due again."""
    by: str = ""
    """Who recovered it: an agency, a lawyer, the administrator; empty for the house itself."""
    write_off: str = ""
    taxes: Mapping[str, int] = attrs.field(factory=dict)
    """That tax by its code, in minor units."""


@attrs.frozen(kw_only=True)
class SmallBalance:
    """One item of a clean-up: its signed open amount, how old it is, and why it stays, if it does."""

    item: OpenItem
    days: int
    side: SmallBalanceSide
    left_out: str = ""
    """Why it is not cleaned up: ``held``, ``account``, ``total``, ``insolvency``, ``later``, ``undone``."""


@attrs.frozen(kw_only=True)
class SmallBalanceRun:
    """What a clean-up of a day would take, to be looked at before it is booked."""

    creditor: CreditorId
    as_of: dt.date
    policy: str
    """The name and the version of the policy."""
    lines: tuple[SmallBalance, ...] = ()
    left_out: tuple[SmallBalance, ...] = ()

    def totals(self, side: SmallBalanceSide = SmallBalanceSide.DEBIT) -> Mapping[str, Money]:
        """What it takes on one side, currency by currency; credits are negative."""
        found: dict[str, int] = {}
        for line in self.lines:
            if line.side is side:
                code = line.item.currency
                found[code] = found.get(code, 0) + line.item.open_minor
        return {code: from_minor(minor, code) for code, minor in sorted(found.items())}
