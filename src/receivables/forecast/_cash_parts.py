"""Parts of items by where their cash comes from, each cent in one of them only."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

import attrs

from receivables.casework.holding import Holdback, HoldReason
from receivables.disputes.model import DisputeStanding
from receivables.disputes.statistics import DisputeGrouping, dispute_statistics
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.forecast._cash_known import CashAssumptions, PaymentOrder, SalesPlan
from receivables.forecast.model import WHOLE_PPM, CashSource, ForecastItem, PaymentForecast
from receivables.forecast.runs import PayingRun
from receivables.forecast.scenarios import BASE, CashScenario, ScenarioRule
from receivables.promises.model import (
    InstallmentStanding,
    JudgedPromise,
    KeptRate,
    PlanStanding,
    PlanState,
    PromiseState,
)
from receivables.promises.objects import kept_rates

__all__ = ["CashPart", "Known", "Taken", "take_apart"]

_BPS: Final = 10_000
_NOTHING: Final = ScenarioRule()
_HELD: Final = (HoldReason.REFERRAL, HoldReason.CREDIT)


@attrs.frozen(kw_only=True)
class CashPart:
    """A part of an item: its cents, and the chance by each day that they are there."""

    creditor: str
    currency: str
    customer: str
    source: CashSource
    amount_minor: int
    days: tuple[dt.date, ...]
    reached_ppm: tuple[int, ...]
    """The chance by the end of each day; it never falls."""
    rule: ScenarioRule
    runs: tuple[PayingRun, ...] = ()


@attrs.frozen(kw_only=True)
class Known:
    """What a forecast of cash is given besides the forecasts of items."""

    as_of: dt.date
    promises: Sequence[JudgedPromise] = ()
    plans: Sequence[PlanStanding] = ()
    disputes: Sequence[DisputeStanding] = ()
    holds: Sequence[Holdback] = ()
    orders: Sequence[PaymentOrder] = ()
    credits: Sequence[OpenItem] = ()
    runs: Sequence[PayingRun] = ()
    sales: Sequence[SalesPlan] = ()
    scenario: CashScenario = BASE
    assumptions: CashAssumptions = attrs.field(factory=CashAssumptions)


@attrs.frozen(kw_only=True)
class Taken:
    """The parts, what is open, what credits took off it, and what found nothing to be about."""

    parts: list[CashPart]
    open_minor: Mapping[tuple[str, str], int]
    credited_minor: Mapping[tuple[str, str], int]
    planned_minor: Mapping[tuple[str, str], int]
    unmatched: tuple[str, ...]


@attrs.define
class _Open:
    """One item while its cents are being taken."""

    forecast: PaymentForecast
    left: int

    @property
    def item(self) -> ForecastItem:
        return self.forecast.item


def take_apart(forecasts: Iterable[PaymentForecast], known: Known) -> Taken:
    """Part every item: orders first, then disputes and holds, plans, promises, credits; habit has the rest.

    Nobody promises what somebody contests, and an order that is on its way comes whatever was said.
    """
    pile = _Pile(known, forecasts)
    pile.take_orders()
    pile.take_disputes()
    pile.take_holds()
    pile.take_plans()
    pile.take_promises()
    pile.take_credits()
    pile.take_rest()
    pile.add_sales()
    return Taken(
        parts=pile.parts,
        open_minor=pile.open_minor,
        credited_minor=pile.credited,
        planned_minor=pile.planned,
        unmatched=tuple(pile.unmatched),
    )


class _Pile:
    """The open items of a forecast, and the parts that were taken of them so far."""

    def __init__(self, known: Known, forecasts: Iterable[PaymentForecast]) -> None:
        self.known = known
        self.parts: list[CashPart] = []
        self.unmatched: list[str] = []
        self.open_minor: dict[tuple[str, str], int] = {}
        self.credited: dict[tuple[str, str], int] = {}
        self.planned: dict[tuple[str, str], int] = {}
        self.by_name: dict[tuple[str, str], _Open] = {}
        self.credits: dict[tuple[str, str, str], int] = {}
        self._by_customer: dict[tuple[str, str, str], list[_Open]] | None = None
        for one in forecasts:
            self._add(one)

    def _add(self, forecast: PaymentForecast) -> None:
        item = forecast.item
        if forecast.as_of != self.known.as_of:
            msg = (
                f"forecasts must be as of {self.known.as_of}, got {forecast.as_of} for {item.item}"
            )
            raise PolicyError(msg)
        key = (item.creditor, item.item)
        if key in self.by_name:
            msg = f"forecasts must name each item of a creditor once, got {item.item} twice"
            raise PolicyError(msg)
        if item.amount_minor < 0:
            self._credit(item.creditor, item.customer, item.currency, -item.amount_minor)
            return
        group = (item.creditor, item.currency)
        self.open_minor[group] = self.open_minor.get(group, 0) + item.amount_minor
        self.by_name[key] = _Open(forecast, item.amount_minor)

    def _credit(self, creditor: str, customer: str, currency: str, minor: int) -> None:
        key = (creditor, customer, currency)
        self.credits[key] = self.credits.get(key, 0) + minor

    def named(self, creditor: str, name: str) -> _Open | None:
        """An item by its name; forecasts that say no creditor are about any."""
        return self.by_name.get((creditor, name)) or self.by_name.get(("", name))

    def of_customer(self, creditor: str, customer: str, currency: str) -> list[_Open]:
        """What a customer owes a creditor, the oldest first."""
        if self._by_customer is None:
            self._by_customer = {}
            for one in self.by_name.values():
                item = one.item
                key = (item.creditor, item.customer, item.currency)
                self._by_customer.setdefault(key, []).append(one)
            for found in self._by_customer.values():
                found.sort(key=lambda one: (one.item.pay_by, one.item.item))
        own = self._by_customer.get((creditor, customer, currency))
        return own or self._by_customer.get(("", customer, currency), [])

    def wanted(
        self, names: Sequence[str], *, creditor: str, customer: str, currency: str
    ) -> list[_Open]:
        """The items that are named, in their order, or all of the customer where none is."""
        if not names:
            return self.of_customer(creditor, customer, currency)
        found = (self.named(creditor, name) for name in names)
        return [one for one in found if one is not None and one.item.currency == currency]

    def shares(self, wanted: Iterable[_Open], amount: int) -> Iterator[tuple[_Open, int]]:
        """Take an amount from items one after the other."""
        for one in wanted:
            minor = min(one.left, amount)
            if minor > 0:
                one.left -= minor
                amount -= minor
                yield one, minor

    def put(  # a part is that much, and each is said by name
        self,
        one: _Open,
        minor: int,
        source: CashSource,
        *,
        chances: Mapping[dt.date, int],
        rule: ScenarioRule | None = None,
    ) -> None:
        """Put a part with its own chances by day."""
        item = one.item
        days = tuple(sorted(chances))
        self.parts.append(
            CashPart(
                creditor=item.creditor,
                currency=item.currency,
                customer=item.customer,
                source=source,
                amount_minor=minor,
                days=days,
                reached_ppm=tuple(accumulate(chances[day] for day in days)),
                rule=self.known.scenario.rule_of(item) if rule is None else rule,
            )
        )

    def take_orders(self) -> None:
        """Orders and direct debits, on their day."""
        for order in self.known.orders:
            wanted = self.wanted(
                order.items,
                creditor=order.creditor,
                customer=order.customer,
                currency=order.currency,
            )
            chances = {max(order.day, self.known.as_of): order.chance_ppm}
            found = list(self.shares(wanted, order.amount_minor))
            for one, minor in found:
                self.put(one, minor, CashSource.ORDER, chances=chances, rule=_NOTHING)
            self.note(order.reference, found=bool(found))

    def note(self, reference: str, *, found: bool) -> None:
        """Keep the name of what is about nothing that is open."""
        if not found:
            self.unmatched.append(reference)

    def take_disputes(self) -> None:
        """What is contested: paid some days after the decision, as far as the customer was wrong."""
        record = _DisputeRecord(self.known)
        for standing in self.known.disputes:
            chances: dict[dt.date, int] | None = None
            for part in standing.parts:
                one = self.named(standing.creditor, part.item)
                if one is None or part.held_minor <= 0:
                    self.note(standing.name, found=part.held_minor <= 0)
                    continue
                chances = record.chances(standing) if chances is None else chances
                for _, minor in self.shares([one], part.held_minor):
                    self.put(one, minor, CashSource.DISPUTE, chances=chances)

    def take_holds(self) -> None:
        """What an agency or a court has, or a credit note is coming for: nothing is expected of it."""
        for hold in self.known.holds:
            if hold.reason not in _HELD or (hold.until and hold.until < self.known.as_of):
                continue
            one = self.named(hold.creditor, hold.item)
            self.note(hold.reference, found=one is not None)
            if one is not None:
                whole = one.left if hold.amount_minor is None else hold.amount_minor
                for _, minor in self.shares([one], whole):
                    self.put(one, minor, CashSource.HELD, chances={})

    def take_plans(self) -> None:
        """Installments of plans that run, on their days; their interest is no open item yet."""
        for plan in self.known.plans:
            if plan.state is not PlanState.RUNNING:
                continue
            items = plan.plan.items
            known = [one for one in (self.named(plan.creditor, name) for name in items) if one]
            self.note(plan.plan.plan, found=bool(known))
            for installment in plan.installments:
                same = (one for one in known if one.item.currency == installment.currency)
                for one, minor in self.shares(same, installment.missing_minor):
                    self.put_said(one, minor, CashSource.PLAN, self._installment(installment))

    def _installment(self, installment: InstallmentStanding) -> tuple[dt.date, int]:
        kept = self.known.assumptions.plan_kept_bps * self.known.scenario.promises_kept_bps
        return installment.due_on, kept * WHOLE_PPM // _BPS**2

    def take_promises(self) -> None:
        """Promises that are open, on their day with the rate at which the customer keeps them."""
        kept = _KeptRecord(self.known)
        for judged in self.known.promises:
            promise = judged.promise
            if judged.state is not PromiseState.OPEN or judged.missing_minor <= 0:
                continue
            wanted = self.wanted(
                promise.items,
                creditor=judged.creditor,
                customer=promise.customer,
                currency=promise.amount.currency.code,
            )
            found = list(self.shares(wanted, judged.missing_minor))
            self.note(promise.promise, found=bool(found))
            for one, minor in found:
                said = promise.due_on, kept.chance_ppm(judged)
                self.put_said(one, minor, CashSource.PROMISE, said)

    def put_said(
        self, one: _Open, minor: int, source: CashSource, said: tuple[dt.date, int]
    ) -> None:
        """Put a part that was promised for a day: what is not kept comes by habit after that day."""
        day, kept = max(said[0], self.known.as_of), said[1]
        forecast = one.forecast
        place = bisect_right(forecast.days, day)
        later, broken = WHOLE_PPM - sum(forecast.chances_ppm[:place]), WHOLE_PPM - kept
        chances = {day: kept}
        if later > 0:
            rest = zip(forecast.days[place:], forecast.chances_ppm[place:], strict=True)
            chances.update((on, chance * broken // later) for on, chance in rest)
        self.put(one, minor, source, chances=chances)

    def take_credits(self) -> None:
        """Credits that are here already: no cash will come for what they settle, the oldest first."""
        for credit in self.known.credits:
            if credit.open_minor >= 0:
                msg = f"credits must be below zero, got {credit.open_minor} of {credit.item}"
                raise PolicyError(msg)
            self._credit(credit.creditor, credit.customer, credit.currency, -credit.open_minor)
        for (creditor, customer, currency), minor in self.credits.items():
            for one, taken in self.shares(self.of_customer(creditor, customer, currency), minor):
                group = (one.item.creditor, one.item.currency)
                self.credited[group] = self.credited.get(group, 0) + taken

    def take_rest(self) -> None:
        """What nothing else is known of: by habit, or by the runs of the customer."""
        runs: dict[tuple[str, str], list[PayingRun]] = {}
        for run in self.known.runs:
            runs.setdefault((run.creditor, run.customer), []).append(run)
        scenario = self.known.scenario
        for one in self.by_name.values():
            if one.left <= 0:
                continue
            item, forecast = one.item, one.forecast
            own = runs and (
                runs.get((item.creditor, item.customer)) or runs.get(("", item.customer))
            )
            self.parts.append(
                CashPart(
                    creditor=item.creditor,
                    currency=item.currency,
                    customer=item.customer,
                    source=CashSource.RUN if own else CashSource.HABIT,
                    amount_minor=one.left,
                    days=forecast.days,
                    reached_ppm=tuple(accumulate(forecast.chances_ppm)),
                    rule=scenario.rule_of(item),
                    runs=tuple(own) if own else (),
                )
            )

    def add_sales(self) -> None:
        """Sales that are planned, paid as such sales usually are."""
        for plan in self.known.sales:
            group = (plan.creditor, plan.currency)
            reached = tuple(accumulate(plan.curve.chances_ppm))
            for day, minor in plan.amounts.items():
                if day < self.known.as_of:
                    msg = f"sales must be planned from {self.known.as_of} on, got {day}"
                    raise PolicyError(msg)
                self.planned[group] = self.planned.get(group, 0) + minor
                days = (day + dt.timedelta(days=lag) for lag in range(len(reached)))
                self.parts.append(self._sale(plan, day, minor, tuple(days), reached))

    def _sale(  # one call, in one place
        self,
        plan: SalesPlan,
        day: dt.date,
        minor: int,
        days: tuple[dt.date, ...],
        reached: tuple[int, ...],
    ) -> CashPart:
        item = ForecastItem(
            item="",
            customer="",
            currency=plan.currency,
            amount_minor=minor,
            document_date=day,
            due_date=None,
            segment=plan.segment,
        )
        return CashPart(
            creditor=plan.creditor,
            currency=plan.currency,
            # Sales of different days are paid by different customers.
            customer=f"\0{plan.segment}{day}",
            source=CashSource.SALES,
            amount_minor=minor,
            days=days,
            reached_ppm=reached,
            rule=self.known.scenario.rule_of(item),
        )


class _KeptRecord:
    """How promises were kept so far, from those of the list that are decided."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._rates: dict[tuple[str, str], KeptRate] = {}
        self._promised: dict[str, int] = {}
        self._paid: dict[str, int] = {}
        for rate in kept_rates(known.promises):
            self._rates[rate.customer, rate.currency] = rate
            code = rate.currency
            self._promised[code] = self._promised.get(code, 0) + rate.promised_minor
            self._paid[code] = self._paid.get(code, 0) + rate.paid_minor

    def chance_ppm(self, judged: JudgedPromise) -> int:
        """The share of a promise that comes, by money: the customer's own record and everybody's."""
        currency = judged.promise.amount.currency.code
        assumptions = self._known.assumptions
        everybody = assumptions.promise_kept_bps
        if self._promised.get(currency):
            everybody = _BPS * self._paid[currency] // self._promised[currency]
        rate = self._rates[judged.promise.customer, currency]
        weight = assumptions.promise_weight
        own = rate.decided * (rate.paid_bps or 0)
        among = rate.decided + weight
        bps = (own + weight * everybody) // among if among else everybody
        return bps * self._known.scenario.promises_kept_bps * WHOLE_PPM // _BPS**2


class _DisputeRecord:
    """How long disputes took and who was right, from those of the list that are decided."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._days: dict[str, list[int]] = {}
        refused = stated = decided = 0
        for row in dispute_statistics(known.disputes, by=(DisputeGrouping.REASON,)).rows:
            for reason in ("", *row.group):
                self._days.setdefault(reason, []).extend(row.days_to_decide)
            decided += row.decided
            refused += row.refused_minor
            stated += row.refused_minor + row.accepted_minor
        self._paid_bps = known.assumptions.dispute_paid_bps
        if stated:
            # The assumption counts like two disputes, so that one decision does not say all.
            own = decided * (_BPS * refused // stated)
            self._paid_bps = (own + 2 * self._paid_bps) // (decided + 2)

    def chances(self, standing: DisputeStanding) -> dict[dt.date, int]:
        """The chance of payment by day; empty for what was decided and waits for its credit note."""
        if not standing.is_open:
            return {}
        scenario, assumptions = self._known.scenario, self._known.assumptions
        paid = self._paid_bps if scenario.disputes_paid_bps is None else scenario.disputes_paid_bps
        after = scenario.dispute_shift_days + assumptions.days_after_decision
        left = self._left(standing)
        chances: dict[dt.date, int] = {}
        total = paid * WHOLE_PPM // _BPS
        for place, days in enumerate(left):
            day = self._known.as_of + dt.timedelta(days=days + after)
            share = total * (place + 1) // len(left) - total * place // len(left)
            chances[day] = chances.get(day, 0) + share
        return chances

    def _left(self, standing: DisputeStanding) -> list[int]:
        """In how many days it may be decided: what longer disputes took, each as likely as the others.

        One that is older than any that was decided waits as long again as they usually took.
        """
        reason = standing.dispute.reason.value
        taken = (
            self._days.get(reason) or self._days.get("") or [self._known.assumptions.dispute_days]
        )
        longer = sorted(days - standing.days_open for days in taken if days > standing.days_open)
        return longer or [sorted(taken)[(len(taken) - 1) // 2]]
