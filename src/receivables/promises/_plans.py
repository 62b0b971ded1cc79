"""The workshop: payment plans judged from the money on their items, the oldest installment first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables.casework.promises import PaymentPlan, PlanEnd, PlanInstallment
from receivables.days import days_past
from receivables.documents.model import DebitNote, ItemId
from receivables.documents.objects import open_items
from receivables.ledger.casework import PlanAccepted, PlanEnded, PlanOffered
from receivables.ledger.model import DocumentIssued
from receivables.ledger.objects import Ledger
from receivables.money import to_minor
from receivables.parties import CreditorId
from receivables.promises._money import Moneys, Piece, SourceKind, read_moneys
from receivables.promises.model import (
    InstallmentStanding,
    InstallmentState,
    PlanStanding,
    PlanState,
)
from receivables.promises.rules import is_missed

__all__ = ["interest_items", "plan_standings"]

_ONE_DAY: Final = dt.timedelta(days=1)
_ENDS: Final = {
    PlanEnd.REFUSED: PlanState.REFUSED,
    PlanEnd.LAPSED: PlanState.LAPSED,
    PlanEnd.BROKEN: PlanState.BROKEN,
    PlanEnd.REPLACED: PlanState.REPLACED,
    PlanEnd.CANCELLED: PlanState.CANCELLED,
}
"""What an end means; a completed plan is one only while the money is there."""


@attrs.frozen(kw_only=True)
class _Case:
    """A plan with the days of its life."""

    plan: PaymentPlan
    offered_on: dt.date
    accepted_on: dt.date | None = None
    ended_on: dt.date | None = None
    end: PlanEnd | None = None

    @property
    def order(self) -> tuple[dt.date, str]:
        """Who is served first where two plans have an item: the one accepted first."""
        return (self.accepted_on or dt.date.max, self.plan.plan)

    @property
    def is_over(self) -> bool:
        """Whether money does not count for it any more from the day of its end on."""
        return self.end is not None and self.end is not PlanEnd.COMPLETED

    def last_day(self, as_of: dt.date) -> dt.date:
        """The last day on which something counts for it."""
        if not self.is_over or self.ended_on is None:
            return as_of
        return min(as_of, self.ended_on - _ONE_DAY)


def plan_standings(
    ledger: Ledger, creditor: str, *, as_of: dt.date, known_at: dt.datetime | None
) -> tuple[PlanStanding, ...]:
    """Every plan of a creditor as it stands on a day, by the day of its offer."""
    cases = list(_cases(ledger, creditor, as_of, known_at))
    accepted = [case.plan for case in cases if case.accepted_on is not None]
    moneys = read_moneys(
        ledger,
        creditor,
        items=(item for plan in accepted for item in plan.items),
        as_of=as_of,
        known_at=known_at,
    )
    office = _Office(ledger, CreditorId(creditor), moneys, as_of, known_at)
    found = [office.standing(case) for case in sorted(cases, key=lambda case: case.order)]
    return tuple(sorted(found, key=lambda one: (one.offered_on, one.plan.plan)))


def _cases(
    ledger: Ledger, creditor: str, as_of: dt.date, known_at: dt.datetime | None
) -> Iterable[_Case]:
    kinds = (PlanOffered, PlanAccepted, PlanEnded)
    found: dict[str, _Case] = {}
    for event in ledger.casework(creditor, as_of=as_of, known_at=known_at, kinds=kinds):
        day = event.effective_on
        if isinstance(event, PlanOffered):
            found[event.case] = _Case(plan=event.plan, offered_on=day)
        elif isinstance(event, PlanAccepted):
            found[event.case] = attrs.evolve(found[event.case], accepted_on=day)
        elif isinstance(event, PlanEnded):
            found[event.case] = attrs.evolve(found[event.case], ended_on=day, end=event.end)
    return found.values()


@attrs.frozen
class _Paid:
    """An amount that came in on a day."""

    on: dt.date
    minor: int


@attrs.frozen
class _Office:
    """A day, and the money of which every plan takes its part."""

    ledger: Ledger
    creditor: CreditorId
    moneys: Moneys
    as_of: dt.date
    known_at: dt.datetime | None

    def standing(self, case: _Case) -> PlanStanding:
        """One plan on the day."""
        books = [
            self._book(case, currency, installments)
            for currency, installments in _by_currency(case.plan).items()
        ]
        broken_since = self._broken_since(case, books)
        found = {
            (one.currency, one.due_on): one for book in books for one in book.standings(self.as_of)
        }
        ordered = [found[one.principal.currency.code, one.due_on] for one in case.plan.installments]
        missed = {one.due_on for one in ordered if one.state is InstallmentState.MISSED}
        return PlanStanding(
            creditor=self.creditor,
            plan=case.plan,
            state=self._state(case, ordered, broken_since),
            offered_on=case.offered_on,
            accepted_on=case.accepted_on,
            ended_on=case.ended_on,
            installments=ordered,
            missed_count=len(missed),
            broken_since=broken_since,
        )

    def _state(
        self,
        case: _Case,
        installments: Sequence[InstallmentStanding],
        broken_since: dt.date | None,
    ) -> PlanState:
        if case.end in _ENDS:
            return _ENDS[case.end]
        if case.accepted_on is None:
            until = case.plan.accept_by
            return (
                PlanState.LAPSED if until is not None and self.as_of > until else PlanState.OFFERED
            )
        if broken_since is not None:
            return PlanState.BROKEN
        remains = any(one.missing_minor for one in installments)
        return PlanState.RUNNING if remains else PlanState.COMPLETED

    def _broken_since(self, case: _Case, books: Sequence[_Book]) -> dt.date | None:
        """The day after the first one at whose end enough installments had been missed."""
        clause = case.plan.break_clause
        if case.accepted_on is None:
            return None
        due_days = sorted({one.due_on for one in case.plan.installments})
        for place, due_on in enumerate(due_days):
            limit = due_on + dt.timedelta(days=clause.grace_days)
            if limit >= self.as_of or limit > case.last_day(self.as_of):
                break
            missed = sum(
                any(book.lacks(earlier, limit) for book in books)
                for earlier in due_days[: place + 1]
            )
            if missed >= clause.missed_installments:
                return limit + _ONE_DAY
        return case.ended_on if case.end is PlanEnd.BROKEN else None

    def _book(self, case: _Case, currency: str, installments: Sequence[PlanInstallment]) -> _Book:
        """What one currency of a plan is for, and what came in on it."""
        notes = [
            item.item
            for note in self.moneys.notes.get(case.plan.plan, ())
            if note.currency == currency and _is_interest_of(note, case.plan)
            for item in open_items(note)
        ]
        book = _Book(
            office=self,
            case=case,
            currency=currency,
            installments=installments,
            items=(*case.plan.items, *notes),
            noted_minor=sum(self._amount_minor(item) for item in notes),
            pieces=tuple(self.moneys.of_items((*case.plan.items, *notes), currency)),
        )
        if case.accepted_on is None:
            return book
        return attrs.evolve(book, paid=tuple(book.collected()))

    def _amount_minor(self, item: ItemId) -> int:
        found = self.ledger.item(self.creditor, item, as_of=self.as_of, known_at=self.known_at)
        return 0 if found is None else found.amount_minor

    def open_minor(self, items: Iterable[ItemId], currency: str, day: dt.date) -> int:
        """What is open of some items in a currency at the end of a day."""
        total = 0
        for name in items:
            item = self.ledger.item(self.creditor, name, as_of=day, known_at=self.known_at)
            if item is not None and item.currency == currency:
                total += item.open_minor
        return total


def interest_items(
    ledger: Ledger, creditor: str, plans: Iterable[PaymentPlan]
) -> dict[ItemId, str]:
    """The items of the debit notes that ask for the interest of some plans, each with its plan."""
    by_name = {plan.plan: plan for plan in plans}
    found: dict[ItemId, str] = {}
    for event in ledger.events if by_name else ():
        note = event.document if isinstance(event, DocumentIssued) else None
        if not isinstance(note, DebitNote) or note.creditor != creditor:
            continue
        for name in by_name.keys() & set(note.references):
            if _is_interest_of(note, by_name[name]):
                found.update((item.item, name) for item in open_items(note))
    return found


def _is_interest_of(note: DebitNote, plan: PaymentPlan) -> bool:
    """Whether a debit note that names a plan is raised on items of it, and of no other."""
    return bool(note.concerns) and set(note.concerns) <= set(plan.items)


def _by_currency(plan: PaymentPlan) -> Mapping[str, list[PlanInstallment]]:
    found: dict[str, list[PlanInstallment]] = {}
    for one in plan.installments:
        found.setdefault(one.principal.currency.code, []).append(one)
    return found


@attrs.frozen(kw_only=True)
class _Book:
    """One currency of one plan.

    What is settled since the offer is told from what is open: the principal that was agreed, less
    what is open, and what payments of before have gone back since.  Money since the acceptance pays
    the installments; whatever else was settled shortens the plan from its end.
    """

    office: _Office
    case: _Case
    currency: str
    installments: Sequence[PlanInstallment]
    items: tuple[ItemId, ...]
    noted_minor: int
    """What debit notes ask for the interest of the plan."""
    pieces: tuple[Piece, ...]
    paid: tuple[_Paid, ...] = ()

    @property
    def amounts(self) -> list[int]:
        """What each installment was agreed for."""
        return [to_minor(one.amount) for one in self.installments]

    def settled_minor(self, day: dt.date) -> int:
        """What is settled since the offer at the end of a day, whatever settled it."""
        principal = sum(to_minor(one.principal) for one in self.installments)
        open_minor = self.office.open_minor(self.items, self.currency, day)
        offered = self.case.offered_on - _ONE_DAY
        lost = sum(max(piece.minor_by(offered) - piece.minor_by(day), 0) for piece in self.pieces)
        return max(principal + self.noted_minor - open_minor + lost, 0)

    def money_minor(self, day: dt.date) -> int:
        """What money has settled since the acceptance at the end of a day."""
        return sum(self._since_acceptance(piece, day) for piece in self._money)

    def reduced_minor(self, day: dt.date) -> int:
        """What was settled otherwise at the end of a day."""
        if self.case.accepted_on is None:
            return 0
        other = self.settled_minor(day) - self.money_minor(day)
        return max(min(other, sum(self.amounts)), 0)

    def collected(self) -> Iterator[_Paid]:
        """The money that counts, as it came in; what another plan takes, or took, is left out."""
        last_day = self.case.last_day(self.office.as_of)
        accepted_on = self.case.accepted_on or dt.date.max
        found = []
        for piece in sorted(self._money, key=lambda one: one.order):
            if piece.source.came_on <= last_day:
                part = min(self._since_acceptance(piece, self.office.as_of), piece.free_minor)
                found.append((piece, max(part, 0)))
        room = min(self.settled_minor(self.office.as_of), sum(self.amounts))
        # Of more than was settled the earliest is left out: it came before the offer was reckoned.
        surplus = max(sum(part for _, part in found) - room, 0)
        for piece, part in found:
            left_out = min(surplus, part)
            surplus -= left_out
            if part > left_out:
                piece.taken_minor += part - left_out
                yield _Paid(max(piece.source.came_on, accepted_on), part - left_out)

    def lacks(self, due_on: dt.date, day: dt.date) -> bool:
        """Whether the installment of a due day lacked something at the end of a later day."""
        due = sum(
            amount
            for one, amount in zip(self.installments, self.amounts, strict=True)
            if one.due_on <= due_on
        )
        if not any(one.due_on == due_on for one in self.installments):
            return False
        paid = sum(one.minor for one in self.paid if one.on <= day)
        if paid >= due:
            return False
        return paid < min(due, sum(self.amounts) - self.reduced_minor(day))

    def standings(self, as_of: dt.date) -> Iterator[InstallmentStanding]:
        """Each installment with its part of the money and of what was let go."""
        reductions = self._reductions()
        paid = list(self.paid)
        grace_days = self.case.plan.break_clause.grace_days
        for one, agreed, reduced in zip(self.installments, self.amounts, reductions, strict=True):
            due = agreed - reduced
            paid_minor, paid_on = _take(paid, due)
            yield InstallmentStanding(
                due_on=one.due_on,
                currency=self.currency,
                agreed_minor=agreed,
                reduced_minor=reduced,
                paid_minor=paid_minor,
                paid_on=paid_on if paid_minor == due else None,
                state=_installment_state(
                    paid_minor,
                    due,
                    days_past(one.due_on, as_of=as_of),
                    grace_days=grace_days,
                ),
            )

    def _reductions(self) -> list[int]:
        last_day = self.case.last_day(self.office.as_of)
        paid = sum(one.minor for one in self.paid)
        left = min(self.reduced_minor(last_day), sum(self.amounts) - paid)
        found = []
        for amount in reversed(self.amounts):
            part = min(left, amount)
            left -= part
            found.append(part)
        return found[::-1]

    @property
    def _money(self) -> Iterator[Piece]:
        return (piece for piece in self.pieces if piece.source.kind is SourceKind.MONEY)

    def _since_acceptance(self, piece: Piece, day: dt.date) -> int:
        accepted_on = self.case.accepted_on or dt.date.max
        return max(piece.minor_by(day) - piece.minor_by(accepted_on - _ONE_DAY), 0)


def _take(paid: list[_Paid], due_minor: int) -> tuple[int, dt.date | None]:
    """Take what is due off the front of what was paid: how much, and the day of the last of it."""
    taken, day = 0, None
    while paid and taken < due_minor:
        first = paid.pop(0)
        part = min(first.minor, due_minor - taken)
        taken, day = taken + part, first.on
        if part < first.minor:
            paid.insert(0, _Paid(first.on, first.minor - part))
    return taken, day


def _installment_state(
    paid_minor: int, due_minor: int, days_after: int, *, grace_days: int
) -> InstallmentState:
    if paid_minor >= due_minor:
        return InstallmentState.PAID
    if is_missed(paid_minor, due_minor, days_after, grace_days=grace_days):
        return InstallmentState.MISSED
    return InstallmentState.LATE if days_after > 0 else InstallmentState.OPEN
