"""Referrals: what was handed to an agency, a lawyer, a court or an insurer."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import attrs

from receivables.casework._checks import check_above_zero, check_named
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.money import Money, exact
from receivables.parties import CustomerId

__all__ = ["Referral", "ReferralEnd", "ReferralKind", "ReferredItem"]


class ReferralKind(enum.Enum):
    """Who gets the file, and for what."""

    AGENCY = "agency"
    LAWYER = "lawyer"
    PAYMENT_ORDER = "payment-order"
    """The file for an order to pay (*injonction de payer*, *monitorio*, *Mahnverfahren*)."""
    COURT = "court"
    INSURER = "insurer"
    """A claim on a credit insurance."""


class ReferralEnd(enum.Enum):
    """How a referral came to its end."""

    RECOVERED = "recovered"
    PARTLY_RECOVERED = "partly-recovered"
    UNCOLLECTIBLE = "uncollectible"
    INDEMNIFIED = "indemnified"
    """The insurer has paid."""
    REJECTED = "rejected"
    """Who got the file does not take it."""
    RECALLED = "recalled"
    """We took it back."""


@attrs.frozen(kw_only=True)
class ReferredItem:
    """What was open of an item when it was handed over."""

    item: ItemId = attrs.field(converter=ItemId)
    amount: Money = attrs.field(converter=exact, validator=check_above_zero)


def _items(values: Iterable[ReferredItem]) -> tuple[ReferredItem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Referral:
    """A file that was handed over: to whom, for which items, under which mandate.

    Raises `DocumentError` where there is no item, or one of them twice.
    """

    referral: str = attrs.field(validator=check_named)
    customer: CustomerId = attrs.field(converter=CustomerId, validator=check_named)
    kind: ReferralKind = attrs.field(converter=ReferralKind)
    to: str = attrs.field(validator=check_named)
    """The name of the agency, the lawyer, the court or the insurer."""
    items: tuple[ReferredItem, ...] = attrs.field(converter=_items)
    mandate: str = ""
    """The number of the mandate, the policy or the case there."""
    by: str = ""
    note: str = ""

    @items.validator
    def _check_items(self, _attribute: object, value: tuple[ReferredItem, ...]) -> None:
        items = [one.item for one in value]
        if not items or len(set(items)) != len(items):
            msg = f"items of referral {self.referral} must be one or more, each once, got {items}"
            raise DocumentError(msg)
