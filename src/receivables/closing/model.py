"""What proves the sub-ledger: its movements, the roll-forward, and the tie-out with its differences.

Amounts are signed minor units: what raises the customers' debt is positive, what lowers it negative,
as a debit and a credit on a receivable account are.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import digits
from receivables.parties import CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "Difference",
    "DifferenceCause",
    "GlBalance",
    "GlPosting",
    "Movement",
    "MovementKind",
    "RollForward",
    "RollForwardRow",
    "TieOut",
    "TieOutRow",
]


class MovementKind(enum.Enum):
    """What moved a balance; the order is that of the columns of a roll-forward."""

    OPENING = "opening"
    """What was open on an item before the first day that is looked at."""
    RECORDED_LATE = "recorded-late"
    """What was learned after the opening balance had been reported, and counts before it."""
    INVOICES = "invoices"
    DEBIT_NOTES = "debit-notes"
    CREDIT_NOTES = "credit-notes"
    CANCELLATIONS = "cancellations"
    RECEIPTS = "receipts"
    RETURNS = "returns"
    REFUNDS = "refunds"
    SETTLEMENT_DISCOUNTS = "settlement-discounts"
    SMALL_DIFFERENCES = "small-differences"
    BANK_CHARGES = "bank-charges"
    COLLECTION_FEES = "collection-fees"
    CASH_ROUNDING = "cash-rounding"
    WITHHOLDING_TAX = "withholding-tax"
    RETENTIONS = "retentions"
    """What a contract lets the customer keep: off one item and onto another, so mostly zero."""
    DEDUCTIONS = "deductions"
    """What a payer kept back with a reason: off one item and onto another, so mostly zero."""
    WRITE_OFFS = "write-offs"
    RECOVERIES = "recoveries"
    """Money for claims that had been written off: income, and no credit of the customer's."""
    SETTLED_IN_SOURCE = "settled-in-source"
    INTERCOMPANY = "intercompany"
    CONVERSIONS = "conversions"
    """The two sides of an allocation across currencies; zero at the rate that was agreed."""
    TRANSFERS = "transfers"
    """Between customers: a payer found, or one who pays for another; zero over all customers."""
    EXCHANGE = "exchange"
    """Realized exchange differences; in the functional currency only."""
    REVALUATION = "revaluation"
    """Unrealized exchange differences of a period end; in the functional currency only."""
    UNEXPLAINED = "unexplained"
    """What no event accounts for; anything but zero is a fault of the program or of the source."""


@attrs.frozen(kw_only=True)
class Movement:
    """One change of a customer's balance, with the event, the document and the item behind it.

    `date` is the day that it counts from.  `account` is the control account, where the movement comes
    from a journal and so has one.
    """

    kind: MovementKind
    date: dt.date
    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str = attrs.field()
    amount_minor: int
    document: str = ""
    item: ItemId = attrs.field(default=ItemId(""), converter=ItemId)
    event: str = ""
    account: str = ""
    recorded_at: dt.datetime | None = None

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)


def _sums(values: Mapping[MovementKind, int]) -> Mapping[MovementKind, int]:
    ordered = {kind: values[kind] for kind in MovementKind if values.get(kind)}
    return MappingProxyType(ordered)


@attrs.frozen(kw_only=True)
class RollForwardRow:
    """One customer's balance in one currency, from its opening by its movements to its closing.

    The functional figures are those of the journal, zero and without a currency where none was given.
    Raises `DocumentError` where opening and movements are not the closing, in either currency.

    >>> RollForwardRow(creditor="MIRA", customer="C-017", currency="EUR", opening_minor=10_000,
    ...                movements={MovementKind.RECEIPTS: -4_000}, closing_minor=5_000)
    Traceback (most recent call last):
        ...
    receivables.errors.DocumentError: closing of C-017 in EUR must be 6000, got 5000
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    opening_minor: int
    movements: Mapping[MovementKind, int] = attrs.field(factory=dict, converter=_sums)
    closing_minor: int = attrs.field()
    functional_currency: str = ""
    functional_opening_minor: int = 0
    functional_movements: Mapping[MovementKind, int] = attrs.field(factory=dict, converter=_sums)
    functional_closing_minor: int = attrs.field(default=0)

    @closing_minor.validator
    def _check_closing(self, _attribute: object, value: int) -> None:
        expected = self.opening_minor + sum(self.movements.values())
        self._check(expected, value, self.currency)

    @functional_closing_minor.validator
    def _check_functional_closing(self, _attribute: object, value: int) -> None:
        expected = self.functional_opening_minor + sum(self.functional_movements.values())
        self._check(expected, value, self.functional_currency)

    def _check(self, expected: int, value: int, currency: str) -> None:
        if value != expected:
            msg = f"closing of {self.customer} in {currency} must be {expected}, got {value}"
            raise DocumentError(msg)


def _rows(values: Iterable[RollForwardRow]) -> tuple[RollForwardRow, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class RollForward(ShowsTable):
    """Opening, movements and closing of every customer and currency, from a day to a day.

    The opening is that of the end of the day before `first`, the closing that of the end of `last`.
    Rows are sorted by creditor, customer and currency; amounts of different currencies are never
    added.
    """

    first: dt.date
    last: dt.date
    rows: tuple[RollForwardRow, ...] = attrs.field(converter=_rows)

    @property
    def kinds(self) -> tuple[MovementKind, ...]:
        """The kinds that moved anything, in the order of `MovementKind`."""
        moved = {kind for row in self.rows for kind in (*row.movements, *row.functional_movements)}
        return tuple(kind for kind in MovementKind if kind in moved)

    @property
    def totals(self) -> tuple[RollForwardRow, ...]:
        """One row per creditor and currency, over all customers (left empty)."""
        groups: dict[tuple[str, str], list[RollForwardRow]] = {}
        for row in self.rows:
            groups.setdefault((row.creditor, row.currency), []).append(row)
        return tuple(_total(rows) for _, rows in sorted(groups.items()))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        kinds = [kind.value for kind in self.kinds]
        names = ["creditor", "customer", "currency", "opening_minor", *kinds, "closing_minor"]
        if self._is_functional:
            functional = ("opening_minor", *kinds, "closing_minor")
            names += ["functional_currency", *(f"functional_{name}" for name in functional)]
        return tuple(names)

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The rows as tuples, in the order of `columns`, amounts in minor units."""
        return [self._tuple(row) for row in self.rows]

    def to_table(self) -> ResultTable:
        """A row per customer and currency, a column per kind of movement; totals per creditor."""
        from receivables.closing._tables import roll_forward_table  # noqa: PLC0415  # stands on this

        return roll_forward_table(self)

    def only(self, *, creditor: str | None = None, customer: str | None = None) -> RollForward:
        """The roll-forward of one entity, or of one customer."""
        kept = [
            row
            for row in self.rows
            if creditor in (None, row.creditor) and customer in (None, row.customer)
        ]
        return attrs.evolve(self, rows=kept)

    @property
    def _is_functional(self) -> bool:
        return any(row.functional_currency for row in self.rows)

    def _tuple(self, row: RollForwardRow) -> tuple[str | int, ...]:
        kinds = self.kinds
        moved = [row.movements.get(kind, 0) for kind in kinds]
        cells: list[str | int] = [row.creditor, row.customer, row.currency]
        cells += [row.opening_minor, *moved, row.closing_minor]
        if self._is_functional:
            moved = [row.functional_movements.get(kind, 0) for kind in kinds]
            cells += [row.functional_currency, row.functional_opening_minor]
            cells += [*moved, row.functional_closing_minor]
        return tuple(cells)


def _total(rows: list[RollForwardRow]) -> RollForwardRow:
    return RollForwardRow(
        creditor=rows[0].creditor,
        customer=CustomerId(""),
        currency=rows[0].currency,
        opening_minor=sum(row.opening_minor for row in rows),
        movements=_added([row.movements for row in rows]),
        closing_minor=sum(row.closing_minor for row in rows),
        functional_currency=max(row.functional_currency for row in rows),
        functional_opening_minor=sum(row.functional_opening_minor for row in rows),
        functional_movements=_added([row.functional_movements for row in rows]),
        functional_closing_minor=sum(row.functional_closing_minor for row in rows),
    )


def _added(parts: Iterable[Mapping[MovementKind, int]]) -> dict[MovementKind, int]:
    total: dict[MovementKind, int] = {}
    for part in parts:
        for kind, minor in part.items():
            total[kind] = total.get(kind, 0) + minor
    return total


@attrs.frozen(kw_only=True)
class GlPosting:
    """One line of a general ledger: an account, a day, a signed amount, debit positive.

    `document` and `customer` are what the general ledger says, empty where it says nothing.
    """

    account: str
    date: dt.date
    amount_minor: int
    currency: str = attrs.field()
    document: str = ""
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    text: str = ""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)


@attrs.frozen(kw_only=True)
class GlBalance:
    """The balance of an account of the general ledger at the end of a day, debit positive."""

    account: str
    amount_minor: int
    currency: str = attrs.field()

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        digits(value)


class DifferenceCause(enum.Enum):
    """Why the sub-ledger and the general ledger differ in a line."""

    TIMING = "timing"
    """Both have it, one of them after the day."""
    MISSING_IN_GENERAL_LEDGER = "missing-in-general-ledger"
    MISSING_IN_SUB_LEDGER = "missing-in-sub-ledger"
    AMOUNT = "amount"
    CURRENCY = "currency"
    CUSTOMER = "customer"
    """On another customer's account."""
    ACCOUNT = "account"
    """On another account of the general ledger, a control account or none."""
    DUPLICATE = "duplicate"
    """Twice in one of the books, and once in the other."""
    UNKNOWN = "unknown"
    """A balance without the postings that would explain it."""


def _movements(values: Iterable[Movement]) -> tuple[Movement, ...]:
    return tuple(values)


def _postings(values: Iterable[GlPosting]) -> tuple[GlPosting, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Difference:
    """A part of what two books differ by: its cause, and the lines of both that show it.

    `difference_minor` is the sub-ledger less the general ledger.  What stands on the wrong customer,
    account or currency is two differences, one for each place.
    """

    cause: DifferenceCause
    difference_minor: int
    currency: str
    account: str = ""
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    document: str = ""
    movements: tuple[Movement, ...] = attrs.field(default=(), converter=_movements)
    """The lines of the sub-ledger."""
    postings: tuple[GlPosting, ...] = attrs.field(default=(), converter=_postings)
    """The lines of the general ledger."""

    @property
    def key(self) -> str:
        """What names it from one tie-out to the next, for an explanation to hold on to."""
        days = [line.date for line in self.movements] + [line.date for line in self.postings]
        day = min(days).isoformat() if days else ""
        parts = (self.cause.value, self.account, self.customer, self.currency, self.document, day)
        return "|".join(parts)


def _causes(values: Mapping[DifferenceCause, int]) -> Mapping[DifferenceCause, int]:
    return MappingProxyType({cause: values[cause] for cause in DifferenceCause if cause in values})


@attrs.frozen(kw_only=True)
class TieOutRow:
    """The two balances of one currency, and of one account where both sides know accounts.

    `by_cause` adds up to the difference.
    """

    account: str
    currency: str
    sub_ledger_minor: int
    general_ledger_minor: int
    by_cause: Mapping[DifferenceCause, int] = attrs.field(factory=dict, converter=_causes)

    @property
    def difference_minor(self) -> int:
        """The sub-ledger less the general ledger."""
        return self.sub_ledger_minor - self.general_ledger_minor


_COLUMNS: Final = (
    "cause",
    "account",
    "customer",
    "document",
    "currency",
    "difference_minor",
    "sub_ledger_date",
    "sub_ledger_minor",
    "general_ledger_date",
    "general_ledger_minor",
    "text",
)


def _tie_out_rows(values: Iterable[TieOutRow]) -> tuple[TieOutRow, ...]:
    return tuple(values)


def _differences(values: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class TieOut(ShowsTable):
    """The sub-ledger of one entity against its general ledger, at the end of a day.

    Raises `DocumentError` where the differences do not add up to what the balances differ by.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    as_of: dt.date
    rows: tuple[TieOutRow, ...] = attrs.field(converter=_tie_out_rows)
    differences: tuple[Difference, ...] = attrs.field(default=(), converter=_differences)
    agreed: int = 0
    """How many pairs of lines, or of groups of lines, agree."""

    @differences.validator
    def _check_sums(self, _attribute: object, value: tuple[Difference, ...]) -> None:
        found: dict[tuple[str, str], int] = {}
        for one in value:
            key = (one.account, one.currency)
            found[key] = found.get(key, 0) + one.difference_minor
        expected = {(row.account, row.currency): row.difference_minor for row in self.rows}
        for key in {*found, *expected}:
            if found.get(key, 0) != expected.get(key, 0):
                msg = f"differences on {key} must add up to {expected.get(key, 0)}, got {found.get(key, 0)}"
                raise DocumentError(msg)

    @property
    def is_zero(self) -> bool:
        """Whether the two books agree line by line: a zero made of differences is none."""
        return not self.differences

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return _COLUMNS

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The differences as tuples, in the order of `columns`, amounts in minor units."""
        return [_difference_row(one) for one in self.differences]

    def to_table(self) -> ResultTable:
        """The differences one by one, and the two balances of each account below."""
        from receivables.closing._tables import tie_out_table  # noqa: PLC0415  # stands on this

        return tie_out_table(self)


def _difference_row(one: Difference) -> tuple[str | int, ...]:
    ours = min((line.date for line in one.movements), default=None)
    theirs = min((line.date for line in one.postings), default=None)
    return (
        one.cause.value,
        one.account,
        one.customer,
        one.document,
        one.currency,
        one.difference_minor,
        "" if ours is None else ours.isoformat(),
        sum(line.amount_minor for line in one.movements),
        "" if theirs is None else theirs.isoformat(),
        sum(line.amount_minor for line in one.postings),
        next((line.text for line in one.postings if line.text), ""),
    )
