"""The values of payment behaviour: the policy, the figures in one currency, and all of a customer."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.money import digits
from receivables.parties import CreditorId, CustomerId
from receivables.receipts.model import ReturnReason
from receivables.scoring import rules
from receivables.scoring.paydex import PAYDEX_LIKE, PromptnessScale
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "BEHAVIOUR_CHARACTERISTICS",
    "BehaviourCharacteristic",
    "BehaviourPolicy",
    "BehaviourUnit",
    "DueBasis",
    "PaymentBehaviour",
    "PaymentFigures",
    "whole_months",
]

_MONTHS_MAX: Final = 1_200


class DueBasis(enum.Enum):
    """Which due date a payment is measured against, where it was moved."""

    LATEST = "latest"
    """As it was last said by the day."""
    FIRST = "first"
    """As the item came to the account, so that more time given later does not hide a delay."""


def _due_basis(value: DueBasis | str) -> DueBasis:
    try:
        return DueBasis(value)
    except ValueError:
        known = ", ".join(one.value for one in DueBasis)
        msg = f"due must be one of {known}, got {value!r}"
        raise PolicyError(msg) from None


def _whole(least: int, most: int | None = None) -> Any:  # noqa: ANN401  # a validator of attrs
    bounds = f"of {least} or more" if most is None else f"from {least} to {most}"

    def check(_instance: object, field: attrs.Attribute[int], value: object) -> None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or value < least or (most is not None and value > most):  # type: ignore[operator]  # a whole number by then
            msg = f"{field.name} must be a whole number {bounds}, got {value!r}"
            raise PolicyError(msg)

    return check


@attrs.frozen(kw_only=True)
class BehaviourPolicy:
    """How payment behaviour is measured: over how many months, against which due date, from when late.

    Raises `PolicyError` for a value that cannot be.

    >>> BehaviourPolicy(months=6).recent_months
    3
    """

    version: str = "1"
    months: int = attrs.field(default=12, validator=_whole(1, _MONTHS_MAX))
    """The window: so many months up to the day, that day included."""
    recent_months: int = attrs.field(default=3, validator=_whole(1, _MONTHS_MAX))
    """The last months, which a trend compares with those before."""
    months_before: int = attrs.field(default=12, validator=_whole(1, _MONTHS_MAX))
    min_payments: int = attrs.field(default=3, validator=_whole(1))
    """Fewer payments than this, in either time, make no trend."""
    late_days: int = attrs.field(default=0, validator=_whole(0))
    """Up to so many days past due a payment is not counted as late; averages are not touched."""
    due: DueBasis = attrs.field(default=DueBasis.LATEST, converter=_due_basis)
    leaves_out_disputed: bool = attrs.field(
        default=False, validator=attrs.validators.instance_of(bool)
    )
    """Whether what an open dispute holds back is no part of what is overdue."""
    currency: str = attrs.field(default="")
    """The currency of the overall figures; empty for that of a customer that has one only."""

    @currency.validator
    def _check_currency(self, _attribute: object, value: str) -> None:
        if value:
            digits(value)

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], *, name: str = "behaviour policy"
    ) -> BehaviourPolicy:
        """A policy from a table as TOML gives it, with hyphens or underscores in its keys.

        Raises `PolicyError` naming the table and what is wrong.

        >>> BehaviourPolicy.from_table({"months": 24, "due": "first"}).due
        <DueBasis.FIRST: 'first'>
        """
        if not isinstance(table, Mapping):
            msg = f"{name} must be a table, got {table!r}"
            raise PolicyError(msg)
        values = {str(key).replace("-", "_"): value for key, value in table.items()}
        known = [field.name for field in attrs.fields(cls)]
        if unknown := sorted(values.keys() - set(known)):
            words = ", ".join(one.replace("_", "-") for one in known)
            msg = f"keys of {name} must be among {words}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        for key in ("version", "currency"):
            if not isinstance(values.get(key, ""), str):
                msg = f"{name}: {key} must be text, got {values[key]!r}"
                raise PolicyError(msg)
        try:
            return cls(**values)
        except (PolicyError, TypeError, ValueError) as error:
            msg = f"{name}: {error}"
            raise PolicyError(msg) from error


@attrs.frozen(kw_only=True)
class PaymentFigures:
    """How one customer paid in one currency, or in all of them converted into one.

    Days late are hundredths of a day beyond terms, below zero where money came before the due date,
    weighted by amounts; shares are basis points by amount; amounts are minor units.  What nothing
    is known of is None, and the count behind a figure stands beside it.  Several receipts of one day
    are one payment.
    """

    currency: str
    payments: int = 0
    """On how many days of the window money came in that paid something."""
    paid_minor: int = 0
    dated_payments: int = 0
    """Those that paid something with a due date: what the figures of days and shares rest on."""
    dated_minor: int = 0
    paid_days_late: int | None = None
    """Of what was paid in the window."""
    median_days_late: int | None = None
    """The weighted median: half of what was paid came no later."""
    spread_days_late: int | None = None
    """The weighted median absolute deviation from that median; None for fewer than two payments."""
    deviation_days_late: int | None = None
    """The weighted standard deviation, rounded to the nearest; None for fewer than two payments."""
    largest_days_late: int | None = None
    """The largest delay of a payment, in whole days."""
    late_bps: int | None = None
    full_bps: int | None = None
    """The share of what was paid on items of which nothing is open and nothing was given up."""
    partial_bps: int | None = None
    """The share of what was paid by payments that left something of their item open."""
    recent_payments: int = 0
    recent_days_late: int | None = None
    """Of what was paid in the last months of the policy."""
    before_payments: int = 0
    before_days_late: int | None = None
    trend_days_late: int | None = None
    """What the last months are later than those before; None for fewer payments than the policy asks."""
    months_paid: int = 0
    """In how many months of the window something with a due date was paid."""
    slope_days_late: int | None = None
    """By how much each month is later than the one before, on the line of least weighted squares."""
    with_open_days_late: int | None = None
    """Of what was paid in the window and what is open and overdue, with its days so far."""
    highest_balance_minor: int | None = None
    """The most that was owed at the end of a day of the window, credits not taken off."""
    open_minor: int = 0
    """What is owed on the day, credits and unapplied cash not taken off."""
    overdue_items: int = 0
    overdue_minor: int = 0
    overdue_bps: int | None = None
    """Its share of what is open; None where nothing is."""
    oldest_overdue_days: int | None = None
    """None where nothing is open."""
    written_off_minor: int = 0
    """What was given up in the window."""
    written_off_bps: int | None = None
    """Its share of what was paid or given up in the window."""

    def paydex(self, *, scale: PromptnessScale = PAYDEX_LIKE) -> int | None:
        """The PAYDEX-like score of what was paid; None where nothing was."""
        return _score(self.paid_days_late, scale)

    def paydex_with_open(self, *, scale: PromptnessScale = PAYDEX_LIKE) -> int | None:
        """The same with what is open and overdue; None where there is neither."""
        return _score(self.with_open_days_late, scale)

    @property
    def used_bps(self) -> int | None:
        """What is open, of the highest balance of the window; None where there was none."""
        if not self.highest_balance_minor:
            return None
        used: int = rules.share(self.open_minor, whole=self.highest_balance_minor)
        return used


def _score(days_hundredths: int | None, scale: PromptnessScale) -> int | None:
    if days_hundredths is None:
        return None
    score: int = rules.promptness(days_hundredths, scale=scale.corners)
    return score


class BehaviourUnit(enum.Enum):
    """What the whole number of a characteristic counts."""

    HUNDREDTHS = "hundredths of a day"
    HUNDREDTHS_PER_MONTH = "hundredths of a day per month"
    DAYS = "days"
    BPS = "basis points"
    COUNT = "count"
    MONTHS = "months"
    LEVEL = "level"
    POINTS = "points"


@attrs.frozen
class BehaviourCharacteristic:
    """A figure that scorecards take: its name, its unit, and what it is."""

    name: str
    unit: BehaviourUnit
    meaning: str


def _characteristics(
    *rows: tuple[str, BehaviourUnit, str],
) -> Mapping[str, BehaviourCharacteristic]:
    return MappingProxyType(
        {name: BehaviourCharacteristic(name, unit, text) for name, unit, text in rows}
    )


_H, _D, _B, _C, _M, _P = (
    BehaviourUnit.HUNDREDTHS,
    BehaviourUnit.DAYS,
    BehaviourUnit.BPS,
    BehaviourUnit.COUNT,
    BehaviourUnit.MONTHS,
    BehaviourUnit.POINTS,
)

BEHAVIOUR_CHARACTERISTICS: Final = _characteristics(
    ("paydex", _P, "the PAYDEX-like score of what was paid"),
    ("paydex_with_open", _P, "the same with what is open and overdue"),
    ("paid_days_late", _H, "days beyond terms of what was paid, weighted by amounts"),
    ("with_open_days_late", _H, "the same with what is open and overdue, with its days so far"),
    ("median_days_late", _H, "the weighted median of days beyond terms"),
    ("spread_days_late", _H, "the weighted median absolute deviation from that median"),
    ("deviation_days_late", _H, "the weighted standard deviation of days beyond terms"),
    ("recent_days_late", _H, "days beyond terms of what was paid in the last months"),
    ("trend_days_late", _H, "how much later the last months were paid than those before"),
    (
        "slope_days_late",
        BehaviourUnit.HUNDREDTHS_PER_MONTH,
        "how much later each month was paid than the one before",
    ),
    ("largest_days_late", _D, "the largest delay of a payment"),
    ("paid_late_bps", _B, "the share of what was paid that was late"),
    ("paid_full_bps", _B, "the share of what was paid on items that are settled in full"),
    ("paid_partial_bps", _B, "the share of what was paid that left its item partly open"),
    ("written_off_bps", _B, "what was given up, of what was paid or given up"),
    ("overdue_bps", _B, "the share of what is open that is overdue"),
    ("oldest_overdue_days", _D, "days past due of the oldest that is open; 0 where none is late"),
    ("balance_to_highest_bps", _B, "what is open, of the highest balance in the window"),
    ("payments", _C, "days on which money came in that paid something"),
    ("active_months", _M, "months of the window in which something was invoiced or paid"),
    ("months_since_first_item", _M, "whole months since the first item"),
    ("months_since_first_payment", _M, "whole months since the first payment ever"),
    ("months_since_last_payment", _M, "whole months since the last payment"),
    ("promises_made", _C, "promises to pay given in the window"),
    ("promises_kept", _C, "promises kept in the window"),
    ("promises_partly_kept", _C, "promises of which a part was kept"),
    ("promises_broken", _C, "promises of which nothing was kept"),
    ("disputes_opened", _C, "disputes opened in the window"),
    ("disputes_accepted", _C, "disputes decided for the customer, wholly or in part"),
    ("disputes_rejected", _C, "disputes decided against the customer"),
    ("returned_payments", _C, "payments that went back"),
    ("returned_for_funds", _C, "payments that went back because the account did not hold them"),
    ("notices", _C, "dunning notices sent in the window"),
    ("dunning_level", BehaviourUnit.LEVEL, "the highest level of those notices"),
)
"""Every characteristic by name, in a stable order; amounts are none, so that size tells nothing."""


def _counts(values: Mapping[ReturnReason, int]) -> Mapping[ReturnReason, int]:
    return MappingProxyType(dict(values))


def _by_currency(values: Mapping[str, PaymentFigures]) -> Mapping[str, PaymentFigures]:
    return MappingProxyType(dict(values))


@attrs.frozen(kw_only=True)
class PaymentBehaviour(ShowsTable):
    """How a customer pays, at the end of a day and as known at a moment.

    `figures` are the overall ones: those of the one currency, or of all converted into the currency
    of the policy at stated rates; None where there are several and no rates.  Counts are of the
    window of the policy.  A customer that the ledger does not know on the day has no figures, and
    no characteristic of it is known.
    """

    creditor: CreditorId
    customer: CustomerId
    as_of: dt.date
    known_at: dt.datetime | None = None
    policy: BehaviourPolicy = BehaviourPolicy()
    known_since: dt.date | None = None
    """The day of the first item that was owed; None where there was none."""
    by_currency: Mapping[str, PaymentFigures] = attrs.field(factory=dict, converter=_by_currency)
    figures: PaymentFigures | None = None
    first_payment_on: dt.date | None = None
    """The first payment ever, whatever the window."""
    last_payment_on: dt.date | None = None
    active_months: int = 0
    promises_made: int = 0
    promises_kept: int = 0
    promises_partly_kept: int = 0
    promises_broken: int = 0
    """Nothing came in time."""
    disputes_opened: int = 0
    disputes_accepted: int = 0
    """Decided for the customer, wholly or in part."""
    disputes_rejected: int = 0
    returns: Mapping[ReturnReason, int] = attrs.field(factory=dict, converter=_counts)
    """Payments that went back, by reason."""
    notices: int = 0
    dunning_level: int | None = None
    """The highest level of a notice in the window, whatever the procedure; None without a notice."""

    def to_table(self) -> ResultTable:
        """A row per currency: how much was paid, how late, and what is owed."""
        from receivables.scoring._tables import behaviour_table  # noqa: PLC0415  # stands on this

        return behaviour_table(self)

    @property
    def returned_payments(self) -> int:
        """How many payments went back in the window."""
        return sum(self.returns.values())

    @property
    def is_known(self) -> bool:
        """Whether anything was ever owed."""
        return self.known_since is not None

    def characteristics(self, *, currency: str = "") -> Mapping[str, int | None]:
        """Every one of `BEHAVIOUR_CHARACTERISTICS`, overall or in one currency; None where nothing is known.

        Amounts are not among them, so that a customer that buys twice as much of everything has the
        same ones.  What is weighted by amounts is None where there are several currencies and no
        rates.
        """
        if not self.is_known:
            return dict.fromkeys(BEHAVIOUR_CHARACTERISTICS)
        figures = self.by_currency.get(currency) if currency else self.figures
        if figures is None and (currency or not self.by_currency):
            # Nothing was paid and nothing is owed, which is known.
            figures = PaymentFigures(currency=currency)
        paid = _UNKNOWN if figures is None else _of_figures(figures)
        mine = {**paid, **self._of_customer()}
        return {name: mine[name] for name in BEHAVIOUR_CHARACTERISTICS}

    def _of_customer(self) -> dict[str, int | None]:
        def since(day: dt.date | None) -> int | None:
            return None if day is None else whole_months(day, self.as_of)

        return {
            "active_months": self.active_months,
            "months_since_first_item": since(self.known_since),
            "months_since_first_payment": since(self.first_payment_on),
            "months_since_last_payment": since(self.last_payment_on),
            "promises_made": self.promises_made,
            "promises_kept": self.promises_kept,
            "promises_partly_kept": self.promises_partly_kept,
            "promises_broken": self.promises_broken,
            "disputes_opened": self.disputes_opened,
            "disputes_accepted": self.disputes_accepted,
            "disputes_rejected": self.disputes_rejected,
            "returned_payments": self.returned_payments,
            "returned_for_funds": self.returns.get(ReturnReason.INSUFFICIENT_FUNDS, 0),
            "notices": self.notices,
            "dunning_level": self.dunning_level,
        }


def _of_figures(figures: PaymentFigures) -> dict[str, int | None]:
    return {
        "paydex": figures.paydex(),
        "paydex_with_open": figures.paydex_with_open(),
        "paid_days_late": figures.paid_days_late,
        "with_open_days_late": figures.with_open_days_late,
        "median_days_late": figures.median_days_late,
        "spread_days_late": figures.spread_days_late,
        "deviation_days_late": figures.deviation_days_late,
        "recent_days_late": figures.recent_days_late,
        "trend_days_late": figures.trend_days_late,
        "slope_days_late": figures.slope_days_late,
        "largest_days_late": figures.largest_days_late,
        "paid_late_bps": figures.late_bps,
        "paid_full_bps": figures.full_bps,
        "paid_partial_bps": figures.partial_bps,
        "written_off_bps": figures.written_off_bps,
        "overdue_bps": figures.overdue_bps,
        "oldest_overdue_days": figures.oldest_overdue_days,
        "balance_to_highest_bps": figures.used_bps,
        "payments": figures.payments,
    }


_UNKNOWN: Final[Mapping[str, int | None]] = dict.fromkeys(_of_figures(PaymentFigures(currency="")))


def whole_months(start: dt.date, end: dt.date) -> int:
    """How many whole months have passed; the end of a shorter month ends the month.

    >>> whole_months(dt.date(2026, 1, 31), dt.date(2026, 2, 28))
    1
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    is_month_end = (end + dt.timedelta(days=1)).day == 1 if end < dt.date.max else True
    return months - (end.day < start.day and not is_month_end)
