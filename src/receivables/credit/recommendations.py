"""What to do with a customer's credit: grant, raise, keep, reduce, suspend or reinstate, and why.

>>> from receivables.credit.recommending import LimitFigures, recommend_limit
>>> found = recommend_limit(
...     LimitFigures(currency="EUR", tangible_net_worth_minor=80_000_00, requested_minor=50_000_00),
...     risk_class="B")
>>> case = CreditCase(creditor="MIRA", customer="C-017", as_of=dt.date(2026, 10, 31),
...                   recommended=found, current_minor=20_000_00)
>>> advice = recommend(case)
>>> advice.action.value, advice.limit_minor, [reason.code.value for reason in advice.reasons]
('raise', 2800000, ['above-present', 'cap'])
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from receivables import limits
from receivables._arithmetic import Rounding, mul_div
from receivables.casework.credit import CreditReview, LimitKind, ReviewAction
from receivables.credit import recommendation_rules as rules
from receivables.credit._credit_tables import built, fields_of
from receivables.credit.classes import UNRATED, RiskClasses, RiskRating
from receivables.credit.limit_policies import PaymentTerm
from receivables.credit.model import LimitStack
from receivables.credit.recommending import RecommendedLimit
from receivables.credit.recording import (
    InsolvencyStanding,
    SuspensionStanding,
    insolvencies,
    reviews,
    suspensions_in_force,
)
from receivables.days import add_months, check_day, days_past
from receivables.errors import CurrencyMismatchError, PolicyError
from receivables.ledger.credit import FinancialsReceived, FinancialsWithdrawn
from receivables.ledger.objects import Ledger
from receivables.money import Money, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.scoring.behaviour import PaymentBehaviour
from receivables.scoring.failure import FailureScore
from receivables.scoring.failure_models import MODELS, ZoneStanding

__all__ = [
    "CreditCase",
    "CreditRecommendation",
    "FailureSign",
    "ReasonCode",
    "RecommendationPolicy",
    "RecommendationReason",
    "case_from_ledger",
    "recommend",
]

_HUNDREDTHS: Final = 100


class ReasonCode(enum.Enum):
    """Why a recommendation is what it is; the first reason of one decided."""

    INSOLVENCY = "insolvency"
    CLASS_REFUSED = "class-refused"
    OLDEST_OVERDUE = "oldest-overdue"
    RETURNED_PAYMENTS = "returned-payments"
    BROKEN_PROMISES = "broken-promises"
    COVER_WITHDRAWN = "cover-withdrawn"
    SUSPENSION = "suspension"
    """It is suspended already, and why."""
    SUSPENSION_OVER = "suspension-over"
    """Nothing speaks for its suspension any more."""
    FIGURE_MISSING = "figure-missing"
    NO_LIMIT = "no-limit"
    """Nobody granted it anything yet."""
    NOTHING_LEFT = "nothing-left"
    """What its figures bear is nothing."""
    ABOVE_PRESENT = "above-present"
    BELOW_PRESENT = "below-present"
    NEAR_PRESENT = "near-present"
    """What is recommended differs too little from what it has."""
    RAISE_BARRED = "raise-barred"
    """It would be raised but for what follows."""
    SIGNS = "signs"
    """So many bad signs that the limit is cut."""
    CAP = "cap"
    """The figure that binds."""
    EXPOSURE_ABOVE = "exposure-above"
    PAYS_LATE = "pays-late"
    PAYS_PROMPTLY = "pays-promptly"
    WORSENING = "worsening"
    IMPROVING = "improving"
    FAILURE_DISTRESS = "failure-distress"
    FAILURE_SAFE = "failure-safe"
    CLASS_WORSE = "class-worse"
    CLASS_BETTER = "class-better"
    STATEMENT_OLD = "statement-old"

    @property
    def is_adverse(self) -> bool:
        """Whether it speaks against credit."""
        return self in _ADVERSE


_ADVERSE: Final = frozenset(
    {
        ReasonCode.INSOLVENCY,
        ReasonCode.CLASS_REFUSED,
        ReasonCode.OLDEST_OVERDUE,
        ReasonCode.RETURNED_PAYMENTS,
        ReasonCode.BROKEN_PROMISES,
        ReasonCode.COVER_WITHDRAWN,
        ReasonCode.SUSPENSION,
        ReasonCode.FIGURE_MISSING,
        ReasonCode.NOTHING_LEFT,
        ReasonCode.BELOW_PRESENT,
        ReasonCode.RAISE_BARRED,
        ReasonCode.SIGNS,
        ReasonCode.EXPOSURE_ABOVE,
        ReasonCode.PAYS_LATE,
        ReasonCode.WORSENING,
        ReasonCode.FAILURE_DISTRESS,
        ReasonCode.CLASS_WORSE,
        ReasonCode.STATEMENT_OLD,
    }
)
_SIGNS: Final = frozenset(
    {
        ReasonCode.BROKEN_PROMISES,
        ReasonCode.RETURNED_PAYMENTS,
        ReasonCode.OLDEST_OVERDUE,
        ReasonCode.PAYS_LATE,
        ReasonCode.WORSENING,
        ReasonCode.FAILURE_DISTRESS,
        ReasonCode.CLASS_WORSE,
        ReasonCode.COVER_WITHDRAWN,
    }
)
"""The reasons that are counted as bad signs."""
_BARS: Final = _SIGNS | {ReasonCode.STATEMENT_OLD, ReasonCode.EXPOSURE_ABOVE}
"""The reasons with which a limit is not raised."""


@attrs.frozen(kw_only=True)
class RecommendationReason:
    """One reason as data: its code, and the figures that a sentence about it names.

    `amount_minor` and `other_minor` are minor units of `currency`, `days` hundredths of a day where
    the code is about an average, and whole days otherwise.
    """

    code: ReasonCode = attrs.field(converter=ReasonCode)
    currency: str = ""
    amount_minor: int | None = None
    other_minor: int | None = None
    days: int | None = None
    count: int | None = None
    bps: int | None = None
    number: Decimal | None = attrs.field(default=None, converter=attrs.converters.optional(Decimal))
    """The value of a model."""
    on: dt.date | None = None
    text: str = ""
    """A class, a kind of proceedings, a cap, a model: what the code needs."""
    reference: str = ""

    @property
    def is_adverse(self) -> bool:
        """Whether it speaks against credit."""
        return self.code.is_adverse


@attrs.frozen(kw_only=True)
class FailureSign:
    """What a failure model says: its title, its value, and what the zone of that value means.

    >>> FailureSign(model="Altman Z″ (1995)", value="0.84", zone="distress").is_distress
    True
    """

    model: str
    value: Decimal = attrs.field(converter=Decimal)
    zone: ZoneStanding = attrs.field(converter=ZoneStanding)
    is_verified: bool = True
    """Whether the coefficients and the zones were read in a source."""

    @classmethod
    def of(cls, score: FailureScore) -> FailureSign:
        """What a failure score says, by the title of its model where the library has it."""
        known = MODELS.get(score.model)
        return cls(
            model=score.model if known is None else known.title,
            value=score.value,
            zone=score.zone.standing,
            is_verified=score.is_verified and (known is None or known.has_verified_zones),
        )

    @property
    def is_distress(self) -> bool:
        """Whether failure is near, says the model."""
        return self.zone is ZoneStanding.DISTRESS


def _rows(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CreditCase:
    """All that a recommendation looks at, as it stands at the end of a day.

    `current_minor` is our own limit of the customer, None where nobody ever granted one, and
    `exposure_minor` what it may cost us, both in minor units of the recommended limit's currency.
    `withdrawn` names insured limits that an insurer took back since the last review, and
    `statement_on` is the end of the last year of which there are figures.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    as_of: dt.date
    recommended: RecommendedLimit
    current_minor: int | None = None
    exposure_minor: int = 0
    rating: RiskRating | None = None
    previous_class: str = ""
    suspensions: tuple[SuspensionStanding, ...] = attrs.field(default=(), converter=_rows)
    insolvencies: tuple[InsolvencyStanding, ...] = attrs.field(default=(), converter=_rows)
    behaviour: PaymentBehaviour | None = None
    failures: tuple[FailureSign, ...] = attrs.field(default=(), converter=_rows)
    withdrawn: tuple[str, ...] = attrs.field(default=(), converter=_rows)
    statement_on: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        check_day(self.as_of, name="as_of")

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.recommended.currency

    @property
    def has_credit(self) -> bool:
        """Whether anything is granted or owed."""
        return bool(self.current_minor) or self.exposure_minor > 0


@attrs.frozen(kw_only=True)
class RecommendationPolicy:
    """From where on a limit is raised or cut, and what suspends; None switches a rule off.

    A limit is raised or reduced where what is recommended differs from it by at least so many basis
    points of it.  It is suspended for proceedings, an item past due by `suspend_oldest_days`,
    payments returned and promises broken within the window of the behaviour.  It is not raised while
    there is a bad sign: payments more than `late_days` after terms, `trend_days` later than before,
    a model of failure in distress, a worse class than before, a financial statement older than
    `statement_months`.  From `cut_signs` of them on it is cut by `cut_bps` at least.
    """

    name: str = "recommendations"
    version: str = "1"
    raise_from_bps: int = 1_000
    reduce_from_bps: int = 1_000
    suspend_for_insolvency: bool = True
    suspend_oldest_days: int | None = 90
    suspend_returned_payments: int | None = 2
    suspend_broken_promises: int | None = 3
    late_days: int | None = 15
    trend_days: int | None = 10
    statement_months: int | None = 18
    cut_signs: int | None = 2
    cut_bps: int = 2_500
    shows_good_signs: bool = True

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.name in {"name", "version"} or value is None:
                continue
            if field.name in {"suspend_for_insolvency", "shows_good_signs"}:
                _check(isinstance(value, bool), field.name, "true or false", value)
                continue
            most = rules.WHOLE_BPS if field.name.endswith("_bps") else limits.DAYS_MAX
            least = 1 if field.name in {"cut_signs", *_COUNTED} else 0
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            _check(is_whole and least <= value <= most, field.name, f"{least} to {most}", value)

    @classmethod
    def from_table(
        cls, data: Mapping[str, Any], *, name: str = "recommendation policy"
    ) -> RecommendationPolicy:
        """The policy of a table of a file; raises `PolicyError` naming what is wrong.

        ``off`` lists the rules that are switched off, for TOML has no word for nothing.

        >>> RecommendationPolicy.from_table({"late-days": 30, "off": ["trend-days"]}).trend_days
        """
        return built(lambda: _from_table(data, name), name)

    @property
    def title(self) -> str:
        """The name and the version, as reviews keep them."""
        return f"{self.name} {self.version}"


_COUNTED: Final = ("suspend_oldest_days", "suspend_returned_payments", "suspend_broken_promises")


def _check(is_right: bool, name: str, wanted: str, value: object) -> None:  # noqa: FBT001  # what is checked comes first
    if not is_right:
        msg = f"{name} must be {wanted}, got {value!r}"
        raise PolicyError(msg)


def _from_table(data: Mapping[str, Any], name: str) -> RecommendationPolicy:
    off = data.get("off", ())
    rest = {key: value for key, value in data.items() if key != "off"}
    values = fields_of(rest, RecommendationPolicy, name)
    if isinstance(off, str):
        msg = f"off of {name} must be a list, got {off!r}"
        raise PolicyError(msg)
    for key in off:
        field = str(key).replace("-", "_")
        if field not in _MAY_BE_OFF:
            known = ", ".join(one.replace("_", "-") for one in _MAY_BE_OFF)
            msg = f"off of {name} must be among {known}, got {key!r}"
            raise PolicyError(msg)
        values[field] = None
    return RecommendationPolicy(**values)


_MAY_BE_OFF: Final = (*_COUNTED, "late_days", "trend_days", "statement_months", "cut_signs")
_STANDARD: Final = RecommendationPolicy()


def _reasons(values: Iterable[RecommendationReason]) -> tuple[RecommendationReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class CreditRecommendation:
    """What is recommended for a customer, with every reason, the decisive one first.

    `limit_minor` is our own limit as it would be, `current_minor` as it is, in minor units of
    `currency`.  A suspension leaves the limit what it is, and free none of it.
    """

    creditor: CreditorId
    customer: CustomerId
    as_of: dt.date
    currency: str
    action: ReviewAction
    limit_minor: int
    current_minor: int | None
    risk_class: str
    payment: PaymentTerm
    terms_days: int
    reasons: tuple[RecommendationReason, ...] = attrs.field(converter=_reasons)
    recommended: RecommendedLimit
    rating: RiskRating | None = None
    is_suspended: bool = False
    """Whether it would be suspended: by this, or as before."""
    policy: str = ""

    @property
    def limit(self) -> Money:
        """The limit as it would be."""
        return from_minor(self.limit_minor, self.currency)

    @property
    def change_minor(self) -> int:
        """By how much the limit would change."""
        return self.limit_minor - (self.current_minor or 0)

    def to_review(
        self,
        *,
        by: str = "",
        reason: str = "",
        next_on: dt.date | None = None,
        action: ReviewAction | str | None = None,
        limit: Money | None = None,
    ) -> CreditReview:
        """The review that follows it; whoever decides otherwise says what and why.

        Raises `PolicyError` for another decision without a name and a reason, and
        `CurrencyMismatchError` for a limit in another currency.
        """
        decided = self.action if action is None else ReviewAction(action)
        granted = self.limit if limit is None else limit
        if granted.currency.code != self.currency:
            msg = f"limit must be in {self.currency}, got {granted.currency.code}"
            raise CurrencyMismatchError(msg)
        if (decided, granted) != (self.action, self.limit) and not (by and reason):
            msg = f"review of {self.customer} must say by whom and why, where it is not as recommended"
            raise PolicyError(msg)
        points = self._points
        return CreditReview(
            review=f"{self.customer}:{self.as_of}",
            customer=self.customer,
            action=decided,
            risk_class=self.risk_class,
            score=points,
            scorecard="" if points is None or self.rating is None else self.rating.scale,
            limit=granted,
            recommended=self.limit,
            next_on=next_on,
            by=by,
            reason=reason or ", ".join(one.code.value for one in self.reasons),
        )

    @property
    def _points(self) -> int | None:
        value = "" if self.rating is None else self.rating.value
        return int(value) if value.removeprefix("-").isdecimal() else None


def recommend(
    case: CreditCase,
    *,
    policy: RecommendationPolicy = _STANDARD,
    classes: RiskClasses | None = None,
) -> CreditRecommendation:
    """What to do with a customer's credit, with the reasons, the one that decided first.

    What suspends comes before everything; then a suspension that nothing speaks for any more is
    lifted; then figures decide between granting, raising, keeping and reducing.  With `classes` a
    class that is worse or better than that of the last review is said.
    """
    signs = tuple(_signs(case, policy, classes))
    stops = tuple(one for one in signs if _stops(one, policy))
    if stops:
        action, limit, decisive = _stopped(case, stops)
    elif case.suspensions:
        action, limit, decisive = _after_suspension(case)
    else:
        action, limit, decisive = _by_figures(case, policy, signs)
    # The bad signs are read before the figures where they decided.
    by_signs = any(one.code in _BY_SIGNS for one in decisive)
    rest = (*signs, *_of_figures(case)) if by_signs else (*_of_figures(case), *signs)
    said = _each_once((*decisive, *rest))
    if not policy.shows_good_signs:
        said = [one for one in said if one.is_adverse or one in decisive]
    recommended = case.recommended
    return CreditRecommendation(
        creditor=case.creditor,
        customer=case.customer,
        as_of=case.as_of,
        currency=case.currency,
        action=action,
        limit_minor=limit,
        current_minor=case.current_minor,
        risk_class=recommended.risk_class,
        payment=PaymentTerm.PREPAYMENT
        if stops and not recommended.is_refused
        else recommended.payment,
        terms_days=0 if stops else recommended.terms_days,
        reasons=said,
        recommended=recommended,
        rating=case.rating,
        is_suspended=action is ReviewAction.SUSPEND
        or (bool(case.suspensions) and action is not ReviewAction.REINSTATE),
        policy=policy.title,
    )


_Decided = tuple[ReviewAction, int, tuple[RecommendationReason, ...]]


_BY_SIGNS: Final = frozenset({ReasonCode.SIGNS, ReasonCode.RAISE_BARRED})


def _each_once(reasons: Iterable[RecommendationReason]) -> list[RecommendationReason]:
    return list(dict.fromkeys(reasons))


def _stops(reason: RecommendationReason, policy: RecommendationPolicy) -> bool:
    """Whether a reason suspends by itself."""
    most = {
        ReasonCode.OLDEST_OVERDUE: (reason.days, policy.suspend_oldest_days),
        ReasonCode.RETURNED_PAYMENTS: (reason.count, policy.suspend_returned_payments),
        ReasonCode.BROKEN_PROMISES: (reason.count, policy.suspend_broken_promises),
    }
    if reason.code is ReasonCode.INSOLVENCY:
        return policy.suspend_for_insolvency
    if reason.code not in most:
        return reason.code is ReasonCode.CLASS_REFUSED
    found, bound = most[reason.code]
    return found is not None and bound is not None and found >= bound


def _stopped(case: CreditCase, stops: tuple[RecommendationReason, ...]) -> _Decided:
    kept = case.current_minor or 0
    if case.suspensions:
        return ReviewAction.KEEP, kept, (*_standing(case), *stops)
    if case.has_credit:
        return ReviewAction.SUSPEND, kept, stops
    return ReviewAction.KEEP, 0, stops


def _standing(case: CreditCase) -> Iterator[RecommendationReason]:
    for one in case.suspensions:
        yield RecommendationReason(
            code=ReasonCode.SUSPENSION,
            text=one.suspension.reason.value,
            on=one.suspended_on,
            reference=one.suspension.suspension,
        )


def _after_suspension(case: CreditCase) -> _Decided:
    """Lifted where rules suspended and none speaks any more; what a person said a person lifts."""
    by_hand = tuple(one for one in case.suspensions if not one.is_by_rule)
    kept = case.current_minor or 0
    if by_hand:
        return ReviewAction.KEEP, kept, tuple(_standing(case))
    limit = case.recommended.limit_minor
    if not limit:
        return ReviewAction.KEEP, kept, (*_standing(case), *_nothing(case))
    over = RecommendationReason(
        code=ReasonCode.SUSPENSION_OVER,
        on=case.suspensions[0].suspended_on,
        text=case.suspensions[0].suspension.reason.value,
        reference=case.suspensions[0].suspension.suspension,
    )
    # Credit that comes back is not more than it was.
    back = limit if case.current_minor is None else min(limit, case.current_minor)
    return ReviewAction.REINSTATE, back, (over,)


def _nothing(case: CreditCase) -> tuple[RecommendationReason, ...]:
    """Why nothing is recommended: figures that are missing, or figures that bear nothing."""
    if case.recommended.is_blocked:
        return tuple(
            RecommendationReason(code=ReasonCode.FIGURE_MISSING, text=kind.value)
            for kind in case.recommended.missing
        )
    return (RecommendationReason(code=ReasonCode.NOTHING_LEFT),)


def _by_figures(
    case: CreditCase, policy: RecommendationPolicy, signs: tuple[RecommendationReason, ...]
) -> _Decided:
    limit, current = case.recommended.limit_minor, case.current_minor
    if case.recommended.is_blocked and current:
        # What is not known is no reason to take away what was granted.
        cut = _cut(case, policy, signs)
        if cut is None:
            return ReviewAction.KEEP, current, _nothing(case)
        return ReviewAction.REDUCE, cut[0], (cut[1], *_nothing(case))
    if not current:
        if not limit:
            return ReviewAction.KEEP, 0, _nothing(case)
        return ReviewAction.GRANT, limit, (_compared(ReasonCode.NO_LIMIT, case, limit),)
    cut = _cut(case, policy, signs)
    if cut is not None and cut[0] < limit:
        return ReviewAction.REDUCE, cut[0], (cut[1],)
    return _changed(case, policy, signs, limit, current)


def _changed(
    case: CreditCase,
    policy: RecommendationPolicy,
    signs: tuple[RecommendationReason, ...],
    limit: int,
    current: int,
) -> _Decided:
    difference = abs(limit - current) * rules.WHOLE_BPS
    if limit < current and difference >= policy.reduce_from_bps * current:
        reasons = _nothing(case) if not limit else ()
        below = _compared(ReasonCode.BELOW_PRESENT, case, limit)
        return ReviewAction.REDUCE, limit, (below, *reasons)
    if limit > current and difference >= policy.raise_from_bps * current:
        bars = tuple(one for one in signs if one.code in _BARS)
        if not bars:
            return ReviewAction.RAISE, limit, (_compared(ReasonCode.ABOVE_PRESENT, case, limit),)
        barred = _compared(ReasonCode.RAISE_BARRED, case, limit)
        return ReviewAction.KEEP, current, (barred, *bars)
    return ReviewAction.KEEP, current, (_compared(ReasonCode.NEAR_PRESENT, case, limit),)


def _compared(code: ReasonCode, case: CreditCase, limit: int) -> RecommendationReason:
    return RecommendationReason(
        code=code, currency=case.currency, amount_minor=limit, other_minor=case.current_minor
    )


def _cut(
    case: CreditCase, policy: RecommendationPolicy, signs: tuple[RecommendationReason, ...]
) -> tuple[int, RecommendationReason] | None:
    """What a limit is cut to for bad signs, with the reason; None where they are too few."""
    bad = [one for one in signs if one.code in _SIGNS]
    current = case.current_minor or 0
    if policy.cut_signs is None or len(bad) < policy.cut_signs or not policy.cut_bps:
        return None
    left = mul_div(
        current, rules.WHOLE_BPS - policy.cut_bps, rules.WHOLE_BPS, rounding=Rounding.DOWN
    )
    step = case.recommended.step_minor
    reason = RecommendationReason(
        code=ReasonCode.SIGNS, count=len(bad), bps=policy.cut_bps, currency=case.currency
    )
    return left // step * step, reason


def _of_figures(case: CreditCase) -> Iterator[RecommendationReason]:
    """The cap that binds, and an exposure above the limit."""
    found = case.recommended
    if found.binding is not None and found.found_minor is not None:
        yield RecommendationReason(
            code=ReasonCode.CAP,
            text=found.binding.value,
            currency=found.currency,
            amount_minor=found.found_minor,
        )


def _signs(
    case: CreditCase, policy: RecommendationPolicy, classes: RiskClasses | None
) -> Iterator[RecommendationReason]:
    """What speaks for and against credit, the worst first."""
    for one in case.insolvencies:
        yield RecommendationReason(
            code=ReasonCode.INSOLVENCY,
            text=one.insolvency.kind.value,
            on=one.insolvency.opened_on,
            reference=one.insolvency.insolvency,
        )
    if case.recommended.is_refused:
        yield RecommendationReason(
            code=ReasonCode.CLASS_REFUSED,
            text=case.recommended.risk_class,
            reference=case.recommended.payment.value,
        )
    if case.withdrawn:
        yield RecommendationReason(
            code=ReasonCode.COVER_WITHDRAWN, reference=", ".join(case.withdrawn)
        )
    yield from _of_behaviour(case, policy)
    yield from _of_failures(case)
    yield from _of_classes(case, classes)
    yield from _of_standing(case, policy)


def _of_behaviour(case: CreditCase, policy: RecommendationPolicy) -> Iterator[RecommendationReason]:
    behaviour = case.behaviour
    if behaviour is None:
        return
    figures = behaviour.by_currency.get(case.currency) or behaviour.figures
    oldest = None if figures is None else figures.oldest_overdue_days
    bound = policy.suspend_oldest_days
    if oldest is not None and bound is not None and oldest >= bound:
        yield RecommendationReason(code=ReasonCode.OLDEST_OVERDUE, days=oldest)
    if behaviour.returned_payments:
        count = behaviour.returned_payments
        yield RecommendationReason(code=ReasonCode.RETURNED_PAYMENTS, count=count)
    if behaviour.promises_broken:
        count = behaviour.promises_broken
        yield RecommendationReason(code=ReasonCode.BROKEN_PROMISES, count=count)
    if figures is not None:
        yield from _of_days(figures.paid_days_late, policy.late_days, ReasonCode.PAYS_LATE)
        yield from _of_days(figures.trend_days_late, policy.trend_days, ReasonCode.WORSENING)


_GOOD: Final = {
    ReasonCode.PAYS_LATE: ReasonCode.PAYS_PROMPTLY,
    ReasonCode.WORSENING: ReasonCode.IMPROVING,
}


def _of_days(
    days: int | None, bound: int | None, code: ReasonCode
) -> Iterator[RecommendationReason]:
    """Days in hundredths above a bound, or good news: in time, or sooner by as much as the bound."""
    if days is None or bound is None:
        return
    good = 0 if code is ReasonCode.PAYS_LATE else -bound * _HUNDREDTHS
    if days > bound * _HUNDREDTHS:
        yield RecommendationReason(code=code, days=days)
    elif days <= good:
        yield RecommendationReason(code=_GOOD[code], days=days)


def _of_failures(case: CreditCase) -> Iterator[RecommendationReason]:
    for one in case.failures:
        if one.zone is ZoneStanding.GREY:
            continue
        code = ReasonCode.FAILURE_DISTRESS if one.is_distress else ReasonCode.FAILURE_SAFE
        yield RecommendationReason(code=code, text=one.model, number=one.value)


def _of_classes(case: CreditCase, classes: RiskClasses | None) -> Iterator[RecommendationReason]:
    now, before = case.recommended.risk_class, case.previous_class
    if classes is None or not before or before == now or UNRATED in (now, before):
        return
    # A class that the policy has no more is one of a former policy, and compares with none.
    if {now, before} <= {*classes.names}:
        worse = classes.is_worse(now, than=before)
        code = ReasonCode.CLASS_WORSE if worse else ReasonCode.CLASS_BETTER
        yield RecommendationReason(code=code, text=now, reference=before)


def _of_standing(case: CreditCase, policy: RecommendationPolicy) -> Iterator[RecommendationReason]:
    current = case.current_minor
    if current is not None and case.exposure_minor > current:
        yield RecommendationReason(
            code=ReasonCode.EXPOSURE_ABOVE,
            currency=case.currency,
            amount_minor=case.exposure_minor,
            other_minor=current,
        )
    on, months = case.statement_on, policy.statement_months
    if on is not None and months is not None and add_months(on, months) < case.as_of:
        yield RecommendationReason(
            code=ReasonCode.STATEMENT_OLD, on=on, days=days_past(on, as_of=case.as_of)
        )


def case_from_ledger(  # noqa: PLR0913  # what is not on the ledger, each by its name
    ledger: Ledger,
    recommended: RecommendedLimit,
    *,
    creditor: str,
    customer: str,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    stack: LimitStack | None = None,
    rating: RiskRating | None = None,
    behaviour: PaymentBehaviour | None = None,
    failures: Iterable[FailureSign] = (),
    withdrawn: Iterable[str] = (),
) -> CreditCase:
    """The case of a customer: what the ledger says of it on a day, with what was worked out of it.

    Suspensions, proceedings, the class of the last review and the last financial statement are those
    at the end of the day, as known at a moment; our own limit and the exposure are those of `stack`.
    Raises `CurrencyMismatchError` for a stack in another currency than what is recommended.
    """
    if stack is not None and stack.exposure.currency != recommended.currency:
        msg = f"stack must be in {recommended.currency}, got {stack.exposure.currency}"
        raise CurrencyMismatchError(msg)
    asked: dict[str, Any] = {"as_of": as_of, "known_at": known_at}
    last = [one for one in reviews(ledger, creditor, **asked) if one.customer == customer]
    return CreditCase(
        creditor=creditor,
        customer=customer,
        as_of=as_of,
        recommended=recommended,
        current_minor=None if stack is None else _own_minor(stack),
        exposure_minor=0 if stack is None else stack.exposure.total_minor,
        rating=rating,
        previous_class=last[0].review.risk_class if last else "",
        suspensions=_own(suspensions_in_force(ledger, creditor, **asked), customer),
        insolvencies=_own(insolvencies(ledger, creditor, **asked), customer),
        behaviour=behaviour,
        failures=failures,
        withdrawn=withdrawn,
        statement_on=_statement_on(ledger, creditor, customer, as_of=as_of, known_at=known_at),
    )


def _own(standings: Iterable[Any], customer: str) -> list[Any]:
    return [one for one in standings if one.customer == customer]


def _own_minor(stack: LimitStack) -> int | None:
    """Our own limit that is no temporary one; None where nobody granted it."""
    code = stack.exposure.currency
    own = [
        to_minor(one.limit.amount) if one.limit.amount.currency.code == code else one.amount_minor
        for one in stack.limits
        if one.kind is LimitKind.OWN
    ]
    return sum(own) if own else None


def _statement_on(
    ledger: Ledger, creditor: str, customer: str, *, as_of: dt.date, known_at: dt.datetime | None
) -> dt.date | None:
    kinds = (FinancialsReceived, FinancialsWithdrawn)
    found: dict[str, dt.date] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        if event.owner != customer:
            continue
        if isinstance(event, FinancialsReceived):
            found[event.case] = event.financials.period_end
        else:
            found.pop(event.case, None)
    return max(found.values(), default=None)
