"""What settles what: allocations as legs that sum to zero, unapplied cash, exact undo."""

from receivables.allocation.model import (
    Allocation,
    AllocationId,
    Leg,
    Residual,
    ResidualKind,
    SourceAllocation,
)
from receivables.allocation.objects import allocate, allocate_oldest_first

__all__ = [
    "Allocation",
    "AllocationId",
    "Leg",
    "Residual",
    "ResidualKind",
    "SourceAllocation",
    "allocate",
    "allocate_oldest_first",
]
