"""From the header and the balances of a statement to a `BankStatement` that proves its entries.

Opening balance plus booked entries is the closing balance (ISO 20022 balance types OPBD and CLBD).
Where the opening balance is not given, the closing one of the day before (PRCD) stands for it; on a
page in the middle of a statement, interim balances (ITBD) stand for what the page lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from receivables.receipts.model import BankBalance, BankEntry, BankStatement
from receivables_plugins.iso20022.details import compact
from receivables_plugins.iso20022.records import LINE, Note, Record
from receivables_plugins.iso20022.values import RefusedError, Values, is_true

__all__ = ["StatementUnderWay"]

_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)
_INTERIM: Final = "ITBD"
_COPIES: Final = frozenset({"CODU", "COPY", "DUPL"})
_NUMBER_DIGITS_MAX: Final = 18
"""ISO 20022 ``Number`` and ``Max15NumericText``."""


class StatementUnderWay:
    """A statement while its entries come: who it is, and what they sum up to."""

    def __init__(self, record: Record, *, values: Values, is_whole_day: bool) -> None:
        self._record = record
        self._values = values
        self._is_whole_day = is_whole_day
        self.account = compact(record.get("Acct", ""))
        self.statement: str = record.get("Id", "")
        self.currency: str = record.get("Ccy", "")
        self.index = 0
        self._entries = 0
        self._booked = 0
        self._credits_minor = 0
        self._debits_minor = 0
        self._transactions = 0
        self._entry_currency = ""
        self._currencies: set[str] = set()

    def add(self, entry: BankEntry) -> None:
        """Count an entry, and sum it up where it is booked."""
        self._entries += 1
        self._transactions += entry.batch_count or len(entry.details) or 1
        if not entry.is_booked:
            return
        self._booked += 1
        if entry.amount_minor >= 0:
            self._credits_minor += entry.amount_minor
        else:
            self._debits_minor -= entry.amount_minor
        if entry.currency not in self._currencies:
            self._entry_currency = self._entry_currency or entry.currency
            self._currencies.add(entry.currency)

    def finish(self, message: Record, note: Note) -> BankStatement:
        """The statement, after its last entry; what it does not prove is noted."""
        record = self._record
        balances = tuple(self._balances(record.get("Bal", ()), note))
        page, is_last = self._page(message)
        is_part = is_last is False or (page or 1) > 1
        opening = _first(balances, _OPENING)
        closing = _first(balances, _CLOSING)
        if is_part:
            interim = [one for one in balances if one.type == _INTERIM]
            if opening is None and interim and (page or 1) > 1:
                opening = interim[0]
            if closing is None and interim and is_last is not True and interim[-1] is not opening:
                closing = interim[-1]
        self._currencies.update(one.currency for one in (opening, closing) if one is not None)
        statement = BankStatement(
            account=self.account,
            statement=self.statement,
            currency=self._currency_of(opening, closing, balances),
            sequence=_number(record.get("ElctrncSeqNb") or record.get("LglSeqNb") or ""),
            page=page,
            is_last_page=is_last,
            is_copy=record.get("CpyDplctInd", "") in _COPIES,
            created_at=record.get("CreDtTm") or message.get("CreDtTm") or "",
            opening_minor=None if opening is None else opening.amount_minor,
            closing_minor=None if closing is None else closing.amount_minor,
            entries=self._entries,
            booked_entries=self._booked,
            credits_minor=self._credits_minor,
            debits_minor=self._debits_minor,
            balances=balances,
        )
        self._check(statement, note, is_part=is_part)
        return statement

    def _currency_of(
        self,
        opening: BankBalance | None,
        closing: BankBalance | None,
        balances: Iterable[BankBalance],
    ) -> str:
        """The account's currency, or what the balances and entries are in where it is not said."""
        if not self.currency:
            for balance in (opening, closing):
                if balance is not None:
                    return balance.currency
        own = self.currency or self._entry_currency
        return own or next((balance.currency for balance in balances), "")

    def _page(self, message: Record) -> tuple[int | None, bool | None]:
        """The page of the statement, or else of the message; whether it is the last."""
        source: Record = self._record if "PgNb" in self._record else message
        last = source.get("LastPgInd")
        return _number(source.get("PgNb", "")), None if last is None else is_true(last)

    def _balances(self, records: Iterable[Record], note: Note) -> Iterable[BankBalance]:
        for record in records:
            try:
                amount_minor, currency = self._values.signed(record, default=self.currency)
                yield BankBalance(
                    type=record.get("Tp", ""),
                    amount_minor=amount_minor,
                    currency=currency,
                    date=self._values.days[record["Dt"]] if "Dt" in record else None,
                )
            except RefusedError as error:
                field = f"Bal/{error.field or 'Dt'}"
                note(error.code, str(error), line=record[LINE], field=field)

    def _check(self, statement: BankStatement, note: Note, *, is_part: bool) -> None:
        line = self._record[LINE]
        is_error = not is_part
        if any(currency != statement.currency for currency in self._currencies):
            msg = f"opening, closing and entries must be in {statement.currency}, got another currency"
            note("camt053.currency-differs", msg, line=line, is_error=is_error)
        if statement.difference_minor:
            msg = (
                "opening balance plus booked entries must be the closing balance, got a difference "
                f"of {statement.difference_minor} minor units of {statement.currency}"
            )
            note("statement.unbalanced", msg, line=line, field="Bal", is_error=is_error)
        declared = _number(self._record.get("NbOfNtries", ""))
        if not is_part and declared not in {None, self._transactions, self.index}:
            msg = f"entries must be {declared} as the summary says, got {self.index}"
            note("camt053.count-differs", msg, line=line, field="TxsSummry/TtlNtries/NbOfNtries")
        if self._is_whole_day and not is_part and statement.difference_minor is None:
            msg = "opening and closing balance must be given to prove the entries, got not both"
            note("statement.incomplete", msg, line=line, field="Bal", is_error=False)


def _first(balances: Iterable[BankBalance], types: Iterable[str]) -> BankBalance | None:
    by_type: dict[str, BankBalance] = {}
    for balance in balances:
        by_type.setdefault(balance.type, balance)
    return next((by_type[one] for one in types if one in by_type), None)


def _number(text: str) -> int | None:
    whole, _, fraction = text.partition(".")
    if whole.isascii() and whole.isdecimal() and not fraction.strip("0"):
        return int(whole) if len(whole) <= _NUMBER_DIGITS_MAX else None
    return None
