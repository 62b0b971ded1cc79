"""The tie-out: the sub-ledger of an entity against its general ledger, differences by cause.

>>> from receivables.testing.builders import an_invoice, issued
>>> ledger = Ledger().record(issued(an_invoice("FA-1", total="100.00")))
>>> tied = tie_out(ledger, [], creditor="MIRA", as_of=dt.date(2026, 10, 31))
>>> [(one.cause.value, one.document, one.difference_minor) for one in tied.differences]
[('missing-in-general-ledger', 'FA-1', 10000)]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final, TypeAlias

import attrs

from receivables.accounting.model import Journal, Role
from receivables.closing.model import (
    Difference,
    DifferenceCause,
    GlBalance,
    GlPosting,
    Movement,
    MovementKind,
    TieOut,
    TieOutRow,
)
from receivables.closing.movements import movements
from receivables.days import check_day
from receivables.documents.model import Document, ItemKind
from receivables.intercompany.pairing import PairingRule, pair
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.receipts.model import Receipt

__all__ = ["gl_postings", "gl_postings_from", "tie_out"]

_CONTROL: Final = frozenset(role for role in Role if role.is_control)
_NAMED_KINDS: Final = frozenset(
    {
        MovementKind.INVOICES,
        MovementKind.DEBIT_NOTES,
        MovementKind.CREDIT_NOTES,
        MovementKind.CANCELLATIONS,
    }
)
"""Kinds whose document number is the same in every book; a receipt's seldom is."""


def gl_postings(
    journal: Journal,
    *,
    functional: bool = True,
    roles: Collection[Role] = _CONTROL,
) -> tuple[GlPosting, ...]:
    """The lines of a journal as a general ledger would hold them; by default its control accounts."""
    return tuple(
        GlPosting(
            account=line.account.number,
            date=entry.date,
            amount_minor=line.functional_minor if functional else line.amount_minor,
            currency=entry.functional_currency if functional else line.currency,
            document=entry.document,
            customer=line.customer,
            text=line.text or entry.text,
        )
        for entry in journal
        for line in entry.lines
        if line.role in roles
    )


def gl_postings_from(records: Iterable[object], *, account: str) -> tuple[GlPosting, ...]:
    """The postings behind the records of an accounting export: one per document and receipt.

    A ledger source that reads a general ledger (``fec``) makes one record of each line on a
    receivable account; this takes them back to lines.  What a source appends to a number after ``~``,
    to tell lines apart that share it, is left out.  Other records are skipped.
    """
    found = []
    for record in records:
        if isinstance(record, Document):
            sign = -1 if record.kind is ItemKind.CREDIT_NOTE else 1
            day, name, amount = record.posting_date, record.number, sign * to_minor(record.total)
        elif isinstance(record, Receipt):
            day, name, amount = record.booking_date, record.receipt, -to_minor(record.amount)
        else:
            continue
        found.append(
            GlPosting(
                account=account,
                date=day,
                amount_minor=amount,
                currency=(
                    record.total if isinstance(record, Document) else record.amount
                ).currency.code,
                document=name.partition("~")[0],
                customer=record.customer,
            )
        )
    return tuple(found)


@attrs.frozen(eq=False)
class _Line:
    """A line of one of the books, as the rules compare it; identity is that of the object."""

    date: dt.date
    customer: str
    document: str
    currency: str
    amount_minor: int
    account: str
    is_named: bool
    is_opening: bool = False
    movements: tuple[Movement, ...] = ()
    postings: tuple[GlPosting, ...] = ()

    @property
    def number(self) -> str:
        """The document as it is written."""
        ours = (line.document for line in self.movements)
        theirs = (line.document for line in self.postings)
        return next((name for name in (*ours, *theirs) if name), "")


def tie_out(
    sub_ledger: Ledger | Iterable[Movement],
    general_ledger: Iterable[GlPosting | GlBalance],
    *,
    creditor: str,
    as_of: dt.date,
    accounts: Collection[str] = (),
    since: dt.date | None = None,
    window_days: int = 31,
) -> TieOut:
    """Compare the open balance of an entity on a day with its general ledger, line by line.

    The sub-ledger is a ledger, in the currencies of its documents, or movements: those of
    `control_movements` compare a journal in the functional currency, account by account.  The general
    ledger is balances, postings or both: where an account has a balance, that counts, and what its
    postings do not add up to is *unknown*.  `accounts` are the control accounts by the beginning of
    their numbers, all that are given where it is empty; postings on other accounts are only searched
    for what was posted there by mistake.  Postings and movements after the day show timing.  Where
    the general ledger begins on a day with an opening balance, `since` says it.  A receipt that the
    books name differently is recognized by customer and amount, within `window_days`.
    """
    check_day(as_of, name="as_of")
    ours = [each for each in _ours(sub_ledger, since) if each.creditor == creditor]
    by_account = any(each.account for each in ours)
    lines = _sub_ledger_lines(ours, since)
    control, elsewhere, balances = _split(general_ledger, tuple(accounts), by_account=by_account)
    bare = {*balances} - {(line.account, line.currency) for line in control}
    search = _Search(
        [line for line in lines if (line.account, line.currency) not in bare],
        control,
        as_of=as_of,
        window_days=window_days,
    )
    search.run(elsewhere, since)
    unknown = _unknown(lines, control, balances, as_of=as_of)
    differences = sorted((*search.differences, *unknown), key=_order)
    return TieOut(
        creditor=creditor,
        as_of=as_of,
        rows=_rows(lines, control, balances, differences, as_of),
        differences=differences,
        agreed=search.agreed,
    )


def _unknown(
    ours: Sequence[_Line], theirs: Sequence[_Line], balances: _Balances, *, as_of: dt.date
) -> Iterator[Difference]:
    """What no posting explains: all of it where there are balances alone."""
    posted: _Balances = {}
    for line in theirs:
        key = (line.account, line.currency)
        posted[key] = posted.get(key, 0) + (line.amount_minor if line.date <= as_of else 0)
    for key, balance in balances.items():
        known = posted.get(key)
        if known is None:
            known = sum(
                line.amount_minor
                for line in ours
                if (line.account, line.currency) == key and line.date <= as_of
            )
        if known != balance:
            yield Difference(
                cause=DifferenceCause.UNKNOWN,
                difference_minor=known - balance,
                account=key[0],
                currency=key[1],
            )


def _ours(sub_ledger: Ledger | Iterable[Movement], since: dt.date | None) -> Iterator[Movement]:
    if not isinstance(sub_ledger, Ledger):
        yield from sub_ledger
        return
    if since is not None:
        eve = since - dt.timedelta(days=1)
        for item in sub_ledger.open_items(as_of=eve):
            yield Movement(
                kind=MovementKind.OPENING,
                date=item.posting_date,
                creditor=item.creditor,
                customer=item.customer,
                currency=item.currency,
                amount_minor=item.open_minor,
                document=item.document,
                item=item.item,
            )
    for each in movements(sub_ledger):
        if since is None or each.date >= since:
            yield each


def _sub_ledger_lines(ours: Iterable[Movement], since: dt.date | None) -> list[_Line]:
    """One line per event, customer, document and account: installments are one posting elsewhere."""
    groups: dict[Hashable, list[Movement]] = {}
    for each in ours:
        place = (each.account, each.customer, each.currency)
        key = (each.event, each.kind, each.date, each.document, *place)
        groups.setdefault(key, []).append(each)
    return [
        _Line(
            date=group[0].date if since is None else max(group[0].date, since),
            customer=group[0].customer,
            document=_folded(group[0].document),
            currency=group[0].currency,
            amount_minor=minor,
            account=group[0].account,
            is_named=group[0].kind in _NAMED_KINDS,
            is_opening=since is not None and group[0].date < since,
            movements=tuple(group),
        )
        for group in groups.values()
        if (minor := sum(each.amount_minor for each in group))
    ]


def _folded(number: str) -> str:
    """A document number without what programs write differently: case, blanks and signs."""
    plain = number.casefold()
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))


_Balances: TypeAlias = dict[tuple[str, str], int]


def _split(
    general_ledger: Iterable[GlPosting | GlBalance], accounts: tuple[str, ...], *, by_account: bool
) -> tuple[list[_Line], list[_Line], _Balances]:
    """Postings on control accounts, postings elsewhere, and balances by account and currency."""
    control: list[_Line] = []
    elsewhere: list[_Line] = []
    balances: _Balances = {}
    for each in general_ledger:
        is_control = not accounts or each.account.startswith(accounts)
        if isinstance(each, GlBalance):
            key = (each.account if by_account else "", each.currency)
            if is_control:
                balances[key] = balances.get(key, 0) + each.amount_minor
        elif each.amount_minor:
            line = _posting_line(each, each.account if by_account or not is_control else "")
            (control if is_control else elsewhere).append(line)
    return control, elsewhere, balances


def _posting_line(each: GlPosting, account: str) -> _Line:
    return _Line(
        date=each.date,
        customer=each.customer,
        document=_folded(each.document),
        currency=each.currency,
        amount_minor=each.amount_minor,
        account=account,
        is_named=False,
        postings=(each,),
    )


_Part: TypeAlias = Callable[["_Line"], Hashable]
"""One thing that two lines must share; None says that the rule is not for the line."""


def _keyed(*parts: _Part) -> Callable[[_Line], Hashable | None]:
    def key(line: _Line) -> Hashable | None:
        values = tuple(part(line) for part in parts)
        return None if None in values else values

    return key


def _document(line: _Line) -> Hashable:
    return line.document or None


def _is_nameless(line: _Line) -> Hashable:
    return None if line.is_named else ""


def _has_no_customer(line: _Line) -> Hashable:
    return None if line.customer else ""


def _any(_line: _Line) -> Hashable:
    return ""


_customer: Final = attrgetter("customer")
_account: Final = attrgetter("account")
_currency: Final = attrgetter("currency")
_amount: Final = attrgetter("amount_minor")
_date: Final = attrgetter("date")


class _Search:
    """Looks for the counterpart of each line, the surest first, and keeps what differs."""

    def __init__(
        self, ours: Iterable[_Line], theirs: Iterable[_Line], *, as_of: dt.date, window_days: int
    ) -> None:
        self._ours = list(ours)
        self._theirs = list(theirs)
        self._as_of = as_of
        self._window_days = window_days
        self._names: set[Hashable] = set()
        self._seen: tuple[set[Hashable], set[Hashable]] = (set(), set())
        self.agreed = 0
        self.differences: list[Difference] = []

    def run(self, elsewhere: Sequence[_Line], since: dt.date | None) -> None:
        """All searches, in their order; what is left over at the end is missing somewhere."""
        for _, ours, theirs in self._pairs(self._sure()):
            self._agree((ours,), (theirs,))
        # Parts of one document are told apart by nothing: installments, the lines of one entry.
        self._agree_sums(_keyed(_document, _customer, _account, _currency, self._side))
        for lines in (self._ours, self._theirs):
            _drop_offsets(lines)
        # A payment is often posted under the number of what it pays, which is taken by now.
        self._names = {
            (line.document, line.amount_minor > 0) for line in self._ours if line.is_named
        }
        for _, ours, theirs in self._pairs(self._likely()):
            self._agree((ours,), (theirs,))
        self._agree_groups(since)
        for cause, ours, theirs in self._pairs(self._across_the_day()):
            self._differ(DifferenceCause(cause), ours, theirs)
        self._find_duplicates()
        for cause, ours, theirs in self._pairs(self._misplaced()):
            self._differ(DifferenceCause(cause), ours, theirs)
        self._find_elsewhere(elsewhere)
        for line in self._ours:
            self._miss(DifferenceCause.MISSING_IN_GENERAL_LEDGER, line)
        for line in self._theirs:
            self._miss(DifferenceCause.MISSING_IN_SUB_LEDGER, line)

    def counted(self, line: _Line) -> int:
        """What a line counts on the day."""
        return line.amount_minor if line.date <= self._as_of else 0

    def _side(self, line: _Line) -> Hashable:
        return line.date <= self._as_of

    def _is_unclaimed(self, line: _Line) -> Hashable:
        """Not for a posting that names a document of ours which still waits for its own."""
        return None if (line.document, line.amount_minor > 0) in self._names else ""

    def _rule(self, name: str, *parts: _Part) -> _Rule:
        return PairingRule(name, _keyed(*parts), _keyed(*parts))

    def _loose(self, name: str, *parts: _Part) -> _Rule:
        """A rule for what the books name differently, as they do receipts."""
        ours = _keyed(_is_nameless, *parts)
        return PairingRule(name, ours, _keyed(self._is_unclaimed, *parts), self._is_near)

    def _is_near(self, ours: _Line, theirs: _Line) -> bool:
        return abs((ours.date - theirs.date).days) <= self._window_days

    def _anonymous(self, name: str, *parts: _Part) -> _Rule:
        """A rule for postings that name no customer."""
        return PairingRule(name, _keyed(_any, *parts), _keyed(_has_no_customer, *parts))

    def _sure(self) -> list[_Rule]:
        place = (_account, _currency, _amount)
        return [
            self._rule("agreed", _document, _customer, *place, _date),
            self._rule("agreed", _document, _customer, *place, self._side),
            self._anonymous("agreed", _document, *place, self._side),
        ]

    def _likely(self) -> list[_Rule]:
        place = (_account, _currency, _amount)
        nameless = PairingRule(
            "agreed",
            _keyed(_is_nameless, _any, *place, _date),
            _keyed(self._is_unclaimed, _has_no_customer, *place, _date),
        )
        return [
            self._loose("agreed", _customer, *place, _date),
            self._loose("agreed", _customer, *place, self._side),
            nameless,
        ]

    def _across_the_day(self) -> list[_Rule]:
        place = (_account, _currency, _amount)
        timing = DifferenceCause.TIMING.value
        return [
            self._rule(timing, _document, _customer, *place),
            self._anonymous(timing, _document, *place),
            self._loose(timing, _customer, *place),
        ]

    def _misplaced(self) -> list[_Rule]:
        cause = DifferenceCause
        return [
            self._rule(cause.CUSTOMER.value, _document, _account, _currency, _amount),
            self._rule(cause.ACCOUNT.value, _document, _customer, _currency, _amount),
            self._rule(cause.AMOUNT.value, _document, _customer, _account, _currency),
            self._anonymous(cause.AMOUNT.value, _document, _account, _currency),
            self._rule(cause.CURRENCY.value, _document, _customer, _account),
            self._loose(cause.CUSTOMER.value, _account, _currency, _amount, _date),
            self._loose(cause.AMOUNT.value, _customer, _account, _currency, _sign, _date),
        ]

    def _pairs(self, rules: Sequence[_Rule]) -> list[tuple[str, _Line, _Line]]:
        """Take pairs out of both books."""
        paired = pair(self._ours, self._theirs, rules=rules)
        self._ours, self._theirs = list(paired.left), list(paired.right)
        return list(paired.pairs)

    def _agree(self, ours: Sequence[_Line], theirs: Sequence[_Line]) -> None:
        self.agreed += any(self.counted(line) for line in ours)
        named = any(line.is_named for line in ours)
        for seen, lines in zip(self._seen, (ours, theirs), strict=True):
            seen.update(_twin_key(line, dated=not named) for line in lines)

    def _agree_groups(self, since: dt.date | None) -> None:
        """Lines that agree in sum: collective postings, an opening balance."""
        place = (_account, _currency)
        self._agree_sums(_keyed(_has_no_document_or_is_ours, _customer, *place, _date))
        anonymous = _keyed(_has_no_document_or_is_ours, _has_no_customer_or_is_ours, *place, _date)
        self._agree_sums(anonymous)
        if since is not None:
            opening = _PartOfOpening(since)
            self._agree_sums(_keyed(opening, _customer, *place))
            self._agree_sums(_keyed(opening, _has_no_customer_or_is_ours, *place))

    def _agree_sums(self, key: Callable[[_Line], Hashable | None]) -> None:
        groups: dict[Hashable, tuple[list[_Line], list[_Line]]] = {}
        for place, lines in enumerate((self._ours, self._theirs)):
            for line in lines:
                if (name := key(line)) is not None:
                    groups.setdefault(name, ([], []))[place].append(line)
        done: set[int] = set()
        for ours, theirs in groups.values():
            if ours and theirs and _total(ours) == _total(theirs):
                self._agree(ours, theirs)
                done.update(map(id, (*ours, *theirs)))
        self._ours = [line for line in self._ours if id(line) not in done]
        self._theirs = [line for line in self._theirs if id(line) not in done]

    def _find_duplicates(self) -> None:
        self._ours = [line for line in self._ours if not self._is_twin(line, self._seen[0])]
        self._theirs = [line for line in self._theirs if not self._is_twin(line, self._seen[1])]

    def _is_twin(self, line: _Line, seen: set[Hashable]) -> bool:
        is_twin = _twin_key(line, dated=True) in seen or (
            bool(line.document) and _twin_key(line, dated=False) in seen
        )
        if is_twin:
            self._miss(DifferenceCause.DUPLICATE, line)
        return is_twin

    def _find_elsewhere(self, elsewhere: Sequence[_Line]) -> None:
        """What the general ledger has on an account that is no control account."""
        cause = DifferenceCause.ACCOUNT
        rules = [
            self._rule(cause.value, _document, _customer, _currency, _amount),
            self._anonymous(cause.value, _document, _currency, _amount),
        ]
        found = pair(self._ours, elsewhere, rules=rules)
        self._ours = list(found.left)
        for _, ours, theirs in found.pairs:
            self._add(cause, ours, self.counted(ours), ours.movements, theirs.postings)

    def _differ(self, cause: DifferenceCause, ours: _Line, theirs: _Line) -> None:
        """One difference where both lines are in one place, else one for each place."""
        lines = (ours.movements, theirs.postings)
        if not theirs.customer:
            theirs = attrs.evolve(theirs, customer=ours.customer)
        here, there = (_place(ours), _place(theirs))
        if here == there:
            self._add(cause, ours, self.counted(ours) - self.counted(theirs), *lines)
        else:
            self._add(cause, ours, self.counted(ours), *lines)
            self._add(cause, theirs, -self.counted(theirs), *lines)

    def _miss(self, cause: DifferenceCause, line: _Line) -> None:
        minor = self.counted(line)
        self._add(cause, line, minor if line.movements else -minor, line.movements, line.postings)

    def _add(
        self,
        cause: DifferenceCause,
        line: _Line,
        difference_minor: int,
        ours: Sequence[Movement],
        theirs: Sequence[GlPosting],
    ) -> None:
        if difference_minor:
            self.differences.append(
                Difference(
                    cause=cause,
                    difference_minor=difference_minor,
                    currency=line.currency,
                    account=line.account,
                    customer=line.customer,
                    document=line.number,
                    movements=ours,
                    postings=theirs,
                )
            )


_Rule: TypeAlias = PairingRule[_Line, _Line]


@attrs.frozen
class _PartOfOpening:
    """Whether a line belongs to the opening balance of a general ledger that begins on a day."""

    since: dt.date

    def __call__(self, line: _Line) -> Hashable:
        """The key of what opens, None for what came later."""
        if line.movements:
            return "" if line.is_opening else None
        return "" if line.date <= self.since else None


def _has_no_document_or_is_ours(line: _Line) -> Hashable:
    return None if line.postings and line.document else ""


def _has_no_customer_or_is_ours(line: _Line) -> Hashable:
    return None if line.postings and line.customer else ""


def _sign(line: _Line) -> Hashable:
    return line.amount_minor > 0


def _place(line: _Line) -> tuple[str, str, str]:
    return (line.account, line.customer, line.currency)


def _twin_key(line: _Line, *, dated: bool) -> Hashable:
    day = line.date if dated else None
    return (line.document, *_place(line), line.amount_minor, day)


def _drop_offsets(lines: list[_Line]) -> None:
    """Take out what one book posted to and fro under one document, on one day and account."""
    groups: dict[Hashable, list[_Line]] = {}
    for line in lines:
        if line.document:
            groups.setdefault((line.document, line.date, *_place(line)), []).append(line)
    done = {id(line) for group in groups.values() if not _total(group) for line in group}
    lines[:] = [line for line in lines if id(line) not in done]


def _total(lines: Iterable[_Line]) -> int:
    return sum(line.amount_minor for line in lines)


def _rows(
    ours: Iterable[_Line],
    theirs: Iterable[_Line],
    balances: _Balances,
    differences: Iterable[Difference],
    as_of: dt.date,
) -> list[TieOutRow]:
    sums: dict[tuple[str, str], list[int]] = {}
    for side, lines in enumerate((ours, theirs)):
        for line in lines:
            if line.date <= as_of:
                sums.setdefault((line.account, line.currency), [0, 0])[side] += line.amount_minor
    for key, minor in balances.items():
        sums.setdefault(key, [0, 0])[1] = minor
    causes: dict[tuple[str, str], dict[DifferenceCause, int]] = {}
    for one in differences:
        of_row = causes.setdefault((one.account, one.currency), {})
        of_row[one.cause] = of_row.get(one.cause, 0) + one.difference_minor
    return [
        TieOutRow(
            account=account,
            currency=currency,
            sub_ledger_minor=sub,
            general_ledger_minor=general,
            by_cause=causes.get((account, currency), {}),
        )
        for (account, currency), (sub, general) in sorted(sums.items())
    ]


def _order(one: Difference) -> tuple[int, str]:
    return (tuple(DifferenceCause).index(one.cause), one.key)
