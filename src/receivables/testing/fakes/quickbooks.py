"""A company of QuickBooks Online that is not there: queries, changes, writes, batches, tokens, faults.

It is written from the documentation of version 3 of the interface and its published payloads: pages
count from 1 and have at most 1,000 rows, ``!=`` and ``or`` are no part of the query language,
inactive customers come only when asked for, a refresh token is replaced while the old one stays good
for a while, a write with a known ``requestid`` gives the first answer again.

>>> from receivables.transports import Request
>>> fake = FakeQuickBooks({"Invoice": [{"Id": "130", "Balance": "12.50"}]})
>>> fake(Request("GET", f"{fake.url}/query?query=select+count(*)+from+Invoice")).status
401
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["FakeQuickBooks"]

_PAGE_MAX: Final = 1_000
_PAGE_DEFAULT: Final = 100
_BATCH_MAX: Final = 30
_REQUEST_ID_MAX: Final = 50
_CHANGES: Final = dt.timedelta(days=30)
_NOW: Final = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)
_NUMBERED: Final = frozenset({"CreditMemo", "Invoice", "RefundReceipt", "SalesReceipt"})
_UNASKABLE: Final = frozenset({"PrivateNote", "UnappliedAmt", "RemainingCredit", "Line"})
_KINDS: Final[Mapping[str, str]] = {
    kind.casefold(): kind
    for kind in (
        *("Account", "CreditMemo", "Customer", "Deposit", "Invoice", "JournalEntry"),
        *("Payment", "Purchase", "RefundReceipt", "SalesReceipt", "Term"),
    )
}
_QUERY: Final = re.compile(
    r"select\s+(?P<what>\*|count\(\*\))\s+from\s+(?P<kind>\w+)"
    r"(?:\s+where\s+(?P<where>.+?))?"
    r"(?:\s+order\s?by\s+(?P<order>[\w.]+)(?P<down>\s+desc)?(?:\s+asc)?)?"
    r"(?:\s+startposition\s+(?P<start>\d+))?(?:\s+maxresults\s+(?P<most>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(
    r"(?P<field>[\w.]+)\s*(?:(?P<op><=|>=|=|<|>|like)\s*(?P<value>'(?:[^'\\]|\\.)*'|[\w.-]+)"
    r"|in\s*\((?P<values>.*)\))",
    re.IGNORECASE | re.DOTALL,
)
_VALUE: Final = re.compile(r"'(?:[^'\\]|\\.)*'|[\w.-]+")


class _FaultError(Exception):
    """A fault of the service, with the status that it comes with."""

    def __init__(self, code: str, message: str, detail: str = "", *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.kind = "SystemFault" if status >= 500 else "ValidationFault"  # noqa: PLR2004  # RFC 9110, 15.6
        self.error = {"Message": message, "Detail": detail or message, "code": code}

    def body(self) -> dict[str, Any]:
        return {"Fault": {"Error": [self.error], "type": self.kind}}


class FakeQuickBooks:
    """A transport that answers as a company of QuickBooks Online would.

    `objects` are rows by kind (``Invoice``, ``Payment``…), amounts as texts or decimals.  `booked`
    are the rows that were written since; `requests` what was asked.  With `requests_max`, each
    request after so many is refused once with 429 and ``Retry-After: 60``.
    """

    def __init__(
        self,
        objects: Mapping[str, Iterable[Mapping[str, Any]]],
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        *,
        realm: str = "4620816365",
        refresh_token: str = "RT-first",  # noqa: S107  # of nobody
        client: str = "client:secret",
        now: Callable[[], dt.datetime] = lambda: _NOW,
        requests_max: int | None = None,
    ) -> None:
        self.url = f"https://quickbooks.api.intuit.com/v3/company/{realm}"
        self.requests: list[Request] = []
        self.booked: list[dict[str, Any]] = []
        self.rows: dict[str, list[dict[str, Any]]] = {
            kind: [dict(row) for row in rows] for kind, rows in objects.items()
        }
        self._serving = serving
        self._client = base64.b64encode(client.encode()).decode()
        self._now = now
        self._good = [refresh_token]
        self._access = ""
        self._granted = 0
        self._replies: dict[str, Response] = {}
        self._deleted: list[tuple[str, dict[str, Any]]] = []
        self._requests_max = requests_max
        self._since_busy = 0

    def __repr__(self) -> str:
        return f"FakeQuickBooks({self.url})"

    def expire(self) -> None:
        """Let the access token end."""
        self._access = ""

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        self._since_busy += 1
        if self._requests_max is not None and self._since_busy > self._requests_max:
            self._since_busy = 0
            return Response(429, headers={"Retry-After": "60"})
        if urlsplit(request.url).path.endswith("/tokens/bearer"):
            return self._grant(request)
        if not self._access or request.header("Authorization") != f"Bearer {self._access}":
            return _json(_UNAUTHORIZED, status=401)
        try:
            return self._served(request)
        except _FaultError as fault:
            return _json(fault.body(), status=fault.status)

    def _grant(self, request: Request) -> Response:
        """A new access token; the refresh token is replaced once the newest one is used."""
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        if request.header("Authorization") != f"Basic {self._client}":
            return _json({"error": "invalid_client"}, status=401)
        given = form.get("refresh_token", "")
        if form.get("grant_type") != "refresh_token" or given not in self._good:
            return _json({"error": "invalid_grant"}, status=400)
        self._granted += 1
        self._access = f"AT-{self._granted}-of-nobody"
        if given == self._good[-1]:
            self._good = [given, f"RT-{self._granted}-of-nobody"]
        said = {"access_token": self._access, "refresh_token": self._good[-1]}
        ends = {"expires_in": 3600, "x_refresh_token_expires_in": 8_726_400}
        return _json({"token_type": "bearer", **said, **ends})

    def _served(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        said = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = parts.path.rpartition("/")[2].casefold()
        if path == "query":
            return _json(self._queried(said.get("query", "")))
        if path == "cdc":
            return _json(self._changed(said))
        if request.method != "POST":
            raise _FaultError("610", "Object Not Found")
        return self._once(request, said, path)

    def _once(self, request: Request, said: Mapping[str, str], path: str) -> Response:
        """A write; one whose request identifier is known gives what it gave before."""
        key = said.get("requestid", "")
        if len(key) > _REQUEST_ID_MAX:
            raise _FaultError("2040", "requestid must have at most 50 characters")
        if key and key in self._replies:
            return self._replies[key]
        body = json.loads(request.body, parse_float=Decimal)
        if path == "batch":
            reply = _json({"BatchItemResponse": self._batch(body.get("BatchItemRequest", []))})
        else:
            kind = _KINDS.get(path, "")
            reply = _json({kind: self._written(kind, body, said.get("operation", ""))})
        if key:
            self._replies[key] = reply
        return reply

    def _queried(self, text: str) -> dict[str, Any]:
        parsed = _QUERY.fullmatch(text)
        if parsed is None:
            raise _FaultError("4000", "Error parsing query", "QueryParserError: not understood")
        kind = _KINDS.get(parsed["kind"].casefold())
        if kind is None:
            raise _FaultError("4001", "Invalid query", f"no such entity: {parsed['kind']}")
        rows = self._matching(kind, parsed["where"] or "")
        if parsed["what"] != "*":
            return {"QueryResponse": {"totalCount": len(rows)}}
        rows.sort(
            key=lambda row: _order(_field(row, parsed["order"] or "Id")),
            reverse=bool(parsed["down"]),
        )
        start = _bounded(parsed["start"] or "1", _PAGE_MAX**3)
        return _page(
            kind, self._cut(rows, start, _bounded(parsed["most"] or "100", _PAGE_MAX)), start
        )

    def _cut(self, rows: list[dict[str, Any]], start: int, most: int) -> list[dict[str, Any]]:
        """The page that begins at a row, with the bad habits that are asked for."""
        serving = self._serving
        if serving.truncates_at is not None:
            rows = rows[: serving.truncates_at]
        end = start - 1 + min(most, serving.page_size)
        if serving.fails_at is not None:
            if start == serving.fails_at and start <= len(rows):
                raise _FaultError("10000", "An application error has occurred", status=500)
            end = min(end, serving.fails_at - 1) if start < serving.fails_at else end
        return rows[start - 1 : end]

    def _matching(self, kind: str, where: str) -> list[dict[str, Any]]:
        conditions = [
            each.strip() for each in re.split(r"\s+and\s+", where, flags=re.IGNORECASE) if where
        ]
        found = list(self.rows.get(kind, []))
        if kind == "Customer" and not any(each.startswith("Active") for each in conditions):
            found = [row for row in found if str(row.get("Active", True)).casefold() != "false"]
        for condition in conditions:
            test = _tested(condition)
            found = [row for row in found if test(row)]
        return found

    def _changed(self, said: Mapping[str, str]) -> dict[str, Any]:
        since = dt.datetime.fromisoformat(said["changedSince"])
        if since < self._now() - _CHANGES:
            raise _FaultError("4001", "changedSince must be in the last 30 days")
        pages = []
        for kind in said["entities"].split(","):
            gone = [row for each, row in self._deleted if each == kind]
            rows = [row for row in (*self.rows.get(kind, []), *gone) if _changed_at(row) >= since]
            rows.sort(key=_changed_at)
            pages.append(_page(kind, rows[:_PAGE_MAX], 1)["QueryResponse"])
        return {"CDCResponse": [{"QueryResponse": pages}]}

    def _batch(self, items: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        if len(items) > _BATCH_MAX:
            raise _FaultError("1040", f"a batch must have at most {_BATCH_MAX} items")
        answers: list[dict[str, Any]] = []
        for item in items:
            kind = next((name for name in item if name in _KINDS.values()), "")
            try:
                written = {kind: self._written(kind, item[kind], "")}
            except _FaultError as fault:
                written = fault.body()
            answers.append({"bId": item.get("bId", ""), **written})
        return answers

    def _written(self, kind: str, body: Mapping[str, Any], operation: str) -> dict[str, Any]:
        if not kind:
            raise _FaultError("610", "Object Not Found")
        if body.get("Id"):
            return self._updated(kind, body, operation)
        row = {**body, "domain": "QBO", "Id": str(self._next_id()), "SyncToken": "0"}
        self._check(kind, row)
        if kind == "Payment":
            self._apply(row)
        elif "TotalAmt" not in row:
            row["TotalAmt"] = _total(kind, row)
        if kind in _NUMBERED:
            row["Balance"] = row["TotalAmt"]
        self._touch(row)
        self.rows.setdefault(kind, []).append(row)
        self.booked.append(row)
        return row

    def _updated(self, kind: str, body: Mapping[str, Any], operation: str) -> dict[str, Any]:
        row = next((row for row in self.rows.get(kind, []) if row["Id"] == body["Id"]), None)
        if row is None:
            raise _FaultError("610", "Object Not Found", f"{kind} {body['Id']}")
        if str(body.get("SyncToken", "")) != str(row.get("SyncToken", "0")):
            raise _FaultError("5010", "Stale Object Error", "Somebody else changed it meanwhile")
        if operation == "delete":
            self.rows[kind].remove(row)
            gone = {"Id": row["Id"], "domain": "QBO", "status": "Deleted"}
            self._touch(gone)
            self._deleted.append((kind, gone))
            return gone
        if operation == "void":
            body = {"TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided"}
        row.update({**body, "SyncToken": str(int(row.get("SyncToken", "0")) + 1)})
        self._touch(row)
        return row

    def _check(self, kind: str, row: Mapping[str, Any]) -> None:
        number = row.get("DocNumber")
        taken = any(other.get("DocNumber") == number for other in self.rows.get(kind, []))
        if kind in _NUMBERED and number and taken:
            raise _FaultError("6140", "Duplicate Document Number Error", f"{number} is used")
        customer = _field(row, "CustomerRef")
        known = {str(each.get("Id")) for each in self.rows.get("Customer", [])}
        if kind != "JournalEntry" and customer not in known:
            raise _FaultError("2500", "Invalid Reference Id", f"no customer {customer}")
        if kind == "JournalEntry" and _total(kind, row) != 0:
            raise _FaultError("6000", "A business validation error has occurred", "out of balance")

    def _apply(self, payment: dict[str, Any]) -> None:
        """Settle what a payment links to, all or nothing, and say what is left of it."""
        left = Decimal(str(payment.get("TotalAmt", 0)))
        after: dict[tuple[str, str], tuple[dict[str, Any], Decimal]] = {}
        for line in payment.get("Line", []):
            amount = Decimal(str(line["Amount"]))
            for linked in line["LinkedTxn"]:
                kind, identity = linked["TxnType"], linked["TxnId"]
                row = self._linked(kind, identity)
                before = Decimal(str(row.get("Balance", row.get("TotalAmt", amount))))
                balance = after.get((kind, identity), (row, before))[1] - amount
                if balance < 0:
                    raise _FaultError("6000", "A business validation error has occurred", "paid")
                after[kind, identity] = (row, balance)
                left += amount if kind == "CreditMemo" else -amount
        for row, balance in after.values():
            row["Balance"] = balance
        payment["UnappliedAmt"] = left

    def _linked(self, kind: str, identity: str) -> dict[str, Any]:
        row = next((row for row in self.rows.get(kind, []) if row["Id"] == identity), None)
        if row is None:
            raise _FaultError("610", "Object Not Found", f"transaction {identity}")
        return row

    def _touch(self, row: dict[str, Any]) -> None:
        row["MetaData"] = {
            **row.get("MetaData", {}),
            "LastUpdatedTime": self._now().isoformat(timespec="seconds"),
        }

    def _next_id(self) -> int:
        every = (row for rows in self.rows.values() for row in rows)
        return 1 + max((int(row["Id"]) for row in every if str(row["Id"]).isdigit()), default=0)


_UNAUTHORIZED: Final = {
    "warnings": None,
    "fault": {
        "error": [{"message": "AuthenticationFailed", "detail": "token expired", "code": "3200"}],
        "type": "AUTHENTICATION",
    },
}


def _bounded(text: str, most: int) -> int:
    number = int(text)
    if number < 1:
        detail = f"QueryValidationError: value {number} is too small. Min allowed value is 1"
        raise _FaultError("4001", "Invalid query", detail)
    if number > most:
        detail = f"QueryValidationError: value {number} is too large. Max allowed value is {most}"
        raise _FaultError("4001", "Invalid query", detail)
    return number


def _page(kind: str, rows: list[dict[str, Any]], start: int) -> dict[str, Any]:
    if not rows:
        return {"QueryResponse": {}}
    return {"QueryResponse": {kind: rows, "startPosition": start, "maxResults": len(rows)}}


def _tested(condition: str) -> Callable[[Mapping[str, Any]], bool]:
    parsed = _CONDITION.fullmatch(condition)
    if parsed is None:
        raise _FaultError("4000", "Error parsing query", f"QueryParserError: {condition}")
    field = parsed["field"]
    if field in _UNASKABLE:
        raise _FaultError("4001", "Invalid query", f"property {field} is not queryable")
    if parsed["values"] is not None:
        values = {_unquoted(each) for each in _VALUE.findall(parsed["values"])}
        return lambda row: _field(row, field) in values
    wanted = _unquoted(parsed["value"])
    compare = _COMPARED[parsed["op"].casefold()]
    return lambda row: compare(*_alike(_field(row, field), wanted))


def _unquoted(text: str) -> str:
    bare = text[1:-1] if text.startswith("'") else text
    return re.sub(r"\\(.)", r"\1", bare)


_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda one, other: bool(one == other),
    "<": lambda one, other: bool(one < other),
    ">": lambda one, other: bool(one > other),
    "<=": lambda one, other: bool(one <= other),
    ">=": lambda one, other: bool(one >= other),
    "like": lambda one, other: (
        re.fullmatch(re.escape(str(other)).replace("%", ".*"), str(one)) is not None
    ),
}


def _alike(one: str, other: str) -> tuple[Any, Any]:
    """Two texts as moments or as numbers where both are, and as they stand otherwise."""
    try:
        return Decimal(one), Decimal(other)
    except InvalidOperation:
        pass
    try:
        first, second = dt.datetime.fromisoformat(one), dt.datetime.fromisoformat(other)
    except ValueError:
        return one, other
    return (first, second) if first.tzinfo and second.tzinfo else (one, other)


def _field(row: Mapping[str, Any], path: str) -> str:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        value = value.get("value")
    if path == "Active" and value is None:
        return "true"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _order(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdigit() else (0, text)


def _changed_at(row: Mapping[str, Any]) -> dt.datetime:
    text = _field(row, "MetaData.LastUpdatedTime")
    return dt.datetime.fromisoformat(text) if text else dt.datetime.min.replace(tzinfo=dt.UTC)


def _total(kind: str, row: Mapping[str, Any]) -> Decimal:
    total = Decimal(0)
    for line in row.get("Line", []):
        amount = Decimal(str(line.get("Amount", 0)))
        is_credit = _field(line, "JournalEntryLineDetail.PostingType") == "Credit"
        total += -amount if is_credit else amount
    tax = _field(row, "TxnTaxDetail.TotalTax") if kind in _NUMBERED else ""
    return total + Decimal(tax or "0")


def _json(value: object, *, status: int = 200) -> Response:
    headers = {"Content-Type": "application/json", "intuit_tid": "1-of-nobody"}
    return Response(status, headers=headers, body=_written_down(value).encode())


def _written_down(value: Any) -> str:  # noqa: ANN401  # whatever JSON knows
    """JSON in which a decimal is a number, as the real one writes it."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(str(key))}:{_written_down(each)}" for key, each in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written_down, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)
