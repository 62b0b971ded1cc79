"""Dunning: procedures of levels as data, and who gets which notice on which day."""

from receivables.dunning.model import (
    STANDARD,
    DunningLevel,
    DunningProcedure,
    DunningRun,
    Skipped,
    SkipReason,
)
from receivables.dunning.objects import propose

__all__ = [
    "STANDARD",
    "DunningLevel",
    "DunningProcedure",
    "DunningRun",
    "SkipReason",
    "Skipped",
    "propose",
]
