"""From a movement (record 04) with its complements to a `BankEntry`, or to the problem that forbids it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import BankEntry, ReturnInfo
from receivables.receipts.tallying import StatementTally
from receivables_plugins.cfonb.complements import Details
from receivables_plugins.cfonb.operations import operation
from receivables_plugins.cfonb.values import Amounts, Days, RefusedError

__all__ = ["Movements"]

_NO_REASON: Final = frozenset({"", "  ", "00"})
_NO_NUMBER: Final = "0000000"


class Movements:
    """Builds the entries of one file; knows the days and the units of amounts that came before."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._source = notes.source
        self.amounts = Amounts()
        self.days = Days()
        self._details = Details(amounts=self.amounts, notes=notes)

    def entry(
        self, line: str, more: Sequence[str], *, tally: StatementTally, number: int
    ) -> BankEntry:
        """Build an entry and count it; raises `RefusedError` without amount, or a credit without day."""
        amount_minor = self.amounts.signed(line[90:104], line[16:20])
        try:
            booking, value = self.days[line[34:40]], self.days[line[42:48]]
        except RefusedError:
            booking = self.day(line[34:40], number, "booking-date")
            value = self.day(line[42:48], number, "value-date")
        if booking is None and value is None:
            self._check_undated(amount_minor, number)
        said = operation(line[32:34])
        label = line[48:79].strip()
        returned = None
        if said.is_return or line[40:42] not in _NO_REASON:
            reason = line[40:42].strip()
            returned = ReturnInfo(code="" if reason in _NO_REASON else reason, text=label)
        detail = None
        if more or returned is not None or line[81:88] != _NO_NUMBER or not line[104:].isspace():
            detail = self._details.build(
                line,
                more,
                amount_minor=amount_minor,
                label=label,
                returned=returned,
                is_turned=returned is not None or said.is_reversal,
                number=number,
            )
        tally.add(amount_minor)
        return BankEntry(
            account=tally.account,
            statement=tally.statement,
            index=tally.entries,
            amount_minor=amount_minor,
            currency=tally.currency,
            is_reversal=said.is_reversal,
            booking_date=booking,
            value_date=value,
            bank_code=said.code or line[7:11].strip(),
            text=label,
            details=() if detail is None else (detail,),
            source=Place(self._source, line=number),
            method=said.method,
            raw="\n".join([line, *more]),
        )

    def day(self, text: str, number: int, field: str) -> dt.date | None:
        """The day of a field; one that does not exist is an error, and is left out."""
        try:
            return self.days[text]
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=number, field=field)
            return None

    def _check_undated(self, amount_minor: int, number: int) -> None:
        """Refuse a credit without any day, which no ledger can take; a debit is only known less."""
        msg = "a movement must have a booking date or a value date, got neither"
        if amount_minor > 0:
            raise RefusedError("date.missing", msg, field="booking-date")
        self._notes.warn("date.missing", msg, line=number, field="booking-date")
