"""Tax on bad debts as values: what a law asks for, what is known of a claim, and what comes back.

>>> rule = TaxReliefRule(name="atlantis", country="XA", codes=["VAT"], article="Tax of the Sea 7",
...                      source="our accountant there", status="verified", months=6)
>>> rule.is_about("vat"), rule.formula
(True, 'A x B / C')
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from receivables.documents.model import ItemId
from receivables.errors import PolicyError
from receivables.interest.rates import SourceStatus
from receivables.money import Money, from_minor
from receivables.parties import Customer
from receivables.writeoffs._amounts import amounts_by_currency
from receivables.writeoffs.model import Effort, EffortKind

__all__ = [
    "LimitStart",
    "PeriodStart",
    "ReliefCondition",
    "ReliefFacts",
    "TaxRelief",
    "TaxReliefRule",
]


class ReliefCondition(enum.Enum):
    """What the law asks for before the tax of a bad debt comes back."""

    TAX_ON_DOCUMENT = "tax-on-document"
    """The document says a tax that the rule is about, and was not paid on receipts."""
    IRRECOVERABLE = "irrecoverable"
    """Something shows that the claim is lost: one of the rule's proofs."""
    WRITTEN_OFF = "written-off"
    """The claim is written off in the books."""
    PERIOD = "period"
    """So many months have passed."""
    LIMIT = "limit"
    """It is not too late."""
    NOT_CONSUMER = "not-consumer"
    NOT_CONNECTED = "not-connected"
    """The customer is no connected party: it was dealt with at arm's length."""
    NOT_SECURED = "not-secured"
    """Nothing secures, insures or guarantees the claim."""
    DEBTOR_TOLD = "debtor-told"
    """The customer got the document that the law asks for: a duplicate, a corrective invoice."""
    DECLARED = "declared"
    """The tax was declared and paid."""


class PeriodStart(enum.Enum):
    """Where the months that have to pass are counted from."""

    DUE = "due"
    DOCUMENT = "document"
    """The day of the supply, else of the document."""
    LATER = "later"
    """The later of the two."""


class LimitStart(enum.Enum):
    """Where the last day is counted from."""

    WRITE_OFF = "write-off"
    PERIOD_START = "period-start"
    PERIOD_END = "period-end"
    """The end of the months that have to pass."""
    PROOF = "proof"
    """The day on which the claim was shown to be lost."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        msg = f"texts must be given as a list, got {values!r}"
        raise PolicyError(msg)
    return tuple(values)


def _codes(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.casefold() for value in _texts(values))


def _kinds(values: Iterable[EffortKind | str]) -> frozenset[EffortKind]:
    return frozenset(map(EffortKind, values))


def _conditions(values: Iterable[ReliefCondition | str]) -> frozenset[ReliefCondition]:
    return frozenset(map(ReliefCondition, values))


@attrs.frozen(kw_only=True)
class TaxReliefRule:
    """What one tax of one country asks for before it comes back, with article and source.

    The tax comes back by A × B / C: the tax of the document, times what is written off of it, over
    its total, tax included.  `codes` are the codes of the tax on documents, any where there are
    none.  `limit_at_year_end` moves the last day to the end of its year.  An income-tax rule says
    that the loss lowers income, and that nothing of the document's tax comes back.
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    country: str
    title: str = ""
    codes: frozenset[str] = attrs.field(default=(), converter=_codes)
    article: str
    source: str
    status: SourceStatus = attrs.field(converter=SourceStatus)
    proofs: frozenset[EffortKind] = attrs.field(default=(), converter=_kinds)
    """Any one of them shows that the claim is lost; none is asked for where there are none."""
    written_off: bool = False
    months: int = 0
    months_from: PeriodStart = attrs.field(default=PeriodStart.DUE, converter=PeriodStart)
    limit_months: int = 0
    limit_from: LimitStart = attrs.field(default=LimitStart.WRITE_OFF, converter=LimitStart)
    limit_at_year_end: bool = False
    consumers: bool = True
    """Whether it holds for consumers as well."""
    consumers_above: Mapping[str, Money] = attrs.field(factory=dict, converter=amounts_by_currency)
    """For consumers only where the document is for more than this before tax, by currency."""
    connected: bool = True
    secured: bool = True
    debtor_told: bool = False
    document: str = ""
    """What the customer has to get."""
    wording: str = ""
    """What that has to say; ``{net}`` and ``{tax}`` stand for what is unpaid."""
    locale: str = ""
    is_income_tax: bool = False
    unverified: frozenset[ReliefCondition] = attrs.field(default=(), converter=_conditions)
    """The conditions that nobody has read in a source, where the rest of the rule was."""
    notes: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    @property
    def is_verified(self) -> bool:
        """Whether somebody read all of it in a source."""
        return self.status.is_verified and not self.unverified

    @property
    def formula(self) -> str:
        """How the tax that comes back is reckoned."""
        return "nothing of the tax" if self.is_income_tax else "A x B / C"

    def is_about(self, code: str) -> bool:
        """Whether a tax on a document is one that it is about."""
        return not self.codes or code.casefold() in self.codes

    def mention(self, net: str, tax: str) -> str:
        """What the document for the customer has to say; empty where the law asks for nothing."""
        return self.wording.replace("{net}", net).replace("{tax}", tax)


def _efforts(values: Iterable[Effort]) -> tuple[Effort, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ReliefFacts:
    """What is known of a claim beyond its document; what is not known counts against relief.

    `proofs` are efforts as `receivables.writeoffs.efforts` finds them.
    """

    proofs: tuple[Effort, ...] = attrs.field(default=(), converter=_efforts)
    written_off_on: dt.date | None = None
    debtor_told_on: dt.date | None = None
    is_consumer: bool = False
    is_connected: bool = False
    is_secured: bool = False
    is_declared: bool = True
    is_on_receipts: bool = False
    """Whether the tax is due only when money comes in: then nothing was paid that could come back."""

    @classmethod
    def of(cls, customer: Customer, **facts: Any) -> ReliefFacts:  # noqa: ANN401  # its own fields
        """The facts about a customer's claim: a consumer is one by its master data."""
        return cls(**{"is_consumer": customer.is_consumer, **facts})


@attrs.frozen(kw_only=True)
class TaxRelief:
    """What of one tax of a document comes back for what is written off of one of its items.

    `relief_minor` is the amount by the formula, minor units; `claimable_minor` is the same once no
    condition is missing, and zero until then.
    """

    item: ItemId
    document: str
    currency: str
    code: str
    rule: TaxReliefRule
    unpaid_minor: int
    """What is written off of the item, tax included (B)."""
    tax_minor: int
    """The tax of the document (A)."""
    total_minor: int
    """What the document was for, tax included (C)."""
    relief_minor: int
    earliest_on: dt.date | None
    """The first day on which it may be claimed; None while something without a day is missing."""
    latest_on: dt.date | None
    """The last day; None where there is none, or where it is not known yet."""
    met: tuple[ReliefCondition, ...]
    missing: tuple[ReliefCondition, ...]

    @property
    def claimable_minor(self) -> int:
        """What may be claimed now."""
        return 0 if self.missing else self.relief_minor

    @property
    def formula(self) -> str:
        """The reckoning with its figures, in units of the currency.

        The signs are those of the law: tax × written off / total.
        """
        a, b, c, result = (
            from_minor(minor, self.currency).amount
            for minor in (self.tax_minor, self.unpaid_minor, self.total_minor, self.relief_minor)
        )
        return f"{a} x {b} / {c} = {result}"

    @property
    def is_verified(self) -> bool:
        """Whether its rule was read in a source."""
        return self.rule.is_verified

    @property
    def mention(self) -> str:
        """What the customer has to be told, with the unpaid net and tax of this document."""
        net = from_minor(self.unpaid_minor - self.relief_minor, self.currency).amount
        tax = from_minor(self.relief_minor, self.currency).amount
        return self.rule.mention(f"{net}", f"{tax}")
