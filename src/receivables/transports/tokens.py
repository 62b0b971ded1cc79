"""Tokens that expire: fetched when needed, kept until shortly before their end, renewed once on 401."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import attrs

from receivables.errors import TransportError
from receivables.transports.model import Request, Response, Secret, Transport

__all__ = ["BearerTokens", "Token"]

_UNAUTHORIZED: Final = 401
_MARGIN: Final = dt.timedelta(seconds=60)


@attrs.frozen(kw_only=True)
class Token:
    """A token and the moment from which it is worth nothing."""

    value: Secret
    expires_at: dt.datetime | None = None


class BearerTokens:
    """A transport that sends ``Authorization: Bearer`` with each request (RFC 6750).

    `fetch` gets a new token, by whatever grant the other system wants.  After a 401 it is called
    once, and the request sent once more.  A token goes to one host alone, that of the first request:
    to a link elsewhere nothing is sent, and `TransportError` is raised.
    """

    def __init__(
        self, transport: Transport, *, fetch: Callable[[], Token], now: Callable[[], dt.datetime]
    ) -> None:
        self._transport = transport
        self._fetch = fetch
        self._now = now
        self._token: Token | None = None
        self._host: tuple[str, str, int | None] | None = None

    def __call__(self, request: Request) -> Response:
        """Send one request with a token that is good."""
        self._check_host(request)
        response = self._send(request, self._good_token())
        if response.status != _UNAUTHORIZED:
            return response
        self._token = None
        return self._send(request, self._good_token())

    def _check_host(self, request: Request) -> None:
        try:
            parts = urlsplit(request.url)
            host = (parts.scheme, parts.hostname or "", parts.port)
        except ValueError:
            host = ("", "", None)
        self._host = self._host or host
        if host != self._host:
            msg = f"{request!r} must go where its token is for, {self._host[0]}://{self._host[1]}, got a link elsewhere"
            raise TransportError(msg)

    def _send(self, request: Request, token: Token) -> Response:
        bearer = {"Authorization": f"Bearer {token.value.reveal()}"}
        return self._transport(request.with_headers(bearer))

    def _good_token(self) -> Token:
        kept = self._token
        if kept is None or (kept.expires_at and self._now() + _MARGIN >= kept.expires_at):
            kept = self._token = self._fetch()
        return kept
