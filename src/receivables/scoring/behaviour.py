"""How customers pay, from the ledger, on any past day: nothing that came later is seen.

Every figure is of what had taken effect by the end of a day and was known at a moment.

>>> from receivables.ledger import Ledger
>>> from receivables.testing.builders import a_receipt, an_allocation, an_invoice, issued, received
>>> ledger = Ledger().record(
...     issued(an_invoice(due_date=dt.date(2026, 10, 1))), received(a_receipt()), an_allocation()
... )
>>> found = behaviour(ledger, "MIRA", as_of=dt.date(2026, 10, 31))["C-017"]
>>> found.figures.paid_days_late, found.figures.paydex(), found.figures.late_bps
(1400, 70, 10000)
>>> behaviour(ledger, "MIRA", as_of=dt.date(2026, 10, 14))["C-017"].figures.paydex() is None
True
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework.disputes import DisputeOutcome
from receivables.currencies.model import ExchangeRates, RateKind
from receivables.days import check_day
from receivables.disputes.model import DisputeStanding
from receivables.disputes.objects import standings
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId
from receivables.promises.model import EXACT, JudgedPromise, PromisePolicy, PromiseState
from receivables.promises.objects import judge
from receivables.receipts.model import ReturnReason
from receivables.scoring._history import Account, Accounts, ItemRecord, View, read_accounts
from receivables.scoring._history_figures import Window, figures_of, pooled
from receivables.scoring._history_seeing import SeenAccount, see
from receivables.scoring._history_values import (
    BEHAVIOUR_CHARACTERISTICS,
    BehaviourCharacteristic,
    BehaviourPolicy,
    BehaviourUnit,
    DueBasis,
    PaymentBehaviour,
    PaymentFigures,
)

__all__ = [
    "BEHAVIOUR_CHARACTERISTICS",
    "BehaviourCharacteristic",
    "BehaviourPolicy",
    "BehaviourUnit",
    "DueBasis",
    "PaymentBehaviour",
    "PaymentExperience",
    "PaymentFigures",
    "behaviour",
    "behaviour_columns",
    "behaviour_from",
    "behaviour_series",
]

_POLICY: Final = BehaviourPolicy()
_NO_RATES: Final = ExchangeRates()


def behaviour(  # a question about a day, and the four policies that it rests on
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: BehaviourPolicy = _POLICY,
    customers: Collection[str] | None = None,
    rates: ExchangeRates = _NO_RATES,
    promises: PromisePolicy = EXACT,
) -> Mapping[CustomerId, PaymentBehaviour]:
    """How a creditor's customers paid up to the end of a day, as known at a moment, by customer.

    A payment is what a receipt has paid of an item, on the day on which the receipt was booked; it
    counts from the day on which it is applied.  What is open counts whole until then.  Without
    `customers` it is every customer that has owed something by the day; those that are named are
    all there, and unknown ones say so.  `rates` convert into the currency of the policy, at the
    closing rates of the day.

    Raises `MissingRateError` where a rate is needed that the table does not have.
    """
    (found,) = (
        found
        for _, found in behaviour_series(
            ledger,
            creditor,
            days=(as_of,),
            known_at=known_at,
            policy=policy,
            customers=customers,
            rates=rates,
            promises=promises,
        )
    )
    return found


def behaviour_series(  # see above
    ledger: Ledger,
    creditor: str,
    *,
    days: Iterable[dt.date],
    known_at: dt.datetime | Mapping[dt.date, dt.datetime] | None = None,
    policy: BehaviourPolicy = _POLICY,
    customers: Collection[str] | None = None,
    rates: ExchangeRates = _NO_RATES,
    promises: PromisePolicy = EXACT,
) -> Iterator[tuple[dt.date, Mapping[CustomerId, PaymentBehaviour]]]:
    """The same on several days, in their order, reading the ledger once; each as it is asked for.

    `known_at` is one moment for all days, or one for each: with the end of every day as its moment
    the series is what would have been seen then, which is what a score is fitted on.

    Raises `PolicyError` for a day without its moment.
    """
    wanted = tuple(days)
    for day in wanted:
        check_day(day, name="as_of")
        _moment(known_at, day)
    accounts = read_accounts(ledger, creditor, customers=customers)
    desk = _Desk(
        ledger=ledger,
        creditor=CreditorId(creditor),
        accounts=accounts,
        policy=policy,
        customers=None if customers is None else tuple(dict.fromkeys(map(CustomerId, customers))),
        rates=rates,
        promises=promises,
    )
    for day in wanted:
        yield day, desk.on(day, _moment(known_at, day))


@attrs.frozen(kw_only=True)
class PaymentExperience:
    """One thing sold on credit, and when it was paid: what there is where there is no ledger.

    Raises `PolicyError` for an amount of zero or less.
    """

    customer: CustomerId = attrs.field(converter=CustomerId)
    currency: str
    amount_minor: int = attrs.field()
    since: dt.date
    """The day on which it came to the account."""
    due_date: dt.date | None = None
    paid_on: dt.date | None = None
    """None where it has not been paid, as far as anybody knows."""

    @amount_minor.validator
    def _check_amount(self, _attribute: object, value: int) -> None:
        if value <= 0:
            msg = f"amount_minor must be above zero, got {value}"
            raise PolicyError(msg)


def behaviour_from(
    experiences: Iterable[PaymentExperience],
    *,
    as_of: dt.date,
    policy: BehaviourPolicy = _POLICY,
    rates: ExchangeRates = _NO_RATES,
) -> Mapping[CustomerId, PaymentBehaviour]:
    """The same from a list of what was sold and when it was paid; nothing is known of cases then.

    What was paid after the day was open on it, and what was sold after it was not there.

    >>> sold = PaymentExperience(customer="C-017", currency="EUR", amount_minor=10_000,
    ...                          since=dt.date(2026, 8, 1), due_date=dt.date(2026, 9, 1),
    ...                          paid_on=dt.date(2026, 10, 1))
    >>> found = behaviour_from([sold], as_of=dt.date(2026, 9, 16))["C-017"].figures
    >>> found.paydex(), found.paydex_with_open()
    (None, 70)
    """
    check_day(as_of, name="as_of")
    accounts = Accounts()
    for place, one in enumerate(experiences):
        account = accounts.by_customer.setdefault(one.customer, Account())
        account.items.append(_record(one, place))
    desk = _Desk(
        ledger=Ledger(),
        creditor=CreditorId(""),
        accounts=accounts,
        policy=policy,
        customers=None,
        rates=rates,
        promises=EXACT,
    )
    return desk.on(as_of, None)


_ALWAYS: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


def _record(one: PaymentExperience, place: int) -> ItemRecord:
    record = ItemRecord(
        item=str(place),
        currency=one.currency,
        amount_minor=one.amount_minor,
        due=None if one.due_date is None else one.due_date.toordinal(),
        since=one.since.toordinal(),
        recorded_at=_ALWAYS,
    )
    if one.paid_on is not None:
        paid_on = one.paid_on.toordinal()
        record.moves.append((paid_on, _ALWAYS, one.amount_minor))
        record.parts.append((paid_on, _ALWAYS, paid_on, one.amount_minor, one.amount_minor, ""))
    return record


def behaviour_columns(
    behaviours: Iterable[PaymentBehaviour], *, currency: str = ""
) -> Mapping[str, list[object]]:
    """One row per behaviour: ``customer``, ``as_of`` and every characteristic, as plain columns.

    >>> list(behaviour_columns(()))[:4]
    ['customer', 'as_of', 'paydex', 'paydex_with_open']
    """
    rows = [(one, one.characteristics(currency=currency)) for one in behaviours]
    found: dict[str, list[object]] = {
        "customer": [one.customer for one, _ in rows],
        "as_of": [one.as_of for one, _ in rows],
    }
    for name in BEHAVIOUR_CHARACTERISTICS:
        found[name] = [values[name] for _, values in rows]
    return MappingProxyType(found)


def _moment(
    known_at: dt.datetime | Mapping[dt.date, dt.datetime] | None, day: dt.date
) -> dt.datetime | None:
    if not isinstance(known_at, Mapping):
        return known_at
    if day not in known_at:
        msg = f"known_at must have a moment for every day, got none for {day}"
        raise PolicyError(msg)
    return known_at[day]


@attrs.define(eq=False)
class _Cases:
    """What is counted of a customer's promises and disputes in a window."""

    promises_made: int = 0
    promises_kept: int = 0
    promises_partly_kept: int = 0
    promises_broken: int = 0
    disputes_opened: int = 0
    disputes_accepted: int = 0
    disputes_rejected: int = 0


_PROMISES: Final[Mapping[PromiseState, str]] = MappingProxyType(
    {
        PromiseState.KEPT: "promises_kept",
        PromiseState.PARTLY_KEPT: "promises_partly_kept",
        PromiseState.BROKEN: "promises_broken",
    }
)
_DISPUTES: Final[Mapping[DisputeOutcome | None, str]] = MappingProxyType(
    {
        DisputeOutcome.VALID: "disputes_accepted",
        DisputeOutcome.SPLIT: "disputes_accepted",
        DisputeOutcome.INVALID: "disputes_rejected",
    }
)


@attrs.frozen(kw_only=True, eq=False)
class _Desk:
    """A ledger that was read, and the policies of a question."""

    ledger: Ledger
    creditor: CreditorId
    accounts: Accounts
    policy: BehaviourPolicy
    customers: tuple[CustomerId, ...] | None
    rates: ExchangeRates
    promises: PromisePolicy

    def on(
        self, day: dt.date, known_at: dt.datetime | None
    ) -> Mapping[CustomerId, PaymentBehaviour]:
        """Every customer on a day."""
        judged = judge(
            self.ledger, self.creditor, as_of=day, known_at=known_at, policy=self.promises
        )
        contested = standings(self.ledger, self.creditor, as_of=day, known_at=known_at)
        view = self._view(day, known_at, contested)
        cases = _cases(judged, contested, view)
        found = {}
        named = self.customers
        for customer in sorted(self.accounts.by_customer) if named is None else named:
            account = self.accounts.by_customer.get(customer, Account())
            seen = see(account, view)
            if named is not None or seen.known_since is not None:
                counted = cases.get(customer, _Cases())
                found[customer] = self._behaviour(customer, account, seen, view, counted)
        return MappingProxyType(found)

    def _view(
        self, day: dt.date, known_at: dt.datetime | None, contested: Iterable[DisputeStanding]
    ) -> View:
        policy = self.policy
        held: dict[str, int] = {}
        for standing in contested if policy.leaves_out_disputed else ():
            for part in standing.parts:
                held[part.item] = held.get(part.item, 0) + part.held_minor
        return View(
            as_of=day,
            known_at=known_at,
            months=policy.months,
            reach=max(policy.months, policy.recent_months + policy.months_before),
            due=policy.due,
            undone=self.accounts.undone,
            disputed=held,
        )

    def _behaviour(
        self, customer: CustomerId, account: Account, seen: SeenAccount, view: View, counted: _Cases
    ) -> PaymentBehaviour:
        by_currency = {
            currency: figures
            for currency, one in sorted(seen.by_currency.items())
            if (
                figures := figures_of(
                    one,
                    currency=currency,
                    window=Window(since=view.since, as_of=view.day),
                    policy=self.policy,
                )
            )
            is not None
        }
        levels = [level for day, at, level in account.notices if _counts(view, day, at)]
        return PaymentBehaviour(
            creditor=self.creditor,
            customer=customer,
            as_of=view.as_of,
            known_at=view.known_at,
            policy=self.policy,
            known_since=_day(seen.known_since),
            by_currency=by_currency,
            figures=self._overall(by_currency, seen, view),
            first_payment_on=_day(seen.first_paid),
            last_payment_on=_day(seen.last_paid),
            active_months=len(seen.active_months),
            returns=_returns(account, view),
            notices=len(levels),
            dunning_level=max(levels, default=None),
            **attrs.asdict(counted),
        )

    def _overall(
        self, by_currency: Mapping[str, PaymentFigures], seen: SeenAccount, view: View
    ) -> PaymentFigures | None:
        """The figures of the one currency there is, or of all of them at the rates of the day."""
        into = self.policy.currency
        if not into or not by_currency or set(by_currency) == {into}:
            return next(iter(by_currency.values())) if len(by_currency) == 1 else None
        ratios = {
            code: Fraction(
                *self.rates.rate(code, into, on=view.as_of, kind=RateKind.CLOSING).minor_ratio
            )
            for code in by_currency
        }
        unit = math.lcm(*(ratio.denominator for ratio in ratios.values()))
        one = pooled((seen.by_currency[code], int(ratio * unit)) for code, ratio in ratios.items())
        window = Window(since=view.since, as_of=view.day, parts_of_unit=unit)
        return figures_of(one, currency=into, window=window, policy=self.policy)


def _day(ordinal: int | None) -> dt.date | None:
    return None if ordinal is None else dt.date.fromordinal(ordinal)


def _counts(view: View, day: int, at: dt.datetime) -> bool:
    """Whether something happened in the window and was known."""
    return view.in_window(day) and view.is_seen(day, at)


def _returns(account: Account, view: View) -> Mapping[ReturnReason, int]:
    found: dict[ReturnReason, int] = {}
    for day, at, reason in account.returns:
        if _counts(view, day, at):
            found[reason] = found.get(reason, 0) + 1
    return found


def _cases(
    judged: Iterable[JudgedPromise], contested: Iterable[DisputeStanding], view: View
) -> Mapping[CustomerId, _Cases]:
    """What became of promises and disputes in the window, each counted on its own day."""
    found: dict[CustomerId, _Cases] = {}

    def count(customer: CustomerId, day: dt.date | None, what: str | None) -> None:
        if customer != UNIDENTIFIED and what and day and view.in_window(day.toordinal()):
            counted = found.setdefault(customer, _Cases())
            setattr(counted, what, getattr(counted, what) + 1)

    for one in judged:
        count(one.promise.customer, one.promised_on, "promises_made")
        count(one.promise.customer, one.decided_on, _PROMISES.get(one.state))
    for standing in contested:
        count(standing.customer, standing.opened_on, "disputes_opened")
        count(standing.customer, standing.decided_on, _DISPUTES.get(standing.outcome))
    return found
