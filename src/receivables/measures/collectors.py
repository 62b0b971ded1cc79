"""What collectors did in a period with the accounts that they look after, and what came of it.

>>> from receivables.testing.builders import a_receipt, an_invoice, issued, received
>>> ledger = Ledger().record(issued(an_invoice()), received(a_receipt(amount="40.00")))
>>> accounts = AssignedAccounts.of_customers({"C-017": "j.roy"})
>>> found = collector_performance(ledger, "MIRA", accounts=accounts,
...                               first=dt.date(2026, 10, 1), last=dt.date(2026, 10, 31))
>>> [(one.collector, one.currency, one.collected_minor) for one in found]
[('j.roy', 'EUR', 4000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, TypeAlias

import attrs

from receivables.collection.assigning import Assignment
from receivables.collection.log import ContactLog, LogKind, contact_log
from receivables.days import check_day
from receivables.documents.model import OpenItem
from receivables.errors import PolicyError
from receivables.ledger.objects import Ledger
from receivables.measures._moves import MoveCause, Passage, Watch
from receivables.measures._tables import one_of, span_of
from receivables.measures.formulas import cei
from receivables.money import Money, exact, to_minor
from receivables.parties import Customer
from receivables.promises.model import EXACT, JudgedPromise, KeptRate, PromisePolicy
from receivables.promises.objects import judge, kept_rates
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn, as_html, as_text

__all__ = [
    "AccountSpan",
    "AssignedAccounts",
    "CashTarget",
    "CollectorFigures",
    "CollectorPerformance",
    "collector_performance",
]

_ONE_DAY: Final = dt.timedelta(days=1)


@attrs.frozen(kw_only=True)
class AccountSpan:
    """From which day on who looks after a customer, until somebody else does."""

    customer: str
    collector: str
    """Empty where nobody does from that day on."""
    since: dt.date = dt.date.min


def _spans(values: Iterable[AccountSpan]) -> tuple[AccountSpan, ...]:
    return tuple(sorted(values, key=lambda one: (one.customer, one.since)))


@attrs.frozen
class AssignedAccounts:
    """Who looks after which customer on which day.

    Raises `PolicyError` for two collectors of one customer from one day on.

    >>> accounts = AssignedAccounts([
    ...     AccountSpan(customer="C-1", collector="j.roy"),
    ...     AccountSpan(customer="C-1", collector="m.diaz", since=dt.date(2026, 10, 1))])
    >>> accounts.collector("C-1", dt.date(2026, 9, 30)), accounts.collector("C-1", dt.date(2026, 10, 1))
    ('j.roy', 'm.diaz')
    """

    spans: tuple[AccountSpan, ...] = attrs.field(converter=_spans)
    _by_customer: Mapping[str, tuple[AccountSpan, ...]] = attrs.field(
        init=False, repr=False, eq=False
    )

    @_by_customer.default
    def _index(self) -> Mapping[str, tuple[AccountSpan, ...]]:
        found: dict[str, tuple[AccountSpan, ...]] = {}
        for span in self.spans:
            found[span.customer] = (*found.get(span.customer, ()), span)
        return found

    @spans.validator
    def _check_once(self, _attribute: object, value: tuple[AccountSpan, ...]) -> None:
        keys = [(one.customer, one.since) for one in value]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            msg = f"collector of {twice[0]} from {twice[1]} on must be one, got several"
            raise PolicyError(msg)

    @classmethod
    def of_customers(
        cls, customers: Mapping[str, str] | Iterable[Customer], *, role: str = "collector"
    ) -> AssignedAccounts:
        """Those of a list of customers, or of collectors by customer, all the time."""
        if isinstance(customers, Mapping):
            named = dict(customers)
        else:
            named = {str(one.customer): one.owner(role) for one in customers}
        return cls(
            [AccountSpan(customer=name, collector=who) for name, who in named.items() if who]
        )

    @classmethod
    def of_days(cls, assignments: Mapping[dt.date, Assignment]) -> AssignedAccounts:
        """Those of the assignments of several days: each holds for a customer until its next one."""
        spans: dict[tuple[str, dt.date], AccountSpan] = {}
        for day, assignment in sorted(assignments.items()):
            for one in assignment.given:
                name = str(one.line.customer)
                span = AccountSpan(customer=name, collector=one.person, since=day)
                spans.setdefault((name, day), span)
        return cls(spans.values())

    def collector(self, customer: str, day: dt.date) -> str:
        """Who looks after a customer on a day; empty where nobody does."""
        spans = [one for one in self._by_customer.get(customer, ()) if one.since <= day]
        return spans[-1].collector if spans else ""


@attrs.frozen(kw_only=True)
class CashTarget:
    """What a collector is to bring in a period, in one currency."""

    collector: str
    amount: Money = attrs.field(converter=exact)


@attrs.frozen(kw_only=True)
class CollectorFigures:
    """What one collector did in a period in one currency, in minor units.

    Contacts know no currency: `contacts` and `reached` are those of all, and stand in every row.
    """

    collector: str
    """Empty for the accounts that nobody looks after."""
    currency: str
    accounts: int = 0
    """Customers with something open on the last day, or anything moved in the period."""
    collected_minor: int = 0
    """Money that came in on the accounts while the collector had them, less what went back."""
    target_minor: int | None = None
    promises_taken: int = 0
    """Promises that were given to the collector in the period."""
    kept: KeptRate
    """How the promises given to the collector came out that were decided in the period."""
    contacts: int = 0
    reached: int = 0
    """Contacts of which the customer heard."""
    cleared: int = 0
    """Items that were open and were settled in full by the end of the period."""
    overdue_before_minor: int = 0
    overdue_minor: int = 0
    cei: Fraction | None = None
    """The collection effectiveness index of the accounts; None where nothing was due."""

    @property
    def target_share(self) -> Fraction | None:
        """What was collected, of the target; None without one."""
        return Fraction(self.collected_minor, self.target_minor) if self.target_minor else None

    @property
    def overdue_change_minor(self) -> int:
        """How much more is overdue than before the period."""
        return self.overdue_minor - self.overdue_before_minor

    @property
    def kept_share(self) -> Fraction | None:
        """Promises kept, of those decided in the period; None without any."""
        return Fraction(self.kept.kept, self.kept.decided) if self.kept.decided else None


def _figures(values: Iterable[CollectorFigures]) -> tuple[CollectorFigures, ...]:
    return tuple(values)


_MONEY, _COUNT, _SHARE = CellKind.MONEY, CellKind.COUNT, CellKind.SHARE
_COLUMNS: Final[tuple[tuple[str, str, CellKind], ...]] = (
    ("collector", "collector", CellKind.TEXT),
    ("currency", "currency", CellKind.TEXT),
    ("accounts", "accounts", _COUNT),
    ("collected_minor", "collected", _MONEY),
    ("target_minor", "target", _MONEY),
    ("target_share", "of target", _SHARE),
    ("promises_taken", "promises taken", _COUNT),
    ("kept_share", "promises kept", _SHARE),
    ("contacts", "contacts", _COUNT),
    ("reached", "reached", _COUNT),
    ("cleared", "cleared", _COUNT),
    ("overdue_minor", "overdue", _MONEY),
    ("overdue_change_minor", "change of overdue", _MONEY),
    ("cei", "CEI", _SHARE),
)


@attrs.frozen(kw_only=True)
class CollectorPerformance:
    """The figures of every collector and currency in a period, by collector."""

    creditor: str
    first: dt.date
    last: dt.date
    figures: tuple[CollectorFigures, ...] = attrs.field(converter=_figures, repr=False)

    def __iter__(self) -> Iterator[CollectorFigures]:
        return iter(self.figures)

    def get(self, collector: str, *, currency: str = "") -> CollectorFigures | None:
        """The figures of a collector; the currency may be left out where there is one only.

        Raises `PolicyError` where several fit.
        """
        found = [one for one in self.figures if one.collector == collector]
        return one_of(found, name="currency", group={"currency": currency})

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `to_rows`."""
        return tuple(name for name, _, _ in _COLUMNS)

    def to_rows(self) -> list[tuple[Any, ...]]:
        """The figures as tuples, in the order of `columns`, amounts in minor units."""
        return [tuple(getattr(one, name) for name in self.columns) for one in self.figures]

    def to_table(self) -> ResultTable:
        """A row for each collector and currency."""
        return ResultTable(
            title=Phrase("collectors, {first} to {last}", span_of(self.first, self.last)),
            columns=[
                TableColumn(name=name, heading=Phrase(heading), kind=kind)
                for name, heading, kind in _COLUMNS
            ],
            rows=self.to_rows(),
        )

    def __str__(self) -> str:
        return as_text(self.to_table())

    def _repr_html_(self) -> str:
        return as_html(self.to_table())


_Key: TypeAlias = tuple[str, str]
"""Collector and currency."""


@attrs.define
class _Sums:
    """The figures of one collector and currency under way."""

    customers: set[str] = attrs.field(factory=set)
    collected: int = 0
    cleared: int = 0
    before: int = 0
    sales: int = 0
    after: int = 0
    current: int = 0
    written_off: int = 0
    overdue_before: int = 0

    def add(self, passage: Passage, eve: dt.date, last: dt.date) -> None:
        """Add the balances of an item on both days, and what was sold between."""
        opening, closing = max(passage.opening_minor, 0), max(passage.closing_minor, 0)
        self.before += opening
        self.after += closing
        self.sales += passage.moved.get(MoveCause.INVOICED, 0)
        self.written_off -= passage.moved.get(MoveCause.WRITTEN_OFF, 0)
        if opening and passage.before is not None and _is_overdue(passage.before, eve):
            self.overdue_before += opening
        if closing and passage.after is not None and not _is_overdue(passage.after, last):
            self.current += closing


def _is_overdue(item: OpenItem, day: dt.date) -> bool:
    # As in aging, an item without a due date counts from its document date.
    return (item.due_date or item.document_date) < day


@attrs.frozen(kw_only=True)
class _Period:
    """What is looked at."""

    watch: Watch
    accounts: AssignedAccounts
    first: dt.date
    last: dt.date

    @property
    def eve(self) -> dt.date:
        return self.first - _ONE_DAY

    def sums(self) -> dict[_Key, _Sums]:
        """What moved on the accounts of each collector, and what is open on them."""
        found: dict[_Key, _Sums] = {}
        for passage in self.watch.between(self.eve, self.last):
            item = passage.item
            who = self.accounts.collector(item.customer, self.last)
            held = found.setdefault((who, item.currency), _Sums())
            held.customers.add(item.customer)
            held.add(passage, self.eve, self.last)
        self._add_moves(found)
        return found

    def _add_moves(self, found: dict[_Key, _Sums]) -> None:
        """Money goes to whoever had the account on its day, and so does what it cleared."""
        cleared: dict[tuple[str, str], dt.date] = {}
        for move in self.watch.moves(after=self.eve, until=self.last):
            item = self.watch.item((move.creditor, move.item), self.last)
            if item is None:
                continue
            if item.amount_minor > 0 and not item.open_minor and move.amount_minor < 0:
                key = (move.creditor, move.item)
                cleared[key] = max(cleared.get(key, move.on), move.on)
            if move.cause is MoveCause.PAID:
                who = self.accounts.collector(item.customer, move.on)
                found.setdefault((who, item.currency), _Sums()).collected -= move.amount_minor
        for key, day in cleared.items():
            item = self.watch.item(key, self.last)
            assert item is not None  # noqa: S101  # it was found just now
            who = self.accounts.collector(item.customer, day)
            found.setdefault((who, item.currency), _Sums()).cleared += 1


def collector_performance(  # one door: each of them is named where it is called
    ledger: Ledger,
    creditor: str,
    *,
    accounts: AssignedAccounts,
    first: dt.date,
    last: dt.date,
    targets: Iterable[CashTarget] = (),
    known_at: dt.datetime | None = None,
    promises: PromisePolicy = EXACT,
) -> CollectorPerformance:
    """What each collector did from `first` to `last`, both included, with the accounts of a creditor.

    Money, and what it cleared, goes to whoever had the account on its day.  What is overdue, and the
    collection effectiveness index, are those of the accounts that the collector has on `last`, on
    both days, so that handing accounts over changes neither.  Promises and contacts are those that
    the collector is named with.

    Raises `PolicyError` for days out of order, and for two targets of one collector and currency.
    """
    check_day(first, name="first")
    check_day(last, name="last")
    if last < first:
        msg = f"last must be {first} or later, got {last}"
        raise PolicyError(msg)
    watch = Watch(ledger=ledger, creditor=creditor, known_at=known_at)
    period = _Period(watch=watch, accounts=accounts, first=first, last=last)
    judged = judge(ledger, creditor, as_of=last, known_at=known_at, policy=promises)
    log = contact_log(ledger, creditor, as_of=last, known_at=known_at)
    return CollectorPerformance(
        creditor=creditor,
        first=first,
        last=last,
        figures=_together(period, judged, log, _by_collector(targets)),
    )


def _by_collector(targets: Iterable[CashTarget]) -> dict[_Key, int]:
    found: dict[_Key, int] = {}
    for one in targets:
        key = (one.collector, one.amount.currency.code)
        if key in found:
            msg = f"target of {key[0]} in {key[1]} must be given once, got two"
            raise PolicyError(msg)
        found[key] = to_minor(one.amount)
    return found


def _together(
    period: _Period,
    judged: Iterable[JudgedPromise],
    log: ContactLog,
    targets: Mapping[_Key, int],
) -> list[CollectorFigures]:
    first, last = period.first, period.last
    given = list(judged)
    taken: dict[_Key, int] = {}
    for one in given:
        if first <= one.promised_on <= last:
            key = (one.promise.by, one.promise.amount.currency.code)
            taken[key] = taken.get(key, 0) + 1
    decided = [one for one in given if one.decided_on and first <= one.decided_on <= last]
    kept = {(one.collector, one.currency): one for one in kept_rates(decided, by_collector=True)}
    contacts: dict[str, list[bool]] = {}
    for entry in log:
        if entry.kind is LogKind.CONTACT and entry.on >= first:
            contacts.setdefault(entry.by, []).append(entry.is_contact)
    sums = period.sums()
    # Somebody who only made calls has a row in each currency that there is.
    currencies = {currency for _, currency in sums} | {currency for _, currency in targets}
    only_called = {(who, code) for who in contacts for code in currencies if who}
    keys = {*sums, *taken, *kept, *targets}
    keys |= {key for key in only_called if not any(key[0] == who for who, _ in keys)}
    return [
        _told(
            key,
            sums.get(key, _Sums()),
            target=targets.get(key),
            taken=taken.get(key, 0),
            kept=kept.get(key) or KeptRate(collector=key[0], currency=key[1]),
            contacts=contacts.get(key[0], []),
        )
        for key in sorted(keys)
    ]


def _told(
    key: _Key,
    sums: _Sums,
    *,
    target: int | None,
    taken: int,
    kept: KeptRate,
    contacts: list[bool],
) -> CollectorFigures:
    found = cei(
        sums.before,
        max(sums.sales, 0),
        ending_minor=sums.after,
        current_minor=sums.current,
        written_off_minor=max(sums.written_off, 0),
    )
    return CollectorFigures(
        collector=key[0],
        currency=key[1],
        accounts=len(sums.customers),
        collected_minor=sums.collected,
        target_minor=target,
        promises_taken=taken,
        kept=kept,
        contacts=len(contacts),
        reached=sum(contacts),
        cleared=sums.cleared,
        overdue_before_minor=sums.overdue_before,
        overdue_minor=sums.after - sums.current,
        cei=found.value,
    )
