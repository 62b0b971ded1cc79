"""Procedures from the contents of files, and those that come with the library.

Each value of a packaged procedure says where it was found; what was not read in a source is marked
as unverified.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, TypeVar

from receivables.dunning.choosing import ChoiceRule, ProcedureChoice
from receivables.dunning.model import (
    CourtesyReminder,
    CourtesyThreshold,
    DunningLevel,
    DunningProcedure,
    RuleSource,
)
from receivables.errors import PolicyError, ReceivablesError
from receivables.money import minor_of

__all__ = [
    "load_choice",
    "load_procedure",
    "load_procedures",
    "packaged_procedure",
    "packaged_procedures",
]

T = TypeVar("T")

_FILE_MAX: Final = 1_000_000
"""Characters of one file; the longest procedure has a hundredth of it."""

_PROCEDURE_KEYS: Final = (
    "name",
    "version",
    "ladder",
    "title",
    "per",
    "grace_days",
    "minimums",
    "courtesy",
    "levels",
    "fees_allowed",
    "interest_allowed",
    "sources",
    "notes",
)
_LEVEL_KEYS: Final = (
    "days_past_due",
    "days_after_previous",
    "letter",
    "stage",
    "channel",
    "fees",
    "charges_interest",
    "deadline_days",
)
_COURTESY_KEYS: Final = ("days_before_due", "letter", "channel", "thresholds")
_THRESHOLD_KEYS: Final = ("amount", "currency", "country", "regions", "postal_prefixes")
_RULE_KEYS: Final = (
    "name",
    "procedure",
    "segments",
    "countries",
    "regions",
    "languages",
    "consumer",
    "from",
)


class _Table:
    """A table that knows where it stands, for messages; keys may have hyphens."""

    def __init__(self, name: str, values: Mapping[str, Any], *known: str) -> None:
        self.name = name
        self.values = {key.replace("-", "_"): value for key, value in values.items()}
        if unknown := sorted(self.values.keys() - set(known)) if known else []:
            shown = ", ".join(sorted(key.replace("_", "-") for key in known))
            msg = f"keys of {name} must be among {shown}, got {', '.join(unknown)}"
            raise PolicyError(msg)

    def must(self, key: str) -> None:
        """Refuse a table without a key."""
        if key not in self.values:
            msg = f"{self._key(key)} must be given, got none"
            raise PolicyError(msg)

    def given(self, *keys: str) -> dict[str, Any]:
        """The values of some keys, as far as they are there."""
        return {key: self.values[key] for key in keys if key in self.values}

    def of(self, key: str, type_: type[T], default: T) -> T:
        """The value of a key, of a type; raises `PolicyError` naming the key."""
        value = self.values.get(key, default)
        is_bool = isinstance(value, bool)
        if not isinstance(value, type_) or (is_bool and type_ is not bool):
            msg = f"{self._key(key)} must be {_TYPE_NAMES[type_]}, got {value!r}"
            raise PolicyError(msg)
        return value

    def texts(self, key: str) -> list[str]:
        """The value of a key as a list of texts."""
        found = self.of(key, list, [])
        if any(not isinstance(one, str) for one in found):
            msg = f"{self._key(key)} must be a list of texts, got {found!r}"
            raise PolicyError(msg)
        return found

    def tables(self, key: str, *known: str) -> list[_Table]:
        """The tables of a key, each named by its place."""
        rows = self.of(key, list, [])
        return [
            _Table(
                f"{self.name}: {key}.{index}", _mapping(row, f"{self.name}: {key}.{index}"), *known
            )
            for index, row in enumerate(rows, 1)
        ]

    def minor(self, key: str, value: object, currency: str) -> int:
        """An amount, given as text such as '10.00' or as a whole number, in minor units."""
        if not isinstance(value, str | int) or isinstance(value, bool):
            msg = f"{self._key(key)} must be text such as '10.00', got {value!r}"
            raise PolicyError(msg)
        try:
            return minor_of(Decimal(value), currency)
        except (InvalidOperation, ReceivablesError) as error:
            msg = f"{self._key(key)} must be an amount of {currency}, got {value!r}: {error}"
            raise PolicyError(msg) from error

    def amounts(self, key: str) -> dict[str, int]:
        """Amounts by currency, in minor units."""
        rows = self.of(key, dict, {})
        return {code: self.minor(key, value, code) for code, value in rows.items()}

    def build(self, make: Callable[..., T], **fields: Any) -> T:  # noqa: ANN401  # the value checks
        """Make a value, and say of which table what is wrong with it."""
        try:
            return make(**fields)
        except (TypeError, ValueError) as error:
            msg = f"{self.name} must hold a {_VALUE_NAMES[make]}, got {error}"
            raise PolicyError(msg) from error

    def _key(self, key: str) -> str:
        return f"{key.replace('_', '-')} of {self.name}"


_TYPE_NAMES: Final[Mapping[type, str]] = MappingProxyType(
    {bool: "true or false", dict: "a table", int: "a whole number", list: "a list", str: "text"}
)
_VALUE_NAMES: Final[Mapping[Callable[..., Any], str]] = MappingProxyType(
    {
        ChoiceRule: "rule",
        CourtesyReminder: "courtesy reminder",
        CourtesyThreshold: "threshold",
        DunningLevel: "level",
        DunningProcedure: "procedure",
        RuleSource: "source",
    }
)


def load_procedure(
    contents: str | Mapping[str, Any], *, name: str = "procedure"
) -> DunningProcedure:
    """A procedure from the contents of a TOML file, or from its tables.

    Raises `PolicyError` naming the file, the table and the key.

    >>> house = load_procedure('''
    ... name = "house"
    ... version = "2026-11"
    ... minimums = { EUR = "10.00" }
    ... levels = [
    ...     { days-past-due = 8, letter = "reminder-1" },
    ...     { days-past-due = 30, letter = "formal-notice", fees = { EUR = "15.00" } },
    ... ]
    ... ''', name="house.toml")
    >>> house.levels[1].fees_minor["EUR"], house.minimums_minor["EUR"]
    (1500, 1000)
    """
    table = _Table(name, _parsed(contents, name), *_PROCEDURE_KEYS)
    fields = {
        "name": table.of("name", str, "own"),
        "version": table.of("version", str, "1"),
        "levels": [_level(each) for each in table.tables("levels", *_LEVEL_KEYS)],
        "minimums_minor": table.amounts("minimums"),
        "sources": _sources(table),
        "notes": table.texts("notes"),
        **table.given("ladder", "title", "per", "grace_days", "fees_allowed", "interest_allowed"),
    }
    for key in ("ladder", "title", "per"):
        table.of(key, str, "")
    for key in ("fees_allowed", "interest_allowed"):
        table.of(key, bool, True)  # noqa: FBT003  # the default of a lookup
    table.of("grace_days", int, 0)
    if "courtesy" in table.values:
        row = _mapping(table.values["courtesy"], f"{name}: courtesy")
        fields["courtesy"] = _courtesy(_Table(f"{name}: courtesy", row, *_COURTESY_KEYS))
    return table.build(DunningProcedure, **fields)


def _parsed(contents: str | Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if not isinstance(contents, str):
        return contents
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    try:
        return tomllib.loads(contents, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error


def _mapping(row: object, name: str) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        msg = f"{name} must be a table, got {row!r}"
        raise PolicyError(msg)
    return row


def _level(table: _Table) -> DunningLevel:
    table.must("days_past_due")
    table.of("days_past_due", int, 1)
    table.of("days_after_previous", int, 1)
    table.of("deadline_days", int, 1)
    table.of("charges_interest", bool, False)  # noqa: FBT003  # the default of a lookup
    table.of("letter", str, "")
    plain = [key for key in _LEVEL_KEYS if key != "fees"]
    fields = {**table.given(*plain), "fees_minor": table.amounts("fees")}
    return table.build(DunningLevel, **fields)


def _courtesy(table: _Table) -> CourtesyReminder:
    table.must("days_before_due")
    table.of("days_before_due", int, 1)
    thresholds = [_threshold(each) for each in table.tables("thresholds", *_THRESHOLD_KEYS)]
    plain = table.given("days_before_due", "letter", "channel")
    return table.build(CourtesyReminder, thresholds=thresholds, **plain)


def _threshold(table: _Table) -> CourtesyThreshold:
    currency = table.of("currency", str, "")
    return table.build(
        CourtesyThreshold,
        amount_minor=table.minor("amount", table.values.get("amount"), currency),
        currency=currency,
        country=table.of("country", str, ""),
        regions=table.texts("regions"),
        postal_prefixes=table.texts("postal_prefixes"),
    )


def _sources(table: _Table) -> dict[str, RuleSource]:
    rows = table.of("sources", dict, {})
    found = {}
    for key, row in rows.items():
        each = _Table(
            f"{table.name}: sources.{key}",
            _mapping(row, f"{table.name}: sources.{key}"),
            "source",
            "unverified",
        )
        each.must("source")
        found[key] = each.build(RuleSource, **each.values)
    return found


def load_procedures(
    contents: str | Mapping[str, Any], *, name: str = "procedures"
) -> Mapping[str, DunningProcedure]:
    """Several procedures from one file, each a ``[[procedure]]`` table, by their names.

    Raises `PolicyError` as `load_procedure` does, and where two have one name.
    """
    table = _Table(name, _parsed(contents, name), "procedure")
    found: dict[str, DunningProcedure] = {}
    for index, row in enumerate(table.of("procedure", list, []), 1):
        one = load_procedure(
            _mapping(row, f"{name}: procedure.{index}"), name=f"{name}: procedure.{index}"
        )
        if one.name in found:
            msg = f"name of {name}: procedure.{index} must be new, got {one.name!r} again"
            raise PolicyError(msg)
        found[one.name] = one
    return MappingProxyType(found)


def load_choice(
    contents: str | Mapping[str, Any],
    *,
    procedures: Mapping[str, DunningProcedure] | None = None,
    name: str = "choice",
) -> ProcedureChoice:
    """Rules that choose among procedures, by their names; the packaged ones unless others are given.

    Raises `PolicyError` naming the table and the key.

    >>> choice = load_choice('''
    ... default = "france-business"
    ... [[rule]]
    ... name = "consumers"
    ... procedure = "france-consumer"
    ... consumer = true
    ... ''')
    >>> [one.name for one in choice.procedures]
    ['france-consumer', 'france-business']
    """
    known = packaged_procedures() if procedures is None else procedures
    table = _Table(name, _parsed(contents, name), "default", "rule")
    return ProcedureChoice(
        rules=[_rule(each, known) for each in table.tables("rule", *_RULE_KEYS)],
        default=_named(table, "default", known),
    )


def _rule(table: _Table, known: Mapping[str, DunningProcedure]) -> ChoiceRule:
    chosen = _named(table, "procedure", known)
    consumer = table.of("consumer", bool, False) if "consumer" in table.values else None  # noqa: FBT003  # see above
    return table.build(
        ChoiceRule,
        name=table.of("name", str, chosen.name),
        procedure=chosen,
        segments=table.texts("segments"),
        countries=table.texts("countries"),
        regions=table.texts("regions"),
        languages=table.texts("languages"),
        is_consumer=consumer,
        least_minor=table.amounts("from"),
    )


def _named(table: _Table, key: str, known: Mapping[str, DunningProcedure]) -> DunningProcedure:
    name = table.of(key, str, "")
    if name not in known:
        msg = f"{key} of {table.name} must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]


@functools.cache
def packaged_procedures() -> Mapping[str, DunningProcedure]:
    """The procedures that come with the library, by name, read when first asked for."""
    folder = resources.files("receivables.dunning") / "procedures"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    found = _read((file.name, file.read_text(encoding="utf-8")) for file in files)
    return MappingProxyType(found)


def _read(files: Iterable[tuple[str, str]]) -> dict[str, DunningProcedure]:
    procedures = (load_procedure(text, name=name) for name, text in files)
    return {procedure.name: procedure for procedure in procedures}


def packaged_procedure(name: str) -> DunningProcedure:
    """A procedure that comes with the library; raises `PolicyError` listing them.

    >>> packaged_procedure("france-business").levels[-1].stage.value
    'payment-order'
    """
    known = packaged_procedures()
    if name not in known:
        msg = f"procedure must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]
