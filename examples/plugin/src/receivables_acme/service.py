"""The ledger service ``acme``: pages of JSON, an opaque cursor, a count to check against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from receivables.adapters import CreditRecord, LedgerQuery, LedgerRecord
from receivables.documents import CreditNote, Invoice
from receivables.errors import PolicyError, ReceivablesError, ServiceError
from receivables.money import Money, from_minor, minor_of
from receivables.parties import Customer
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.texts import parse_amount
from receivables.transports import Request, Runtime
from receivables_acme.settings import AcmeSettings

__all__ = ["AcmeService"]

T = TypeVar("T")


class AcmeService:
    """Asks Acme Books, page by page; what fails is noted, and what came before it is kept."""

    def __init__(self, settings: AcmeSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def customers(self, query: LedgerQuery) -> Read[Customer]:
        """Every customer; `query` asks for nothing that Acme can answer."""
        del query
        return self._read("customers", _customer)

    def items(self, query: LedgerQuery) -> Read[LedgerRecord]:
        """What is open now; Acme does not know about past days."""
        if query.as_of is not None or query.settled_since is not None:
            msg = "query must be for what is open now, because acme knows no past days"
            raise PolicyError(msg)
        return self._read("open-items", self._document)

    def credit(self, query: LedgerQuery) -> Read[CreditRecord]:
        """Nothing: Acme knows no limits."""
        del query
        msg = "credit must not be asked for, because acme knows none"
        raise PolicyError(msg)

    def control_totals(self, *, as_of: dt.date | None = None) -> Sequence[Money]:
        """Nothing: Acme knows no totals."""
        del as_of
        msg = "control totals must not be asked for, because acme knows none"
        raise PolicyError(msg)

    def _read(self, what: str, make: Callable[[Mapping[str, Any], Place], T]) -> Read[T]:
        notes = ReadNotes(f"acme:{what}")
        return Read(self._made(what, make, notes), notes)

    def _made(
        self, what: str, make: Callable[[Mapping[str, Any], Place], T], notes: ReadNotes
    ) -> Iterator[T]:
        for number, row in enumerate(self._rows(what, notes), start=1):
            try:
                yield make(row, Place(notes.source, line=number))
            except (ReceivablesError, KeyError, ValueError) as error:
                # One bad row is no reason to lose the others; the read is incomplete all the same.
                message = f"row must be complete and valid, got {error}"
                notes.error("service.refused", message, line=number)

    def _rows(self, what: str, notes: ReadNotes) -> Iterator[Mapping[str, Any]]:
        """The rows of all pages; a page that cannot be had ends them, and is noted."""
        cursor = ""
        while True:
            try:
                page = self._page(what, cursor)
            except ReceivablesError as error:
                notes.error("service.refused", str(error))
                return
            notes.declared_total = page["count"]
            yield from page["rows"]
            cursor = page.get("next", "")
            if not cursor:
                return

    def _page(self, what: str, cursor: str) -> dict[str, Any]:
        wanted = {"limit": str(self._settings.page_size), "cursor": cursor}
        url = f"{self._settings.url}/{what}?{urlencode(wanted)}"
        key = self._runtime.secret(self._settings.key)
        response = self._runtime.transport(
            Request("GET", url, headers={"X-Acme-Key": key.reveal()})
        )
        if not response.is_success:
            msg = f"{what} must be answered with 200, got {response.status}"
            raise ServiceError(msg, status=response.status)
        page: dict[str, Any] = response.json()
        return page

    def _document(self, row: Mapping[str, Any], place: Place) -> LedgerRecord:
        """An invoice or a credit note; a kind that is not known is refused, never guessed."""
        kinds: dict[str, type[Invoice | CreditNote]] = {"IN": Invoice, "CR": CreditNote}
        minor = minor_of(parse_amount(row["open"], decimal="."), row["currency"])
        return kinds[row["kind"]](
            number=row["doc"],
            creditor=self._settings.creditor,
            customer=row["account"],
            document_date=dt.date.fromisoformat(row["dated"]),
            due_date=dt.date.fromisoformat(row["due"]),
            total=from_minor(abs(minor), row["currency"]),
            source=place,
        )


def _customer(row: Mapping[str, Any], place: Place) -> Customer:
    del place
    return Customer(customer=row["account"], name=row["name"], country=row.get("country", ""))
