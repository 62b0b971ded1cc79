"""The Reporting v3 service: daily reports or details, net fundings, chargebacks, control totals.

Movements come from a daily report (route ``reports``), which may have to be waited for, or from the
purchase and refund details (route ``details``), page by page.  A day is a payout only where the
processor reports net fundings.  What came is compared with the payment batch summaries, because no
answer says how many rows there are.

Taken from the published description of the service and not tried on it; that the days of details,
of summaries and of fundings are the same days is an assumption.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import attrs

from receivables.adapters import PayoutRecord
from receivables.archives import in_units
from receivables.cards import masked
from receivables.errors import DocumentError, ServiceError, TransportError
from receivables.reading import Read, ReadNotes
from receivables.receipts.payouts import (
    MovementKind,
    Payout,
    ProcessorDispute,
    ProcessorMovement,
    payout_of,
)
from receivables.transports import Request, Response, Runtime
from receivables_plugins.cybersource.reader import records_in
from receivables_plugins.cybersource.records import PROCESSOR, Recording
from receivables_plugins.cybersource.rows import Kind, Report, Row, json_row
from receivables_plugins.cybersource.settings import CybersourceSettings
from receivables_plugins.cybersource.signing import Signing, signed
from receivables_plugins.cybersource.values import Values

__all__ = ["CybersourceService"]

_BASE: Final = "/reporting/v3"
_NOT_FOUND: Final = 404
_MEDIA: Final = {"csv": "text/csv", "xml": "application/xml"}
_WAITING: Final = frozenset({"PENDING", "QUEUED", "RUNNING", "RERUN"})
_PAGES_MAX: Final = 100_000
"""Pages of one day: far more than any merchant has, so that a service that repeats itself ends."""
_NET: Final = {
    "totalPurchases": MovementKind.PAYMENT,
    "totalRefunds": MovementKind.REFUND,
    "totalFees": MovementKind.FEE,
    "totalChargebacks": MovementKind.CHARGEBACK,
}


@attrs.frozen
class _Sum:
    """How many rows there are, and what they come to."""

    count: int = 0
    amount_minor: int = 0


class CybersourceService:
    """Reads Cybersource over its interface; what cannot be had is noted, and nothing is raised."""

    def __init__(self, settings: CybersourceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime

    def payouts(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """Movements of some days, and the payouts where the processor reports its fundings."""
        notes = ReadNotes(f"{PROCESSOR} {since} to {until}")
        return Read(self._guarded(self._payouts(since, until, notes), notes), notes)

    def disputes(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """Chargebacks opened on some days, with the day until which they can be answered."""
        notes = ReadNotes(f"{PROCESSOR} chargebacks {since} to {until}")
        return Read(self._guarded(self._disputes(since, until, notes), notes), notes)

    def _guarded(self, rows: Iterable[PayoutRecord], notes: ReadNotes) -> Iterator[PayoutRecord]:
        """Rows until something fails, and a note of what did."""
        try:
            yield from rows
        except ServiceError as error:
            notes.error("service.refused", str(error))
        except TransportError as error:
            notes.error("service.incomplete", f"service must be reached, got {error}")

    def _payouts(self, since: dt.date, until: dt.date, notes: ReadNotes) -> Iterator[PayoutRecord]:
        control = _Control(self, notes)
        for day in _days(since, until):
            movements = control.watched(self._movements(day, notes))
            if self._settings.funded:
                yield from self._funded(day, movements, notes)
            else:
                yield from movements
        if self._settings.controlled and not notes.error_count:
            control.check(since, until)

    # -- movements ------------------------------------------------------------------------

    def _movements(self, day: dt.date, notes: ReadNotes) -> Iterator[ProcessorMovement]:
        records = self._of_report(day, notes)
        if self._settings.route == "details":
            records = self._of_details(day, notes)
        for record in records:
            if isinstance(record, ProcessorMovement):
                yield record

    def _of_report(self, day: dt.date, notes: ReadNotes) -> Iterator[PayoutRecord]:
        body = self._report(day, notes)
        if body is None:
            return
        inner = ReadNotes(f"{self._report_name} {day}")
        try:
            yield from records_in(io.BytesIO(body), settings=self._settings.reading, notes=inner)
        finally:
            for problem in inner.problems:
                notes.add(problem)

    @property
    def _report_name(self) -> str:
        return self._settings.report_name or self._settings.report

    def _report(self, day: dt.date, notes: ReadNotes) -> bytes | None:
        """The daily report, waited for; None where there is none, which is noted."""
        asked = {"reportDate": day.isoformat(), "reportName": self._report_name}
        is_created = False
        for turn in range(self._settings.waits + 1):
            accept = _MEDIA[self._settings.report_format]
            answer = self._get("report-downloads", asked, accept=accept)
            if answer.is_success:
                return answer.body
            if answer.status != _NOT_FOUND:
                raise _refusal("report-downloads", answer)
            status = self._status(day)
            if status == "NO_DATA":
                return None
            if not status and self._settings.creates and not is_created:
                self._create(day)
                is_created = True
            elif status not in _WAITING and not is_created:
                said = status or "no such report"
                msg = f"report {self._report_name} of {day} must be there, got {said}"
                notes.error("service.incomplete", msg)
                return None
            if turn < self._settings.waits:
                self._runtime.sleep(self._settings.wait_seconds)
        msg = f"report {self._report_name} of {day} must be ready, got a report under way"
        notes.error("service.incomplete", msg)
        return None

    def _status(self, day: dt.date) -> str:
        """What the service says of a report that cannot be downloaded; empty where it has none."""
        asked = {
            **_times(day, day),
            "timeQueryType": "reportTimeFrame",
            "reportMimeType": _MEDIA[self._settings.report_format],
            "reportName": self._report_name,
        }
        answer = self._get("reports", asked)
        if answer.status == _NOT_FOUND:
            return ""
        found = _objects(self._object("reports", answer), "reportSearchResults")
        mine = [each for each in found if each.get("reportName") == self._report_name]
        return str(mine[0].get("status", "")).upper() if mine else ""

    def _create(self, day: dt.date) -> None:
        times = _times(day, day)
        wanted = {
            "organizationId": self._settings.organization,
            "reportDefinitionName": self._settings.report,
            "reportName": self._report_name,
            "reportMimeType": _MEDIA[self._settings.report_format],
            "reportFrequency": "ADHOC",
            "timezone": "GMT",
            "reportStartTime": times["startTime"],
            "reportEndTime": times["endTime"],
        }
        body = json.dumps(wanted, sort_keys=True).encode()
        target = f"{_BASE}/reports?{urlencode({'organizationId': self._settings.organization})}"
        answer = self._send("POST", target, body=body)
        if not answer.is_success:
            raise _refusal("reports", answer)

    def _of_details(self, day: dt.date, notes: ReadNotes) -> Iterator[PayoutRecord]:
        """Purchases and refunds, a page after the other until one is empty."""
        report = Report(kind=Kind.BATCHES, merchant=self._settings.merchant_account)
        reading = self._settings.reading
        recording = Recording(report, settings=reading, notes=notes)
        asked = {**_times(day, day), "viewBy": "submissionDate", "paymentSubtype": "ALL"}
        offset = 0
        for _page in range(_PAGES_MAX):
            paged = {**asked, "offset": str(offset), "limit": str(self._settings.page_size)}
            answer = self._object(
                "purchase-refund-details", self._get("purchase-refund-details", paged)
            )
            found = list(_joined(answer))
            if not found:
                return
            offset += len(found)
            for each in found:
                row = json_row(each, settings=reading, notes=notes)
                if row is not None:
                    yield from recording.records(row)
        notes.error("service.incomplete", f"pages of {day} must end, got {_PAGES_MAX}")

    # -- payouts --------------------------------------------------------------------------

    def _funded(
        self, day: dt.date, movements: Iterator[ProcessorMovement], notes: ReadNotes
    ) -> Iterator[PayoutRecord]:
        """The payouts of a day, each after its movements; one that does not balance brings none."""
        before = notes.error_count
        held: dict[str, list[ProcessorMovement]] = {}
        for movement in movements:
            held.setdefault(movement.currency, []).append(movement)
        for movement in self._chargebacks(day, notes):
            held.setdefault(movement.currency, []).append(movement)
        funding = self._funding(day, notes)
        if notes.error_count > before:
            # A payout of which a row is missing proves nothing, so that its rows stand alone.
            yield from (each for found in held.values() for each in found)
            return
        for currency in sorted({*held, *funding}):
            found = held.get(currency, [])
            if currency in funding:
                yield from self._paid_out(day, found, funding[currency], notes)
            else:
                yield from found

    def _paid_out(
        self,
        day: dt.date,
        movements: list[ProcessorMovement],
        funding: Payout,
        notes: ReadNotes,
    ) -> Iterator[PayoutRecord]:
        name = funding.payout
        found = [attrs.evolve(each, payout=name, available_on=day) for each in movements]
        fees_minor = -funding.totals.get(MovementKind.FEE, 0)
        rest_minor = fees_minor - sum(each.fee_minor for each in found)
        if rest_minor > 0:
            found.append(_fees(funding, rest_minor, day))
        payout = payout_of(
            found,
            payout=name,
            processor=PROCESSOR,
            amount_minor=funding.amount_minor,
            currency=funding.currency,
            paid_on=day,
            merchant=funding.merchant,
        )
        if payout.difference_minor:
            off = in_units(payout.difference_minor, funding.currency)
            msg = f"movements of {name} must come to its amount, got a difference of {off}"
            notes.error("payout.unbalanced", msg)
            return
        yield from found
        yield payout

    def _funding(self, day: dt.date, notes: ReadNotes) -> dict[str, Payout]:
        """What was paid out on a day, by currency; nothing where the totals do not add up."""
        answer = self._object("net-fundings", self._get("net-fundings", _times(day, day)))
        values = Values(self._settings.reading, notes)
        totals: dict[str, Counter[MovementKind]] = {}
        for name, kind in _NET.items():
            for currency, minor in _amounts(answer, name, values):
                sign = 1 if kind is MovementKind.PAYMENT else -1
                totals.setdefault(currency, Counter())[kind] += sign * abs(minor)
        found: dict[str, Payout] = {}
        merchant = self._settings.merchant_account
        for currency, minor in _amounts(answer, "netTotal", values):
            sums = dict(totals.get(currency, {}))
            if minor != sum(sums.values()):
                off = in_units(minor - sum(sums.values()), currency)
                msg = f"net funding of {day} must come to its total, got a difference of {off}"
                notes.error("payout.unbalanced", msg)
                continue
            found[currency] = Payout(
                payout=f"net:{merchant}:{day.isoformat()}:{currency}",
                processor=PROCESSOR,
                amount_minor=minor,
                currency=currency,
                paid_on=day,
                totals=sums,
                is_itemized=False,
                merchant=merchant,
            )
        return found

    def _chargebacks(self, day: dt.date, notes: ReadNotes) -> Iterator[ProcessorMovement]:
        for row in self._chargeback_rows(day, day, notes):
            recording = self._chargeback_recording(notes)
            for record in recording.records(row):
                if isinstance(record, ProcessorMovement):
                    yield record

    # -- disputes -------------------------------------------------------------------------

    def _disputes(self, since: dt.date, until: dt.date, notes: ReadNotes) -> Iterator[PayoutRecord]:
        recording = self._chargeback_recording(notes)
        count = 0
        for row in self._chargeback_rows(since, until, notes):
            count += 1
            for record in recording.records(row):
                if isinstance(record, ProcessorDispute):
                    yield record
        if self._settings.controlled:
            self._count_disputes(since, until, count, notes)

    def _chargeback_recording(self, notes: ReadNotes) -> Recording:
        report = Report(kind=Kind.CHARGEBACKS, merchant=self._settings.merchant_account)
        return Recording(report, settings=self._settings.reading, notes=notes)

    def _chargeback_rows(self, since: dt.date, until: dt.date, notes: ReadNotes) -> Iterator[Row]:
        answer = self._get("chargeback-details", _times(since, until))
        if answer.status == _NOT_FOUND:
            return
        for each in _objects(self._object("chargeback-details", answer), "chargebackDetails"):
            row = json_row(each, settings=self._settings.reading, notes=notes)
            if row is not None:
                yield row

    def _count_disputes(self, since: dt.date, until: dt.date, count: int, notes: ReadNotes) -> None:
        answer = self._get("chargeback-summaries", _times(since, until))
        if answer.status == _NOT_FOUND:
            return
        found = _objects(self._object("chargeback-summaries", answer), "chargebackSummaries")
        counts = [each.get("count") for each in found]
        declared = sum(each for each in counts if type(each) is int)
        if declared != count:
            msg = f"chargebacks must be as many as their summaries count, got {count} of {declared}"
            notes.error("service.incomplete", msg)

    # -- the way there --------------------------------------------------------------------

    def get_object(self, path: str, asked: Mapping[str, str]) -> Mapping[str, Any] | None:
        """What the service says under a path; None where it has nothing there."""
        answer = self._get(path, asked)
        return None if answer.status == _NOT_FOUND else self._object(path, answer)

    def values(self, notes: ReadNotes) -> Values:
        """What reads amounts and days as the settings say."""
        return Values(self._settings.reading, notes)

    def _get(self, path: str, asked: Mapping[str, str], *, accept: str = "") -> Response:
        query = {"organizationId": self._settings.organization, **asked}
        return self._send("GET", f"{_BASE}/{path}?{urlencode(query)}", accept=accept)

    def _object(self, path: str, answer: Response) -> Mapping[str, Any]:
        if not answer.is_success:
            raise _refusal(path, answer)
        found = answer.json()
        if not isinstance(found, dict):
            msg = f"{path} must be answered with an object, got {type(found).__name__}"
            raise ServiceError(msg, status=answer.status)
        return found

    def _send(self, method: str, target: str, *, body: bytes = b"", accept: str = "") -> Response:
        settings = self._settings
        signing = Signing(
            merchant=settings.merchant_account,
            key_id=self._runtime.secret(settings.key_id),
            secret=self._runtime.secret(settings.shared_secret),
            date_header=settings.date_header,
            target_label=settings.target_label,
        )
        date = format_datetime(self._runtime.now().astimezone(dt.UTC), usegmt=True)
        host = urlsplit(settings.url).netloc
        headers = signed(signing, method=method, host=host, target=target, date=date, body=body)
        headers["accept"] = accept or "application/hal+json;charset=utf-8"
        if body:
            headers["content-type"] = "application/json"
        url = settings.url.rstrip("/") + target
        return self._runtime.transport(Request(method, url, headers=headers, body=body))


class _Control:
    """Counts what comes, and compares it with the payment batch summaries."""

    def __init__(self, service: CybersourceService, notes: ReadNotes) -> None:
        self._service = service
        self._notes = notes
        self._found: dict[str, dict[MovementKind, _Sum]] = {}

    def watched(self, movements: Iterable[ProcessorMovement]) -> Iterator[ProcessorMovement]:
        """The movements, counted as they come."""
        for movement in movements:
            sums = self._found.setdefault(movement.currency, {})
            old = sums.get(movement.kind, _Sum())
            sums[movement.kind] = _Sum(old.count + 1, old.amount_minor + movement.gross_minor)
            yield movement

    def check(self, since: dt.date, until: dt.date) -> None:
        """Note an error where the summaries count otherwise, a warning where there are none."""
        answer = self._service.get_object("payment-batch-summaries", _times(since, until))
        if answer is None:
            msg = "payment batch summaries must be there to prove that nothing is missing, got none"
            self._notes.warn("cybersource.uncontrolled", msg)
            return
        declared: dict[tuple[str, MovementKind], _Sum] = {}
        values = self._service.values(self._notes)
        for each in _objects(answer, "paymentBatchSummaries"):
            for kind, name in ((MovementKind.PAYMENT, "sales"), (MovementKind.REFUND, "credit")):
                currency = str(each.get("currencyCode", ""))
                old = declared.get((currency, kind), _Sum())
                count, minor = _counted(each, name, currency, values)
                sign = 1 if kind is MovementKind.PAYMENT else -1
                declared[currency, kind] = _Sum(
                    old.count + count, old.amount_minor + sign * abs(minor)
                )
        self._compare(declared)

    def _compare(self, declared: Mapping[tuple[str, MovementKind], _Sum]) -> None:
        kinds = (MovementKind.PAYMENT, MovementKind.REFUND)
        keys = {*declared, *((currency, kind) for currency in self._found for kind in kinds)}
        for currency, kind in sorted(keys, key=lambda key: (key[0], key[1].value)):
            found = self._found.get(currency, {}).get(kind, _Sum())
            wanted = declared.get((currency, kind), _Sum())
            if found != wanted:
                msg = (
                    f"{kind.value}s in {currency} must be those of the batch summaries,"
                    f" {wanted.count} of {in_units(wanted.amount_minor, currency)},"
                    f" got {found.count} of {in_units(found.amount_minor, currency)}"
                )
                self._notes.error("service.incomplete", msg)


def _days(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    for number in range((until - since).days + 1):
        yield since + dt.timedelta(days=number)


def _times(since: dt.date, until: dt.date) -> dict[str, str]:
    """The times between which something is asked for: whole days in UTC."""
    return {
        "startTime": f"{since.isoformat()}T00:00:00.000Z",
        "endTime": f"{until.isoformat()}T23:59:59.999Z",
    }


def _objects(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects of an answer; empty where it has none."""
    found = answer.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _joined(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The settlements of a page, each with what the other lists say of the same request."""
    more: dict[str, dict[str, Any]] = {}
    names = ("requestDetails", "feeAndFundingDetails", "settlementStatuses", "others")
    for name in names:
        for each in _objects(answer, name):
            known = more.setdefault(str(each.get("requestId", "")), {})
            for key, value in each.items():
                known.setdefault(key, value)
    for each in _objects(answer, "settlements"):
        around = more.get(str(each.get("requestId", "")), {})
        # The reason code of a status is no reply, and the own fields of a settlement come first.
        rest = {key: value for key, value in around.items() if key != "reasonCode"}
        yield {**rest, **{key: value for key, value in each.items() if value is not None}}


def _amounts(answer: Mapping[str, Any], name: str, values: Values) -> Iterator[tuple[str, int]]:
    """The amounts of a total, one for each currency."""
    for each in _objects(answer, name):
        found = str(each.get("value", each.get("amount", "")) or "0")
        row = Row(
            {"currency": str(each.get("currency", each.get("currencyCode", ""))), "amount": found},
            line=None,
            headings={"amount": name, "currency": name},
        )
        currency = values.currency(row)
        minor = values.amount_minor(row, "amount", currency)
        if minor is not None:
            yield currency, minor


def _counted(
    summary: Mapping[str, Any], name: str, currency: str, values: Values
) -> tuple[int, int]:
    count = summary.get(f"{name}Count", 0)
    cells = {"currency": currency, "amount": str(summary.get(f"{name}Amount", "") or "0")}
    row = Row(cells, line=None, headings={"amount": f"{name}Amount"})
    minor = values.amount_minor(row, "amount", values.currency(row)) or 0
    return (count if type(count) is int else 0), minor


def _fees(funding: Payout, rest_minor: int, day: dt.date) -> ProcessorMovement:
    """The fees of a day that stand on no transaction."""
    return ProcessorMovement(
        movement=f"fees:{funding.payout}",
        processor=PROCESSOR,
        kind=MovementKind.FEE,
        gross_minor=-rest_minor,
        currency=funding.currency,
        occurred_on=day,
        payout=funding.payout,
        available_on=day,
        text="fees of the day that stand on no transaction",
        raw_kind="FEES",
    )


def _refusal(path: str, answer: Response) -> ServiceError:
    """A refusal in the service's own short words; longer ones may repeat what was sent."""
    code = ""
    try:
        said = answer.json()
        if isinstance(said, dict):
            words = said.get("reason") or said.get("code") or said.get("errorCode")
            code = masked(str(words or ""))[:60]
    except (ServiceError, DocumentError):
        code = ""
    reason = f" {code}" if code else ""
    msg = f"{path} must be answered with 200, got {answer.status}{reason}"
    return ServiceError(msg, status=answer.status, code=code)
