"""What was learned of how a customer pays: a fact has a day, a source, and can be withdrawn.

Facts are kept on the ledger as events, so that a decision can be explained by what was known then;
nothing is retrained in secret.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import NewType

import attrs

from receivables.errors import DocumentError
from receivables.parties import CustomerId

__all__ = ["Fact", "FactId", "FactKind"]

FactId = NewType("FactId", str)

_BPS_WHOLE = 10_000


class FactKind(enum.Enum):
    """What a fact is about."""

    PAYER_ACCOUNT = "payer-account"
    """A customer pays from this bank account."""
    PAYER_NAME = "payer-name"
    """A customer pays under this name."""
    REFERENCE_HABIT = "reference-habit"
    """How a customer writes our numbers: the reference that stands for one of our documents."""
    DEDUCTION_HABIT = "deduction-habit"
    """What a customer keeps back of each payment: basis points, with a reason."""


@attrs.frozen(kw_only=True)
class Fact:
    """One thing learned of a customer: `value` of a kind, since a day, from a source.

    The value is a bank account, a name, a reference as the customer writes it, or the basis points
    that it keeps back.  Raises `DocumentError` for an empty value or customer, and for basis points
    outside of 1 to 10,000.

    >>> Fact(kind="payer-name", value="DUPONT OUEST", customer="C-1",
    ...      learned_on=dt.date(2026, 10, 5), source="allocated:MIRA:match-r-1").fact
    'payer-name:C-1:DUPONT OUEST'
    """

    kind: FactKind = attrs.field(converter=FactKind)
    value: str = attrs.field()
    customer: CustomerId = attrs.field(converter=CustomerId)
    learned_on: dt.date
    source: str
    """Where it was learned: the event that confirmed it, or who said so."""
    meaning: str = ""
    """The document that a reference stands for, or the reason of a deduction."""

    @property
    def fact(self) -> FactId:
        """Its identity: the same thing learned twice of a customer is one fact."""
        return FactId(f"{self.kind.value}:{self.customer}:{self.value}")

    @value.validator
    def _check_value(self, _attribute: object, value: str) -> None:
        is_bps = self.kind is FactKind.DEDUCTION_HABIT
        if not value or (is_bps and not (value.isdecimal() and 1 <= int(value) <= _BPS_WHOLE)):
            msg = f"value of a {self.kind.value} must say something (basis points of a deduction), got {value!r}"
            raise DocumentError(msg)

    @customer.validator
    def _check_customer(self, _attribute: object, value: CustomerId) -> None:
        if not value:
            msg = f"customer of a {self.kind.value} must be named, got none"
            raise DocumentError(msg)
