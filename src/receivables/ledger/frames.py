"""A ledger as data frames of any kind, and back without loss.

>>> import datetime as dt
>>> from receivables.documents import Invoice
>>> from receivables.ledger import DocumentIssued, Ledger
>>> from receivables.money import money
>>> invoice = Invoice(number="2026-0117", creditor="MIRA", customer="C-017",
...                   document_date=dt.date(2026, 9, 30), total=money("1200.00", "EUR"))
>>> learned = dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC)
>>> ledger = Ledger().record(DocumentIssued.of(invoice, recorded_at=learned))
>>> found = ledger.to_frames("polars")
>>> found.events.select("sequence", "kind", "customer", "amount_minor").rows()
[(1, 'DocumentIssued', 'C-017', 120000)]
>>> Ledger.from_frames(found).events == ledger.events
True
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from receivables import schemas
from receivables.documents.model import Document
from receivables.errors import DocumentError
from receivables.frames import (
    COLUMNS,
    ColumnType,
    FrameFault,
    FrameViolation,
    frame_of,
    inspect,
    refuse,
    rows_of,
)
from receivables.ledger.model import Event
from receivables.ledger.wire import from_text, to_text
from receivables.money import Money, to_minor
from receivables.receipts.model import Receipt

if TYPE_CHECKING:
    from receivables.ledger.objects import LedgerColumns

__all__ = ["LedgerFrames", "check_same", "events_of", "to_frames"]

_Row: TypeAlias = tuple[Any, ...]

_EXAMPLES_MAX: Final = 5
_NO_VALUES: Final = frozenset({"NAType", "NaTType"})
_ITEM_KEY: Final = tuple(schemas.ITEMS.names.index(name) for name in schemas.ITEMS.key)
_EVENT: Final = schemas.EVENTS.names.index("event")
_SEQUENCE: Final = schemas.EVENTS.names.index("sequence")
_BODY: Final = schemas.EVENTS.names.index("body")


@attrs.frozen(kw_only=True, eq=False)
class LedgerFrames:
    """A ledger as three frames of one kind, in the formats of `receivables.schemas`."""

    items: Any = attrs.field(repr=False)
    """Every item, whole: the format `ITEMS`."""
    moves: Any = attrs.field(repr=False)
    """What was settled of each: the format `MOVES`."""
    events: Any = attrs.field(repr=False)
    """The journal, which everything else follows from: the format `EVENTS`."""


def to_frames(events: Iterable[Event], columns: LedgerColumns, *, backend: str) -> LedgerFrames:
    """The frames of a ledger's events and columns; `Ledger.to_frames` is the way to call it."""
    rows = [_row(event, sequence) for sequence, event in enumerate(events, start=1)]
    names = schemas.EVENTS.names
    journal = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return LedgerFrames(
        items=frame_of(columns.items, backend=backend),
        moves=frame_of(columns.moves, backend=backend),
        events=frame_of(journal, backend=backend),
    )


def events_of(frame: object) -> tuple[Event, ...]:
    """The events of a journal's frame, in their order.

    Raises `FrameError` that lists all of it: what is wrong with the frame, places of the journal
    that are missing or taken twice, bodies that are no events, columns that say something else.
    """
    rows = sorted(_rows(frame, schemas.EVENTS), key=lambda row: int(row[_SEQUENCE]))
    violations = _places(rows)
    events: list[Event] = []
    broken: list[str] = []
    altered: dict[str, list[str]] = {}
    for row in rows:
        event = _event(row[_BODY])
        if event is None:
            broken.append(row[_EVENT])
            continue
        events.append(event)
        for name, said, meant in zip(
            schemas.EVENTS.names, row, _row(event, row[_SEQUENCE]), strict=True
        ):
            if said != meant:
                altered.setdefault(name, []).append(row[_EVENT])
    if broken:
        violations.append(_altered("body", broken, must="be the text of an event"))
    violations += [
        _altered(name, named, must="say what the body says") for name, named in altered.items()
    ]
    refuse(violations)
    return tuple(events)


def check_same(columns: LedgerColumns, given: LedgerFrames) -> None:
    """Refuse items and moves that are not those that follow from the journal.

    Raises `FrameError` that lists the rows that are missing, and those that were altered or added.
    """
    violations = [
        *_different_items(
            _expected(columns.items, schemas.ITEMS), _rows(given.items, schemas.ITEMS)
        ),
        *_different_moves(
            _expected(columns.moves, schemas.MOVES), _rows(given.moves, schemas.MOVES)
        ),
    ]
    refuse(violations)


def _row(event: Event, sequence: int) -> _Row:
    creditor, customer = _account(event)
    amount = _amount(event)
    return (
        int(sequence),
        event.event,
        type(event).__name__,
        creditor,
        customer,
        event.effective_on,
        event.recorded_at,
        None if amount is None else to_minor(amount),
        None if amount is None else amount.currency.code,
        to_text(event),
    )


def _account(event: Event) -> tuple[str, str | None]:
    """The creditor, and the customer where the event is on the account of one."""
    creditors, customers = [], []
    for key in event.accounts:
        creditor, _, customer = key.partition("|")
        creditors.append(creditor)
        customers.append(customer)
    if not creditors:
        # An allocation among items of nobody names its creditor, and no account.
        allocation = getattr(event, "allocation", None)
        return str(getattr(allocation, "creditor", "")), None
    # The key that counts closed periods is nobody's account.
    is_one = len(customers) == 1 and not customers[0].startswith("|")
    return creditors[0], customers[0] if is_one else None


def _amount(event: Event) -> Money | None:
    """The amount that an event is about, where it is about one."""
    document, receipt = getattr(event, "document", None), getattr(event, "receipt", None)
    if isinstance(document, Document):
        return document.total
    amount = receipt.amount if isinstance(receipt, Receipt) else getattr(event, "amount", None)
    return amount if isinstance(amount, Money) else None


def _event(body: str) -> Event | None:
    """The event of a body that is exactly what would be written of it."""
    try:
        event = from_text(body)
    except DocumentError:
        return None
    return event if to_text(event) == body else None


def _rows(frame: object, schema: schemas.FrameSchema) -> list[_Row]:
    """The rows of a frame as Python values, in the columns of a schema; refuses what breaks it."""
    refuse(schemas.check_frame(frame, schema), found=_names(frame))
    table, _ = inspect(frame, needs=schema.names, trusted=True)
    kinds = [COLUMNS[name] for name in schema.names]
    return [
        tuple(_plain(value, kind) for value, kind in zip(row, kinds, strict=True))
        for row in rows_of(table.frame.select(*schema.names))
    ]


def _names(frame: object) -> tuple[str, ...]:
    return tuple(inspect(frame, needs=(), trusted=True)[0].types)


def _expected(columns: Mapping[str, Sequence[object]], schema: schemas.FrameSchema) -> list[_Row]:
    return list(zip(*(columns[name] for name in schema.names), strict=True))


def _plain(value: Any, kind: ColumnType) -> Any:  # noqa: ANN401  # whatever an engine calls it
    """A value of an engine as one of Python; the gaps of pandas are equal to nothing."""
    if value is None or type(value).__name__ in _NO_VALUES or bool(value != value):  # noqa: PLR0124  # a NaN
        return None
    if kind is ColumnType.MOMENT:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    if kind is ColumnType.DATE:
        return value.date() if isinstance(value, dt.datetime) else value
    return int(value) if kind in (ColumnType.MINOR, ColumnType.COUNT) else str(value)


def _places(rows: Sequence[_Row]) -> list[FrameViolation]:
    """What is wrong with the places of the events in their journal."""
    taken = Counter(row[_SEQUENCE] for row in rows)
    last = max([*taken, 0])
    missing = [place for place in range(1, last + 1) if place not in taken]
    twice = [place for place, count in taken.items() if count > 1 or place < 1]
    violations = []
    if missing:
        violations.append(_missing("sequence", missing, what="events"))
    if twice:
        violations.append(_altered("sequence", twice, must="number the events from 1"))
    return violations


def _different_items(expected: Sequence[_Row], given: Sequence[_Row]) -> list[FrameViolation]:
    journal, shown = ({_key(row): row for row in rows} for rows in (expected, given))
    altered: dict[str, list[str]] = {}
    for key in journal.keys() & shown.keys():
        for name, meant, said in zip(schemas.ITEMS.names, journal[key], shown[key], strict=True):
            if meant != said:
                altered.setdefault(name, []).append(key[-1])
    missing = [key[-1] for key in journal if key not in shown]
    added = [key[-1] for key in shown if key not in journal]
    violations = [_missing("item", missing, what="items")] if missing else []
    if added:
        violations.append(_altered("item", added, must="be an item of the journal"))
    return violations + [
        _altered(name, sorted(altered[name]), must="say what the journal says")
        for name in schemas.ITEMS.names
        if name in altered
    ]


def _different_moves(expected: Sequence[_Row], given: Sequence[_Row]) -> list[FrameViolation]:
    journal, shown = Counter(expected), Counter(given)
    missing = [_key(row)[-1] for row in (journal - shown).elements()]
    added = [_key(row)[-1] for row in (shown - journal).elements()]
    violations = [_missing("item", missing, what="moves")] if missing else []
    if added:
        violations.append(_altered("item", added, must="have the moves of the journal"))
    return violations


def _key(row: _Row) -> tuple[str, str]:
    # Items and moves have their key in the same places.
    creditor, item = _ITEM_KEY
    return row[creditor], row[item]


def _missing(column: str, names: Sequence[object], *, what: str) -> FrameViolation:
    return FrameViolation(
        column=column,
        fault=FrameFault.MISSING_ROWS,
        what=f"{what} must all be there, missing are {_listed(names)}",
        count=len(names),
        examples=tuple(names[:_EXAMPLES_MAX]),
    )


def _altered(column: str, names: Sequence[object], *, must: str) -> FrameViolation:
    return FrameViolation(
        column=column,
        fault=FrameFault.ALTERED,
        what=f"column {column} must {must}, got something else in {_listed(names)}",
        count=len(names),
        examples=tuple(names[:_EXAMPLES_MAX]),
    )


def _listed(names: Sequence[object]) -> str:
    named = ", ".join(str(name) for name in names[:_EXAMPLES_MAX])
    more = len(names) - _EXAMPLES_MAX
    return f"{named} and {more} more" if more > 0 else named
