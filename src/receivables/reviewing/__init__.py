"""What a person decides about matches and notices: a table to read, a worksheet to edit, the way back.

`Review.of` lists the receipts that need a person; `Review.to_csv` and `Review.to_excel` make a
worksheet of it, and `read_review` takes the edited one back as proposals for `Book.confirm`.
"""

from __future__ import annotations

from receivables.reviewing.dunning_sheet import (
    DunningSheet,
    dunning_worksheet,
    read_dunning_worksheet,
)
from receivables.reviewing.model import Decision, Reviewed, ReviewEntry, ReviewRow
from receivables.reviewing.objects import Review, read_review

__all__ = [
    "Decision",
    "DunningSheet",
    "Review",
    "ReviewEntry",
    "ReviewRow",
    "Reviewed",
    "dunning_worksheet",
    "read_dunning_worksheet",
    "read_review",
]
