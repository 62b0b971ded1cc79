"""The workshop: what a notice claims, as placeholders and as a table whose sum is what is claimed."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import attrs

from receivables.days import days_past
from receivables.interest.charging import COMPENSATION, LATE_INTEREST
from receivables.ledger.model import NoticedItem, NoticeSent
from receivables.letters._desk import Desk
from receivables.letters._sheet import deadline_values
from receivables.letters.model import Labelled, LetterRow, LetterTable, plain

__all__ = ["Claim"]


class _Part(enum.Enum):
    """What an item is claimed as; the value is its word in the catalogues."""

    PRINCIPAL = "principal"
    INTEREST = "late interest"
    COMPENSATION = "compensation for recovery costs"
    FEES = "fees"


_CATEGORIES: Final[Mapping[str, _Part]] = {
    LATE_INTEREST: _Part.INTEREST,
    COMPENSATION: _Part.COMPENSATION,
}


@attrs.frozen(kw_only=True)
class Claim:
    """A notice, seen from the desk where its letter is written."""

    notice: NoticeSent
    desk: Desk
    categories: Mapping[str, str]
    deadline_days: int

    @property
    def values(self) -> Mapping[str, str | None]:
        """The placeholders of a notice; the oldest due date only where an item has one."""
        notice, desk = self.notice, self.desk
        due_dates = [item.due_date for item in notice.items if item.due_date is not None]
        return {
            **deadline_values(desk, self.deadline_days),
            "currency": notice.currency,
            "item_count": str(len(notice.items)),
            "oldest_due_date": desk.date(min(due_dates)) if due_dates else None,
            "principal": self._money(notice.total_minor - self._charged_minor),
            "total": self._money(notice.total_minor),
        }

    @property
    def reference(self) -> str:
        """Our reference: the customer, the day and the level."""
        desk = self.desk
        parts = (desk.customer.customer, desk.dated.isoformat(), str(self.notice.level))
        return "/".join(parts)

    @property
    def payment_reference(self) -> str:
        """What cash application finds best: the one document, or else the customer."""
        items = self.notice.items
        return items[0].item if len(items) == 1 else self.desk.customer.customer

    @property
    def table(self) -> LetterTable:
        """The items: how late they are where some are late, what is held back where something is."""
        word = self.desk.word
        headings = ["document", "document date", "due date"]
        headings += ["days past due"] if self._is_late else []
        headings += ["open amount"]
        headings += ["held back", "amount asked for"] if self._held_minor else []
        return LetterTable(
            headings=[word("heading", heading) for heading in headings],
            rows=self._rows(),
            number_columns=len(headings) - 3,
            totals=self._totals(),
            carried_forward=word("letter", "carried forward"),
            brought_forward=word("letter", "brought forward"),
        )

    def _money(self, amount_minor: int) -> str:
        return self.desk.money(amount_minor, self.notice.currency)

    def _part(self, item: NoticedItem) -> _Part:
        category = self.categories.get(item.item, "")
        if category in _CATEGORIES:
            return _CATEGORIES[category]
        is_fee = item.item in self.notice.charges or category.endswith("fee")
        return _Part.FEES if is_fee else _Part.PRINCIPAL

    @property
    def _charged_minor(self) -> int:
        items = self.notice.items
        return sum(one.asked_minor for one in items if self._part(one) is not _Part.PRINCIPAL)

    @property
    def _held_minor(self) -> int:
        return sum(item.held_minor for item in self.notice.items)

    @property
    def _is_late(self) -> bool:
        return any(self._days_late(item) for item in self.notice.items)

    def _days_late(self, item: NoticedItem) -> int:
        late = 0 if item.due_date is None else days_past(item.due_date, as_of=self.desk.dated)
        return max(late, 0)

    def _rows(self) -> Iterator[LetterRow]:
        running_minor = 0
        is_late, has_held = self._is_late, bool(self._held_minor)
        for item in self.notice.items:
            running_minor += item.asked_minor
            cells = [
                self._name(item),
                self.desk.cell_date(item.document_date),
                self.desk.cell_date(item.due_date),
                *([str(self._days_late(item) or "")] if is_late else []),
                self._money(item.open_minor),
                *(self._held_cells(item) if has_held else []),
            ]
            yield LetterRow(cells=cells, running=self._money(running_minor))

    def _held_cells(self, item: NoticedItem) -> Iterator[str]:
        yield self._money(-item.held_minor) if item.held_minor else ""
        yield self._money(item.asked_minor)

    def _name(self, item: NoticedItem) -> str:
        part = self._part(item)
        if part is _Part.PRINCIPAL:
            return plain(item.item)
        charge = self.desk.word("charge", part.value)
        return self.desk.word("letter", "{item} ({charge})", item=plain(item.item), charge=charge)

    def _totals(self) -> Iterator[Labelled]:
        """What is claimed as what, less what is deducted; the last is the total.

        What is deducted stands below the principal where charges follow, so that the principal
        that the letter names is a row of its own.
        """
        sums = self._sums()
        charged = {part: minor for part, minor in sums.items() if part is not _Part.PRINCIPAL}
        is_mixed = bool(charged) and _Part.PRINCIPAL in sums
        if is_mixed:
            yield from self._principal_totals(sums[_Part.PRINCIPAL])
        for part, minor in charged.items():
            yield Labelled(self.desk.word("claimed", part.value), self._money(minor))
        rest = self._deductions(self._held_of(charged), 0) if is_mixed else self._all_deductions
        yield from rest
        last = "amount claimed" if self._is_late else "amount to pay"
        yield Labelled(self.desk.word("letter", last), self._money(self.notice.total_minor))

    def _principal_totals(self, open_minor: int) -> Iterator[Labelled]:
        word, credit_minor = self.desk.word, self.notice.credit_minor
        held_minor = self._held_of([_Part.PRINCIPAL])
        yield Labelled(word("claimed", "principal"), self._money(open_minor))
        yield from self._deductions(held_minor, credit_minor)
        if held_minor or credit_minor:
            left = self._money(open_minor - held_minor + credit_minor)
            yield Labelled(word("claimed", "principal less deductions"), left)

    @property
    def _all_deductions(self) -> Iterator[Labelled]:
        held_minor, credit_minor = self._held_minor, self.notice.credit_minor
        if held_minor or credit_minor:
            total = self._money(sum(item.open_minor for item in self.notice.items))
            yield Labelled(self.desk.word("letter", "total of items"), total)
        yield from self._deductions(held_minor, credit_minor)

    def _deductions(self, held_minor: int, credit_minor: int) -> Iterator[Labelled]:
        word = self.desk.word
        if held_minor:
            yield Labelled(word("letter", "held back"), self._money(-held_minor))
        if credit_minor:
            yield Labelled(word("letter", "credits deducted"), self._money(credit_minor))

    def _held_of(self, parts: Collection[_Part]) -> int:
        return sum(item.held_minor for item in self.notice.items if self._part(item) in parts)

    def _sums(self) -> Mapping[_Part, int]:
        """What the items have open, part by part, in the order of the parts."""
        found: dict[_Part, int] = {}
        for part in _Part:
            items = [item for item in self.notice.items if self._part(item) is part]
            if items:
                found[part] = sum(item.open_minor for item in items)
        return found
