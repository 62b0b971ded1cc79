"""The ledger service ``quickbooks``: QuickBooks Online, version 3 of its interface, in JSON."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from receivables.errors import PolicyError, ServiceError, TransportError
from receivables.money import Money, from_minor
from receivables.parties import Customer
from receivables.reading import Read, ReadNotes
from receivables.transports import Runtime, Secret
from receivables_plugins.quickbooks.changes import (
    ObjectChange,
    change_of,
    changed_objects,
    check_since,
)
from receivables_plugins.quickbooks.items import Accounts, parts_of
from receivables_plugins.quickbooks.masters import Terms, customer_of
from receivables_plugins.quickbooks.objects import Fields, Found
from receivables_plugins.quickbooks.session import CHANGES_DAYS, Session
from receivables_plugins.quickbooks.settings import ServiceSettings
from receivables_plugins.quickbooks.settling import Book, View

if TYPE_CHECKING:
    from receivables.adapters import LedgerQuery, LedgerRecord

__all__ = ["QuickBooksService"]

T = TypeVar("T")

_RECEIVABLE: Final = "AccountType = 'Accounts Receivable'"
_ALL_CUSTOMERS: Final = "Active in (true, false)"
"""A query gives active customers alone, and inactive ones may owe as well."""


class QuickBooksService:
    """Reads a company of QuickBooks Online.

    Payments, credit memos and journal lines are read whole, because what is open follows from them;
    of invoices only open ones are, unless the question is of a past day or of what was settled.
    """

    def __init__(self, settings: ServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._session = Session(settings, runtime)

    def __repr__(self) -> str:
        return f"QuickBooksService(realm={self._settings.realm!r})"

    @property
    def newest_refresh_token(self) -> Secret | None:
        """The refresh token to keep for next time; None while it is the one that was given."""
        return self._session.newest_refresh_token

    def customers(self, query: LedgerQuery) -> Read[Customer]:
        """Customers, inactive ones among them; sub-customers are customers of their own.

        With `changed_since`, those that were changed since, as the system's record of changes has
        them for thirty days, and by the moment of their last change before that.
        """
        notes = ReadNotes("quickbooks")
        return Read(self._customers(query, notes), notes)

    def items(self, query: LedgerQuery) -> Read[LedgerRecord]:
        """What is open on receivable accounts: documents, receipts, and what is settled of them."""
        notes = ReadNotes("quickbooks")
        return Read(self._items(query, notes), notes)

    def credit(self, query: LedgerQuery) -> NoReturn:
        """QuickBooks Online keeps no credit limits: raises `PolicyError`."""
        msg = f"credit must be read elsewhere, because QuickBooks Online keeps none, got {query}"
        raise PolicyError(msg)

    def control_totals(self, *, as_of: dt.date | None = None) -> Sequence[Money]:
        """The balances of the receivable accounts now, one for each currency.

        Raises `PolicyError` for another day than today, and `ServiceError` where there is no answer.
        """
        if as_of is not None and as_of != self._session.today:
            msg = f"as_of must be today, because accounts say what they hold now, got {as_of}"
            raise PolicyError(msg)
        notes = ReadNotes("quickbooks")
        totals: dict[str, int] = defaultdict(int)
        count = self._session.count("Account", _RECEIVABLE)
        seen = 0
        for rows in self._session.pages("Account", _RECEIVABLE, count=count):
            for raw in rows:
                seen += 1
                fields = Fields(Found(kind="Account", raw=raw), notes=notes)
                currency = fields.currency(self._settings.currency)
                totals[currency] += fields.needed_minor("CurrentBalance", currency)
        if notes.problems or seen < count:
            first = next(iter(notes.problems), f"{seen} of {count}")
            msg = f"receivable accounts must all have balances, got {first}"
            raise ServiceError(msg)
        return [from_minor(minor, currency) for currency, minor in sorted(totals.items())]

    def changes(
        self, since: dt.datetime, *, kinds: Sequence[str] = ("Customer",)
    ) -> Read[ObjectChange]:
        """What was changed since a moment of the last thirty days, deletions among it.

        `kinds` are kinds of object as the system calls them: ``Customer``, ``Invoice``…  Raises
        `PolicyError` for a moment that lies further back, or has no zone.
        """
        check_since(since, self._runtime.now())
        notes = ReadNotes("quickbooks")
        found = changed_objects(self._session, list(kinds), since, notes=notes)
        return Read(_until_refused(map_changes(found, notes), notes), notes)

    def _customers(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[Customer]:
        wanted = set(query.customers)
        terms = Terms()
        reading = _Reading(self._session, notes)
        for found in reading.all("Term"):
            terms.learn(Fields(found, notes=notes))
        for found in self._customer_objects(query, reading, notes):
            if wanted and str(found.raw.get("Id", "")) not in wanted:
                continue
            customer = customer_of(found, settings=self._settings, terms=terms, notes=notes)
            if customer is not None:
                yield customer

    def _customer_objects(
        self, query: LedgerQuery, reading: _Reading, notes: ReadNotes
    ) -> Iterator[Found]:
        since = query.changed_since
        if since is None:
            return reading.all("Customer", _ALL_CUSTOMERS, is_declared=not query.customers)
        if since.tzinfo is None:
            msg = f"changed_since must have a zone, got {since.isoformat()}"
            raise PolicyError(msg)
        if since < self._runtime.now() - dt.timedelta(days=CHANGES_DAYS - 1):
            moment = since.isoformat(timespec="seconds")
            return reading.all(
                "Customer", f"{_ALL_CUSTOMERS} and MetaData.LastUpdatedTime >= '{moment}'"
            )
        found = changed_objects(self._session, ["Customer"], since, notes=notes)
        latest = {str(each.raw.get("Id", "")): each for each in _until_refused(found, notes)}
        return (each for each in latest.values() if each.raw.get("status") != "Deleted")

    def _items(self, query: LedgerQuery, notes: ReadNotes) -> Iterator[LedgerRecord]:
        reading = _Reading(self._session, notes)
        accounts, book = Accounts(self._settings), Book(notes=notes)
        for found in reading.all("Account", _RECEIVABLE):
            accounts.learn(Fields(found, notes=notes))
        is_history = query.as_of is not None or query.settled_since is not None
        for kind in self._settings.entities:
            where = "Balance > '0'" if kind == "Invoice" and not is_history else ""
            for found in reading.all(kind, where):
                book.take(parts_of(found, settings=self._settings, accounts=accounts, notes=notes))
        view = View(
            as_of=query.as_of or dt.date.max,
            settled_since=query.settled_since,
            customers=query.customers,
            read_on=self._session.today if reading.has_come else None,
        )
        yield from book.records(view)


def map_changes(found: Iterator[Found], notes: ReadNotes) -> Iterator[ObjectChange]:
    """Objects that were changed as changes."""
    return (change_of(each, notes=notes) for each in found)


class _Reading:
    """Reads kind after kind; once the way is broken, nothing more is asked."""

    def __init__(self, session: Session, notes: ReadNotes) -> None:
        self._session = session
        self._notes = notes
        self._is_broken = False
        self.has_come = False

    def all(self, kind: str, where: str = "", *, is_declared: bool = False) -> Iterator[Found]:
        """Every object of a kind, each once, with a note where fewer come than there are.

        With `is_declared`, each of them makes one row, so that their count is that of the read.
        """
        if self._is_broken:
            return
        seen: set[str] = set()
        count = self._told(lambda: self._session.count(kind, where), kind)
        if is_declared:
            self._notes.declared_total = count
        pages = iter(()) if count is None else self._session.pages(kind, where, count=count)
        while rows := self._told(lambda: next(pages, []), kind):
            self.has_come = True
            for raw in rows:
                identity = str(raw.get("Id", ""))
                if identity not in seen:
                    seen.add(identity)
                    yield Found(kind=kind, raw=raw)
        if count is not None and rows is not None and len(seen) < count:
            msg = f"all {count} objects of kind {kind} must come, got {len(seen)}"
            self._notes.error("service.incomplete", msg, field=kind)

    def _told(self, ask: Callable[[], T], kind: str) -> T | None:
        try:
            return ask()
        except (ServiceError, TransportError) as error:
            self._is_broken = True
            _note(error, self._notes, kind)
            return None


def _until_refused(rows: Iterator[Any], notes: ReadNotes) -> Iterator[Any]:
    try:
        yield from rows
    except (ServiceError, TransportError) as error:
        _note(error, notes, "changes")


def _note(error: ServiceError | TransportError, notes: ReadNotes, field: str) -> None:
    code = "service.refused" if isinstance(error, ServiceError) else "service.incomplete"
    notes.error(code, str(error), field=field)
