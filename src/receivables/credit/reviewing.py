"""When each customer's credit is reviewed next, why then, and the events of a review that was held.

>>> policy = ReviewPolicy(months={"A": 12, "C": 6, "*": 12}, sizes={"*": [(100_000, 6)]})
>>> policy.interval_months("A", amount_minor=50_000_00, currency="EUR")
12
>>> policy.interval_months("A", amount_minor=100_000_00, currency="EUR")
6
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
from receivables.casework.credit import (
    CreditLimit,
    CreditReview,
    CreditSuspension,
    LimitKind,
    ReviewAction,
)
from receivables.credit._credit_tables import ANY, built, fields_of
from receivables.credit.limits import limit_history
from receivables.credit.model import LimitSpell
from receivables.credit.recommendations import CreditRecommendation
from receivables.credit.recording import (
    ReviewStanding,
    credit_reinstated,
    credit_reviewed,
    credit_suspended,
    limit_granted,
    reviews,
)
from receivables.days import add_months, check_day, days_past
from receivables.errors import EventError, PolicyError
from receivables.ledger.casework import CaseEvent
from receivables.ledger.credit import (
    FinancialsReceived,
    FinancialsWithdrawn,
    InsolvencyEnded,
    InsolvencyReported,
    LimitEnded,
    ScoreReceived,
    ScoreWithdrawn,
)
from receivables.ledger.objects import Ledger
from receivables.money import Money, digits, from_minor, to_minor
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "ReviewDue",
    "ReviewPolicy",
    "ReviewReason",
    "ReviewReasonKind",
    "ReviewState",
    "ReviewTriggered",
    "review_calendar",
    "review_events",
]

_MONTHS_MAX: Final = 120
_ONE_DAY: Final = dt.timedelta(days=1)


class ReviewReasonKind(enum.Enum):
    """Why a customer is reviewed on a day."""

    INTERVAL = "interval"
    """So many months after the last review, by class and size."""
    APPOINTED = "appointed"
    """The day that the last review named."""
    NEVER_REVIEWED = "never-reviewed"
    STATEMENT_OLD = "statement-old"
    """Its last financial statement grows too old."""
    LIMIT_ENDS = "limit-ends"
    """A temporary limit, a guarantee or an insurer's cover ends."""
    SCORE_ENDS = "score-ends"
    """A score from outside is valid no longer."""
    LIMIT_ENDED = "limit-ended"
    """An insurer, or a guarantor, took back what it covered."""
    INSOLVENCY = "insolvency"
    RETURNED_PAYMENT = "returned-payment"
    BROKEN_PROMISE = "broken-promise"
    LIMIT_EXCEEDED = "limit-exceeded"
    OTHER = "other"

    @property
    def is_trigger(self) -> bool:
        """Whether something happened, and the review cannot wait for its day."""
        return self in _TRIGGERS


_TRIGGERS: Final = frozenset(
    {
        ReviewReasonKind.LIMIT_ENDED,
        ReviewReasonKind.INSOLVENCY,
        ReviewReasonKind.RETURNED_PAYMENT,
        ReviewReasonKind.BROKEN_PROMISE,
        ReviewReasonKind.LIMIT_EXCEEDED,
        ReviewReasonKind.OTHER,
    }
)


class ReviewState(enum.Enum):
    """Where a review stands on a day."""

    OVERDUE = "overdue"
    """Its day passed longer ago than the policy grants."""
    DUE = "due"
    COMING = "coming"
    LATER = "later"


def _kind(value: ReviewReasonKind | str) -> ReviewReasonKind:
    try:
        return ReviewReasonKind(value)
    except ValueError:
        return ReviewReasonKind.OTHER


@attrs.frozen(kw_only=True)
class ReviewTriggered:
    """Something happened to a customer that asks for a review, whoever saw it.

    `kind` is one of `ReviewReasonKind` or its text; a word that it has not is *other*.
    """

    customer: CustomerId = attrs.field(converter=CustomerId)
    kind: ReviewReasonKind = attrs.field(converter=_kind)
    on: dt.date
    reference: str = ""
    note: str = ""


@attrs.frozen(kw_only=True)
class ReviewReason:
    """One reason for a review, the day that it asks for, and what it is about."""

    kind: ReviewReasonKind
    due_on: dt.date
    on: dt.date | None = None
    """When it happened, or from when the day is counted."""
    reference: str = ""
    note: str = ""


def _months(values: Mapping[str, int]) -> Mapping[str, int]:
    for name, months in values.items():
        _check_months(f"months of {name}", months)
    return MappingProxyType(dict(values))


def _check_months(name: str, months: object) -> None:
    is_whole = isinstance(months, int) and not isinstance(months, bool)
    if not is_whole or not 1 <= months <= _MONTHS_MAX:  # type: ignore[operator]  # is_whole says so
        msg = f"{name} must be 1 to {_MONTHS_MAX}, got {months!r}"
        raise PolicyError(msg)


_Sizes = Mapping[str, tuple[tuple[int, int], ...]]


def _sizes(values: Mapping[str, Iterable[Iterable[int]]]) -> _Sizes:
    found = {}
    for currency, rows in values.items():
        if currency != ANY:
            digits(currency)
        steps = [(amount, months) for amount, months in rows]
        for amount, months in steps:
            _check_months(f"months from {amount} {currency}", months)
        if any(low[0] >= high[0] or low[1] < high[1] for low, high in itertools.pairwise(steps)):
            msg = f"sizes of {currency} must rise, and their months never, got {steps}"
            raise PolicyError(msg)
        found[currency] = tuple(steps)
    return MappingProxyType(found)


def _triggers(values: Iterable[ReviewReasonKind | str]) -> frozenset[ReviewReasonKind]:
    if isinstance(values, str):
        msg = f"triggers must be a list, got {values!r}"
        raise PolicyError(msg)
    try:
        found = frozenset(ReviewReasonKind(value) for value in values)
    except ValueError as error:
        known = ", ".join(sorted(kind.value for kind in _TRIGGERS))
        msg = f"triggers must be among {known}, got {error}"
        raise PolicyError(msg) from None
    if wrong := sorted(kind.value for kind in found - _TRIGGERS):
        msg = f"triggers must be things that happen, got {', '.join(wrong)}"
        raise PolicyError(msg)
    return found


@attrs.frozen(kw_only=True)
class ReviewPolicy:
    """How often a customer is reviewed, and what asks for it earlier.

    `months` are the months between reviews by class, ``*`` for the classes that are not named;
    `sizes` those from an amount on, whole units of money by currency, of exposure or limit, whichever
    is more: the shorter counts.  A review is also due when the last financial statement is
    `statement_months` old, `end_days` before a limit or a score ends, and on the day of a trigger.
    It is overdue `grace_days` after its day, and coming `coming_days` before it.

    Raises `PolicyError` for months outside 1 to 120 and for days below zero.
    """

    name: str = "reviews"
    version: str = "1"
    months: Mapping[str, int] = attrs.field(
        factory=lambda: {"A": 12, "B": 12, "C": 6, "D": 3, "E": 3, "F": 3, ANY: 12},
        converter=_months,
    )
    sizes: _Sizes = attrs.field(factory=dict, converter=_sizes)
    statement_months: int | None = 18
    end_days: int = 30
    grace_days: int = 14
    coming_days: int = 30
    triggers: frozenset[ReviewReasonKind] = attrs.field(default=_TRIGGERS, converter=_triggers)
    reviews_without_limit: bool = True
    """Whether a customer that owes, and has neither a limit nor a review, is due at once."""

    def __attrs_post_init__(self) -> None:
        if self.statement_months is not None:
            _check_months("statement_months", self.statement_months)
        for name in ("end_days", "grace_days", "coming_days"):
            value = getattr(self, name)
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            if not is_whole or not 0 <= value <= limits.TERM_DAYS_MAX:
                msg = f"{name} must be 0 to {limits.TERM_DAYS_MAX}, got {value!r}"
                raise PolicyError(msg)

    @classmethod
    def from_table(cls, data: Mapping[str, Any], *, name: str = "review policy") -> ReviewPolicy:
        """The policy of a table of a file; raises `PolicyError` naming what is wrong.

        >>> ReviewPolicy.from_table({"months": {"*": 6}, "grace-days": 0}).grace_days
        0
        """
        return built(lambda: cls(**fields_of(data, cls, name)), name)

    def interval_months(self, risk_class: str, *, amount_minor: int, currency: str) -> int | None:
        """The months between reviews of a customer; None where the policy says nothing of it."""
        found = [self.months.get(risk_class, self.months.get(ANY))]
        steps = self.sizes.get(currency, self.sizes.get(ANY, ()))
        unit = 10 ** digits(currency)
        found += [months for amount, months in steps if amount_minor >= amount * unit]
        return min((months for months in found if months is not None), default=None)

    def state(self, due_on: dt.date, *, as_of: dt.date) -> ReviewState:
        """Where a review that is due on a day stands on another."""
        late = days_past(due_on, as_of=as_of)
        if late > self.grace_days:
            return ReviewState.OVERDUE
        if late >= 0:
            return ReviewState.DUE
        return ReviewState.COMING if -late <= self.coming_days else ReviewState.LATER


_STANDARD: Final = ReviewPolicy()


def _reasons(values: Iterable[ReviewReason]) -> tuple[ReviewReason, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ReviewDue:
    """The next review of a customer: its day, where it stands, and every reason, the earliest first.

    `amount_minor` is the larger of exposure and limits, in minor units of `currency`.
    """

    creditor: CreditorId
    customer: CustomerId
    due_on: dt.date
    state: ReviewState
    reasons: tuple[ReviewReason, ...] = attrs.field(converter=_reasons)
    risk_class: str = ""
    last: CreditReview | None = None
    last_on: dt.date | None = None
    currency: str = ""
    amount_minor: int = 0
    policy_version: str = "1"


def review_calendar(  # noqa: PLR0913  # what is not on the ledger, each by its name
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: ReviewPolicy = _STANDARD,
    classes: Mapping[str, str] | None = None,
    exposures: Mapping[str, Money] | None = None,
    triggers: Iterable[ReviewTriggered] = (),
    states: Collection[ReviewState] = (ReviewState.OVERDUE, ReviewState.DUE, ReviewState.COMING),
) -> tuple[ReviewDue, ...]:
    """The reviews of a creditor's customers as they stand at the end of a day, the earliest first.

    Whoever has a limit, a review, an exposure or a trigger has a next review.  The class is that of
    `classes`, or of the last review; `exposures` are what each customer may cost us.  The day of a
    review is counted from the last one, from the first limit where there was none.  What happened
    before the last review was looked at then.  Of all reasons the earliest day counts; the day that
    a review appointed takes the place of its interval.
    """
    check_day(as_of, name="as_of")
    facts = _Facts.read(ledger, creditor, as_of=as_of, known_at=known_at)
    seen = [one for one in triggers if one.on <= as_of]
    owed = exposures or {}
    named = {*facts.names, *(one.customer for one in seen), *owed}
    found = []
    for customer in sorted(named):
        desk = _Desk(
            customer=CustomerId(customer),
            facts=facts,
            policy=policy,
            as_of=as_of,
            given_class=(classes or {}).get(customer, ""),
            exposure=owed.get(customer),
            triggers=[one for one in seen if one.customer == customer],
        )
        due = desk.due(CreditorId(creditor))
        if due is not None and due.state in states:
            found.append(due)
    return tuple(sorted(found, key=lambda one: (one.due_on, one.customer)))


@attrs.frozen(kw_only=True)
class _Facts:
    """What the ledger says of credit on a day, by customer."""

    reviews: Mapping[str, ReviewStanding]
    spells: Mapping[str, list[LimitSpell]]
    ended: Mapping[str, list[LimitEnded]]
    statements: Mapping[str, dt.date]
    scores: Mapping[str, list[ScoreReceived]]
    insolvencies: Mapping[str, list[InsolvencyReported]]

    @property
    def names(self) -> set[str]:
        """Every customer that something is said of."""
        return {*self.reviews, *self.spells, *self.insolvencies}

    @classmethod
    def read(
        cls, ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None
    ) -> _Facts:
        """Read the ledger once."""
        events = ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=_KINDS)
        live: dict[str, CaseEvent] = {}
        for event in events:
            key = f"{event.subject}:{event.case}"
            if isinstance(event, _ENDS):
                live.pop(key, None)
            else:
                live[key] = event
        standing = reviews(ledger, creditor, as_of=as_of, known_at=known_at)
        history = limit_history(ledger, creditor, as_of=as_of, known_at=known_at)
        return cls(
            reviews={one.customer: one for one in standing},
            spells=_grouped((one.limit.customer, one) for one in history),
            ended=_by_owner(events, LimitEnded),
            statements={
                owner: max(one.financials.period_end for one in rows)
                for owner, rows in _by_owner(live.values(), FinancialsReceived).items()
            },
            scores=_by_owner(live.values(), ScoreReceived),
            insolvencies=_by_owner(live.values(), InsolvencyReported),
        )


_ENDS: Final = (FinancialsWithdrawn, ScoreWithdrawn, InsolvencyEnded)
_KINDS: Final[tuple[type[CaseEvent], ...]] = (
    *(LimitEnded, FinancialsReceived, ScoreReceived, InsolvencyReported),
    *_ENDS,
)
_OF_OTHERS: Final = (
    LimitKind.INSURED,
    LimitKind.DISCRETIONARY,
    LimitKind.GUARANTEED,
    LimitKind.COLLATERAL,
)


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for owner, value in pairs:
        if owner:
            found.setdefault(owner, []).append(value)
    return found


def _by_owner(events: Iterable[CaseEvent], kind: type[CaseEvent]) -> dict[str, list[Any]]:
    return _grouped((event.owner, event) for event in events if isinstance(event, kind))


@attrs.frozen(kw_only=True)
class _Desk:
    """One customer and what is known of it."""

    customer: CustomerId
    facts: _Facts
    policy: ReviewPolicy
    as_of: dt.date
    given_class: str
    exposure: Money | None
    triggers: list[ReviewTriggered]

    @property
    def last(self) -> ReviewStanding | None:
        return self.facts.reviews.get(self.customer)

    @property
    def risk_class(self) -> str:
        return self.given_class or ("" if self.last is None else self.last.review.risk_class)

    @property
    def spells(self) -> list[LimitSpell]:
        return self.facts.spells.get(self.customer, [])

    def due(self, creditor: CreditorId) -> ReviewDue | None:
        """The next review; None where nothing asks for one."""
        reasons = sorted(
            self._reasons(), key=lambda one: (one.due_on, one.kind.value, one.reference)
        )
        if not reasons:
            return None
        due_on = reasons[0].due_on
        amount_minor, currency = self.size
        last = self.last
        return ReviewDue(
            creditor=creditor,
            customer=self.customer,
            due_on=due_on,
            state=self.policy.state(due_on, as_of=self.as_of),
            reasons=reasons,
            risk_class=self.risk_class,
            last=None if last is None else last.review,
            last_on=None if last is None else last.reviewed_on,
            currency=currency,
            amount_minor=amount_minor,
            policy_version=self.policy.version,
        )

    @property
    def size(self) -> tuple[int, str]:
        """The larger of exposure and limits, in the currency of the exposure, or of the first limit."""
        now = [one.limit.amount for one in self.spells if one.covers(self.as_of)]
        codes = [money.currency.code for money in (self.exposure, *now) if money is not None]
        if not codes:
            return 0, ""
        code = codes[0]
        allowed = sum(to_minor(money) for money in now if money.currency.code == code)
        owed = 0 if self.exposure is None else to_minor(self.exposure)
        return max(allowed, owed), code

    def _reasons(self) -> Iterator[ReviewReason]:
        yield from self._regular()
        yield from self._statement()
        yield from self._ends()
        yield from self._happened()

    def _regular(self) -> Iterator[ReviewReason]:
        last = self.last
        if last is not None and last.review.next_on is not None:
            yield ReviewReason(
                kind=ReviewReasonKind.APPOINTED,
                due_on=last.review.next_on,
                on=last.reviewed_on,
                reference=last.review.review,
            )
            return
        amount_minor, currency = self.size
        if last is None and not self.spells:
            if self.policy.reviews_without_limit and amount_minor > 0:
                yield ReviewReason(kind=ReviewReasonKind.NEVER_REVIEWED, due_on=self.as_of)
            return
        months = self.policy.interval_months(
            self.risk_class, amount_minor=amount_minor, currency=currency or "EUR"
        )
        if months is None:
            return
        since = min(one.first for one in self.spells) if last is None else last.reviewed_on
        kind = ReviewReasonKind.NEVER_REVIEWED if last is None else ReviewReasonKind.INTERVAL
        yield ReviewReason(kind=kind, due_on=add_months(since, months), on=since)

    def _statement(self) -> Iterator[ReviewReason]:
        ended = self.facts.statements.get(self.customer)
        months = self.policy.statement_months
        if ended is None or months is None:
            return
        due_on = add_months(ended, months)
        # A review that was held since it grew old has seen that it is.
        if self.last is None or self.last.reviewed_on < due_on:
            yield ReviewReason(kind=ReviewReasonKind.STATEMENT_OLD, due_on=due_on, on=ended)

    def _ends(self) -> Iterator[ReviewReason]:
        ahead = dt.timedelta(days=self.policy.end_days)
        for spell in self.spells:
            until = spell.limit.until
            if until is None or spell.last != until or not self._is_news(until + _ONE_DAY):
                continue
            if not self._is_followed(spell.limit, until + _ONE_DAY):
                yield ReviewReason(
                    kind=ReviewReasonKind.LIMIT_ENDS,
                    due_on=max(until - ahead, spell.first),
                    on=until,
                    reference=spell.limit.limit,
                    note=spell.limit.kind.value,
                )
        for score in self._last_scores():
            until = score.score.valid_until
            if until is not None and self._is_news(until + _ONE_DAY):
                yield ReviewReason(
                    kind=ReviewReasonKind.SCORE_ENDS,
                    due_on=max(until - ahead, score.effective_on),
                    on=until,
                    reference=score.score.score,
                    note=score.score.source,
                )

    def _is_followed(self, limit: CreditLimit, day: dt.date) -> bool:
        """Whether another limit of the same kind and insurance counts from a day on."""
        return any(
            one.covers(day)
            and (one.limit.kind, one.limit.policy) == (limit.kind, limit.policy)
            and one.limit.limit != limit.limit
            for one in self.spells
        )

    def _last_scores(self) -> Iterable[ScoreReceived]:
        """The last score of each source: an older one that ends is no news."""
        found: dict[str, ScoreReceived] = {}
        for event in self.facts.scores.get(self.customer, []):
            before = found.get(event.score.source)
            if before is None or before.score.rated_on <= event.score.rated_on:
                found[event.score.source] = event
        return found.values()

    def _happened(self) -> Iterator[ReviewReason]:
        """What happened since the last review, and what the policy wants to hear of."""
        told = (_of_trigger(one) for one in self.triggers if self._is_news(one.on))
        for reason in _each_once((*self._of_ledger(), *told)):
            if reason.kind in self.policy.triggers:
                yield reason

    def _of_ledger(self) -> Iterator[ReviewReason]:
        limits_of = {one.limit.limit: one.limit for one in self.spells}
        for ended in self.facts.ended.get(self.customer, []):
            limit = limits_of.get(ended.limit)
            if limit is None or limit.kind not in _OF_OTHERS or not self._is_after(ended):
                continue
            if not self._is_followed(limit, ended.effective_on):
                yield ReviewReason(
                    kind=ReviewReasonKind.LIMIT_ENDED,
                    due_on=ended.effective_on,
                    on=ended.effective_on,
                    reference=ended.limit,
                    note=ended.reason,
                )
        for event in self.facts.insolvencies.get(self.customer, []):
            if self._is_after(event):
                yield ReviewReason(
                    kind=ReviewReasonKind.INSOLVENCY,
                    due_on=event.effective_on,
                    on=event.effective_on,
                    reference=event.insolvency.insolvency,
                    note=event.insolvency.kind.value,
                )

    def _is_after(self, event: CaseEvent) -> bool:
        """Whether something came after the last review: on a later day, or recorded later that day."""
        last = self.last
        if last is None:
            return True
        return (event.effective_on, event.recorded_at) > (last.reviewed_on, last.recorded_at)

    def _is_news(self, day: dt.date) -> bool:
        """Whether a day is later than the last review."""
        return self.last is None or day > self.last.reviewed_on


def _each_once(reasons: Iterable[ReviewReason]) -> Iterable[ReviewReason]:
    """What the ledger and somebody else both say counts once."""
    found: dict[tuple[object, ...], ReviewReason] = {}
    for reason in reasons:
        found.setdefault((reason.kind, reason.on, reason.reference), reason)
    return found.values()


def _of_trigger(one: ReviewTriggered) -> ReviewReason:
    return ReviewReason(
        kind=one.kind, due_on=one.on, on=one.on, reference=one.reference, note=one.note
    )


def review_events(
    advice: CreditRecommendation,
    review: CreditReview,
    *,
    on: dt.date,
    recorded_at: dt.datetime,
    suspended: Iterable[CreditSuspension] = (),
    suspension: CreditSuspension | None = None,
) -> tuple[CaseEvent, ...]:
    """The events of a review that was decided: the review, and the limit or suspension that follows.

    A limit that is another than the present one is granted and takes its place; a reinstatement ends
    `suspended`, and a suspension starts `suspension`, which leaves the limit what it is.

    Raises `EventError` where the review is of somebody else, and where a suspension is decided and
    none is given.
    """
    if review.customer != advice.customer:
        msg = f"review must be of {advice.customer}, got {review.customer}"
        raise EventError(msg)
    made: dict[str, Any] = {"creditor": advice.creditor, "on": on, "recorded_at": recorded_at}
    events: list[CaseEvent] = [credit_reviewed(review, **made)]
    if review.action is ReviewAction.SUSPEND:
        if suspension is None or suspension.customer != review.customer:
            msg = f"suspension of {review.customer} must be given to suspend, got {suspension}"
            raise EventError(msg)
        return (*events, credit_suspended(suspension, **made))
    if review.action is ReviewAction.REINSTATE:
        events += [credit_reinstated(one, **made, by=review.by) for one in suspended]
    if review.action is not ReviewAction.KEEP and review.limit is not None:
        present = advice.current_minor
        if present is None or from_minor(present, advice.currency) != review.limit:
            limit = CreditLimit(
                limit=review.review,
                customer=review.customer,
                amount=review.limit,
                since=on,
                by=review.by,
                reason=f"review {review.review}",
            )
            events.append(limit_granted(limit, **made))
    return tuple(events)
