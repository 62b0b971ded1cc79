"""Cash application: which receipt pays what, why, and how sure that is."""

from receivables.matching.model import (
    Evidence,
    EvidenceKind,
    MatchingPolicy,
    MatchProposal,
    Outcome,
    Proposals,
)
from receivables.matching.objects import match

__all__ = [
    "Evidence",
    "EvidenceKind",
    "MatchProposal",
    "MatchingPolicy",
    "Outcome",
    "Proposals",
    "match",
]
