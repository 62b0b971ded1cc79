"""Calls of MI programs over the REST interface, in its two forms, with its two ways to log in.

Facts of the interface: values come padded with blanks; an answer that refuses (``NOK``) may come
with status 200, and with rows before the refusal; at most `maxrecs` rows come, and no word says
that there were more.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

import attrs

from receivables.errors import PolicyError, ServiceError
from receivables.transports import (
    BearerTokens,
    Request,
    Response,
    Runtime,
    Secret,
    Token,
    Transport,
)
from receivables_plugins.m3.settings import PostingSettings, ServiceSettings

__all__ = ["Answer", "Call", "MiClient", "Refusal"]

_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_CSRF: Final = "fnd-csrf-token"
_CSRF_LIFE: Final = dt.timedelta(seconds=20)
"""How long a token is used; it lives for 30 seconds."""
_ION_FIELDS: Final = ("ti", "ci", "cs", "iu", "pu", "ot", "saak", "sask")


@attrs.frozen(kw_only=True)
class Refusal:
    """What M3 says where it refuses: its code, the field, its words."""

    code: str = ""
    field: str = ""
    message: str = ""

    def __str__(self) -> str:
        named = " ".join(part for part in (self.code, self.field) if part)
        return f"{named}: {self.message}".strip(": ") or "no reason"


@attrs.frozen(kw_only=True)
class Answer:
    """What a call gave: rows without padding, and a refusal, which may come with rows."""

    rows: tuple[Mapping[str, str], ...] = ()
    refusal: Refusal | None = None


@attrs.frozen(kw_only=True)
class Call:
    """A transaction of a program with its fields.

    `writes` says that it changes something, so that it is never sent twice by itself.
    """

    program: str
    transaction: str
    fields: Mapping[str, str] = attrs.field(factory=dict)
    columns: tuple[str, ...] = ()
    maxrecs: int | None = None
    """The most rows; 0 for all of them, None for a transaction that gives one."""
    writes: bool = False
    in_division: bool = True
    """Whether the call is made in the division of the settings."""


class MiClient:
    """Calls MI programs; raises `ServiceError` where the answer is none of M3, else answers."""

    def __init__(self, settings: ServiceSettings | PostingSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._base = settings.url.rstrip("/")
        self._csrf: tuple[Secret, dt.datetime] | None = None
        self._needs_csrf = settings.csrf and not settings.ionapi
        self._transport: Transport = (
            BearerTokens(runtime.transport, fetch=self._token, now=runtime.now)
            if settings.ionapi
            else runtime.transport
        )

    def call(self, call: Call) -> Answer:
        """Make one call."""
        if self._settings.api == "v1":
            return _v1_answer(self._send(self._v1(call)))
        found = _v2_answers(self._send(self._v2(call)))
        return found[0] if found else Answer()

    def calls(self, calls: Sequence[Call]) -> Iterator[Answer]:
        """Make calls of one transaction, as many in a request as the interface takes.

        Calls that write go one by one, so that each has its own answer.
        """
        if self._settings.api == "v1" or any(call.writes for call in calls):
            yield from map(self.call, calls)
            return
        size = self._settings.bulk
        for start in range(0, len(calls), size):
            some = calls[start : start + size]
            found = _v2_answers(self._send(self._bulk(some)))
            yield from found[: len(some)]
            if len(found) < len(some):
                msg = f"{len(some)} calls must have as many answers, got {len(found)}"
                raise ServiceError(msg)

    def fields_of(self, program: str, transaction: str) -> frozenset[str]:
        """The fields that a transaction gives at this site; empty where it does not say."""
        fields = {"MINM": program, "TRNM": transaction, "TRTP": "O"}
        call = Call(
            program="MRS001MI",
            transaction="LstAdtFieldInf",
            fields=fields,
            columns=("FLNM",),
            maxrecs=0,
        )
        answer = self.call(call)
        return frozenset(row.get("FLNM", "") for row in answer.rows) - {""}

    def _where(self) -> str:
        """The address before ``/m3api-rest``; the ``.ionapi`` file says it where no setting does."""
        if not self._base:
            said = self._ion()
            self._base = f"{said['iu'].rstrip('/')}/{said['ti']}/M3"
        return self._base

    def _context(self, call: Call) -> dict[str, str]:
        said = {} if call.maxrecs is None else {"maxrecs": str(call.maxrecs)}
        if call.columns:
            said["returncols"] = ",".join(call.columns)
        if self._settings.company:
            said["cono"] = self._settings.company
        if self._settings.division and call.in_division:
            said["divi"] = self._settings.division
        return said

    def _v1(self, call: Call) -> Request:
        said = "".join(
            f";{name}={quote(text, safe=',')}" for name, text in self._context(call).items()
        )
        query = urlencode(dict(call.fields), quote_via=quote)
        path = f"{self._where()}/m3api-rest/execute/{call.program}/{call.transaction}{said}"
        url = f"{path}?{query}" if query else path
        return Request("GET", url, headers=_JSON, is_repeatable=not call.writes)

    def _v2(self, call: Call) -> Request:
        query = urlencode({**self._context(call), **call.fields}, quote_via=quote, safe=",")
        path = f"{self._where()}/m3api-rest/v2/execute/{call.program}/{call.transaction}"
        return Request("GET", f"{path}?{query}", headers=_JSON, is_repeatable=not call.writes)

    def _bulk(self, calls: Sequence[Call]) -> Request:
        first = calls[0]
        said: dict[str, Any] = {"program": first.program}
        if first.maxrecs is not None:
            said["maxReturnedRecords"] = first.maxrecs
        if self._settings.company:
            said["cono"] = self._settings.company
        if self._settings.division and first.in_division:
            said["divi"] = self._settings.division
        said["transactions"] = [
            {
                "transaction": call.transaction,
                "record": dict(call.fields),
                "selectedColumns": list(call.columns),
            }
            for call in calls
        ]
        headers = {**_JSON, "Content-Type": "application/json"}
        url = f"{self._where()}/m3api-rest/v2/execute"
        return Request(
            "POST", url, headers=headers, body=json.dumps(said).encode(), is_repeatable=True
        )

    def _send(self, request: Request) -> Response:
        response = self._transport(self._signed(request))
        if response.status == _FORBIDDEN and self._csrf is not None:
            # The token was too old, and nothing was done; one more try has a new one.
            self._csrf = None
            response = self._transport(self._signed(request))
        return response

    def _signed(self, request: Request) -> Request:
        if self._settings.ionapi:
            return request
        signed = request.with_headers({"Authorization": self._basic()})
        token = self._csrf_token() if self._needs_csrf else None
        return signed.with_headers({_CSRF: token.reveal()}) if token else signed

    def _basic(self) -> str:
        password = self._runtime.secret(self._settings.password).reveal()
        return _basic(self._settings.user, password)

    def _csrf_token(self) -> Secret | None:
        now = self._runtime.now()
        if self._csrf is not None and now < self._csrf[1]:
            return self._csrf[0]
        headers = {"Authorization": self._basic()}
        response = self._transport(
            Request("GET", f"{self._where()}/m3api-rest/csrf", headers=headers)
        )
        if response.status == _NOT_FOUND:
            self._needs_csrf = False
            return None
        token = response.header(_CSRF)
        if not response.is_success or not token:
            msg = f"a token must be given for requests, got status {response.status}"
            raise ServiceError(msg, status=response.status)
        self._csrf = (Secret(token), now + _CSRF_LIFE)
        return self._csrf[0]

    def _ion(self) -> Mapping[str, str]:
        try:
            said = json.loads(self._runtime.secret(self._settings.ionapi).reveal())
            return {name: str(said[name]) for name in _ION_FIELDS}
        except (ValueError, TypeError, KeyError):
            # What the file says is secret, so that the error does not repeat it.
            kind = f"an .ionapi file of a service account with {', '.join(_ION_FIELDS)}"
            msg = f"secret {self._settings.ionapi} must be {kind}, got something else"
        raise PolicyError(msg)

    def _token(self) -> Token:
        """A token by the password grant (RFC 6749, 4.3), which service accounts of ION use."""
        said = self._ion()
        form = {"grant_type": "password", "username": said["saak"], "password": said["sask"]}
        headers = {
            **_JSON,
            "Authorization": _basic(said["ci"], said["cs"]),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{said['pu'].rstrip('/')}/{said['ot'].lstrip('/')}"
        body = urlencode(form).encode()
        response = self._runtime.transport(
            Request("POST", url, headers=headers, body=body, is_repeatable=True)
        )
        if not response.is_success:
            msg = f"a token must be granted, got status {response.status}"
            raise ServiceError(msg, status=response.status)
        granted = response.json()
        value = granted.get("access_token") if isinstance(granted, dict) else None
        if not isinstance(value, str) or not value:
            msg = "the answer to a request for a token must have one, got none"
            raise ServiceError(msg, status=response.status)
        seconds = granted.get("expires_in")
        life = dt.timedelta(seconds=int(seconds)) if str(seconds).isdigit() else None
        expires = None if life is None else self._runtime.now() + life
        return Token(value=Secret(value), expires_at=expires)


_JSON: Final[Mapping[str, str]] = {"Accept": "application/json"}


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _v1_answer(response: Response) -> Answer:
    said = _said(response)
    records = said.get("MIRecord") or []
    rows = tuple(_row(record.get("NameValue") or []) for record in records)
    refusal = None
    message = said.get("Message") or said.get("ErrorMessage")
    if said.get("@type") or message:
        refusal = Refusal(
            code=_text(said.get("@code")),
            field=_text(said.get("@field")),
            message=_text(message) or _text(said.get("@type")),
        )
    _check(response, refusal)
    return Answer(rows=rows, refusal=refusal)


def _row(pairs: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    return {_text(pair.get("Name")): _text(pair.get("Value")) for pair in pairs}


def _v2_answers(response: Response) -> list[Answer]:
    said = _said(response)
    found = [_v2_answer(result) for result in said.get("results") or []]
    if not found:
        refusal = Refusal(
            code=_text(said.get("errorCode")) or _text(said.get("terminationErrorType")),
            message=_text(said.get("errorMessage")) or _text(said.get("terminationReason")),
        )
        _check(response, refusal if refusal.message else None)
        return [Answer(refusal=refusal)] if refusal.message else []
    if not response.is_success and not any(answer.refusal for answer in found):
        _check(response, None)
    return found


def _v2_answer(result: Mapping[str, Any]) -> Answer:
    rows = tuple(
        {_text(name): _text(value) for name, value in record.items()}
        for record in result.get("records") or []
    )
    message, kind = _text(result.get("errorMessage")), _text(result.get("errorType"))
    if not message and not kind:
        return Answer(rows=rows)
    code, field = _text(result.get("errorCode")), _text(result.get("errorField"))
    return Answer(
        rows=rows, refusal=Refusal(code=code or kind, field=field, message=message or kind)
    )


def _said(response: Response) -> Mapping[str, Any]:
    if not response.is_success and not response.body.lstrip().startswith(b"{"):
        _check(response, None)
    said = response.json()
    if not isinstance(said, dict):
        msg = f"an answer of M3 must be an object, got {type(said).__name__}"
        raise ServiceError(msg, status=response.status)
    return said


def _check(response: Response, refusal: Refusal | None) -> None:
    """Raise where the status is a failure of the way and not M3's own refusal of a call."""
    if response.is_success or (refusal is not None and response.status == 400):  # noqa: PLR2004
        return
    msg = f"M3 must answer with a success, got status {response.status}"
    raise ServiceError(msg, status=response.status)


def _text(value: object) -> str:
    """A value without its padding; numbers of JSON as they stand."""
    return "" if value is None else str(value).strip()
