"""The Unified API: payments and refunds in windows of less than a day, disputes by their cases.

There is no list of deposits and none of disputes.  Movements come without a payout; the deposits are
in the exports of Merchant Direct.  A list has no count either, so that one that ends is asked once
more from its last row on, and goes on where there is more.

Written from the published description of the service (version 2.6.1) and not tried on it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import zoneinfo
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

import attrs

from receivables.adapters import PayoutRecord
from receivables.cards import masked
from receivables.errors import InexactAmountError, ServiceError, TransportError
from receivables.money import minor_of
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.receipts.payouts import DisputeStage, ProcessorDispute, ProcessorMovement
from receivables.transports import (
    BearerTokens,
    Request,
    Response,
    Runtime,
    Secret,
    Token,
    Transport,
)
from receivables_plugins.moneris.movements import Movements
from receivables_plugins.moneris.settings import DisputeCase, MonerisSettings
from receivables_plugins.moneris.values import PROCESSOR, moment_of

__all__ = ["MonerisService"]

_MARGIN: Final = dt.timedelta(seconds=1)
"""How far windows reach over their ends, because whether these are inside is not said."""
_PAGES_MAX: Final = 100_000
"""Pages of one window: far more than any merchant has, so that a list that repeats itself ends."""
_TOKEN_SECONDS: Final = 3_600


@attrs.frozen
class _Window:
    """A time between two moments that a list is asked for."""

    start: dt.datetime
    end: dt.datetime

    @property
    def is_empty(self) -> bool:
        return self.end <= self.start


class MonerisService:
    """Reads Moneris over its interface; what cannot be had is noted, and nothing is raised."""

    def __init__(self, settings: MonerisSettings, runtime: Runtime) -> None:
        self._settings = settings
        self._runtime = runtime
        self._zone = zoneinfo.ZoneInfo(settings.time_zone)
        self._transport = self._authorized()

    def payouts(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """Payments and refunds of some days, in no payout: which deposit they are in is not said."""
        notes = ReadNotes(f"{PROCESSOR} {since} to {until}")
        return Read(self._guarded(self._movements(since, until, notes), notes), notes)

    def disputes(self, *, since: dt.date, until: dt.date) -> Read[PayoutRecord]:
        """The disputes of the settings that were opened on some days, each asked after.

        The service says only whether something can still be sent in; amount, deadline and reason are
        those of the settings.
        """
        notes = ReadNotes(f"{PROCESSOR} disputes {since} to {until}")
        return Read(self._guarded(self._disputes(since, until, notes), notes), notes)

    def _guarded(self, rows: Iterable[PayoutRecord], notes: ReadNotes) -> Iterator[PayoutRecord]:
        """Rows until something fails, and a note of what did."""
        try:
            yield from rows
        except ServiceError as error:
            notes.error("service.refused", str(error))
        except TransportError as error:
            notes.error("service.incomplete", f"service must be reached, got {error}")

    # -- movements ------------------------------------------------------------------------

    def _movements(
        self, since: dt.date, until: dt.date, notes: ReadNotes
    ) -> Iterator[PayoutRecord]:
        made = Movements(self._settings, notes)
        back = dt.timedelta(days=self._settings.lookback_days)
        lists: tuple[tuple[str, dt.date, str, Callable[..., Iterator[ProcessorMovement]]], ...] = (
            ("payments", since - back, "paymentId", made.of_payment),
            ("refunds", since, "refundId", made.of_refund),
        )
        for path, first, name, make in lists:
            records = self._records(path, first, until, name=name, notes=notes)
            found = itertools.chain.from_iterable(map(make, records))
            yield from (each for each in found if since <= each.occurred_on <= until)

    def _records(
        self, path: str, first: dt.date, until: dt.date, *, name: str, notes: ReadNotes
    ) -> Iterator[Mapping[str, Any]]:
        """The objects of a list, each once, window after window, and beyond where a list stops."""
        seen: set[str] = set()
        asked = deque(self._windows(first, until))
        while asked:
            window = asked.popleft()
            before = len(seen)
            moments: list[dt.datetime] = []
            for record in self._pages(path, window, notes):
                moment = moment_of(record.get("createdAt"))
                moments += [] if moment is None else [moment]
                known = str(record.get(name, ""))
                if not known or known not in seen:
                    seen |= {known} if known else set()
                    yield record
            if len(seen) > before:
                asked.extendleft(reversed(list(_beyond(window, moments))))

    def _windows(self, first: dt.date, until: dt.date) -> Iterator[_Window]:
        """Windows over some days of the time zone, none of them in the future."""
        end = min(_midnight(until + dt.timedelta(days=1), self._zone), self._runtime.now())
        start = _midnight(first, self._zone)
        step = dt.timedelta(hours=self._settings.window_hours)
        while start < end:
            yield _Window(start - _MARGIN, min(start + step, end) + _MARGIN)
            start += step

    def _pages(self, path: str, window: _Window, notes: ReadNotes) -> Iterator[Mapping[str, Any]]:
        """The objects of one window, a page after the other by the cursor that each page gives."""
        asked = {
            "created_from": _written(window.start),
            "created_to": _written(window.end),
            "limit": str(self._settings.page_size),
        }
        url: str | None = f"{self._base}/{path}?{urlencode(asked)}"
        been: set[str] = set()
        for _page in range(_PAGES_MAX):
            if url is None:
                return
            been.add(url)
            answer = self._object(path, url)
            data = answer.get("data")
            if not isinstance(data, list):
                msg = f"{path} must give a list, got {type(data).__name__}"
                raise ServiceError(msg)
            yield from (each for each in data if isinstance(each, dict))
            url = self._next(answer.get("next"))
            if url in been:
                msg = f"{path} must go on to another page, got one that was there before"
                notes.error("service.incomplete", msg)
                return

    def _next(self, link: object) -> str | None:
        """The next page, which must be on the same host: credentials go nowhere else."""
        if not isinstance(link, str) or not link:
            return None
        url = urljoin(f"{self._base}/", link)
        if urlsplit(url)[:2] != urlsplit(self._base)[:2]:
            msg = "the next page must be on the host of the service, got another host"
            raise ServiceError(msg)
        return url

    # -- disputes -------------------------------------------------------------------------

    def _disputes(self, since: dt.date, until: dt.date, notes: ReadNotes) -> Iterator[PayoutRecord]:
        for case in self._settings.cases:
            if since <= case.opened_on <= until:
                path = f"disputes/{case.case}/{case.record}"
                answer = self._object("disputes", f"{self._base}/{path}")
                yield from self._dispute(case, answer, notes)

    def _dispute(
        self, case: DisputeCase, answer: Mapping[str, Any], notes: ReadNotes
    ) -> Iterator[ProcessorDispute]:
        is_open = any(answer.get(name) is True for name in ("imageUploadAllowed", "acceptAllowed"))
        if not is_open:
            msg = f"dispute {case.case} can be answered no more, and the service does not say how it ended"
            notes.warn("moneris.dispute-closed", msg)
        try:
            amount = minor_of(Decimal(case.amount), case.currency)
        except InexactAmountError as error:
            notes.error("amount.inexact", f"{error} in the settings of dispute {case.case}")
            return
        yield ProcessorDispute(
            dispute=f"{case.case}/{case.record}",
            processor=PROCESSOR,
            stage=DisputeStage.CHARGEBACK,
            amount_minor=abs(amount),
            currency=case.currency,
            opened_on=case.opened_on,
            respond_by=case.respond_by if is_open else None,
            movement=case.movement,
            reference=case.reference,
            reason_code=case.reason_code,
            reason=case.reason,
            source=Place(notes.source),
        )

    # -- the way there --------------------------------------------------------------------

    @property
    def _base(self) -> str:
        return self._settings.url.rstrip("/")

    def _authorized(self) -> Transport:
        """A transport that sends the key, or a token that it gets when it needs one."""
        if self._settings.api_key:
            return self._with_key
        runtime = self._runtime
        return BearerTokens(runtime.transport, fetch=self._fetch, now=runtime.now)

    def _with_key(self, request: Request) -> Response:
        key = self._runtime.secret(self._settings.api_key)
        return self._runtime.transport(request.with_headers({"X-Api-Key": key.reveal()}))

    def _fetch(self) -> Token:
        """A token by client credentials (RFC 6749, 4.4)."""
        settings, secret = self._settings, self._runtime.secret
        form = {
            "grant_type": "client_credentials",
            "client_id": secret(settings.client_id).reveal(),
            "client_secret": secret(settings.client_secret).reveal(),
            "scope": settings.scope,
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Api-Version": settings.api_version,
        }
        url = f"{self._base}/oauth2/token"
        body = urlencode(form).encode()
        answer = self._runtime.transport(
            Request("POST", url, headers=headers, body=body, is_repeatable=True)
        )
        if not answer.is_success:
            raise _refusal("oauth2/token", answer)
        said = answer.json()
        value = said.get("access_token") if isinstance(said, dict) else None
        if not isinstance(value, str) or not value:
            msg = "oauth2/token must give an access token, got none"
            raise ServiceError(msg, status=answer.status)
        seconds = said.get("expires_in")
        lives = int(seconds) if str(seconds).isdecimal() else _TOKEN_SECONDS
        expires_at = self._runtime.now() + dt.timedelta(seconds=lives)
        return Token(value=Secret(value), expires_at=expires_at)

    def _object(self, path: str, url: str) -> Mapping[str, Any]:
        headers = {
            "Accept": "application/json",
            "Accept-Language": "en",
            "Api-Version": self._settings.api_version,
            "X-Merchant-Id": self._settings.merchant,
        }
        answer = self._transport(Request("GET", url, headers=headers))
        if not answer.is_success:
            raise _refusal(path, answer)
        found = answer.json()
        if not isinstance(found, dict):
            msg = f"{path} must be answered with an object, got {type(found).__name__}"
            raise ServiceError(msg, status=answer.status)
        return found


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)


def _written(moment: dt.datetime) -> str:
    text = moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _beyond(window: _Window, moments: list[dt.datetime]) -> Iterator[_Window]:
    """What is left of a window beyond the last row that came, whatever order the rows came in."""
    if not moments:
        return
    first, last = moments[0], moments[-1]
    if last >= first:
        later = _Window(last, window.end)
        yield from [] if later.is_empty else [later]
    if last <= first:
        earlier = _Window(window.start, last)
        yield from [] if earlier.is_empty else [earlier]


def _refusal(path: str, answer: Response) -> ServiceError:
    """A refusal in the short words of its problem (RFC 9457); longer ones may repeat what was sent."""
    words: list[str] = []
    try:
        said = json.loads(answer.body) if answer.body else {}
    except ValueError:
        said = {}
    if isinstance(said, dict):
        errors = said.get("errors")
        listed = errors if isinstance(errors, list) else []
        found = [each for each in listed if isinstance(each, dict)]
        named = [f"{each.get('parameterName', '')}: {each.get('reasonCode', '')}" for each in found]
        words = [str(said.get("title") or ""), *named]
    code = masked(", ".join(word for word in words if word.strip()))[:200]
    reason = f" {code}" if code else ""
    msg = f"{path} must be answered with 200, got {answer.status}{reason}"
    return ServiceError(msg, status=answer.status, code=code)
