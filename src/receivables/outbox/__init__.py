"""What is to be booked in another system: batches, proposals, answers, and never anything twice."""

from receivables.outbox.model import (
    AppliedPart,
    Payload,
    PostingBatch,
    PostingLine,
    PostingProposal,
    PostingRecord,
    PostingResult,
    ReceiptPosting,
)
from receivables.outbox.objects import (
    PostingStanding,
    answered,
    batches,
    sent,
    standings,
)
from receivables.outbox.receipts import receipt_postings

__all__ = [
    "AppliedPart",
    "Payload",
    "PostingBatch",
    "PostingLine",
    "PostingProposal",
    "PostingRecord",
    "PostingResult",
    "PostingStanding",
    "ReceiptPosting",
    "answered",
    "batches",
    "receipt_postings",
    "sent",
    "standings",
]
