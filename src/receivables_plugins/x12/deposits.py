"""The deposits and batches of a lockbox (823): what they declare, and what came."""

from __future__ import annotations

from receivables.errors import DocumentError
from receivables.reading import ReadNotes
from receivables.receipts.x12 import element, parse_x12_amount, problem_code
from receivables_plugins.x12.segments import Segment

__all__ = ["Group", "Lockbox"]


class Group:
    """A deposit (DEP) or a batch (BAT): its own name, its declared total and count, what it holds."""

    def __init__(self, name: str, date: str, *, line: int) -> None:
        self.name = name
        self.date = date
        self.line = line
        self.declared_minor: int | None = None
        self.declared_count: int | None = None
        self.declared_batches: int | None = None
        self.credits_minor = 0
        self.debits_minor = 0
        self.count = 0
        self.batches = 0

    @property
    def found_minor(self) -> int:
        """What its payments add up to."""
        return self.credits_minor - self.debits_minor

    def add(self, amount_minor: int) -> None:
        """Count a payment."""
        if amount_minor >= 0:
            self.credits_minor += amount_minor
        else:
            self.debits_minor -= amount_minor
        self.count += 1


class Lockbox:
    """The deposit and the batch under way."""

    def __init__(self, notes: ReadNotes, *, currency: str) -> None:
        self._notes = notes
        self.currency = currency
        self.deposit: Group | None = None
        self.batch: Group | None = None
        self.account = ""
        self.references: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The numbers of the deposit and of the batch."""
        found = (self.deposit, self.batch)
        return "/".join(one.name for one in found if one is not None and one.name)

    def begin_deposit(self, segment: Segment) -> None:
        """Take a DEP: lockbox, day, time, number of the deposit, bank, account."""
        elements = segment[0]
        self.batch = None
        self.deposit = Group(
            element(elements, 4) or element(elements, 1), element(elements, 2), line=segment[1]
        )
        self.account = element(elements, 8)
        pairs = (("lockbox", element(elements, 1)), ("deposit", element(elements, 4)))
        self.references = tuple(pair for pair in pairs if pair[1])

    def begin_batch(self, segment: Segment) -> None:
        """Take a BAT: day, time, number of the batch."""
        elements = segment[0]
        self.batch = Group(element(elements, 3), element(elements, 1), line=segment[1])
        if self.deposit is not None:
            self.deposit.batches += 1

    def declare(self, segment: Segment) -> None:
        """Take the first AMT, or a QTY: 41 are batches and 42 cheques (from memory, unverified)."""
        elements = segment[0]
        group = self.batch or self.deposit
        if group is None:
            return
        if elements[0] == "AMT":
            if group.declared_minor is None:
                group.declared_minor = self._amount(segment)
            return
        text = element(elements, 2)
        count = (
            int(text) if text.isascii() and text.isdecimal() and len(text) < len("9" * 16) else None
        )
        if element(elements, 1) == "41":
            group.declared_batches = count
        elif element(elements, 1) == "42" or group is self.batch:
            group.declared_count = count

    def _amount(self, segment: Segment) -> int | None:
        try:
            return parse_x12_amount(element(segment[0], 2), self.currency)
        except DocumentError as error:
            self._notes.error(problem_code(error), str(error), line=segment[1], field="AMT02")
            return None

    def count(self, amount_minor: int) -> None:
        """Count a payment in the deposit and the batch."""
        for group in (self.deposit, self.batch):
            if group is not None:
                group.add(amount_minor)

    def prove_batch(self) -> None:
        """Note what the batch does not prove."""
        if self.batch is not None:
            self._prove(self.batch, "BAT")

    def prove_deposit(self) -> None:
        """Note what the deposit does not prove."""
        deposit = self.deposit
        if deposit is None:
            return
        self._prove(deposit, "DEP")
        if deposit.declared_batches not in {None, deposit.batches}:
            msg = f"batches must be the {deposit.batches} that came, got {deposit.declared_batches}"
            self._notes.error("x12.count-differs", msg, line=deposit.line, field="DEP QTY02")

    def _prove(self, group: Group, field: str) -> None:
        if group.declared_minor not in {None, group.found_minor}:
            msg = f"total must be the {group.found_minor} minor units that came, got {group.declared_minor}"
            self._notes.error("x12.total-differs", msg, line=group.line, field=f"{field} AMT02")
        if group.declared_count not in {None, group.count}:
            msg = f"payments must be the {group.count} that came, got {group.declared_count}"
            self._notes.error("x12.count-differs", msg, line=group.line, field=f"{field} QTY02")
