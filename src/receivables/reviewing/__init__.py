"""What a person decides about matches: a table to read, a worksheet to edit, and the way back.

`Review.of` lists the receipts that need a person; `Review.to_csv` and `Review.to_excel` make a
worksheet of it, and `read_review` takes the edited one back as proposals for `Book.confirm`.
"""

from __future__ import annotations

from receivables.reviewing.model import Decision, Reviewed, ReviewEntry, ReviewRow
from receivables.reviewing.objects import Review, read_review

__all__ = ["Decision", "Review", "ReviewEntry", "ReviewRow", "Reviewed", "read_review"]
