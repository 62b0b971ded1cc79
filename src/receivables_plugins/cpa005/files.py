"""A file while its records come: its header, what was found, and whether the trailer proves it."""

from __future__ import annotations

from receivables.reading import ReadNotes
from receivables.receipts import AdviceBatch
from receivables_plugins.cpa005.layout import Kind, totals_of

__all__ = ["File"]


class _Found:
    """What came of a kind: its value, its transactions, its logical records."""

    __slots__ = ("count", "records", "value")

    def __init__(self) -> None:
        self.value = 0
        self.count = 0
        self.records = 0


class File:
    """One file, A to Z."""

    def __init__(self, header: str, *, notes: ReadNotes, currency: str, created_at: str) -> None:
        self._notes = notes
        self._head = header[10:24]
        self._sequence = 0
        self.currency = currency
        self._created_at = created_at
        self._sender = header[10:20].strip()
        parts = (self._sender, header[20:24].strip(), created_at)
        self.name = "/".join(part for part in parts if part)
        self._found: dict[str, _Found] = {}
        self._credits = 0
        self._debits = 0
        self._advices = 0

    def check_head(self, record: str, *, line: int) -> None:
        """Records are numbered from 1, and each repeats the originator and the file's number."""
        figures = record[1:10]
        number = int(figures) if figures.isascii() and figures.isdecimal() else None
        expected = self._sequence + 1
        if number is None or (number != expected and (self._sequence or record[0] == "A")):
            msg = f"records must be numbered without a gap, {expected} here, got {figures!r}"
            self._notes.error("cpa005.sequence-broken", msg, line=line, field="record count")
        self._sequence = expected if number is None else number
        if record[10:24] != self._head:
            msg = f"records must repeat the header's {self._head!r}, got {record[10:24]!r}"
            self._notes.warn("cpa005.header-differs", msg, line=line, field="originator, file")

    def count_record(self, total: str) -> None:
        """Count a logical record."""
        self._found.setdefault(total, _Found()).records += 1

    def count(self, kind: Kind, amount: int) -> None:
        """Count a transaction."""
        found = self._found[kind.total]
        found.value += amount
        found.count += 1
        self._advices += 1
        if kind.sign > 0:
            self._credits += amount
        else:
            self._debits += amount

    def finish(self, trailer: str, *, line: int) -> AdviceBatch:
        """The batch after its trailer, with what it does not prove noted."""
        value: int | None = 0
        count: int | None = 0
        for name, (declared_value, declared_count) in totals_of(trailer).items():
            found = self._found.get(name, _Found())
            self._prove_value(name, declared_value, found, line=line)
            is_proved = self._prove_count(name, declared_count, found, line=line)
            value = None if value is None or declared_value is None else value + declared_value
            count = (
                None
                if count is None or declared_count is None or not is_proved
                else count + declared_count
            )
        return self.batch(value, count)

    def _prove_value(self, name: str, declared: int | None, found: _Found, *, line: int) -> None:
        if declared != found.value:
            msg = f"value of {name} must be the {found.value} that came, got {_said(declared)}"
            self._notes.error("cpa005.total-differs", msg, line=line, field=f"value of {name}")

    def _prove_count(self, name: str, declared: int | None, found: _Found, *, line: int) -> bool:
        """Whether the count can stand in the batch: some programs count records, which is another."""
        if declared == found.count:
            return True
        field = f"number of {name}"
        if declared == found.records:
            msg = f"{field} must be that of transactions, {found.count}, got that of records, {declared}"
            self._notes.warn("cpa005.count-differs", msg, line=line, field=field)
            return False
        msg = f"{field} must be the {found.count} that came, got {_said(declared)}"
        self._notes.error("cpa005.count-differs", msg, line=line, field=field)
        return True

    def batch(self, value: int | None, count: int | None) -> AdviceBatch:
        """The batch, with what its trailer declares."""
        return AdviceBatch(
            batch=self.name,
            currency=self.currency,
            advices=self._advices,
            credits_minor=self._credits,
            debits_minor=self._debits,
            declared_advices=count,
            declared_minor=value,
            compared_minor=None if value is None else self._credits + self._debits,
            created_at=self._created_at,
            sender=self._sender,
        )


def _said(figure: int | None) -> str:
    return "no number" if figure is None else str(figure)
