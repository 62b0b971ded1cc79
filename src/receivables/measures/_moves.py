"""What moved each item, on which day and why; and every item from one day to a later one.

The ledger says what was open on either day; the events between say why it changed.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.aging.model import AgeBasis, AgingScheme, Undated
from receivables.aging.rules import bucket, undated_message
from receivables.allocation.model import Allocation, Residual, ResidualKind
from receivables.days import check_day, days_past
from receivables.documents.model import Document, OpenItem
from receivables.documents.objects import open_items
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.model import (
    Allocated,
    DocumentCancelled,
    DocumentIssued,
    Event,
    ReceiptRecorded,
    ReceiptReturned,
    Unallocated,
)
from receivables.ledger.objects import Ledger
from receivables.measures.model import GroupBy
from receivables.money import to_minor

__all__ = ["Groups", "ItemMove", "MoveCause", "Passage", "Watch", "bucket_on", "item_moves"]

GroupKey: TypeAlias = tuple[str, str, str, str]
"""Creditor, segment, customer and currency, as `MeasureFigure.group` has them."""

ItemKey: TypeAlias = tuple[str, str]
"""Creditor and item."""


class MoveCause(enum.Enum):
    """Why the open amount of an item changed."""

    INVOICED = "invoiced"
    """An invoice or a debit note came."""
    PAID = "paid"
    """Money came, went to an item, or went back."""
    CREDITED = "credited"
    """A credit note came or was set against an item, or a document was cancelled."""
    WRITTEN_OFF = "written-off"
    """Given up."""
    OTHER = "other"
    """Discounts, differences, charges, what was kept back and put on an item of its own, refunds."""


@attrs.frozen(kw_only=True)
class ItemMove:
    """One change of the open amount of an item: positive where the customer owes more by it."""

    creditor: str
    item: str
    on: dt.date
    recorded_at: dt.datetime
    cause: MoveCause
    amount_minor: int


def item_moves(
    ledger: Ledger, creditor: str | None = None, *, known_at: dt.datetime | None = None
) -> tuple[ItemMove, ...]:
    """Every change of every item in the order of recording; with `known_at`, as known then.

    Summed up to a day, the changes of an item are what is open of it on that day.  What an allocation
    takes off an item is paid as far as receipts bear it and credited as far as credit notes do, in
    proportion where both do; residuals have causes of their own.
    """
    walk = _Walk()
    return tuple(
        move
        for event in ledger.events
        if known_at is None or event.recorded_at <= known_at
        for move in walk.of(event)
        if creditor in (None, move.creditor)
    )


_RESIDUAL_CAUSES: Final[Mapping[ResidualKind, MoveCause]] = MappingProxyType(
    {ResidualKind.WRITE_OFF: MoveCause.WRITTEN_OFF}
)


@attrs.define
class _Walk:
    """Remembers of a ledger what a later event does not say itself."""

    documents: dict[ItemKey, Document] = attrs.field(factory=dict)
    receipts: dict[ItemKey, int] = attrs.field(factory=dict)
    """What each receipt was for and is left of it, in minor units."""
    allocations: dict[ItemKey, list[tuple[str, MoveCause, int]]] = attrs.field(factory=dict)

    def of(self, event: Event) -> Iterator[ItemMove]:
        change = _CHANGES.get(type(event))
        for creditor, item, cause, minor in change(self, event) if change else ():
            if minor:
                yield ItemMove(
                    creditor=creditor,
                    item=item,
                    on=event.effective_on,
                    recorded_at=event.recorded_at,
                    cause=cause,
                    amount_minor=minor,
                )

    def issued(self, event: DocumentIssued) -> Iterator[_Change]:
        document = event.document
        self.documents[document.creditor, document.number] = document
        cause = MoveCause.CREDITED if document.kind.is_credit else MoveCause.INVOICED
        for item in open_items(document):
            yield document.creditor, item.item, cause, item.amount_minor

    def cancelled(self, event: DocumentCancelled) -> Iterator[_Change]:
        for item in open_items(self.documents[event.creditor, event.number]):
            yield event.creditor, item.item, MoveCause.CREDITED, -item.amount_minor

    def received(self, event: ReceiptRecorded) -> Iterator[_Change]:
        receipt = event.receipt
        minor = to_minor(receipt.amount)
        self.receipts[receipt.creditor, receipt.receipt] = minor
        yield receipt.creditor, receipt.receipt, MoveCause.PAID, -minor

    def returned(self, event: ReceiptReturned) -> Iterator[_Change]:
        key = (str(event.creditor), str(event.receipt))
        back = self.receipts[key] if event.amount is None else to_minor(event.amount)
        yield *key, MoveCause.PAID, back

    def allocated(self, event: Allocated) -> Iterator[_Change]:
        allocation = event.allocation
        creditor = str(allocation.creditor)
        parts = [*self._settled(allocation)]
        parts += [(name, MoveCause.OTHER, one.amount_minor) for name, one in allocation.owed]
        self.allocations[creditor, allocation.allocation] = parts
        yield from ((creditor, *part) for part in parts)

    def unallocated(self, event: Unallocated) -> Iterator[_Change]:
        creditor = str(event.creditor)
        for item, cause, minor in self.allocations[creditor, event.allocation]:
            yield creditor, item, cause, -minor

    def _settled(self, allocation: Allocation) -> Iterator[tuple[str, MoveCause, int]]:
        """What each leg changes, by its cause, currency by currency."""
        has_cash = any((allocation.creditor, leg.item) in self.receipts for leg in allocation.legs)
        for currency in allocation.currencies:
            left = {
                str(leg.item): leg.amount_minor
                for leg in allocation.legs
                if allocation.currency_of(leg) == currency
            }
            for residual in allocation.residuals:
                if allocation.currency_of(residual) == currency:
                    cause = _cause(residual, has_cash=has_cash)
                    yield from ((item, cause, -part) for item, part in _taken(residual, left))
            yield from self._matched(str(allocation.creditor), left)

    def _matched(self, creditor: str, left: dict[str, int]) -> Iterator[tuple[str, MoveCause, int]]:
        """Debits against credits: each debit bears the causes of the credits in proportion."""
        credits_left = {item: -minor for item, minor in left.items() if minor < 0}
        cash = sum(
            minor for item, minor in credits_left.items() if (creditor, item) in self.receipts
        )
        rest = sum(credits_left.values())
        for item, minor in credits_left.items():
            is_cash = (creditor, item) in self.receipts
            yield item, MoveCause.PAID if is_cash else MoveCause.CREDITED, minor
        for item, minor in left.items():
            if minor <= 0:
                continue
            # Of what is left each time, so that the parts of all debits are the credits exactly.
            matched = min(minor, rest)
            paid = matched * cash // rest if rest else 0
            yield item, MoveCause.PAID, -paid
            yield item, MoveCause.CREDITED, paid - matched
            yield item, MoveCause.OTHER, matched - minor
            cash, rest = cash - paid, rest - matched


_Change: TypeAlias = tuple[str, str, MoveCause, int]
"""Creditor, item, cause and signed amount."""

_CHANGES: Final[Mapping[type[Event], Callable[[_Walk, Any], Iterator[_Change]]]] = {
    Allocated: _Walk.allocated,
    DocumentCancelled: _Walk.cancelled,
    DocumentIssued: _Walk.issued,
    ReceiptRecorded: _Walk.received,
    ReceiptReturned: _Walk.returned,
    Unallocated: _Walk.unallocated,
}


def _cause(residual: Residual, *, has_cash: bool) -> MoveCause:
    if residual.kind is ResidualKind.CONVERSION:
        # The other side of it is money, or a credit note, in another currency.
        return MoveCause.PAID if has_cash else MoveCause.CREDITED
    return _RESIDUAL_CAUSES.get(residual.kind, MoveCause.OTHER)


def _taken(residual: Residual, left: dict[str, int]) -> Iterator[tuple[str, int]]:
    """What a residual takes off which legs: off its own, else off those of its sign in their order."""
    rest = residual.amount_minor
    own = str(residual.item)
    for item in [own] if own in left else list(left):
        if rest * left[item] > 0:
            part = min(rest, left[item], key=abs)
            left[item] -= part
            rest -= part
            yield item, part


def _moved(values: Mapping[MoveCause, int]) -> Mapping[MoveCause, int]:
    return MappingProxyType({cause: values[cause] for cause in MoveCause if values.get(cause)})


@attrs.frozen(kw_only=True)
class Passage:
    """One item from the end of a day to the end of a later one, and what moved it between.

    What was open before and what moved are what is open after.
    """

    before: OpenItem | None
    """As it stood on the first day, settled or not; None where it was not there yet."""
    after: OpenItem | None
    moved: Mapping[MoveCause, int] = attrs.field(factory=dict, converter=_moved)

    @property
    def item(self) -> OpenItem:
        """The item, as late as it is known."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  # a passage is of an item that was there
        return found

    @property
    def opening_minor(self) -> int:
        """What was open of it on the first day."""
        return self.before.open_minor if self.before else 0

    @property
    def closing_minor(self) -> int:
        """What was open of it on the last day."""
        return self.after.open_minor if self.after else 0


@attrs.define(kw_only=True)
class Watch:
    """A ledger with what moved its items, read once for any number of days."""

    ledger: Ledger
    creditor: str = ""
    """The one creditor that is looked at; all of them where it is empty."""
    known_at: dt.datetime | None = None
    _by_item: dict[ItemKey, list[ItemMove]] = attrs.field(init=False, factory=dict)
    _open: dict[dt.date, dict[ItemKey, OpenItem]] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for move in item_moves(self.ledger, self.creditor or None, known_at=self.known_at):
            self._by_item.setdefault((move.creditor, move.item), []).append(move)

    def open_on(self, day: dt.date) -> dict[ItemKey, OpenItem]:
        """What was open at the end of a day."""
        if day not in self._open:
            seen = self.ledger.open_items(as_of=day, known_at=self.known_at)
            self._open[day] = {
                (str(one.creditor), str(one.item)): one
                for one in seen
                if self.creditor in ("", one.creditor)
            }
        return self._open[day]

    def moves(self, *, after: dt.date, until: dt.date) -> Iterator[ItemMove]:
        """What moved after the end of a day, up to the end of another."""
        for moves in self._by_item.values():
            yield from (move for move in moves if after < move.on <= until)

    def item(self, key: ItemKey, day: dt.date) -> OpenItem | None:
        """An item at the end of a day, settled or not."""
        found = self.open_on(day).get(key)
        return found or self.ledger.item(*key, as_of=day, known_at=self.known_at)

    def between(self, first: dt.date, last: dt.date) -> Iterator[Passage]:
        """Every item that was open on either day or moved between them, by creditor and item."""
        check_day(first, name="first")
        check_day(last, name="last")
        if not first < last:
            msg = f"last must be later than {first}, got {last}"
            raise PolicyError(msg)
        opening, closing = self.open_on(first), self.open_on(last)
        moved: dict[ItemKey, dict[MoveCause, int]] = {}
        for move in self.moves(after=first, until=last):
            sums = moved.setdefault((move.creditor, move.item), {})
            sums[move.cause] = sums.get(move.cause, 0) + move.amount_minor
        for key in sorted({*opening, *closing, *moved}):
            before, after = self.item(key, first), self.item(key, last)
            yield Passage(before=before, after=after, moved=moved.get(key, {}))


def bucket_on(item: OpenItem, *, scheme: AgingScheme, as_of: dt.date) -> int:
    """The bucket of an item on a day, whether it is settled or not.

    Raises `DocumentError` for a debit without a due date where the scheme refuses it.
    """
    by_due_date = scheme.basis is AgeBasis.DUE_DATE
    is_undated = by_due_date and item.due_date is None and item.amount_minor > 0
    if is_undated and scheme.undated is Undated.REFUSE:
        raise DocumentError(undated_message([item.item], count=1))
    return int(bucket(days_past(_counted_from(item, scheme.basis), as_of=as_of), scheme=scheme))


def _counted_from(item: OpenItem, basis: AgeBasis) -> dt.date:
    if basis is AgeBasis.POSTING_DATE:
        return item.posting_date
    if basis is AgeBasis.DOCUMENT_DATE or item.due_date is None:
        return item.document_date
    return item.due_date


def _by(values: Iterable[GroupBy | str]) -> tuple[GroupBy, ...]:
    return tuple(one for one in GroupBy if one in {GroupBy(value) for value in values})


@attrs.frozen(kw_only=True)
class Groups:
    """What results are told apart by, the currency always, and the segments of customers."""

    by: tuple[GroupBy, ...] = attrs.field(default=(), converter=_by)
    segments: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def asked(cls, by: Iterable[GroupBy | str], segments: Mapping[str, str] | None) -> Groups:
        """What a caller asked for; raises `PolicyError` for groups by segment without segments."""
        found = cls(by=by, segments=segments or {})
        if GroupBy.SEGMENT in found.by and segments is None:
            msg = "segments must say which customer belongs to which, to group by segment, got none"
            raise PolicyError(msg)
        return found

    def of(self, item: OpenItem) -> GroupKey:
        """The group of an item: creditor, segment, customer and currency."""
        by = self.by
        return (
            str(item.creditor) if GroupBy.CREDITOR in by else "",
            self.segments.get(item.customer, "") if GroupBy.SEGMENT in by else "",
            str(item.customer) if GroupBy.CUSTOMER in by else "",
            item.currency,
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of what groups are told apart by, the currency last."""
        names = [one.value for one in self.by if one is not GroupBy.CURRENCY]
        return (*names, GroupBy.CURRENCY.value)


NAMES: Final = ("creditor", "segment", "customer", "currency")
"""What the places of a `GroupKey` are."""


def cells_of(group: GroupKey, keys: Iterable[str]) -> list[str]:
    """The values of a group for some of its names."""
    return [group[NAMES.index(key)] for key in keys]
