"""Aging: who owes how much since when, as of any day, in buckets that add up to what is open."""

from receivables.aging.model import (
    AgeBasis,
    AgedItem,
    Aging,
    AgingRow,
    AgingScheme,
    Credits,
    Undated,
)
from receivables.aging.objects import age

__all__ = [
    "AgeBasis",
    "AgedItem",
    "Aging",
    "AgingRow",
    "AgingScheme",
    "Credits",
    "Undated",
    "age",
]
