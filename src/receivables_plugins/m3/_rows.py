"""One row of FSLEDG as a value, read from cells by bare field names, every doubt noted."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs

from receivables.errors import InexactAmountError, LimitError, UnknownCurrencyError
from receivables.money import digits, minor_of
from receivables.reading import ReadNotes
from receivables.texts import amount_readings, date_readings

__all__ = ["LEDGER_FIELDS", "Identity", "LedgerRow", "RowReader", "bare", "m3_day"]

LEDGER_FIELDS: Final = (
    *("CONO", "DIVI", "PYNO", "CUNO", "CINO", "INYR", "TRCD", "RECO", "REDE", "IVDT"),
    *("DUDT", "ACDT", "CUCD", "CUAM", "TEPY", "YEA4", "JRNO", "JSNO"),
)
"""The fields of FSLEDG that are read, without their prefix ``ES``."""

_NEEDED: Final = ("PYNO", "CINO", "INYR", "TRCD", "CUCD", "CUAM")
_PLAIN: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,6})?")
_SETTLED: Final = "9"
_PREFIXES: Final = {"ES": 6, "OK": 6, "UH": 6, "EG": 6}
_NO_DAY: Final = frozenset({"", "0", "00000000", "0.0", "000000"})


@attrs.frozen
class Identity:
    """What one invoice is, over all its rows: division, payer, number and year."""

    division: str
    payer: str
    number: str
    year: str


@attrs.frozen(kw_only=True)
class LedgerRow:
    """One row: an invoice or a payment, signed minor units, and whether it is reconciled."""

    identity: Identity
    customer: str
    is_payment: bool
    is_settled: bool
    settled_on: dt.date | None
    document_date: dt.date
    due_date: dt.date | None
    booked_on: dt.date
    currency: str
    amount_minor: int
    terms: str
    journal: str
    """Year, journal and sequence: what names the row within its division."""
    line: int | None = None
    local_minor: int | None = None
    local_currency: str = ""


@functools.lru_cache(maxsize=1_024)
def bare(name: str) -> str:
    """The name of a field without the prefix of its table, in capitals.

    >>> bare("escuam"), bare("CUAM"), bare("OKCUNO")
    ('CUAM', 'CUAM', 'CUNO')
    """
    text = name.strip().strip('"').upper().rpartition(".")[2]
    return text[2:] if _PREFIXES.get(text[:2]) == len(text) else text


@functools.lru_cache(maxsize=16_384)
def m3_day(text: str, *, format: str = "%Y%m%d") -> dt.date | None:
    """A day as M3 writes it; ``0`` and blanks are no day.  Raises `ValueError` for anything else.

    >>> m3_day("20261031"), m3_day("0")
    (datetime.date(2026, 10, 31), None)
    """
    if text in _NO_DAY:
        return None
    if format == "%Y%m%d":
        if len(text) != 8 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004
            raise ValueError(text)
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    found = date_readings(text, format=format)
    if len(found) != 1:
        raise ValueError(text)
    return found[0]


class RowReader:
    """Reads cells into rows; notes what it refuses, and remembers whose rows it refused.

    An invoice of which a row is missing would say another amount than is owed: `broken` has the
    identities of which nothing may come.
    """

    def __init__(
        self,
        notes: ReadNotes,
        *,
        codes: Mapping[str, str],
        company: str = "",
        decimal: str | None = ".",
        grouping: str | None = "",
        date_format: str = "%Y%m%d",
    ) -> None:
        self._notes = notes
        self._codes = codes
        self._company = company.lstrip("0")
        self._companies: set[str] = set()
        self._decimal = decimal
        self._grouping = grouping
        self._date_format = date_format
        self.broken: set[Identity] = set()
        self._identities: dict[Identity, Identity] = {}
        self._bad = False

    def row(self, cells: Mapping[str, str], *, line: int | None = None) -> LedgerRow | None:
        """A row, or None where it is refused or of another company."""
        get = cells.get
        if not self._is_ours(get("CONO", ""), line):
            return None
        identity = Identity(get("DIVI", ""), get("PYNO", ""), get("CINO", ""), get("INYR", ""))
        identity = self._identities.setdefault(identity, identity)
        self._bad = False
        for field in _NEEDED:
            if not get(field):
                self._refuse("m3.field-missing", f"{field} must be given, got none", line, field)
        currency = self._currency(get("CUCD", ""), line)
        amount_minor = self._amount(get("CUAM", ""), currency, line)
        days = {name: self._day(get(name, ""), name, line) for name in _DAYS}
        kind = self._kind(get("TRCD", ""), line)
        booked = days["ACDT"] or days["IVDT"]
        if booked is None:
            self._refuse("date.missing", "ACDT or IVDT must be given, got neither", line, "ACDT")
        if self._bad or booked is None:
            self.broken.add(identity)
            return None
        return LedgerRow(
            identity=identity,
            customer=get("CUNO", "") or identity.payer,
            is_payment=kind == "payment",
            is_settled=get("RECO", "") == _SETTLED,
            settled_on=days["REDE"],
            document_date=days["IVDT"] or booked,
            due_date=days["DUDT"],
            booked_on=booked,
            currency=currency,
            amount_minor=amount_minor,
            terms=get("TEPY", ""),
            journal=_journal(cells),
            line=line,
        )

    def amount(self, text: str) -> Decimal | None:
        """An amount in the declared convention; None where it has no reading, or more than one."""
        found = self._readings(text)
        return found[0] if len(found) == 1 else None

    def _readings(self, text: str) -> tuple[Decimal, ...]:
        if self._decimal == "." and _PLAIN.fullmatch(text):
            return (Decimal(text),)  # how nearly all of them are written
        return amount_readings(text, decimal=self._decimal, grouping=self._grouping)

    def _is_ours(self, company: str, line: int | None) -> bool:
        number = company.lstrip("0")
        if not number:
            return True
        if self._company:
            return number == self._company
        if self._companies and number not in self._companies:
            msg = f"company must be given where there are several, got {company} as well"
            self._notes.error("m3.company-mixed", msg, line=line, field="CONO")
            return False
        self._companies.add(number)
        return True

    def _refuse(self, code: str, message: str, line: int | None, field: str) -> None:
        self._bad = True
        self._notes.error(code, message, line=line, field=field)

    def _kind(self, code: str, line: int | None) -> str:
        kind = self._codes.get(code) or self._codes.get(code.lstrip("0"), "")
        if not kind and code:
            known = ", ".join(sorted(self._codes))
            msg = f"transaction code must be mapped in the settings ({known}), got {code!r}"
            self._refuse("document.type-unknown", msg, line, "TRCD")
        return kind

    def _currency(self, code: str, line: int | None) -> str:
        try:
            digits(code)
        except UnknownCurrencyError as error:
            if code:
                self._refuse("currency.unknown", str(error), line, "CUCD")
            return ""
        return code

    def _amount(self, text: str, currency: str, line: int | None) -> int:
        if not text or not currency:
            return 0
        found = self._readings(text)
        if len(found) != 1:
            code = "locale.ambiguous" if found else "amount.invalid"
            msg = f"amount must be readable in one way, got {text!r}"
            self._refuse(code, msg, line, "CUAM")
            return 0
        try:
            return minor_of(found[0], currency)
        except InexactAmountError as error:
            self._refuse("amount.inexact", str(error), line, "CUAM")
        except LimitError as error:
            self._refuse("amount.limit", str(error), line, "CUAM")
        return 0

    def _day(self, text: str, field: str, line: int | None) -> dt.date | None:
        try:
            return m3_day(text, format=self._date_format)
        except ValueError:
            msg = f"{field} must be a day as {self._date_format} or 0, got {text!r}"
            self._refuse("date.invalid", msg, line, field)
            return None


_DAYS: Final = ("IVDT", "DUDT", "ACDT", "REDE")


def _journal(cells: Mapping[str, str]) -> str:
    year, journal, place = cells.get("YEA4", ""), cells.get("JRNO", ""), cells.get("JSNO", "")
    if not (year or journal or place):
        return ""
    return f"{year}-{journal.lstrip('0')}-{place.lstrip('0')}"
