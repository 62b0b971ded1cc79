"""Ranking over values: readable, exact, and what the column shell is compared with.

>>> case = CustomerCase(
...     customer="C-017",
...     overdue=[OverdueAmount(currency="EUR", amount_minor=120_000, oldest_days=45)],
... )
>>> found = rank([case], policy=STANDARD, as_of=dt.date(2026, 10, 31))
>>> [(reason.kind.value, reason.points) for reason in found.lines[0].reasons]
[('age', 15), ('amount', 8)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.collection import rules
from receivables.collection.model import (
    CASE_COLUMNS,
    Barred,
    CustomerCase,
    DueMatter,
    OverdueAmount,
    PointScale,
    RankBy,
    WorkLine,
    Worklist,
    WorkReason,
    WorkReasonKind,
)
from receivables.collection.policies import STANDARD, WorklistPolicy
from receivables.days import check_day, days_past
from receivables.errors import PolicyError
from receivables.money import digits

__all__ = ["case_columns", "expected_minor", "rank", "reasons_of"]

_ONE_PPM: Final = 1_000_000


def rank(
    cases: Iterable[CustomerCase],
    *,
    policy: WorklistPolicy = STANDARD,
    as_of: dt.date,
    by: RankBy | str = RankBy.POINTS,
    creditor: str = "",
) -> Worklist:
    """Rank customers: who has no reason of its own is not on the list.

    Equal lines go to whoever was contacted least recently, then to the older amount, then by name,
    so that the order is one whatever the order of the cases.  Raises `PolicyError` for a risk class
    or a currency that the policy does not know.
    """
    check_day(as_of, name="as_of")
    order, desk = _ranking(by), _Desk(policy=policy, as_of=as_of)
    drafts = [
        _Draft(case, reasons, sum(reason.points for reason in reasons))
        for case in cases
        if _stands(reasons := desk.reasons(case))
    ]
    if order is RankBy.CASH_PER_MINUTE:
        desk.time(drafts)
    drafts.sort(key=_key)
    return Worklist(
        as_of=as_of,
        policy=policy.name,
        version=policy.version,
        by=order,
        creditor=creditor,
        lines=[desk.line(draft, place) for place, draft in enumerate(drafts, start=1)],
    )


def reasons_of(
    case: CustomerCase, *, policy: WorklistPolicy = STANDARD, as_of: dt.date
) -> tuple[WorkReason, ...]:
    """Every reason that gives a customer points, the weightiest first; aggravating ones too."""
    return _Desk(policy=policy, as_of=as_of).reasons(case)


def expected_minor(
    case: CustomerCase, *, policy: WorklistPolicy = STANDARD, as_of: dt.date
) -> dict[str, int]:
    """What a contact is expected to bring in each currency: the amount times the policy's chance.

    What may be asked for counts, and the promises and installments that are due.

    >>> case = CustomerCase(
    ...     customer="C-017",
    ...     overdue=[OverdueAmount(currency="EUR", amount_minor=120_000, oldest_days=45)],
    ... )
    >>> expected_minor(case, as_of=dt.date(2026, 10, 31))
    {'EUR': 48000}
    """
    chance = policy.cash.chance_bps(case)
    return {
        currency: mul_div(minor, chance, 10_000, rounding=Rounding.HALF_EVEN)
        for currency, minor in sorted(_within_reach(case, as_of).items())
    }


def case_columns(cases: Iterable[CustomerCase], *, as_of: dt.date) -> dict[str, list[Any]]:
    """Cases as plain columns, for `columns.priority`: one row per customer and currency.

    A day that there is none of is a gap.
    """
    rows = [row for case in cases for row in _case_rows(case, as_of)]
    names = ("customer", "currency", *CASE_COLUMNS.values())
    return {name: [row[name] for row in rows] for name in names}


def _ranking(by: RankBy | str) -> RankBy:
    try:
        return RankBy(by)
    except ValueError:
        msg = f"by must be one of {', '.join(one.value for one in RankBy)}, got {by!r}"
        raise PolicyError(msg) from None


@attrs.define
class _Draft:
    """A line on its way to its place."""

    case: CustomerCase
    reasons: tuple[WorkReason, ...]
    points: int
    chance_bps: int = 0
    gain_per_minute: int = 0


@attrs.frozen(kw_only=True)
class _Desk:
    """A policy on a day, with the scales that it has built so far."""

    policy: WorklistPolicy
    as_of: dt.date
    scales: dict[tuple[WorkReasonKind, str], PointScale] = attrs.field(factory=dict)

    def reasons(self, case: CustomerCase) -> tuple[WorkReason, ...]:
        found = [
            *self._owed(case),
            *self._matters(case),
            *self._aggravating(case),
        ]
        found.sort(key=_weight)
        return tuple(found)

    def time(self, drafts: list[_Draft]) -> None:
        """Say of each draft what a minute is expected to bring."""
        reach = [_within_reach(draft.case, self.as_of) for draft in drafts]
        worth = _worth(self.policy, {code for amounts in reach for code in amounts})
        for draft, amounts in zip(drafts, reach, strict=True):
            draft.chance_bps = self.policy.cash.chance_bps(draft.case)
            minutes = self.policy.cash.minutes_of(draft.case)
            draft.gain_per_minute = _gain(amounts, draft.chance_bps, minutes, worth=worth)

    def line(self, draft: _Draft, place: int) -> WorkLine:
        case = draft.case
        leading = next(one.kind for one in draft.reasons if not one.kind.is_aggravating)
        role = self.policy.role_of(case, leading)
        return WorkLine(
            customer=case.customer,
            place=place,
            reasons=draft.reasons,
            role=role,
            person=dict(case.owners).get(role, "") or self.policy.people.get(role, ""),
            channel=case.channel,
            minutes=self.policy.cash.minutes_of(case),
            overdue=case.overdue,
            chance_bps=draft.chance_bps,
            gain_per_minute=draft.gain_per_minute,
            barred=_barred(case, self.as_of),
        )

    def _scale(self, kind: WorkReasonKind, currency: str = "") -> PointScale:
        key = (kind, currency)
        if key not in self.scales:
            self.scales[key] = self.policy.scale(kind, currency=currency)
        return self.scales[key]

    def _points(self, kind: WorkReasonKind, value: int, currency: str = "") -> int:
        return int(rules.points(value, scale=self._scale(kind, currency)))

    def _owed(self, case: CustomerCase) -> Iterator[WorkReason]:
        """The reasons of what is owed: an amount counts by the currency that it gives most in."""
        if case.overdue:
            amounts = [(one.currency, one.amount_minor) for one in case.overdue]
            yield from self._largest(WorkReasonKind.AMOUNT, amounts)
            days = case.oldest_days
            if points := self._points(WorkReasonKind.AGE, days):
                yield WorkReason(kind=WorkReasonKind.AGE, points=points, days=days)
        if case.stakes:
            yield from self._largest(WorkReasonKind.STAKE, case.stakes)

    def _largest(
        self, kind: WorkReasonKind, amounts: Iterable[tuple[str, int]]
    ) -> Iterator[WorkReason]:
        best, currency, minor = 0, "", 0
        for code, amount in amounts:
            points = self._points(kind, amount, code)
            if points > best:
                best, currency, minor = points, code, amount
        if best:
            yield WorkReason(kind=kind, points=best, currency=currency, amount_minor=minor)

    def _matters(self, case: CustomerCase) -> Iterator[WorkReason]:
        """The most pressing matter of each kind."""
        pressing: dict[WorkReasonKind, DueMatter] = {}
        for matter in case.matters:
            first = pressing.get(matter.kind)
            if first is None or (matter.on, matter.reference) < (first.on, first.reference):
                pressing[matter.kind] = matter
        for kind, matter in pressing.items():
            days, scale = days_past(matter.on, as_of=self.as_of), self._scale(kind)
            points = int(rules.points(days, scale=scale))
            if not points:
                continue
            yield WorkReason(
                kind=kind,
                points=points,
                currency=matter.currency,
                amount_minor=matter.amount_minor if matter.currency else None,
                days=days,
                on=matter.on,
                count=sum(
                    one.kind is kind and scale.at(days_past(one.on, as_of=self.as_of)) > 0
                    for one in case.matters
                ),
                reference=matter.reference,
                text=matter.text,
            )

    def _aggravating(self, case: CustomerCase) -> Iterator[WorkReason]:
        risk, broken, used = WorkReasonKind.RISK, case.broken_promises, case.limit_bps
        if points := self.policy.risk_points(case.risk):
            yield WorkReason(kind=risk, points=points, text=case.risk)
        if broken and (points := self._points(WorkReasonKind.BROKEN_PROMISE, broken)):
            yield WorkReason(kind=WorkReasonKind.BROKEN_PROMISE, points=points, count=broken)
        if used and (points := self._points(WorkReasonKind.LIMIT, used)):
            yield WorkReason(kind=WorkReasonKind.LIMIT, points=points, bps=used)


_ORDER: Final = {kind: place for place, kind in enumerate(WorkReasonKind)}


def _weight(reason: WorkReason) -> tuple[int, int]:
    return -reason.points, _ORDER[reason.kind]


def _stands(reasons: tuple[WorkReason, ...]) -> bool:
    return any(not reason.kind.is_aggravating for reason in reasons)


def _barred(case: CustomerCase, as_of: dt.date) -> Barred | None:
    """The bar that holds on the day: one that has ended does not."""
    barred = case.barred
    if barred is not None and barred.again_on is not None and barred.again_on <= as_of:
        return None
    return barred


def _within_reach(case: CustomerCase, as_of: dt.date) -> dict[str, int]:
    """What a contact may bring, in minor units by currency."""
    sums = {one.currency: one.amount_minor for one in case.overdue}
    due = (WorkReasonKind.PROMISE_DUE, WorkReasonKind.INSTALLMENT_DUE)
    for matter in case.matters:
        if matter.kind in due and matter.currency and matter.on <= as_of:
            sums[matter.currency] = sums.get(matter.currency, 0) + matter.amount_minor
    return sums


def _worth(policy: WorklistPolicy, currencies: set[str]) -> dict[str, tuple[int, int]]:
    """Numerator and denominator from minor units to hundredths of the unit of comparison."""
    table = policy.cash.worth_ppm
    missing = sorted(currencies - set(table))
    if len(currencies) > 1 and missing:
        msg = f"worth_ppm must name every currency of the list to compare their minutes, got none for {', '.join(missing)}"
        raise PolicyError(msg)
    return {
        code: (table.get(code, _ONE_PPM) * 100, _ONE_PPM * 10 ** digits(code))
        for code in currencies
    }


def _gain(
    amounts: Mapping[str, int], chance: int, minutes: int, *, worth: Mapping[str, tuple[int, int]]
) -> int:
    """The expected gain of a minute: one division for each currency, so that it is rounded once."""
    return sum(
        mul_div(
            minor * chance,
            worth[code][0],
            worth[code][1] * 10_000 * minutes,
            rounding=Rounding.HALF_EVEN,
        )
        for code, minor in amounts.items()
    )


def _key(draft: _Draft) -> tuple[int, int, int, int, str]:
    """The ranking's own figure, the points, and what decides between equals."""
    contacted = draft.case.last_contact_on
    return (
        -draft.gain_per_minute,
        -draft.points,
        0 if contacted is None else contacted.toordinal(),
        -draft.case.oldest_days,
        draft.case.customer,
    )


def _case_rows(case: CustomerCase, as_of: dt.date) -> Iterator[dict[str, Any]]:
    shared = _shared(case, as_of)
    overdue = {one.currency: one for one in case.overdue}
    stakes = dict(case.stakes)
    for currency in sorted({*overdue, *stakes}) or [""]:
        one = overdue.get(currency, OverdueAmount(currency=currency, amount_minor=0, oldest_days=0))
        yield {
            **shared,
            "customer": case.customer,
            "currency": currency,
            CASE_COLUMNS[WorkReasonKind.AMOUNT]: one.amount_minor,
            CASE_COLUMNS[WorkReasonKind.AGE]: case.oldest_days,
            CASE_COLUMNS[WorkReasonKind.STAKE]: stakes.get(currency, 0),
        }


def _shared(case: CustomerCase, as_of: dt.date) -> dict[str, Any]:
    """What every row of a customer has: the days of its matters, its class, its counts."""
    row: dict[str, Any] = dict.fromkeys(CASE_COLUMNS.values())
    for matter in case.matters:
        name, days = CASE_COLUMNS[matter.kind], days_past(matter.on, as_of=as_of)
        row[name] = days if row[name] is None else max(row[name], days)
    row[CASE_COLUMNS[WorkReasonKind.RISK]] = case.risk
    row[CASE_COLUMNS[WorkReasonKind.BROKEN_PROMISE]] = case.broken_promises
    row[CASE_COLUMNS[WorkReasonKind.LIMIT]] = case.limit_bps
    return row
