"""Charges that go with a notice, as documents of their own: fees, interest, compensation.

An invoice is never changed.  The number of a charge follows from the first item that climbs and its
level, which happens once, so that proposing a run again makes the same documents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables import limits
from receivables.documents.model import DebitNote, Line, OpenItem
from receivables.dunning.model import (
    DunningLevel,
    NotCharged,
    NotChargedReason,
)
from receivables.errors import MissingRateError, PolicyError
from receivables.interest.accrual import BalanceStep, InterestPolicy, LateItem
from receivables.interest.charging import (
    COMPENSATION,
    LATE_INTEREST,
    Charged,
    Charging,
    interest_documents,
)
from receivables.interest.model import Debtor
from receivables.ledger.model import NoticeSent
from receivables.money import from_minor
from receivables.parties import Customer

__all__ = ["DUNNING_FEE", "Claim", "DunningCharges", "MadeCharges", "charge_number", "made_charges"]

DUNNING_FEE: Final = "dunning-fee"
"""The category of lines that charge a fee for a notice."""

_PREFIXES: Final = {COMPENSATION: "CMP", DUNNING_FEE: "FEE", LATE_INTEREST: "INT"}
_PUBLIC: Final = "public"


def charge_number(category: str, notice: NoticeSent) -> str:
    """The number of a charge: its kind, the first item that the notice takes to a level, the level.

    An item reaches a level of a ladder once, so that the number is given once.
    """
    _, _, name = notice.event.rpartition(f":{notice.ladder or notice.procedure}:")
    plain = name.replace(":", "-").replace("/", ".")
    return f"{_PREFIXES.get(category, category)}-{plain}"


def _described(category: str, notice: NoticeSent) -> str:
    return f"{category} of {notice.letter}"


def _policies(values: Iterable[InterestPolicy]) -> tuple[InterestPolicy, ...]:
    return (values,) if isinstance(values, InterestPolicy) else tuple(values)


def _tuple_of_late(values: Iterable[LateItem]) -> tuple[LateItem, ...]:
    return tuple(values)


def _tuple_of_charged(values: Iterable[Charged]) -> tuple[Charged, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class DunningCharges:
    """How the charges of a run are reckoned and numbered.

    `interest` are the policies, one for each kind of debtor; `late` the items with their balances
    (`receivables.interest.late_items`), and `charged` what was charged on them before
    (`charged_on`).  An item that is not in `late` is taken as open with the same amount since its
    due date.  Documents are due `payable_days` after the day of the run, or by the deadline of the
    level, where it has one.  What is contested of an item, and what credits reach, the oldest item
    first, bears nothing for now: once that is decided or applied, the next charge makes up for what
    was right.  `number` gives the number of a document by category and notice, and
    must give the same for the same.
    """

    number: Callable[[str, NoticeSent], str] = charge_number
    payable_days: int = attrs.field(default=0)
    interest: tuple[InterestPolicy, ...] = attrs.field(default=(), converter=_policies)
    late: tuple[LateItem, ...] = attrs.field(default=(), converter=_tuple_of_late, repr=False)
    charged: tuple[Charged, ...] = attrs.field(default=(), converter=_tuple_of_charged, repr=False)
    describe: Callable[[str, NoticeSent], str] = _described

    @payable_days.validator
    def _check_payable_days(self, _attribute: object, value: int) -> None:
        if not 0 <= value <= limits.TERM_DAYS_MAX:
            msg = f"payable_days must be 0 to {limits.TERM_DAYS_MAX}, got {value}"
            raise PolicyError(msg)

    def policy_for(self, customer: Customer) -> InterestPolicy | None:
        """The policy for a kind of debtor: consumers, public bodies (by their segment), the others."""
        wanted = Debtor.CONSUMER if customer.is_consumer else Debtor.BUSINESS
        by_debtor: dict[Debtor, InterestPolicy] = {}
        for policy in self.interest:
            by_debtor.setdefault(policy.jurisdiction.debtor, policy)
        if wanted is Debtor.BUSINESS and customer.segment == _PUBLIC and Debtor.PUBLIC in by_debtor:
            wanted = Debtor.PUBLIC
        return by_debtor.get(wanted)

    def late_by_item(self) -> Mapping[tuple[str, str], LateItem]:
        """The late items by creditor and item."""
        return {(one.creditor, one.item): one for one in self.late}

    def charged_by_item(self) -> Mapping[tuple[str, str], list[Charged]]:
        """What was charged, by creditor and item."""
        found: dict[tuple[str, str], list[Charged]] = {}
        for one in self.charged:
            found.setdefault((one.creditor, one.item), []).append(one)
        return found


@attrs.frozen(kw_only=True)
class Claim:
    """A notice that may come with charges: its level, and the items that reach one with it."""

    notice: NoticeSent
    level: DunningLevel
    items: tuple[OpenItem, ...]
    """The items that reach the level of the notice: a fee is about them."""
    bearing: tuple[OpenItem, ...]
    """The items that reach a level which charges interest, each by its own."""
    resting: Mapping[str, int]
    """What of each of them bears none for now, in minor units: it is contested, or credits reach it."""
    customer: Customer | None

    @property
    def due_days(self) -> int | None:
        """The deadline of the level."""
        return self.level.deadline_days


@attrs.frozen(kw_only=True)
class MadeCharges:
    """The documents of one notice, and what was not charged, and why."""

    documents: tuple[DebitNote, ...] = ()
    not_charged: tuple[NotCharged, ...] = ()


def made_charges(
    claim: Claim,
    charges: DunningCharges,
    *,
    late: Mapping[tuple[str, str], LateItem],
    charged: Mapping[tuple[str, str], list[Charged]],
) -> MadeCharges:
    """The charges that the level of a notice asks for, as far as its customer may be charged."""
    has_fee = bool(claim.items) and any(claim.level.fees_minor.values())
    wanted = [DUNNING_FEE] * has_fee + [LATE_INTEREST] * bool(claim.bearing)
    customer = claim.customer
    if customer is None:
        return _without(claim, wanted, NotChargedReason.CUSTOMER_UNKNOWN)
    documents: list[DebitNote] = []
    refused: list[NotCharged] = []
    if has_fee:
        _fee(claim, charges, customer, documents, refused)
    if claim.bearing:
        policy = charges.policy_for(customer)
        late_ones = _late_ones(claim, late)
        reason = _no_interest(policy, late_ones)
        if policy is None or reason is not None:
            refused.append(_refused(claim, LATE_INTEREST, reason or NotChargedReason.NO_POLICY))
        else:
            try:
                documents += _interest(claim, charges, policy, late=late_ones, charged=charged)
            except MissingRateError:
                # One rate that nobody has must not keep the notices of everybody from going out.
                refused.append(_refused(claim, LATE_INTEREST, NotChargedReason.MISSING_RATE))
    return MadeCharges(documents=tuple(documents), not_charged=tuple(refused))


def _without(claim: Claim, wanted: Sequence[str], reason: NotChargedReason) -> MadeCharges:
    return MadeCharges(not_charged=tuple(_refused(claim, one, reason) for one in wanted))


def _refused(claim: Claim, category: str, reason: NotChargedReason) -> NotCharged:
    return NotCharged(notice=claim.notice.event, category=category, reason=reason)


def _fee(
    claim: Claim,
    charges: DunningCharges,
    customer: Customer,
    documents: list[DebitNote],
    refused: list[NotCharged],
) -> None:
    """Charge the fee of the level, or say why not."""
    fee = claim.level.fees_minor.get(claim.notice.currency, 0)
    if customer.is_consumer:
        refused.append(_refused(claim, DUNNING_FEE, NotChargedReason.CONSUMER))
    elif not fee:
        refused.append(_refused(claim, DUNNING_FEE, NotChargedReason.OTHER_CURRENCY))
    else:
        documents.append(_fee_note(claim, charges, fee))


def _fee_note(claim: Claim, charges: DunningCharges, fee_minor: int) -> DebitNote:
    notice = claim.notice
    amount = from_minor(fee_minor, notice.currency)
    text = charges.describe(DUNNING_FEE, notice)
    return DebitNote(
        number=charges.number(DUNNING_FEE, notice),
        creditor=notice.creditor,
        customer=notice.customer,
        document_date=notice.effective_on,
        due_date=notice.effective_on + dt.timedelta(days=_payable_days(claim, charges)),
        lines=[Line(description=text, net=amount, category=DUNNING_FEE)],
        concerns=[item.item for item in claim.items],
    )


def _payable_days(claim: Claim, charges: DunningCharges) -> int:
    return charges.payable_days if claim.due_days is None else claim.due_days


def _late_ones(claim: Claim, late: Mapping[tuple[str, str], LateItem]) -> list[LateItem]:
    """The items that bear interest, with their balances where they are known."""
    known = (
        late.get((item.creditor, item.item)) or LateItem.of_item(item) for item in claim.bearing
    )
    return [_without_resting(one, claim.resting.get(one.item, 0)) for one in known]


def _without_resting(item: LateItem, minor: int) -> LateItem:
    """An item less a part of it since its due date; what the caller left out already stays so."""
    if not minor or item.excluded:
        return item
    return attrs.evolve(item, excluded=[BalanceStep(item.due_date, minor)])


def _no_interest(
    policy: InterestPolicy | None, late: Iterable[LateItem]
) -> NotChargedReason | None:
    """Why no interest can be reckoned; None where it can."""
    if policy is None:
        return NotChargedReason.NO_POLICY
    by_law = policy.jurisdiction.needs_notice and policy.agreed is None
    needs_notice = by_law and any(item.runs_from is None for item in late)
    return NotChargedReason.NEEDS_NOTICE if needs_notice else None


def _interest(
    claim: Claim,
    charges: DunningCharges,
    policy: InterestPolicy,
    *,
    late: Sequence[LateItem],
    charged: Mapping[tuple[str, str], list[Charged]],
) -> tuple[DebitNote, ...]:
    """Interest and compensation on the items that climb, less what was charged before."""
    notice = claim.notice
    is_own_currency = policy.jurisdiction.currency == notice.currency
    is_consumer = claim.customer is not None and claim.customer.is_consumer
    return interest_documents(
        late,
        policy=policy,
        as_of=notice.effective_on,
        charging=Charging(
            number=lambda category, _customer: charges.number(category, notice),
            payable_days=_payable_days(claim, charges),
            # A fixed sum in another currency would be a claim of its own, beside the notice's.
            with_compensation=is_own_currency and not is_consumer,
        ),
        charged=[one for item in late for one in charged.get((item.creditor, item.item), ())],
    ).documents
