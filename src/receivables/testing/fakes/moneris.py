"""A Moneris that runs in the test: tokens, cursors, windows of a day at most, a limit to the rate.

It answers the lists of payments and refunds and the question after one dispute as the description of
the Unified API says it, from objects that it is given in the API's own shape.

>>> paid = moneris_payment("pi01", minor=12000, created="2026-10-05T14:00:00.000Z", invoice="F-0042")
>>> fake = FakeMoneris([paid], api_key="key")
>>> headers = {"X-Api-Key": "key", "X-Merchant-Id": "0123456789101", "Api-Version": "2025-08-14"}
>>> query = "created_from=2026-10-05T00:00:00Z&created_to=2026-10-06T00:00:00Z"
>>> answer = fake(Request("GET", f"https://api.sb.moneris.io/payments?{query}", headers=headers))
>>> [each["paymentId"] for each in answer.json()["data"]]
['pi01']
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["FakeMoneris", "moneris_payment", "moneris_refund"]

_LIMIT_DEFAULT: Final = 10
_LIMIT_MAX: Final = 20
_DAY: Final = dt.timedelta(days=1)
_TYPE: Final = "https://api-developer.moneris.com/responsehandling/"


def moneris_payment(  # what a payment has, by name
    name: str,
    *,
    minor: int,
    created: str,
    currency: str = "CAD",
    status: str = "SUCCEEDED",
    invoice: str | None = None,
    holder: str | None = None,
    **more: Any,  # noqa: ANN401  # any field of the API
) -> dict[str, Any]:
    """A payment as the API has it; `minor` is its amount in cents."""
    money = {"amount": minor, "currency": currency}
    return {
        "paymentId": name,
        "merchantId": "0123456789101",
        "orderId": None,
        "invoiceNumber": invoice,
        "transactionDateTime": created,
        "createdAt": created,
        "modifiedAt": created,
        "amount": money,
        "authorizedAmount": money,
        "capturableAmount": {"amount": 0, "currency": currency},
        "amountDetails": None,
        "paymentMethod": _method(holder),
        "paymentStatus": status,
        "transactionDetails": {"isoResponseCode": "00", "responseCode": "000"},
        "refundDetails": None,
        **more,
    }


def moneris_refund(
    name: str,
    *,
    of: str,
    minor: int,
    created: str,
    currency: str = "CAD",
    status: str = "SUCCEEDED",
    reason: str | None = None,
) -> dict[str, Any]:
    """A refund as the API has it, of a payment that it names."""
    return {
        "refundId": name,
        "payment": {"paymentId": of},
        "merchantId": "0123456789101",
        "paymentMethod": _method(None),
        "createdAt": created,
        "modifiedAt": created,
        "refundAmount": {"amount": minor, "currency": currency},
        "refundStatus": status,
        "reason": reason,
    }


def _method(holder: str | None) -> dict[str, Any]:
    return {
        "paymentMethodId": "pm01",
        "cardholderInformation": None if holder is None else {"cardholderName": holder},
        "paymentMethodInformation": {
            "paymentMethodType": "CARD",
            "paymentMethodSource": "CARD",
            "cardInformation": {
                "bankIdentificationNumber": "411111",
                "lastFour": "1111",
                "expiryMonth": 12,
                "expiryYear": 2029,
                "cardBrand": "VISA",
                "cardType": "CREDIT",
            },
        },
    }


class FakeMoneris:
    """A transport that is Moneris.

    `disputes` are answers by case and record (``"121719004438/1"``).  Every `rate` requests, the next
    one is answered with 429 and may come again.  With `fails_at`, the row of that number comes as an
    error in its place; with `truncates_at`, a list ends after so many rows, and says nothing.
    """

    def __init__(  # noqa: PLR0913  # what a service holds, by name
        self,
        payments: Iterable[Mapping[str, Any]] = (),
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        *,
        refunds: Iterable[Mapping[str, Any]] = (),
        disputes: Mapping[str, Mapping[str, Any]] | None = None,
        merchant: str = "0123456789101",
        client_id: str = "moneris-client",
        client_secret: str = "moneris-secret",  # noqa: S107  # that of a fake
        api_key: str = "",
        rate: int = 0,
        newest_first: bool = False,
    ) -> None:
        rows = {"payments": list(payments), "refunds": list(refunds)}
        failing = serving.fails_at
        for each in rows.values():
            if failing is not None and 0 < failing <= len(each):
                each[failing - 1] = {
                    "createdAt": each[failing - 1]["createdAt"],
                    **_problem(500, "INTERNAL_SERVER_ERROR"),
                }
            failing = None if failing is None else failing - len(each)
            each.sort(key=lambda row: str(row["createdAt"]), reverse=newest_first)
        self._rows: dict[str, list[Mapping[str, Any]]] = rows
        self._disputes = dict(disputes or {})
        self._serving = serving
        self._merchant = merchant
        self._client = (client_id, client_secret)
        self._api_key = api_key
        self._rate = rate
        self._left = rate
        self._tokens = 0
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        if self._rate and not self._left:
            self._left = self._rate
            return _refused(
                429, "TOO_MANY_REQUESTS", {"Retry-After": "1", "X-RateLimit-Reset": "1"}
            )
        self._left = max(self._left - 1, 0)
        path = urlsplit(request.url).path
        if path == "/oauth2/token":
            return self._token(request)
        if not self._is_authorized(request):
            return _refused(401, "UNAUTHORIZED_REQUEST", {"WWW-Authenticate": "Bearer"})
        if not request.header("Api-Version"):
            return _refused(400, "BAD_REQUEST", errors=[("Api-Version", "REQUIRED_FIELD")])
        if request.header("X-Merchant-Id") != self._merchant:
            return _refused(403, "FORBIDDEN_REQUEST")
        answer = self._answer(path, request.url)
        limits = {"X-RateLimit-Limit": str(self._rate), "X-RateLimit-Remaining": str(self._left)}
        return answer.__class__(
            answer.status, headers=[*answer.headers, *limits.items()], body=answer.body
        )

    def _answer(self, path: str, url: str) -> Response:
        parts = path.strip("/").split("/")
        if parts[0] == "disputes" and len(parts) == 3:  # noqa: PLR2004  # case and record
            found = self._disputes.get("/".join(parts[1:]))
            return _refused(404, "NOT_FOUND") if found is None else _json(200, found)
        if parts[0] in self._rows and len(parts) == 1:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
            return self._list(parts[0], asked)
        return _refused(404, "NOT_FOUND")

    # -- who asks -------------------------------------------------------------------------

    def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        client = (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials" or client != self._client:
            return _refused(401, "UNAUTHORIZED_REQUEST")
        self._tokens += 1
        said = {
            "access_token": f"token-{self._tokens}",
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        return _json(200, said)

    def _is_authorized(self, request: Request) -> bool:
        if self._api_key:
            return request.header("X-Api-Key") == self._api_key
        return (
            self._tokens > 0 and request.header("Authorization") == f"Bearer token-{self._tokens}"
        )

    # -- lists ----------------------------------------------------------------------------

    def _list(self, path: str, asked: Mapping[str, str]) -> Response:
        """A page of a list: that of the cursor, or the first one of a window."""
        if "cursor" in asked:
            read = _opened(asked["cursor"])
            if read is None:
                return _refused(400, "BAD_REQUEST", errors=[("cursor", "INVALID_VALUE")])
            asked = {**read, "limit": asked.get("limit", str(_LIMIT_DEFAULT))}
        limit = int(asked.get("limit", str(_LIMIT_DEFAULT)))
        if not 1 <= limit <= _LIMIT_MAX:
            return _refused(400, "BAD_REQUEST", errors=[("limit", "INVALID_VALUE")])
        window = _window(asked)
        if window is None:
            return _refused(400, "BAD_REQUEST", errors=[("created_to", "INVALID_VALUE")])
        return self._page(path, asked, window, limit)

    def _page(
        self,
        path: str,
        asked: Mapping[str, str],
        window: tuple[dt.datetime, dt.datetime],
        limit: int,
    ) -> Response:
        start, end = window
        rows = [each for each in self._rows[path] if start < _moment(each["createdAt"]) < end]
        rows = rows[: self._serving.truncates_at]
        offset = int(asked.get("offset", "0"))
        size = min(limit, self._serving.page_size)
        link = _linker(path, asked, limit)
        has_more = offset + size < len(rows)
        return _json(
            200,
            {
                "data": rows[offset : offset + size],
                "self": link(offset),
                "first": link(0),
                "last": None,
                "next": link(offset + size) if has_more else None,
                "previous": None,
            },
        )


def _linker(path: str, asked: Mapping[str, str], limit: int) -> Callable[[int], str]:
    """What makes the link to another page: an opaque cursor that knows its window."""
    window = {name: asked[name] for name in ("created_from", "created_to")}

    def link(offset: int) -> str:
        content = json.dumps({**window, "offset": str(offset)}).encode()
        sealed = hashlib.sha256(content).hexdigest()[:8].encode() + content
        cursor = base64.urlsafe_b64encode(sealed).decode()
        return f"/{path}?{urlencode({'cursor': cursor, 'limit': limit})}"

    return link


def _opened(cursor: str) -> dict[str, str] | None:
    """What a cursor says, or None where it was not made here."""
    try:
        sealed = base64.urlsafe_b64decode(cursor)
    except ValueError:
        return None
    mark, content = sealed[:8], sealed[8:]
    if hashlib.sha256(content).hexdigest()[:8].encode() != mark:
        return None
    found: dict[str, str] = json.loads(content)
    return found


def _window(asked: Mapping[str, str]) -> tuple[dt.datetime, dt.datetime] | None:
    """The window of a list; None where it is none, or longer than a day."""
    try:
        start, end = _moment(asked["created_from"]), _moment(asked["created_to"])
    except (KeyError, ValueError):
        return None
    return (start, end) if dt.timedelta() < end - start <= _DAY else None


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _problem(status: int, title: str) -> dict[str, Any]:
    return {"type": _TYPE, "title": title, "status": status, "category": "API_ERROR", "errors": []}


def _refused(
    status: int,
    title: str,
    headers: Mapping[str, str] | None = None,
    *,
    errors: Sequence[tuple[str, str]] = (),
) -> Response:
    listed = [{"parameterName": name, "reasonCode": reason} for name, reason in errors]
    body = json.dumps({**_problem(status, title), "errors": listed}).encode()
    said = {"Content-Type": "application/problem+json", **(headers or {})}
    return Response(status, headers=said, body=body)


def _json(status: int, value: Mapping[str, Any]) -> Response:
    headers = {"Content-Type": "application/json"}
    return Response(status, headers=headers, body=json.dumps(value).encode())
