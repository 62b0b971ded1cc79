"""The way to one company of Online: tokens that are renewed, queries page by page, changes, writes."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from receivables.errors import ServiceError
from receivables.transports import BearerTokens, Request, Response, Runtime, Secret, Token
from receivables_plugins.quickbooks.answers import Fault, Page, faults_in, pages_in
from receivables_plugins.quickbooks.objects import Raw
from receivables_plugins.quickbooks.settings import ServiceSettings

__all__ = ["CHANGES_DAYS", "CHANGES_MAX", "Session", "refusal"]

CHANGES_DAYS: Final = 30
"""Days that changes are kept for."""

CHANGES_MAX: Final = 1_000
"""Objects of one answer to a question for changes."""

_PATH: Final = "/v3/company/"


class Session:
    """Asks and writes; a refusal is a `ServiceError` with the code of the fault.

    `newest_refresh_token` is the one to keep, once the service has given another.
    """

    def __init__(self, settings: ServiceSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._base = f"{settings.url.rstrip('/')}{_PATH}{settings.realm}"
        self._send = BearerTokens(runtime.transport, fetch=self._fetch, now=runtime.now)
        self.newest_refresh_token: Secret | None = None

    def __repr__(self) -> str:
        return f"Session(realm={self._settings.realm!r})"

    @property
    def today(self) -> dt.date:
        """The day, by the clock of the runtime."""
        return self._runtime.now().date()

    def count(self, kind: str, where: str = "") -> int:
        """How many objects of a kind there are."""
        answer = self._query(f"select count(*) from {kind}{_clause(where)}")  # no database
        total = answer.get("QueryResponse", {}).get("totalCount")
        if type(total) is not int:
            msg = f"a count of {kind} must have totalCount, got none"
            raise ServiceError(msg)
        return total

    def pages(self, kind: str, where: str = "", *, count: int | None = None) -> Iterator[list[Raw]]:
        """The objects of a kind, page by page, in the order of their identifiers.

        A page with fewer rows than asked is the last one, unless it is known that more must come.
        """
        start, size = 1, self._settings.page_size
        while True:
            paged = f"orderby Id STARTPOSITION {start} MAXRESULTS {size}"
            answer = self._query(f"select * from {kind}{_clause(where)} {paged}")  # no database
            rows = [raw for page in pages_in(answer) if page.kind == kind for raw in page.objects]
            if rows:
                yield rows
            start += len(rows)
            if not rows or (len(rows) < size and (count is None or start > count)):
                return

    def changes(self, kinds: list[str], since: dt.datetime) -> list[Page]:
        """What was changed since a moment: one answer, which may be cut off at `CHANGES_MAX`."""
        said = {"entities": ",".join(kinds), "changedSince": since.isoformat(timespec="seconds")}
        return list(pages_in(self._ask("GET", "cdc", said)))

    def create(self, kind: str, body: bytes, *, request_id: str) -> Raw:
        """Write one object; the same request identifier again gives the same answer."""
        answer = self._ask("POST", kind.casefold(), {"requestid": request_id}, body=body)
        return next((raw for page in pages_in(answer) for raw in page.objects), {})

    def batch(self, body: bytes, *, request_id: str) -> list[Raw]:
        """Write several objects; the answers say of each what became of it."""
        answer = self._ask("POST", "batch", {"requestid": request_id}, body=body)
        rows = answer.get("BatchItemResponse", [])
        return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []

    def _query(self, text: str) -> Mapping[str, Any]:
        return self._ask("GET", "query", {"query": text})

    def _ask(
        self, method: str, path: str, said: Mapping[str, str], *, body: bytes = b""
    ) -> Mapping[str, Any]:
        told = {**said, "minorversion": str(self._settings.minor_version)}
        headers = {"Accept": "application/json"}
        if body:
            headers["Content-Type"] = "application/json"
        url = f"{self._base}/{path}?{urlencode(told, quote_via=quote)}"
        # A write carries its request identifier, so that repeating it does no harm.
        request = Request(method, url, headers=headers, body=body, is_repeatable=True)
        return _answer(self._send(request))

    def _fetch(self) -> Token:
        """A new access token for the refresh token that is newest (RFC 6749, 6)."""
        kept = self.newest_refresh_token or self._runtime.secret(self._settings.refresh_token)
        answer = self._granted(kept)
        expires = answer.get("expires_in")
        until = None
        if type(expires) is int:
            until = self._runtime.now() + dt.timedelta(seconds=expires)
        renewed = Secret(str(answer.get("refresh_token") or kept.reveal()))
        if renewed != kept:
            self.newest_refresh_token = renewed
            if self._settings.keep_refresh_token is not None:
                self._settings.keep_refresh_token(renewed)
            elif self._runtime.keep_secret is not None:
                self._runtime.keep_secret(self._settings.refresh_token, renewed)
        return Token(value=Secret(str(answer["access_token"])), expires_at=until)

    def _granted(self, refresh_token: Secret) -> Mapping[str, Any]:
        names = (self._settings.client_id, self._settings.client_secret)
        client = ":".join(self._runtime.secret(name).reveal() for name in names)
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        request = Request(
            "POST",
            self._settings.token_url,
            headers={
                "Accept": "application/json",
                "Authorization": f"Basic {base64.b64encode(client.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(form).encode(),
            # The old refresh token stays good for a day, so that a lost answer can be asked again.
            is_repeatable=True,
        )
        response = self._runtime.transport(request)
        answer = response.json() if response.is_success else {}
        if not isinstance(answer, Mapping) or not answer.get("access_token"):
            msg = f"a token must be granted, got status {response.status}"
            raise ServiceError(msg, status=response.status, code="token")
        return answer


def _clause(where: str) -> str:
    return f" where {where}" if where else ""


def _answer(response: Response) -> Mapping[str, Any]:
    """The body of a response; raises `ServiceError` where it is a fault or no success."""
    try:
        answer = response.json()
    except ServiceError:
        if response.is_success:
            raise
        answer = {}
    fault = next(faults_in(answer), None) if isinstance(answer, Mapping) else None
    if isinstance(answer, Mapping) and response.is_success and fault is None:
        return answer
    if isinstance(answer, Mapping) and "BatchItemResponse" in answer and response.is_success:
        return answer
    raise refusal(fault, response.status)


def refusal(fault: Fault | None, status: int) -> ServiceError:
    """The error of a fault: its code and what it says."""
    said = str(fault) if fault else "nothing more"
    msg = f"request must be answered, got status {status}: {said}"
    return ServiceError(msg, status=status, code=fault.code if fault else "")
