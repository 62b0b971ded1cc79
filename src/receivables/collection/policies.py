"""How a worklist is scored, routed and timed: policies as data.

>>> STANDARD.scale(WorkReasonKind.AGE).at(45)
15
>>> STANDARD.scale(WorkReasonKind.AMOUNT, currency="EUR").at(100_000)
8
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

import attrs

from receivables.casework import DisputeOwner, DisputeReason, NonPaymentReason
from receivables.collection.model import (
    CustomerCase,
    PointScale,
    WorkReasonKind,
)
from receivables.errors import PolicyError
from receivables.money import digits
from receivables.parties import Channel

__all__ = [
    "ANY_CURRENCY",
    "STANDARD",
    "CashTable",
    "MinutesRule",
    "Route",
    "WorklistPolicy",
]

ANY_CURRENCY: Final = "*"
"""The key of what holds in every currency that has no entry of its own."""

_WHOLE_BPS: Final = 10_000
_PERCENT_MAX: Final = 1_000
_PPM_MAX: Final = 10**12

_Member = TypeVar("_Member", bound=enum.Enum)

_BY_CURRENCY: Final = frozenset({WorkReasonKind.AMOUNT, WorkReasonKind.STAKE})
_BY_STEPS: Final = frozenset(WorkReasonKind) - _BY_CURRENCY - {WorkReasonKind.RISK}
_OF_SOMETHING: Final = frozenset(
    {WorkReasonKind.AGE, WorkReasonKind.BROKEN_PROMISE, WorkReasonKind.LIMIT}
)
"""Reasons whose steps count something: nothing of it gives no points."""


def _frozen_map(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


def _scale(value: PointScale | Iterable[Iterable[int]]) -> PointScale:
    return value if isinstance(value, PointScale) else PointScale(value)


def _kind(name: WorkReasonKind | str) -> WorkReasonKind:
    try:
        return WorkReasonKind(name)
    except ValueError:
        known = ", ".join(kind.value for kind in WorkReasonKind)
        msg = f"a reason must be one of {known}, got {name!r}"
        raise PolicyError(msg) from None


def _steps(
    values: Mapping[WorkReasonKind | str, PointScale | Iterable[Iterable[int]]],
) -> Mapping[WorkReasonKind, PointScale]:
    return MappingProxyType({_kind(name): _scale(scale) for name, scale in values.items()})


def _amounts(
    values: Mapping[WorkReasonKind | str, Mapping[str, PointScale | Iterable[Iterable[int]]]],
) -> Mapping[WorkReasonKind, Mapping[str, PointScale]]:
    return MappingProxyType(
        {
            _kind(name): MappingProxyType(
                {currency: _scale(scale) for currency, scale in scales.items()}
            )
            for name, scales in values.items()
        }
    )


def _weights(values: Mapping[WorkReasonKind | str, int]) -> Mapping[WorkReasonKind, int]:
    return MappingProxyType({_kind(name): weight for name, weight in values.items()})


def _check_kinds(
    attribute: attrs.Attribute[object],
    found: Iterable[WorkReasonKind],
    allowed: frozenset[WorkReasonKind],
) -> None:
    wrong = sorted(kind.value for kind in set(found) - allowed)
    if wrong:
        known = ", ".join(sorted(kind.value for kind in allowed))
        msg = f"{attribute.name} must be among {known}, got {', '.join(wrong)}"
        raise PolicyError(msg)


def _check_range(attribute: attrs.Attribute[Any], values: Mapping[Any, Any], *, most: int) -> None:
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            msg = f"{attribute.name} of {getattr(key, 'value', key)!r} must be a whole number from 0 to {most}, got {value!r}"
            raise PolicyError(msg)


def _members(values: Iterable[_Member | str], kind: type[_Member]) -> frozenset[_Member]:
    if isinstance(values, str):
        msg = f"{kind.__name__} must be given as a list, got the text {values!r}"
        raise PolicyError(msg)
    try:
        return frozenset(kind(value) for value in values)
    except ValueError as error:
        known = ", ".join(str(member.value) for member in kind)
        msg = f"{kind.__name__} must be one of {known}, got {error}"
        raise PolicyError(msg) from None


def _kinds(values: Iterable[WorkReasonKind | str]) -> frozenset[WorkReasonKind]:
    return _members(values, WorkReasonKind)


def _dispute_reasons(values: Iterable[DisputeReason | str]) -> frozenset[DisputeReason]:
    return _members(values, DisputeReason)


def _dispute_owners(values: Iterable[DisputeOwner | str]) -> frozenset[DisputeOwner]:
    return _members(values, DisputeOwner)


def _non_payment(values: Iterable[NonPaymentReason | str]) -> frozenset[NonPaymentReason]:
    return _members(values, NonPaymentReason)


def _names(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        msg = f"names must be given as a list, got the text {values!r}"
        raise PolicyError(msg)
    return frozenset(values)


@attrs.frozen(kw_only=True)
class Route:
    """To whom a line goes where every condition that is given holds; an empty one always holds.

    `leading` asks for the weightiest reason of the line, `amount_from` for what is past due in
    whole units of any currency that it names.

    >>> Route(role="technician", leading=["dispute"], dispute_owners=["technical"]).role
    'technician'
    """

    role: str = attrs.field(validator=attrs.validators.min_len(1))
    leading: frozenset[WorkReasonKind] = attrs.field(default=(), converter=_kinds)
    dispute_reasons: frozenset[DisputeReason] = attrs.field(default=(), converter=_dispute_reasons)
    dispute_owners: frozenset[DisputeOwner] = attrs.field(default=(), converter=_dispute_owners)
    last_reasons: frozenset[NonPaymentReason] = attrs.field(default=(), converter=_non_payment)
    segments: frozenset[str] = attrs.field(default=(), converter=_names)
    risks: frozenset[str] = attrs.field(default=(), converter=_names)
    amount_from: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_map)
    age_from: int = 0

    @amount_from.validator
    def _check_amounts(self, attribute: attrs.Attribute[object], value: Mapping[Any, int]) -> None:
        _check_range(attribute, value, most=_PPM_MAX)

    def takes(self, case: CustomerCase, leading: WorkReasonKind) -> bool:
        """Whether every condition holds for a customer whose weightiest reason is `leading`."""
        if self.leading and leading not in self.leading:
            return False
        if self.last_reasons and case.last_reason not in self.last_reasons:
            return False
        if self.segments and case.segment not in self.segments:
            return False
        if self.risks and case.risk not in self.risks:
            return False
        if case.oldest_days < self.age_from:
            return False
        return self._fits_disputes(case) and self._reaches_amount(case)

    def _fits_disputes(self, case: CustomerCase) -> bool:
        reasons, owners = self.dispute_reasons, self.dispute_owners
        return (not reasons or any(one.reason in reasons for one in case.disputes)) and (
            not owners or any(one.owner in owners for one in case.disputes)
        )

    def _reaches_amount(self, case: CustomerCase) -> bool:
        if not self.amount_from:
            return True
        every = self.amount_from.get(ANY_CURRENCY)
        for one in case.overdue:
            least = self.amount_from.get(one.currency, every)
            if least is not None and one.amount_minor >= least * 10 ** digits(one.currency):
                return True
        return False


@attrs.frozen(kw_only=True)
class MinutesRule:
    """How long one contact takes by a channel, for a reason of non-payment; None is any."""

    minutes: int = attrs.field(validator=[attrs.validators.instance_of(int)])
    channel: Channel | None = attrs.field(
        default=None, converter=attrs.converters.optional(Channel)
    )
    reason: NonPaymentReason | None = attrs.field(
        default=None, converter=attrs.converters.optional(NonPaymentReason)
    )

    @minutes.validator
    def _check_minutes(self, _attribute: object, value: int) -> None:
        if value < 1:
            msg = f"minutes must be 1 or more, got {value}"
            raise PolicyError(msg)


_STANDARD_MINUTES: Final = (
    MinutesRule(minutes=10),
    MinutesRule(channel=Channel.EMAIL, minutes=5),
    MinutesRule(channel=Channel.POST, minutes=6),
    MinutesRule(channel=Channel.VISIT, minutes=90),
    MinutesRule(channel=Channel.PHONE, reason=NonPaymentReason.COMMERCIAL_DISPUTE, minutes=20),
    MinutesRule(channel=Channel.PHONE, reason=NonPaymentReason.CANNOT_PAY, minutes=20),
)

_STANDARD_CHANCES: Final = MappingProxyType(
    {
        "": 5_000,
        NonPaymentReason.WILL_PAY.value: 7_500,
        NonPaymentReason.DOCUMENT_MISSING.value: 6_000,
        NonPaymentReason.MANAGING_AGENT_CHANGED.value: 5_000,
        NonPaymentReason.BILLING_ERROR.value: 3_500,
        NonPaymentReason.SERVICE_NOT_FINISHED.value: 2_500,
        NonPaymentReason.QUALITY.value: 2_500,
        NonPaymentReason.COMMERCIAL_DISPUTE.value: 2_000,
        NonPaymentReason.CANNOT_PAY.value: 1_500,
        NonPaymentReason.OTHER.value: 4_000,
    }
)


def _rules(values: Iterable[MinutesRule]) -> tuple[MinutesRule, ...]:
    return tuple(values)


def _minutes_by_contact(
    rules: Iterable[MinutesRule],
) -> Mapping[tuple[Channel | None, NonPaymentReason | None], int]:
    return MappingProxyType({(rule.channel, rule.reason): rule.minutes for rule in rules})


def _age_factors(values: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((first, bps) for first, bps in values)


@attrs.frozen(kw_only=True)
class CashTable:
    """What a contact is expected to bring and how long it takes, for ranking by cash per minute.

    The chances are values that a policy sets, not figures that anything was fitted to: until they
    are measured on a creditor's own contacts and receipts they rank, and say nothing of how much
    will come in.  `chances_bps` are by the reason for non-payment that the customer gave last (the
    empty one where it gave none), `age_factors` and `risk_factors` multiply them, in basis points.
    `worth_ppm` says what a unit of each currency is worth in one unit of comparison, in millionths;
    it is needed where a list has several currencies.

    Raises `PolicyError` for shares above the whole, an unknown reason, or no time at all.
    """

    chances_bps: Mapping[str, int] = attrs.field(default=_STANDARD_CHANCES, converter=_frozen_map)
    age_factors: tuple[tuple[int, int], ...] = attrs.field(
        default=((0, 10_000), (31, 8_000), (91, 5_000), (181, 2_500)), converter=_age_factors
    )
    risk_factors: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_map)
    minutes: tuple[MinutesRule, ...] = attrs.field(default=_STANDARD_MINUTES, converter=_rules)
    worth_ppm: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_map)
    _by_contact: Mapping[tuple[Channel | None, NonPaymentReason | None], int] = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(lambda self: _minutes_by_contact(self.minutes), takes_self=True),
    )

    @chances_bps.validator
    def _check_chances(self, attribute: attrs.Attribute[object], value: Mapping[Any, int]) -> None:
        _check_range(attribute, value, most=_WHOLE_BPS)
        known = {"", *(reason.value for reason in NonPaymentReason)}
        if unknown := sorted(set(map(str, value)) - known):
            msg = f"chances_bps must be by a reason for non-payment, got {', '.join(unknown)}"
            raise PolicyError(msg)

    @age_factors.validator
    def _check_ages(
        self, attribute: attrs.Attribute[object], value: tuple[tuple[int, int], ...]
    ) -> None:
        _check_range(attribute, dict(value), most=_WHOLE_BPS)
        if [first for first, _ in value] != sorted({first for first, _ in value}):
            msg = f"age_factors must rise in their days, got {value}"
            raise PolicyError(msg)

    @risk_factors.validator
    def _check_risks(self, attribute: attrs.Attribute[object], value: Mapping[Any, int]) -> None:
        _check_range(attribute, value, most=_WHOLE_BPS)

    @minutes.validator
    def _check_minutes(self, _attribute: object, value: tuple[MinutesRule, ...]) -> None:
        keys = [(rule.channel, rule.reason) for rule in value]
        if (None, None) not in keys or len(set(keys)) != len(keys):
            msg = "minutes must have one rule for any channel and reason, and each other once"
            raise PolicyError(msg)

    @worth_ppm.validator
    def _check_worth(self, attribute: attrs.Attribute[object], value: Mapping[Any, int]) -> None:
        _check_range(attribute, value, most=_PPM_MAX)

    def chance_bps(self, case: CustomerCase) -> int:
        """The chance that a contact brings the money, in basis points, cut at each factor.

        >>> CashTable().chance_bps(CustomerCase(customer="C-017"))
        5000
        """
        said = "" if case.last_reason is None else case.last_reason.value
        chance = self.chances_bps.get(said, self.chances_bps.get("", 0))
        factor = 0
        for first, bps in self.age_factors:
            if case.oldest_days >= first:
                factor = bps
        risk = self.risk_factors.get(case.risk, _WHOLE_BPS)
        return chance * factor // _WHOLE_BPS * risk // _WHOLE_BPS

    def minutes_of(self, case: CustomerCase) -> int:
        """How long a contact takes: the rule that says most about it counts.

        >>> CashTable().minutes_of(CustomerCase(customer="C-017", channel="email"))
        10
        """
        found, channel, reason = self._by_contact, case.channel, case.last_reason
        for key in ((channel, reason), (channel, None), (None, reason)):
            if key in found:
                return found[key]
        return found[None, None]


def _routes(values: Iterable[Route]) -> tuple[Route, ...]:
    return tuple(values)


def _people(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


def _channels(values: Iterable[Channel | str]) -> tuple[Channel, ...]:
    return tuple(map(Channel, values))


_STANDARD_STEPS: Final = MappingProxyType(
    {
        WorkReasonKind.AGE: ((1, 2), (8, 5), (15, 8), (31, 15), (61, 25), (91, 35), (181, 40)),
        WorkReasonKind.DEADLINE: ((-60, 10), (-30, 20), (-7, 40), (0, 60)),
        WorkReasonKind.PROMISE_DUE: ((0, 12), (1, 20)),
        WorkReasonKind.INSTALLMENT_DUE: ((0, 8), (1, 15)),
        WorkReasonKind.NEXT_ACTION: ((0, 15), (3, 20), (8, 25)),
        WorkReasonKind.REQUEST: ((1, 8), (8, 15)),
        WorkReasonKind.DISPUTE: ((1, 8), (15, 15)),
        WorkReasonKind.BROKEN_PROMISE: ((1, 15), (2, 25), (3, 30)),
        WorkReasonKind.LIMIT: ((9_000, 5), (10_000, 12)),
    }
)
_STANDARD_AMOUNTS: Final = MappingProxyType(
    {
        WorkReasonKind.AMOUNT: {
            ANY_CURRENCY: (
                (1, 1),
                (100, 2),
                (500, 5),
                (1_000, 8),
                (5_000, 15),
                (20_000, 25),
                (100_000, 40),
            )
        },
        WorkReasonKind.STAKE: {ANY_CURRENCY: ((10_000, 5), (50_000, 10), (100_000, 15))},
    }
)
_STANDARD_ROUTES: Final = (
    Route(
        role="technician",
        leading=[WorkReasonKind.DISPUTE],
        dispute_owners=[DisputeOwner.TECHNICAL, DisputeOwner.QUALITY],
    ),
    Route(
        role="salesperson",
        leading=[WorkReasonKind.DISPUTE],
        dispute_owners=[DisputeOwner.SALES],
    ),
    Route(role="branch-manager", amount_from={ANY_CURRENCY: 100_000}, age_from=61),
)


@attrs.frozen(kw_only=True)
class WorklistPolicy:
    """How many points each reason gives, who does the work, and how far it looks.

    `steps` are by days, counts or basis points; `amounts` by whole units of each currency, where
    ``*`` stands for those without a scale of their own; `weights` are percent of the points, 100
    where nothing is said.  A reason without a scale gives no points.  Below `minimums` (whole units
    by currency) nothing is asked for.  `people` are those who do the work of a role where the
    customer has no owner for it.

    Raises `PolicyError` for a scale that falls, an unknown reason and impossible figures.
    """

    name: str = "standard"
    version: str = "1"
    steps: Mapping[WorkReasonKind, PointScale] = attrs.field(
        default=_STANDARD_STEPS, converter=_steps
    )
    amounts: Mapping[WorkReasonKind, Mapping[str, PointScale]] = attrs.field(
        default=_STANDARD_AMOUNTS, converter=_amounts
    )
    risks: Mapping[str, int] = attrs.field(
        default=MappingProxyType({"low": 0, "medium": 8, "high": 20}), converter=_frozen_map
    )
    weights: Mapping[WorkReasonKind, int] = attrs.field(factory=dict, converter=_weights)
    minimums: Mapping[str, int] = attrs.field(factory=dict, converter=_frozen_map)
    horizon_days: int = attrs.field(default=7)
    """How many days ahead the value at stake is counted."""
    memory_days: int = attrs.field(default=365)
    """For how many days a broken promise is held against a customer."""
    channels: tuple[Channel, ...] = attrs.field(
        default=(Channel.PHONE, Channel.EMAIL, Channel.POST), converter=_channels
    )
    """How a customer is contacted: the first that is not known to be bad, or unwanted."""
    routes: tuple[Route, ...] = attrs.field(default=_STANDARD_ROUTES, converter=_routes)
    """The first that takes a line counts."""
    default_role: str = "collector"
    people: Mapping[str, str] = attrs.field(factory=dict, converter=_people)
    cash: CashTable = attrs.field(factory=CashTable)

    @steps.validator
    def _check_steps(
        self, attribute: attrs.Attribute[object], value: Mapping[WorkReasonKind, PointScale]
    ) -> None:
        _check_kinds(attribute, value, _BY_STEPS)
        for kind in _OF_SOMETHING & set(value):
            _check_first(kind, value[kind])

    @amounts.validator
    def _check_amounts(
        self,
        attribute: attrs.Attribute[object],
        value: Mapping[WorkReasonKind, Mapping[str, PointScale]],
    ) -> None:
        _check_kinds(attribute, value, _BY_CURRENCY)
        for kind, scales in value.items():
            _check_currencies(attribute, scales)
            for scale in scales.values():
                _check_first(kind, scale)

    @risks.validator
    def _check_risks(self, attribute: attrs.Attribute[object], value: Mapping[Any, int]) -> None:
        _check_range(attribute, value, most=_WHOLE_BPS)

    @weights.validator
    def _check_weights(self, attribute: attrs.Attribute[object], value: Mapping[Any, int]) -> None:
        _check_range(attribute, value, most=_PERCENT_MAX)
        # A weight must not lift a step above what a scale may give: building the scale refuses it.
        for kind, scale in self.steps.items():
            scale.weighted(self.weights.get(kind, 100))

    @minimums.validator
    def _check_minimums(self, attribute: attrs.Attribute[object], value: Mapping[str, int]) -> None:
        _check_range(attribute, value, most=_PPM_MAX)
        _check_currencies(attribute, value)

    @horizon_days.validator
    @memory_days.validator
    def _check_days(self, attribute: attrs.Attribute[int], value: int) -> None:
        if not 0 <= value <= 3_660:  # noqa: PLR2004  # ten years
            msg = f"{attribute.name} must be 0 to 3660 days, got {value}"
            raise PolicyError(msg)

    @channels.validator
    def _check_channels(self, _attribute: object, value: tuple[Channel, ...]) -> None:
        if not value or len(set(value)) != len(value):
            msg = f"channels must be one or more, each once, got {[one.value for one in value]}"
            raise PolicyError(msg)

    def scale(self, kind: WorkReasonKind, *, currency: str = "") -> PointScale:
        """The scale of a reason with its weight; that of an amount in minor units of its currency.

        Raises `PolicyError` where amounts of a currency have no scale and there is none for all.
        """
        weight = self.weights.get(kind, 100)
        if kind not in _BY_CURRENCY:
            return self.steps.get(kind, PointScale()).weighted(weight)
        scales = self.amounts.get(kind)
        if scales is None:
            return PointScale()
        found = scales.get(currency, scales.get(ANY_CURRENCY))
        if found is None:
            msg = f"amounts of {kind.value} must have a scale for {currency}, or for '*', got {', '.join(scales)}"
            raise PolicyError(msg)
        return found.weighted(weight).times(10 ** digits(currency))

    def risk_points(self, risk: str) -> int:
        """The points of a risk class with their weight; raises `PolicyError` for an unknown one."""
        if not risk:
            return 0
        if risk not in self.risks:
            msg = f"risk must be one of {', '.join(self.risks) or 'no classes'}, got {risk!r}"
            raise PolicyError(msg)
        return self.risks[risk] * self.weights.get(WorkReasonKind.RISK, 100) // 100

    def minimum_minor(self, currency: str) -> int:
        """Below which amount nothing is asked for, in minor units."""
        least = self.minimums.get(currency, self.minimums.get(ANY_CURRENCY, 0))
        return least * 10 ** digits(currency) if least else 0

    def role_of(self, case: CustomerCase, leading: WorkReasonKind) -> str:
        """The role that a customer is routed to."""
        taken = (route.role for route in self.routes if route.takes(case, leading))
        return next(taken, self.default_role)


def _check_first(kind: WorkReasonKind, scale: PointScale) -> None:
    """Refuse points for nothing: they would put everybody on the list."""
    if scale.steps and scale.steps[0][0] < 1:
        msg = f"steps of {kind.value} must begin at 1 or more, got {scale.steps[0][0]}"
        raise PolicyError(msg)


def _check_currencies(attribute: attrs.Attribute[object], values: Iterable[str]) -> None:
    for currency in values:
        if currency != ANY_CURRENCY:
            try:
                digits(currency)
            except LookupError as error:
                msg = f"{attribute.name} must be by an ISO 4217 code or '*', got {currency!r}"
                raise PolicyError(msg) from error


STANDARD: Final = WorklistPolicy()
"""A policy to begin with: change its points to what your own list should look like."""
