"""Values of a standard audit file: days, amounts and the head, read or noted and refused."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Final

import attrs

from receivables.errors import InexactAmountError, LimitError
from receivables.markup import Node
from receivables.money import digits, minor_of
from receivables.reading import ReadNotes
from receivables_plugins.saft.settings import SaftSettings

__all__ = ["Head", "Values", "head_of"]

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_LEDGER_BASES: Final = frozenset({"A", "C", "I"})
_DAY_LENGTH: Final = len("2026-01-31")


class Values:
    """Reads texts of one file as values; what cannot be read is noted, and reads as None."""

    def __init__(self, notes: ReadNotes) -> None:
        self.notes = notes

    def day(self, node: Node, path: str) -> dt.date | None:
        """A day as ``YYYY-MM-DD``, with or without a time behind it; None where there is none."""
        text = node.text(path)
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text[:_DAY_LENGTH])
        except ValueError:
            msg = f"{path} must be a day as YYYY-MM-DD, got {text!r}"
            self.notes.error("date.invalid", msg, line=node.line, field=path)
            return None

    def minor(self, node: Node, path: str, currency: str) -> int | None:
        """An amount in minor units; None where there is none, or where it was refused."""
        text = node.text(path)
        return self._minor(text, node, path, currency) if text else None

    def minor_of(self, node: Node, currency: str) -> int | None:
        """The amount that an element has as its own text."""
        return self._minor(node.content, node, node.name, currency)

    def _minor(self, text: str, node: Node, path: str, currency: str) -> int | None:
        if not _DECIMAL.fullmatch(text):
            msg = f"{path} must be a decimal number, got {text!r}"
            self.notes.error("amount.invalid", msg, line=node.line, field=path)
            return None
        try:
            return minor_of(Decimal(text), currency)
        except InexactAmountError as error:
            self.notes.error("amount.inexact", str(error), line=node.line, field=path)
        except LimitError as error:
            self.notes.error("amount.limit", str(error), line=node.line, field=path)
        return None

    def sides(self, node: Node, debit: str, credit: str, currency: str) -> int | None:
        """Debit less credit in minor units; None where neither is there, or one was refused."""
        if not node.text(debit) and not node.text(credit):
            return None
        values = [self.minor(node, path, currency) for path in (debit, credit) if node.text(path)]
        if None in values:
            return None
        return (self.minor(node, debit, currency) or 0) - (self.minor(node, credit, currency) or 0)


@attrs.frozen(kw_only=True)
class Head:
    """What the head of a file says: whose rules it follows, its currency, its period."""

    country: str
    version: str
    currency: str
    start: dt.date | None
    end: dt.date | None
    reads_ledger: bool
    """Whether items come from the entries, and not from invoices and payments."""


def head_of(node: Node, *, settings: SaftSettings, values: Values) -> Head | None:
    """Read the element *Header*; None where it is of a country that is not read."""
    is_norwegian = node.text("AuditFileCountry") == "NO"
    if not is_norwegian and not node.text("FiscalYear"):
        country = node.text("AuditFileCountry") or "none"
        msg = f"audit file must be of Norway or Portugal, got country {country}"
        values.notes.error("file.format", msg, line=node.line)
        return None
    currency = node.text("DefaultCurrencyCode" if is_norwegian else "CurrencyCode")
    currency = currency or settings.currency or ("NOK" if is_norwegian else "EUR")
    try:
        digits(currency)
    except ValueError as error:
        values.notes.error("currency.unknown", str(error), line=node.line)
        return None
    start, end = _period(node, values) if is_norwegian else _days(node, values)
    basis = node.text("TaxAccountingBasis")
    ledger = settings.section == "ledger" or (
        settings.section == "auto" and (is_norwegian or basis in _LEDGER_BASES)
    )
    return Head(
        country="NO" if is_norwegian else "PT",
        version=node.text("AuditFileVersion"),
        currency=currency,
        start=start,
        end=end,
        reads_ledger=ledger,
    )


def _days(node: Node, values: Values) -> tuple[dt.date | None, dt.date | None]:
    return values.day(node, "StartDate"), values.day(node, "EndDate")


def _period(node: Node, values: Values) -> tuple[dt.date | None, dt.date | None]:
    """The days of the selection; periods are taken for months, which they are in most books."""
    criteria = node.find("SelectionCriteria")
    if criteria is None:
        return None, None
    if criteria.text("SelectionStartDate"):
        return values.day(criteria, "SelectionStartDate"), values.day(criteria, "SelectionEndDate")
    start = _month(criteria.text("PeriodStartYear"), criteria.text("PeriodStart"))
    last = _month(criteria.text("PeriodEndYear"), criteria.text("PeriodEnd"))
    if last is None:
        return start, None
    return start, (last + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


def _month(year: str, month: str) -> dt.date | None:
    try:
        return dt.date(int(year[:4]), int(month[:2]), 1)
    except ValueError:
        return None
