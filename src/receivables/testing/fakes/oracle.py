"""A fake of the REST services of Oracle Fusion Cloud, made from their documentation alone.

It pages by ``offset``, 25 rows where nothing is asked for and 500 at most; it gives rows in another
order each time unless ``orderBy`` says one; it refuses what is there already; its errors are plain
text, or details for whoever asks for a version of the framework that has them.

>>> fake = FakeOracleRest({"standardReceipts": [{"StandardReceiptId": 1, "ReceiptNumber": "0042"}]})
>>> answer = fake(Request("GET", "https://pod.example/fscmRestApi/resources/11/standardReceipts"))
>>> answer.json()["items"][0]["ReceiptNumber"], answer.json()["hasMore"]
('0042', False)
"""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["FakeOracleRest"]

_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "creditMemoApplications": "ApplicationId",
        "receivablesCreditMemos": "CustomerTransactionId",
        "receivablesCustomerAccountActivities": "AccountId",
        "receivablesInvoiceInstallments": "InstallmentId",
        "receivablesInvoices": "CustomerTransactionId",
        "standardReceiptApplications": "ApplicationId",
        "standardReceipts": "StandardReceiptId",
        "transactionAdjustments": "AdjustmentId",
    }
)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "receivablesInvoices": ("BusinessUnit", "TransactionSource", "TransactionType"),
        "standardReceipts": ("Amount", "BusinessUnit", "Currency", "ReceiptMethod"),
    }
)
_UNIQUE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "receivablesInvoices": ("BusinessUnit", "TransactionSource", "TransactionNumber"),
        "standardReceipts": ("ReceiptNumber", "ReceiptDate", "Amount", "CustomerAccountNumber"),
    }
)
_DEFAULT: Final = 25
_MOST: Final = 500
_CHILDREN: Final = 3
"""The version of the framework from which children are collections, and no lists."""
_DETAILS: Final = 4
"""The version from which errors have details."""
_CONDITION: Final = re.compile(r"(\w+)\s*(!=|>=|<=|=|>|<|in)\s*(.+)", re.IGNORECASE)
_FIRST_ID: Final = 300_100_000_000_001


class FakeOracleRest:
    """Serves collections of rows, and creates receipts and invoices in them.

    `rows` has the rows of each collection, those of children as lists in their parents.  With
    `basic` (user and password) or `oauth` (client and secret), whoever does not say them is refused.
    With `accounts`, only these customer accounts can be paid or invoiced.
    """

    def __init__(
        self,
        rows: Mapping[str, Iterable[Mapping[str, Any]]] = MappingProxyType({}),
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        *,
        basic: tuple[str, str] | None = None,
        oauth: tuple[str, str] | None = None,
        accounts: Iterable[str] | None = None,
    ) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {
            name: [copy.deepcopy(dict(row)) for row in found] for name, found in rows.items()
        }
        self.requests: list[Request] = []
        self.created: list[dict[str, Any]] = []
        """Every receipt and invoice that was created, in turn."""
        self._serving = serving
        self._basic = basic
        self._oauth = oauth
        self._accounts = None if accounts is None else frozenset(accounts)
        self._token = 0

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.path.endswith("/token"):
            return self._give_token(request)
        if not self._is_known(request):
            return Response(401, body=b"Unauthorized")
        steps = [unquote(step) for step in parts.path.split("/") if step][3:]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if request.method == "GET":
            return self._get(request, steps, query)
        if request.method == "POST" and len(steps) == 1:
            return self._create(request, steps[0])
        if request.method == "POST" and steps[2:] == ["action", "applyReceipt"]:
            return self._apply(request, steps[1])
        return _error(request, 405, "The method is not allowed here.")

    # Who asks

    def _give_token(self, request: Request) -> Response:
        if self._oauth is None or request.header("Authorization") != _pair(*self._oauth):
            return Response(401, body=b'{"error": "invalid_client"}')
        self._token += 1
        said = {"access_token": f"token-{self._token}", "expires_in": 3600, "token_type": "Bearer"}
        return _json(said)

    def _is_known(self, request: Request) -> bool:
        given = request.header("Authorization")
        if self._basic is not None:
            return given == _pair(*self._basic)
        return self._oauth is None or given == f"Bearer token-{self._token}"

    # Reading

    def _get(self, request: Request, steps: list[str], query: Mapping[str, str]) -> Response:
        found = self._collection(steps)
        if found is None:
            return _error(request, 404, "The resource does not exist.")
        name, rows = found
        try:
            rows = [row for row in rows if _fits(row, query.get("q", ""))]
        except ValueError as error:
            return _error(request, 400, str(error))
        rows = _ordered(rows, query.get("orderBy", ""), turn=len(self.requests))
        asked = int(query.get("limit", _DEFAULT))
        size = max(1, min(asked, _MOST, self._serving.page_size))
        start = int(query.get("offset", "0"))
        return self._page(request, name, rows, query, slice(start, start + size))

    def _collection(self, steps: list[str]) -> tuple[str, list[dict[str, Any]]] | None:
        if len(steps) == 1:
            return (steps[0], self.rows.get(steps[0], [])) if steps[0] in _KEYS else None
        if len(steps) == 4 and steps[2] == "child":  # noqa: PLR2004  # parent, its key, child, its name
            parent = self._row(steps[0], steps[1])
            return None if parent is None else (steps[3], parent.get(steps[3], []))
        return None

    def _row(self, name: str, key: str) -> dict[str, Any] | None:
        rows = self.rows.get(name, [])
        return next((row for row in rows if str(row[_KEYS[name]]) == key), None)

    def _page(
        self,
        request: Request,
        name: str,
        rows: list[dict[str, Any]],
        query: Mapping[str, str],
        place: slice,
    ) -> Response:
        start, end = place.start, place.stop
        fails_at = self._serving.fails_at
        if fails_at is not None and start < fails_at <= min(end, len(rows)):
            return _error(request, 500, f"JBO-29000: row {fails_at} cannot be read.")
        last = len(rows)
        if self._serving.truncates_at is not None:
            last = min(last, self._serving.truncates_at)
        expand = [child for child in query.get("expand", "").split(",") if child]
        version = int(request.header("REST-Framework-Version", "1"))
        items = [self._shown(row, expand, version) for row in rows[start : min(end, last)]]
        page: dict[str, Any] = {
            "items": items,
            "count": len(items),
            "hasMore": end < last,
            "limit": end - start,
            "offset": start,
        }
        if query.get("totalResults") == "true":
            page["totalResults"] = len(rows)
        if query.get("onlyData") != "true":
            page["links"] = [{"rel": "self", "href": request.url, "name": name}]
        return _json(page)

    def _shown(self, row: dict[str, Any], expand: list[str], version: int) -> dict[str, Any]:
        shown = {name: value for name, value in row.items() if not isinstance(value, list)}
        for child in expand:
            given = row.get(child, [])
            shown[child] = given
            if version >= _CHILDREN:
                size = min(_DEFAULT, self._serving.page_size)
                first = given[:size]
                has_more = len(given) > size
                shown[child] = {"items": first, "count": len(first), "hasMore": has_more}
        return shown

    # Writing

    def _create(self, request: Request, name: str) -> Response:
        if name not in _NEEDED:
            return _error(request, 404, "The resource does not exist.")
        row = json.loads(request.body, parse_float=Decimal)
        if missing := [field for field in _NEEDED[name] if not row.get(field)]:
            return _error(request, 400, f"You must enter a value for {', '.join(missing)}.")
        account = row.get("CustomerAccountNumber") or row.get("BillToCustomerNumber")
        if self._accounts is not None and account and account not in self._accounts:
            return _error(request, 400, f"The customer account {account} isn't valid. (AR-855220)")
        there = next((each for each in self.rows.get(name, []) if _same(each, row, name)), None)
        if there is not None and request.header("Upsert-Mode") == "true":
            return _json(there, status=200)
        if there is not None:
            number = row.get("ReceiptNumber") or row.get("TransactionNumber")
            return _error(request, 400, f"{number} already exists. (AR-855221)")
        created = self._filled(name, row)
        self.rows.setdefault(name, []).append(created)
        self.created.append(created)
        return _json(created, status=201)

    def _filled(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        identity = _FIRST_ID + len(self.created)
        if name == "standardReceipts":
            return {**row, "StandardReceiptId": identity, "UnappliedAmount": row["Amount"]}
        lines = row.get("receivablesInvoiceLines", [])
        total = sum((_line_total(line) for line in lines), start=Decimal(0))
        installment = {
            "InstallmentId": identity,
            "InstallmentSequenceNumber": 1,
            "InstallmentDueDate": row.get("DueDate"),
            "OriginalAmount": total,
            "InstallmentBalanceDue": total,
        }
        return {
            **row,
            "CustomerTransactionId": identity,
            "EnteredAmount": total,
            "InvoiceBalanceAmount": total,
            "receivablesInvoiceInstallments": [installment],
        }

    def _apply(self, request: Request, key: str) -> Response:
        receipt = self._row("standardReceipts", key)
        said = json.loads(request.body, parse_float=Decimal)
        wanted = str(said.get("appliedPaymentScheduleId"))
        children = "receivablesInvoiceInstallments"
        installments = [
            part for row in self.rows.get("receivablesInvoices", []) for part in row[children]
        ]
        part = next((each for each in installments if str(each["InstallmentId"]) == wanted), None)
        if receipt is None or part is None:
            return _error(request, 404, "The receipt or the installment does not exist.")
        amount = Decimal(said["amountApplied"])
        if amount > receipt["UnappliedAmount"] or amount > part["InstallmentBalanceDue"]:
            return _error(request, 400, "The amount is more than is left. (AR-855222)")
        receipt["UnappliedAmount"] -= amount
        part["InstallmentBalanceDue"] -= amount
        return _json({"result": "SUCCESS"})


def _line_total(line: Mapping[str, Any]) -> Decimal:
    taxes = line.get("receivablesInvoiceLineTaxLines", [])
    tax = sum((Decimal(each["TaxAmount"]) for each in taxes), start=Decimal(0))
    return Decimal(line["Quantity"]) * Decimal(line["UnitSellingPrice"]) + tax


def _same(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    return all(one.get(field) == other.get(field) for field in _UNIQUE[name])


def _pair(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _ordered(rows: list[dict[str, Any]], order: str, *, turn: int) -> list[dict[str, Any]]:
    """The rows in the order that is asked for; without one, another one each time."""
    if not order:
        place = turn % len(rows) if rows else 0
        return rows[place:] + rows[:place]
    field, _, way = order.partition(":")
    return sorted(rows, key=lambda row: row[field], reverse=way == "desc")


_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        "!=": lambda one, other: one != other,
        "<": lambda one, other: one < other,
        "<=": lambda one, other: one <= other,
        "=": lambda one, other: one == other,
        ">": lambda one, other: one > other,
        ">=": lambda one, other: one >= other,
    }
)


def _fits(row: Mapping[str, Any], query: str) -> bool:
    return all(_fits_one(row, each.strip()) for each in query.split(" and ") if each.strip())


def _fits_one(row: Mapping[str, Any], condition: str) -> bool:
    """Whether a row fulfils one condition; raises `ValueError` for a field or form unknown."""
    match = _CONDITION.fullmatch(condition)
    if match is None or match[1] not in row:
        msg = f"URL request parameter q with value {condition} isn't valid."
        raise ValueError(msg)
    field, operator, text = match[1], match[2].lower(), match[3]
    if operator == "in":
        return row[field] in [_literal(each) for each in text.strip("()").split(",")]
    return _COMPARE[operator](row[field], _literal(text))


def _literal(text: str) -> object:
    text = text.strip()
    return text[1:-1].replace("''", "'") if text.startswith("'") else Decimal(text)


def _json(value: object, *, status: int = 200) -> Response:
    body = _written(value).encode()
    media_type = "application/vnd.oracle.adf.resourcecollection+json"
    return Response(status, headers={"Content-Type": media_type}, body=body)


def _written(value: object) -> str:
    """JSON in which a `Decimal` is a number with all its decimals."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        parts = (f"{json.dumps(str(name))}:{_written(each)}" for name, each in value.items())
        return f"{{{','.join(parts)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(_written(each) for each in value)}]"
    return json.dumps(value)


def _error(request: Request, status: int, text: str) -> Response:
    version = int(request.header("REST-Framework-Version", "1"))
    if version < _DETAILS:
        return Response(status, headers={"Content-Type": "text/plain"}, body=text.encode())
    said = {
        "title": "Bad Request" if status < 500 else "Internal Server Error",  # noqa: PLR2004  # RFC 9110, 15.6
        "status": str(status),
        "o:errorDetails": [{"detail": text, "o:errorCode": "27024", "o:errorPath": "/"}],
    }
    media_type = "application/vnd.oracle.adf.error+json"
    return Response(status, headers={"Content-Type": media_type}, body=json.dumps(said).encode())
