"""Groups of a report and the totals under them, which prove that no row is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs

from receivables.reading import ReadNotes

__all__ = ["Groups", "is_total"]

_TOTAL: Final = "total"
_FOR: Final = "total for "
_WITH: Final = " with sub-customers"
_OTHER: Final = " - Other"


def is_total(label: str) -> bool:
    """Whether a label is that of a total.

    >>> is_total("Total for Sunset Bakery"), is_total("TOTAL"), is_total("Total Eclipse Ltd")
    (True, True, True)
    """
    return label.casefold() == _TOTAL or label.casefold().startswith(f"{_TOTAL} ")


@attrs.define
class _Group:
    name: str
    own: Decimal = Decimal(0)
    whole: Decimal = Decimal(0)
    rows: int = 0


class Groups:
    """The groups that are open, and what their rows come to so far."""

    def __init__(self, *, notes: ReadNotes, is_workbook: bool) -> None:
        self._notes = notes
        self._is_workbook = is_workbook
        self._open: list[_Group] = []
        self._closed: list[_Group] = []
        self._all = _Group("")
        self.is_finished = False

    @property
    def name(self) -> str:
        """The names of the groups that are open, from the outside in, as a customer is named."""
        names: list[str] = []
        for group in self._open:
            bare = group.name.removesuffix(_OTHER)
            if not (names and bare == names[-1]):
                names.append(bare)
        return ":".join(names)

    @property
    def is_whole(self) -> bool:
        """Whether every group has come to its end."""
        return not self._open

    def begin(self, name: str) -> None:
        """A group begins."""
        self._open.append(_Group(name))

    def add(self, amount: Decimal) -> None:
        """A row belongs to every group that is open."""
        if self._open:
            self._open[-1].own += amount
        for group in (*self._open, self._all):
            group.whole += amount
            group.rows += 1

    def closes(self, label: str) -> bool:
        """Whether a label that begins like a total is that of a group, or of the report."""
        return label.casefold() == _TOTAL or self._place(label) is not None

    def end(self, label: str, amount: Decimal | None, line: int) -> None:
        """A total: it must be that of its group, which ends with it."""
        if label.casefold() == _TOTAL and self._place(label) is None:
            self.is_finished = True
            self._check(self._all, (self._all.whole,), amount, line)
            return
        place = self._place(label)
        if place is None:
            self._again(label, line)
            return
        group = self._open[place]
        del self._open[place:]
        self._closed = [*self._closed[-1:], group] if place else [group]
        self._check(group, (group.whole, group.own), amount, line)

    def _again(self, label: str, line: int) -> None:
        """A total over a group that has ended and those behind it, or one over nothing."""
        name = _names(label)[-1]
        if any(group.name == name for group in self._closed) and label.endswith(_WITH):
            return
        msg = f"a total must be of a group above it, got {label!r}"
        self._notes.error("file.format", msg, line=line)

    def _place(self, label: str) -> int | None:
        names = _names(label)
        for place in reversed(range(len(self._open))):
            if self._open[place].name in names:
                return place
        return None

    def _check(
        self, group: _Group, sums: tuple[Decimal, ...], amount: Decimal | None, line: int
    ) -> None:
        what = group.name or "the report"
        # A workbook of Online has formulas for totals, and no value until a person opens it.
        if amount is None or (self._is_workbook and not amount and any(sums)):
            msg = f"total of {what} must be there to be compared with {sums[0]}, got none"
            self._notes.warn("quickbooks.total-unread", msg, line=line)
        elif amount not in sums:
            msg = f"total of {what} must be {sums[0]}, got {amount}"
            self._notes.error("quickbooks.total-differs", msg, line=line)


def _names(label: str) -> tuple[str, ...]:
    """The names that a total may be of: a name may itself end like one of the words around it."""
    bare = label[len(_FOR) :] if label.casefold().startswith(_FOR) else label[len(_TOTAL) + 1 :]
    return (bare.strip(), bare.strip().removesuffix(_WITH))
