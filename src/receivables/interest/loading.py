"""Jurisdictions and rates from the contents of files, and the packs that come with the library."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import itertools
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.interest.model import (
    CompensationRule,
    Jurisdiction,
    Margin,
    Provenance,
    RateCap,
    RateFloor,
    RateSeries,
    ReferenceRate,
    SourceStatus,
    Tier,
)

__all__ = [
    "RATE_COLUMNS",
    "jurisdiction",
    "jurisdictions",
    "load_jurisdiction",
    "load_rates",
]

_FILE_MAX: Final = 1_000_000
"""Characters of one file; a century of daily rates has fewer."""

RATE_COLUMNS: Final = ("series", "valid_from", "valid_to", "rate_percent", "status", "source")
"""The headings of a file of rates, in their order."""


def load_jurisdiction(contents: str, *, name: str) -> Jurisdiction:
    """A jurisdiction from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> load_jurisdiction('''
    ... name = "house"
    ... currency = "EUR"
    ... [[margin]]
    ... from = 2026-01-01
    ... percent = "9"
    ... article = "our terms, section 7"
    ... status = "verified"
    ... ''', name="house.toml").margins[0].percent
    Decimal('9')
    """
    _check_size(contents, name)
    try:
        data = tomllib.loads(contents, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    plain = {key.replace("-", "_"): value for key, value in data.items()}
    _check_keys(plain, name)
    try:
        return Jurisdiction(**_values(plain))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        msg = f"{name} must hold a jurisdiction, got {error}"
        raise PolicyError(msg) from error


def _check_size(contents: str, name: str) -> None:
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)


_TABLES: Final = MappingProxyType({"margin": "margins", "cap": "caps"})
"""What is called in the singular in a file, because each is a table of its own there."""


def _check_keys(data: Mapping[str, Any], name: str) -> None:
    fields = {field.name for field in attrs.fields(Jurisdiction)} - set(_TABLES.values())
    if unknown := sorted(data.keys() - fields - set(_TABLES)):
        known = ", ".join(sorted(key.replace("_", "-") for key in fields | set(_TABLES)))
        msg = f"keys of {name} must be among {known}, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    values = {_TABLES.get(key, key): value for key, value in data.items()}
    values["margins"] = [Margin(**_dated(row)) for row in values.get("margins", ())]
    values["caps"] = [
        RateCap(percent=row.get("percent"), **_without(row, "percent"))
        for row in values.get("caps", ())
    ]
    values["compensation"] = [
        CompensationRule(
            tiers=[_tier(tier) for tier in row["tiers"]], **_dated(_without(row, "tiers"))
        )
        for row in values.get("compensation", ())
    ]
    values["provenance"] = {
        key.replace("-", "_"): Provenance(**row)
        for key, row in values.get("provenance", {}).items()
    }
    if "floor" in values:
        values["floor"] = RateFloor(**values["floor"])
    return values


def _without(row: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"valid_from": row["from"], **_without(row, "from")}


def _tier(row: Mapping[str, Any]) -> Tier:
    return Tier(from_amount=row.get("from", 0), amount=row["amount"])


@functools.cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """The jurisdictions that come with the library, by name, read when first asked for."""
    folder = resources.files("receivables.interest") / "packs"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    packs = [load_jurisdiction(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    return MappingProxyType({pack.name: pack for pack in packs})


def jurisdiction(name: str) -> Jurisdiction:
    """A jurisdiction that comes with the library; raises `PolicyError` listing them.

    >>> jurisdiction("uk").is_frozen
    True
    """
    known = jurisdictions()
    if name not in known:
        msg = f"jurisdiction must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]


def load_rates(contents: str, *, name: str) -> tuple[RateSeries, ...]:
    r"""Series of rates from the contents of a CSV file with the headings of `RATE_COLUMNS`.

    Days are written like 2026-07-01; an empty `valid_to` holds until the next row of the series, an
    empty rate is a gap with the status ``not-found``.  Raises `PolicyError` naming file and line.

    >>> text = "series,valid_from,valid_to,rate_percent,status,source\nown,2026-01-01,,4.5,verified,me"
    >>> load_rates(text, name="own.csv")[0].rates[0].rate
    Decimal('4.5')
    """
    _check_size(contents, name)
    rows = list(csv.reader(contents.splitlines()))
    if not rows or tuple(rows[0]) != RATE_COLUMNS:
        found = ",".join(rows[0]) if rows else "nothing"
        msg = f"headings of {name} must be {','.join(RATE_COLUMNS)}, got {found}"
        raise PolicyError(msg)
    rates = [_rate(row, f"{name}:{line}") for line, row in enumerate(rows[1:], start=2) if row]
    return tuple(_series(rates))


def _series(rates: Iterable[ReferenceRate]) -> Iterable[RateSeries]:
    by_name = sorted(rates, key=lambda row: (row.name, row.valid_from))
    for name, rows in itertools.groupby(by_name, key=lambda row: row.name):
        yield RateSeries(name, rows)


def _rate(row: list[str], place: str) -> ReferenceRate:
    if len(row) != len(RATE_COLUMNS):
        msg = f"{place} must have {len(RATE_COLUMNS)} fields, got {len(row)}"
        raise PolicyError(msg)
    series, first, last, percent, status, source = row
    try:
        return ReferenceRate(
            name=series,
            valid_from=dt.date.fromisoformat(first),
            valid_to=dt.date.fromisoformat(last) if last else None,
            rate=percent or None,
            status=SourceStatus(status),
            source=source,
        )
    except ValueError as error:
        msg = f"{place} must hold a rate, got {error}"
        raise PolicyError(msg) from error
