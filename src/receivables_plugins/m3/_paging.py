"""Lists of M3, whole or known not to be: there is no cursor, and no word that more rows follow.

A list that can be started at a key is asked for again from the last key that came, until nothing new
comes, so that it does not matter how many rows M3 gives at a time.  Rows of tables can be counted,
which proves them; any other list is whole only where fewer rows came than were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs

from receivables.errors import ServiceError, TransportError
from receivables.reading import ReadNotes
from receivables_plugins.m3._mi import Answer, Call, MiClient
from receivables_plugins.m3.settings import PostingSettings, ServiceSettings

__all__ = ["EXPORT_ROW_MAX", "Export", "Lists", "Table", "quoted"]

EXPORT_ROW_MAX: Final = 984
"""Characters of one row of EXPORTMI; a row that long was cut."""

_NOTHING_THERE: Final = "XRE0103"
"""What M3 answers where a list has no row to start at (from practice, unverified)."""

_CALLS_MAX: Final = 1_000_000
"""Requests of one list, which is more than any ledger needs even row by row."""


class Lists:
    """Calls that note what goes wrong, and what makes the read incomplete."""

    def __init__(self, client: MiClient, notes: ReadNotes, *, maxrecs: int) -> None:
        self._client = client
        self._notes = notes
        self._maxrecs = maxrecs
        self.has_failed = False
        """Whether a call failed, after which the read ends."""

    @property
    def asked(self) -> int:
        """How many rows are asked for: one more than wanted, or 0 for all."""
        return self._maxrecs + 1 if self._maxrecs else 0

    def rows(self, call: Call) -> tuple[Mapping[str, str], ...]:
        """The rows of one answer; a refusal is noted, and rows beside it are kept."""
        try:
            return self.kept(call, self._client.call(call))
        except (ServiceError, TransportError) as error:
            self.fail(str(error))
            return ()

    def kept(self, call: Call, answer: Answer) -> tuple[Mapping[str, str], ...]:
        """The rows of an answer, its refusal noted."""
        refusal = answer.refusal
        if refusal is None or (refusal.code == _NOTHING_THERE and not answer.rows):
            return answer.rows
        self.has_failed = True
        code = "service.incomplete" if answer.rows else "service.refused"
        msg = f"{call.program}.{call.transaction} must give every row, got {refusal}"
        self._notes.error(code, msg, field=refusal.field or call.program)
        return answer.rows

    def each(self, calls: Sequence[Call]) -> Iterator[tuple[Call, tuple[Mapping[str, str], ...]]]:
        """The rows of many calls of one transaction; one that is refused does not end the others."""
        try:
            for call, answer in zip(calls, self._client.calls(calls), strict=True):
                yield call, self.kept(call, answer)
        except (ServiceError, TransportError) as error:
            self.fail(str(error))

    def fail(self, message: str) -> None:
        """Note a request that was not answered."""
        self.has_failed = True
        self._notes.error("service.refused", message)

    def by_key(self, call: Call, *, key: str, start: str = "") -> Iterator[Mapping[str, str]]:
        """Every row of a list that starts at a key, each key once."""
        seen: set[str] = set()
        field = start or key
        for _ in range(_CALLS_MAX):
            page = self.rows(attrs.evolve(call, maxrecs=self.asked))
            fresh = [row for row in page if row.get(key, "") not in seen]
            seen.update(row.get(key, "") for row in fresh)
            yield from fresh
            if self.has_failed:
                return
            if not fresh:
                self._check_progress(call, page)
                return
            call = attrs.evolve(call, fields={**call.fields, field: page[-1].get(key, "")})

    def _check_progress(self, call: Call, page: Sequence[Mapping[str, str]]) -> None:
        if self.asked and len(page) >= self.asked:
            msg = f"{call.program}.{call.transaction} must go on after {len(page)} rows, got them again"
            self._notes.error("service.incomplete", msg)

    def at_once(self, call: Call) -> tuple[Mapping[str, str], ...]:
        """The rows of a list that cannot be continued; as many as were asked for are not all."""
        found = self.rows(attrs.evolve(call, maxrecs=self.asked))
        if self.asked and len(found) >= self.asked:
            msg = f"{call.program}.{call.transaction} cannot be continued, got {len(found)} rows"
            self._notes.error("service.incomplete", f"{msg}. Raise maxrecs, or set it to 0")
        return found


@attrs.frozen(kw_only=True)
class Table:
    """A table to be read: its columns, those of its key in their order, and which are numbers."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    numeric: frozenset[str]


class Export:
    """Rows of one table by EXPORTMI, in the order of a key, counted where the site can count."""

    def __init__(
        self,
        table: Table,
        *,
        lists: Lists,
        notes: ReadNotes,
        settings: ServiceSettings | PostingSettings,
    ) -> None:
        self._lists = lists
        self._notes = notes
        self._table = table.name
        self._columns = list(table.columns)
        self._key = list(table.key)
        self._numeric = table.numeric
        self._separator = settings.separator
        self._count = settings.count
        self._order = f" order by {', '.join(table.key)}" if settings.order_by else ""
        self._seen: set[tuple[str, ...]] = set()
        self._expected: int | None = None

    def rows(self, conditions: Sequence[str]) -> Iterator[Mapping[str, str]]:
        """Every row that meets the conditions; fewer or more than are counted are noted."""
        self._seen = set()
        self._expected = self._counted(conditions)
        if self._lists.has_failed:
            return
        requests = 0
        for row in self._from(list(conditions), 0):
            requests += 1
            yield row
        self._prove(requests)

    def _prove(self, came: int) -> None:
        if self._lists.has_failed:
            return
        if self._expected is None:
            if came:
                msg = f"rows of {self._table} were not counted, so that nothing proves them all"
                self._notes.warn("m3.uncounted", msg, field=self._table)
        elif came != self._expected:
            msg = f"{self._table} must give the {self._expected} rows that it counts, got {came}"
            self._notes.error("service.incomplete", msg, field=self._table)

    def _from(self, conditions: list[str], level: int) -> Iterator[Mapping[str, str]]:
        """Rows in the order of the key from a level on: a page, the rest of its last value, on."""
        page = self._page(conditions)
        yield from self._fresh(page)
        if level == len(self._key):
            return
        column = self._key[level]
        while page and not self._is_done():
            last = self._literal(column, page[-1].get(column, ""))
            yield from self._from([*conditions, f"{column} = {last}"], level + 1)
            if self._is_done():
                return
            page = self._page([*conditions, f"{column} > {last}"])
            yield from self._fresh(page)

    def _is_done(self) -> bool:
        return self._lists.has_failed or len(self._seen) == self._expected

    def _fresh(self, page: Sequence[Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
        for row in page:
            name = tuple(row.get(column, "") for column in self._key)
            if name not in self._seen:
                self._seen.add(name)
                yield row

    def _page(self, conditions: Sequence[str]) -> list[Mapping[str, str]]:
        query = f"{','.join(self._columns)} from {self._table}{_where(conditions)}{self._order}"
        found = self._lists.rows(self._select(query, headers="1", maxrecs=self._lists.asked))
        rows = [self._cells(row.get("REPL", "")) for row in found]
        return [row for row in rows if row is not None]

    def _select(self, query: str, *, headers: str, maxrecs: int) -> Call:
        return Call(
            program="EXPORTMI",
            transaction="Select",
            fields={"QERY": query, "SEPC": self._separator, "HDRS": headers},
            columns=("REPL",),
            maxrecs=maxrecs,
            in_division=False,
        )

    def _counted(self, conditions: Sequence[str]) -> int | None:
        if not self._count:
            return None
        query = f"{self._count} from {self._table}{_where(conditions)}"
        found = self._lists.rows(self._select(query, headers="0", maxrecs=0))
        text = found[-1].get("REPL", "").strip().strip(self._separator) if found else ""
        if text.isascii() and text.isdigit():
            return int(text)
        if not self._lists.has_failed:
            msg = f"EXPORTMI must count rows of {self._table}, got {text!r}. Set count to what it knows"
            self._lists.fail(msg)
        return None

    def _cells(self, line: str) -> Mapping[str, str] | None:
        parts = [part.strip() for part in line.split(self._separator)]
        if len(parts) == len(self._columns) + 1 and not parts[-1]:
            parts.pop()  # a separator after the last value as well
        if parts == self._columns:
            return None
        if len(line) >= EXPORT_ROW_MAX or len(parts) != len(self._columns):
            msg = f"row of {self._table} must have {len(self._columns)} values, got {len(parts)}"
            self._notes.error("row.length", f"{msg} in {len(line)} characters", field=self._table)
            return None
        return dict(zip(self._columns, parts, strict=True))

    def _literal(self, column: str, value: str) -> str:
        return value if column in self._numeric and value.isdigit() else quoted(value)


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def quoted(value: str) -> str:
    """A text as a query has it, quotes doubled.

    >>> quoted("O'NEIL")
    "'O''NEIL'"
    """
    return "'" + value.replace("'", "''") + "'"
