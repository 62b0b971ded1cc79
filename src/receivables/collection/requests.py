"""What customers asked for: who waits for what, since when, and until when.

>>> from receivables.ledger import Ledger
>>> asked = CustomerRequest(request="R-1", customer="C-017", kind="duplicate")
>>> learned = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
>>> event = request_received(asked, creditor="MIRA", on=dt.date(2026, 11, 2), recorded_at=learned)
>>> found = open_requests(Ledger().record(event), "MIRA", as_of=dt.date(2026, 11, 9))
>>> [(one.answer_by.isoformat(), one.state.value, one.days_late) for one in found]
[('2026-11-05', 'overdue', 4)]
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from receivables import limits
from receivables.casework import CustomerRequest, RequestKind, RequestOutcome
from receivables.days import check_day, days_past
from receivables.errors import PolicyError
from receivables.ledger.casework import RequestAnswered, RequestReceived
from receivables.ledger.model import EventId
from receivables.ledger.objects import Ledger
from receivables.parties import CreditorId, CustomerId

__all__ = [
    "RequestPolicy",
    "RequestStanding",
    "RequestState",
    "open_requests",
    "request_answered",
    "request_received",
    "request_standings",
]

_DAYS: Final[Mapping[RequestKind, int]] = MappingProxyType(
    {
        RequestKind.DUPLICATE: 3,
        RequestKind.STATEMENT: 3,
        RequestKind.PROOF: 5,
        RequestKind.ADDRESS_CHANGE: 5,
        RequestKind.ACCOUNT_HOLDER_CHANGE: 10,
        RequestKind.OTHER: 10,
    }
)
"""Days to answer in where a policy does not say."""


def _days(values: Mapping[RequestKind | str, int]) -> Mapping[RequestKind, int]:
    try:
        given = {RequestKind(kind): days for kind, days in values.items()}
    except ValueError as error:
        known = ", ".join(kind.value for kind in RequestKind)
        msg = f"days must be by one of {known}, got {error}"
        raise PolicyError(msg) from None
    return MappingProxyType({**_DAYS, **given})


@attrs.frozen(kw_only=True)
class RequestPolicy:
    """In how many calendar days each kind of request is answered; `days` says only what differs.

    Raises `PolicyError` for an unknown kind, and for days below 0 or above `limits.TERM_DAYS_MAX`.

    >>> RequestPolicy(days={"duplicate": 1}).days[RequestKind.DUPLICATE]
    1
    """

    version: str = "1"
    days: Mapping[RequestKind, int] = attrs.field(factory=dict, converter=_days)

    @days.validator
    def _check_days(self, _attribute: object, value: Mapping[RequestKind, int]) -> None:
        for kind, days in value.items():
            if isinstance(days, bool) or not 0 <= days <= limits.TERM_DAYS_MAX:
                msg = f"days for {kind.value} must be 0 to {limits.TERM_DAYS_MAX}, got {days!r}"
                raise PolicyError(msg)

    def answer_by(self, request: CustomerRequest, *, received_on: dt.date) -> dt.date:
        """The day that the request names itself, or the one that its kind gives."""
        if request.answer_by is not None:
            return request.answer_by
        return received_on + dt.timedelta(days=self.days[request.kind])


_POLICY: Final = RequestPolicy()


class RequestState(enum.Enum):
    """Where a request stands at the end of a day."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    """The day by which it was to be answered has passed."""
    ANSWERED = "answered"


@attrs.frozen(kw_only=True)
class RequestStanding:
    """A request at the end of a day.

    `days_late` are the days past `answer_by`, zero before; they stop on the day of the answer.
    """

    request: CustomerRequest
    received_on: dt.date
    answer_by: dt.date
    state: RequestState
    days_late: int
    answered_on: dt.date | None = None
    outcome: RequestOutcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether the customer still waits."""
        return self.state is not RequestState.ANSWERED


def request_standings(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: RequestPolicy = _POLICY,
) -> tuple[RequestStanding, ...]:
    """Every request of a creditor's customers at the end of a day, the one due first at the top."""
    check_day(as_of, name="as_of")
    kinds = (RequestReceived, RequestAnswered)
    events = ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds)
    answers = {event.case: event for event in events if isinstance(event, RequestAnswered)}
    found = [
        _standing(event, answers.get(event.case), policy=policy, as_of=as_of)
        for event in events
        if isinstance(event, RequestReceived)
    ]
    return tuple(sorted(found, key=lambda one: (one.answer_by, one.request.request)))


def open_requests(
    ledger: Ledger,
    creditor: str,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    policy: RequestPolicy = _POLICY,
) -> tuple[RequestStanding, ...]:
    """The requests that wait for an answer at the end of a day, the one due first at the top."""
    found = request_standings(ledger, creditor, as_of=as_of, known_at=known_at, policy=policy)
    return tuple(standing for standing in found if standing.is_open)


def _standing(
    event: RequestReceived,
    answer: RequestAnswered | None,
    *,
    policy: RequestPolicy,
    as_of: dt.date,
) -> RequestStanding:
    answer_by = policy.answer_by(event.request, received_on=event.effective_on)
    until = as_of if answer is None else answer.effective_on
    late = max(days_past(answer_by, as_of=until), 0)
    waiting = RequestState.OVERDUE if late else RequestState.WAITING
    return RequestStanding(
        request=event.request,
        received_on=event.effective_on,
        answer_by=answer_by,
        state=waiting if answer is None else RequestState.ANSWERED,
        days_late=late,
        answered_on=None if answer is None else answer.effective_on,
        outcome=None if answer is None else answer.outcome,
    )


def request_received(
    request: CustomerRequest, *, creditor: str, on: dt.date, recorded_at: dt.datetime
) -> RequestReceived:
    """The event of a request, on the day on which it came in."""
    return RequestReceived(
        event=EventId(f"request:{creditor}:{request.request}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        request=request,
    )


def request_answered(
    request: CustomerRequest,
    outcome: RequestOutcome | str,
    *,
    creditor: str,
    on: dt.date,
    recorded_at: dt.datetime,
    reason: str = "",
    by: str = "",
) -> RequestAnswered:
    """The event of an answer: the request is done, refused or withdrawn."""
    return RequestAnswered(
        event=EventId(f"request-answered:{creditor}:{request.request}"),
        effective_on=on,
        recorded_at=recorded_at,
        creditor=CreditorId(creditor),
        customer=CustomerId(request.customer),
        request=request.request,
        outcome=RequestOutcome(outcome),
        reason=reason,
        by=by,
    )
