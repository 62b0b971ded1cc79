"""What a plug-in brings: a frozen descriptor per adapter, and the protocols that adapters obey.

Adapters never read the clock or the network by themselves.  A reader gets an open binary stream
and a name for its messages; whoever calls it opened the file.
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
    from receivables.credit.model import Commitment
    from receivables.days import BusinessCalendar
    from receivables.documents.model import Document, OpenItem
    from receivables.interest.model import RateSeries
    from receivables.ledger.model import AccountKey, Event
    from receivables.letters.model import Letter
    from receivables.parties import Customer
    from receivables.problems import Problem
    from receivables.reading import Read
    from receivables.receipts.advices import AdviceBatch, PaymentAdvice
    from receivables.receipts.model import BankEntry, BankStatement, Receipt

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
    "CreditRecord",
    "CreditSource",
    "EventStore",
    "JournalWriter",
    "LedgerRecord",
    "LedgerSource",
    "LetterRenderer",
    "NoSettings",
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
StatementRecord: TypeAlias = "BankEntry | BankStatement"


def _abilities(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


@attrs.frozen
class NoSettings:
    """The settings of an adapter that has none."""


@attrs.frozen(kw_only=True)
class AdapterSpec(Generic[T]):
    """One adapter, described; nothing of it is imported before `build` is called.

    `factory` takes an instance of `settings` and returns the adapter.  `capabilities` are the
    abilities that the conformance class of its hook will ask for.

    >>> spec = AdapterSpec(name="nothing", summary="an example", factory=lambda settings: settings)
    >>> spec.build({})
    NoSettings()
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(_NAME))
    summary: str
    factory: Callable[[Any], T]
    settings: type = NoSettings
    capabilities: frozenset[str] = attrs.field(default=frozenset(), converter=_abilities)
    api_version: tuple[int, int] = API_VERSION
    verified: str = attrs.field(
        default="own fake only", validator=attrs.validators.in_(VERIFICATIONS)
    )
    extra: str = ""
    """The extra of `receivables` that brings what it needs, where it needs something."""

    def build(self, settings: Mapping[str, Any] | None = None) -> T:
        """Build the adapter from plain settings (TOML keys, with dashes or underscores).

        Raises `PolicyError` naming the key that is unknown, missing or of the wrong kind.
        """
        return self.factory(_settings(self, settings or {}))


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


class LedgerSource(Protocol):
    """Reads customers, documents, receipts and what the source says settles what."""

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes (4,096 or fewer) and the name look like this format."""

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; problems are noted with their place, and never raised."""


@attrs.frozen(kw_only=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes = attrs.field(repr=False)


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
