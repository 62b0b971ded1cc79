"""What is sent to another system to be booked there: batches, their lines, and what came back.

A batch has a key that is made before anything is sent and never changes; a line has one of its own.
The other system sees the key of the batch where it can keep one, so that the same batch sent twice
is booked once.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import attrs

from receivables.errors import DocumentError
from receivables.parties import CustomerId

__all__ = ["LineAnswer", "LineOutcome", "PostingNotice"]


class LineOutcome(enum.Enum):
    """What became of a line that was sent."""

    POSTED = "posted"
    REFUSED = "refused"
    """The other system looked at it and booked nothing; it may be mended and sent again."""
    UNKNOWN = "unknown"
    """No answer came: it may be booked or not, and is never sent again before that is known."""


@attrs.frozen(kw_only=True)
class LineAnswer:
    """What the other system said of one line."""

    line: str
    outcome: LineOutcome = attrs.field(converter=LineOutcome)
    reference: str = ""
    """The number under which it is booked there."""
    code: str = ""
    message: str = ""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PostingNotice:
    """What is about to be sent: kept before it leaves, so that a crash in between is noticed.

    `digest` is the SHA-256 of what the batch says, so that one key never means two things.
    """

    posting: str = attrs.field()
    """The key of the batch."""
    target: str
    lines: tuple[str, ...] = attrs.field(converter=_texts)
    digest: str
    by: str = ""
    customer: CustomerId = attrs.field(default=CustomerId(""), converter=CustomerId)
    """Empty: a batch is of no customer."""

    @posting.validator
    def _check_posting(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "posting must have a key, got an empty one"
            raise DocumentError(msg)
