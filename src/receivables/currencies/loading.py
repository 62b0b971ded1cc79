"""Exchange rates from rows that some source gives, and from the contents of a TOML file.

>>> read = read_rates([{"base": "EUR", "quote": "USD", "date": "2026-10-30", "rate": "1.0887"}],
...                   source="rates.csv")
>>> ExchangeRates(read.collect().require_complete().rows).currencies
('EUR', 'USD')
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from receivables.currencies.model import ExchangeRates, MissingDay, QuotedRate, RateKind
from receivables.errors import DocumentError, MoneyError, PolicyError, UnknownCurrencyError
from receivables.money import ExchangeRate, digits
from receivables.reading import Read, ReadNotes
from receivables.texts import parse_amount, parse_date

__all__ = ["load_rates", "read_rates"]

_INVALID: Final = "exchange-rate.invalid"
_KINDS: Final = {kind.value: kind for kind in RateKind}
_FIELDS: Final = ("base", "quote", "date", "rate", "kind", "source")
_KEYS: Final = ("pivot", "previous-within-days", "rates")


class _Flaw(Exception):  # noqa: N818  # it never leaves this module
    """What is wrong with a field of a row."""

    def __init__(self, code: str, message: str, *, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


def read_rates(
    rows: Iterable[Mapping[str, object]], *, source: str, first_line: int = 1
) -> Read[QuotedRate]:
    """Rates from rows with ``base``, ``quote``, ``date``, ``rate``, and maybe ``kind``, ``source``.

    One unit of base is rate units of quote.  Rates are text with a decimal point, `Decimal` or whole
    numbers, and never floats; dates are dates or ISO 8601 text.  A row that breaks a rule is left
    out and noted with its line, counted from `first_line` on.
    """
    notes = ReadNotes(source)
    return Read(_read(rows, notes, first_line), notes)


def _read(
    rows: Iterable[Mapping[str, object]], notes: ReadNotes, first_line: int
) -> Iterator[QuotedRate]:
    for line, row in enumerate(rows, start=first_line):
        try:
            yield _quoted(row, source=notes.source)
        except _Flaw as flaw:
            notes.error(flaw.code, str(flaw), line=line, field=flaw.field)


def load_rates(contents: str, *, name: str) -> ExchangeRates:
    """A table of rates from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> rates = load_rates('''
    ... pivot = "EUR"
    ... previous-within-days = 7
    ... [[rates]]
    ... base = "EUR"
    ... quote = "USD"
    ... date = 2026-10-30
    ... rate = "1.0887"
    ... source = "ECB"
    ... ''', name="rates.toml")
    >>> rates.missing_day
    MissingDay(within_days=7)
    """
    try:
        # Without this a rate that is written as a number would come as a float.
        data = tomllib.loads(contents, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    if unknown := sorted(data.keys() - set(_KEYS)):
        msg = f"keys of {name} must be among {', '.join(_KEYS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    try:
        return ExchangeRates(
            [_entry(entry, place) for place, entry in enumerate(_entries(data), start=1)],
            missing_day=MissingDay(data.get("previous-within-days", 0)),
            pivot=data.get("pivot", ""),
        )
    except (DocumentError, PolicyError) as error:
        msg = f"{name} must hold exchange rates, got {error}"
        raise PolicyError(msg) from error


def _entries(data: Mapping[str, Any]) -> list[Any]:
    entries = data.get("rates", [])
    if not isinstance(entries, list):
        msg = f"rates must be an array of tables, got {entries!r}"
        raise PolicyError(msg)
    return entries


def _entry(entry: object, place: int) -> QuotedRate:
    if not isinstance(entry, dict):
        msg = f"rate {place} must be a table, got {entry!r}"
        raise PolicyError(msg)
    if unknown := sorted(entry.keys() - set(_FIELDS)):
        msg = f"keys of rate {place} must be among {', '.join(_FIELDS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    try:
        return _quoted(entry, source="")
    except _Flaw as flaw:
        msg = f"rate {place}: {flaw}"
        raise PolicyError(msg) from None


def _quoted(row: Mapping[str, object], *, source: str) -> QuotedRate:
    rate = ExchangeRate(
        base=_currency(row, "base"),
        quote=_currency(row, "quote"),
        rate=_rate(row),
        date=_date(row),
        source=str(row.get("source") or source),
    )
    if rate.base == rate.quote:
        msg = f"quote must be another currency than base, got {rate.quote}"
        raise _Flaw(_INVALID, msg, field="quote")
    return QuotedRate(rate, _kind(row))


def _currency(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        msg = f"{field} must name a currency, got {value!r}"
        raise _Flaw("currency.missing", msg, field=field)
    code = value.strip()
    try:
        digits(code)
    except UnknownCurrencyError as error:
        raise _Flaw("currency.unknown", str(error), field=field) from None
    return code


def _rate(row: Mapping[str, object]) -> Decimal:
    value = row.get("rate")
    rate: Decimal | None = None
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        rate = Decimal(value)
    elif isinstance(value, str):
        try:
            rate = parse_amount(value, decimal=".", grouping="")
        except MoneyError:
            rate = None
    if rate is None or not rate.is_finite() or rate <= 0:
        msg = f"rate must be a positive number with a decimal point, got {value!r}"
        raise _Flaw(_INVALID, msg, field="rate")
    return rate


def _date(row: Mapping[str, object]) -> dt.date:
    value = row.get("date")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if value is None or value == "":
        msg = f"date must be there, got {value!r}"
        raise _Flaw("date.missing", msg, field="date")
    try:
        return parse_date(value if isinstance(value, str) else "", format="%Y-%m-%d")
    except DocumentError:
        msg = f"date must be a day like 2026-10-31, got {value!r}"
        raise _Flaw("date.invalid", msg, field="date") from None


def _kind(row: Mapping[str, object]) -> RateKind:
    value = row.get("kind") or RateKind.SPOT.value
    if not isinstance(value, str) or value not in _KINDS:
        msg = f"kind must be one of {', '.join(_KINDS)}, got {value!r}"
        raise _Flaw(_INVALID, msg, field="kind")
    return _KINDS[value]
