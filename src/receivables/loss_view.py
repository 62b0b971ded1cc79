"""What a creditor expects to lose at the end of a day, what it gave up, and what would hurt most.

`Book.losses` gives it.  What is asked for is worked out once, and kept with the view.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import attrs

from receivables.accounting import JournalEntry, ManualEntries
from receivables.accounting.model import Journal
from receivables.allowance import (
    AllowanceFacts,
    AllowanceMovement,
    BackTest,
    Cover,
    LossAllowance,
    MovementGrain,
    ProvisionMatrix,
    allowance_entries,
    backtest,
    booked_allowance,
    ledger_allowance,
    ledger_movement,
)
from receivables.casework import LimitKind, WriteOffReason, WriteOffRequest, WrittenOffPart
from receivables.credit.concentration import Concentration, ConcentrationBy, concentration
from receivables.credit.insurance import InsurancePolicy
from receivables.credit.limits import limit_history
from receivables.credit.stress import (
    StressResult,
    StressScenario,
    cover_from_limits,
    scenarios,
    stress,
    stress_positions,
)
from receivables.credit_settings import LossSettings
from receivables.credit_view import CreditView
from receivables.days import to_day
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.ledger.model import Allocated
from receivables.money import Money, from_minor
from receivables.parties import CustomerId
from receivables.writeoffs import (
    MissingEffort,
    ReliefFacts,
    SmallBalanceRun,
    TaxRelief,
    TaxReliefRule,
    WriteOffStanding,
    book_write_off,
    efforts,
    efforts_missing,
    propose_write_off,
    relief_rules,
    small_balances,
    tax_relief,
    write_off_standings,
)

__all__ = ["BookedWriteOff", "LossView"]

_COVERING: Final = (LimitKind.INSURED, LimitKind.DISCRETIONARY, LimitKind.GUARANTEED)
_SECURING: Final = (*_COVERING, LimitKind.COLLATERAL)
_END: Final = dt.time.max


@attrs.frozen(kw_only=True, slots=False, eq=False)
class LossView:
    """Losses at the end of a day, over the credit of the same day (`Book.credit`).

    `by_hand` makes the entries, by the chart and the rules of the settings.
    """

    credit: CreditView = attrs.field(repr=False)
    settings: LossSettings = attrs.field(factory=LossSettings, repr=False)
    by_hand: ManualEntries = attrs.field(repr=False)

    @property
    def as_of(self) -> dt.date:
        """The day at whose end it looks."""
        return self.credit.as_of

    @property
    def matrix(self) -> ProvisionMatrix:
        """The provision matrix of the settings; raises `PolicyError` where they have none."""
        if self.settings.allowance is None:
            msg = "settings must have a table allowance for what is expected to be lost, got none"
            raise PolicyError(msg)
        return self.settings.allowance

    @cached_property
    def items(self) -> tuple[OpenItem, ...]:
        """What is open."""
        view = self.credit
        found = view.ledger.open_items(as_of=self.as_of, known_at=view.known_at)
        return tuple(item for item in found if item.creditor == view.creditor)

    @cached_property
    def allowance(self) -> LossAllowance:
        """The loss allowance, line by line, with the functional currency where rates are known."""
        return self._allowance_on(self.as_of, self.credit.known_at)

    def _allowance_on(self, day: dt.date, known_at: dt.datetime | None) -> LossAllowance:
        view = self.credit
        return ledger_allowance(
            view.ledger,
            view.creditor,
            matrix=self.matrix,
            as_of=day,
            known_at=known_at,
            facts=_facts(view.on(day, known_at=known_at)),
            disputes=view.disputes,
            rates=view.rates,
            functional="" if view.rates is None else self.by_hand.functional_currency,
        )

    def movement(self, *, since: dt.date | str) -> AllowanceMovement:
        """What moved the allowance from the end of a day to the end of this one; it closes."""
        opening = self._allowance_on(to_day(since, name="since"), self.credit.known_at)
        return ledger_movement(
            self.credit.ledger,
            opening,
            self.allowance,
            creditor=self.credit.creditor,
            known_at=self.credit.known_at,
        )

    def entries(self, journal: Journal | None = None) -> tuple[JournalEntry, ...]:
        """The charges and releases that bring what the books hold to what is needed.

        `journal` are the books; without one they hold nothing yet.
        """
        grain = MovementGrain.usual(self.matrix.standard)
        booked: dict[str, int] = {}
        if journal is not None:
            names = self.credit.customers.items()
            segments: dict[str, str] = {name: customer.segment for name, customer in names}
            booked = booked_allowance(journal, as_of=self.as_of, grain=grain, segments=segments)
        return allowance_entries(self.allowance, by_hand=self.by_hand, booked=booked, grain=grain)

    def backtest(self, *, days: Iterable[dt.date | str]) -> tuple[BackTest, ...]:
        """What the matrix would have said on past days, and what became of those items since."""
        view = self.credit
        wanted = sorted({to_day(day, name="days") for day in days})
        return tuple(
            found
            for day in wanted
            for found in backtest(
                view.ledger,
                view.creditor,
                matrix=self.matrix,
                days=[day],
                until=self.as_of,
                # What covered a customer later is not known on the day either.
                facts=_facts(view.on(day, known_at=dt.datetime.combine(day, _END, tzinfo=dt.UTC))),
                disputes=view.disputes,
            )
        )

    @cached_property
    def write_offs(self) -> tuple[WriteOffStanding, ...]:
        """Every request to write off: who agreed, who has to, what was booked and recovered."""
        view = self.credit
        return write_off_standings(
            view.ledger,
            view.creditor,
            as_of=self.as_of,
            known_at=view.known_at,
            policy=self.settings.write_offs,
        )

    def propose_write_off(  # what a request says, each by its name
        self,
        customer: str,
        *,
        reason: WriteOffReason | str,
        name: str,
        items: Iterable[str] | None = None,
        amounts: Mapping[str, Money] | None = None,
        proof: str = "",
        by: str = "",
        note: str = "",
    ) -> WriteOffRequest:
        """The request to give up what is open of a customer, with the efforts that were made."""
        return propose_write_off(
            self.credit.ledger,
            write_off=name,
            creditor=self.credit.creditor,
            customer=customer,
            reason=reason,
            as_of=self.as_of,
            items=items,
            amounts=amounts,
            policy=self.settings.write_offs,
            proof=proof,
            by=by,
            note=note,
        )

    def efforts_missing(self, request: WriteOffRequest) -> tuple[MissingEffort, ...]:
        """What the policy wants to have been tried before, and was not."""
        return efforts_missing(
            self.credit.ledger,
            request,
            creditor=self.credit.creditor,
            as_of=self.as_of,
            known_at=self.credit.known_at,
            policy=self.settings.write_offs,
        )

    def tax_relief(
        self, request: WriteOffRequest, *, told_on: dt.date | None = None
    ) -> tuple[TaxRelief, ...]:
        """The tax that comes back if a request is booked on this day, by the law of our country.

        What is known of the claim is read from the ledger and the list of customers: insolvencies,
        courts, consumers, and whether anything covers or secures it.  `told_on` is the day on which
        the customer got the document that some laws ask for.
        """
        return self._relief(request, request.parts, told_on)

    def _relief(
        self,
        request: WriteOffRequest,
        parts: Iterable[WrittenOffPart],
        told_on: dt.date | None,
    ) -> tuple[TaxRelief, ...]:
        view = self.credit
        known = view.customers.get(request.customer)
        wanted = tuple(parts)
        is_secured = self._is_secured(request.customer)
        # What proves one claim, a registered letter say, proves no other.
        facts: dict[str, ReliefFacts] = {
            part.item: ReliefFacts(
                proofs=efforts(
                    view.ledger,
                    view.creditor,
                    request.customer,
                    items=[part.item],
                    as_of=self.as_of,
                    known_at=view.known_at,
                ),
                written_off_on=self.as_of,
                debtor_told_on=told_on,
                is_consumer=known is not None and known.is_consumer,
                is_on_receipts=self.settings.on_receipts,
                is_secured=is_secured,
            )
            for part in wanted
        }
        country = view.owner.country or view.owner.address.country
        return tax_relief(
            view.ledger,
            wanted,
            creditor=view.creditor,
            # A creditor of no country has no law, and not all of them.
            rules=self._rules_of(country.upper()) if country else (),
            facts=facts,
            as_of=self.as_of,
            known_at=view.known_at,
        )

    def _rules_of(self, country: str) -> tuple[TaxReliefRule, ...]:
        named = self.settings.relief_rules
        known = relief_rules(country)
        if unknown := sorted(set(named) - {rule.name for rule in known}):
            said = ", ".join(rule.name for rule in known) or "none"
            msg = (
                f"relief-rules must be among those of {country} ({said}), got {', '.join(unknown)}"
            )
            raise PolicyError(msg)
        return tuple(rule for rule in known if rule.name in named) if named else known

    def _is_secured(self, customer: CustomerId) -> bool:
        """Whether anything but our own trust stands, or stood, behind a customer."""
        view = self.credit
        spells = limit_history(view.ledger, view.creditor, as_of=self.as_of, known_at=view.known_at)
        limits = (*(spell.limit for spell in spells), *view.discretionary)
        return any(one.customer == customer and one.kind in _SECURING for one in limits)

    def book_write_off(
        self,
        name: str,
        *,
        recorded_at: dt.datetime,
        despite: str = "",
        told_on: dt.date | None = None,
    ) -> BookedWriteOff:
        """What books a request on this day, with the tax that comes back for what is booked of it.

        Raises `EventError` for what may not be booked (`receivables.writeoffs.book_write_off`).
        """
        view = self.credit
        given: dict[str, Any] = {
            "creditor": view.creditor,
            "on": self.as_of,
            "recorded_at": recorded_at,
            "policy": self.settings.write_offs,
            "despite": despite,
        }
        plain = book_write_off(view.ledger, name, **given)
        # An item may have been paid in part since it was asked for: tax is of what is booked.
        parts = [
            WrittenOffPart(
                item=leg.item, amount=from_minor(leg.amount_minor, event.allocation.currency)
            )
            for event in plain
            for leg in event.allocation.legs
        ]
        (request,) = [one.request for one in self.write_offs if one.name == name]
        relief = self._relief(request, parts, told_on)
        return BookedWriteOff(
            events=book_write_off(view.ledger, name, **given, relief=relief), relief=relief
        )

    @cached_property
    def small_balances(self) -> SmallBalanceRun:
        """What the policy of small balances would clean up, and what it leaves and why."""
        return small_balances(
            self.credit.ledger,
            self.credit.creditor,
            as_of=self.as_of,
            policy=self.settings.write_offs.small_balances,
        )

    def concentration(
        self, *, by: ConcentrationBy | str = ConcentrationBy.CUSTOMER
    ) -> tuple[Concentration, ...]:
        """How much of what is open is owed by few, currency by currency, or in one where rates are known."""
        known = [one.value for one in ConcentrationBy]
        if not isinstance(by, ConcentrationBy) and by not in known:
            msg = f"by must be one of {', '.join(known)}, got {by!r}"
            raise PolicyError(msg)
        rates = self.credit.rates
        return concentration(
            self.items,
            as_of=self.as_of,
            by=by,
            customers=self.credit.customers.values(),
            currency=None if rates is None else self.by_hand.functional_currency,
            rates=rates,
        )

    def stress(
        self, *, scenarios_of: Iterable[StressScenario] | None = None
    ) -> tuple[StressResult, ...]:
        """What would be lost after cover if the largest failed, and in other scenarios."""
        view, currency = self.credit, self.by_hand.functional_currency
        items = self.items
        if view.rates is None:
            items = tuple(item for item in items if item.currency == currency)
        limits = [one for one in view.limits if one.amount.currency.code == currency]
        positions = stress_positions(
            items,
            as_of=self.as_of,
            currency=currency,
            customers=view.customers.values(),
            covers=cover_from_limits(limits, on=self.as_of, currency=currency),
            allowances=self._by_customer(currency),
            rates=view.rates,
        )
        return stress(
            positions, scenarios() if scenarios_of is None else scenarios_of, currency=currency
        )

    def _by_customer(self, currency: str) -> dict[str, int]:
        if self.settings.allowance is None:
            return {}
        found: dict[str, int] = {}
        for line in self.allowance.lines:
            if line.currency == currency:
                found[line.customer] = found.get(line.customer, 0) + line.allowance_minor
        return found


@attrs.frozen(kw_only=True)
class BookedWriteOff:
    """The events that book a request, and what of the tax comes back or does not yet, and why."""

    events: tuple[Allocated, ...]
    relief: tuple[TaxRelief, ...] = ()


def _facts(view: CreditView) -> AllowanceFacts:
    """What covers the customers on the day of a view."""
    own = {policy.number for policy in view.settings.insurance}
    covers = [
        Cover(
            customer=limit.customer,
            amount=limit.amount,
            share_bps=limit.cover_bps,
            reference=limit.limit,
        )
        for limit in view.limits
        if limit.customer and limit.kind in _COVERING and limit.policy not in own
    ]
    for policy in view.settings.insurance:
        covers += _insured(view, policy)
    return AllowanceFacts(customers=view.customers, covers=_once(covers))


def _insured(view: CreditView, policy: InsurancePolicy) -> Iterator[Cover]:
    """What a policy covers of each customer: no more than it insures of what is open.

    Items in another currency than the policy's are left out, so that cover is never said too high.
    """
    sums: dict[CustomerId, int] = {}
    shares: dict[CustomerId, int] = {}
    for one in view.insured_items(policy):
        if one.limit is None or not one.is_insured or one.item.currency != policy.currency:
            continue
        name = one.item.customer
        sums[name] = sums.get(name, 0) + min(one.insured_minor, one.item.open_minor)
        share = min(policy.insured_part(one.limit.kind), one.limit.cover_bps)
        shares[name] = min(share, shares.get(name, share))
    for name, minor in sums.items():
        if minor:
            yield Cover(
                customer=name,
                amount=from_minor(minor, policy.currency),
                share_bps=shares[name],
                reference=policy.number,
            )


def _once(covers: Iterable[Cover]) -> list[Cover]:
    """One cover for each customer and currency: the largest."""
    best: dict[tuple[str, str], Cover] = {}
    for cover in covers:
        key = (cover.customer, cover.amount.currency.code)
        if key not in best or best[key].amount < cover.amount:
            best[key] = cover
    return list(best.values())
