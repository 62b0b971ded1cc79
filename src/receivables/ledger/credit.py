"""Events about credit and losses: limits, checks, suspensions, reviews, scores, insolvencies, write-offs.

They are cases like those of `receivables.ledger.casework`: none of them changes a balance.  What is
given up leaves the books by an allocation with a residual; here is who asked for it and who agreed.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Final

import attrs

from receivables.casework.credit import (
    CreditDecision,
    CreditLimit,
    CreditReview,
    CreditSuspension,
    ExternalScore,
)
from receivables.casework.financials import FinancialStatement
from receivables.casework.losses import (
    Insolvency,
    InsurerNotice,
    SpecificAllowance,
    WriteOffOutcome,
    WriteOffRequest,
)
from receivables.ledger.casework import CaseEvent
from receivables.parties import CustomerId

__all__ = [
    "CREDIT_EVENTS",
    "CreditChecked",
    "CreditReinstated",
    "CreditReleased",
    "CreditReviewed",
    "CreditSuspended",
    "FinancialsReceived",
    "FinancialsWithdrawn",
    "InsolvencyEnded",
    "InsolvencyReported",
    "InsurerNotified",
    "LimitEnded",
    "LimitGranted",
    "ScoreReceived",
    "ScoreWithdrawn",
    "SpecificAllowanceEnded",
    "SpecificAllowanceSet",
    "WriteOffDecided",
    "WriteOffRequested",
]


@attrs.frozen(kw_only=True)
class LimitGranted(CaseEvent):
    """A limit was granted to a customer, a group or a country."""

    subject: ClassVar[str] = "limit"
    limit: CreditLimit


@attrs.frozen(kw_only=True)
class LimitEnded(CaseEvent):
    """A limit does not count any more, from `effective_on` on: withdrawn, replaced, given back."""

    subject: ClassVar[str] = "limit"
    customer: CustomerId = attrs.field(converter=CustomerId)
    """The customer whose it was; empty for the limit of a group or a country."""
    limit: str
    reason: str = ""
    by: str = ""


@attrs.frozen(kw_only=True)
class CreditSuspended(CaseEvent):
    """A customer gets no more credit, from `effective_on` on."""

    subject: ClassVar[str] = "suspension"
    suspension: CreditSuspension


@attrs.frozen(kw_only=True)
class CreditReinstated(CaseEvent):
    """A suspension is over: the customer gets credit again."""

    subject: ClassVar[str] = "suspension"
    customer: CustomerId = attrs.field(converter=CustomerId)
    suspension: str
    reason: str = ""
    by: str = ""


@attrs.frozen(kw_only=True)
class CreditChecked(CaseEvent):
    """A request for credit was decided."""

    subject: ClassVar[str] = "decision"
    decision: CreditDecision


@attrs.frozen(kw_only=True)
class CreditReleased(CaseEvent):
    """Somebody released what had been held or refused, and says why and until when."""

    subject: ClassVar[str] = "decision"
    customer: CustomerId = attrs.field(converter=CustomerId)
    decision: str
    by: str
    reason: str
    until: dt.date | None = None


@attrs.frozen(kw_only=True)
class CreditReviewed(CaseEvent):
    """A customer's credit was reviewed."""

    subject: ClassVar[str] = "review"
    review: CreditReview


@attrs.frozen(kw_only=True)
class ScoreReceived(CaseEvent):
    """A bureau or an insurer told its score of a customer."""

    subject: ClassVar[str] = "score"
    score: ExternalScore


@attrs.frozen(kw_only=True)
class ScoreWithdrawn(CaseEvent):
    """A score was wrong, or meant somebody else; it stays readable, and counts no more."""

    subject: ClassVar[str] = "score"
    customer: CustomerId = attrs.field(converter=CustomerId)
    score: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class FinancialsReceived(CaseEvent):
    """The financial statement of a customer came in on `effective_on`, whatever year it is of."""

    subject: ClassVar[str] = "financials"
    financials: FinancialStatement


@attrs.frozen(kw_only=True)
class FinancialsWithdrawn(CaseEvent):
    """A financial statement was wrong; it stays readable, and counts no more."""

    subject: ClassVar[str] = "financials"
    customer: CustomerId = attrs.field(converter=CustomerId)
    financials: str
    reason: str = ""


@attrs.frozen(kw_only=True)
class InsolvencyReported(CaseEvent):
    """We learned that proceedings were opened against a customer."""

    subject: ClassVar[str] = "insolvency"
    insolvency: Insolvency


@attrs.frozen(kw_only=True)
class InsolvencyEnded(CaseEvent):
    """Proceedings were closed, or the report was wrong."""

    subject: ClassVar[str] = "insolvency"
    customer: CustomerId = attrs.field(converter=CustomerId)
    insolvency: str
    reason: str = ""
    irrecoverable_on: dt.date | None = None
    """The day of the certificate that nothing more will come, where there is one."""


@attrs.frozen(kw_only=True)
class InsurerNotified(CaseEvent):
    """A credit insurer was told something."""

    subject: ClassVar[str] = "insurer_notice"
    insurer_notice: InsurerNotice


@attrs.frozen(kw_only=True)
class SpecificAllowanceSet(CaseEvent):
    """A loss is expected on a customer's items by a person's judgment."""

    subject: ClassVar[str] = "specific"
    specific: SpecificAllowance


@attrs.frozen(kw_only=True)
class SpecificAllowanceEnded(CaseEvent):
    """A specific allowance does not count any more."""

    subject: ClassVar[str] = "specific"
    customer: CustomerId = attrs.field(converter=CustomerId)
    specific: str
    reason: str = ""
    by: str = ""


@attrs.frozen(kw_only=True)
class WriteOffRequested(CaseEvent):
    """Somebody asked to give up claims."""

    subject: ClassVar[str] = "write_off"
    write_off: WriteOffRequest


@attrs.frozen(kw_only=True)
class WriteOffDecided(CaseEvent):
    """A request to write off was approved, refused or withdrawn; several may have to approve."""

    subject: ClassVar[str] = "write_off"
    customer: CustomerId = attrs.field(converter=CustomerId)
    write_off: str
    outcome: WriteOffOutcome
    by: str
    reason: str = ""


CREDIT_EVENTS: Final[tuple[type[CaseEvent], ...]] = (
    CreditChecked,
    CreditReinstated,
    CreditReleased,
    CreditReviewed,
    CreditSuspended,
    FinancialsReceived,
    FinancialsWithdrawn,
    InsolvencyEnded,
    InsolvencyReported,
    InsurerNotified,
    LimitEnded,
    LimitGranted,
    ScoreReceived,
    ScoreWithdrawn,
    SpecificAllowanceEnded,
    SpecificAllowanceSet,
    WriteOffDecided,
    WriteOffRequested,
)
"""Every kind of event about credit and losses."""
