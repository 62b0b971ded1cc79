"""GoCardless over its API: payouts by their day of arrival, with the items of each.

Payments that are collected and not yet paid out are on no balance that GoCardless shows, and do not
come before their payout.  Items are there for six months; after that a payout comes without them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from receivables.adapters import PayoutRecord
from receivables.errors import ServiceError, TransportError
from receivables.reading import Read, ReadNotes
from receivables.receipts.payout_reports import Days, PayoutsUnderWay, ReportRow
from receivables.receipts.payouts import ProcessorDispute
from receivables.transports import Request, Response, Runtime
from receivables_plugins.gocardless.events import note_reason, records_of
from receivables_plugins.gocardless.items import PROCESSOR, People
from receivables_plugins.gocardless.reader import finish
from receivables_plugins.gocardless.settings import GoCardlessServiceSettings

__all__ = ["GoCardlessService"]

_PAGE: Final = 500
_PAGES_MAX: Final = 1_000_000
"""Pages of one list: beyond it, the cursor goes in a circle."""
_FATAL: Final = frozenset({401, 403, 429})
_GONE: Final = 410
_MISSING: Final = 404
_BEFORE: Final = dt.timedelta(days=10)
"""How long before its arrival a payout can have been made, holidays included."""
_CHARGED: Final = dt.timedelta(days=35)
"""How long before their payout payments were charged, most of them; others are asked for by name."""
_WAIT_MAX: Final = 60


class GoCardlessService:
    """Reads payouts with what they pay out, and the chargebacks of direct debits."""

    def __init__(self, settings: GoCardlessServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def payouts(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The payouts that arrive on some days, each after its movements."""
        notes = ReadNotes(f"{self._settings.url}/payouts")
        walk = _Walk(_Lists(self._settings, self._runtime), self._settings, notes)
        return Read(walk.payouts(since, until), notes)

    def disputes(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The chargebacks that customers asked their banks for on some days."""
        notes = ReadNotes(f"{self._settings.url}/events")
        walk = _Walk(_Lists(self._settings, self._runtime), self._settings, notes)
        return Read(walk.disputes(since, until), notes)


class _Lists:
    """Lists of the API, page by page; waits where no request is left before the next minute."""

    def __init__(self, settings: GoCardlessServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def objects(self, name: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every object of a list; raises `ServiceError` or `TransportError` where a page fails."""
        asked = {"limit": str(_PAGE), **query}
        for _ in range(_PAGES_MAX):
            page = self._get(f"/{name}?{urlencode(asked)}", name)
            rows = page.get(name)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                msg = f"page of {name} must have objects, got none"
                raise ServiceError(msg)
            yield from rows
            after = _after(page)
            if not after:
                return
            if after == asked.get("after"):
                msg = f"page of {name} must go on, got its own cursor again"
                raise ServiceError(msg)
            asked["after"] = after

    def one(self, name: str, id_: str) -> dict[str, Any]:
        """One object by its name."""
        found = self._get(f"/{name}/{quote(id_, safe='')}", name).get(name)
        return found if isinstance(found, dict) else {}

    def _get(self, path: str, name: str) -> dict[str, Any]:
        token = self._runtime.secret(self._settings.secret).reveal()
        headers = {
            "Authorization": f"Bearer {token}",
            "GoCardless-Version": self._settings.version,
            "Accept": "application/json",
        }
        response = self._runtime.transport(
            Request("GET", f"{self._settings.url}{path}", headers=headers)
        )
        if not response.is_success:
            code = _code(response)
            msg = f"{name} must be answered, got status {response.status} {code}".strip()
            raise ServiceError(msg, status=response.status, code=code)
        self._heed_limit(response)
        found = response.json()
        return found if isinstance(found, dict) else {}

    def _heed_limit(self, response: Response) -> None:
        """Wait for the next window where this one has no request left."""
        if response.header("RateLimit-Remaining") != "0":
            return
        try:
            until = parsedate_to_datetime(response.header("RateLimit-Reset"))
        except ValueError:
            return
        left = until.replace(tzinfo=until.tzinfo or dt.UTC) - self._runtime.now()
        seconds = max(0, left // dt.timedelta(seconds=1))
        self._runtime.sleep(min(seconds + 1, _WAIT_MAX))


def _after(page: Mapping[str, Any]) -> str:
    meta = page.get("meta")
    cursors = meta.get("cursors") if isinstance(meta, dict) else None
    found = cursors.get("after") if isinstance(cursors, dict) else None
    return found if isinstance(found, str) else ""


def _code(response: Response) -> str:
    """The reason of an error; its message is left out, because it can repeat what was sent."""
    try:
        error = response.json().get("error")
        return str(error["errors"][0]["reason"])[:80]
    except (ServiceError, AttributeError, LookupError, TypeError):
        return ""


class _Walk:
    """One read under way."""

    def __init__(
        self, lists: _Lists, settings: GoCardlessServiceSettings, notes: ReadNotes
    ) -> None:
        self._lists = lists
        self._settings = settings
        self._notes = notes
        self._days = Days(settings.time_zone)
        self._under_way = PayoutsUnderWay(notes, processor=PROCESSOR)
        self._people = People()
        self._number = 0

    def payouts(self, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        """Payouts; those that have no day of arrival yet count by the day they were made."""
        query = {
            "created_at[gte]": _moment(since - _BEFORE),
            "created_at[lt]": _moment(until + dt.timedelta(days=1)),
        }
        if self._settings.creditor:
            query["creditor"] = self._settings.creditor
        try:
            for found in self._lists.objects("payouts", **query):
                row = self._row(found)
                day = row.day("arrival_date", "created_at")
                if day is None or since <= day <= until:
                    yield from self._payout(row, since, until)
        except (ServiceError, TransportError) as error:
            self._note(error)

    def disputes(self, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        """Chargebacks that were opened on those days, as their last event says."""
        try:
            yield from self._chargebacks(since, until)
        except (ServiceError, TransportError) as error:
            self._note(error)

    def _chargebacks(self, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        opened = {
            "created_at[gte]": _moment(since),
            "created_at[lt]": _moment(until + dt.timedelta(days=1)),
        }
        rows = self._events("charged_back", opened)
        payments = {row.name("links.payment") for row in rows}
        for action in ("chargeback_cancelled", "chargeback_settled") if rows else ():
            later = self._events(action, {"created_at[gte]": _moment(since)})
            rows += [row for row in later if row.name("links.payment") in payments]
        rows.sort(key=lambda row: row.name("created_at"))
        for payment in sorted(payments):
            self._know(payment)
        for row in rows:
            note_reason(row, self._people)
        for record in records_of(rows, self._people):
            if isinstance(record, ProcessorDispute):
                yield record

    def _events(self, action: str, query: Mapping[str, str]) -> list[ReportRow]:
        asked = {"resource_type": "payments", "action": action, **query}
        return [self._row(found) for found in self._lists.objects("events", **asked)]

    def _note(self, error: ServiceError | TransportError) -> None:
        is_refused = isinstance(error, ServiceError)
        code = "service.refused" if is_refused else "service.incomplete"
        self._notes.error(code, str(error))

    def _row(self, found: dict[str, Any]) -> ReportRow:
        self._number += 1
        return ReportRow(found, notes=self._notes, days=self._days, line=self._number)

    def _payout(self, row: ReportRow, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        """A payout after its items; one whose items are refused is left out."""
        name = row.name("id")
        try:
            items = self._items(name)
            if items:
                self._know_all(items, since, until)
        except ServiceError as error:
            if error.status in _FATAL:
                raise
            self._note(error)
            return
        yield from finish(row, items or [], self._under_way, self._people, self._settings)

    def _items(self, payout: str) -> list[ReportRow] | None:
        """The items of a payout; None where they are too old to be asked for."""
        try:
            found = [self._row(one) for one in self._lists.objects("payout_items", payout=payout)]
        except ServiceError as error:
            if error.status != _GONE:
                raise
            msg = f"items of payout {payout} must be asked for within six months, got it later"
            self._notes.warn("gocardless.items-gone", msg)
            return None
        if not found:
            msg = f"payout {payout} must have items, got none"
            raise ServiceError(msg)
        return found

    def _know_all(self, items: list[ReportRow], since: dt.date, until: dt.date) -> None:
        """Know the payments of some items: most by one list, the others one by one."""
        wanted = {row.name("links.payment") for row in items} - {""}
        if not self._people.payments:
            query = {
                "charge_date[gte]": (since - _CHARGED).isoformat(),
                "charge_date[lte]": until.isoformat(),
            }
            for found in self._lists.objects("payments", **query):
                self._people.payments[str(found.get("id"))] = found
        for payment in sorted(wanted - set(self._people.payments)):
            self._know(payment)

    def _know(self, payment: str) -> None:
        try:
            self._people.payments[payment] = self._lists.one("payments", payment)
        except ServiceError as error:
            if error.status != _MISSING:
                raise
            self._notes.warn(
                "gocardless.payment-missing", f"payment {payment} must be there, got 404"
            )


def _moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"
