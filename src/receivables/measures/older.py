"""The monthly table of receivables older than so many months: each item, its state, and what changed.

>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice(document_date=dt.date(2026, 4, 15))))
>>> found = older_receivables(ledger, "MIRA", as_of=dt.date(2026, 10, 31))
>>> [(one.item, one.months, one.state.value) for one in found], found.change[0].entered_minor
([('FA-1', 6, 'open')], 10000)
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
from dateutil.relativedelta import relativedelta

from receivables.aging.model import AgeBasis
from receivables.casework import Holdback, HoldReason
from receivables.collection.holding import held_on
from receivables.collection.log import ContactLog, contact_log
from receivables.days import add_months, check_day, days_past
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import DocumentError, PolicyError
from receivables.ledger.objects import Ledger
from receivables.measures._moves import MoveCause, Watch
from receivables.measures._tables import frame_of_rows
from receivables.parties import CreditorId, CustomerId
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "OlderChange",
    "OlderItem",
    "OlderPolicy",
    "OlderReceivables",
    "OlderState",
    "older_receivables",
]

_MONTHS_MAX: Final = 240


@attrs.frozen(kw_only=True)
class OlderPolicy:
    """What is old: so many months after a date of the item, a day of that number not yet.

    An item of 30 April is older than six months from 31 October on.  One without a due date counts
    from its document date.  Raises `PolicyError` for months that cannot be.
    """

    version: str = "1"
    months: int = attrs.field(default=6)
    basis: AgeBasis = attrs.field(default=AgeBasis.DOCUMENT_DATE, converter=AgeBasis)

    @months.validator
    def _check_months(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 0 <= value <= _MONTHS_MAX:
            msg = f"months must be a whole number from 0 to {_MONTHS_MAX}, got {value!r}"
            raise PolicyError(msg)

    def counted_from(self, item: OpenItem) -> dt.date:
        """The date that the age of an item is counted from."""
        if self.basis is AgeBasis.POSTING_DATE:
            return item.posting_date
        if self.basis is AgeBasis.DOCUMENT_DATE or item.due_date is None:
            return item.document_date
        return item.due_date

    def is_old(self, item: OpenItem, *, as_of: dt.date) -> bool:
        """Whether an item is older than the months on a day."""
        since = self.counted_from(item)
        # A date after the day, such as the last one of the calendar, is not old, and is not added to.
        return since < as_of and add_months(since, self.months) < as_of


class OlderState(enum.Enum):
    """What is being done about an old item; where several hold, the first of these."""

    REFERRED = "referred"
    """An agency, a lawyer, a court or an insurer has it."""
    DISPUTED = "disputed"
    CREDIT_DUE = "credit-due"
    """The customer is right, and the credit note is not there yet."""
    PLAN = "plan"
    PROMISED = "promised"
    BLOCKED = "blocked"
    OPEN = "open"


_STATES: Final[Mapping[HoldReason, OlderState]] = {
    HoldReason.REFERRAL: OlderState.REFERRED,
    HoldReason.DISPUTE: OlderState.DISPUTED,
    HoldReason.CREDIT: OlderState.CREDIT_DUE,
    HoldReason.PLAN: OlderState.PLAN,
    HoldReason.PROMISE: OlderState.PROMISED,
    HoldReason.BLOCK: OlderState.BLOCKED,
}


def _states(values: Iterable[OlderState]) -> tuple[OlderState, ...]:
    given = set(values)
    return tuple(one for one in OlderState if one in given)


@attrs.frozen(kw_only=True)
class OlderItem:
    """One old item: how old, how much, and what is being done about it."""

    customer: CustomerId
    item: ItemId
    document: str
    document_date: dt.date
    due_date: dt.date | None
    months: int
    """Whole months from the date that the policy counts from."""
    days_past_due: int | None
    currency: str
    open_minor: int
    states: tuple[OlderState, ...] = attrs.field(default=(), converter=_states)
    references: tuple[str, ...] = ()
    """The disputes, promises, plans, blocks and referrals, by name."""
    last_contact: dt.date | None = None
    """When the customer heard of us last, or we of it."""
    allowance_minor: int | None = None
    """What is held against it; None where nobody said."""

    @property
    def state(self) -> OlderState:
        """The weightiest of its states; open where nothing is being done."""
        return self.states[0] if self.states else OlderState.OPEN


@attrs.frozen(kw_only=True)
class OlderChange:
    """What is old in one currency, from a month before, in minor units.

    The opening, what entered and what left are the closing.  Raises `DocumentError` where not.
    """

    currency: str
    opening_minor: int
    entered_minor: int
    """What became old since, or came old, as it was open on the later day; and what opened again."""
    paid_minor: int
    """What left; below zero, as all that left."""
    credited_minor: int
    written_off_minor: int
    other_minor: int
    """Discounts and the like, and what has a later date now."""
    closing_minor: int = attrs.field()
    items_before: int = 0
    items_entered: int = 0
    items_left: int = 0
    items: int = 0
    allowance_minor: int | None = None
    """What is held against what is still there; None where nobody said of any item."""

    @closing_minor.validator
    def _check_foots(self, _attribute: object, value: int) -> None:
        expected = self.opening_minor + self.entered_minor + self.left_minor
        if value != expected:
            msg = f"closing in {self.currency} must be {expected}, got {value}"
            raise DocumentError(msg)

    @property
    def left_minor(self) -> int:
        """What left by whatever."""
        return self.paid_minor + self.credited_minor + self.written_off_minor + self.other_minor

    @property
    def still_there_minor(self) -> int:
        """What was old then and is still."""
        return self.opening_minor + self.left_minor


def _items(values: Iterable[OlderItem]) -> tuple[OlderItem, ...]:
    return tuple(values)


def _changes(values: Iterable[OlderChange]) -> tuple[OlderChange, ...]:
    return tuple(values)


_COLUMNS: Final = (
    "customer",
    "item",
    "document",
    "document_date",
    "due_date",
    "months",
    "days_past_due",
    "currency",
    "open_minor",
    "state",
    "references",
    "last_contact",
    "allowance_minor",
)


@attrs.frozen(kw_only=True)
class OlderReceivables:
    """The old items of a creditor on a day, by customer and age, and what changed since a day before."""

    creditor: CreditorId = attrs.field(converter=CreditorId)
    as_of: dt.date
    since: dt.date
    policy: OlderPolicy
    items: tuple[OlderItem, ...] = attrs.field(converter=_items, repr=False)
    change: tuple[OlderChange, ...] = attrs.field(converter=_changes)
    """One for each currency."""

    def __iter__(self) -> Iterator[OlderItem]:
        return iter(self.items)

    @property
    def totals(self) -> Mapping[str, int]:
        """What is old in each currency, in minor units."""
        return {one.currency: one.closing_minor for one in self.change if one.items}

    def of(self, customer: str) -> tuple[OlderItem, ...]:
        """The old items of a customer, the oldest first."""
        return tuple(one for one in self.items if one.customer == customer)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return _COLUMNS

    def to_rows(self) -> list[tuple[Any, ...]]:
        """The items as tuples, in the order of `columns`, amounts in minor units."""
        return [
            (
                *(getattr(one, name) for name in _COLUMNS[:9]),
                one.state.value,
                ", ".join(one.references),
                one.last_contact,
                one.allowance_minor,
            )
            for one in self.items
        ]

    def to_frame(self, backend: str = "polars") -> Any:  # noqa: ANN401  # the backend's own frame
        """Customer, currency, item, amount and dates as a frame: ``polars``, ``pandas``, ``pyarrow``."""
        names = (
            "customer",
            "item",
            "document",
            "document_date",
            "due_date",
            "currency",
            "open_minor",
        )
        rows = [[getattr(one, name) for name in names] for one in self.items]
        return frame_of_rows(names, rows, backend=backend)

    def to_table(self) -> ResultTable:
        """The items by customer, with a total for each currency."""
        columns = [
            TableColumn(name="customer"),
            TableColumn(name="item"),
            TableColumn(name="document_date", heading=Phrase("date"), kind=CellKind.DATE),
            TableColumn(name="due_date", heading=Phrase("due"), kind=CellKind.DATE),
            TableColumn(name="months", kind=CellKind.COUNT),
            TableColumn(name="currency"),
            TableColumn(name="open_minor", heading=Phrase("open"), kind=CellKind.MONEY),
            TableColumn(name="state"),
            TableColumn(name="last_contact", heading=Phrase("last contact"), kind=CellKind.DATE),
            TableColumn(name="allowance_minor", heading=Phrase("allowance"), kind=CellKind.MONEY),
        ]
        return ResultTable(
            title=Phrase("receivables older than {months} months", {"months": self.policy.months}),
            as_of=self.as_of,
            columns=columns,
            rows=[_row(one) for one in self.items],
            totals=[
                [
                    Phrase("total"),
                    *[None] * 4,
                    one.currency,
                    one.closing_minor,
                    None,
                    None,
                    one.allowance_minor,
                ]
                for one in self.change
                if one.items
            ],
        )

    def change_table(self) -> ResultTable:
        """What was old before, what entered, what left and by what, for each currency."""
        money = (
            ("opening_minor", "opening"),
            ("entered_minor", "entered"),
            ("paid_minor", "paid"),
            ("credited_minor", "credited"),
            ("written_off_minor", "written off"),
            ("other_minor", "other"),
            ("closing_minor", "closing"),
        )
        return ResultTable(
            title=Phrase("change since {day}", {"day": self.since}),
            as_of=self.as_of,
            columns=[
                TableColumn(name="currency"),
                *(
                    TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)
                    for name, heading in money
                ),
                TableColumn(name="items", kind=CellKind.COUNT),
            ],
            rows=[
                [one.currency, *(getattr(one, name) for name, _ in money), one.items]
                for one in self.change
            ],
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


def _row(one: OlderItem) -> list[Any]:
    return [
        one.customer,
        one.item,
        one.document_date,
        one.due_date,
        one.months,
        one.currency,
        one.open_minor,
        Phrase(one.state.value.replace("-", " ")),
        one.last_contact,
        one.allowance_minor,
    ]


def older_receivables(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    since: dt.date | None = None,
    known_at: dt.datetime | None = None,
    policy: OlderPolicy | None = None,
    allowances: Mapping[str, int] | None = None,
) -> OlderReceivables:
    """The debits that are older than the months of a policy at the end of a day, and what changed.

    `since` is the day that it is compared with, by default the end of the month before.
    `allowances` are amounts in minor units by item, where they are known.

    Raises `PolicyError` where `since` is not before `as_of`.
    """
    check_day(as_of, name="as_of")
    before = _month_before(as_of) if since is None else since
    own = policy or OlderPolicy()
    watch = Watch(ledger=ledger, creditor=creditor, known_at=known_at)
    held = {} if allowances is None else allowances
    old = [
        item
        for item in watch.open_on(as_of).values()
        if item.open_minor > 0 and own.is_old(item, as_of=as_of)
    ]
    seen = _Seen(
        as_of=as_of,
        policy=own,
        holds=_held(held_on(ledger, creditor, old, as_of=as_of, known_at=known_at)),
        log=contact_log(ledger, creditor, as_of=as_of, known_at=known_at),
        allowances=held,
    )
    return OlderReceivables(
        creditor=CreditorId(creditor),
        as_of=as_of,
        since=before,
        policy=own,
        items=sorted((seen.item(item) for item in old), key=_oldest_first),
        change=_change(watch, (before, as_of), own, held),
    )


def _month_before(as_of: dt.date) -> dt.date:
    first = as_of.replace(day=1)
    if first == dt.date.min:
        msg = f"as_of must be in the second month of the calendar or later, got {as_of}"
        raise PolicyError(msg)
    return first - dt.timedelta(days=1)


def _oldest_first(one: OlderItem) -> tuple[str, str, dt.date, str]:
    return (one.customer, one.currency, one.document_date, one.item)


def _held(holds: Iterable[Holdback]) -> dict[str, list[Holdback]]:
    found: dict[str, list[Holdback]] = {}
    for hold in holds:
        found.setdefault(hold.item, []).append(hold)
    return found


@attrs.frozen(kw_only=True)
class _Seen:
    """What is known of old items on a day."""

    as_of: dt.date
    policy: OlderPolicy
    holds: Mapping[str, Sequence[Holdback]]
    log: ContactLog
    allowances: Mapping[str, int]

    def item(self, item: OpenItem) -> OlderItem:
        """One item with what is being done about it."""
        holds = self.holds.get(item.item, ())
        contact = self.log.last_contact(item.customer)
        age = relativedelta(self.as_of, self.policy.counted_from(item))
        late = None if item.due_date is None else days_past(item.due_date, as_of=self.as_of)
        return OlderItem(
            customer=item.customer,
            item=item.item,
            document=item.document,
            document_date=item.document_date,
            due_date=item.due_date,
            months=age.years * 12 + age.months,
            days_past_due=late,
            currency=item.currency,
            open_minor=item.open_minor,
            states=[_STATES[hold.reason] for hold in holds],
            references=tuple(dict.fromkeys(hold.reference for hold in holds)),
            last_contact=None if contact is None else contact.on,
            allowance_minor=self.allowances.get(item.item),
        )


@attrs.define
class _Sums:
    """The change of one currency under way."""

    opening: int = 0
    entered: int = 0
    closing: int = 0
    left: dict[MoveCause, int] = attrs.field(factory=dict)
    before: int = 0
    came: int = 0
    gone: int = 0
    items: int = 0
    allowance: int | None = None


def _change(
    watch: Watch,
    days: tuple[dt.date, dt.date],
    policy: OlderPolicy,
    allowances: Mapping[str, int],
) -> list[OlderChange]:
    sums: dict[str, _Sums] = {}
    first, last = days
    for passage in watch.between(first, last):
        before, after = passage.before, passage.after
        opening, closing = max(passage.opening_minor, 0), max(passage.closing_minor, 0)
        was = opening and before is not None and policy.is_old(before, as_of=first)
        still = closing and after is not None and policy.is_old(after, as_of=last)
        if not (was or still):
            continue
        held = sums.setdefault(passage.item.currency, _Sums())
        held.opening += opening if was else 0
        held.closing += closing if still else 0
        held.before += bool(was)
        held.items += bool(still)
        held.came += bool(still and not was)
        held.gone += bool(was and not still)
        if was:
            _add_left(held, passage.moved, closing if still else 0, closing)
        else:
            held.entered += closing
        if still and passage.item.item in allowances:
            held.allowance = (held.allowance or 0) + allowances[passage.item.item]
    return [_told(currency, one) for currency, one in sorted(sums.items())]


def _add_left(held: _Sums, moved: Mapping[MoveCause, int], closing: int, open_still: int) -> None:
    """What moved an item that was old, and what of it has a later date now."""
    for cause, minor in moved.items():
        held.left[cause] = held.left.get(cause, 0) + minor
    later = closing - open_still
    held.left[MoveCause.OTHER] = held.left.get(MoveCause.OTHER, 0) + later


def _told(currency: str, sums: _Sums) -> OlderChange:
    left = sums.left
    return OlderChange(
        currency=currency,
        opening_minor=sums.opening,
        entered_minor=sums.entered,
        paid_minor=left.get(MoveCause.PAID, 0),
        credited_minor=left.get(MoveCause.CREDITED, 0),
        written_off_minor=left.get(MoveCause.WRITTEN_OFF, 0),
        other_minor=left.get(MoveCause.OTHER, 0) + left.get(MoveCause.INVOICED, 0),
        closing_minor=sums.closing,
        items_before=sums.before,
        items_entered=sums.came,
        items_left=sums.gone,
        items=sums.items,
        allowance_minor=sums.allowance,
    )
