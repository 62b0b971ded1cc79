"""Amounts and days of a record: read, or noted as a problem and left out."""

from __future__ import annotations

import datetime as dt

from receivables_plugins.iso20022.records import LINE, MORE, Note, Record, texts
from receivables_plugins.iso20022.values import RefusedError, Values

__all__ = ["Leaves"]


class Leaves:
    """Reads leaves in one currency; `field` is where their records stand, for the messages."""

    def __init__(self, *, values: Values, note: Note, field: str) -> None:
        self._values = values
        self._note = note
        self._field = field
        self.currency = ""

    def minor(
        self, record: Record, leaf: str, field: str = "", *, is_error: bool = False
    ) -> int | None:
        """An amount; None where it is absent, in another currency, or cannot be read."""
        if leaf not in record or record.get(f"{leaf} Ccy", self.currency) != self.currency:
            return None
        try:
            return self._values.minor(record[leaf], self.currency)
        except RefusedError as error:
            self._refuse(record, error, f"{field}/{leaf}", is_error=is_error)
            return None

    def sum_minor(self, record: Record, leaf: str, field: str = "") -> int:
        """The sum of an amount that may be repeated; zero where it is absent."""
        if leaf + MORE not in record:
            return self.minor(record, leaf, field) or 0
        each = ({**record, leaf: text} for text in texts(record, leaf))
        return sum(self.minor(one, leaf, field) or 0 for one in each)

    def day(self, record: Record, leaf: str, field: str = "") -> dt.date | None:
        """A day; None where it is absent, or cannot be read."""
        if leaf not in record:
            return None
        try:
            return self._values.days[record[leaf]]
        except RefusedError as error:
            self._refuse(record, error, f"{field}/{leaf}", is_error=False)
            return None

    def _refuse(self, record: Record, error: RefusedError, field: str, *, is_error: bool) -> None:
        path = f"{self._field}/{field}".replace("//", "/").strip("/")
        self._note(error.code, str(error), line=record[LINE], field=path, is_error=is_error)
