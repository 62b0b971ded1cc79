"""Numbers that stand in a file twice: refused, skipped or numbered on, as the settings say."""

from __future__ import annotations

from receivables.tabular._cells import Cells
from receivables.tabular.settings import TableSettings

__all__ = ["Identities"]


class Identities:
    """The identities of a file so far, with the line that each came on.

    The content of the line is kept only where the policy compares it: a file has millions of them.
    """

    def __init__(self, settings: TableSettings, *, field: str, code: str) -> None:
        self._policy = settings.duplicates
        self._field = field
        self._code = code
        self._seen: dict[str, int] = {}
        self._contents: dict[str, int] | None = {} if self._policy == "skip-identical" else None

    def take(self, cells: Cells) -> str:
        """The identity of a row, or an empty text where the row is to be left out.

        Under ``refuse`` a second row is an error, and under ``skip-identical`` too unless all its
        cells are those of the first.  Under ``number-lines`` it becomes ``number~2``, ``number~3``…
        """
        value = cells.text(self._field)
        row = cells.row
        first = self._seen.setdefault(value, row.line)
        if first == row.line:
            if self._contents is not None:
                self._contents.setdefault(value, row.content)
            return value
        msg = f"{self._field} must be unique, got {value!r}, which line {first} has"
        if self._policy == "number-lines":
            return self._numbered(cells, value, msg)
        if self._contents is not None and self._contents[value] == row.content:
            msg = f"{msg} with the same cells, so the row was skipped"
            cells.warn(self._code, msg, field=self._field)
        else:
            cells.refuse(self._code, msg, field=self._field)
        return ""

    def _numbered(self, cells: Cells, value: str, message: str) -> str:
        place = 2
        while (name := f"{value}~{place}") in self._seen:
            place += 1
        self._seen[name] = cells.row.line
        cells.warn(self._code, f"{message}. Read as {name!r}", field=self._field)
        return name
