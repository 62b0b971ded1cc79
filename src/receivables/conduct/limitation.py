"""Periods of limitation: until when a claim can be brought to court, and what begins them anew.

>>> found = limitation(dt.date(2024, 2, 29), jurisdiction="france")
>>> found.last_day, found.article
(datetime.date(2029, 2, 28), 'C. civ. 2224')
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.conduct.loading import read_tables
from receivables.days import Adjustment, BusinessCalendar, add_months, check_day
from receivables.documents.model import ItemId, OpenItem
from receivables.errors import PolicyError
from receivables.interest.model import Debtor
from receivables.interest.rates import SourceStatus

__all__ = [
    "Interruption",
    "InterruptionKind",
    "LegalDeadline",
    "Limitation",
    "LimitationPeriod",
    "in_default_from",
    "legal_deadlines",
    "limitation",
    "limitation_periods",
    "load_periods",
]

_ONE_DAY: Final = dt.timedelta(days=1)
_MONTHS_A_YEAR: Final = 12
_DEFAULT_DAYS: Final = 30
"""Days after which a debtor is in default without a reminder (BGB § 286 (3))."""


class InterruptionKind(enum.Enum):
    """What may begin a period anew, or hold it."""

    ACKNOWLEDGMENT = "acknowledgment"
    """The debtor owns up to the debt: in words, by a part payment, by interest paid."""
    COURT_CLAIM = "court-claim"
    ENFORCEMENT = "enforcement"
    REGISTERED_LETTER = "registered-letter"
    """A demand whose delivery is proved."""
    REMINDER = "reminder"


@attrs.frozen(kw_only=True)
class Interruption:
    """Something that happened to a claim; proceedings have an end, or are still running."""

    kind: InterruptionKind = attrs.field(converter=InterruptionKind)
    on: dt.date
    ended_on: dt.date | None = None


def _debtors(values: Iterable[Debtor | str]) -> frozenset[Debtor]:
    return frozenset(map(Debtor, values))


def _articles(values: Mapping[InterruptionKind | str, str]) -> Mapping[InterruptionKind, str]:
    return MappingProxyType({InterruptionKind(kind): article for kind, article in values.items()})


def _kinds(values: Iterable[InterruptionKind | str]) -> frozenset[InterruptionKind]:
    return frozenset(map(InterruptionKind, values))


@attrs.frozen(kw_only=True)
class LimitationPeriod:
    """How long claims of a jurisdiction against some debtors live, and what prolongs them."""

    jurisdiction: str
    debtors: frozenset[Debtor] = attrs.field(default=tuple(Debtor), converter=_debtors)
    years: int = attrs.field(validator=attrs.validators.gt(0))
    from_year_end: bool = False
    """Whether it begins with the end of the year."""
    rolls: bool = False
    """Whether a last day that is no business day moves to the next one."""
    article: str
    source: str
    status: SourceStatus = attrs.field(converter=SourceStatus)
    restarts: Mapping[InterruptionKind, str] = attrs.field(factory=dict, converter=_articles)
    """What begins it anew, each with its article."""
    suspends: Mapping[InterruptionKind, str] = attrs.field(factory=dict, converter=_articles)
    """What holds it while it lasts, each with its article."""
    nothing: frozenset[InterruptionKind] = attrs.field(default=(), converter=_kinds)
    """What changes nothing, though many believe it does."""
    notes: tuple[str, ...] = attrs.field(default=(), converter=tuple)

    def end_of(self, start: dt.date) -> dt.date:
        """The last day of a period that begins on a day, counted from date to date."""
        return add_months(start, _MONTHS_A_YEAR * self.years)


@attrs.frozen(kw_only=True)
class Limitation:
    """The last day on which a claim can be brought, and how that was reckoned."""

    last_day: dt.date | None
    """None while proceedings hold the period."""
    started_on: dt.date
    period: LimitationPeriod
    counted: tuple[Interruption, ...] = ()
    ignored: tuple[Interruption, ...] = ()
    """What was given and changes nothing: it is none in this law, or it came too late."""

    @property
    def article(self) -> str:
        """Where the period stands."""
        return self.period.article

    def is_barred(self, *, as_of: dt.date) -> bool:
        """Whether it is too late at the beginning of a day."""
        return self.last_day is not None and as_of > self.last_day


@attrs.frozen(kw_only=True)
class LegalDeadline:
    """A day by which something has to happen to an item, and the article that says so."""

    item: ItemId
    day: dt.date
    what: str
    article: str
    status: SourceStatus


def load_periods(contents: str, *, name: str) -> tuple[LimitationPeriod, ...]:
    """Periods from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> load_periods('''
    ... [[period]]
    ... jurisdiction = "atlantis"
    ... years = 4
    ... article = "Code of the Sea 12"
    ... source = "our lawyer there"
    ... status = "verified"
    ... ''', name="own.toml")[0].years
    4
    """
    tables = read_tables(contents, name=name)
    try:
        return tuple(LimitationPeriod(**_fields(row)) for row in tables["period"])
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        msg = f"{name} must hold periods of limitation, got {error}"
        raise PolicyError(msg) from error


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in row.items()}


@functools.cache
def limitation_periods() -> tuple[LimitationPeriod, ...]:
    """The periods that come with the library, read when first asked for."""
    file = resources.files("receivables.conduct") / "limitation.toml"
    return load_periods(file.read_text(encoding="utf-8"), name="limitation.toml")


def limitation(
    right_known: dt.date,
    *,
    jurisdiction: str,
    debtor: Debtor | str = Debtor.BUSINESS,
    interruptions: Iterable[Interruption] = (),
    calendar: BusinessCalendar | None = None,
    periods: Iterable[LimitationPeriod] | None = None,
) -> Limitation:
    """The last day for an action on a claim that could be brought from `right_known` on.

    For an invoice that is its due date, as a rule.  Interruptions are gone through in order; one
    that comes after the last day revives nothing.  Raises `PolicyError` for a jurisdiction without
    a period: those of the states of the United States are not here.

    >>> letter = Interruption(kind="registered-letter", on=dt.date(2025, 6, 1))
    >>> found = limitation(dt.date(2024, 3, 31), jurisdiction="france", debtor="consumer",
    ...                    interruptions=[letter])
    >>> found.last_day, found.ignored == (letter,)
    (datetime.date(2026, 3, 31), True)
    """
    check_day(right_known, name="right_known")
    period = _period(jurisdiction, Debtor(debtor), periods)
    known = calendar or BusinessCalendar()
    started = _year_end(right_known) if period.from_year_end else right_known
    last: dt.date | None = _rolled(period, period.end_of(started), known)
    counted: list[Interruption] = []
    ignored: list[Interruption] = []
    for one in sorted(interruptions, key=lambda one: one.on):
        if last is None or not _matters(one, period=period, started=started, last=last):
            ignored.append(one)
            continue
        counted.append(one)
        started, last = _after(one, period=period, started=started, last=last)
        last = None if last is None else _rolled(period, last, known)
    return Limitation(
        last_day=last,
        started_on=started,
        period=period,
        counted=tuple(counted),
        ignored=tuple(ignored),
    )


def _period(
    jurisdiction: str, debtor: Debtor, periods: Iterable[LimitationPeriod] | None
) -> LimitationPeriod:
    known = limitation_periods() if periods is None else tuple(periods)
    found = [one for one in known if one.jurisdiction == jurisdiction and debtor in one.debtors]
    if not found:
        names = ", ".join(dict.fromkeys(one.jurisdiction for one in known))
        msg = f"jurisdiction must be one of {names}, got {jurisdiction!r} for {debtor.value}"
        raise PolicyError(msg)
    return found[0]


def _year_end(day: dt.date) -> dt.date:
    return day.replace(month=12, day=31)


def _rolled(period: LimitationPeriod, day: dt.date, calendar: BusinessCalendar) -> dt.date:
    return calendar.adjust(day, Adjustment.FOLLOWING) if period.rolls else day


def _matters(
    one: Interruption, *, period: LimitationPeriod, started: dt.date, last: dt.date
) -> bool:
    """Whether it is something in this law, and the period runs while it happens."""
    is_something = one.kind in period.restarts or one.kind in period.suspends
    return is_something and one.on <= last and (_is_running(one) or _end_of(one) >= started)


def _is_running(one: Interruption) -> bool:
    return one.kind is InterruptionKind.COURT_CLAIM and one.ended_on is None


def _end_of(one: Interruption) -> dt.date:
    return one.ended_on or one.on


def _after(
    one: Interruption, *, period: LimitationPeriod, started: dt.date, last: dt.date
) -> tuple[dt.date, dt.date | None]:
    """When the period began and ends, once something has interrupted it."""
    if _is_running(one):
        return started, None
    end = _end_of(one)
    if one.kind in period.restarts:
        return end, period.end_of(end)
    return started, last + (end - max(one.on, started))


def legal_deadlines(
    items: Iterable[OpenItem],
    *,
    jurisdiction: str,
    debtor: Debtor | str = Debtor.BUSINESS,
    interruptions: Mapping[str, Iterable[Interruption]] = MappingProxyType({}),
    calendar: BusinessCalendar | None = None,
    periods: Iterable[LimitationPeriod] | None = None,
) -> tuple[LegalDeadline, ...]:
    """The last day for an action on each item that is owed, the earliest first.

    The claim is taken to be known on its due date, or on the date of a document that has none.
    Credits, settled items, and items before a court have no deadline.
    """
    known = None if periods is None else tuple(periods)
    found = []
    for item in items:
        if item.open_minor <= 0:
            continue
        end = limitation(
            item.due_date or item.document_date,
            jurisdiction=jurisdiction,
            debtor=debtor,
            interruptions=interruptions.get(item.item, ()),
            calendar=calendar,
            periods=known,
        )
        if end.last_day is not None:
            found.append(_deadline(item.item, end, end.last_day))
    return tuple(sorted(found, key=lambda one: (one.day, one.item)))


def _deadline(item: ItemId, end: Limitation, day: dt.date) -> LegalDeadline:
    return LegalDeadline(
        item=item, day=day, what="limitation", article=end.article, status=end.period.status
    )


def in_default_from(
    due: dt.date,
    *,
    invoice_received: dt.date | None = None,
    reminder_received: dt.date | None = None,
    calendar_due_date: bool = False,
    is_consumer: bool = False,
    was_warned: bool = False,
) -> dt.date | None:
    """The first day of default in German law (BGB § 286), or None where nothing has begun it.

    A reminder after the due date begins it with the day that it arrives (I); a due date that the
    calendar fixes, the day after (II no. 1); and without either, the end of 30 days from due date
    and receipt of the invoice, for consumers only where the invoice warned them (III).

    >>> in_default_from(dt.date(2026, 3, 1), invoice_received=dt.date(2026, 3, 1))
    datetime.date(2026, 4, 1)
    """
    check_day(due, name="due")
    days = []
    if calendar_due_date:
        days.append(due + _ONE_DAY)
    if reminder_received is not None and reminder_received >= due:
        days.append(reminder_received)
    if invoice_received is not None and (was_warned or not is_consumer):
        days.append(max(due, invoice_received) + dt.timedelta(days=_DEFAULT_DAYS + 1))
    return min(days, default=None)
