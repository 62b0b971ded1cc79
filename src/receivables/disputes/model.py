"""How disputes are handled, as data, and where each of them stands, as values.

>>> policy = DisputePolicy(answer_days=10, answer_days_by_reason={"quality": 20})
>>> policy.answer_by(DisputeReason.QUALITY, opened_on=dt.date(2026, 11, 2))
datetime.date(2026, 11, 22)
>>> policy.owner_of(DisputeReason.PRICE)
<DisputeOwner.SALES: 'sales'>
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables import limits
from receivables.aging.model import Aging
from receivables.casework import (
    Dispute,
    DisputedPart,
    DisputeOutcome,
    DisputeOwner,
    DisputeReason,
    NonPaymentReason,
)
from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.ledger.casework import CaseEvent
from receivables.money import Money, from_minor
from receivables.parties import CreditorId, CustomerId
from receivables.tables import ResultTable, ShowsTable

__all__ = [
    "ContestedPart",
    "CreditNoteRequest",
    "DisputeEffect",
    "DisputePolicy",
    "DisputeStanding",
    "DisputeState",
    "DisputedAging",
    "EscalationStep",
]

_OWNERS: Final[Mapping[DisputeReason, DisputeOwner]] = MappingProxyType(
    {
        DisputeReason.PRICE: DisputeOwner.SALES,
        DisputeReason.QUANTITY: DisputeOwner.SALES,
        DisputeReason.QUALITY: DisputeOwner.QUALITY,
        DisputeReason.NOT_DELIVERED: DisputeOwner.SALES,
        DisputeReason.LATE_DELIVERY: DisputeOwner.SALES,
        DisputeReason.SERVICE_NOT_FINISHED: DisputeOwner.TECHNICAL,
        DisputeReason.BILLING_ERROR: DisputeOwner.BILLING,
        DisputeReason.DUPLICATE: DisputeOwner.BILLING,
        DisputeReason.TAX: DisputeOwner.BILLING,
        DisputeReason.FREIGHT: DisputeOwner.BILLING,
        DisputeReason.DISCOUNT: DisputeOwner.SALES,
        DisputeReason.PROMOTION: DisputeOwner.SALES,
        DisputeReason.RETURNED_GOODS: DisputeOwner.QUALITY,
        DisputeReason.DOCUMENT_MISSING: DisputeOwner.BILLING,
        DisputeReason.COMMERCIAL: DisputeOwner.SALES,
        DisputeReason.OTHER: DisputeOwner.CREDIT,
    }
)
"""Who answers for what where a policy does not say."""

_CONTACT_REASONS: Final[Mapping[NonPaymentReason, DisputeReason]] = MappingProxyType(
    {
        NonPaymentReason.BILLING_ERROR: DisputeReason.BILLING_ERROR,
        NonPaymentReason.SERVICE_NOT_FINISHED: DisputeReason.SERVICE_NOT_FINISHED,
        NonPaymentReason.QUALITY: DisputeReason.QUALITY,
        NonPaymentReason.COMMERCIAL_DISPUTE: DisputeReason.COMMERCIAL,
        NonPaymentReason.DOCUMENT_MISSING: DisputeReason.DOCUMENT_MISSING,
    }
)
"""The reasons not to pay that contest something; whoever cannot pay contests nothing."""

_DEDUCTION_WORDS: Final[Mapping[str, DisputeReason]] = MappingProxyType(
    {
        **{reason.value: reason for reason in DisputeReason},
        "damage": DisputeReason.QUALITY,
        "damaged": DisputeReason.QUALITY,
        "defect": DisputeReason.QUALITY,
        "short": DisputeReason.QUANTITY,
        "shortage": DisputeReason.QUANTITY,
        "pricing": DisputeReason.PRICE,
        "late": DisputeReason.LATE_DELIVERY,
        "rebate": DisputeReason.DISCOUNT,
        "promo": DisputeReason.PROMOTION,
        "returns": DisputeReason.RETURNED_GOODS,
        "return": DisputeReason.RETURNED_GOODS,
        "shipping": DisputeReason.FREIGHT,
    }
)
"""What a deduction's reason says in one word, where a policy does not know it better."""


@attrs.frozen(kw_only=True)
class EscalationStep:
    """To whom an unanswered dispute goes, so many days past the day by which it was to be answered.

    `owner` limits the step to the disputes of one owner.  Raises `PolicyError` for fewer than one
    day or more than `limits.TERM_DAYS_MAX`, and for an empty addressee.

    >>> EscalationStep(after_days=5, to="head of sales", owner="sales").owner
    <DisputeOwner.SALES: 'sales'>
    """

    after_days: int = attrs.field()
    to: str = attrs.field()
    owner: DisputeOwner | None = attrs.field(
        default=None, converter=attrs.converters.optional(DisputeOwner)
    )

    @after_days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if not _is_days(value, least=1):
            msg = f"after_days must be 1 to {limits.TERM_DAYS_MAX}, got {value!r}"
            raise PolicyError(msg)

    @to.validator
    def _check_to(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "to must name whom a dispute goes to, got an empty text"
            raise PolicyError(msg)


def _is_days(value: object, *, least: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    return least <= value <= limits.TERM_DAYS_MAX


def _days_by_reason(values: Mapping[Any, int]) -> Mapping[DisputeReason, int]:
    return MappingProxyType({DisputeReason(key): days for key, days in values.items()})


def _owners(values: Mapping[Any, Any]) -> Mapping[DisputeReason, DisputeOwner]:
    given = {DisputeReason(key): DisputeOwner(owner) for key, owner in values.items()}
    return MappingProxyType({**_OWNERS, **given})


def _words(values: Mapping[str, Any]) -> Mapping[str, DisputeReason]:
    given = {word.casefold(): DisputeReason(reason) for word, reason in values.items()}
    return MappingProxyType({**_DEDUCTION_WORDS, **given})


def _steps(values: Iterable[EscalationStep]) -> tuple[EscalationStep, ...]:
    return tuple(sorted(values, key=lambda step: step.after_days))


@attrs.frozen(kw_only=True)
class DisputePolicy:
    """Who answers what by when, to whom it goes after that, and what a contested amount counts for.

    Days are calendar days.  `answer_days_by_reason`, `owners` and `deduction_reasons` say only what
    differs.  Without steps nothing is escalated.  `counts_in_exposure` and `counts_in_allowance` say
    whether what is contested is part of what a customer's limit is compared with, and of what an
    allowance is reckoned on.

    Raises `PolicyError` for days outside of 0 to `limits.TERM_DAYS_MAX`, and for two steps of one
    owner after the same number of days or to the same addressee.
    """

    version: str = "1"
    answer_days: int = attrs.field(default=10)
    answer_days_by_reason: Mapping[DisputeReason, int] = attrs.field(
        factory=dict, converter=_days_by_reason
    )
    owners: Mapping[DisputeReason, DisputeOwner] = attrs.field(factory=dict, converter=_owners)
    escalation: tuple[EscalationStep, ...] = attrs.field(default=(), converter=_steps)
    deduction_reasons: Mapping[str, DisputeReason] = attrs.field(factory=dict, converter=_words)
    """What a payer's or a rule's word for a deduction means, whatever its case."""
    counts_in_exposure: bool = True
    counts_in_allowance: bool = True

    @answer_days.validator
    def _check_days(self, _attribute: object, value: int) -> None:
        if not _is_days(value, least=0):
            msg = f"answer_days must be 0 to {limits.TERM_DAYS_MAX}, got {value!r}"
            raise PolicyError(msg)

    @answer_days_by_reason.validator
    def _check_days_by_reason(self, _attribute: object, value: Mapping[DisputeReason, int]) -> None:
        for reason, days in value.items():
            if not _is_days(days, least=0):
                msg = f"answer_days for {reason.value} must be 0 to {limits.TERM_DAYS_MAX}, got {days!r}"
                raise PolicyError(msg)

    @escalation.validator
    def _check_steps(self, _attribute: object, value: tuple[EscalationStep, ...]) -> None:
        for owner in DisputeOwner:
            steps = [step for step in value if step.owner in (None, owner)]
            days, names = {step.after_days for step in steps}, {step.to for step in steps}
            if not len(days) == len(names) == len(steps):
                msg = f"escalation of {owner.value} must have one step per day and addressee, got {[(step.after_days, step.to) for step in steps]}"
                raise PolicyError(msg)

    def owner_of(self, reason: DisputeReason) -> DisputeOwner:
        """Who has to find out."""
        return self.owners[reason]

    def answer_by(self, reason: DisputeReason, *, opened_on: dt.date) -> dt.date:
        """The day by which a dispute is to be answered, where it does not name one itself."""
        days = self.answer_days_by_reason.get(reason, self.answer_days)
        return opened_on + dt.timedelta(days=days)

    def steps_for(self, owner: DisputeOwner) -> tuple[EscalationStep, ...]:
        """The steps that the disputes of an owner climb, the earliest first."""
        return tuple(step for step in self.escalation if step.owner in (None, owner))

    def reason_of_contact(self, reason: NonPaymentReason) -> DisputeReason | None:
        """What a reason not to pay contests; None where it contests nothing.

        >>> DisputePolicy().reason_of_contact(NonPaymentReason.CANNOT_PAY) is None
        True
        """
        return _CONTACT_REASONS.get(reason)

    def reason_of_deduction(self, word: str) -> DisputeReason:
        """What a word for a deduction means; `DisputeReason.OTHER` where nobody said.

        >>> DisputePolicy(deduction_reasons={"AVARIE": "quality"}).reason_of_deduction("avarie")
        <DisputeReason.QUALITY: 'quality'>
        """
        return self.deduction_reasons.get(word.strip().casefold(), DisputeReason.OTHER)


class DisputeState(enum.Enum):
    """Where a dispute stands on a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    """The day by which it was to be answered has passed."""
    ESCALATED = "escalated"
    """Somebody above has it, and nobody has decided."""
    DECIDED = "decided"


@attrs.frozen(kw_only=True)
class ContestedPart:
    """What is contested of one item on a day, in minor units of its currency.

    ``0 <= held_minor <= contested_minor <= stated_minor``, and the held parts of all disputes of an
    item are never more than what is open of it.
    """

    item: ItemId
    document: str
    """The document of the item; empty where the item is not on the ledger yet."""
    currency: str
    stated_minor: int
    """What the customer said."""
    open_minor: int
    """What is open of the item; negative where it is a credit."""
    contested_minor: int
    """What of it is still contested: never more than is open, and nothing once it was decided."""
    held_minor: int
    """What of it this dispute holds back, after the disputes of the item that were opened earlier."""

    @property
    def is_whole(self) -> bool:
        """Whether the dispute holds back all that is open of the item."""
        return 0 < self.held_minor == self.open_minor


def _events(values: Iterable[CaseEvent]) -> tuple[CaseEvent, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DisputeStanding:
    """A dispute at the end of a day: as it was last updated, how old and how late it is, what it holds.

    `days_late` are the days past `answer_by`, zero before; both counts stop on the day of decision.
    """

    creditor: CreditorId
    dispute: Dispute
    opened_on: dt.date
    answer_by: dt.date
    """What the dispute says, or what the policy gives for its reason."""
    state: DisputeState
    days_open: int
    days_late: int
    parts: tuple[ContestedPart, ...]
    escalation_level: int = 0
    """How many steps of the policy it has climbed."""
    escalation_due: EscalationStep | None = None
    """The highest step that its lateness has reached, where it has not climbed so far."""
    decided_on: dt.date | None = None
    outcome: DisputeOutcome | None = None
    accepted: tuple[DisputedPart, ...] = ()
    credit_note: str = ""
    """The number of the credit note that the decision names."""
    history: tuple[CaseEvent, ...] = attrs.field(default=(), converter=_events, repr=False)

    @property
    def name(self) -> str:
        """The identity of the dispute."""
        return self.dispute.dispute

    @property
    def customer(self) -> CustomerId:
        """Whose dispute it is."""
        return self.dispute.customer

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.outcome is None

    @property
    def held_minor(self) -> Mapping[str, int]:
        """What the dispute holds back in each currency, in minor units."""
        totals: dict[str, int] = {}
        for part in self.parts:
            totals[part.currency] = totals.get(part.currency, 0) + part.held_minor
        return dict(sorted(totals.items()))


@attrs.frozen(kw_only=True)
class CreditNoteRequest:
    """What billing has to issue: the part of an item that a decision gave the customer right about.

    `amount_minor` is what no credit note has covered so far of `accepted_minor`.
    """

    creditor: CreditorId
    customer: CustomerId
    dispute: str
    item: ItemId
    document: str
    currency: str
    accepted_minor: int
    amount_minor: int
    reason: DisputeReason
    decided_on: dt.date
    is_deduction: bool = False
    note: str = ""

    @property
    def amount(self) -> Money:
        """What the credit note is for."""
        return from_minor(self.amount_minor, self.currency)


@attrs.frozen(kw_only=True)
class DisputeEffect:
    """What disputes change in what is reckoned on a customer's debits, in minor units of a currency.

    ``open_minor == counted_minor + excluded_minor``, and what is excluded is all that is disputed,
    or nothing, as the policy says.
    """

    creditor: CreditorId
    customer: CustomerId
    currency: str
    open_minor: int
    """The open debits; credits are not looked at."""
    disputed_minor: int
    counted_minor: int
    excluded_minor: int


@attrs.frozen(kw_only=True)
class DisputedAging(ShowsTable):
    """An aging with what is disputed apart: `clear` and `disputed` add up to `whole`, bucket by bucket.

    Where the scheme nets credits, they are set against the oldest bucket of the whole, but against
    the oldest clear one in `clear`; then the totals add up, and the buckets need not.
    """

    whole: Aging
    clear: Aging
    disputed: Aging

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`: those of the aging, and what is disputed of each."""
        buckets = [f"disputed_bucket_{index}" for index in range(self.whole.scheme.bucket_count)]
        return (*self.whole.columns, *buckets, "disputed_minor")

    def to_rows(self) -> list[tuple[str | int, ...]]:
        """The rows of the whole, each with its disputed part by bucket and in total."""
        apart = {
            (row.creditor, row.customer, row.currency): (*row.buckets_minor, row.total_minor)
            for row in self.disputed.rows
        }
        nothing = (0,) * (self.whole.scheme.bucket_count + 1)
        keys = [(row.creditor, row.customer, row.currency) for row in self.whole.rows]
        return [
            (*row, *apart.get(key, nothing))
            for key, row in zip(keys, self.whole.to_rows(), strict=True)
        ]

    def to_dicts(self) -> list[dict[str, str | int]]:
        """The rows as dictionaries by the names of `columns`."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.to_rows()]

    def to_table(self) -> ResultTable:
        """The aging of the whole, with what is disputed of each row."""
        from receivables.disputes._tables import disputed_aging_table  # noqa: PLC0415  # stands on this

        return disputed_aging_table(self)
