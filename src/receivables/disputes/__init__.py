"""Disputes and deductions: what is contested, by whom it is answered, what it holds back."""

from receivables.disputes.crediting import credit_note_requests, holdbacks_until_credited
from receivables.disputes.loading import dispute_policy
from receivables.disputes.model import (
    ContestedPart,
    CreditNoteRequest,
    DisputedAging,
    DisputeEffect,
    DisputePolicy,
    DisputeStanding,
    DisputeState,
    EscalationStep,
)
from receivables.disputes.objects import (
    age_disputed,
    allowance_effect,
    exposure_effect,
    holdbacks,
    open_disputes,
    split_disputed,
    standing_of,
    standings,
    to_columns,
)
from receivables.disputes.recording import (
    check_dispute,
    dispute_of_contact,
    dispute_opened,
    dispute_resolved,
    dispute_updated,
    escalations_due,
    open_deduction,
    undisputed_deductions,
)
from receivables.disputes.statistics import (
    DisputeGrouping,
    DisputeStatistics,
    DisputeStatisticsRow,
    dispute_statistics,
)

__all__ = [
    "ContestedPart",
    "CreditNoteRequest",
    "DisputeEffect",
    "DisputeGrouping",
    "DisputePolicy",
    "DisputeStanding",
    "DisputeState",
    "DisputeStatistics",
    "DisputeStatisticsRow",
    "DisputedAging",
    "EscalationStep",
    "age_disputed",
    "allowance_effect",
    "check_dispute",
    "credit_note_requests",
    "dispute_of_contact",
    "dispute_opened",
    "dispute_policy",
    "dispute_resolved",
    "dispute_statistics",
    "dispute_updated",
    "escalations_due",
    "exposure_effect",
    "holdbacks",
    "holdbacks_until_credited",
    "open_deduction",
    "open_disputes",
    "split_disputed",
    "standing_of",
    "standings",
    "to_columns",
    "undisputed_deductions",
]
