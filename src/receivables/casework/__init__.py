"""What people say, promise, contest and agree on about open items, as values that are kept for good.

The ledger records them as events (`receivables.ledger.casework`); what follows from them is decided
above it: by `promises`, `disputes`, `conduct`, `dunning`, `collection` and `referral`.
"""

from receivables.casework.blocks import BlockReason, DunningBlock
from receivables.casework.contacts import (
    Actor,
    ContactNote,
    ContactOutcome,
    ContactWish,
    Direction,
    NonPaymentReason,
)
from receivables.casework.credit import (
    CheckOutcome,
    Collateral,
    CollateralKind,
    CreditDecision,
    CreditFinding,
    CreditLimit,
    CreditRequest,
    CreditRequestKind,
    CreditReview,
    CreditRule,
    CreditSuspension,
    ExternalScore,
    LimitKind,
    LimitScope,
    ReviewAction,
    SuspensionReason,
)
from receivables.casework.disputes import (
    Dispute,
    DisputedPart,
    DisputeOutcome,
    DisputeOwner,
    DisputeReason,
)
from receivables.casework.financials import FIGURES, FinancialStatement
from receivables.casework.holding import Holdback, HoldReason
from receivables.casework.losses import (
    AllowanceReason,
    Insolvency,
    InsolvencyKind,
    InsurerNotice,
    InsurerNoticeKind,
    SpecificAllowance,
    WriteOffOutcome,
    WriteOffReason,
    WriteOffRequest,
    WrittenOffPart,
)
from receivables.casework.payouts import SettledPayout
from receivables.casework.postings import LineAnswer, LineOutcome, PostingNotice
from receivables.casework.promises import (
    BreakClause,
    PaymentPlan,
    PlanEnd,
    PlanInstallment,
    PromiseToPay,
)
from receivables.casework.referrals import Referral, ReferralEnd, ReferralKind, ReferredItem
from receivables.casework.requests import CustomerRequest, RequestKind, RequestOutcome

__all__ = [
    "FIGURES",
    "Actor",
    "AllowanceReason",
    "BlockReason",
    "BreakClause",
    "CheckOutcome",
    "Collateral",
    "CollateralKind",
    "ContactNote",
    "ContactOutcome",
    "ContactWish",
    "CreditDecision",
    "CreditFinding",
    "CreditLimit",
    "CreditRequest",
    "CreditRequestKind",
    "CreditReview",
    "CreditRule",
    "CreditSuspension",
    "CustomerRequest",
    "Direction",
    "Dispute",
    "DisputeOutcome",
    "DisputeOwner",
    "DisputeReason",
    "DisputedPart",
    "DunningBlock",
    "ExternalScore",
    "FinancialStatement",
    "HoldReason",
    "Holdback",
    "Insolvency",
    "InsolvencyKind",
    "InsurerNotice",
    "InsurerNoticeKind",
    "LimitKind",
    "LimitScope",
    "LineAnswer",
    "LineOutcome",
    "NonPaymentReason",
    "PaymentPlan",
    "PlanEnd",
    "PlanInstallment",
    "PostingNotice",
    "PromiseToPay",
    "Referral",
    "ReferralEnd",
    "ReferralKind",
    "ReferredItem",
    "RequestKind",
    "RequestOutcome",
    "ReviewAction",
    "SettledPayout",
    "SpecificAllowance",
    "SuspensionReason",
    "WriteOffOutcome",
    "WriteOffReason",
    "WriteOffRequest",
    "WrittenOffPart",
]
