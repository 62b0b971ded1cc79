"""Proof and close: roll-forward, tie-out, checklist, and the file that an auditor gets."""

from receivables.closing.checklist import (
    Checklist,
    CloseCheck,
    Closing,
    ClosingPapers,
    Draft,
    Explanation,
    Finding,
    FindingItem,
    FindingStatus,
)
from receivables.closing.checks import CHECKS, MONTH_END, YEAR_END
from receivables.closing.file import close_file
from receivables.closing.model import (
    Difference,
    DifferenceCause,
    GlBalance,
    GlPosting,
    Movement,
    MovementKind,
    RollForward,
    RollForwardRow,
    TieOut,
    TieOutRow,
)
from receivables.closing.movements import control_movements, movements
from receivables.closing.objects import JournalHead, close, examine, journal_head
from receivables.closing.rolling import roll_forward
from receivables.closing.tying import gl_postings, gl_postings_from, tie_out

__all__ = [
    "CHECKS",
    "MONTH_END",
    "YEAR_END",
    "Checklist",
    "CloseCheck",
    "Closing",
    "ClosingPapers",
    "Difference",
    "DifferenceCause",
    "Draft",
    "Explanation",
    "Finding",
    "FindingItem",
    "FindingStatus",
    "GlBalance",
    "GlPosting",
    "JournalHead",
    "Movement",
    "MovementKind",
    "RollForward",
    "RollForwardRow",
    "TieOut",
    "TieOutRow",
    "close",
    "close_file",
    "control_movements",
    "examine",
    "gl_postings",
    "gl_postings_from",
    "journal_head",
    "movements",
    "roll_forward",
    "tie_out",
]
