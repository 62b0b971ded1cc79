"""The movement of a loss allowance: from the allowance of one day to that of another, by what moved it.

>>> from receivables.aging import AgingScheme
>>> from receivables.allowance.policies import ProvisionMatrix
>>> from receivables.allowance.objects import loss_allowance
>>> from receivables.testing.builders import an_open_item
>>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(30),
...                          segments={"": ["1 %", "2 %", "25 %"]})
>>> days = (dt.date(2026, 10, 15), dt.date(2026, 11, 15))
>>> opening, closing = (
...     loss_allowance([an_open_item(amount="1200.00")], matrix=matrix, as_of=day) for day in days)
>>> moved = allowance_movement(opening, closing)
>>> [(row.opening_minor, row.charge_minor, row.closing_minor) for row in moved.totals]
[(1200, 1200, 2400)]
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from receivables._arithmetic import Rounding, mul_div
from receivables.allocation.model import ResidualKind
from receivables.allowance._history import GivenUp, given_up
from receivables.allowance.model import AssessedItem, LineKind, LossAllowance
from receivables.allowance.objects import sum_converted
from receivables.allowance.policies import AllowanceStandard
from receivables.currencies.model import AppliedRate
from receivables.errors import CurrencyMismatchError, DocumentError, PolicyError
from receivables.ledger.objects import Ledger
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "AllowanceMovement",
    "AllowanceMovementRow",
    "MovementGrain",
    "UseOfAllowance",
    "allowance_movement",
    "ledger_movement",
]


class UseOfAllowance(enum.Enum):
    """What a write-off does to the allowance."""

    WHOLE = "whole"
    """The allowance bears all of it, and what it had not foreseen is charged (IFRS 7.35I, ASC 326)."""
    UP_TO_ALLOWANCE = "up-to-allowance"
    """The allowance bears what it had foreseen for the customer; the rest is a loss at once (PCG)."""


class MovementGrain(enum.Enum):
    """Whether an increase is a charge by customer, or by pool, where increases and releases net."""

    CUSTOMER = "customer"
    POOL = "pool"

    @classmethod
    def usual(cls, standard: AllowanceStandard) -> MovementGrain:
        """By customer where each claim is judged by itself, and by pool elsewhere."""
        return cls.CUSTOMER if standard is AllowanceStandard.INCURRED else cls.POOL


_PARTS: Final = (
    *("opening", "transfers", "charge", "release", "use", "recoveries", "exchange", "closing"),
)
_SIGNED: Final = _PARTS[:-1]


def _functional(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class AllowanceMovementRow:
    """What moved one allowance in one currency, in signed minor units.

    `kind` is ``pool`` or ``specific``.  Transfers between the two add up to zero; `charge_minor` is
    zero or more, `release_minor` and `use_minor` are zero or less.  `direct_loss_minor` is what was
    given up and no allowance bore; it is told beside the table.  `functional` has the same parts in
    the functional currency, where exchange differences are too.  Raises `DocumentError` where the
    parts do not lead from the opening to the closing.
    """

    creditor: str
    customer: str
    segment: str
    currency: str
    kind: LineKind
    opening_minor: int
    transfers_minor: int = 0
    charge_minor: int = 0
    release_minor: int = 0
    use_minor: int = 0
    recoveries_minor: int = 0
    exchange_minor: int = 0
    closing_minor: int
    direct_loss_minor: int = 0
    functional: Mapping[str, int] = attrs.field(factory=dict, converter=_functional)

    def __attrs_post_init__(self) -> None:
        parts = {name: getattr(self, f"{name}_minor") for name in _PARTS}
        for currency, found in ((self.currency, parts), ("functional", self.functional)):
            reached = sum(found.get(name, 0) for name in _SIGNED)
            if reached != found.get("closing", 0):
                msg = f"closing of {self.customer or self.segment or 'the pools'} in {currency} must be {reached}, got {found.get('closing', 0)}"
                raise DocumentError(msg)


def _rows(values: Iterable[AllowanceMovementRow]) -> tuple[AllowanceMovementRow, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class AllowanceMovement(ShowsTable):
    """The movement of an allowance between two days, row by row, each of which closes."""

    opening_on: dt.date
    closing_on: dt.date
    use: UseOfAllowance
    functional_currency: str = ""
    rows: tuple[AllowanceMovementRow, ...] = attrs.field(converter=_rows)

    @property
    def totals(self) -> tuple[AllowanceMovementRow, ...]:
        """One row per currency, over customers and kinds."""
        return self._added(lambda row: (row.currency, ""))

    @property
    def by_kind(self) -> tuple[AllowanceMovementRow, ...]:
        """One row per currency and kind: lifetime losses measured together, and specific ones (IFRS 7.35H)."""
        return self._added(lambda row: (row.currency, row.kind.value))

    def _added(
        self, key: Callable[[AllowanceMovementRow], tuple[str, str]]
    ) -> tuple[AllowanceMovementRow, ...]:
        groups: dict[tuple[str, str], list[AllowanceMovementRow]] = {}
        for row in self.rows:
            groups.setdefault(key(row), []).append(row)
        return tuple(_added(group) for _, group in sorted(groups.items()))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        functional = tuple(f"functional_{part}_minor" for part in _PARTS)
        own = tuple(f"{part}_minor" for part in _PARTS)
        keys = ("creditor", "customer", "segment", "currency", "kind")
        return (*keys, *own, "direct_loss_minor", *(functional if self.functional_currency else ()))

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The rows as tuples, in the order of `columns`, amounts in minor units."""
        return [self._tuple(row) for row in self.rows]

    def _tuple(self, row: AllowanceMovementRow) -> tuple[str | int, ...]:
        functional = (
            tuple(row.functional.get(part, 0) for part in _PARTS)
            if self.functional_currency
            else ()
        )
        own = tuple(getattr(row, f"{part}_minor") for part in _PARTS)
        keys = (row.creditor, row.customer, row.segment, row.currency, row.kind.value)
        return (*keys, *own, row.direct_loss_minor, *functional)

    def to_table(self) -> ResultTable:
        """A row per currency and kind of allowance, one total per currency."""
        from receivables.allowance._tables import movement_table  # noqa: PLC0415  # for readers

        return movement_table(self, parts=_PARTS)

    def __str__(self) -> str:
        from receivables.allowance._tables import amount_text, text_table  # noqa: PLC0415  # for readers

        rows = [("currency", "of", *(part for part in _PARTS if part != "exchange"))]
        for row in (*self.by_kind, *self.totals):
            of = row.kind.value if row in self.by_kind else "total"
            amounts = (getattr(row, f"{part}_minor") for part in _PARTS if part != "exchange")
            rows.append(
                (row.currency, of, *(amount_text(minor, row.currency) for minor in amounts))
            )
        caption = f"loss allowance from {self.opening_on} to {self.closing_on}"
        return f"{caption}\n{text_table(rows, left=2)}"


def _added(group: list[AllowanceMovementRow]) -> AllowanceMovementRow:
    first = group[0]
    sums = {
        f"{part}_minor": sum(getattr(row, f"{part}_minor") for row in group)
        for part in (*_PARTS, "direct_loss")
    }
    functional = {part: sum(row.functional.get(part, 0) for row in group) for part in _PARTS}
    one_kind = len({row.kind for row in group}) == 1
    return AllowanceMovementRow(
        creditor=first.creditor,
        customer="",
        segment="",
        currency=first.currency,
        kind=first.kind if one_kind else LineKind.POOL,
        functional=functional,
        **sums,
    )


_Key: TypeAlias = tuple[str, str, str, str, LineKind]
"""Creditor, customer, segment, currency and kind."""

_Bucket: TypeAlias = tuple[str, str, str, str, int]
"""Creditor, customer, currency, specific allowance and bucket."""


def ledger_movement(
    ledger: Ledger,
    opening: LossAllowance,
    closing: LossAllowance,
    *,
    creditor: str,
    known_at: dt.datetime | None = None,
    use: UseOfAllowance | None = None,
    grain: MovementGrain | None = None,
) -> AllowanceMovement:
    """The movement between two allowances of a creditor, with what its ledger wrote off and recovered.

    What is written off counts without the tax that the tax office gives back.  Recoveries of claims
    that had been written off go through the allowance under CECL, and are income elsewhere.
    """
    kinds = (ResidualKind.WRITE_OFF, ResidualKind.RECOVERY)
    until = closing.as_of
    given = [
        one
        for one in given_up(ledger, creditor, until=until, known_at=known_at, kinds=kinds)
        if one.on > opening.as_of
    ]
    is_cecl = closing.matrix.standard is AllowanceStandard.CECL
    kept = [one for one in given if one.kind is ResidualKind.WRITE_OFF or is_cecl]
    return allowance_movement(opening, closing, given=kept, use=use, grain=grain)


def allowance_movement(
    opening: LossAllowance,
    closing: LossAllowance,
    *,
    given: Iterable[GivenUp] = (),
    use: UseOfAllowance | None = None,
    grain: MovementGrain | None = None,
) -> AllowanceMovement:
    """The movement from one allowance to a later one, and what was given up and recovered in between.

    What changed is first explained by what is known: items that went from a pool to a specific
    allowance or back, at what the opening held for them, write-offs, recoveries.  The rest is a
    charge where it is positive, and else a release.  In the functional currency every part is taken
    at the closing rate, and what that leaves is the exchange difference of the opening.

    Without `use` and `grain` a standard of incurred losses goes customer by customer, and uses of an
    allowance what there is of it; others go pool by pool, and a write-off uses it whole.  Raises `PolicyError` for allowances out of order, and
    `CurrencyMismatchError` for two functional currencies.
    """
    _check_pair(opening, closing)
    way = use or _USUAL.get(closing.matrix.standard, UseOfAllowance.WHOLE)
    by = grain or MovementGrain.usual(closing.matrix.standard)
    table = _Table(opening=opening, closing=closing, use=way, grain=by)
    table.hold()
    table.transfer()
    for one in given:
        table.give(one)
    return AllowanceMovement(
        opening_on=opening.as_of,
        closing_on=closing.as_of,
        use=way,
        functional_currency=closing.functional_currency,
        rows=[row for row in map(table.row, sorted(table.parts, key=_order)) if _says(row)],
    )


_USUAL: Final = {AllowanceStandard.INCURRED: UseOfAllowance.UP_TO_ALLOWANCE}


def _check_pair(opening: LossAllowance, closing: LossAllowance) -> None:
    if closing.as_of < opening.as_of:
        msg = f"closing must be of {opening.as_of} or later, got {closing.as_of}"
        raise PolicyError(msg)
    if opening.functional_currency != closing.functional_currency:
        msg = f"functional currency must be one, got {opening.functional_currency!r} and {closing.functional_currency!r}"
        raise CurrencyMismatchError(msg)


def _order(key: _Key) -> tuple[str, str, str, str, str]:
    return (*key[:4], key[4].value)


def _says(row: AllowanceMovementRow) -> bool:
    own = any(getattr(row, f"{part}_minor") for part in _PARTS)
    return own or any(row.functional.values()) or bool(row.direct_loss_minor)


@attrs.define
class _Parts:
    """The parts of one row under way."""

    opening: int = 0
    closing: int = 0
    transfers: int = 0
    given: int = 0
    recoveries: int = 0
    functional_opening: int = 0
    functional_closing: int = 0


@attrs.define(kw_only=True)
class _Table:
    """The rows of a movement under way."""

    opening: LossAllowance
    closing: LossAllowance
    use: UseOfAllowance
    grain: MovementGrain
    parts: dict[_Key, _Parts] = attrs.field(factory=dict)
    _before: dict[tuple[str, str], AssessedItem] = attrs.field(factory=dict)
    _segments: dict[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._before = {(one.creditor, one.item): one for one in self.opening.items}
        # The segment of today: what a customer was called before is no other pool.
        for allowance in (self.opening, self.closing):
            for line in allowance.lines:
                self._segments[line.customer] = line.segment

    def key(self, creditor: str, customer: str, currency: str, kind: LineKind) -> _Key:
        """The row of an amount: what a cover bears moves with the pool that it is a part of."""
        told = LineKind.SPECIFIC if kind is LineKind.SPECIFIC else LineKind.POOL
        segment = self._segments.get(customer, "")
        if self.grain is MovementGrain.POOL:
            return (creditor, "", segment, currency, told)
        return (creditor, customer, segment, currency, told)

    def at(self, creditor: str, customer: str, currency: str, kind: LineKind) -> _Parts:
        """The parts of that row, new where there are none."""
        return self.parts.setdefault(self.key(creditor, customer, currency, kind), _Parts())

    def hold(self) -> None:
        """Put both allowances into their rows."""
        for line in self.opening.lines:
            row = self.at(line.creditor, line.customer, line.currency, line.kind)
            row.opening += line.allowance_minor
            row.functional_opening += line.functional_minor or 0
        for line in self.closing.lines:
            row = self.at(line.creditor, line.customer, line.currency, line.kind)
            row.closing += line.allowance_minor
            row.functional_closing += line.functional_minor or 0

    def transfer(self) -> None:
        """Move what the opening held for items that are measured in another way now."""
        held = _held_for(self.opening)
        for now in self.closing.items:
            before = self._before.get((now.creditor, now.item))
            if before is None or before.kind is now.kind:
                continue
            minor = held.get((now.creditor, now.item), 0)
            self.at(
                before.creditor, before.customer, before.currency, before.kind
            ).transfers -= minor
            self.at(now.creditor, before.customer, now.currency, now.kind).transfers += minor

    def give(self, one: GivenUp) -> None:
        """Take up what was written off, or recovered."""
        before = self._before.get((one.creditor, one.item))
        kind = LineKind.POOL if before is None else before.kind
        row = self.at(one.creditor, one.customer, one.currency, kind)
        if one.kind is ResidualKind.RECOVERY:
            row.recoveries += one.net_minor
        else:
            row.given += one.net_minor

    def row(self, key: _Key) -> AllowanceMovementRow:
        """One row, closed: what no fact explains is a charge or a release."""
        parts = self.parts[key]
        used = self._used(parts)
        explained = parts.opening + parts.transfers - used + parts.recoveries
        rest = parts.closing - explained
        own = {
            "opening": parts.opening,
            "transfers": parts.transfers,
            "charge": max(rest, 0),
            "release": min(rest, 0),
            "use": -used,
            "recoveries": parts.recoveries,
            "closing": parts.closing,
        }
        creditor, customer, segment, currency, kind = key
        return AllowanceMovementRow(
            creditor=creditor,
            customer=customer,
            segment=segment,
            currency=currency,
            kind=kind,
            direct_loss_minor=parts.given - used,
            functional=self._functional(own, parts, currency),
            **{f"{name}_minor": minor for name, minor in own.items()},
        )

    def _used(self, parts: _Parts) -> int:
        if self.use is UseOfAllowance.WHOLE:
            return parts.given
        return min(max(parts.given, 0), max(parts.opening + parts.transfers, 0))

    def _functional(
        self, own: Mapping[str, int], parts: _Parts, currency: str
    ) -> Mapping[str, int]:
        """The same parts at the closing rate, and what that leaves as the exchange difference."""
        rate = self._rate(currency)
        if rate is None:
            # Nothing is held in it on either day: what was used was charged as well.
            return {}
        middle = ("transfers", "charge", "release", "use", "recoveries")
        found = {name: sum_converted(own[name], rate) for name in middle}
        exchange = parts.functional_closing - parts.functional_opening - sum(found.values())
        return {
            "opening": parts.functional_opening,
            **found,
            "exchange": exchange,
            "closing": parts.functional_closing,
        }

    def _rate(self, currency: str) -> AppliedRate | None:
        """The closing rate of a currency, or the opening one where nothing is left in it."""
        every = (*self.closing.rates, *self.opening.rates)
        return next((rate for rate in every if rate.base == currency), None)


def _held_for(opening: LossAllowance) -> dict[tuple[str, str], int]:
    """What the opening held for each item: its part of its bucket's lines, rounded down."""
    lost: dict[_Bucket, int] = {}
    key: _Bucket
    for line in opening.lines:
        key = (line.creditor, line.customer, line.currency, line.specific, line.bucket)
        lost[key] = lost.get(key, 0) + line.allowance_minor
    whole: dict[_Bucket, int] = {}
    for one in opening.items:
        key = _place(one)
        whole[key] = whole.get(key, 0) + max(one.base_minor, 0)
    return {
        (one.creditor, one.item): mul_div(
            lost.get(_place(one), 0),
            max(one.base_minor, 0),
            max(whole[_place(one)], 1),
            rounding=Rounding.DOWN,
        )
        for one in opening.items
    }


def _place(one: AssessedItem) -> _Bucket:
    return (one.creditor, one.customer, one.currency, one.specific, one.bucket)
