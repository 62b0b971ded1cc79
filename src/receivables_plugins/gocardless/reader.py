"""The reader of GoCardless's pages: payouts with their items, payments, refunds, mandates, events.

Pages stand one after the other in any order, as the API gave them, or inside of whatever a recording
put around them.  Items do not say their payout: a page can (``payout``, or the query that it was
asked with), the settings can, and where a file has one payout, they are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Final
from urllib.parse import parse_qs, urlsplit

from receivables.adapters import PayoutRecord
from receivables.reading import Read, ReadNotes
from receivables.receipts.payout_reports import (
    Days,
    PayoutsUnderWay,
    ReportRow,
    is_json,
    json_values,
)
from receivables.receipts.payouts import Payout
from receivables_plugins.gocardless.events import note_reason, records_of
from receivables_plugins.gocardless.items import (
    PROCESSOR,
    People,
    movements_of,
    payout_from,
)
from receivables_plugins.gocardless.settings import GoCardlessSettings

__all__ = ["GoCardlessReader", "finish"]

_LISTS: Final = ("payouts", "payout_items", "events")
_ABOUT: Final = ("payments", "refunds", "mandates", "customers")
_PAGE: Final = re.compile(
    rb'"(?:payouts|payout_items|payments|refunds|mandates|customers|events)"\s*:\s*[\[{]'
)
_DEPTH_MAX: Final = 5
_QUERIES: Final = ("url", "request", "path")


class GoCardlessReader:
    """Reads pages of payouts, payout items, payments, refunds, mandates, customers and events."""

    def __init__(self, settings: GoCardlessSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # the content tells
        """Whether the first bytes have a list of one of GoCardless's resources."""
        return is_json(head) and _PAGE.search(head) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their place, and never raised."""
        notes = ReadNotes(name)
        return Read(_Pages(self._settings, notes).read(stream), notes)


class _Pages:
    """The pages of a file."""

    def __init__(self, settings: GoCardlessSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._days = Days(settings.time_zone)
        self._people = People()
        self._rows: dict[str, list[ReportRow]] = {name: [] for name in _LISTS}
        self._items: dict[str, list[ReportRow]] = {}
        self._count = 0

    def read(self, stream: BinaryIO) -> Iterator[PayoutRecord]:
        """Collect every page, because what is said of payments may stand after their payout."""
        for value in json_values(stream, self._notes):
            self._collect(value, depth=0)
        if not self._count and not self._notes.error_count:
            self._notes.error("file.format", "file must hold pages of GoCardless, got none")
        for row in self._rows["events"]:
            note_reason(row, self._people)
        under_way = PayoutsUnderWay(self._notes, processor=PROCESSOR)
        yield from self._payouts(under_way)
        for record in records_of(self._rows["events"], self._people):
            if under_way.is_new(record):
                yield record

    def _payouts(self, under_way: PayoutsUnderWay) -> Iterator[PayoutRecord]:
        payouts = self._declared()
        unsaid = self._items.pop("", [])
        single = self._settings.payout or (next(iter(payouts)) if len(payouts) == 1 else "")
        if single:
            self._items.setdefault(single, []).extend(unsaid)
        elif unsaid:
            msg = (
                f"payout of {len(unsaid)} items must be said by the page or the settings, got none"
            )
            unsaid[0].refuse("gocardless.payout-missing", msg)
        for name, payout in payouts.items():
            yield from finish(
                payout, self._items.pop(name, []), under_way, self._people, self._settings
            )
        for name, rows in self._items.items():
            msg = f"payout {name} must be in the file with its items, got {len(rows)} items alone"
            rows[0].refuse("gocardless.payout-missing", msg)

    def _declared(self) -> dict[str, ReportRow]:
        """The rows of the payouts by their names; one that comes twice is noted."""
        payouts: dict[str, ReportRow] = {}
        for row in self._rows["payouts"]:
            name = row.name("id")
            if payouts.setdefault(name, row) is not row:
                row.refuse("payout.duplicate", f"payout {name} must stand once, got it again")
        return payouts

    def _collect(self, value: object, *, depth: int) -> None:
        if depth > _DEPTH_MAX:
            return
        if isinstance(value, list):
            for each in value:
                self._collect(each, depth=depth + 1)
        elif isinstance(value, dict):
            named = [
                name for name in (*_LISTS, *_ABOUT) if isinstance(value.get(name), list | dict)
            ]
            if named:
                self._page(value, named)
            for name, each in value.items():
                if name not in named:
                    self._collect(each, depth=depth + 1)

    def _page(self, page: dict[str, Any], named: list[str]) -> None:
        self._count += 1
        payout = _asked_for(page)
        for name in named:
            found = page[name]
            values = found if isinstance(found, list) else [found]
            for value in values:
                if isinstance(value, dict):
                    self._take(name, value, payout)

    def _take(self, name: str, value: dict[str, Any], payout: str) -> None:
        if name in _ABOUT:
            known: dict[str, dict[str, Any]] = getattr(self._people, name)
            known.setdefault(str(value.get("id", "")), value)
            return
        line = len(self._rows[name]) + 1
        row = ReportRow(value, notes=self._notes, days=self._days, line=line)
        self._rows[name].append(row)
        if name == "payout_items":
            own = row.name("links.payout") or row.name("payout") or payout
            self._items.setdefault(own, []).append(row)


def _asked_for(page: Mapping[str, Any]) -> str:
    """The payout that a page says it was asked for."""
    said = page.get("payout")
    if isinstance(said, str):
        return said
    for name in _QUERIES:
        value = page.get(name)
        if isinstance(value, str):
            return next(iter(parse_qs(urlsplit(value).query).get("payout", [])), "")
    return ""


def finish(
    row: ReportRow,
    items: list[ReportRow],
    under_way: PayoutsUnderWay,
    people: People,
    settings: Any,  # noqa: ANN401  # those of the reader or of the service
) -> Iterator[PayoutRecord]:
    """Give a payout after its movements; without items it proves nothing."""
    payout = payout_from(row)
    if payout is None:
        return
    if not items:
        yield from under_way.give(payout)
        return
    movements = movements_of(
        items, payout, people=people, kinds=settings.kinds, reference=settings.reference
    )
    if movements is None:
        under_way.spoil(payout.payout)
    for movement in movements or []:
        under_way.hold(movement)
    _check_fees(row, items, payout, settings)
    yield from under_way.finish(
        payout.payout,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        paid_on=payout.paid_on,
        account=payout.account,
        bank_reference=payout.bank_reference,
        status=payout.status,
        merchant=payout.merchant,
        line=row.line,
        source=payout.source,
    )


def _check_fees(row: ReportRow, items: list[ReportRow], payout: Payout, settings: Any) -> None:  # noqa: ANN401  # see above
    """Whether the fees among the items are those that the payout says were deducted."""
    said = row.at("deducted_fees")
    if type(said) is not int or settings.kinds:
        return
    total = Decimal()
    for item in items:
        if item.name("type").endswith("_fee"):
            total -= item.decimal(item.at("amount"), field="amount") or Decimal()
    if abs(total - said) >= 1:
        msg = f"fees of payout {payout.payout} must be those deducted, {said}, got {total}"
        row.warn("gocardless.fees", msg, field="deducted_fees")
