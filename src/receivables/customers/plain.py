"""The plain form of a register, for JSON: dictionaries, lists, texts, integers, and nothing lost.

>>> import json
>>> moment = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
>>> register = CustomerRegister().take_over(
...     [Customer(customer="C-017", name="Roy SARL")], on=dt.date(2026, 1, 1), at=moment,
...     by="L. Roy", source="opening")
>>> from_plain(json.loads(json.dumps(to_plain(register)))) == register
True
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, Final

import attrs

from receivables.customers.model import ChangePolicy, FieldChange, ProposalDecision
from receivables.customers.register import (
    CustomerMasked,
    CustomerRegister,
    CustomerReviewed,
    CustomerTakenOver,
    ProposalRecorded,
    RegisterEntry,
)
from receivables.errors import DocumentError, ReceivablesError
from receivables.parties import Customer

__all__ = ["FORMAT_VERSION", "from_plain", "record_from_plain", "record_to_plain", "to_plain"]

FORMAT_VERSION: Final = 1
"""The version of the plain form; it grows when an older reader would misread a newer register."""

_KINDS: Final[Mapping[str, type[Any]]] = {
    "taken-over": CustomerTakenOver,
    "proposed": ProposalRecorded,
    "decided": ProposalDecision,
    "reviewed": CustomerReviewed,
    "masked": CustomerMasked,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


def to_plain(register: CustomerRegister) -> dict[str, Any]:
    """The plain form of a register with its policy."""
    return {
        "format": FORMAT_VERSION,
        "policy": _encoded(register.policy),
        "entries": [{"kind": _NAMES[type(entry)], **_encoded(entry)} for entry in register.entries],
    }


def from_plain(plain: object) -> CustomerRegister:
    """The register of a plain form, every rule checked again.

    Raises `DocumentError` where the version, a kind or a field is unknown, missing or of the wrong
    type, and `EventError` where an entry cannot follow those before it.
    """
    if not isinstance(plain, Mapping) or plain.get("format") != FORMAT_VERSION:
        msg = f"format of a plain register must be {FORMAT_VERSION}, got {plain!r:.60}"
        raise DocumentError(msg)
    policy = _decoded(ChangePolicy, plain.get("policy"))
    rows = plain.get("entries")
    if not isinstance(rows, list):
        msg = f"entries of a plain register must be a list, got {rows!r:.60}"
        raise DocumentError(msg)
    return CustomerRegister([_entry(row) for row in rows], policy=policy)


def record_to_plain(customer: Customer) -> dict[str, Any]:
    """The plain form of one record."""
    plain: dict[str, Any] = _encoded(customer)
    return plain


def record_from_plain(plain: Mapping[str, Any]) -> Customer:
    """The record of a plain form; raises `DocumentError` for one that is none."""
    customer: Customer = _decoded(Customer, plain)
    return customer


def _entry(row: object) -> RegisterEntry:
    kind = row.get("kind") if isinstance(row, Mapping) else None
    if not isinstance(row, Mapping) or kind not in _KINDS:
        msg = f"kind of an entry must be among {', '.join(_KINDS)}, got {kind!r}"
        raise DocumentError(msg)
    fields = {name: value for name, value in row.items() if name != "kind"}
    if kind == "proposed" and isinstance(fields.get("proposal"), Mapping):
        # A proposal has a kind of its own, which stands inside of it.
        fields["proposal"] = dict(fields["proposal"])
    entry: RegisterEntry = _decoded(_KINDS[str(kind)], fields)
    return entry


def _encoded(value: Any) -> Any:  # noqa: ANN401, PLR0911  # one answer per kind of value
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(map(_encoded, value))
    if isinstance(value, tuple):
        return [_encoded(each) for each in value]
    return {field.name: _encoded(getattr(value, field.name)) for field in attrs.fields(type(value))}


_known_hints = functools.cache(typing.get_type_hints)


def _hints(kind: type[Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _known_hints(kind)  # type: ignore[arg-type]  # a class can be hashed
    return found


def _decoded(hint: Any, value: Any) -> Any:  # noqa: ANN401  # any annotation and its value
    try:
        return _read(hint, value)
    except ReceivablesError:
        raise
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        name = getattr(hint, "__name__", str(hint))
        msg = f"{name} must be as it is written, got {error}"
        raise DocumentError(msg) from error


def _read(hint: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911  # one answer per kind of annotation
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = next(each for each in typing.get_args(hint) if each is not type(None))
        return None if value is None else _read(inner, value)
    if origin in (tuple, frozenset):
        return _list(hint, origin, value)
    if hint is FieldChange:
        return _change(value)
    if attrs.has(hint):
        return _object(hint, value)
    if issubclass(hint, enum.Enum):
        return hint(value)
    if issubclass(hint, dt.date):
        return hint.fromisoformat(value)
    return _leaf(hint, value)


def _leaf(hint: type[Any], value: object) -> object:
    if type(value) is not hint:
        msg = f"a value must be of type {hint.__name__}, got {value!r}"
        raise DocumentError(msg)
    return value


def _list(hint: Any, origin: Any, value: Any) -> Any:  # noqa: ANN401  # any list of values
    if not isinstance(value, list):
        msg = f"a list must be given, got {value!r}"
        raise DocumentError(msg)
    parts = typing.get_args(hint)
    if len(parts) > 1 and parts[1] is not Ellipsis:
        return tuple(_read(part, each) for part, each in zip(parts, value, strict=True))
    return origin(_read(parts[0], each) for each in value)


def _object(hint: type[Any], value: Any) -> Any:  # noqa: ANN401  # an instance of hint
    if not isinstance(value, Mapping):
        msg = f"{hint.__name__} must be an object, got {value!r}"
        raise DocumentError(msg)
    hints = _hints(hint)
    if unknown := sorted(value.keys() - hints.keys()):
        msg = f"fields of {hint.__name__} must be known, got {', '.join(unknown)}"
        raise DocumentError(msg)
    return hint(**{name: _read(hints[name], each) for name, each in value.items()})


def _change(value: Any) -> FieldChange:  # noqa: ANN401  # the plain form of a change
    field = value["field"]
    hint = _hints(Customer).get(field)
    if hint is None or set(value) != {"field", "before", "after"}:
        msg = f"a change must have field, before and after of a customer, got {sorted(value)} of {field!r}"
        raise DocumentError(msg)
    return FieldChange(
        field=field, before=_read(hint, value["before"]), after=_read(hint, value["after"])
    )
