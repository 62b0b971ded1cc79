"""What a loss allowance is made of: lines that add up, and the one place of every item.

>>> line = LossAllowanceLine(
...     kind=LineKind.POOL, creditor="MIRA", customer="C-017", currency="EUR", segment="",
...     bucket=1, label="1-30", gross_minor=6_000_000, base_minor=6_000_000,
...     rate=Fraction(2000, 23000), allowance_minor=521_739, items=3)
>>> line.reason
'1-30: 8.6957 %'
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.allowance._exact import exact_rate, percent_text
from receivables.allowance.policies import Cover, ProvisionMatrix
from receivables.casework.losses import SpecificAllowance
from receivables.currencies.model import AppliedRate
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.parties import CreditorId, Customer, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "AllowanceFacts",
    "AssessedItem",
    "LineKind",
    "LossAllowance",
    "LossAllowanceLine",
    "LossAllowanceTotal",
]

_ItemKey: TypeAlias = str


class LineKind(enum.Enum):
    """What a line of an allowance is about."""

    POOL = "pool"
    """Measured together with others of its segment, by the rate of a bucket."""
    COVERED = "covered"
    """The part of a pool that an insurer or a security bears."""
    SPECIFIC = "specific"
    """Measured apart, by a person's judgment."""
    CREDIT = "credit"
    """Credits that lower no loss: they stand apart, or are left over."""


@attrs.frozen(kw_only=True)
class LossAllowanceLine:
    """What is expected to be lost of one customer, bucket and currency, in minor units.

    `gross_minor` is what is open, `base_minor` the part of it that the rate is taken of.  Raises
    `DocumentError` where the allowance is below zero, or more than what is open.
    """

    kind: LineKind
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    segment: str
    bucket: int
    """The index of the bucket; -1 for credits."""
    label: str
    gross_minor: int
    base_minor: int
    rate: Fraction
    allowance_minor: int = attrs.field()
    items: int = 0
    """How many open items stand behind the bucket."""
    specific: str = ""
    """The specific allowance that it is measured by."""
    functional_minor: int | None = None
    """The allowance in the functional currency, where one was asked for."""

    @allowance_minor.validator
    def _check_allowance(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= max(self.base_minor, 0) <= max(self.gross_minor, 0):
            msg = f"allowance of {self.customer} must be from 0 to {self.base_minor}, and that no more than {self.gross_minor}, got {value}"
            raise DocumentError(msg)

    @property
    def reason(self) -> str:
        """Why the allowance is what it is, in few English words."""
        if self.kind is LineKind.CREDIT:
            return "credits lower nobody else's loss"
        name = {
            LineKind.SPECIFIC: f"specific allowance {self.specific}",
            LineKind.COVERED: f"covered, {self.label}",
        }.get(self.kind, self.label)
        of = f"{self.segment}, " if self.segment and self.kind is not LineKind.SPECIFIC else ""
        return f"{of}{name}: {percent_text(self.rate)}"


@attrs.frozen(kw_only=True)
class AssessedItem:
    """Where an open item stands in an allowance: in one pool, or in one specific allowance."""

    item: ItemId = attrs.field(converter=ItemId)
    kind: LineKind
    creditor: CreditorId
    customer: CustomerId
    currency: str
    segment: str
    bucket: int
    days: int
    """Its age in days, as the scheme counts it."""
    open_minor: int
    base_minor: int
    """What of it the rate is taken of, before its customer's credits and covers."""
    specific: str = ""


def _by_name(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class LossAllowanceTotal:
    """Lines added up: by what, what is open, what the rates were taken of, what is expected lost."""

    key: Mapping[str, str] = attrs.field(converter=_by_name)
    gross_minor: int
    base_minor: int
    allowance_minor: int
    functional_minor: int | None = None

    @property
    def rate(self) -> Fraction:
        """The allowance over what is open; zero where nothing is."""
        return Fraction(self.allowance_minor, self.gross_minor) if self.gross_minor else Fraction(0)


def _lines(values: Iterable[LossAllowanceLine]) -> tuple[LossAllowanceLine, ...]:
    return tuple(values)


def _assessed(values: Iterable[AssessedItem]) -> tuple[AssessedItem, ...]:
    return tuple(values)


def _applied(values: Iterable[AppliedRate]) -> tuple[AppliedRate, ...]:
    return tuple(values)


_COLUMNS: Final = (
    *("kind", "creditor", "customer", "currency", "segment", "bucket", "label", "specific"),
    *("gross_minor", "base_minor", "allowance_minor", "functional_minor", "items", "reason"),
)
_KEYS: Final = ("creditor", "customer", "currency", "segment", "bucket", "kind", "specific")


@attrs.frozen(kw_only=True)
class LossAllowance(ShowsTable):
    """A loss allowance at the end of a day: lines by customer, bucket and currency, and every item.

    Every total is the sum of its lines.  `notes` say in words what was left out or assumed.
    """

    as_of: dt.date
    matrix: ProvisionMatrix
    lines: tuple[LossAllowanceLine, ...] = attrs.field(converter=_lines, repr=False)
    items: tuple[AssessedItem, ...] = attrs.field(default=(), converter=_assessed, repr=False)
    known_at: dt.datetime | None = None
    functional_currency: str = ""
    rates: tuple[AppliedRate, ...] = attrs.field(default=(), converter=_applied)
    """The exchange rates that the functional amounts were worked out by."""
    notes: tuple[str, ...] = ()

    def totals(self, *by: str) -> tuple[LossAllowanceTotal, ...]:
        """The lines added up by some of creditor, customer, segment, bucket, kind and specific.

        Currencies are never added, so that ``currency`` is always one of the keys.  Raises
        `DocumentError` for another key.
        """
        if unknown := sorted(set(by) - set(_KEYS)):
            msg = f"totals must be by {', '.join(_KEYS)}, got {', '.join(unknown)}"
            raise DocumentError(msg)
        names = (*(name for name in by if name != "currency"), "currency")
        groups: dict[tuple[Any, ...], list[LossAllowanceLine]] = {}
        for line in self.lines:
            groups.setdefault(tuple(_key(line, name) for name in names), []).append(line)
        return tuple(_total(names, lines) for _, lines in sorted(groups.items()))

    def total_minor(self, currency: str) -> int:
        """The whole allowance in one currency, in minor units of it."""
        return sum(line.allowance_minor for line in self.lines if line.currency == currency)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Every currency that there is a line of, sorted."""
        return tuple(sorted({line.currency for line in self.lines}))

    @property
    def functional_minor(self) -> int:
        """The whole allowance in the functional currency; 0 where none was asked for."""
        return sum(line.functional_minor or 0 for line in self.lines)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return _COLUMNS

    def to_rows(self) -> list[tuple[str | int | None, ...]]:
        """The lines as tuples, in the order of `columns`, amounts in minor units."""
        return [tuple(_cell(line, name) for name in _COLUMNS) for line in self.lines]

    def to_dicts(self) -> list[dict[str, str | int | None]]:
        """The lines as dictionaries by the names of `columns`."""
        return [dict(zip(_COLUMNS, row, strict=True)) for row in self.to_rows()]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """The lines as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``.

        The texts for readers are left out, and so is the functional amount where there is none.
        """
        from receivables import frames  # noqa: PLC0415  # policies must be cheap to import

        left_out = {"label", "reason", *(() if self.functional_currency else ("functional_minor",))}
        kept = [name for name in _COLUMNS if name not in left_out]
        columns = {name: [_cell(line, name) for line in self.lines] for name in kept}
        return frames.frame_of(columns, backend=backend)

    def to_table(self) -> ResultTable:
        """A row per currency, kind and bucket, one total per currency."""
        from receivables.allowance import _tables  # noqa: PLC0415  # policies must be cheap to import

        return _tables.allowance_table(self)

    def __str__(self) -> str:
        from receivables.allowance import _tables  # noqa: PLC0415  # policies must be cheap to import

        return _tables.as_text(self)


def _key(line: LossAllowanceLine, name: str) -> Any:  # noqa: ANN401  # text or a whole number
    value = getattr(line, name)
    return value.value if isinstance(value, LineKind) else value


def _cell(line: LossAllowanceLine, name: str) -> str | int | None:
    value: str | int | None = _key(line, name)
    return value


def _total(names: tuple[str, ...], lines: list[LossAllowanceLine]) -> LossAllowanceTotal:
    known = all(line.functional_minor is not None for line in lines)
    return LossAllowanceTotal(
        key={name: _shown(lines[0], name) for name in names},
        gross_minor=sum(line.gross_minor for line in lines),
        base_minor=sum(line.base_minor for line in lines),
        allowance_minor=sum(line.allowance_minor for line in lines),
        functional_minor=sum(line.functional_minor or 0 for line in lines) if known else None,
    )


def _shown(line: LossAllowanceLine, name: str) -> str:
    return line.label if name == "bucket" else str(_key(line, name))


def _customers(
    values: Mapping[CustomerId, Customer] | Mapping[str, Customer] | Iterable[Customer],
) -> Mapping[str, Customer]:
    if isinstance(values, Mapping):
        return MappingProxyType(dict(values))
    return MappingProxyType({one.customer: one for one in values})


def _covers(values: Iterable[Cover]) -> tuple[Cover, ...]:
    return tuple(values)


def _specifics(values: Iterable[SpecificAllowance]) -> tuple[SpecificAllowance, ...]:
    return tuple(values)


def _amounts(values: Mapping[_ItemKey, int]) -> Mapping[_ItemKey, int]:
    return MappingProxyType(dict(values))


def _shares(values: Mapping[_ItemKey, Fraction]) -> Mapping[_ItemKey, Fraction]:
    shares = {
        item: exact_rate(share, name=f"tax share of {item}") for item, share in values.items()
    }
    for item, share in shares.items():
        if not 0 <= share <= 1:
            msg = f"tax share of {item} must be from 0 to 1, got {share}"
            raise DocumentError(msg)
    return MappingProxyType(shares)


@attrs.frozen(kw_only=True)
class AllowanceFacts:
    """What is known of customers and items besides what is open.

    `customers` make the segments, unless `segments` name them (a risk class, a rating).
    `contested` is what is disputed of an item and left out of the base, in minor units;
    `tax_shares` is the part of an item that is tax, for a base without it.  Raises `DocumentError`
    for two specific allowances of one name, and for two covers of one customer in one currency.
    """

    customers: Mapping[str, Customer] = attrs.field(factory=dict, converter=_customers)
    segments: Mapping[str, str] = attrs.field(factory=dict)
    specifics: tuple[SpecificAllowance, ...] = attrs.field(default=(), converter=_specifics)
    covers: tuple[Cover, ...] = attrs.field(default=(), converter=_covers)
    contested: Mapping[_ItemKey, int] = attrs.field(factory=dict, converter=_amounts)
    tax_shares: Mapping[_ItemKey, Fraction] = attrs.field(factory=dict, converter=_shares)
    _covered: frozenset[str] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(
            lambda self: frozenset(one.customer for one in self.covers), takes_self=True
        ),
    )

    def __attrs_post_init__(self) -> None:
        names = [one.specific for one in self.specifics]
        covered = [f"{one.customer} in {one.amount.currency.code}" for one in self.covers]
        for what, found in (("specifics", names), ("covers", covered)):
            if len(set(found)) != len(found):
                twice = next(one for one in found if found.count(one) > 1)
                msg = f"{what} must be there once each, got {twice} twice"
                raise DocumentError(msg)

    def segment_of(self, customer: str, matrix: ProvisionMatrix) -> str:
        """The segment of a customer in a matrix; raises `PolicyError` where the matrix has no rates."""
        named = self.segments.get(customer)
        if named is None:
            named = matrix.segment_of(
                self.customers.get(customer), is_covered=customer in self._covered
            )
        return matrix.known_segment(named)
