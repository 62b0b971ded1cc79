"""What every read returns: the rows, streamed, and afterwards a report that says whether they are all.

An adapter writes a generator that yields rows and notes problems; a caller iterates or collects::

    def read(stream, *, name):
        notes = ReadNotes(name)
        return Read(_rows(stream, notes), notes)

>>> notes = ReadNotes("items.csv")
>>> read = Read(iter(["a", "b"]), notes)
>>> collected = read.collect()
>>> collected.rows, collected.report.complete
(('a', 'b'), True)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import attrs

from receivables import limits
from receivables.cards import holds_card_number, masked
from receivables.errors import AdapterError, IncompleteReadError
from receivables.problems import Place, Problem, Severity

__all__ = ["Collected", "Read", "ReadNotes", "ReadReport"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class ReadReport:
    """What a read proved about itself, valid once its rows are exhausted.

    `complete` is false when an error was found or the source declared more rows than came.
    `problems` keeps at most `limits.PROBLEMS_MAX`; `problem_count` counts them all.
    """

    source: str
    rows: int
    complete: bool
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    declared_total: int | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the read incomplete."""
        return tuple(problem for problem in self.problems if problem.is_error)


class ReadNotes:
    """The notebook of a read under way: problems and the total that the source declares."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.declared_total: int | None = None
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.error_count = 0

    def error(
        self, code: str, message: str, *, line: int | None = None, field: str | None = None
    ) -> None:
        """Note a problem that makes the read incomplete."""
        self.add(Problem(code, message, place=Place(self.source, line=line, field=field)))

    def warn(
        self, code: str, message: str, *, line: int | None = None, field: str | None = None
    ) -> None:
        """Note a problem that leaves the read complete."""
        place = Place(self.source, line=line, field=field)
        self.add(Problem(code, message, place=place, severity=Severity.WARNING))

    def add(self, problem: Problem) -> None:
        """Note a problem made elsewhere; a card number in what it says is masked."""
        self.problem_count += 1
        self.error_count += problem.is_error
        if len(self.problems) < limits.PROBLEMS_MAX:
            self.problems.append(_without_cards(problem))

    def report(self, rows: int) -> ReadReport:
        """Close the notebook."""
        whole = self.declared_total is None or self.declared_total == rows
        return ReadReport(
            source=self.source,
            rows=rows,
            complete=whole and not self.error_count,
            problems=tuple(self.problems),
            problem_count=self.problem_count,
            declared_total=self.declared_total,
        )


def _without_cards(problem: Problem) -> Problem:
    """A problem says what stood in a cell, and a card number can stand in any."""
    field = problem.place.field or ""
    if not holds_card_number(problem.message) and not holds_card_number(field):
        return problem
    place = attrs.evolve(problem.place, field=masked(field) or None)
    return attrs.evolve(problem, message=masked(problem.message), place=place)


@attrs.frozen
class Collected(Generic[T]):
    """All rows of a read with its report."""

    rows: tuple[T, ...]
    report: ReadReport

    def require_complete(self) -> Collected[T]:
        """Return itself, or raise `IncompleteReadError` naming the first problem."""
        if not self.report.complete:
            first = next(iter(self.report.errors), "fewer rows came than the source declared")
            msg = f"read of {self.report.source} must be complete, got {first}"
            raise IncompleteReadError(msg)
        return self


class Read(Generic[T]):
    """Rows that stream once; `report` answers when they are exhausted."""

    def __init__(self, rows: Iterable[T], notes: ReadNotes) -> None:
        self._rows = iter(rows)
        self._notes = notes
        self._count = 0
        self._report: ReadReport | None = None

    def __iter__(self) -> Iterator[T]:
        for row in self._rows:
            self._count += 1
            yield row
        self._report = self._notes.report(self._count)

    @property
    def report(self) -> ReadReport:
        """The report; raises `AdapterError` while rows are still to come."""
        if self._report is None:
            msg = f"report of {self._notes.source} is valid once every row was taken, got an early call"
            raise AdapterError(msg)
        return self._report

    def collect(self) -> Collected[T]:
        """Take every row into memory."""
        rows = tuple(self)
        return Collected(rows, self.report)
