"""Requests, responses, secrets, and what an adapter that talks to another system is given."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import attrs

from receivables.errors import PolicyError, ServiceError

__all__ = ["Request", "Response", "Runtime", "Secret", "Transport"]

_HIDDEN: Final = "***"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VISIBLE: Final = re.compile(r"[\t -~]*")


class Secret:
    """A password, a key or a token that shows itself only where it is asked for by `reveal`.

    >>> key = Secret("s3cr3t")
    >>> print(key, [key])
    *** [Secret('***')]
    >>> key.reveal()
    's3cr3t'
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself, for the one line that sends it."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN!r})"

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, spec: str) -> str:
        return format(_HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.__value == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __reduce__(self) -> str:
        msg = "a secret must not be written down, got a pickle"
        raise PolicyError(msg)


def _headers(values: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = values.items() if isinstance(values, Mapping) else values
    return tuple((str(name), str(value)) for name, value in pairs)


class _Headed:
    """What requests and responses share: headers by name, whatever the case of its letters."""

    __slots__ = ()

    headers: tuple[tuple[str, str], ...]

    def header(self, name: str, default: str = "") -> str:
        """The first header of a name, or `default`."""
        wanted = name.casefold()
        return next((value for key, value in self.headers if key.casefold() == wanted), default)


@attrs.frozen(repr=False)
class Request(_Headed):
    """One request; its `repr` shows neither headers nor query nor body, which may hold secrets.

    Raises `PolicyError` for a header that would not arrive as it is written: another one could be
    hidden in it.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_headers, kw_only=True)
    body: bytes = attrs.field(default=b"", kw_only=True)
    is_repeatable: bool = attrs.field(
        default=attrs.Factory(lambda self: self.method in {"GET", "HEAD"}, takes_self=True),
        kw_only=True,
    )
    """Whether sending it twice does no more than sending it once."""

    @headers.validator
    def _check_headers(self, _attribute: object, value: tuple[tuple[str, str], ...]) -> None:
        for name, text in value:
            if not _TOKEN.fullmatch(name):
                msg = "names of headers must be tokens of RFC 9110, got one that is not"
                raise PolicyError(msg)
            if not _VISIBLE.fullmatch(text):
                # What stands there may be a secret, and is not shown.
                msg = f"header {name} must be visible ASCII, got other characters"
                raise PolicyError(msg)

    def __repr__(self) -> str:
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return f"Request({self.method} {_HIDDEN})"
        query = f"?{_HIDDEN}" if parts.query else ""
        host = parts.hostname or ""
        return f"Request({self.method} {parts.scheme}://{host}{parts.path}{query})"

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The request with more headers; one of the same name is replaced."""
        replaced = {name.casefold() for name in headers}
        kept = [pair for pair in self.headers if pair[0].casefold() not in replaced]
        return attrs.evolve(self, headers=[*kept, *headers.items()])


@attrs.frozen(repr=False)
class Response(_Headed):
    """One response; its `repr` shows the status alone."""

    status: int
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_headers, kw_only=True)
    body: bytes = attrs.field(default=b"", kw_only=True)

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"

    @property
    def is_success(self) -> bool:
        """Whether the status is one of the 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004  # RFC 9110, 15.3

    def json(self) -> Any:  # noqa: ANN401  # whatever the service says
        """The body as JSON, every number with a decimal point as a `Decimal`, never a float.

        Raises `ServiceError` where the body is no JSON.

        >>> Response(200, body=b'{"amount": 12.30}').json()
        {'amount': Decimal('12.30')}
        """
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            msg = f"body must be JSON, got {len(self.body)} bytes with status {self.status}"
            raise ServiceError(msg, status=self.status) from error


def _no_number(text: str) -> Any:  # noqa: ANN401  # it never returns
    msg = f"a number must be finite, got {text}"
    raise ValueError(msg)


class Transport(Protocol):
    """Takes a request to the other system and brings its response.

    Any status is a response.  Raises `TransportError` where the request certainly did not arrive,
    and `OutcomeUnknownError` where it may have.
    """

    def __call__(self, request: Request) -> Response:
        """Send one request."""


def _no_secret(name: str) -> Secret:
    msg = f"secret must be given by the runtime, got none for {name!r}"
    raise PolicyError(msg)


def _no_waiting(seconds: int) -> None:
    msg = f"the runtime must know how to wait, got a wait of {seconds} s"
    raise PolicyError(msg)


def _no_clock() -> dt.datetime:
    msg = "the runtime must have a clock, got none"
    raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Runtime:
    """What an adapter that talks to another system is given: the way there, secrets, a clock.

    `secret` gives a secret by its name and raises `PolicyError` where there is none; `keep_secret`
    takes one that the other system has replaced, so that it is there the next time; `now` gives the
    time with its zone; `sleep` waits for whole seconds.
    """

    transport: Transport = attrs.field(repr=False)
    secret: Callable[[str], Secret] = attrs.field(default=_no_secret, repr=False)
    keep_secret: Callable[[str, Secret], None] | None = attrs.field(default=None, repr=False)
    now: Callable[[], dt.datetime] = attrs.field(default=_no_clock, repr=False)
    sleep: Callable[[int], None] = attrs.field(default=_no_waiting, repr=False)
