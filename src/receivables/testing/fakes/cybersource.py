"""A Cybersource that runs in the test: it verifies signatures, and is not always ready with a report.

It answers the paths of Reporting v3 that adapters need, from transactions and cases that it is
given: daily reports in CSV and XML, purchase and refund details by offset, net fundings, payment
batch summaries, chargebacks.  It checks every signature by its own arithmetic, date and digest too.

>>> paid = CybersourceTransaction(request="7000000000000000000042", reference="F-0042",
...                               amount="120.00", day=dt.date(2026, 10, 5))
>>> batch_csv([paid], merchant="mira", day=dt.date(2026, 10, 5)).splitlines()[0].decode()
'mira,PaymentBatchDetailReport,Standard,1.0,2026-10-05 00:00:00 to 2026-10-06 00:00:00,,,,,,,,,,'
"""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import hmac
import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import quoteattr

import attrs

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = [
    "CybersourceCase",
    "CybersourceTransaction",
    "FakeCybersource",
    "batch_csv",
    "batch_xml",
]

_SIGNATURE: Final = re.compile(r'(\w+)="([^"]*)"')
_LIMIT_MAX: Final = 2_000
_TOLERANCE: Final = dt.timedelta(minutes=5)
_HEADINGS: Final = (
    "batch_id",
    "merchant_id",
    "batch_date",
    "request_id",
    "merchant_ref_number",
    "TransactionReferenceNumber",
    "payment_type",
    "currency",
    "amount",
    "ics_applications",
    "status",
    "transaction_date",
    "merchant_data_1",
    " merchant_data_2",
    " merchant_data_3",
)
"""As files have them: some names begin with a blank."""


@attrs.frozen(kw_only=True)
class CybersourceTransaction:
    """A capture or a credit; `amount` and `fee` are decimal texts without a sign."""

    request: str
    reference: str
    amount: str
    day: dt.date
    currency: str = "USD"
    applications: str = "ics_bill"
    """Several of them are joined by commas."""
    batch: str = "10001"
    method: str = "Visa"
    fee: str = ""
    text: str = ""

    @property
    def is_refund(self) -> bool:
        """Whether money went back."""
        return "credit" in self.applications


@attrs.frozen(kw_only=True)
class CybersourceCase:
    """A chargeback; with the sign ``-`` money was taken, with none it was not."""

    case: str
    request: str
    reference: str
    amount: str
    day: dt.date
    due: dt.date | None = None
    currency: str = "USD"
    action: str = "Chargeback"
    sign: str = "-"
    reason: str = "10.4"


def batch_csv(
    transactions: Iterable[CybersourceTransaction], *, merchant: str, day: dt.date
) -> bytes:
    """A daily payment batch detail report as a file of comma-separated values."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    period = f"{day} 00:00:00 to {day + dt.timedelta(days=1)} 00:00:00"
    head = (merchant, "PaymentBatchDetailReport", "Standard", "1.0", period)
    writer.writerow([*head, *[""] * (len(_HEADINGS) - len(head))])
    stream.write(",".join(_HEADINGS) + "\r\n")
    for each in transactions:
        row: tuple[str, ...] = (
            each.batch,
            merchant,
            f"{each.day}T23:00:00Z",
            each.request,
            each.reference,
            each.request[-12:],
            each.method,
            each.currency,
            each.amount,
            each.applications,
            "",
            f"{each.day}T12:00:00Z",
            each.text,
            "",
            "",
        )
        writer.writerow(row)
    return stream.getvalue().encode()


def batch_xml(
    transactions: Iterable[CybersourceTransaction],
    *,
    merchant: str,
    day: dt.date,
    namespace: str = "",
) -> bytes:
    """The same report in XML, as its public schema has it."""
    declared = f" xmlns={quoteattr(namespace)}" if namespace else ""
    end = day + dt.timedelta(days=1)
    root = (
        f'<Report{declared} Name="PaymentBatchDetailReport" Type="Standard" Version="1.0"'
        f" OrganizationID={quoteattr(merchant)} ReportStartDate={quoteattr(f'{day}T00:00:00Z')}"
        f" ReportEndDate={quoteattr(f'{end}T00:00:00Z')}><Requests>\n"
    )
    requests = [_request_xml(each, merchant) for each in transactions]
    first = '<?xml version="1.0" encoding="UTF-8"?>\n'
    parts = [first, root, *requests, "</Requests></Report>\n"]
    return "".join(parts).encode()


def _request_xml(each: CybersourceTransaction, merchant: str) -> str:
    replies = "".join(
        f"<ApplicationReply Name={quoteattr(name)}><RCode>1</RCode><RFlag>SOK</RFlag>"
        "</ApplicationReply>"
        for name in each.applications.split(",")
    )
    card = f"<Card><CardType>{each.method}</CardType></Card>"
    payment = (
        f"<PaymentInfo><Amount>{each.amount}</Amount>"
        f"<PaymentRequestID>{each.request}</PaymentRequestID>"
        f"<TransactionReferenceNumber>{each.request[-12:]}</TransactionReferenceNumber>"
        f"<CurrencyCode>{each.currency}</CurrencyCode><PayerAuthenticationInfo/></PaymentInfo>"
    )
    defined = f"<MerchantDefinedData><field1>{each.text}</field1></MerchantDefinedData>"
    return (
        f"<Request MerchantID={quoteattr(merchant)} RequestID={quoteattr(each.request)}"
        f" MerchantReferenceNumber={quoteattr(each.reference)}"
        f" RequestDate={quoteattr(f'{each.day}T12:00:00Z')}>"
        f"<PaymentMethod>{card}</PaymentMethod>"
        f"<ApplicationReplies>{replies}</ApplicationReplies><PaymentData>{payment}</PaymentData>"
        f"{defined if each.text else ''}"
        f"<BATCH><BatchID>{each.batch}</BatchID><BatchDate>{each.day}T23:00:00Z</BatchDate>"
        f"<Status></Status></BATCH></Request>\n"
    )


class FakeCybersource:
    """A transport that is Cybersource.

    `pending` says how often the report of a day is not ready, `missing` which days have none until
    it is asked for.  `fees` are those of a day and a currency that stand on no transaction.  With
    `now`, a signature whose date is more than five minutes away is refused.  With `fails_at`, the
    row of that number is no number in a report, and the page that has it is refused in the details.
    """

    def __init__(  # noqa: PLR0913  # what a service holds, by name
        self,
        transactions: Iterable[CybersourceTransaction] = (),
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        *,
        cases: Iterable[CybersourceCase] = (),
        organization: str = "mira",
        key_id: str = "cybersource-key",
        shared_secret: str = "c2hhcmVkLXNlY3JldA==",  # noqa: S107  # that of a fake
        pending: Mapping[dt.date, int] | None = None,
        missing: Collection[dt.date] = (),
        fees: Mapping[tuple[dt.date, str], str] | None = None,
        now: dt.datetime | None = None,
    ) -> None:
        self._transactions = list(transactions)
        self._cases = list(cases)
        self._serving = serving
        self._organization = organization
        self._key_id = key_id
        self._key = base64.b64decode(shared_secret)
        self._pending = dict(pending or {})
        self._missing = set(missing)
        self._fees = dict(fees or {})
        self._now = now
        self.requests: list[Request] = []
        self.created: list[Mapping[str, Any]] = []

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        why = self._mistrust(request)
        if why:
            return _json(401, {"response": {"rmsg": "Authentication Failed"}, "reason": why})
        parts = urlsplit(request.url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if asked.get("organizationId") != self._organization:
            return _json(400, {"reason": "INVALID_ORGANIZATION"})
        path = parts.path.removeprefix("/reporting/v3/")
        if request.method == "POST":
            return self._create(request) if path == "reports" else _json(405, {})
        return self._answer(path, asked, request)

    def _answer(self, path: str, asked: Mapping[str, str], request: Request) -> Response:
        if path == "report-downloads":
            return self._download(asked, request.header("accept"))
        if path == "reports":
            return self._search(asked)
        days = _days(asked)
        if days is None:
            return _json(400, {"reason": "INVALID_DATE_RANGE"})
        answers = {
            "purchase-refund-details": self._details,
            "net-fundings": self._net_fundings,
            "payment-batch-summaries": self._batch_summaries,
            "chargeback-details": self._chargebacks,
            "chargeback-summaries": self._chargeback_summaries,
        }
        answer = answers.get(path)
        return _json(404, {"reason": "NOT_FOUND"}) if answer is None else answer(days, asked)

    # -- signatures -----------------------------------------------------------------------

    def _mistrust(self, request: Request) -> str:
        """Why a signature is not accepted; empty where it is."""
        said = dict(_SIGNATURE.findall(request.header("signature")))
        if said.get("keyid") != self._key_id or said.get("algorithm") != "HmacSHA256":
            return "UNKNOWN_KEY"
        parts = urlsplit(request.url)
        target = f"{request.method.lower()} {parts.path}?{parts.query}"
        names = said.get("headers", "").split()
        needed = {"host", "v-c-merchant-id", *(["digest"] if request.body else [])}
        if not needed <= set(names) or not {"date", "v-c-date"} & set(names):
            return "HEADERS_NOT_SIGNED"
        lines = [
            f"{name}: {target if 'request-target' in name else request.header(name)}"
            for name in names
        ]
        mac = hmac.new(self._key, "\n".join(lines).encode(), hashlib.sha256).digest()
        given = said.get("signature", "")
        if not hmac.compare_digest(base64.b64encode(mac).decode(), given):
            return "SIGNATURE_MISMATCH"
        return self._mistrust_headers(request, parts.netloc)

    def _mistrust_headers(self, request: Request, host: str) -> str:
        digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
        if request.body and request.header("digest") != f"SHA-256={digest}":
            return "DIGEST_MISMATCH"
        if request.header("host") != host or request.header("v-c-merchant-id") == "":
            return "HOST_MISMATCH"
        date = parsedate_to_datetime(request.header("date") or request.header("v-c-date"))
        if self._now is not None and abs(self._now - date) > _TOLERANCE:
            return "DATE_TOO_OLD"
        return ""

    # -- reports --------------------------------------------------------------------------

    def _of(self, days: Collection[dt.date]) -> list[CybersourceTransaction]:
        return [each for each in self._transactions if each.day in days]

    def _served(self, days: Collection[dt.date]) -> Sequence[CybersourceTransaction]:
        """The transactions of some days, cut short where the serving says so."""
        return self._of(days)[: self._serving.truncates_at]

    def _download(self, asked: Mapping[str, str], accept: str) -> Response:
        day = dt.date.fromisoformat(asked["reportDate"])
        if day in self._missing or self._pending.get(day, 0) > 0:
            return _json(404, {"reason": "REPORT_NOT_FOUND"})
        rows = list(self._served([day]))
        failing = self._serving.fails_at
        if failing is not None and failing <= len(rows):
            rows[failing - 1] = attrs.evolve(rows[failing - 1], amount="ERROR")
        if not rows and not self._of([day]):
            return _json(404, {"reason": "REPORT_NOT_FOUND"})
        make = batch_xml if "xml" in accept else batch_csv
        body = make(rows, merchant=self._organization, day=day)
        return Response(200, headers={"Content-Type": accept}, body=body)

    def _search(self, asked: Mapping[str, str]) -> Response:
        days = _days(asked)
        if days is None or "timeQueryType" not in asked:
            return _json(400, {"reason": "INVALID_DATE_RANGE"})
        [day] = list(days)[:1]
        if day in self._missing:
            return _json(404, {"reason": "NOT_FOUND"})
        status = "COMPLETED" if self._of([day]) else "NO_DATA"
        if self._pending.get(day, 0) > 0:
            self._pending[day] -= 1
            status = "PENDING"
        found = {"reportName": asked.get("reportName", ""), "status": status}
        return _json(200, {"reportSearchResults": [found]})

    def _create(self, request: Request) -> Response:
        wanted = json.loads(request.body)
        day = dt.date.fromisoformat(wanted["reportStartTime"][:10])
        self.created.append(wanted)
        self._missing.discard(day)
        self._pending[day] = 1
        return Response(201)

    # -- details and totals ---------------------------------------------------------------

    def _details(self, days: Collection[dt.date], asked: Mapping[str, str]) -> Response:
        limit, offset = int(asked.get("limit", "20")), int(asked.get("offset", "0"))
        if not 1 <= limit <= _LIMIT_MAX:
            return _json(400, {"reason": "INVALID_LIMIT"})
        size = min(limit, self._serving.page_size)
        page = self._served(days)[offset : offset + size]
        failing = self._serving.fails_at
        if failing is not None and offset < failing <= offset + len(page):
            return _json(500, {"reason": "SERVER_ERROR"})
        return _json(
            200,
            {
                "offset": offset,
                "limit": limit,
                "pageResults": len(page),
                "requestDetails": [
                    {
                        "requestId": each.request,
                        "cybersourceMerchantId": self._organization,
                        "merchantReferenceNumber": each.reference,
                    }
                    for each in page
                ],
                "settlements": [_settlement(each) for each in page],
                "feeAndFundingDetails": [
                    {"requestId": each.request, "totalFee": each.fee, "feeCurrency": each.currency}
                    for each in page
                    if each.fee
                ],
                "settlementStatuses": [
                    {"requestId": each.request, "status": "SETTLED", "reasonCode": "100"}
                    for each in page
                ],
            },
        )

    def _net_fundings(self, days: Collection[dt.date], asked: Mapping[str, str]) -> Response:
        del asked
        sums: dict[str, Counter[str]] = {}
        for each in self._of(days):
            name = "totalRefunds" if each.is_refund else "totalPurchases"
            sums.setdefault(name, Counter())[each.currency] += _minor(each.amount)
            sums.setdefault("totalFees", Counter())[each.currency] += _minor(each.fee or "0")
        for (day, currency), fee in self._fees.items():
            if day in days:
                sums.setdefault("totalFees", Counter())[currency] += _minor(fee)
        for case in self._cases:
            if case.day in days and case.sign:
                sums.setdefault("totalChargebacks", Counter())[case.currency] += _minor(case.amount)
        net: Counter[str] = Counter()
        for name, found in sums.items():
            for currency, minor in found.items():
                net[currency] += minor if name == "totalPurchases" else -minor
        sums["netTotal"] = net
        listed = {
            name: [{"currency": code, "value": _text(minor)} for code, minor in found.items()]
            for name, found in sums.items()
        }
        return _json(200, listed)

    def _batch_summaries(self, days: Collection[dt.date], asked: Mapping[str, str]) -> Response:
        del asked
        found: dict[str, dict[str, Any]] = {}
        for each in self._of(days):
            name = "credit" if each.is_refund else "sales"
            own = found.setdefault(
                each.currency,
                {"salesCount": 0, "salesAmount": "0", "creditCount": 0, "creditAmount": "0"},
            )
            own[f"{name}Count"] += 1
            own[f"{name}Amount"] = str(Decimal(own[f"{name}Amount"]) + Decimal(each.amount))
        listed = [{"currencyCode": code, **own} for code, own in found.items()]
        return _json(200, {"paymentBatchSummaries": listed})

    def _chargebacks(self, days: Collection[dt.date], asked: Mapping[str, str]) -> Response:
        del asked
        found = [_case(each) for each in self._cases if each.day in days]
        listed = found[: self._serving.truncates_at]
        return _json(200, {"chargebackDetails": listed})

    def _chargeback_summaries(
        self, days: Collection[dt.date], asked: Mapping[str, str]
    ) -> Response:
        del asked
        counts = Counter(each.day for each in self._cases if each.day in days)
        listed = [{"count": count, "time": f"{day}T00:00:00Z"} for day, count in counts.items()]
        return _json(200, {"chargebackSummaries": listed})


def _days(asked: Mapping[str, str]) -> list[dt.date] | None:
    """The days from ``startTime`` to ``endTime``, or None where they are none."""
    try:
        first = dt.date.fromisoformat(asked["startTime"][:10])
        last = dt.date.fromisoformat(asked["endTime"][:10])
    except (KeyError, ValueError):
        return None
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)] or None


def _settlement(each: CybersourceTransaction) -> dict[str, Any]:
    return {
        "requestId": each.request,
        "transactionType": "REFUNDS" if each.is_refund else "PURCHASES",
        "submissionTime": f"{each.day}T12:00:00Z",
        "amount": each.amount,
        "currencyCode": each.currency,
        "paymentMethod": each.method,
        "accountSuffix": "1111",
        "cybersourceBatchId": each.batch,
    }


def _case(each: CybersourceCase) -> dict[str, Any]:
    return {
        "trackingNumber": each.case,
        "requestId": each.request,
        "merchantReferenceNumber": each.reference,
        "amount": each.amount,
        "currencyCode": each.currency,
        "sign": each.sign,
        "action": each.action,
        "reasonCode": each.reason,
        "natureOfDispute": "fraud",
        "time": f"{each.day}T00:00:00Z",
        "responseDueTime": None if each.due is None else f"{each.due}T00:00:00Z",
    }


def _minor(text: str) -> int:
    return int(Decimal(text).scaleb(2))


def _text(minor: int) -> str:
    return str(Decimal(minor).scaleb(-2))


def _json(status: int, value: Mapping[str, Any]) -> Response:
    headers = {"Content-Type": "application/hal+json"}
    return Response(status, headers=headers, body=json.dumps(value).encode())
