"""Batches of what another system is to book, what would be sent for them, and what came back.

>>> import datetime as dt
>>> from receivables.money import money
>>> paid = ReceiptPosting(receipt="R-1", customer="C-017", amount=money("120.00", "EUR"),
...                       booking_date=dt.date(2026, 10, 5),
...                       applications=[AppliedPart(document="F-1", amount_minor=10000)])
>>> paid.on_account_minor
2000
>>> PostingBatch.of([paid], creditor="MIRA", target="m3").posting
'm3-9e0b13346441345e'
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import attrs

from receivables.accounting.model import JournalEntry
from receivables.casework.postings import LineAnswer, LineOutcome
from receivables.documents.model import Document
from receivables.errors import DocumentError
from receivables.money import Money, exact, to_minor
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Problem
from receivables.receipts.model import ReceiptId, ReceiptMethod

__all__ = [
    "AppliedPart",
    "Payload",
    "PostingBatch",
    "PostingLine",
    "PostingProposal",
    "PostingRecord",
    "PostingResult",
    "ReceiptPosting",
    "plain_key",
]


@attrs.frozen(kw_only=True)
class AppliedPart:
    """A part of a receipt that pays a document; positive minor units of the receipt's currency."""

    document: str
    amount_minor: int
    installment: int = 1
    discount_minor: int = 0
    """The settlement discount that is granted with it, on top of the amount."""


def _applications(values: Iterable[AppliedPart]) -> tuple[AppliedPart, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ReceiptPosting:
    """A receipt as another system books it: how much, from whom, and which documents it pays.

    What the applications leave stays on account.  Raises `DocumentError` where they come to more
    than the amount.
    """

    receipt: ReceiptId = attrs.field(converter=ReceiptId)
    customer: CustomerId = attrs.field(converter=CustomerId)
    amount: Money = attrs.field(converter=exact)
    booking_date: dt.date
    applications: tuple[AppliedPart, ...] = attrs.field(default=(), converter=_applications)
    account: str = ""
    """The bank account, or the processor, that it came in on."""
    method: ReceiptMethod = ReceiptMethod.UNSAID
    reference: str = ""
    text: str = ""

    @applications.validator
    def _check_applications(self, _attribute: object, value: tuple[AppliedPart, ...]) -> None:
        if any(part.amount_minor <= 0 for part in value):
            msg = f"applications of {self.receipt} must be positive, got one that is not"
            raise DocumentError(msg)
        if sum(part.amount_minor for part in value) > to_minor(self.amount):
            msg = f"applications of {self.receipt} must come to {self.amount!r} at most, got more"
            raise DocumentError(msg)

    @property
    def on_account_minor(self) -> int:
        """What is left of it for the customer's account."""
        return to_minor(self.amount) - sum(part.amount_minor for part in self.applications)


PostingRecord: TypeAlias = JournalEntry | ReceiptPosting | Document
"""What another system can be asked to book."""


@attrs.frozen
class PostingLine:
    """One record under the key that names it for good, in whatever batch it is sent.

    A ``~`` sets the key apart from the number of the attempt, so one in a name is written ``%7E``.

    >>> paid = ReceiptPosting(receipt="stripe~2", customer="C-017",
    ...                       amount=Money("1.00", "EUR"), booking_date=dt.date(2026, 10, 5))
    >>> line = PostingLine.of(paid)
    >>> line.again(2).line, line.again(2).plain == line.plain
    ('receipt:stripe%7E2~2', True)
    """

    line: str
    record: PostingRecord

    @classmethod
    def of(cls, record: PostingRecord) -> PostingLine:
        """The line of a record: its kind and its own name."""
        if isinstance(record, JournalEntry):
            return cls(f"entry:{_escaped(record.entry)}", record)
        if isinstance(record, ReceiptPosting):
            return cls(f"receipt:{_escaped(record.receipt)}", record)
        return cls(f"{record.kind.value}:{_escaped(record.number)}", record)

    def again(self, attempt: int) -> PostingLine:
        """The line under the key of another attempt, counted from 1."""
        return PostingLine(f"{self.plain}~{attempt}" if attempt > 1 else self.plain, self.record)

    @property
    def plain(self) -> str:
        """Its key without the attempt."""
        return plain_key(self.line)


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("~", "%7E")


def plain_key(line: str) -> str:
    """The key of a line without the number of its attempt.

    >>> plain_key("receipt:r-1~3")
    'receipt:r-1'
    """
    return line.partition("~")[0]


def _lines(values: Iterable[PostingLine]) -> tuple[PostingLine, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PostingBatch:
    """Lines that are sent together, under a key that is made of them and never changes.

    Raises `DocumentError` where a line stands in it twice, or none does.
    """

    posting: str
    creditor: CreditorId = attrs.field(converter=CreditorId)
    target: str
    lines: tuple[PostingLine, ...] = attrs.field(converter=_lines)

    @lines.validator
    def _check_lines(self, _attribute: object, value: tuple[PostingLine, ...]) -> None:
        names = [line.line for line in value]
        if not names or len(set(names)) < len(names):
            msg = f"lines of {self.posting} must be there, each once, got {len(names)}"
            raise DocumentError(msg)

    @classmethod
    def of(cls, records: Iterable[PostingRecord], *, creditor: str, target: str) -> PostingBatch:
        """A batch of records; the same records for the same target have the same key."""
        lines = [PostingLine.of(record) for record in records]
        return cls.of_lines(lines, creditor=creditor, target=target)

    @classmethod
    def of_lines(cls, lines: Sequence[PostingLine], *, creditor: str, target: str) -> PostingBatch:
        """A batch of lines that have their keys already."""
        names = json.dumps([creditor, *(line.line for line in lines)])
        key = hashlib.sha256(names.encode()).hexdigest()[:16]
        return cls(
            posting=f"{target}-{key}", creditor=CreditorId(creditor), target=target, lines=lines
        )

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the lines say."""
        said = [(line.line, _plain(line.record)) for line in self.lines]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a record
    if attrs.has(type(value)):
        fields = [each for each in attrs.fields(type(value)) if each.eq]
        return {each.name: _plain(getattr(value, each.name)) for each in fields}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if isinstance(value, bool | int | None) else str(value)


@attrs.frozen(kw_only=True)
class Payload:
    """What would be sent, as it would be sent; secrets are not in it."""

    name: str
    media_type: str
    content: bytes = attrs.field(repr=False)


def _payloads(values: Iterable[Payload]) -> tuple[Payload, ...]:
    return tuple(values)


def _problems(values: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PostingProposal:
    """What would be sent for a batch, for a person to look at; making it reaches nobody.

    `problems` say which lines the other system cannot take, and why (field: the line).
    """

    batch: PostingBatch
    payloads: tuple[Payload, ...] = attrs.field(default=(), converter=_payloads)
    problems: tuple[Problem, ...] = attrs.field(default=(), converter=_problems)

    @property
    def is_sendable(self) -> bool:
        """Whether nothing stands against it."""
        return not any(problem.is_error for problem in self.problems)


def _answers(values: Iterable[LineAnswer]) -> tuple[LineAnswer, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class PostingResult:
    """What became of a batch: an answer for each of its lines."""

    posting: str
    answers: tuple[LineAnswer, ...] = attrs.field(converter=_answers)

    @classmethod
    def unknown(cls, batch: PostingBatch, message: str = "") -> PostingResult:
        """The result where no answer came: nothing is known of any line."""
        return cls.same(batch, LineOutcome.UNKNOWN, message=message)

    @classmethod
    def same(cls, batch: PostingBatch, outcome: LineOutcome, **said: str) -> PostingResult:
        """The result in which all lines have one answer."""
        answers = [LineAnswer(line=line.line, outcome=outcome, **said) for line in batch.lines]
        return cls(posting=batch.posting, answers=answers)

    def of(self, outcome: LineOutcome) -> tuple[LineAnswer, ...]:
        """The answers of one outcome."""
        return tuple(answer for answer in self.answers if answer.outcome is outcome)

    @property
    def is_settled(self) -> bool:
        """Whether something is known of every line."""
        return not self.of(LineOutcome.UNKNOWN)
