"""The workshop: scorecards as tables of plain data, and as TOML that a person reads and edits."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs

from receivables.errors import PolicyError
from receivables.scoring._scorecard_model import (
    Bin,
    BinKind,
    CardSource,
    Characteristic,
    Direction,
    Scorecard,
)
from receivables.scoring._scorecard_scaling import Scaling

__all__ = ["card_of", "dump_scorecard", "load_scorecard", "table_of"]

_Made = TypeVar("_Made")
_FILE_MAX: Final = 4_000_000
"""Characters of one file; a card of fifteen characteristics has some twenty thousand."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_RENAMED: Final = {"lower": "from", "upper": "below", "woe_sign": "woe"}
"""Fields that a person knows by another word; the ends of an interval say which belongs to it."""


def table_of(card: Scorecard) -> dict[str, Any]:
    """A card as plain data: what is empty or as by default is left out."""
    table = _plain(card, skip=("characteristics", "scaling"))
    table["source"] = card.source.value
    table["scaling"] = {name: str(value) for name, value in attrs.asdict(card.scaling).items()}
    table["characteristics"] = [_characteristic_table(one) for one in card.characteristics]
    return table


def _characteristic_table(one: Characteristic) -> dict[str, Any]:
    table = _plain(one, skip=("bins",))
    table["bins"] = [
        {"kind": each.kind.value, **_plain(each, skip=("kind",)), "points": each.points}
        for each in one.bins
    ]
    return table


def _plain(value: Any, *, skip: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401  # any attrs value
    table = {}
    for field in attrs.fields(type(value)):
        found = getattr(value, field.name)
        if (
            not field.init
            or field.name in skip
            or found == field.default
            or found in (None, (), "")
        ):
            continue
        table[_key(field.name)] = _text(found)
    return table


def _key(name: str) -> str:
    return _RENAMED.get(name, name.replace("_", "-"))


def _text(value: Any) -> Any:  # noqa: ANN401  # plain data of any kind
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return getattr(value, "value", value)


def card_of(table: Mapping[str, Any], *, name: str) -> Scorecard:
    """The card of a table; raises `PolicyError` that names the key."""
    values = _fields(table, Scorecard, name)
    rows = values.get("characteristics", ())
    if not isinstance(rows, (list, tuple)):
        msg = f"{name}: characteristics must be a list of tables, got {type(rows).__name__}"
        raise PolicyError(msg)
    values["characteristics"] = [
        _characteristic(row, f"{name}: characteristic {place}")
        for place, row in enumerate(rows, start=1)
    ]
    if "scaling" in values:
        scaling = _fields(values["scaling"], Scaling, f"{name}: scaling")
        values["scaling"] = _built(lambda: Scaling(**scaling), f"{name}: scaling")
    for key in ("fitted_from", "fitted_to"):
        if key in values:
            values[key] = _day(values[key], f"{name}: {_key(key)}")
    return _built(lambda: Scorecard(**values), name)


def _characteristic(row: Any, name: str) -> Characteristic:  # noqa: ANN401  # checked here
    values = _fields(row, Characteristic, name)
    if isinstance(values.get("name"), str):
        name = f"{name} ({values['name']})"
    bins = values.get("bins", ())
    if not isinstance(bins, (list, tuple)):
        msg = f"{name}: bins must be a list of tables, got {type(bins).__name__}"
        raise PolicyError(msg)
    values["bins"] = [_bin(each, f"{name}: bin {place}") for place, each in enumerate(bins, 1)]
    return _built(lambda: Characteristic(**values), name)


def _bin(row: Any, name: str) -> Bin:  # noqa: ANN401  # checked here
    values = _fields(row, Bin, name)
    if values.get("woe") is not None:
        values["woe"] = _built(lambda: Decimal(str(values["woe"])), f"{name}: woe")
    return _built(lambda: Bin(**values), name)


def _fields(table: Any, kind: type, name: str) -> dict[str, Any]:  # noqa: ANN401  # checked here
    if not isinstance(table, Mapping):
        msg = f"{name} must be a table, got {type(table).__name__}"
        raise PolicyError(msg)
    known = {_key(field.name): field.name for field in attrs.fields(kind) if field.init}
    unknown = sorted(str(key) for key in table if str(key).replace("_", "-") not in known)
    if unknown:
        msg = f"{name} must have keys among {', '.join(sorted(known))}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    return {known[str(key).replace("_", "-")]: value for key, value in table.items()}


def _built(build: Callable[[], _Made], name: str) -> _Made:
    try:
        return build()
    except PolicyError as error:
        msg = f"{name}: {error}"
        raise PolicyError(msg) from error
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        kinds = {
            kind: ", ".join(member.value for member in kind)
            for kind in (BinKind, Direction, CardSource)
        }
        known = [words for kind, words in kinds.items() if kind.__name__ in str(error)]
        hint = f"; known are {known[0]}" if known else ""
        msg = f"{name} must be complete and of the right types, got {error}{hint}"
        raise PolicyError(msg) from error


def _day(value: Any, name: str) -> dt.date:  # noqa: ANN401  # checked here
    if isinstance(value, dt.date):
        return value
    return _built(lambda: dt.date.fromisoformat(value), name)


def load_scorecard(contents: str, *, name: str) -> Scorecard:
    """The card from the contents of a TOML file, or a JSON one; raises `PolicyError` naming it."""
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    is_json = contents.lstrip().startswith("{")
    try:
        table = (
            json.loads(contents, parse_float=Decimal)
            if is_json
            else tomllib.loads(contents, parse_float=Decimal)
        )
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        msg = f"{name} must be TOML or JSON, got {error}"
        raise PolicyError(msg) from error
    return card_of(table, name=name)


def dump_scorecard(card: Scorecard) -> str:
    """The card as the contents of a TOML file, one bin a line; `load_scorecard` reads it back."""
    table = table_of(card)
    rows = table.pop("characteristics")
    scaling = table.pop("scaling")
    lines = [f"{_word(key)} = {_value(value)}" for key, value in table.items()]
    lines += ["", "[scaling]", *(f"{_word(key)} = {_value(v)}" for key, v in scaling.items())]
    for row in rows:
        bins = row.pop("bins")
        lines += ["", "[[characteristics]]"]
        lines += [f"{_word(key)} = {_value(value)}" for key, value in row.items()]
        lines += ["bins = [", *(f"    {_value(each)}," for each in bins), "]"]
    return "\n".join(lines) + "\n"


def _word(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:  # noqa: ANN401  # plain data of any kind
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # The escapes of JSON are escapes of TOML, but for the one character that JSON leaves.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_word(k)} = {_value(v)}" for k, v in value.items()) + " }"
    return "[" + ", ".join(_value(each) for each in value) + "]"
