"""What a plug-in brings: a frozen descriptor per adapter, and the protocols that adapters obey.

Adapters never read the clock or the network by themselves.  A reader gets an open binary stream
and a name for its messages; whoever calls it opened the file.  An adapter of a service gets a
`receivables.transports.Runtime`: the way there, secrets, a clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Generic, Protocol, TypeAlias, TypeVar

import attrs

from receivables.errors import PolicyError

if TYPE_CHECKING:
    from receivables.accounting.model import Journal
    from receivables.aging.model import Aging
    from receivables.allocation.model import SourceAllocation
    from receivables.casework.credit import CreditLimit, ExternalScore
    from receivables.casework.financials import FinancialStatement
    from receivables.casework.losses import Insolvency
    from receivables.contacts import Activity, DirectoryEntry
    from receivables.credit.model import Commitment
    from receivables.days import BusinessCalendar
    from receivables.documents.model import Document, OpenItem
    from receivables.interest.model import RateSeries
    from receivables.ledger.model import AccountKey, Event
    from receivables.letters.model import Letter
    from receivables.money import Money
    from receivables.outbox.model import PostingBatch, PostingProposal, PostingResult
    from receivables.parties import Customer
    from receivables.portfolio import PortfolioReport
    from receivables.problems import Problem
    from receivables.reading import Read
    from receivables.receipts.advices import AdviceBatch, PaymentAdvice
    from receivables.receipts.model import BankEntry, BankStatement, Receipt
    from receivables.receipts.payouts import Payout, ProcessorDispute, ProcessorMovement
    from receivables.transports.model import Runtime

__all__ = [
    "API_VERSION",
    "VERIFICATIONS",
    "AdapterSpec",
    "AdviceReader",
    "AdviceRecord",
    "AllocationOrder",
    "Appended",
    "Attachment",
    "CalendarSource",
    "ContactDirectory",
    "CreditRecord",
    "CreditSource",
    "DirectoryRecord",
    "Draft",
    "EventStore",
    "JournalWriter",
    "LedgerQuery",
    "LedgerRecord",
    "LedgerService",
    "LedgerSource",
    "LetterRenderer",
    "Message",
    "MessageTransport",
    "NoSettings",
    "PayoutReader",
    "PayoutRecord",
    "PayoutService",
    "PortfolioWriter",
    "PostingTarget",
    "RateSource",
    "ReportWriter",
    "StatementReader",
    "StatementRecord",
    "Verified",
]

API_VERSION: Final = (1, 0)
"""Major and minor version of these protocols; a plug-in with another major version is refused."""

VERIFICATIONS: Final = (
    "live",
    "third-party recording",
    "independent emulator",
    "own fake only",
)
"""How an adapter can have been verified, the best first."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")

T = TypeVar("T")

LedgerRecord: TypeAlias = "Customer | Document | Receipt | SourceAllocation"
AdviceRecord: TypeAlias = "PaymentAdvice | AdviceBatch"
CreditRecord: TypeAlias = (
    "ExternalScore | FinancialStatement | CreditLimit | Commitment | Insolvency"
)
DirectoryRecord: TypeAlias = "DirectoryEntry | Activity"
PayoutRecord: TypeAlias = "ProcessorMovement | Payout | ProcessorDispute"
StatementRecord: TypeAlias = "BankEntry | BankStatement"


def _abilities(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _attachments(values: Iterable[Attachment]) -> tuple[Attachment, ...]:
    return tuple(values)


@attrs.frozen
class NoSettings:
    """The settings of an adapter that has none."""


@attrs.frozen(kw_only=True)
class AdapterSpec(Generic[T]):
    """One adapter, described; nothing of it is imported before `build` is called.

    `factory` takes an instance of `settings` and returns the adapter; where `connects` is true, it
    takes a `Runtime` as well.  `capabilities` are the abilities that the conformance class of its
    hook will ask for.

    >>> spec = AdapterSpec(name="nothing", summary="an example", factory=lambda settings: settings)
    >>> spec.build({})
    NoSettings()
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(_NAME))
    summary: str
    factory: Callable[..., T]
    settings: type = NoSettings
    connects: bool = False
    """Whether it talks to another system, and is built with a runtime."""
    capabilities: frozenset[str] = attrs.field(default=frozenset(), converter=_abilities)
    api_version: tuple[int, int] = API_VERSION
    verified: str = attrs.field(
        default="own fake only", validator=attrs.validators.in_(VERIFICATIONS)
    )
    extra: str = ""
    """The extra of `receivables` that brings what it needs, where it needs something."""

    def build(
        self, settings: Mapping[str, Any] | None = None, *, runtime: Runtime | None = None
    ) -> T:
        """Build the adapter from plain settings (TOML keys, with dashes or underscores).

        Raises `PolicyError` naming the key that is unknown, missing or of the wrong kind, and where
        an adapter that connects gets no runtime.
        """
        said = _settings(self, settings or {})
        if not self.connects:
            return self.factory(said)
        if runtime is None:
            msg = f"{self.name} must be built with a runtime, because it connects, got none"
            raise PolicyError(msg)
        return self.factory(said, runtime)


def _settings(spec: AdapterSpec[Any], given: Mapping[str, Any]) -> object:
    fields = {field.name: field for field in attrs.fields(spec.settings)}
    named = {key.replace("-", "_"): value for key, value in given.items()}
    if unknown := sorted(set(named) - set(fields)):
        known = ", ".join(sorted(fields)) or "none"
        msg = f"settings of {spec.name} must be among {known}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    try:
        return spec.settings(**named)
    except (TypeError, ValueError) as error:
        msg = f"settings of {spec.name} must be valid, got {error}"
        raise PolicyError(msg) from error


class AllocationOrder(Protocol):
    """An order in which money goes to open items."""

    def parts(
        self, amount_minor: int, items: Sequence[OpenItem], *, as_of: dt.date
    ) -> Sequence[int]:
        """How much each item gets, in the order the items were given, each zero to what is open.

        The parts add up to `amount_minor`, or to all that is open where that is less.
        """


class CalendarSource(Protocol):
    """Knows the public holidays of places."""

    def names(self) -> Sequence[str]:
        """The calendars it has (``FR``, ``CA-QC``, ``TARGET``…)."""

    def calendar(self, name: str, *, first: int, last: int) -> BusinessCalendar:
        """The business calendar of a place for the years `first` to `last`, both included.

        Raises `PolicyError` for a name that it does not have.
        """


class CreditSource(Protocol):
    """Reads what others say of customers: scores, statements, limits, commitments, insolvencies."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes (4,096 or fewer) and the name look like this format."""

    def read(self, stream: BinaryIO, *, name: str) -> Read[CreditRecord]:
        """Read; problems are noted with their place, and never raised."""


class JournalWriter(Protocol):
    """Writes a journal as one file of a format; the same journal gives the same bytes."""

    media_type: str
    suffix: str

    def write(self, journal: Journal) -> Iterator[bytes]:
        """Write, in pieces, so that a large journal never stands in memory twice.

        Raises `DocumentError` for what the format cannot say, before the first piece.
        """


class RateSource(Protocol):
    """Knows dated reference rates."""

    def series(self) -> Sequence[RateSeries]:
        """The series of rates, every row with its source and its status."""


class StatementReader(Protocol):
    """Reads bank statements: entries as they stream, a `BankStatement` after each last entry."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes (4,096 or fewer) and the name look like this format."""

    def read(self, stream: BinaryIO, *, name: str) -> Read[StatementRecord]:
        """Read; problems are noted with their place, and never raised."""


class AdviceReader(Protocol):
    """Reads payment advices: as they stream, an `AdviceBatch` after the last one of each batch."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes (4,096 or fewer) and the name look like this format."""

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their place, and never raised."""


@attrs.frozen(kw_only=True)
class LedgerQuery:
    """What is asked of an accounting system.

    Without `as_of`: what is open now.  With it: what was open at the end of that day, which takes
    what was settled since as well; an adapter without the ability ``as-of`` refuses it.
    """

    as_of: dt.date | None = None
    settled_since: dt.date | None = None
    """Also what was settled on this day or later, with the documents and the receipts it was of."""
    customers: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Only these customers; all of them where it is empty."""
    changed_since: dt.datetime | None = None
    """Only customers that were changed since; for `LedgerService.customers` alone."""


class LedgerService(Protocol):
    """Reads an accounting system over its interface, page by page.

    Every read says in its report whether it is whole: a page that failed, a row that came with an
    error, fewer rows than the system counts make it incomplete, with the rows that came kept.
    """

    def customers(self, query: LedgerQuery) -> Read[Customer]:
        """The customers."""

    def items(self, query: LedgerQuery) -> Read[LedgerRecord]:
        """Documents, receipts and what settles what; without ``settled_since``, what is open."""

    def credit(self, query: LedgerQuery) -> Read[CreditRecord]:
        """Limits, risk classes as scores, commitments; for the ability ``credit`` alone."""

    def control_totals(self, *, as_of: dt.date | None = None) -> Sequence[Money]:
        """What the system's own accounts say is receivable; for the ability ``control-totals``."""


class PayoutReader(Protocol):
    """Reads reports of a payment processor: movements as they stream, each payout after its own."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes (4,096 or fewer) and the name look like this report."""

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their place, and never raised.

        A payout whose movements do not come to its amount is an error ``payout.unbalanced``; a
        text that holds a card number is masked, and an error ``card.number``.
        """


class PayoutService(Protocol):
    """Reads a payment processor over its interface, page by page."""

    def payouts(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The payouts of some days, both included, each after the movements that it pays out.

        Movements of those days that are in no payout yet come too.
        """

    def disputes(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The disputes opened on some days, both included; for the ability ``disputes``."""


class PostingTarget(Protocol):
    """Books in another system: says first what it would send, never sends the same thing twice."""

    def propose(self, batch: PostingBatch) -> PostingProposal:
        """What would be sent, and which lines the system cannot take; reaches nobody."""

    def post(self, batch: PostingBatch) -> PostingResult:
        """Send a batch; for the ability ``send``.  Each line has an answer, whatever happens.

        Its key goes along wherever the system can keep it, so that a batch sent twice is booked
        once.  Where no answer came, the outcome is unknown, and nothing is raised.
        """

    def status(self, batch: PostingBatch) -> PostingResult:
        """What the system knows of a batch that was sent; for the ability ``status``.

        Refused means: certainly not booked.
        """


class ContactDirectory(Protocol):
    """Knows the people at customers, and keeps a record of what was done with them."""

    def read(self, files: Mapping[str, BinaryIO]) -> Read[DirectoryRecord]:
        """Read the directory's files, by their names: entries, then activities."""

    def write(self, activities: Iterable[Activity]) -> Iterator[tuple[str, bytes]]:
        """The files with which the directory takes in activities: a name and the content of each."""


@attrs.frozen(kw_only=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Message:
    """A message to one or more people; `key` names it for good, so that it is drafted once."""

    key: str
    to: tuple[str, ...] = attrs.field(converter=_texts)
    subject: str
    text: str
    cc: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    sender: str = ""
    """The mailbox that it is drafted in, where the transport has several."""
    locale: str = "en"
    attachments: tuple[Attachment, ...] = attrs.field(default=(), converter=_attachments)


@attrs.frozen(kw_only=True)
class Draft:
    """A message that waits for a person to send it: a file to open, or a place in a mailbox."""

    key: str
    name: str
    """The name of the file, or the subject."""
    reference: str = ""
    """The mailbox's own name of it."""
    content: bytes = attrs.field(default=b"", repr=False)
    """The file; empty where it lies in a mailbox already."""


class MessageTransport(Protocol):
    """Puts messages where a person finds them and sends them; it sends nothing by itself."""

    def draft(self, message: Message) -> Draft:
        """Draft a message; the same key again gives the draft that is there."""


class LedgerSource(Protocol):
    """Reads customers, documents, receipts and what the source says settles what."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes (4,096 or fewer) and the name look like this format."""

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; problems are noted with their place, and never raised."""


class LetterRenderer(Protocol):
    """Turns a composed letter into the bytes of one file; the same letter gives the same bytes."""

    media_type: str
    suffix: str

    def render(self, letter: Letter, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Render; a renderer without the capability ``attachments`` refuses any."""


class ReportWriter(Protocol):
    """Writes an aging as one file for people: a table, a workbook, a page."""

    media_type: str
    suffix: str

    def write(self, aging: Aging, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write; `names` are the customers' names by identifier, `locale` that of the reader."""


class PortfolioWriter(Protocol):
    """Writes a whole portfolio as one file for people: a workbook for the board, a page."""

    media_type: str
    suffix: str

    def write(self, report: PortfolioReport, *, names: Mapping[str, str], locale: str) -> bytes:
        """Write; `names` are the customers' names by identifier, `locale` that of the reader."""


@attrs.frozen(kw_only=True)
class Appended:
    """What an append did: events added, events that were there already, the head of the chain."""

    added: int
    known: int
    head: str


@attrs.frozen(kw_only=True)
class Verified:
    """What a verification found: how many events, the head of the chain, and every break in it."""

    events: int
    head: str
    problems: tuple[Problem, ...] = ()


class EventStore(Protocol):
    """Keeps the event journal: append-only, atomic, idempotent, tamper-evident."""

    def append(
        self, events: Sequence[Event], *, expected: Mapping[AccountKey, int] | None = None
    ) -> Appended:
        """Append all events or none.

        An event whose identity is known is skipped if it says the same (but for `recorded_at`), and
        raises `DuplicateEventError` otherwise.  `expected` gives the number of events that each
        account had when the writer read it; raises `ConcurrencyError` where one has another now.
        """

    def events(self) -> Iterator[Event]:
        """Every event in the order of recording."""

    def versions(self) -> Mapping[AccountKey, int]:
        """The number of events on each account."""

    def verify(self) -> Verified:
        """Recompute the hash chain."""

    def close(self) -> None:
        """Release the connection."""
