"""Which records are to be looked through again: by risk, by age, by what changed.

>>> moment = dt.datetime(2025, 1, 2, 9, 0, tzinfo=dt.UTC)
>>> register = CustomerRegister().take_over(
...     [Customer(customer="C-017", name="Roy SARL")], on=dt.date(2025, 1, 1), at=moment,
...     by="L. Roy", source="opening")
>>> [one.reasons for one in record_reviews_due(register, as_of=dt.date(2026, 11, 2))]
[(<RecordReviewReason.NEVER_REVIEWED: 'never-reviewed'>,)]
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.customers._names import table_values, texts, whole
from receivables.customers.completeness import CompletenessPolicy, completeness
from receivables.customers.model import ProposalKind
from receivables.customers.register import CustomerRegister
from receivables.days import add_months, check_day
from receivables.errors import PolicyError
from receivables.parties import Customer, CustomerId

__all__ = ["RecordReviewDue", "RecordReviewPolicy", "RecordReviewReason", "record_reviews_due"]


class RecordReviewReason(enum.Enum):
    """Why a record is to be looked through."""

    NEVER_REVIEWED = "never-reviewed"
    AGE = "age"
    """The last time was too long ago for its risk."""
    CHANGE = "change"
    """A field that matters has changed since."""
    INCOMPLETE = "incomplete"


def _months(values: Mapping[str, int]) -> Mapping[str, int]:
    if odd := [each for each in values.values() if type(each) is not int or each < 1]:
        msg = f"months must be whole numbers of one or more, got {odd}"
        raise PolicyError(msg)
    return MappingProxyType(dict(values))


_COMPLETE: Final = CompletenessPolicy()
_BY_RISK: Final = MappingProxyType({"high": 6, "medium": 12, "low": 24})


@attrs.frozen(kw_only=True)
class RecordReviewPolicy:
    """How often records are looked through: months by risk class, days after a change that matters.

    `first_days` is how long a new record may wait for its first review; `score_min` is the
    completeness below which a record is due at once.
    """

    name: str = "standard"
    version: str = "1"
    months: Mapping[str, int] = attrs.field(default=_BY_RISK, converter=_months)
    months_otherwise: int = attrs.field(default=24, validator=whole)
    first_days: int = attrs.field(default=365, validator=whole)
    change_days: int = attrs.field(default=30, validator=whole)
    changes: tuple[str, ...] = attrs.field(default=("ibans", "name", "address"), converter=texts)
    score_min: int = attrs.field(default=0, validator=whole)

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], *, name: str = "record-reviews"
    ) -> RecordReviewPolicy:
        """A policy from a TOML table; raises `PolicyError` naming the key that cannot be.

        >>> RecordReviewPolicy.from_table({"months": {"high": 3}}).months["high"]
        3
        """
        try:
            return cls(**table_values(table, cls, name=name))
        except (TypeError, ValueError, AttributeError) as error:
            msg = f"{name} must be valid, got {error}"
            raise PolicyError(msg) from error


@attrs.frozen(kw_only=True)
class RecordReviewDue:
    """A record to look through: since when it is due, and why."""

    customer: CustomerId
    due_on: dt.date
    reasons: tuple[RecordReviewReason, ...]
    last_review: dt.date | None = None


def record_reviews_due(
    register: CustomerRegister,
    *,
    as_of: dt.date,
    policy: RecordReviewPolicy = RecordReviewPolicy(),  # a frozen value
    risks: Mapping[CustomerId, str] = MappingProxyType({}),
    completeness_policy: CompletenessPolicy = _COMPLETE,
    known_at: dt.datetime | None = None,
) -> tuple[RecordReviewDue, ...]:
    """The records that are to be looked through on a day, the longest due first.

    `risks` gives the risk class of customers by any scale whose words the policy knows.
    """
    check_day(as_of, name="as_of")
    found = []
    for customer in register.customers(as_of=as_of, known_at=known_at):
        last = _last_review(register, customer, as_of, known_at)
        days = _days(register, customer, last, policy, risks.get(customer.customer, ""), known_at)
        if completeness(customer, policy=completeness_policy).score < policy.score_min:
            days[RecordReviewReason.INCOMPLETE] = as_of
        due = {reason: day for reason, day in days.items() if day <= as_of}
        if due:
            found.append(
                RecordReviewDue(
                    customer=customer.customer,
                    due_on=min(due.values()),
                    reasons=tuple(sorted(due, key=lambda reason: due[reason])),
                    last_review=last,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.due_on, one.customer)))


def _last_review(
    register: CustomerRegister, customer: Customer, as_of: dt.date, known_at: dt.datetime | None
) -> dt.date | None:
    done = register.reviews(customer.customer, known_at=known_at)
    return max((one.on for one in done if one.on <= as_of), default=None)


def _days(
    register: CustomerRegister,
    customer: Customer,
    last: dt.date | None,
    policy: RecordReviewPolicy,
    risk: str,
    known_at: dt.datetime | None,
) -> dict[RecordReviewReason, dt.date]:
    """The day from which each reason holds."""
    history = register.history(customer.customer, known_at=known_at)
    found: dict[RecordReviewReason, dt.date] = {}
    if last is None:
        begun = min((line.effective_on for line in history), default=dt.date.max)
        found[RecordReviewReason.NEVER_REVIEWED] = _later(begun, policy.first_days)
    else:
        months = policy.months.get(risk, policy.months_otherwise)
        found[RecordReviewReason.AGE] = add_months(last, months)
    changed = [
        line.effective_on
        for line in history
        if line.proposal
        and register.standing(line.proposal).proposal.kind is ProposalKind.CHANGE
        and line.field in policy.changes
        and line.effective_on > (last or dt.date.min)
    ]
    if changed:
        found[RecordReviewReason.CHANGE] = _later(min(changed), policy.change_days)
    return found


def _later(day: dt.date, days: int) -> dt.date:
    return day if day == dt.date.max else day + dt.timedelta(days=days)
