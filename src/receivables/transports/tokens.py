"""Tokens that expire: fetched when needed, kept until shortly before their end, renewed once on 401."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import attrs

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
    once, and the request sent once more.
    """

    def __init__(
        self, transport: Transport, *, fetch: Callable[[], Token], now: Callable[[], dt.datetime]
    ) -> None:
        self._transport = transport
        self._fetch = fetch
        self._now = now
        self._token: Token | None = None

    def __call__(self, request: Request) -> Response:
        """Send one request with a token that is good."""
        response = self._send(request, self._good_token())
        if response.status != _UNAUTHORIZED:
            return response
        self._token = None
        return self._send(request, self._good_token())

    def _send(self, request: Request, token: Token) -> Response:
        bearer = {"Authorization": f"Bearer {token.value.reveal()}"}
        return self._transport(request.with_headers(bearer))

    def _good_token(self) -> Token:
        kept = self._token
        if kept is None or (kept.expires_at and self._now() + _MARGIN >= kept.expires_at):
            kept = self._token = self._fetch()
        return kept
