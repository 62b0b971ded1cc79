"""Customer master data: proposals with four eyes, completeness, duplicates, reviews, privacy."""

from __future__ import annotations

from receivables.customers.completeness import (
    Completeness,
    CompletenessPolicy,
    CompletenessRule,
    MissingDatum,
    completeness,
)
from receivables.customers.duplicates import (
    DuplicateCandidate,
    DuplicatePolicy,
    DuplicateReason,
    DuplicateSign,
    MergeConflict,
    MergeProposal,
    duplicates,
    merge_proposal,
)
from receivables.customers.model import (
    ChangeEvidence,
    ChangePolicy,
    CustomerChange,
    CustomerProposal,
    FieldChange,
    ProposalDecision,
    ProposalKind,
    ProposalStanding,
    ProposalState,
)
from receivables.customers.plain import from_plain, to_plain
from receivables.customers.privacy import (
    DataSubject,
    PersonFinding,
    export_person,
    find_person,
    mask_person,
)
from receivables.customers.register import (
    CustomerMasked,
    CustomerRegister,
    CustomerReviewed,
    CustomerTakenOver,
    ProposalRecorded,
)
from receivables.customers.retention import (
    ErasureReview,
    ErasureVerdict,
    PersonalDataKind,
    RetentionFacts,
    RetentionPolicy,
    RetentionReason,
    RetentionRule,
    RetentionStart,
    erasure_review,
    retention_facts,
)
from receivables.customers.reviewing import (
    RecordReviewDue,
    RecordReviewPolicy,
    RecordReviewReason,
    record_reviews_due,
)
from receivables.customers.validation import check_customer

__all__ = [
    "ChangeEvidence",
    "ChangePolicy",
    "Completeness",
    "CompletenessPolicy",
    "CompletenessRule",
    "CustomerChange",
    "CustomerMasked",
    "CustomerProposal",
    "CustomerRegister",
    "CustomerReviewed",
    "CustomerTakenOver",
    "DataSubject",
    "DuplicateCandidate",
    "DuplicatePolicy",
    "DuplicateReason",
    "DuplicateSign",
    "ErasureReview",
    "ErasureVerdict",
    "FieldChange",
    "MergeConflict",
    "MergeProposal",
    "MissingDatum",
    "PersonFinding",
    "PersonalDataKind",
    "ProposalDecision",
    "ProposalKind",
    "ProposalRecorded",
    "ProposalStanding",
    "ProposalState",
    "RecordReviewDue",
    "RecordReviewPolicy",
    "RecordReviewReason",
    "RetentionFacts",
    "RetentionPolicy",
    "RetentionReason",
    "RetentionRule",
    "RetentionStart",
    "check_customer",
    "completeness",
    "duplicates",
    "erasure_review",
    "export_person",
    "find_person",
    "from_plain",
    "mask_person",
    "merge_proposal",
    "record_reviews_due",
    "retention_facts",
    "to_plain",
]
