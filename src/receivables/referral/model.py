"""The file that is handed over: what is owed and why, the evidence, what is missing, what came back.

>>> missing = needed_for("payment-order", country="FR")
>>> [one.evidence.value for one in missing][:2]
['invoice', 'order']
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables.casework.referrals import Referral, ReferralEnd, ReferralKind
from receivables.collection import LogEntry
from receivables.conduct import LegalDeadline
from receivables.documents.model import ItemId
from receivables.errors import DocumentError
from receivables.interest.accrual import Interest
from receivables.parties import Creditor, Customer

__all__ = [
    "Doubt",
    "DoubtKind",
    "Evidence",
    "EvidenceKind",
    "FileItem",
    "FilePayment",
    "FileTotal",
    "ReferralFile",
    "ReferralStanding",
    "Requirement",
    "needed_for",
]


class EvidenceKind(enum.Enum):
    """What proves a part of the claim."""

    CONTRACT = "contract"
    TERMS = "terms"
    """The terms of sale that the customer accepted, with the rate of late-payment interest."""
    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    STATEMENT = "statement"
    FORMAL_NOTICE = "formal-notice"
    PROOF_OF_DISPATCH = "proof-of-dispatch"
    ACKNOWLEDGMENT = "acknowledgment"
    """The customer wrote that it owes: a promise, a plan that was signed, a balance confirmed."""
    CORRESPONDENCE = "correspondence"
    MANDATE = "mandate"
    """The power that we give to who collects."""
    POLICY = "policy"
    """The insurance, with the limit on this customer."""
    OTHER = "other"


@attrs.frozen(kw_only=True)
class Evidence:
    """One piece of evidence: what it proves, for which item, and its file.

    `name` is the name of the file as it goes into the bundle; `content` may be empty where only the
    reference is known.  Raises `DocumentError` for an empty name.
    """

    kind: EvidenceKind = attrs.field(converter=EvidenceKind)
    name: str = attrs.field()
    item: ItemId = attrs.field(default=ItemId(""), converter=ItemId)
    """The item that it proves; the whole claim where it is empty."""
    day: dt.date | None = None
    content: bytes = attrs.field(default=b"", repr=False)

    @name.validator
    def _check_name(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "name of a piece of evidence must be given, got an empty one"
            raise DocumentError(msg)


@attrs.frozen(kw_only=True)
class Requirement:
    """A piece of evidence that a file of a kind needs, and the rule that asks for it."""

    kind: ReferralKind
    evidence: EvidenceKind
    country: str = ""
    """Only there; everywhere where it is empty."""
    source: str = ""
    is_unverified: bool = False


def _needs(
    kind: ReferralKind, *evidence: EvidenceKind, country: str = "", source: str, checked: bool
) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            kind=kind, evidence=one, country=country, source=source, is_unverified=not checked
        )
        for one in evidence
    )


_REQUIREMENTS: Final = (
    *_needs(
        ReferralKind.AGENCY,
        EvidenceKind.INVOICE,
        EvidenceKind.STATEMENT,
        source="practice",
        checked=False,
    ),
    *_needs(
        ReferralKind.AGENCY,
        EvidenceKind.MANDATE,
        country="FR",
        source="CPCE art. R124-3",
        checked=True,
    ),
    *_needs(
        ReferralKind.LAWYER,
        EvidenceKind.INVOICE,
        EvidenceKind.ORDER,
        EvidenceKind.DELIVERY,
        EvidenceKind.FORMAL_NOTICE,
        source="practice",
        checked=False,
    ),
    *_needs(
        ReferralKind.PAYMENT_ORDER,
        EvidenceKind.INVOICE,
        EvidenceKind.ORDER,
        EvidenceKind.DELIVERY,
        EvidenceKind.STATEMENT,
        country="FR",
        source="CPC art. 1405, 1407",
        checked=True,
    ),
    *_needs(
        ReferralKind.PAYMENT_ORDER,
        EvidenceKind.FORMAL_NOTICE,
        EvidenceKind.PROOF_OF_DISPATCH,
        country="FR",
        source="practice",
        checked=False,
    ),
    *_needs(
        ReferralKind.PAYMENT_ORDER,
        EvidenceKind.INVOICE,
        EvidenceKind.DELIVERY,
        EvidenceKind.FORMAL_NOTICE,
        EvidenceKind.PROOF_OF_DISPATCH,
        country="ES",
        source="LEC art. 812-815; LO 1/2025 (prior attempt to settle)",
        checked=False,
    ),
    *_needs(
        ReferralKind.COURT,
        EvidenceKind.CONTRACT,
        EvidenceKind.INVOICE,
        EvidenceKind.ORDER,
        EvidenceKind.DELIVERY,
        EvidenceKind.FORMAL_NOTICE,
        EvidenceKind.PROOF_OF_DISPATCH,
        source="practice",
        checked=False,
    ),
    *_needs(
        ReferralKind.INSURER,
        EvidenceKind.POLICY,
        EvidenceKind.INVOICE,
        EvidenceKind.ORDER,
        EvidenceKind.DELIVERY,
        EvidenceKind.STATEMENT,
        EvidenceKind.CORRESPONDENCE,
        source="practice of credit insurers",
        checked=False,
    ),
)


def needed_for(kind: ReferralKind | str, *, country: str = "") -> tuple[Requirement, ...]:
    """The evidence that a file of a kind needs in a country, and everywhere.

    >>> [one.source for one in needed_for("agency", country="FR")][-1]
    'CPCE art. R124-3'
    """
    wanted = ReferralKind(kind)
    return tuple(
        one for one in _REQUIREMENTS if one.kind is wanted and one.country in {"", country}
    )


class DoubtKind(enum.Enum):
    """What stands in the way of a file, or weakens it."""

    EVIDENCE_MISSING = "evidence-missing"
    DISPUTED = "disputed"
    """A part is contested: an order to pay is for what is not."""
    PLAN_RUNNING = "plan-running"
    SETTLED = "settled"
    """Less is open than was referred."""
    NOT_DUE = "not-due"
    TIME_BARRED = "time-barred"
    UNVERIFIED_RATE = "unverified-rate"
    """The interest rests on a rate that nobody has read in a source."""
    OTHER_LAW = "other-law"
    """The law of interest is not that of consumers, and the customer is one: none is reckoned."""
    REFERRED_ALREADY = "referred-already"
    """Somebody else has the item: two would ask for one debt."""
    CREDITS_OPEN = "credits-open"
    """The customer has credits, or money that nobody has applied: less is owed than the items say."""


@attrs.frozen(kw_only=True)
class Doubt:
    """One thing that somebody should look at before the file goes out."""

    kind: DoubtKind
    item: ItemId = attrs.field(default=ItemId(""), converter=ItemId)
    detail: str = ""
    """A figure, a day or a source, as plain text."""
    evidence: EvidenceKind | None = None
    """What is missing, where evidence is."""


@attrs.frozen(kw_only=True)
class FilePayment:
    """What settled a part of an item, and when."""

    item: ItemId
    day: dt.date
    amount_minor: int
    allocation: str
    receipts: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class FileItem:
    """An item of the file; amounts are in minor units of its currency."""

    item: ItemId
    document: str
    kind: str
    currency: str
    document_date: dt.date
    due_date: dt.date | None
    amount_minor: int
    open_minor: int
    """What is open on the day of the file."""
    referred_minor: int
    """What was handed over, or is to be."""
    disputed_minor: int = 0
    days_past_due: int = 0
    level: int = 0
    """The highest dunning level that it reached."""
    references: tuple[str, ...] = ()
    category: str = ""
    interest: Interest | None = attrs.field(default=None, repr=False)
    """Late-payment interest to the day of the file, less what was charged as items already."""
    interest_minor: int = 0
    compensation_minor: int = 0
    payments: tuple[FilePayment, ...] = ()


@attrs.frozen(kw_only=True)
class FileTotal:
    """The claim in one currency: principal, what was charged, what accrued, what is contested."""

    currency: str
    principal_minor: int = 0
    charges_minor: int = 0
    """Interest, compensation and fees that are items of the ledger."""
    interest_minor: int = 0
    """Interest that has accrued beyond them."""
    compensation_minor: int = 0
    disputed_minor: int = 0

    @property
    def claim_minor(self) -> int:
        """What the file asks for."""
        return (
            self.principal_minor
            + self.charges_minor
            + self.interest_minor
            + self.compensation_minor
        )


@attrs.frozen(kw_only=True)
class ReferralFile:
    """Everything that who gets the file needs, as of one day, in values and in no one's words."""

    referral: Referral
    creditor: Creditor
    customer: Customer
    as_of: dt.date
    items: tuple[FileItem, ...]
    totals: tuple[FileTotal, ...]
    log: tuple[LogEntry, ...] = ()
    """Contacts and notices, the newest first."""
    evidence: tuple[Evidence, ...] = ()
    deadlines: tuple[LegalDeadline, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing and nothing is doubtful."""
        return not self.doubts


def _by_currency(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(values.items())))


def _lines(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ReferralStanding:
    """How a referral stands on a day; amounts are in minor units by currency."""

    referral: Referral
    referred_on: dt.date
    recovered: Mapping[str, int] = attrs.field(factory=dict, converter=_by_currency)
    """What the reports say came in, before fees."""
    fees: Mapping[str, int] = attrs.field(factory=dict, converter=_by_currency)
    still_open: Mapping[str, int] = attrs.field(factory=dict, converter=_by_currency)
    """What is open of the items on the ledger."""
    end: ReferralEnd | None = None
    ended_on: dt.date | None = None
    paused_by: tuple[str, ...] = attrs.field(default=(), converter=_lines)
    """The payment plans that make it wait."""

    @property
    def is_open(self) -> bool:
        """Whether the file is still out."""
        return self.end is None
