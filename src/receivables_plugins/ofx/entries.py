"""From a transaction (``STMTTRN``) to a bank entry: the sign of its amount says which way it went.

``TRNTYPE`` is not asked for a direction: banks write DEBIT beside positive amounts, and words of their
own.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import BankEntry, EntryDetail, Payer, ReceiptMethod, Remittance
from receivables_plugins.ofx.pieces import Piece
from receivables_plugins.ofx.values import (
    RefusedError,
    calendar_day,
    fields_of,
    minor_units,
    unescaped,
)

__all__ = ["EntryBuilder", "Owner", "currency_of"]

_METHODS: Final = {
    "CASH": ReceiptMethod.CASH,
    "CHECK": ReceiptMethod.CHEQUE,
    "DIRECTDEBIT": ReceiptMethod.DIRECT_DEBIT,
    "DIRECTDEP": ReceiptMethod.CREDIT_TRANSFER,
    "POS": ReceiptMethod.CARD,
    "XFER": ReceiptMethod.CREDIT_TRANSFER,
}
_REFERENCES: Final = frozenset({"CHECKNUM", "CORRECTFITID", "REFNUM", "SRVRTID"})
_NO_REFERENCES: Final = frozenset({"NOTPROVIDED", "NONREF"})
_DAYS_MAX: Final = 10_000
_CODES_MAX: Final = 1_000
_NOBODY: Final = Payer()


class Owner:
    """What the entries of a statement have in common."""

    __slots__ = ("account", "currency", "index", "places", "statement")

    def __init__(self, account: str, statement: str, currency: str) -> None:
        self.account = account
        self.statement = statement
        self.currency = currency
        self.places = digits(currency) if currency else 0
        self.index = 0


def currency_of(text: str, notes: ReadNotes, *, line: int, field: str) -> str:
    """A currency, or nothing where there is none that is known, which is noted."""
    code = text.strip().upper()
    try:
        if code:
            digits(code)
            return code
    except UnknownCurrencyError as error:
        notes.error("currency.unknown", str(error), line=line, field=field)
        return ""
    msg = "statement must say its currency, got none"
    notes.error("currency.missing", msg, line=line, field=field)
    return ""


class EntryBuilder:
    """Builds the entries of one file, and notes why one cannot be built."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._source = notes.source
        self._days: dict[str, dt.date] = {}
        self._codes: dict[str, str] = {}

    def entry(self, piece: Piece, owner: Owner) -> BankEntry | None:
        """The entry of a transaction; None where it cannot be read, which is noted."""
        owner.index += 1
        fields = fields_of(piece.text)
        currency, places = owner.currency, owner.places
        if "CURRENCY" in fields or not currency:
            currency = self._own_currency(fields, owner, piece)
            if not currency:
                return None
            places = digits(currency)
        try:
            minor = minor_units(fields.get("TRNAMT", ""), currency, places)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=piece.line, field="TRNAMT")
            return None
        booked = self._days.get(fields.get("DTPOSTED", ""))
        if booked is None:
            booked = self._day(fields, "DTPOSTED", piece)
        available = (
            self._day(fields, "DTAVAIL", piece) or self._day(fields, "VALUEDATE", piece)
            if "DTAVAIL" in fields or "VALUEDATE" in fields
            else None
        )
        if booked is None and not self._is_datable(fields, available, minor, piece):
            return None
        texts, payer = _said(fields, minor)
        detail = (
            EntryDetail(payer=payer, remittance=Remittance(text=texts))
            if _REFERENCES.isdisjoint(fields)
            else EntryDetail(
                payer=payer, remittance=Remittance(text=texts), references=_references(fields)
            )
        )
        code = fields.get("TRNTYPE", "")
        code = self._codes.get(code) or self._code(code)
        is_odd = piece.is_pending or "CORRECTFITID" in fields
        return BankEntry(
            account=owner.account,
            statement=owner.statement,
            index=owner.index,
            amount_minor=minor,
            currency=currency,
            is_booked=not (is_odd and self._is_unbooked(fields, piece)),
            booking_date=booked,
            value_date=available,
            bank_reference=_reference(fields.get("FITID", "")),
            bank_code=code,
            text=" ".join(texts),
            details=(detail,),
            source=Place(self._source, line=piece.line),
            method=_METHODS.get(code, ReceiptMethod.UNSAID),
            raw=piece.raw.replace("\r\n", "\n") if "\r" in piece.raw else piece.raw,
        )

    def _own_currency(self, fields: dict[str, str], owner: Owner, piece: Piece) -> str:
        """The currency that a transaction is in where it is not the account's (``CURRENCY``)."""
        said = fields.get("CURSYM", "") if "CURRENCY" in fields else owner.currency
        found = currency_of(said, self._notes, line=piece.line, field="CURSYM")
        if found and owner.currency and found != owner.currency:
            msg = f"amount must be in {owner.currency} as the statement, got {found}"
            self._notes.error("ofx.currency-differs", msg, line=piece.line, field="CURSYM")
        return found

    def _day(self, fields: dict[str, str], name: str, piece: Piece) -> dt.date | None:
        text = fields.get(name, "")
        if text in self._days:
            return self._days[text]
        try:
            day = calendar_day(text)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=piece.line, field=name)
            return None
        if day is not None and len(self._days) < _DAYS_MAX:
            self._days[text] = day
        return day

    def _is_datable(
        self, fields: dict[str, str], available: dt.date | None, minor: int, piece: Piece
    ) -> bool:
        """Whether an entry without its day may be given; a credit without any day may not."""
        if not fields.get("DTPOSTED", "").strip().strip("0"):
            msg = "transaction must say on which day it was posted, got none"
            is_credit = minor > 0 and available is None
            note = self._notes.error if is_credit else self._notes.warn
            note("date.missing", msg, line=piece.line, field="DTPOSTED")
        return minor <= 0 or available is not None

    def _is_unbooked(self, fields: dict[str, str], piece: Piece) -> bool:
        """Whether a transaction is pending, or takes an earlier one back without being one."""
        if "CORRECTFITID" in fields:
            action = fields.get("CORRECTACTION", "").strip().upper()
            msg = f"an earlier transaction is corrected ({action}): undo what it had done by hand"
            self._notes.error("ofx.correction", msg, line=piece.line, field="CORRECTFITID")
            return action == "DELETE"
        return piece.is_pending

    def _code(self, text: str) -> str:
        code = text.strip().upper()
        if len(self._codes) < _CODES_MAX:
            self._codes[text] = code
        return code


def _said(fields: dict[str, str], minor: int) -> tuple[tuple[str, ...], Payer]:
    """What a transaction says in words, and who paid where it brought money."""
    name = _text(fields.get("EXTDNAME") or fields.get("NAME", ""))
    memo = _text(fields.get("MEMO", ""))
    account = fields.get("ACCTID", "").strip() if "BANKACCTTO" in fields else ""
    payer = Payer(name=name, account=account) if minor > 0 and (name or account) else _NOBODY
    if not name or memo.startswith(name):
        return (memo,) if memo else (), payer
    return (name, memo) if memo else (name,), payer


def _text(text: str) -> str:
    """A text without the blanks around it, on one line, unescaped."""
    text = text.strip()
    if "&" in text:
        text = unescaped(text)
    return " ".join(map(str.strip, text.splitlines())) if "\n" in text else text


def _reference(text: str) -> str:
    text = text.strip()
    return text if text.strip("0") and text not in _NO_REFERENCES else ""


def _references(fields: dict[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = [(name, _reference(fields[name])) for name in sorted(_REFERENCES & fields.keys())]
    return tuple([pair for pair in pairs if pair[1]])
