"""Provision matrices from tables and files, and those that come with the library.

>>> matrix("cecl-asu-example").rate(1)
Fraction(11, 125)
"""

from __future__ import annotations

import enum
import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, TypeVar

from receivables._arithmetic import Rounding
from receivables.aging.model import AgeBasis, AgingScheme, Credits, Undated
from receivables.allowance.policies import (
    AllowanceBase,
    AllowanceStandard,
    Discounting,
    ForwardLooking,
    ImpairmentPolicy,
    ProvisionMatrix,
    SegmentRates,
)
from receivables.errors import PolicyError

__all__ = ["load_matrix", "matrices", "matrix", "provision_matrix"]

_FILE_MAX: Final = 1_000_000
"""Characters of one file; a matrix of a hundred segments has fewer."""
_REST: Final = "default"
"""What a file calls the segment of everybody else."""

_Word = TypeVar("_Word", bound=enum.Enum)

_KEYS: Final = frozenset(
    {
        *("name", "version", "standard", "base", "rounding", "segment_by", "covered_rate"),
        *("sources", "note", "verified", "scheme", "rates"),
        *("forward_looking", "discounting", "impairment"),
    }
)
_PART_KEYS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "scheme": frozenset({"upper_bounds", "basis", "credits", "undated"}),
        "forward_looking": frozenset(
            {"multiplier", "by_bucket", "by_segment", "skips_current", "justification", "source"}
        ),
        "discounting": frozenset({"eir_bps", "days", "threshold_bps"}),
        "impairment": frozenset({"default_days", "rebuttal", "insolvencies", "whole_customer"}),
    }
)
_LISTS: Final = frozenset(
    {"segment_by", "sources", "upper_bounds", "by_bucket", "days", "insolvencies"}
)
_TEXTS: Final = frozenset({"name", "version", "note", "justification", "source", "rebuttal"})
_TRUTHS: Final = frozenset({"verified", "skips_current", "whole_customer"})


def provision_matrix(table: Mapping[str, Any], *, name: str = "matrix") -> ProvisionMatrix:
    """A matrix from a table as TOML gives it, with hyphens or underscores in its keys.

    Rates are texts, ``"0.3 %"`` or ``"2000/23000"``, because a float holds neither exactly; the
    segment ``default`` is everybody else.  Raises `PolicyError` naming the table and the key.

    >>> house = provision_matrix({
    ...     "version": "2026-10", "scheme": {"upper-bounds": [30, 60]},
    ...     "rates": {"default": ["0.3 %", "1.6 %", "5 %", "20 %"]},
    ... }, name="house")
    >>> house.rate(3)
    Fraction(1, 5)
    """
    values = _checked(table, _KEYS, name)
    parts = {
        part: _checked(values.pop(part, {}), known, f"{part.replace('_', '-')} of {name}")
        for part, known in _PART_KEYS.items()
    }
    if "rates" not in values or not parts["scheme"]:
        msg = f"{name} must have a scheme and rates, got {', '.join(sorted(table)) or 'nothing'}"
        raise PolicyError(msg)
    try:
        return ProvisionMatrix(
            name=values.get("name", name),
            version=values.get("version", "1"),
            scheme=_scheme(parts["scheme"], name),
            segments=_segments(values["rates"], name),
            standard=_word(values, "standard", AllowanceStandard.IFRS9_SIMPLIFIED, name),
            segment_by=values.get("segment_by", ("segment",)),
            forward_looking=ForwardLooking(**parts["forward_looking"]),
            discounting=Discounting(**parts["discounting"]),
            covered_rate=values.get("covered_rate", "0"),
            base=_word(values, "base", AllowanceBase.GROSS, name),
            impairment=ImpairmentPolicy(**parts["impairment"]),
            rounding=_word(values, "rounding", Rounding.HALF_UP, name),
            sources=values.get("sources", ()),
            note=values.get("note", ""),
            is_verified=values.get("verified", True),
        )
    except PolicyError as error:
        if name in str(error):
            raise
        msg = f"{name} must be valid: {error}"
        raise PolicyError(msg) from error
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"{name} must be valid, got {error}"
        raise PolicyError(msg) from error


def _checked(table: object, known: frozenset[str], name: str) -> dict[str, Any]:
    """The values of a table by the names of fields; refuses unknown keys and wrong kinds."""
    if not isinstance(table, Mapping):
        msg = f"{name} must be a table, got {table!r}"
        raise PolicyError(msg)
    values = {str(key).replace("-", "_"): value for key, value in table.items()}
    if unknown := sorted(set(values) - known):
        allowed = ", ".join(sorted(key.replace("_", "-") for key in known))
        msg = f"keys of {name} must be among {allowed}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    for keys, kind, word in ((_LISTS, list | tuple, "a list"), (_TEXTS, str, "a text")):
        _check_kind(values, keys, kind, f"{name} must be {word}")
    _check_kind(values, _TRUTHS, bool, f"{name} must be true or false")
    return values


def _check_kind(values: Mapping[str, Any], keys: frozenset[str], kind: Any, said: str) -> None:  # noqa: ANN401  # a type or a union
    for key in sorted(keys & set(values)):
        if not isinstance(values[key], kind):
            msg = f"{key.replace('_', '-')} of {said}, got {values[key]!r}"
            raise PolicyError(msg)


def _word(values: Mapping[str, Any], key: str, default: _Word, name: str) -> _Word:
    value = values.get(key, default)
    try:
        return type(default)(value)
    except ValueError:
        known = ", ".join(one.value for one in type(default))
        msg = f"{key.replace('_', '-')} of {name} must be one of {known}, got {value!r}"
        raise PolicyError(msg) from None


def _scheme(values: Mapping[str, Any], name: str) -> AgingScheme:
    what = f"scheme of {name}"
    return AgingScheme(
        *values.get("upper_bounds", (30, 60, 90)),
        basis=_word(values, "basis", AgeBasis.DUE_DATE, what),
        credits=_word(values, "credits", Credits.NETTED, what),
        undated=_word(values, "undated", Undated.DOCUMENT_DATE, what),
    )


def _segments(rows: object, name: str) -> tuple[SegmentRates, ...]:
    """The rates by segment: a list each, or a table of rates and where they come from."""
    if not isinstance(rows, Mapping):
        msg = f"rates of {name} must be a table with a list for each segment, got {rows!r}"
        raise PolicyError(msg)
    found = []
    for segment, row in rows.items():
        what = f"rates of segment {segment!r} of {name}"
        given = row if isinstance(row, Mapping) else {"rates": row}
        values = _checked(given, frozenset({"rates", "source"}), what)
        rates = values.get("rates")
        if not isinstance(rates, list | tuple):
            msg = f"{what} must be a list, got {row!r}"
            raise PolicyError(msg)
        own = "" if segment == _REST else segment
        found.append(SegmentRates(own, rates, source=values.get("source", "")))
    return tuple(found)


def load_matrix(contents: str, *, name: str) -> ProvisionMatrix:
    """A matrix from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> load_matrix('''
    ... name = "house"
    ... version = "2026-10"
    ... [scheme]
    ... upper-bounds = [30, 90]
    ... [rates]
    ... default = ["0.3 %", "2 %", "5 %", "2000/23000"]
    ... ''', name="house.toml").rate(3)
    Fraction(2, 23)
    """
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    try:
        table = tomllib.loads(contents)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    return provision_matrix(table, name=name)


@functools.cache
def matrices() -> Mapping[str, ProvisionMatrix]:
    """The matrices that come with the library, by name: published examples, and national rules.

    An example's rates are somebody else's: they show how a matrix is written, and are no estimate.
    """
    folder = resources.files("receivables.allowance") / "packs"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    found = [load_matrix(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    return MappingProxyType({one.name: one for one in found})


def matrix(name: str) -> ProvisionMatrix:
    """A matrix that comes with the library; raises `PolicyError` listing them.

    >>> matrix("fr-pcg").base.value
    'net-of-tax'
    """
    known = matrices()
    if name not in known:
        msg = f"matrix must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]
