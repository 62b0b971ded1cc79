"""The REST protocol of Fusion Cloud: pages by offset, credentials, errors in two forms.

*REST API for Oracle Fusion Cloud Financials*: a collection is ``items`` with ``hasMore`` and, where it
is asked for, ``totalResults``; without ``orderBy`` the pages of a collection need not fit together.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, urlencode

from receivables.errors import ServiceError, TransportError
from receivables.reading import ReadNotes
from receivables.transports import (
    BearerTokens,
    Request,
    Response,
    Runtime,
    Secret,
    Token,
    Transport,
)
from receivables_plugins.oracle.settings import Connection

__all__ = ["Rest", "error_text", "quoted"]

_HEADERS: Final = {
    "Accept": "application/json, application/vnd.oracle.adf.error+json, text/plain",
    "REST-Framework-Version": "4",
}
_ITEM: Final = "application/json"
_MESSAGE_MAX: Final = 500
"""Characters of an error that are kept; some answer with a page of HTML."""


def quoted(text: str) -> str:
    """A text as a literal of ``q``, with its own quotes doubled.

    >>> quoted("O'Neill")
    "'O''Neill'"
    """
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def error_text(response: Response) -> str:
    """What a refusal says: the details of an ADF error, its title, or plain text."""
    try:
        said = response.json()
    except ServiceError:
        text = " ".join(response.body.decode("utf-8", "replace").split())
        return text[:_MESSAGE_MAX] or f"status {response.status}"
    if not isinstance(said, dict):
        return f"status {response.status}"
    details = said.get("o:errorDetails")
    found = [each.get("detail") for each in details if isinstance(each, dict)] if details else []
    texts = [str(text) for text in (*found, said.get("detail"), said.get("title")) if text]
    return "; ".join(dict.fromkeys(texts))[:_MESSAGE_MAX] or f"status {response.status}"


class Rest:
    """A pod of Fusion Cloud."""

    def __init__(self, settings: Connection, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._base = f"{settings.url.rstrip('/')}/fscmRestApi/resources/{settings.version}"
        self._send: Transport = (
            runtime.transport
            if settings.auth == "basic"
            else BearerTokens(runtime.transport, fetch=self._token, now=runtime.now)
        )

    def rows(
        self,
        path: str,
        notes: ReadNotes,
        *,
        key: str,
        q: Iterable[str] = (),
        expand: Iterable[str] = (),
    ) -> Iterator[dict[str, Any]]:
        """Every row of a collection, once each; what stops it before its end is noted."""
        query = {
            "limit": str(self._settings.page_size),
            "onlyData": "true",
            "totalResults": "true",
            "orderBy": f"{key}:asc",
        }
        conditions, children = " and ".join(q), ",".join(expand)
        query |= {"q": conditions} if conditions else {}
        query |= {"expand": children} if children else {}
        seen: set[str] = set()
        offset, declared = 0, 0
        has_more = True
        while has_more:
            page = self._page(path, {**query, "offset": str(offset)}, notes)
            if page is None:
                return
            found = page["items"]
            offset += len(found)
            declared = _count(page.get("totalResults"), declared)
            yield from self._new(found, key, path, seen, notes)
            has_more = page.get("hasMore") is True
            if has_more and not found:
                break
        if has_more or len(seen) < declared:
            msg = f"{path} must give {declared} rows, as it counts them, got {len(seen)}"
            notes.error("service.incomplete", msg, field=path)

    def _new(
        self, found: list[Any], key: str, path: str, seen: set[str], notes: ReadNotes
    ) -> Iterator[dict[str, Any]]:
        for row in found:
            name = str(row.get(key) or "") if isinstance(row, dict) else ""
            if not name:
                notes.error("service.refused", f"row must have {key}, got none", field=path)
            elif name in seen:
                # A row that was added meanwhile has pushed it onto the next page as well.
                notes.warn("oracle.row-repeated", f"row {name} came twice", field=path)
            else:
                seen.add(name)
                yield row

    def _page(self, path: str, query: Mapping[str, str], notes: ReadNotes) -> dict[str, Any] | None:
        try:
            response = self.get(path, query)
            if not response.is_success:
                msg = f"{path} must be given, got status {response.status}: {error_text(response)}"
                notes.error("service.refused", msg, field=path)
                return None
            page = response.json()
        except ServiceError as error:
            notes.error("service.refused", str(error), field=path)
            return None
        except TransportError as error:
            notes.error("service.incomplete", str(error), field=path)
            return None
        if isinstance(page, dict) and isinstance(page.get("items"), list):
            return page
        notes.error("service.refused", f"{path} must be a collection, got no items", field=path)
        return None

    def children(
        self, row: Mapping[str, Any], path: str, child: str, notes: ReadNotes, *, key: str
    ) -> list[dict[str, Any]] | None:
        """The children of a row that was expanded; fetched where it has none, or not all of them.

        None where not all of them came: a part of them would say less than there is.
        A later version of the framework gives a collection with ``hasMore``, an earlier one a list.
        """
        given = row.get(child)
        if isinstance(given, list):
            return [each for each in given if isinstance(each, dict)]
        if isinstance(given, dict) and given.get("hasMore") is False:
            items = given.get("items")
            return (
                [each for each in items if isinstance(each, dict)]
                if isinstance(items, list)
                else []
            )
        before = notes.error_count
        rows = list(self.rows(f"{path}/child/{child}", notes, key=key))
        return rows if notes.error_count == before else None

    def get(self, path: str, query: Mapping[str, str]) -> Response:
        """Ask for something."""
        url = f"{self._base}/{quote(path)}?{urlencode(query, quote_via=quote)}"
        return self._sent(Request("GET", url, headers=_HEADERS))

    def post(
        self,
        path: str,
        payload: Mapping[str, Any],
        *,
        media_type: str = _ITEM,
        upserts: bool = False,
    ) -> Response:
        """Create something, or do something; never sent again by itself."""
        headers = {**_HEADERS, "Content-Type": media_type}
        headers |= {"Upsert-Mode": "true"} if upserts else {}
        body = as_json(payload)
        return self._sent(
            Request("POST", f"{self._base}/{quote(path)}", headers=headers, body=body)
        )

    def _sent(self, request: Request) -> Response:
        if self._settings.auth == "basic":
            password = self._runtime.secret(self._settings.password)
            request = request.with_headers(_basic(self._settings.user, password))
        return self._send(request)

    def _token(self) -> Token:
        """A token for the client itself (RFC 6749, 4.4)."""
        said = self._settings
        form = {"grant_type": "client_credentials"} | ({"scope": said.scope} if said.scope else {})
        request = Request(
            "POST",
            said.token_url,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                **_basic(said.client_id, self._runtime.secret(said.client_secret)),
            },
            body=urlencode(form).encode(),
            is_repeatable=True,
        )
        response = self._runtime.transport(request)
        answer = response.json() if response.is_success else {}
        value = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(value, str) or not value:
            msg = f"a token must be given for {said.client_id}, got status {response.status}"
            raise ServiceError(msg, status=response.status)
        seconds = answer.get("expires_in")
        ends = self._runtime.now() + dt.timedelta(seconds=seconds) if type(seconds) is int else None
        return Token(value=Secret(value), expires_at=ends)


def _basic(user: str, password: Secret) -> dict[str, str]:
    pair = base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _count(value: object, default: int) -> int:
    return value if type(value) is int else default


def as_json(payload: Mapping[str, Any]) -> bytes:
    """A payload as JSON; a `Decimal` is written as a number with all its decimals, never a float.

    >>> as_json({"Amount": Decimal("120.50"), "Currency": "EUR"})
    b'{"Amount": 120.50, "Currency": "EUR"}'
    """
    return _json(payload).encode()


def _json(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        parts = (f"{json.dumps(str(name))}: {_json(each)}" for name, each in value.items())
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_json(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)
