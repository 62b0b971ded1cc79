"""What a credit insurer is told and asked for: the notice of an overdue, and the claim.

What the insurer is expected to pay is reckoned in this order, in minor units of the policy's
currency, and every step is kept:

1. the loss: what is open of the items claimed;
2. the insured loss: of each item what its limit leaves after the items before it, or all of it where
   the limit caps the indemnity;
3. the insured part of that, rounded down;
4. no more than the limit, where that caps the indemnity;
5. no more than the loss less the minimum retention;
6. less what is left of the aggregate first loss;
7. no more than what is left of the maximum indemnity.

>>> from receivables.money import money
>>> policy = InsurancePolicy(number="EH-1", insurer="Assureur", currency="EUR", insured_bps=9_000,
...                          extension_days=60, notify_days=30, claim_days=150,
...                          minimum_retention=money("500.00", "EUR"))
>>> steps = indemnity_steps(policy, loss_minor=1_200_000, insured=[(1_000_000, 9_000)])
>>> [(step.name, step.minor) for step in steps]
[('loss', 1200000), ('insured-loss', 1000000), ('insured-part', 900000), ('minimum-retention', 900000), ('indemnity', 900000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs

from receivables.archives import csv_table, in_units
from receivables.casework.losses import InsurerNotice, InsurerNoticeKind
from receivables.casework.referrals import Referral, ReferralKind, ReferredItem
from receivables.credit import rules
from receivables.credit._converting import in_currency
from receivables.credit.insurance import InsurancePolicy, InsuredItem, LimitCaps
from receivables.currencies.model import ExchangeRates
from receivables.days import check_day
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import Money, to_minor
from receivables.parties import CustomerId

__all__ = [
    "ClaimStep",
    "InsuranceClaim",
    "OverdueNotice",
    "indemnity_steps",
    "insurance_claim",
    "overdue_notice",
]

_ITEM_HEADING: Final = (
    "item",
    "document",
    "document date",
    "due date",
    "original due date",
    "days overdue",
    "currency",
    "amount",
    "open amount",
    "open in policy currency",
    "insured",
    "limit",
    "limit reference",
    "not insured because",
)
_Row = tuple[object, ...]


def _items(values: Iterable[InsuredItem]) -> tuple[InsuredItem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class OverdueNotice:
    """The declaration of a customer's overdue items to an insurer, ready to be sent.

    Amounts in the table are in units of their currencies, with the decimals of each.
    """

    policy: InsurancePolicy
    creditor: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    as_of: dt.date
    items: tuple[InsuredItem, ...] = attrs.field(converter=_items)
    notify_by: dt.date | None = None
    """The last day to tell the insurer of the first of them; None where none is insured."""

    @property
    def minor(self) -> int:
        """What is overdue, in minor units of the policy's currency."""
        return sum(one.minor for one in self.items)

    @property
    def insured_minor(self) -> int:
        """What of it is insured."""
        return sum(one.insured_minor for one in self.items)

    @property
    def heading(self) -> tuple[str, ...]:
        """The heading of the table of items."""
        return _ITEM_HEADING

    @property
    def rows(self) -> tuple[_Row, ...]:
        """The items, one row each, in the order of their documents."""
        return tuple(_row(one, self.policy, self.as_of) for one in self.items)

    @property
    def files(self) -> Mapping[str, bytes]:
        """The notice as files by name: the same notice, the same bytes."""
        about = _about(self.policy, self.creditor, self.customer, self.as_of)
        total = (
            ("overdue", in_units(self.minor, self.policy.currency)),
            ("insured", in_units(self.insured_minor, self.policy.currency)),
            ("notify by", self.notify_by),
        )
        return {
            "notice.csv": csv_table(("what", "value"), (*about, *total)),
            "items.csv": csv_table(self.heading, self.rows),
        }

    def told(self, notice: str, *, by: str = "", note: str = "") -> InsurerNotice:
        """What is recorded once the insurer was told; raises `DocumentError` where nothing is insured."""
        insured = [one.item.item for one in self.items if one.is_insured]
        if not insured:
            msg = f"notice {notice} must be about an insured item, got none of {self.customer}"
            raise DocumentError(msg)
        return InsurerNotice(
            insurer_notice=notice,
            customer=self.customer,
            policy=self.policy.number,
            kind=InsurerNoticeKind.OVERDUE,
            items=insured,
            by=by,
            note=note,
        )


def overdue_notice(
    items: Iterable[InsuredItem],
    policy: InsurancePolicy,
    *,
    creditor: str,
    customer: str,
    as_of: dt.date,
) -> OverdueNotice:
    """The notice of what a customer owes past due, from what `insured_items` says.

    Items that are not insured stand in it with the reason, because insurers ask for all that is
    overdue.  Raises `DocumentError` where nothing is overdue.
    """
    check_day(as_of, name="as_of")
    overdue = [
        one
        for one in items
        if one.item.creditor == creditor
        and one.item.customer == customer
        and one.days_overdue(as_of) > 0
    ]
    if not overdue:
        msg = f"items must be past due to be told to an insurer, got none of {customer}"
        raise DocumentError(msg)
    days = [policy.notify_by(one.original_due_date) for one in overdue if one.is_insured]
    return OverdueNotice(
        policy=policy,
        creditor=creditor,
        customer=CustomerId(customer),
        as_of=as_of,
        items=overdue,
        notify_by=min(days, default=None),
    )


def _row(one: InsuredItem, policy: InsurancePolicy, as_of: dt.date) -> _Row:
    item, limit = one.item, one.limit
    return (
        item.item,
        item.document,
        item.document_date,
        item.due_date,
        one.original_due_date,
        max(0, one.days_overdue(as_of)),
        item.currency,
        in_units(item.amount_minor, item.currency),
        in_units(item.open_minor, item.currency),
        in_units(one.minor, policy.currency),
        in_units(one.insured_minor, policy.currency),
        "" if limit is None else limit.limit,
        "" if limit is None else limit.reference,
        "" if one.gap is None else one.gap.value,
    )


def _about(
    policy: InsurancePolicy, creditor: str, customer: str, as_of: dt.date
) -> tuple[tuple[str, object], ...]:
    return (
        ("policy", policy.number),
        ("policy version", policy.version),
        ("insurer", policy.insurer),
        ("creditor", creditor),
        ("customer", customer),
        ("as of", as_of),
        ("currency", policy.currency),
    )


@attrs.frozen(kw_only=True)
class ClaimStep:
    """One step from a loss to what the insurer pays: the key of the rule, and what is left after it.

    `minor` is in minor units of the policy's currency.
    """

    name: str
    minor: int


def _steps(values: Iterable[ClaimStep]) -> tuple[ClaimStep, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class InsuranceClaim:
    """A claim on a credit insurance, ready to be filed: the items, and what is expected for them.

    Amounts are in minor units of the policy's currency; the indemnity and what we keep add up to the
    loss.
    """

    policy: InsurancePolicy
    creditor: str
    customer: CustomerId = attrs.field(converter=CustomerId)
    as_of: dt.date
    items: tuple[InsuredItem, ...] = attrs.field(converter=_items)
    steps: tuple[ClaimStep, ...] = attrs.field(converter=_steps)

    @property
    def loss_minor(self) -> int:
        """What is open of the items claimed."""
        return self.steps[0].minor

    @property
    def indemnity_minor(self) -> int:
        """What the insurer is expected to pay."""
        return self.steps[-1].minor

    @property
    def retained_minor(self) -> int:
        """What we keep of the loss."""
        return self.loss_minor - self.indemnity_minor

    @property
    def heading(self) -> tuple[str, ...]:
        """The heading of the table of items."""
        return _ITEM_HEADING

    @property
    def rows(self) -> tuple[_Row, ...]:
        """The items claimed, one row each, in the order of their documents."""
        return tuple(_row(one, self.policy, self.as_of) for one in self.items)

    @property
    def files(self) -> Mapping[str, bytes]:
        """The claim as files by name: the same claim, the same bytes."""
        currency = self.policy.currency
        about = _about(self.policy, self.creditor, self.customer, self.as_of)
        steps = [(step.name, in_units(step.minor, currency)) for step in self.steps]
        kept = ("retained", in_units(self.retained_minor, currency))
        return {
            "claim.csv": csv_table(("what", "value"), (*about, *steps, kept)),
            "items.csv": csv_table(self.heading, self.rows),
        }

    def referral(self, referral: str, *, by: str = "", note: str = "") -> Referral:
        """The claim as a file that is handed to the insurer, with the policy as its mandate."""
        return Referral(
            referral=referral,
            customer=self.customer,
            kind=ReferralKind.INSURER,
            to=self.policy.insurer,
            items=[
                ReferredItem(item=one.item.item, amount=one.item.open_amount) for one in self.items
            ],
            mandate=self.policy.number,
            by=by,
            note=note,
        )


def insurance_claim(  # noqa: PLR0913  # what a claim is reckoned from, each by its name
    items: Iterable[InsuredItem],
    policy: InsurancePolicy,
    *,
    creditor: str,
    customer: str,
    as_of: dt.date,
    only: Collection[str] = (),
    first_loss_borne: Money | None = None,
    indemnified: Money | None = None,
    rates: ExchangeRates | None = None,
) -> InsuranceClaim:
    """The claim for what a customer owes and is insured, from what `insured_items` says.

    It is for the items in `only`, or for all that are insured and past due where that is empty; the
    proceedings of an insolvency make claims of items that are not due yet, which are then named.
    `first_loss_borne` is what we have borne of the aggregate first loss in the period so far, and
    `indemnified` what the insurer has paid in it.  `rates` are needed where the limit is in another
    currency than the policy and caps the indemnity.

    Raises `DocumentError` where no insured item is claimed, and `MissingRateError`.
    """
    check_day(as_of, name="as_of")
    claimed = [
        one
        for one in items
        if one.item.creditor == creditor
        and one.item.customer == customer
        and one.is_insured
        and (one.item.item in only if only else one.days_overdue(as_of) > 0)
    ]
    if not claimed:
        msg = f"items must be insured to be claimed, got none of {customer}"
        raise DocumentError(msg)
    return InsuranceClaim(
        policy=policy,
        creditor=creditor,
        customer=CustomerId(customer),
        as_of=as_of,
        items=claimed,
        steps=indemnity_steps(
            policy,
            loss_minor=sum(one.minor for one in claimed),
            insured=_by_part(claimed, policy),
            limit_minor=_limit_minor(claimed[-1], policy, as_of, rates),
            first_loss_borne=first_loss_borne,
            indemnified=indemnified,
        ),
    )


def _by_part(items: Iterable[InsuredItem], policy: InsurancePolicy) -> tuple[tuple[int, int], ...]:
    """What is insured at each part, so that one part is rounded once."""
    sums: dict[int, int] = {}
    for one in items:
        part = policy.insured_bps
        if one.limit is not None:
            part = min(one.limit.cover_bps, policy.insured_part(one.limit.kind))
        sums[part] = sums.get(part, 0) + one.insured_minor
    return tuple((minor, part) for part, minor in sorted(sums.items()))


def _limit_minor(
    last: InsuredItem, policy: InsurancePolicy, as_of: dt.date, rates: ExchangeRates | None
) -> int | None:
    """The limit of the last document claimed, where it caps the indemnity."""
    if policy.limit_caps is not LimitCaps.INDEMNITY or last.limit is None:
        return None
    amount = last.limit.amount
    return in_currency(
        to_minor(amount), amount.currency.code, policy.currency, as_of=as_of, rates=rates
    )


def indemnity_steps(
    policy: InsurancePolicy,
    *,
    loss_minor: int,
    insured: Sequence[tuple[int, int]],
    limit_minor: int | None = None,
    first_loss_borne: Money | None = None,
    indemnified: Money | None = None,
) -> tuple[ClaimStep, ...]:
    """From a loss to what the insurer pays, step by step; the last one is the indemnity.

    `insured` are pairs of an insured loss and the insurer's part of it in basis points.  Steps that
    the policy does not have are left out.
    """
    steps = [ClaimStep(name="loss", minor=loss_minor)]
    steps.append(ClaimStep(name="insured-loss", minor=sum(minor for minor, _ in insured)))
    left = sum(rules.borne(minor, part) for minor, part in insured)
    steps.append(ClaimStep(name="insured-part", minor=left))
    caps = (
        ("limit", limit_minor),
        ("minimum-retention", _less(loss_minor, policy.minimum_retention)),
    )
    for name, most in caps:
        if most is not None:
            left = rules.within(left, most)
            steps.append(ClaimStep(name=name, minor=left))
    if policy.first_loss is not None:
        left = rules.above(left, _left_of(policy.first_loss, first_loss_borne))
        steps.append(ClaimStep(name="first-loss", minor=left))
    if policy.maximum_indemnity is not None:
        left = rules.within(left, _left_of(policy.maximum_indemnity, indemnified))
        steps.append(ClaimStep(name="maximum-indemnity", minor=left))
    steps.append(ClaimStep(name="indemnity", minor=left))
    return tuple(steps)


def _less(minor: int, amount: Money | None) -> int | None:
    return None if amount is None else rules.above(minor, to_minor(amount))


def _left_of(amount: Money, spent: Money | None) -> int:
    """What is left of an amount of a period; raises `CurrencyMismatchError` for another currency."""
    if spent is None:
        return to_minor(amount)
    if spent.currency != amount.currency:
        msg = f"amount must be in {amount.currency.code}, got {spent.currency.code}"
        raise CurrencyMismatchError(msg)
    left: int = rules.above(to_minor(amount), to_minor(spent))
    return left
