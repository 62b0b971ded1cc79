"""Matching receipts with open items: claims weighed by their evidence, the batch assigned at once."""

from receivables.matching.facts import Facts
from receivables.matching.learning import lessons
from receivables.matching.model import (
    Evidence,
    EvidenceKind,
    MatchingPolicy,
    MatchProposal,
    Outcome,
    Proposals,
    ShortageRule,
)
from receivables.matching.objects import match
from receivables.matching.searching import SearchOutcome, SubsetSearch, subsets_adding_up

__all__ = [
    "Evidence",
    "EvidenceKind",
    "Facts",
    "MatchProposal",
    "MatchingPolicy",
    "Outcome",
    "Proposals",
    "SearchOutcome",
    "ShortageRule",
    "SubsetSearch",
    "lessons",
    "match",
    "subsets_adding_up",
]
