"""Trying again, as often as a policy allows and as late as the other system asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from receivables.errors import OutcomeUnknownError, PolicyError, TransportError
from receivables.transports.model import Request, Response, Transport

__all__ = ["RetryPolicy", "Retrying"]

_TOO_MANY: Final = 429
_STATUSES: Final = frozenset({_TOO_MANY, 502, 503, 504})
_MAYBE: Final = frozenset({502, 504})
"""Said by who stands in between: what is behind may have done it."""
_READS: Final = frozenset({"GET", "HEAD"})


def _check_wait(_instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        msg = f"{attribute.name} must be zero or more seconds, got {value}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often to try, and how long to wait between, in whole seconds.

    The wait doubles from `first_wait` on and never exceeds `longest_wait`; where the other system
    says how long (``Retry-After``), that is what is waited, and where that is more than
    `longest_wait`, nothing is tried again.  Raises `PolicyError` for values that make no sense.
    """

    attempts: int = attrs.field(default=4)
    first_wait: int = attrs.field(default=1, validator=_check_wait)
    longest_wait: int = attrs.field(default=120, validator=_check_wait)

    @attempts.validator
    def _check_attempts(self, _attribute: object, value: int) -> None:
        if not 1 <= value <= 20:  # noqa: PLR2004  # beyond that, it is down
            msg = f"attempts must be 1 to 20, got {value}"
            raise PolicyError(msg)


def _unknown(request: Request) -> OutcomeUnknownError:
    msg = f"{request!r} must be answered, got no answer to an attempt that may have arrived"
    return OutcomeUnknownError(msg)


class Retrying:
    """A transport that tries again where that can do no harm.

    A request that may be repeated is tried again after a failure on the way and after the statuses
    429, 502, 503 and 504; any other only after 429 and after 503 with ``Retry-After``, with which a
    system says that it did nothing.  Other statuses are never tried again.  Where one attempt may
    have arrived, and no later one says what became of it, `OutcomeUnknownError` is raised: that the
    last one was turned away tells nothing of the first.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        sleep: Callable[[int], None],
        now: Callable[[], dt.datetime],
        policy: RetryPolicy | None = None,
    ) -> None:
        self._transport = transport
        self._sleep = sleep
        self._now = now
        self._policy = policy or RetryPolicy()

    def __call__(self, request: Request) -> Response:
        """Send one request, again and again if need be; the last failure is raised or returned."""
        is_open = False
        for attempt in range(1, self._policy.attempts):
            waited = self._policy.first_wait << (attempt - 1)
            try:
                response = self._transport(request)
            except OutcomeUnknownError:
                if not request.is_repeatable:
                    raise
                is_open = True
            except TransportError:
                pass  # it did not arrive, so that sending it again does no harm
            else:
                asked = self._asked(response)
                if not self._may_repeat(request, response, asked):
                    return self._last(request, response, is_open=is_open)
                is_open = is_open or response.status in _MAYBE
                waited = waited if asked is None else asked
            self._sleep(min(waited, self._policy.longest_wait))
        try:
            return self._last(request, self._transport(request), is_open=is_open)
        except OutcomeUnknownError:
            raise
        except TransportError as error:
            if not is_open:
                raise
            raise _unknown(request) from error

    def _last(self, request: Request, response: Response, *, is_open: bool) -> Response:
        """The last answer, unless it says nothing of an attempt before it that may have arrived."""
        if is_open and response.status in _STATUSES and request.method not in _READS:
            raise _unknown(request)
        return response

    def _may_repeat(self, request: Request, response: Response, asked: int | None) -> bool:
        if response.status not in _STATUSES:
            return False
        if asked is not None and asked > self._policy.longest_wait:
            return False
        did_nothing = response.status == _TOO_MANY or asked is not None
        return request.is_repeatable or did_nothing

    def _asked(self, response: Response) -> int | None:
        """The seconds of ``Retry-After`` (RFC 9110, 10.2.3), given as a number or as a date."""
        text = response.header("Retry-After").strip()
        if text.isascii() and text.isdigit():
            return int(text[:9])
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=dt.UTC)
        return max(0, -((self._now() - until) // dt.timedelta(seconds=1)))
