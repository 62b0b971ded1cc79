"""Events about what is sent to other systems to be booked there; none of them changes a balance.

`PostingSent` is recorded before anything leaves, so that whatever happens on the way, nothing is
sent twice: what was sent and not answered is asked about, never sent again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

import attrs

from receivables.casework.postings import LineAnswer, PostingNotice
from receivables.ledger.casework import CaseEvent
from receivables.parties import CustomerId

__all__ = ["POSTING_EVENTS", "PostingAnswered", "PostingSent"]


def _answers(values: Iterable[LineAnswer]) -> tuple[LineAnswer, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PostingSent(CaseEvent):
    """A batch is about to be sent to another system."""

    subject: ClassVar[str] = "posting"
    posting: PostingNotice


@attrs.frozen(kw_only=True)
class PostingAnswered(CaseEvent):
    """The other system said what became of lines of a batch; the last answer on a line counts."""

    subject: ClassVar[str] = "posting"
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    posting: str
    answers: tuple[LineAnswer, ...] = attrs.field(converter=_answers)
    by: str = ""


POSTING_EVENTS: Final[tuple[type[CaseEvent], ...]] = (PostingAnswered, PostingSent)
"""Every kind of event of this module."""
