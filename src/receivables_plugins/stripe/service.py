"""Stripe over its API: payouts by their day of arrival, with the balance transactions of each.

Only automatic payouts say what they pay out (``GET /v1/balance_transactions?payout=``).  Nothing in a
list says how many there are; therefore what two lists must have in common is compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from receivables.adapters import PayoutRecord
from receivables.errors import ServiceError, TransportError
from receivables.reading import Read, ReadNotes
from receivables.receipts.payout_reports import (
    Days,
    PayoutsUnderWay,
    ReportRow,
    check_time_zone,
)
from receivables.transports import Request, Runtime
from receivables_plugins.stripe.reader import given, instant_fee
from receivables_plugins.stripe.settings import StripeServiceSettings
from receivables_plugins.stripe.transactions import (
    OBJECT,
    PROCESSOR,
    TransactionBuilder,
    dispute_from,
    payout_from,
)

__all__ = ["StripeService"]

_PAGE: Final = 100
_PAGES_MAX: Final = 1_000_000
"""Pages of one list: beyond it, the cursor goes in a circle."""
_FATAL: Final = frozenset({401, 403, 429})
_ONE_DAY: Final = dt.timedelta(days=1)
_PAYOUTS: Final = "/v1/payouts"
_TRANSACTIONS: Final = "/v1/balance_transactions"
_DISPUTES: Final = "/v1/disputes"


class StripeService:
    """Reads payouts, what they pay out, what is in no payout yet, and disputes."""

    def __init__(self, settings: StripeServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def payouts(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The payouts that arrive on some days, each after its movements, then what is in none yet."""
        notes = ReadNotes(f"{self._settings.url}{_PAYOUTS}")
        walk = _Walk(_Lists(self._settings, self._runtime), self._settings, notes)
        return Read(walk.payouts(since, until), notes)

    def disputes(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The disputes that were opened on some days."""
        notes = ReadNotes(f"{self._settings.url}{_DISPUTES}")
        walk = _Walk(_Lists(self._settings, self._runtime), self._settings, notes)
        return Read(walk.disputes(since, until), notes)


class _Lists:
    """Lists of the API, page by page."""

    def __init__(self, settings: StripeServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def objects(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every object of a list; raises `ServiceError` or `TransportError` where a page fails."""
        asked = {"limit": str(_PAGE), **query}
        for _ in range(_PAGES_MAX):
            page = self._get(path, asked)
            rows = page.get("data")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                msg = f"page of {path} must have objects, got none"
                raise ServiceError(msg)
            yield from rows
            if page.get("has_more") is not True:
                return
            last = rows[-1].get("id") if rows else None
            if not isinstance(last, str) or last == asked.get("starting_after"):
                msg = f"page of {path} must have a last object to go on from, got none"
                raise ServiceError(msg)
            asked["starting_after"] = last

    def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        url = f"{self._settings.url}{path}?{urlencode(query)}"
        request = Request("GET", url, headers=self._headers())
        response = self._runtime.transport(request)
        if not response.is_success:
            code = _code(response.body and _json(response))
            msg = f"{path} must be answered, got status {response.status} {code}".strip()
            raise ServiceError(msg, status=response.status, code=code)
        found = response.json()
        return found if isinstance(found, dict) else {}

    def _headers(self) -> dict[str, str]:
        settings = self._settings
        key = self._runtime.secret(settings.secret).reveal()
        headers = {"Authorization": f"Bearer {key}"}
        if settings.account:
            headers["Stripe-Account"] = settings.account
        if settings.version:
            headers["Stripe-Version"] = settings.version
        return headers


def _json(response: Any) -> Any:  # noqa: ANN401  # JSON
    try:
        return response.json()
    except ServiceError:
        return None


def _code(body: Any) -> str:  # noqa: ANN401  # JSON
    """The code of an error; its message is left out, because it can repeat what was sent."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return ""
    return str(error.get("code") or error.get("type") or "")[:80]


class _Walk:
    """One read under way."""

    def __init__(self, lists: _Lists, settings: StripeServiceSettings, notes: ReadNotes) -> None:
        self._lists = lists
        self._settings = settings
        self._notes = notes
        self._days = Days(settings.time_zone)
        self._under_way = PayoutsUnderWay(notes, processor=PROCESSOR)
        self._builder = TransactionBuilder(
            OBJECT,
            is_major=False,
            kinds=settings.kinds,
            references=settings.references,
        )
        self._listed: set[str] = set()
        self._paid: dict[str, object] = {}
        self._number = 0

    def payouts(self, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        """Payouts, then the movements of those days that are in none."""
        try:
            asked = {
                "arrival_date[gte]": _midnight(since, dt.UTC),
                "arrival_date[lt]": _midnight(until + _ONE_DAY, dt.UTC),
            }
            for found in self._lists.objects(_PAYOUTS, **asked):
                yield from self._payout(found)
            yield from self._unpaid(since, until)
        except (ServiceError, TransportError) as error:
            self._note(error)

    def disputes(self, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        """Disputes, each once."""
        seen: set[str] = set()
        try:
            for found in self._lists.objects(_DISPUTES, **self._created(since, until)):
                dispute = dispute_from(self._row(found), references=self._settings.references)
                if dispute is not None and dispute.dispute not in seen:
                    seen.add(dispute.dispute)
                    yield dispute
        except (ServiceError, TransportError) as error:
            self._note(error)

    def _note(self, error: ServiceError | TransportError) -> None:
        is_refused = isinstance(error, ServiceError)
        code = "service.refused" if is_refused else "service.incomplete"
        self._notes.error(code, str(error))

    def _row(self, found: dict[str, Any]) -> ReportRow:
        self._number += 1
        return ReportRow(found, notes=self._notes, days=self._days, line=self._number)

    def _created(self, since: dt.date, until: dt.date) -> dict[str, str]:
        zone = check_time_zone(self._settings.time_zone)
        return {
            "created[gte]": _midnight(since, zone),
            "created[lt]": _midnight(until + _ONE_DAY, zone),
        }

    def _payout(self, found: dict[str, Any]) -> Iterator[PayoutRecord]:
        """A payout after its transactions; one whose transactions are refused is left out."""
        payout = payout_from(self._row(found))
        if payout is None:
            return
        self._listed.add(payout.payout)
        try:
            rows = self._transactions(payout.payout) if found.get("automatic") is True else []
        except ServiceError as error:
            if error.status in _FATAL:
                raise
            self._note(error)
            return
        for row in rows:
            self._paid[row.name("id")] = row.at("created")
            read = self._builder.read(row, payout=payout.payout)
            if read is None:
                self._under_way.spoil(payout.payout)
            elif read.movement is not None:
                self._under_way.hold(read.movement)
            elif read.fee_minor:
                fee = instant_fee(payout, read.fee_minor, row.name("id"))
                self._under_way.hold(fee)
        if found.get("automatic") is True and not self._under_way.movements(payout.payout):
            msg = f"payout {payout.payout} must have what it pays out, got nothing"
            self._notes.error("payout.unbalanced", msg)
            return
        yield from given(payout, self._under_way)

    def _transactions(self, payout: str) -> list[ReportRow]:
        found = self._lists.objects(_TRANSACTIONS, payout=payout, **{"expand[]": "data.source"})
        return [self._row(one) for one in found]

    def _unpaid(self, since: dt.date, until: dt.date) -> Iterator[PayoutRecord]:
        """What was created on those days and is in no payout, of those days or later ones."""
        asked = {**self._created(since, until), "expand[]": "data.source"}
        seen: set[str] = set()
        left: dict[str, ReportRow] = {}
        sent: set[str] = set()
        for found in self._lists.objects(_TRANSACTIONS, **asked):
            row = self._row(found)
            name = row.name("id")
            seen.add(name)
            if row.name("type") == "payout":
                sent.add(row.name("source"))
            elif name not in self._paid:
                left[name] = row
        self._check_common(seen, int(asked["created[gte]"]), int(asked["created[lt]"]))
        if left or sent - self._listed:
            self._leave_later(left, sent - self._listed, until)
        for row in left.values():
            read = self._builder.read(row)
            if read is not None and read.movement is not None:
                self._under_way.hold(read.movement)
        yield from self._under_way.rest()

    def _check_common(self, seen: set[str], first: int, end: int) -> None:
        """What was paid out and created on those days must be in the list of those days as well."""
        own = [
            name
            for name, created in self._paid.items()
            if isinstance(created, int) and first <= created < end
        ]
        if missing := [name for name in own if name not in seen]:
            msg = f"list of transactions must have all that were paid out, got {len(missing)} fewer"
            self._notes.error("service.incomplete", msg)

    def _leave_later(self, left: dict[str, ReportRow], sent: set[str], until: dt.date) -> None:
        """Take out what later payouts have paid out; a payout that is in no list is missed."""
        after = _midnight(until + _ONE_DAY, dt.UTC)
        later = list(self._lists.objects(_PAYOUTS, **{"arrival_date[gte]": after}))
        if missing := sorted(sent - {str(found.get("id")) for found in later}):
            msg = f"list of payouts must have {missing[0]}, got it without"
            self._notes.error("service.incomplete", msg)
        for found in reversed(later):
            if not left:
                return
            if found.get("automatic") is True:
                for row in self._transactions(str(found.get("id"))):
                    left.pop(row.name("id"), None)


def _midnight(day: dt.date, zone: dt.tzinfo) -> str:
    moment = dt.datetime(day.year, day.month, day.day, tzinfo=zone)
    return str(int(moment.timestamp()))
