"""What tests of adapters that talk to a service are made of: a fake that serves, faults, a runtime.

A fake is a transport that behaves like the real system, down to its bad habits; `Serving` says how
it is to behave this time.  `Faulty` puts the weather of a network in front of it.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import OutcomeUnknownError, PolicyError, TransportError
from receivables.transports import (
    Request,
    Response,
    Retrying,
    RetryPolicy,
    Runtime,
    Secret,
    Transport,
)

__all__ = ["Clock", "Fault", "Faulty", "ServiceCase", "Serving"]


@attrs.frozen(kw_only=True)
class Serving:
    """How a fake is to serve.

    `page_size` is the most rows that it gives at a time.  With `truncates_at`, it leaves out every
    row after so many without a word, as some systems do.  With `fails_at`, the row of that number
    comes as an error among good rows, or in its place.
    """

    page_size: int = 100
    truncates_at: int | None = None
    fails_at: int | None = None


class Fault(enum.Enum):
    """What can go wrong on the way."""

    NOT_REACHED = "not-reached"
    """The request does not arrive."""
    TIME_OUT = "time-out"
    """The request does not arrive, and nobody says so."""
    ACCEPTED_THEN_TIME_OUT = "accepted-then-time-out"
    """The other system does what it is asked, and its answer is lost."""
    BUSY = "busy"
    """429 with ``Retry-After: 2``."""
    DOWN = "down"
    """503 without a word on when to come again."""
    UNAUTHORIZED = "unauthorized"
    """401, as for a token that has expired."""


_STATUS: Final[Mapping[Fault, tuple[int, Mapping[str, str]]]] = MappingProxyType(
    {
        Fault.BUSY: (429, {"Retry-After": "2"}),
        Fault.DOWN: (503, {}),
        Fault.UNAUTHORIZED: (401, {}),
    }
)


class Faulty:
    """A transport in front of another one, on which the next requests meet faults, one each.

    `None` among the faults lets a request through.  `met` says which requests met a fault.
    """

    def __init__(self, transport: Transport, faults: Iterable[Fault | None]) -> None:
        self._transport = transport
        self._faults = iter(list(faults))
        self.requests: list[Request] = []
        self.met: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Send one request, or let it meet its fault."""
        self.requests.append(request)
        fault = next(self._faults, None)
        if fault is None:
            return self._transport(request)
        self.met.append(request)
        if fault in _STATUS:
            status, headers = _STATUS[fault]
            return Response(status, headers=headers)
        if fault is Fault.NOT_REACHED:
            msg = f"{request!r} must reach its host, got a fault of a test"
            raise TransportError(msg)
        if fault is Fault.ACCEPTED_THEN_TIME_OUT:
            self._transport(request)
        msg = f"{request!r} must be answered, got a fault of a test"
        raise OutcomeUnknownError(msg)


class Clock:
    """A clock that stands still until somebody waits; `waited` has every wait in seconds."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self.waited: list[int] = []

    def now(self) -> dt.datetime:
        """The time."""
        return self._now

    def sleep(self, seconds: int) -> None:
        """Wait, which moves the clock."""
        self.waited.append(seconds)
        self._now += dt.timedelta(seconds=seconds)


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


_NOW: Final = dt.datetime(2026, 10, 31, 9, 0, tzinfo=dt.UTC)


@attrs.frozen(kw_only=True)
class ServiceCase:
    """A service to try an adapter on: its settings, its secrets, and the fake that serves it.

    `serve` makes a new fake, with its own state, each time it is called.
    """

    settings: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)
    secrets: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen, repr=False)
    serve: Callable[[Serving], Transport]
    now: dt.datetime = _NOW

    def runtime(
        self,
        serving: Serving = Serving(),  # a frozen value
        *,
        faults: Iterable[Fault | None] = (),
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> Runtime:
        """A runtime that reaches a new fake, or a given one, through a network with some faults.

        It tries again as the one of an application does, on a clock that does not really wait.
        """
        clock = clock or Clock(self.now)
        way = Faulty(transport or self.serve(serving), faults)
        again = Retrying(way, sleep=clock.sleep, now=clock.now, policy=RetryPolicy())
        return Runtime(transport=again, secret=self._secret, now=clock.now, sleep=clock.sleep)

    def _secret(self, name: str) -> Secret:
        if name not in self.secrets:
            msg = f"secret must be one of the case ({', '.join(self.secrets)}), got {name!r}"
            raise PolicyError(msg)
        return Secret(self.secrets[name])
