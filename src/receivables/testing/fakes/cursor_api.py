r"""A service with cursors that is not there: lists by pages, errors, rate limits, idempotency keys.

It pages as Stripe does (``starting_after``, ``has_more``) or as GoCardless does (``after``,
``meta.cursors.after``), written from the documentation of both; an adapter that passes here is
verified by nothing else.

>>> api = FakeCursorApi({"/v1/payouts": [{"id": "po_2"}, {"id": "po_1"}]}, key="sk_test")
>>> bearer = {"Authorization": "Bearer sk_test"}
>>> request = Request("GET", "https://api.example/v1/payouts?limit=1", headers=bearer)
>>> page = api(request).json()
>>> page["has_more"], [row["id"] for row in page["data"]]
(True, ['po_2'])
>>> api(Request("GET", "https://api.example/v1/payouts")).status
401
"""

from __future__ import annotations

import base64
import enum
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from receivables.testing.services import Serving
from receivables.transports import Request, Response

__all__ = ["CursorStyle", "FakeCursorApi"]


class CursorStyle(enum.Enum):
    """How a service pages, and how it says that something is wrong."""

    STARTING_AFTER = "starting-after"
    """Stripe: the name of the last object; ``has_more`` says whether more follow."""
    CURSORS_AFTER = "cursors-after"
    """GoCardless: a cursor that means nothing to anybody else; null where nothing follows."""


_LIMITS: Final = {CursorStyle.STARTING_AFTER: (10, 100), CursorStyle.CURSORS_AFTER: (50, 500)}
"""The rows of a page where nobody says how many, and the most that may be asked for."""
_PAGING: Final = frozenset(
    {"after", "before", "ending_before", "expand[]", "limit", "starting_after"}
)
_STATES: Final = {400: "validation_failed", 404: "invalid_api_usage", 409: "invalid_state"}


class FakeCursorApi:
    """A transport that serves collections of objects by their paths, newest first as they are given.

    `key` is the secret key or the token that is let in.  A field whose name begins with ``_`` is never shown, and can be filtered by: the payout of a
    balance transaction is ``_payout``.  An object in a field comes as its name, unless it is asked
    for (``expand[]``).  With `busy_every`, each so manieth request is answered with 429.
    """

    def __init__(
        self,
        collections: Mapping[str, Iterable[Mapping[str, Any]]],
        *,
        key: str,
        style: CursorStyle = CursorStyle.STARTING_AFTER,
        serving: Serving = Serving(),  # noqa: B008  # a frozen value
        busy_every: int | None = None,
    ) -> None:
        self._collections = {
            path: [dict(row) for row in rows] for path, rows in collections.items()
        }
        self._key = key
        self._style = style
        self._serving = serving
        self._busy_every = busy_every
        self._kept: dict[str, tuple[bytes, Response]] = {}
        self.requests: list[Request] = []
        """Every request that came, in order."""

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        if self._busy_every and len(self.requests) % self._busy_every == 0:
            return self._error(429, "rate_limit_exceeded", headers={"Retry-After": "1"})
        if not self._is_known(request.header("Authorization")):
            return self._error(401, "access_token_not_found")
        parts = urlsplit(request.url)
        query = parse_qsl(parts.query)
        if request.method == "POST":
            return self._create(parts.path, request)
        if parts.path in self._collections:
            return self._list(parts.path, query)
        return self._one(parts.path)

    def _is_known(self, authorization: str) -> bool:
        basic = base64.b64encode(f"{self._key}:".encode()).decode()
        return authorization in {f"Bearer {self._key}", f"Basic {basic}"}

    def _one(self, path: str) -> Response:
        collection, _, name = path.rpartition("/")
        for row in self._collections.get(collection, []):
            if row.get("id") == name:
                shown = _shown(row, frozenset())
                is_wrapped = self._style is CursorStyle.CURSORS_AFTER
                return self._answer({_last(collection): shown} if is_wrapped else shown)
        return self._error(404, "resource_not_found")

    def _list(self, path: str, query: list[tuple[str, str]]) -> Response:
        asked = dict(query)
        limit = self._limit(asked)
        if limit is None:
            return self._error(400, "limit")
        rows = [row for row in self._collections[path] if _fits(row, query)]
        rows = rows[: self._serving.truncates_at]
        start = self._start(rows, asked)
        if start is None:
            return self._error(400, "resource_missing")
        end = min(start + limit, len(rows))
        fails_at = self._serving.fails_at
        if fails_at is not None and start < fails_at <= end:
            return self._error(500, "internal_server_error")
        expanded = frozenset(
            value.removeprefix("data.") for name, value in query if name == "expand[]"
        )
        shown = [_shown(row, expanded) for row in rows[start:end]]
        return self._answer(self._page(path, shown, rows, end=end, limit=limit))

    def _limit(self, asked: Mapping[str, str]) -> int | None:
        """The rows of a page; None where more are asked for than may be."""
        usual, most = _LIMITS[self._style]
        limit = int(asked.get("limit", usual))
        return min(limit, self._serving.page_size) if 1 <= limit <= most else None

    def _start(self, rows: list[dict[str, Any]], asked: Mapping[str, str]) -> int | None:
        """Where a page begins; None for a cursor that is none."""
        if self._style is CursorStyle.STARTING_AFTER:
            after = asked.get("starting_after")
            places = [place for place, row in enumerate(rows, 1) if row.get("id") == after]
            return 0 if after is None else next(iter(places), None)
        cursor = asked.get("after")
        if cursor is None:
            return 0
        try:
            return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("row:"))
        except ValueError:
            return None

    def _page(
        self,
        path: str,
        shown: list[dict[str, Any]],
        rows: list[dict[str, Any]],
        *,
        end: int,
        limit: int,
    ) -> dict[str, Any]:
        has_more = end < len(rows)
        if self._style is CursorStyle.STARTING_AFTER:
            return {"object": "list", "url": path, "has_more": has_more, "data": shown}
        cursor = base64.urlsafe_b64encode(f"row:{end}".encode()).decode()
        after = cursor if has_more else None
        meta = {"cursors": {"before": None, "after": after}, "limit": limit}
        return {_last(path): shown, "meta": meta}

    def _create(self, path: str, request: Request) -> Response:
        """Create an object, once for each idempotency key."""
        if path not in self._collections:
            return self._error(404, "resource_not_found")
        key = request.header("Idempotency-Key")
        if key in self._kept:
            return self._again(key, request)
        name = f"{_last(path)[:2].upper()}{len(self._collections[path]) + 1:06}"
        try:
            given = json.loads(request.body)
        except ValueError:
            given = dict(parse_qsl(request.body.decode()))
        fields = given.get(_last(path), given) if isinstance(given, dict) else {}
        row = {**fields, "id": name}
        self._collections[path].insert(0, row)
        is_wrapped = self._style is CursorStyle.CURSORS_AFTER
        response = self._answer({_last(path): row} if is_wrapped else row, status=201)
        if key:
            self._kept[key] = request.body, response
        return response

    def _again(self, key: str, request: Request) -> Response:
        """What is answered to a key that was used: the same again, or that there is a conflict."""
        body, response = self._kept[key]
        if self._style is CursorStyle.STARTING_AFTER:
            return response if body == request.body else self._error(400, "idempotency_error")
        made = next(iter(response.json().values()))["id"]
        links = {"conflicting_resource_id": made}
        return self._error(409, "idempotent_creation_conflict", links=links)

    def _answer(self, value: object, *, status: int = 200) -> Response:
        headers = {"Content-Type": "application/json", **self._rates()}
        return Response(status, headers=headers, body=json.dumps(value).encode())

    def _rates(self) -> dict[str, str]:
        if self._style is CursorStyle.STARTING_AFTER:
            return {}
        return {
            "RateLimit-Limit": "1000",
            "RateLimit-Remaining": str(max(0, 1000 - len(self.requests))),
            "RateLimit-Reset": "Thu, 01 Oct 2026 00:01:00 GMT",
        }

    def _error(
        self,
        status: int,
        reason: str,
        *,
        headers: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> Response:
        """The body of an error, as each of the two writes it."""
        if self._style is CursorStyle.STARTING_AFTER:
            error: dict[str, Any] = {"type": "invalid_request_error", "code": reason}
        else:
            detail: dict[str, Any] = {"reason": reason, "message": reason.replace("_", " ")}
            if links:
                detail["links"] = dict(links)
            error = {
                "code": status,
                "type": _STATES.get(status, "gocardless"),
                "message": reason.replace("_", " "),
                "errors": [detail],
                "request_id": f"request-{len(self.requests)}",
            }
        body = json.dumps({"error": error}).encode()
        return Response(status, headers={**self._rates(), **(headers or {})}, body=body)


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _shown(row: Mapping[str, Any], expanded: frozenset[str]) -> dict[str, Any]:
    return {
        name: value["id"]
        if isinstance(value, Mapping) and "object" in value and name not in expanded
        else value
        for name, value in row.items()
        if not name.startswith("_")
    }


def _fits(row: Mapping[str, Any], query: Iterable[tuple[str, str]]) -> bool:
    return all(_fits_one(row, name, text) for name, text in query if name not in _PAGING)


def _fits_one(row: Mapping[str, Any], name: str, text: str) -> bool:
    """Whether a row has a value, or one within a bound (``created[gte]``)."""
    field, _, bound = name.partition("[")
    value = row.get(f"_{field}", row.get(field))
    if isinstance(value, Mapping):
        value = value.get("id")
    if value is None:
        return False
    asked: Any = int(text) if type(value) is int else text
    compared: dict[str, bool] = {
        "": value == asked,
        "gt]": value > asked,
        "gte]": value >= asked,
        "lt]": value < asked,
        "lte]": value <= asked,
    }
    return compared[bound]
