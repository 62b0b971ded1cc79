"""Packs of conduct rules from the contents of files, and those that come with the library.

>>> packs()["us-regulation-f"].country
'US'
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.conduct.model import ConductPack, ConductRule, Window, WordingRule
from receivables.errors import PolicyError
from receivables.parties import Customer

__all__ = ["HOUSE", "load_pack", "pack", "packs", "packs_for", "read_tables"]

HOUSE: Final = "house"
"""The pack of what customers asked for, which holds everywhere."""

_FILE_MAX: Final = 1_000_000
"""Characters of one file; the law of one place has fewer."""


def read_tables(contents: str, *, name: str) -> dict[str, Any]:
    """The tables of a TOML file, with its keys as names of fields; raises `PolicyError`."""
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    try:
        data = tomllib.loads(contents)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    return {_field(key): value for key, value in data.items()}


def load_pack(contents: str, *, name: str) -> ConductPack:
    """A pack from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> load_pack('''
    ... name = "two-a-week"
    ... title = "Our own limit"
    ... version = 2026-11-01
    ... [[rule]]
    ... id = "two-a-week.calls"
    ... kind = "call-frequency"
    ... contacts-max = 2
    ... days = 7
    ... article = "our manual, section 3"
    ... text = "no more than two calls a week"
    ... source = "house"
    ... status = "verified"
    ... ''', name="own.toml").rules[0].contacts_max
    2
    """
    data = read_tables(contents, name=name)
    try:
        rules = [_rule(row) for row in data.pop("rule", ())]
        wording = [WordingRule(**_fields(row)) for row in data.pop("wording", ())]
        return ConductPack(**_checked(data), rules=rules, wording=wording)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        msg = f"{name} must hold a pack of rules, got {error}"
        raise PolicyError(msg) from error


def _field(key: str) -> str:
    return key.replace("-", "_")


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {_field(key): value for key, value in row.items()}


def _rule(row: Mapping[str, Any]) -> ConductRule:
    values = _fields(row)
    values["windows"] = [Window(**_fields(window)) for window in values.get("windows", ())]
    return ConductRule(**values)


def _checked(data: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name for field in attrs.fields(ConductPack)} - {"rules", "wording"}
    if unknown := sorted(data.keys() - known):
        msg = f"unknown keys {', '.join(unknown)}"
        raise PolicyError(msg)
    return dict(data)


@functools.cache
def packs() -> Mapping[str, ConductPack]:
    """The packs that come with the library, by name, read when first asked for."""
    folder = resources.files("receivables.conduct") / "packs"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    found = [load_pack(file.read_text(encoding="utf-8"), name=file.name) for file in files]
    return MappingProxyType({one.name: one for one in found})


def pack(name: str) -> ConductPack:
    """A pack that comes with the library; raises `PolicyError` listing them.

    >>> pack("quebec").regions
    ('QC', 'Québec', 'Quebec')
    """
    known = packs()
    if name not in known:
        msg = f"pack must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]


def packs_for(customer: Customer) -> tuple[ConductPack, ...]:
    """The packs that hold at a customer's place, the one of wishes first.

    The place is the country of the customer, or else of its address, and the region of the address,
    or else what its postal code says.

    >>> here = Customer(customer="C-1", name="Harfang inc.", country="CA")
    >>> [one.name for one in packs_for(here)]
    ['house', 'canada']
    """
    return tuple(
        sorted(
            (one for one in packs().values() if _holds(one, customer)),
            key=lambda one: (one.name != HOUSE, one.name),
        )
    )


def _holds(one: ConductPack, customer: Customer) -> bool:
    address = customer.address
    if one.country and one.country != (customer.country or address.country).upper():
        return False
    if not one.regions:
        return True
    if address.region:
        return address.region.casefold() in {region.casefold() for region in one.regions}
    return bool(one.postal_codes) and address.postal_code.upper().startswith(one.postal_codes)
