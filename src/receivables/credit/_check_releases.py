"""The workshop: what would release each finding of a check, worked out from the same figures."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.casework.credit import (
    CheckOutcome,
    CreditFinding,
    CreditRule,
    LimitScope,
)
from receivables.credit._accounts import Account, Asked
from receivables.credit._book_index import Debt, IndexedFigures
from receivables.credit._credit_tables import amount_in
from receivables.credit._releasing import (
    least_more,
    levels_targets,
    limit_targets,
    raise_needed,
    wait_until,
)
from receivables.credit.model import ComponentKind, StackRule
from receivables.credit.policies import RuleAmounts, RuleLevels, RuleTerms
from receivables.money import from_minor

__all__ = [
    "LimitCase",
    "Release",
    "ReleaseKind",
    "of_cover",
    "of_customer",
    "of_limit",
    "of_terms",
]

_WHOLE_BPS: Final = 10_000


class ReleaseKind(enum.Enum):
    """What somebody can do so that a rule speaks more mildly, or not at all."""

    PAYMENT = "payment"
    """Money comes in, on account or on items."""
    SETTLEMENT = "settlement"
    """Some items that are past due are paid, the oldest first."""
    SMALLER_REQUEST = "smaller-request"
    """So much less is asked for."""
    LIMIT_RAISE = "limit-raise"
    """The limit is raised by so much, or granted."""
    SECURITY = "security"
    """Something that secures so much, after its haircut."""
    SHORTER_TERMS = "shorter-terms"
    WAIT = "wait"
    """Nothing happens until a day."""
    REVIEW = "review"
    RENEWED_COVER = "renewed-cover"
    REINSTATEMENT = "reinstatement"
    """Whoever may lifts the suspension."""
    OVERRIDE = "override"
    """Nothing but the decision of a person, with a reason."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Release:
    """One thing that would make a rule milder, and what the rule would say then.

    `amount_minor` is the smallest that does it, in minor units of `currency`: of the limit's, or for
    a smaller request of the request's.  `days` are those to shorten terms by, `on` the first day on
    which the rule is milder by itself.

    >>> Release(rule="limit", kind="payment", outcome="allow", amount_minor=25_000,
    ...         currency="EUR").amount
    Money('250.00', 'EUR')
    """

    rule: CreditRule = attrs.field(converter=CreditRule)
    kind: ReleaseKind = attrs.field(converter=ReleaseKind)
    outcome: CheckOutcome = attrs.field(converter=CheckOutcome)
    amount_minor: int = 0
    currency: str = ""
    days: int = 0
    on: dt.date | None = None
    references: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """The items to settle, the suspension to lift, the limit to raise."""

    @property
    def amount(self) -> Any:  # noqa: ANN401  # money, or None where it is about none
        """The amount as money; None where it is about none."""
        return from_minor(self.amount_minor, self.currency) if self.currency else None


@attrs.frozen(kw_only=True)
class LimitCase:
    """A limit that a request would exceed: the account, the exposure afterwards, what was asked."""

    account: Account
    terms: RuleLevels
    asked: Asked
    before_minor: int
    after_minor: int
    exposure_with: Callable[[Asked], int]
    """The exposure with another request in the place of this one."""
    stack: StackRule


def of_limit(finding: CreditFinding, case: LimitCase) -> Iterator[Release]:
    """What would bring an exposure down to a limit, or a limit up to an exposure."""
    account = case.account
    tolerance = amount_in(case.terms.tolerance, finding.currency) or 0
    for outcome, bps, threshold in limit_targets(
        case.terms, finding, capacity_minor=account.capacity_minor
    ):
        say = _Saying(finding.rule, outcome, finding.currency)
        yield from _smaller(case, threshold, outcome)
        yield from _payment(case, threshold, say)
        more = raise_needed(
            case.after_minor,
            bps,
            capacity_minor=account.capacity_minor,
            tolerance_minor=tolerance,
        )
        if more:
            yield say(ReleaseKind.LIMIT_RAISE, more, references=account.limits)
            if case.stack is StackRule.SUM and account.scope is LimitScope.CUSTOMER:
                yield say(ReleaseKind.SECURITY, more)


@attrs.frozen
class _Saying:
    """Releases of one rule to one outcome."""

    rule: CreditRule
    outcome: CheckOutcome
    currency: str

    def __call__(
        self, kind: ReleaseKind, minor: int = 0, *, references: tuple[str, ...] = ()
    ) -> Release:
        return Release(
            rule=self.rule,
            kind=kind,
            outcome=self.outcome,
            amount_minor=minor,
            currency=self.currency if minor else "",
            references=references,
        )


def _smaller(case: LimitCase, threshold: int, outcome: CheckOutcome) -> Iterator[Release]:
    """The least to take off the request; nothing where the rest of the exposure is too much."""
    asked, needed = case.asked, case.after_minor - threshold
    if case.before_minor > threshold or asked.minor <= 1:
        return

    def lowered(off: int) -> int:
        return case.after_minor - case.exposure_with(asked.less(min(off, asked.minor - 1)))

    if case.account.counts_as_asked(asked):
        off = needed if needed < asked.minor else None
    elif lowered(asked.minor - 1) < needed:
        off = None
    else:
        off = least_more(lowered, needed)
    if off is not None:
        yield Release(
            rule=_LIMIT_RULE[case.account.scope],
            kind=ReleaseKind.SMALLER_REQUEST,
            outcome=outcome,
            amount_minor=off,
            currency=asked.cell[2],
            references=(asked.request.request,),
        )


_LIMIT_RULE: Final[Mapping[LimitScope, CreditRule]] = MappingProxyType(
    {
        LimitScope.CUSTOMER: CreditRule.LIMIT,
        LimitScope.GROUP: CreditRule.GROUP_LIMIT,
        LimitScope.COUNTRY: CreditRule.COUNTRY_LIMIT,
    }
)


def _payment(case: LimitCase, threshold: int, say: _Saying) -> Iterator[Release]:
    """The least that the customer pays on account; on its items where money on account counts for nothing."""
    account, needed = case.account, case.after_minor - threshold
    owner = account.owner_of(case.asked.request.customer)
    cells = account.owners.get(owner, {})
    cell, is_owed_only = (ComponentKind.UNAPPLIED_CASH.value, False, account.currency), False
    if not account.scales.weight(cell):
        cell, is_owed_only = (ComponentKind.OPEN_ITEMS.value, False, account.currency), True
    held = cells.get(cell, 0)
    if not account.scales.weight(cell):
        return
    counted = account.scales.counted

    def lowered(minor: int) -> int:
        return counted(cell, held, account.currency) - counted(cell, held - minor, account.currency)

    is_whole = account.scales.scale(cell, account.currency) is None
    paid = needed if is_whole else least_more(lowered, needed)
    # Of a country's exposure a customer can pay off no more than its own part.
    most = case.after_minor - account.total_minor + max(0, account.nets.get(owner, 0))
    is_owed = not is_owed_only or (paid or 0) <= held
    if paid is not None and needed <= most and is_owed:
        yield say(ReleaseKind.PAYMENT, paid)


def of_customer(
    finding: CreditFinding, terms: RuleTerms, figures: IndexedFigures
) -> Iterator[Release]:
    """What would make a rule about the customer itself milder."""
    found = _RELEASES.get(finding.rule)
    if found is not None:
        yield from found(finding, terms, figures)


_Finds = Callable[[CreditFinding, Any, IndexedFigures], Iterator[Release]]


def _settled(
    finding: CreditFinding, outcome: CheckOutcome, debts: Sequence[Debt], figures: IndexedFigures
) -> Release:
    """Some debts are paid in full."""
    return Release(
        rule=finding.rule,
        kind=ReleaseKind.SETTLEMENT,
        outcome=outcome,
        amount_minor=sum(figures.in_limit_currency(debt) for debt in debts),
        currency=figures.currency,
        references=tuple(debt.item for debt in debts),
    )


def _oldest(
    finding: CreditFinding, terms: RuleLevels, figures: IndexedFigures
) -> Iterator[Release]:
    for outcome, days in levels_targets(terms, finding.outcome):
        debts = [debt for debt in figures.counting(terms) if figures.aged(debt) >= days]
        yield _settled(finding, outcome, debts, figures)


def _level(finding: CreditFinding, terms: RuleLevels, figures: IndexedFigures) -> Iterator[Release]:
    levels = figures.index.levels
    for outcome, least in levels_targets(terms, finding.outcome):
        debts = [
            Debt(item.item, item.currency, item.open_minor, item.due_date)
            for item in figures.index.items.get(figures.customer, ())
            if item.open_minor > 0 and levels.get(item.item, 0) >= least
        ]
        yield _settled(finding, outcome, debts, figures)


def _average(
    finding: CreditFinding, terms: RuleLevels, figures: IndexedFigures
) -> Iterator[Release]:
    """The oldest are paid first, because each unit of them lowers the average the most."""
    past = figures.past_due(terms)
    least = amount_in(terms.minimum, figures.currency) or 0
    for outcome, days in levels_targets(terms, finding.outcome):
        overdue, sums, paid = past.overdue_minor, past.day_minor, []
        for debt in figures.late():
            if not overdue or overdue < least or sums < days * overdue:
                break
            minor, age = figures.in_limit_currency(debt), figures.aged(debt)
            needed = _average_part(sums - days * overdue, age - days, overdue - least)
            part = min(minor, needed) if debt.currency == figures.currency else minor
            overdue, sums = overdue - part, sums - part * age
            paid.append(Debt(debt.item, figures.currency, part, debt.due_date))
        yield _settled(finding, outcome, paid, figures)


def _average_part(excess: int, above: int, until_least: int) -> int:
    """The least of the oldest debt that brings an average below its days, or below what counts."""
    by_average = excess // above + 1 if above > 0 else until_least + 1
    return min(by_average, until_least + 1)


def _share(finding: CreditFinding, terms: RuleLevels, figures: IndexedFigures) -> Iterator[Release]:
    past = figures.past_due(terms)
    least = amount_in(terms.minimum, figures.currency) or 0
    for outcome, bps in levels_targets(terms, finding.outcome):
        excess = past.overdue_minor * _WHOLE_BPS - bps * past.owed_minor
        by_share = -(-excess // (_WHOLE_BPS - bps)) if bps < _WHOLE_BPS else past.overdue_minor
        needed = max(1, min(by_share, past.overdue_minor - least + 1))
        paid = []
        for debt in figures.late():
            if needed <= 0:
                break
            minor = figures.in_limit_currency(debt)
            part = min(minor, needed) if debt.currency == figures.currency else minor
            needed -= part
            paid.append(Debt(debt.item, figures.currency, part, debt.due_date))
        yield _settled(finding, outcome, paid, figures)


def _broken(
    finding: CreditFinding, terms: RuleLevels, figures: IndexedFigures
) -> Iterator[Release]:
    days = [day for day, _ in figures.index.broken.get(figures.customer, ())]
    return _waits(finding, terms, days)


def _returned(
    finding: CreditFinding, terms: RuleLevels, figures: IndexedFigures
) -> Iterator[Release]:
    marks = figures.index.returned.get(figures.customer, ())
    return _waits(finding, terms, [one.on for one in marks if one.reason in terms.reasons])


def _waits(finding: CreditFinding, terms: RuleLevels, days: list[dt.date]) -> Iterator[Release]:
    for outcome, figure in levels_targets(terms, finding.outcome):
        yield Release(
            rule=finding.rule,
            kind=ReleaseKind.WAIT,
            outcome=outcome,
            on=wait_until(days, figure, terms.within_days or 1),
        )


def _once(kind: ReleaseKind) -> _Finds:
    """One thing that makes the rule silent."""

    def found(finding: CreditFinding, _terms: object, _figures: object) -> Iterator[Release]:
        yield Release(
            rule=finding.rule,
            kind=kind,
            outcome=CheckOutcome.ALLOW,
            references=finding.references,
        )

    return found


_RELEASES: Final[Mapping[CreditRule, _Finds]] = MappingProxyType(
    {
        CreditRule.OLDEST_ITEM: _oldest,
        CreditRule.DAYS_PAST_DUE: _average,
        CreditRule.SHARE_PAST_DUE: _share,
        CreditRule.DUNNING_LEVEL: _level,
        CreditRule.BROKEN_PROMISE: _broken,
        CreditRule.RETURNED_PAYMENT: _returned,
        CreditRule.REVIEW_EXPIRED: _once(ReleaseKind.REVIEW),
        CreditRule.INSURANCE_LAPSED: _once(ReleaseKind.RENEWED_COVER),
        CreditRule.SUSPENDED: _once(ReleaseKind.REINSTATEMENT),
        CreditRule.COUNTRY: _once(ReleaseKind.OVERRIDE),
        CreditRule.INSOLVENCY: _once(ReleaseKind.OVERRIDE),
        CreditRule.RISK_CLASS: _once(ReleaseKind.REVIEW),
        CreditRule.NO_LIMIT: _once(ReleaseKind.LIMIT_RAISE),
    }
)


def of_terms(finding: CreditFinding, terms: RuleTerms | None) -> Iterator[Release]:
    """By how many days terms must be shorter, for the policy or for the insurer."""
    if not isinstance(terms, RuleLevels):
        return
    is_insurers = finding.note == "insured"
    targets = (
        [(CheckOutcome.ALLOW, finding.threshold)]
        if is_insurers
        else levels_targets(terms, finding.outcome)
    )
    for outcome, days in targets:
        yield Release(
            rule=finding.rule,
            kind=ReleaseKind.SHORTER_TERMS,
            outcome=outcome,
            days=finding.figure - days,
        )


def of_cover(
    finding: CreditFinding, terms: RuleAmounts, after_minor: int, own_risk: Callable[[int], int]
) -> Iterator[Release]:
    """The least that the customer pays so that no more than a threshold is borne by nobody else."""
    for outcome, amounts in _cover_targets(terms, finding.outcome):
        threshold = amount_in(amounts, finding.currency)
        if threshold is not None:
            paid = least_more(
                lambda minor: finding.figure - own_risk(max(0, after_minor - minor)),
                finding.figure - threshold,
            )
            if paid is not None:
                say = _Saying(finding.rule, outcome, finding.currency)
                yield say(ReleaseKind.PAYMENT, paid)


def _cover_targets(
    terms: RuleAmounts, outcome: CheckOutcome
) -> Iterator[tuple[CheckOutcome, Mapping[str, int]]]:
    """The milder outcomes that pass, each with the amounts not to be passed."""
    steps = [amounts for amounts in (terms.warn, terms.hold, terms.refuse) if amounts]
    yield CheckOutcome.ALLOW, steps[0]
    blocking = [amounts for amounts in (terms.hold, terms.refuse) if amounts]
    if outcome is not CheckOutcome.WARN and terms.warn and blocking:
        yield CheckOutcome.WARN, blocking[0]
