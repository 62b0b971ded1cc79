"""A bank statement while its entries come: what they sum up to, and whether the balances prove it.

For adapters: count each entry with `StatementTally.add`, and let `prove` say what the statement does
not prove, in the same words for every format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from receivables.reading import ReadNotes
from receivables.receipts.model import BankBalance, BankStatement

__all__ = ["StatementTally", "prove"]


class StatementTally:
    """Counts and sums of one statement under way; amounts are signed minor units.

    >>> tally = StatementTally("FR7630006000011234567890189", "2026/218", "EUR")
    >>> tally.add(120_00)
    >>> tally.add(-20_00)
    >>> tally.finish(opening_minor=0, closing_minor=100_00).difference_minor
    0
    """

    __slots__ = (
        "account",
        "booked",
        "credits_minor",
        "currency",
        "debits_minor",
        "entries",
        "statement",
    )

    def __init__(self, account: str, statement: str, currency: str) -> None:
        self.account = account
        self.statement = statement
        self.currency = currency
        self.entries = 0
        self.booked = 0
        self.credits_minor = 0
        self.debits_minor = 0

    def add(self, amount_minor: int, *, is_booked: bool = True) -> None:
        """Count an entry, and sum it up where it is booked."""
        self.entries += 1
        if is_booked:
            self.booked += 1
            if amount_minor >= 0:
                self.credits_minor += amount_minor
            else:
                self.debits_minor -= amount_minor

    def finish(  # noqa: PLR0913  # what a statement says besides its entries, each by name
        self,
        *,
        opening_minor: int | None = None,
        closing_minor: int | None = None,
        first_day: dt.date | None = None,
        last_day: dt.date | None = None,
        sequence: int | None = None,
        page: int | None = None,
        is_last_page: bool | None = None,
        is_copy: bool = False,
        created_at: str = "",
        balances: Iterable[BankBalance] = (),
    ) -> BankStatement:
        """The statement, after its last entry.

        The balances OPBD and CLBD are made of `opening_minor` and `closing_minor`, with the days
        given, and stand before the other `balances`.
        """
        own = (("OPBD", opening_minor, first_day), ("CLBD", closing_minor, last_day))
        made = [
            BankBalance(type=type_, amount_minor=minor, currency=self.currency, date=day)
            for type_, minor, day in own
            if minor is not None
        ]
        return BankStatement(
            account=self.account,
            statement=self.statement,
            currency=self.currency,
            sequence=sequence,
            page=page,
            is_last_page=is_last_page,
            is_copy=is_copy,
            created_at=created_at,
            opening_minor=opening_minor,
            closing_minor=closing_minor,
            entries=self.entries,
            booked_entries=self.booked,
            credits_minor=self.credits_minor,
            debits_minor=self.debits_minor,
            balances=(*made, *balances),
        )


def prove(
    statement: BankStatement, notes: ReadNotes, *, line: int | None = None, is_part: bool = False
) -> None:
    """Note ``statement.unbalanced`` where the balances disprove the entries.

    It is an error for a whole statement, and a warning for a part of one (`is_part`): a page, a day
    that goes on.  Where a whole statement lacks a balance, ``statement.incomplete`` is a warning.
    """
    difference = statement.difference_minor
    if difference:
        msg = (
            "opening balance plus booked entries must be the closing balance, got a difference "
            f"of {difference} minor units of {statement.currency}"
        )
        note = notes.warn if is_part else notes.error
        note("statement.unbalanced", msg, line=line, field="balance")
    elif difference is None and not is_part:
        msg = "opening and closing balance must be given to prove the entries, got not both"
        notes.warn("statement.incomplete", msg, line=line, field="balance")
