"""What stands on a worklist, and why: values that scoring reads and gives back.

>>> reason = WorkReason(kind=WorkReasonKind.AGE, points=15, days=42)
>>> line = WorkLine(customer="C-017", place=1, reasons=(reason,), role="collector")
>>> line.points
15
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
from receivables.casework import DisputeOwner, DisputeReason, NonPaymentReason
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.money import Money, exact, to_minor
from receivables.parties import Channel, CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "CASE_COLUMNS",
    "Barred",
    "CustomerCase",
    "Deadline",
    "DeadlineKind",
    "DueMatter",
    "OpenDispute",
    "OverdueAmount",
    "PointScale",
    "RankBy",
    "WorkLine",
    "WorkReason",
    "WorkReasonKind",
    "Worklist",
]

_POINTS_MAX: Final = 10_000
"""Points of one step: more than any list needs, and thirteen of them weighted are far from 64 bits."""


class WorkReasonKind(enum.Enum):
    """Why somebody stands on the list, or stands higher."""

    AMOUNT = "amount"
    """What is past due and may be asked for, by currency."""
    AGE = "age"
    """Days past due of the oldest of it."""
    DEADLINE = "deadline"
    """A day of law or contract after which a right is lost."""
    PROMISE_DUE = "promise-due"
    """A promise to pay that is due today, or was due and is not judged yet."""
    INSTALLMENT_DUE = "installment-due"
    """An installment of a payment plan that is due and not paid."""
    STAKE = "stake"
    """What is promised or falls due within the days that the policy looks ahead."""
    NEXT_ACTION = "next-action"
    """What was written down as the next step, on the day it was written down for."""
    REQUEST = "request"
    """What the customer asked us for and has not got in time."""
    DISPUTE = "dispute"
    """A dispute that is not answered in time."""
    RISK = "risk"
    """The risk class of the customer."""
    BROKEN_PROMISE = "broken-promise"
    """How many promises were broken lately."""
    LIMIT = "limit"
    """How much of its credit limit a customer uses, in basis points."""

    @property
    def is_aggravating(self) -> bool:
        """Whether it lifts a line and is no reason to be on the list by itself."""
        return self in _AGGRAVATING


_AGGRAVATING: Final = frozenset(
    {WorkReasonKind.RISK, WorkReasonKind.BROKEN_PROMISE, WorkReasonKind.LIMIT}
)

CASE_COLUMNS: Final[Mapping[WorkReasonKind, str]] = MappingProxyType(
    {
        WorkReasonKind.AMOUNT: "overdue_minor",
        WorkReasonKind.AGE: "oldest_days",
        WorkReasonKind.DEADLINE: "deadline_days",
        WorkReasonKind.PROMISE_DUE: "promise_due_days",
        WorkReasonKind.INSTALLMENT_DUE: "installment_due_days",
        WorkReasonKind.STAKE: "stake_minor",
        WorkReasonKind.NEXT_ACTION: "next_action_days",
        WorkReasonKind.REQUEST: "request_days",
        WorkReasonKind.DISPUTE: "dispute_days",
        WorkReasonKind.RISK: "risk",
        WorkReasonKind.BROKEN_PROMISE: "broken_promises",
        WorkReasonKind.LIMIT: "limit_bps",
    }
)
"""The column of a frame of customers that each kind of reason reads.

Days are counted past the day in question: 0 on the day itself, below zero before it.
"""


class RankBy(enum.Enum):
    """What the order of a list follows."""

    POINTS = "points"
    CASH_PER_MINUTE = "cash-per-minute"
    """What a minute of work is expected to bring, by the tables of the policy."""


def _steps(values: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    try:
        return tuple((first, points) for first, points in values)
    except (TypeError, ValueError):
        msg = f"steps must be pairs of a value and its points, got {values!r}"
        raise PolicyError(msg) from None


@attrs.frozen
class PointScale:
    """Points by steps: from each value on, so many; nothing below the first.

    More never gives less: values rise and points do not fall.  Raises `PolicyError` otherwise, and
    for points below zero or above 10,000.

    >>> PointScale([(1, 5), (31, 15)]).at(30)
    5
    """

    steps: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=_steps)

    @steps.validator
    def _check_steps(self, _attribute: object, value: tuple[tuple[int, int], ...]) -> None:
        parts = [part for step in value for part in step]
        if any(isinstance(part, bool) or not isinstance(part, int) for part in parts):
            msg = f"steps must be whole numbers, got {value}"
            raise PolicyError(msg)
        values, points = [step[0] for step in value], [step[1] for step in value]
        if values != sorted(set(values)) or points != sorted(points):
            msg = f"steps must rise in their values and never fall in their points, got {value}"
            raise PolicyError(msg)
        if points and not 0 <= points[0] <= points[-1] <= _POINTS_MAX:
            msg = f"points must be 0 to {_POINTS_MAX}, got {value}"
            raise PolicyError(msg)
        if any(abs(one) > limits.AMOUNT_MINOR_MAX for one in values):
            msg = f"values of steps must be at most {limits.AMOUNT_MINOR_MAX}, got {value}"
            raise PolicyError(msg)

    def at(self, value: int) -> int:
        """The points of a value."""
        given = 0
        for first, points in self.steps:
            if value < first:
                break
            given = points
        return given

    def weighted(self, percent: int) -> PointScale:
        """The scale with its points at so many percent, cut to whole points."""
        return PointScale([(first, points * percent // 100) for first, points in self.steps])

    def times(self, factor: int) -> PointScale:
        """The scale with its values multiplied: whole units of money become minor units."""
        return PointScale([(first * factor, points) for first, points in self.steps])


@attrs.frozen(kw_only=True)
class WorkReason:
    """One reason with its points, and the figures that speak, as far as there are some."""

    kind: WorkReasonKind
    points: int
    currency: str = ""
    amount_minor: int | None = None
    days: int | None = None
    """Days past the day in question; below zero before it."""
    on: dt.date | None = None
    count: int | None = None
    bps: int | None = None
    reference: str = ""
    """The promise, plan, dispute, request, contact or deadline that it is about."""
    text: str = ""
    """What was written down: the next action, the risk class, the kind of deadline."""


@attrs.frozen(kw_only=True)
class OverdueAmount:
    """What is past due in one currency and may be asked for: held back parts and credits are off."""

    currency: str
    amount_minor: int
    oldest_days: int
    items: tuple[ItemId, ...] = ()


@attrs.frozen(kw_only=True)
class DueMatter:
    """Something that has a day: a promise, an installment, a deadline, a next action, a request."""

    kind: WorkReasonKind
    on: dt.date
    reference: str = ""
    currency: str = ""
    amount_minor: int = 0
    text: str = ""


@attrs.frozen(kw_only=True)
class OpenDispute:
    """A dispute that is not decided, as far as the routes ask about it."""

    dispute: str
    reason: DisputeReason
    owner: DisputeOwner


@attrs.frozen(kw_only=True)
class Barred:
    """A customer may not be contacted today: why, and from which day it may be again.

    `again_on` is None where nothing but another word of the customer, or of the law, changes it.
    """

    reason: str
    again_on: dt.date | None = None


class DeadlineKind(enum.Enum):
    """What is lost after the day."""

    LIMITATION = "limitation"
    """The claim is time-barred."""
    INSURER_DECLARATION = "insurer-declaration"
    """The credit insurer must have been told."""
    INSOLVENCY_CLAIM = "insolvency-claim"
    """The claim must have been declared in the proceedings."""
    COURT = "court"
    CONTRACT = "contract"
    OTHER = "other"


def _items(values: Iterable[str]) -> tuple[ItemId, ...]:
    return tuple(ItemId(value) for value in values)


@attrs.frozen(kw_only=True)
class Deadline:
    """A day of law or contract by which something must be done about a customer's items.

    It comes from whoever knows the law and the contracts; the list only shows it in time.

    >>> Deadline(customer="C-017", kind="limitation", on=dt.date(2026, 12, 31)).kind.value
    'limitation'
    """

    customer: CustomerId = attrs.field(converter=CustomerId)
    kind: DeadlineKind = attrs.field(converter=DeadlineKind)
    on: dt.date
    items: tuple[ItemId, ...] = attrs.field(default=(), converter=_items)
    amount: Money | None = attrs.field(default=None, converter=attrs.converters.optional(exact))
    reference: str = ""
    note: str = ""

    @property
    def matter(self) -> DueMatter:
        """The deadline as something that has a day."""
        return DueMatter(
            kind=WorkReasonKind.DEADLINE,
            on=self.on,
            reference=self.reference,
            currency="" if self.amount is None else self.amount.currency.code,
            amount_minor=0 if self.amount is None else to_minor(self.amount),
            text=self.kind.value,
        )


def _pairs(
    values: Mapping[str, int] | Iterable[tuple[str, int]],
) -> tuple[tuple[str, int], ...]:
    if not values:
        return ()
    return tuple(sorted(values.items() if isinstance(values, Mapping) else values))


@attrs.frozen(kw_only=True)
class CustomerCase:
    """Everything that the score of one customer is made of; `gather` reads it off the ledger."""

    customer: CustomerId = attrs.field(converter=CustomerId)
    overdue: tuple[OverdueAmount, ...] = ()
    """What may be asked for, a value per currency."""
    stakes: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_pairs)
    """What is at stake within the days looked ahead, in minor units by currency."""
    matters: tuple[DueMatter, ...] = ()
    risk: str = ""
    broken_promises: int = 0
    limit_bps: int = 0
    disputes: tuple[OpenDispute, ...] = ()
    last_reason: NonPaymentReason | None = None
    """Why it has not paid, as it said last."""
    last_contact_on: dt.date | None = None
    segment: str = ""
    owners: tuple[tuple[str, str], ...] = ()
    channel: Channel = Channel.PHONE
    barred: Barred | None = None

    oldest_days: int = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: max((one.oldest_days for one in self.overdue), default=0), takes_self=True
        ),
    )
    """Days past due of the oldest amount that may be asked for; 0 where there is none."""


def _amounts(values: Iterable[OverdueAmount]) -> tuple[OverdueAmount, ...]:
    return tuple(values)


def _reasons(values: Iterable[WorkReason]) -> tuple[WorkReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class WorkLine:
    """One customer to be worked on: its place, the reasons, and who does it how."""

    customer: CustomerId = attrs.field(converter=CustomerId)
    place: int
    """From 1 on."""
    reasons: tuple[WorkReason, ...] = attrs.field(converter=_reasons)
    """The weightiest first."""
    role: str
    """Who is to do it: ``collector``, ``salesperson``, ``branch-manager``, ``technician``…"""
    person: str = ""
    """The one that looks after the customer in that role; empty where nobody does."""
    channel: Channel = Channel.PHONE
    minutes: int = 1
    """How long it takes, by the table of the policy."""
    overdue: tuple[OverdueAmount, ...] = attrs.field(default=(), converter=_amounts)
    chance_bps: int = 0
    """The chance that a contact brings the money, where the list is ranked by cash."""
    gain_per_minute: int = 0
    """What a minute is expected to bring, likewise, in hundredths of the unit of comparison."""
    barred: Barred | None = None
    points: int = attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: sum(reason.points for reason in self.reasons), takes_self=True
        ),
    )

    @property
    def leading(self) -> WorkReason:
        """The weightiest reason."""
        return self.reasons[0]

    @property
    def may_contact(self) -> bool:
        """Whether nothing forbids a contact today."""
        return self.barred is None

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that something may be asked for in."""
        return tuple(one.currency for one in self.overdue)


def _lines(values: Iterable[WorkLine]) -> tuple[WorkLine, ...]:
    return tuple(values)


_ROW: Final = (
    "place",
    "customer",
    "points",
    "leading",
    "role",
    "person",
    "channel",
    "minutes",
    "overdue",
    "oldest_days",
    "gain_per_minute",
    "barred",
)
_ROW_NUMBERS: Final = frozenset({"place", "points", "minutes", "oldest_days", "gain_per_minute"})


@attrs.frozen(kw_only=True)
class Worklist(ShowsTable):
    """Who to work on, as of a day, the most pressing first.

    It is made by a policy of a name and a version, so that a list of last month can be made again.
    """

    as_of: dt.date
    policy: str
    version: str
    by: RankBy = RankBy.POINTS
    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    lines: tuple[WorkLine, ...] = attrs.field(default=(), converter=_lines, repr=False)

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[WorkLine]:
        return iter(self.lines)

    def line(self, customer: str) -> WorkLine | None:
        """The line of a customer, or None."""
        return next((line for line in self.lines if line.customer == customer), None)

    def of(self, *, role: str = "", person: str = "") -> Worklist:
        """The lines of a role or a person, in their places."""
        chosen = [
            line
            for line in self.lines
            if (not role or line.role == role) and (not person or line.person == person)
        ]
        return attrs.evolve(self, lines=chosen)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return _ROW

    def to_rows(self) -> list[tuple[str | int | None, ...]]:
        """The lines as tuples in the order of `columns`; amounts as text such as ``EUR 120000``."""
        return [_row(line) for line in self.lines]

    def to_dicts(self) -> list[dict[str, str | int | None]]:
        """The lines as dictionaries by the names of `columns`."""
        return [dict(zip(_ROW, row, strict=True)) for row in self.to_rows()]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The lines as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
        from receivables import frames  # noqa: PLC0415  # values must be cheap to import

        rows = self.to_rows()
        columns = {name: [row[index] for row in rows] for index, name in enumerate(_ROW)}
        texts = [name for name in _ROW if name not in _ROW_NUMBERS]
        return frames.frame_of(columns, backend=backend, texts=texts)

    def to_table(self) -> ResultTable:
        """A row per line and currency that may be asked for; totals per currency."""
        from receivables.collection._tables import worklist_table  # noqa: PLC0415  # stands on this

        return worklist_table(self)


def _row(line: WorkLine) -> tuple[str | int | None, ...]:
    amounts = ", ".join(f"{one.currency} {one.amount_minor}" for one in line.overdue)
    return (
        line.place,
        line.customer,
        line.points,
        line.leading.kind.value,
        line.role,
        line.person,
        line.channel.value,
        line.minutes,
        amounts,
        max((one.oldest_days for one in line.overdue), default=0),
        line.gain_per_minute,
        "" if line.barred is None else line.barred.reason,
    )
