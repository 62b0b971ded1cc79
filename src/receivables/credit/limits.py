"""Limits: which are in force on a day, what of them is used and free, and which end soon.

Limits are used in one order: first what somebody else answers for, the surest first, so that what is
left is our own risk; then our own; then what is only there for a time, so that one sees whether it is
needed at all.

>>> from receivables.credit.model import ComponentKind, ExposureComponent
>>> from receivables.money import money
>>> day = dt.date(2026, 10, 31)
>>> owed = Exposure(creditor="MIRA", holder="C-017", currency="EUR", as_of=day, components=[
...     ExposureComponent(kind=ComponentKind.OPEN_ITEMS, amount_minor=1_300_000,
...                       weight_bps=10_000, weighted_minor=1_300_000)])
>>> limits = [
...     CreditLimit(limit="L-1", customer="C-017", amount=money("5000.00", "EUR")),
...     CreditLimit(limit="AG-9", customer="C-017", amount=money("10000.00", "EUR"), kind="insured",
...                 cover_bps=9_000),
... ]
>>> stack = limit_stack(owed, limits, as_of=day)
>>> [(one.limit.limit, one.used_minor, one.free_minor) for one in stack.limits]
[('AG-9', 1000000, 0), ('L-1', 300000, 200000)]
>>> stack.covered_minor, stack.own_risk_minor
(900000, 400000)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from receivables.casework.credit import CreditLimit, LimitKind, LimitScope
from receivables.credit import rules
from receivables.credit._converting import in_currency
from receivables.credit.model import Exposure, LimitSpell, LimitStack, LimitStanding, StackRule
from receivables.currencies.model import ExchangeRates
from receivables.days import check_day, days_past
from receivables.errors import PolicyError
from receivables.ledger.credit import LimitEnded, LimitGranted
from receivables.ledger.objects import Ledger
from receivables.money import Rounding, to_minor

if TYPE_CHECKING:
    from receivables.credit.insurance import InsurancePolicy

__all__ = [
    "ORDER_OF_USE",
    "currencies_of",
    "expiring",
    "limit_history",
    "limit_stack",
    "limit_stacks",
    "limits_in_force",
]

ORDER_OF_USE: Final = (
    LimitKind.INSURED,
    LimitKind.DISCRETIONARY,
    LimitKind.GUARANTEED,
    LimitKind.COLLATERAL,
    LimitKind.OWN,
    LimitKind.TEMPORARY,
)
"""The order in which limits are used: what others answer for by how surely they pay, then our own."""

_OWN: Final = frozenset({LimitKind.OWN, LimitKind.TEMPORARY})
_REPLACED: Final = frozenset({LimitKind.OWN, LimitKind.INSURED, LimitKind.DISCRETIONARY})
"""The kinds of which a holder has one at a time: the others add up."""
_LAST: Final = dt.date.max
_ONE_DAY: Final = dt.timedelta(days=1)

_Place: TypeAlias = tuple[LimitKind, LimitScope, str, str]


def limits_in_force(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[CreditLimit, ...]:
    """The limits of a creditor that count at the end of a day, as known at a moment, by holder.

    An own limit takes the place of the one that its holder had before, and an insured or
    discretionary one of the one under the same insurance; temporary limits, guarantees and
    collateral add up.  A limit that starts later takes no place yet; one that took a place does not
    give it back when it ends.
    """
    history = limit_history(ledger, creditor, as_of=as_of, known_at=known_at)
    return tuple(spell.limit for spell in history if spell.covers(as_of))


def limit_history(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None = None
) -> tuple[LimitSpell, ...]:
    """Every limit that was ever granted, with the days on which it counts, as seen on a day.

    They stand in the order of their holders, and of one holder in the order of their days.  A limit
    that never counted, because it was ended or replaced before its first day, is left out.
    """
    check_day(as_of, name="as_of")
    events = ledger.casework(
        creditor, as_of=as_of, known_at=known_at, kinds=(LimitGranted, LimitEnded)
    )
    ended = {one.limit: one.effective_on for one in events if isinstance(one, LimitEnded)}
    granted = [one for one in events if isinstance(one, LimitGranted)]
    granted.sort(key=lambda one: (one.effective_on, one.recorded_at))
    spells = [_spell(one, ended.get(one.limit.limit)) for one in granted]
    counted = [spell for spell in spells if spell.last is None or spell.last >= spell.first]
    return tuple(
        sorted(
            (
                spell
                for spell in _replaced(counted, as_of)
                if spell.last is None or spell.last >= spell.first
            ),
            key=lambda spell: (_scope_of(spell.limit), spell.first, _rank(spell.limit)),
        )
    )


def _scope_of(limit: CreditLimit) -> tuple[str, str]:
    return (limit.scope.value, _holder(limit))


def _rank(limit: CreditLimit) -> tuple[int, str]:
    return (ORDER_OF_USE.index(limit.kind), limit.limit)


def _spell(event: LimitGranted, ended_on: dt.date | None) -> LimitSpell:
    """The days of a limit by its own dates and by its end."""
    limit = event.limit
    first = max(event.effective_on, limit.since or event.effective_on)
    last = min(limit.until or _LAST, _LAST if ended_on is None else _day_before(ended_on))
    return LimitSpell(limit=limit, first=first, last=None if last == _LAST else last)


def _day_before(day: dt.date) -> dt.date:
    return day if day == dt.date.min else day - _ONE_DAY


def _place(limit: CreditLimit) -> _Place:
    insurance = "" if limit.kind is LimitKind.OWN else limit.policy
    return (limit.kind, limit.scope, _holder(limit), insurance)


def _replaced(spells: Sequence[LimitSpell], as_of: dt.date) -> list[LimitSpell]:
    """The spells, each ending where a limit that was granted later takes its place."""
    starts: dict[_Place, dt.date] = {}
    found = []
    for spell in reversed(spells):
        place = _place(spell.limit)
        first = starts.get(place)
        if first is None or spell.limit.kind not in _REPLACED:
            found.append(spell)
        else:
            last = min(_day_before(first), spell.last or _LAST)
            found.append(attrs.evolve(spell, last=last))
        if spell.first <= as_of:
            starts[place] = spell.first if first is None else min(first, spell.first)
    return found[::-1]


def currencies_of(
    limits: Iterable[CreditLimit], *, scope: LimitScope = LimitScope.CUSTOMER
) -> Mapping[str, str]:
    """The currency of each holder of a scope: that of its own limit, or else of the first used.

    >>> from receivables.money import money
    >>> dict(currencies_of([CreditLimit(limit="L-1", customer="C-1", amount=money("1", "USD"))]))
    {'C-1': 'USD'}
    """
    found: dict[str, str] = {}
    ordered = sorted(limits, key=lambda limit: (limit.kind is not LimitKind.OWN, _rank(limit)))
    for limit in ordered:
        if limit.scope is scope:
            found.setdefault(_holder(limit), limit.amount.currency.code)
    return MappingProxyType(found)


def _holder(limit: CreditLimit) -> str:
    return limit.country.upper() if limit.scope is LimitScope.COUNTRY else limit.holder


def limit_stacks(
    exposures: Mapping[str, Exposure],
    limits: Iterable[CreditLimit],
    *,
    as_of: dt.date,
    rule: StackRule | str = StackRule.SUM,
    rates: ExchangeRates | None = None,
    insurance: Iterable[InsurancePolicy] = (),
) -> Mapping[str, LimitStack]:
    """The stack of each exposure, by holder; each takes the limits of its own holder and scope."""
    by_holder: dict[tuple[LimitScope, str], list[CreditLimit]] = {}
    for limit in limits:
        by_holder.setdefault((limit.scope, _holder(limit)), []).append(limit)
    policies = tuple(insurance)
    return MappingProxyType(
        {
            holder: limit_stack(
                exposure,
                by_holder.get((exposure.scope, exposure.holder), ()),
                as_of=as_of,
                rule=rule,
                rates=rates,
                insurance=policies,
            )
            for holder, exposure in exposures.items()
        }
    )


def limit_stack(
    exposure: Exposure,
    limits: Iterable[CreditLimit],
    *,
    as_of: dt.date,
    rule: StackRule | str = StackRule.SUM,
    rates: ExchangeRates | None = None,
    insurance: Iterable[InsurancePolicy] = (),
) -> LimitStack:
    """The limits of the exposure's holder against it: what of each is used, free, and covered.

    A limit counts for its amount in the exposure's currency, at the closing rate of the day and
    rounded down, and for nothing outside its dates; one that rests on collateral for no more than
    may be lent on that: its value less the haircut, less what comes before us.  Limits of others are
    left out.  What an insurer or guarantor does not bear of what is used is our own risk.

    With `StackRule.TOTAL` the own and temporary limits together are the most that may be owed: each
    limit counts for no more than they leave, in the order of use, so that what others cover comes
    out of them.  What others would bear is not lowered by that.  Under a policy of `insurance` a
    limit bears no more than the policy's insured part, and counts for nothing while the policy is
    not in force or excludes the customer.

    Raises `MissingRateError` where a limit is in a currency without a rate, and `PolicyError` for a
    limit that comes twice.
    """
    check_day(as_of, name="as_of")
    rule = StackRule(rule)
    own = sorted((one for one in limits if _is_for(one, exposure)), key=_rank)
    _check_once(own)
    policies = {policy.number: policy for policy in insurance}
    standing = [_Counted.of(one, exposure, as_of, rates, policies) for one in own]
    cover = [one.amount_minor for one in standing if one.is_cover]
    trusted = [one.amount_minor for one in standing if not one.is_cover]
    is_ceiling = rule is StackRule.TOTAL
    capacity = rules.capacity(cover, trusted, is_ceiling=is_ceiling)
    amounts = [*cover, *trusted]
    if is_ceiling:
        amounts = rules.within_ceiling(amounts, capacity)
    used = rules.used_in_turn(exposure.total_minor, amounts)
    borne = rules.used_in_turn(exposure.total_minor, cover)
    return LimitStack(
        exposure=exposure,
        limits=[
            one.standing(amount, spent, exposure.currency, as_of)
            for one, amount, spent in zip(standing, amounts, used, strict=True)
        ],
        capacity_minor=capacity,
        covered_minor=sum(
            rules.borne(spent, one.cover_bps) for one, spent in zip(standing, borne, strict=False)
        ),
        has_limit=any(one.counts and not (is_ceiling and one.is_cover) for one in standing),
    )


def _is_for(limit: CreditLimit, exposure: Exposure) -> bool:
    return limit.scope is exposure.scope and _holder(limit) == exposure.holder


def _check_once(limits: Sequence[CreditLimit]) -> None:
    names = [limit.limit for limit in limits]
    if len(set(names)) != len(names):
        msg = f"limits must come once each, got {names}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class _Counted:
    """A limit with what it counts for on a day, before anything is used."""

    limit: CreditLimit
    counts: bool
    amount_minor: int
    cover_bps: int

    @classmethod
    def of(
        cls,
        limit: CreditLimit,
        exposure: Exposure,
        as_of: dt.date,
        rates: ExchangeRates | None,
        policies: Mapping[str, InsurancePolicy],
    ) -> _Counted:
        """A limit as it counts in the exposure's currency."""
        policy = policies.get(limit.policy) if limit.policy else None
        counts = limit.in_force(as_of)
        cover_bps = limit.cover_bps
        if policy is not None:
            counts = counts and policy.in_force(as_of) and limit.customer not in policy.excluded
            cover_bps = min(cover_bps, policy.insured_part(limit.kind))
        amount = _amount_in(limit, exposure.currency, as_of, rates) if counts else 0
        return cls(limit=limit, counts=counts, amount_minor=amount, cover_bps=cover_bps)

    @property
    def is_cover(self) -> bool:
        """Whether somebody else answers for it."""
        return self.limit.kind not in _OWN

    def standing(self, amount: int, used: int, currency: str, as_of: dt.date) -> LimitStanding:
        """The limit with what is used of it."""
        until = self.limit.until
        return LimitStanding(
            limit=self.limit,
            currency=currency,
            amount_minor=amount,
            used_minor=used,
            ends_in_days=None if until is None else -days_past(until, as_of=as_of),
        )


def _amount_in(
    limit: CreditLimit, currency: str, as_of: dt.date, rates: ExchangeRates | None
) -> int:
    """What a limit counts for in a currency, in minor units, rounded down."""
    parts = [(to_minor(limit.amount), limit.amount.currency.code)]
    if limit.collateral is not None:
        secured = limit.collateral
        parts.append((secured.lending_minor, secured.value.currency.code))
    return min(
        in_currency(minor, code, currency, as_of=as_of, rates=rates, rounding=Rounding.DOWN)
        for minor, code in parts
    )


def expiring(
    limits: Iterable[CreditLimit], *, as_of: dt.date, within_days: int
) -> tuple[CreditLimit, ...]:
    """The limits in force whose last day is at most so many days ahead, the first to end first.

    Raises `PolicyError` for days below zero.

    >>> from receivables.money import money
    >>> summer = CreditLimit(limit="T-1", customer="C-1", amount=money("1", "EUR"), kind="temporary",
    ...                      until=dt.date(2026, 8, 31))
    >>> [one.limit for one in expiring([summer], as_of=dt.date(2026, 8, 1), within_days=30)]
    ['T-1']
    """
    check_day(as_of, name="as_of")
    if within_days < 0:
        msg = f"within_days must be zero or more, got {within_days}"
        raise PolicyError(msg)
    found = [
        (limit.until, limit.limit, limit)
        for limit in limits
        if limit.until is not None
        and limit.in_force(as_of)
        and -days_past(limit.until, as_of=as_of) <= within_days
    ]
    return tuple(limit for _, _, limit in sorted(found, key=lambda one: one[:2]))
