"""The workshop: what each rule of a credit policy says of figures, wherever the figures come from.

A check reads the figures from a ledger that was indexed, a simulation keeps them up to date while it
goes through the past; both ask the same rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias

import attrs

from receivables.casework.credit import CheckOutcome, CreditFinding, CreditRequest, CreditRule
from receivables.credit._credit_tables import amount_in
from receivables.credit.policies import RuleAmounts, RuleLevels, RuleNames, RuleTerms

__all__ = [
    "LIMIT_RULES",
    "NONE_FOUND",
    "Figures",
    "Found",
    "Held",
    "PastDue",
    "RulePlan",
    "about_cover",
    "about_customer",
    "about_limit",
    "about_request",
    "limit_threshold",
]

_WHOLE_BPS: Final = 10_000

LIMIT_RULES: Final = (CreditRule.LIMIT, CreditRule.GROUP_LIMIT, CreditRule.COUNTRY_LIMIT)
"""The rules that set an exposure against a limit."""


@attrs.define
class Found:
    """A figure and what it is about, the first reference being what passed the threshold."""

    figure: int
    references: tuple[str, ...] = ()
    note: str = ""


NONE_FOUND: Final = Found(0)


@attrs.define
class PastDue:
    """What of a customer's debts is past due, in minor units of its limit's currency."""

    overdue_minor: int
    day_minor: int
    """The days past due of every minor unit, added up."""
    owed_minor: int
    """All debts, due or not; credits are not set against them."""


@attrs.frozen
class Held:
    """A thing that speaks by its name: proceedings of a kind, a suspension for a reason."""

    name: str
    reference: str


class Figures(Protocol):
    """What the rules ask of a customer at the end of a day."""

    @property
    def currency(self) -> str:
        """The currency of the limit."""

    @property
    def country(self) -> str:
        """The country of the customer, empty where nobody said it."""

    @property
    def risk_class(self) -> str:
        """The risk class, empty where it is not known."""

    @property
    def insolvencies(self) -> tuple[Held, ...]:
        """Proceedings that are under way, by their kinds."""

    @property
    def suspended(self) -> tuple[Held, ...]:
        """Suspensions that are in force, by their reasons."""

    @property
    def review(self) -> tuple[dt.date, str] | None:
        """The day on which the next review is due, and the last review; None where none is."""

    @property
    def is_reviewed(self) -> bool:
        """Whether anybody ever reviewed the customer."""

    @property
    def cover(self) -> tuple[dt.date, str] | None:
        """The last day of the insured limits, and the one that lasts longest; None without any."""

    @property
    def has_limit(self) -> bool:
        """Whether anybody granted the customer, or its group, anything."""

    def oldest(self, terms: RuleLevels) -> Found:
        """The days past due of the oldest item that counts."""

    def past_due(self, terms: RuleLevels) -> PastDue:
        """What is past due."""

    def level(self) -> Found:
        """The highest dunning level of an open item."""

    def broken(self, since: dt.date) -> tuple[str, ...]:
        """The promises that were broken on a day or later, the earliest first."""

    def returned(self, since: dt.date, terms: RuleLevels) -> tuple[str, ...]:
        """The receipts that went back on a day or later for a reason that counts."""

    def items_past_due(self, share_bps: int | None = None) -> tuple[str, ...]:
        """What is past due, the oldest first; before them the item with which a share was passed."""


_Spoken: TypeAlias = Iterator[CreditFinding]
_Says: TypeAlias = Callable[[CreditRule, Any, Figures, dt.date], _Spoken]


@attrs.frozen
class RulePlan:
    """The rules of a segment, sorted by what they look at, so that nothing is looked up twice."""

    terms: Mapping[CreditRule, RuleTerms]
    of_customer: tuple[tuple[CreditRule, RuleTerms, _Says], ...]
    of_limits: tuple[tuple[CreditRule, RuleLevels], ...]
    cover: RuleAmounts | None
    of_request: RuleLevels | None

    @classmethod
    def of(cls, terms: Mapping[CreditRule, RuleTerms]) -> RulePlan:
        """The plan of a policy's terms."""
        cover, of_request = terms.get(CreditRule.COVER), terms.get(CreditRule.TERMS)
        return cls(
            terms,
            tuple(
                (rule, of_rule, _OF_CUSTOMER[rule])
                for rule, of_rule in terms.items()
                if rule in _OF_CUSTOMER
            ),
            tuple(
                (rule, of_rule)
                for rule in LIMIT_RULES
                if isinstance(of_rule := terms.get(rule), RuleLevels)
            ),
            cover if isinstance(cover, RuleAmounts) else None,
            of_request if isinstance(of_request, RuleLevels) else None,
        )


def about_customer(plan: RulePlan, figures: Figures, as_of: dt.date) -> tuple[CreditFinding, ...]:
    """What the rules say of a customer, whatever it asks for."""
    found: list[CreditFinding] = []
    for rule, of_rule, says in plan.of_customer:
        found.extend(says(rule, of_rule, figures, as_of))
    return tuple(found)


def _level_finding(
    rule: CreditRule, terms: RuleLevels, found: Found, *, unit: str, is_above: bool = False
) -> _Spoken:
    reached = terms.reached(found.figure, is_above=is_above)
    if reached is not None:
        yield CreditFinding(
            rule=rule,
            outcome=reached[0],
            figure=found.figure,
            threshold=reached[1],
            unit=unit,
            pushed_over=found.references[0] if found.references else "",
            references=found.references,
            note=found.note,
        )


def _oldest(rule: CreditRule, terms: RuleLevels, figures: Figures, _day: dt.date) -> _Spoken:
    return _level_finding(rule, terms, figures.oldest(terms), unit="days")


def _level(rule: CreditRule, terms: RuleLevels, figures: Figures, _day: dt.date) -> _Spoken:
    return _level_finding(rule, terms, figures.level(), unit="level")


def _counts(terms: RuleLevels, past: PastDue, currency: str) -> bool:
    """Whether what is past due is enough for a share or an average to be looked at."""
    least = amount_in(terms.minimum, currency) or 0
    return past.overdue_minor > 0 and past.overdue_minor >= least


def _average(rule: CreditRule, terms: RuleLevels, figures: Figures, _day: dt.date) -> _Spoken:
    past = figures.past_due(terms)
    if not _counts(terms, past, figures.currency):
        return
    days = past.day_minor // past.overdue_minor
    if terms.reached(days, is_above=False) is not None:
        found = Found(days, figures.items_past_due())
        yield from _level_finding(rule, terms, found, unit="days")


def _share(rule: CreditRule, terms: RuleLevels, figures: Figures, _day: dt.date) -> _Spoken:
    past = figures.past_due(terms)
    if not _counts(terms, past, figures.currency):
        return
    # Rounded up, so that a share above the threshold never reads as the threshold itself.
    share = -(-past.overdue_minor * _WHOLE_BPS // past.owed_minor)
    reached = terms.reached(share, is_above=True)
    if reached is not None:
        found = Found(share, figures.items_past_due(reached[1]))
        yield from _level_finding(rule, terms, found, unit="bps", is_above=True)


def _since(terms: RuleLevels, day: dt.date) -> dt.date:
    """The first of the last days that a rule looks back on, that of the check included."""
    return day - dt.timedelta(days=(terms.within_days or 1) - 1)


def _broken(rule: CreditRule, terms: RuleLevels, figures: Figures, day: dt.date) -> _Spoken:
    names = figures.broken(_since(terms, day))
    return _level_finding(rule, terms, _latest(names), unit="count")


def _returned(rule: CreditRule, terms: RuleLevels, figures: Figures, day: dt.date) -> _Spoken:
    names = figures.returned(_since(terms, day), terms)
    return _level_finding(rule, terms, _latest(names), unit="count")


def _latest(names: tuple[str, ...]) -> Found:
    """A count whose first reference is the latest: the one that made it so many."""
    return Found(len(names), tuple(reversed(names)))


def _review(rule: CreditRule, terms: RuleLevels, figures: Figures, day: dt.date) -> _Spoken:
    if figures.review is not None:
        due, name = figures.review
        yield from _level_finding(rule, terms, Found((day - due).days, (name,)), unit="days")
    elif not figures.is_reviewed and terms.missing not in (None, CheckOutcome.ALLOW):
        yield _named(rule, terms.missing, "", note="never reviewed")


def _cover(rule: CreditRule, terms: RuleLevels, figures: Figures, day: dt.date) -> _Spoken:
    if figures.cover is not None:
        last, name = figures.cover
        yield from _level_finding(rule, terms, Found((day - last).days, (name,)), unit="days")


def _named(
    rule: CreditRule, outcome: CheckOutcome | None, reference: str, *, note: str
) -> CreditFinding:
    """A finding about a name: one of it is one too many."""
    return CreditFinding(
        rule=rule,
        outcome=outcome or CheckOutcome.ALLOW,
        figure=1,
        threshold=1,
        unit="count",
        pushed_over=reference,
        references=(reference,) if reference else (),
        note=note,
    )


def _name(rule: CreditRule, terms: RuleNames, name: str) -> _Spoken:
    outcome = terms.of(name) if name else terms.missing
    if outcome is not None and outcome is not CheckOutcome.ALLOW:
        yield _named(rule, outcome, "", note=name or "unknown")


def _country(rule: CreditRule, terms: RuleNames, figures: Figures, _day: dt.date) -> _Spoken:
    return _name(rule, terms, figures.country)


def _risk(rule: CreditRule, terms: RuleNames, figures: Figures, _day: dt.date) -> _Spoken:
    return _name(rule, terms, figures.risk_class)


def _things(rule: CreditRule, terms: RuleNames, held: tuple[Held, ...]) -> _Spoken:
    for one in held:
        outcome = terms.of(one.name)
        if outcome is not CheckOutcome.ALLOW:
            yield _named(rule, outcome, one.reference, note=one.name)


def _insolvency(rule: CreditRule, terms: RuleNames, figures: Figures, _day: dt.date) -> _Spoken:
    return _things(rule, terms, figures.insolvencies)


def _suspended(rule: CreditRule, terms: RuleNames, figures: Figures, _day: dt.date) -> _Spoken:
    return _things(rule, terms, figures.suspended)


def _no_limit(rule: CreditRule, terms: RuleNames, figures: Figures, _day: dt.date) -> _Spoken:
    outcome = terms.of("")
    if not figures.has_limit and outcome is not CheckOutcome.ALLOW:
        yield _named(rule, outcome, "", note="nobody granted a limit")


_OF_CUSTOMER: Final[Mapping[CreditRule, _Says]] = MappingProxyType(
    {
        CreditRule.OLDEST_ITEM: _oldest,
        CreditRule.DAYS_PAST_DUE: _average,
        CreditRule.SHARE_PAST_DUE: _share,
        CreditRule.DUNNING_LEVEL: _level,
        CreditRule.BROKEN_PROMISE: _broken,
        CreditRule.RETURNED_PAYMENT: _returned,
        CreditRule.REVIEW_EXPIRED: _review,
        CreditRule.INSURANCE_LAPSED: _cover,
        CreditRule.COUNTRY: _country,
        CreditRule.INSOLVENCY: _insolvency,
        CreditRule.SUSPENDED: _suspended,
        CreditRule.NO_LIMIT: _no_limit,
        CreditRule.RISK_CLASS: _risk,
    }
)


def limit_threshold(terms: RuleLevels, bps: int, *, capacity_minor: int, currency: str) -> int:
    """The exposure above which a rule speaks: a share of the limit, and what is tolerated on top."""
    tolerance = amount_in(terms.tolerance, currency) or 0
    return capacity_minor * bps // _WHOLE_BPS + tolerance


def about_limit(
    terms: RuleLevels, exposure_minor: int, *, capacity_minor: int, currency: str
) -> tuple[CheckOutcome, int] | None:
    """The worst outcome that an exposure comes to against a limit, with the threshold it passes."""
    for outcome, bps in terms.steps:
        threshold = limit_threshold(terms, bps, capacity_minor=capacity_minor, currency=currency)
        if exposure_minor > threshold:
            return outcome, threshold
    return None


def about_request(
    plan: RulePlan, request: CreditRequest, insured_days: int | None
) -> tuple[CreditFinding, ...]:
    """What the rules say of what is asked for by itself: its terms, and those that an insurer takes."""
    terms = plan.of_request
    if request.due_date is None or terms is None:
        return ()
    days = (request.due_date - request.on).days
    found = list(
        _level_finding(
            CreditRule.TERMS, terms, Found(days, (request.request,)), unit="days", is_above=True
        )
    )
    if terms.insured is not None and insured_days is not None and days > insured_days:
        found.append(
            CreditFinding(
                rule=CreditRule.TERMS,
                outcome=terms.insured,
                figure=days,
                threshold=insured_days,
                unit="days",
                pushed_over=request.request,
                references=(request.request,),
                note="insured",
            )
        )
    return tuple(one for one in found if one.outcome is not CheckOutcome.ALLOW)


def about_cover(
    terms: RuleAmounts, own_risk_minor: int, currency: str
) -> tuple[CheckOutcome, int] | None:
    """The worst outcome that an amount nobody else bears comes to, with the threshold it passes."""
    for outcome, amounts in (
        (CheckOutcome.REFUSE, terms.refuse),
        (CheckOutcome.HOLD, terms.hold),
        (CheckOutcome.WARN, terms.warn),
    ):
        threshold = amount_in(amounts, currency)
        if threshold is not None and own_risk_minor > threshold:
            return outcome, threshold
    return None
