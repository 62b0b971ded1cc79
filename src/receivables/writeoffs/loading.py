"""Policies of write-offs and rules of tax relief, from tables of settings and from TOML files.

>>> policy = write_off_policy({
...     "version": "2026-11",
...     "levels": [{"role": "head of credit"},
...                {"role": "board", "above": {"EUR": "50000.00"}, "count": 2}],
...     "efforts": [{"name": "usual", "needs": {"notice": 3}, "days-past-due": 120}],
...     "held": {"dispute": "refuse"},
...     "small-balances": {"items": {"EUR": "1.00"}, "total": {"EUR": "500.00"}},
... })
>>> policy.levels[1].count, policy.efforts[0].days_past_due, policy.small_balances.items["EUR"]
(2, 120, Money('1.00', 'EUR'))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import attrs

from receivables.conduct.loading import read_tables
from receivables.errors import PolicyError
from receivables.writeoffs.model import (
    ApprovalLevel,
    EffortRule,
    SmallBalancePolicy,
    WriteOffPolicy,
)
from receivables.writeoffs.reliefs import TaxReliefRule

__all__ = [
    "load_relief_rules",
    "load_write_off_policy",
    "small_balance_policy",
    "write_off_policy",
]

_Value = TypeVar("_Value")


def load_write_off_policy(contents: str, *, name: str) -> WriteOffPolicy:
    """A policy from the contents of a TOML file; raises `PolicyError` naming the file."""
    return write_off_policy(read_tables(contents, name=name), name=name)


def write_off_policy(table: Mapping[str, Any], *, name: str = "write-offs") -> WriteOffPolicy:
    """A policy from a table, with hyphens or underscores in its keys; what it leaves out is standard.

    Raises `PolicyError` naming the table and the key that cannot be.
    """
    values = _fields(table, WriteOffPolicy, name)
    if "levels" in values:
        values["levels"] = _rows(values["levels"], ApprovalLevel, f"{name}: levels")
    if "efforts" in values:
        values["efforts"] = _rows(values["efforts"], EffortRule, f"{name}: efforts")
    if "small_balances" in values:
        values["small_balances"] = small_balance_policy(
            values["small_balances"], name=f"{name}: small-balances"
        )
    return _built(lambda: WriteOffPolicy(**values), name)


def small_balance_policy(
    table: Mapping[str, Any], *, name: str = "small-balances"
) -> SmallBalancePolicy:
    """A policy of small balances from a table; raises `PolicyError` naming what cannot be."""
    values = _fields(table, SmallBalancePolicy, name)
    return _built(lambda: SmallBalancePolicy(**values), name)


def load_relief_rules(contents: str, *, name: str) -> tuple[TaxReliefRule, ...]:
    """Rules of tax relief from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> load_relief_rules('''
    ... [[rule]]
    ... name = "atlantis"
    ... country = "XA"
    ... article = "Tax of the Sea 7"
    ... source = "our accountant there"
    ... status = "verified"
    ... months = 6
    ... ''', name="own.toml")[0].months
    6
    """
    data = read_tables(contents, name=name)
    if set(data) != {"rule"}:
        msg = f"{name} must hold tables named rule, got {', '.join(sorted(data)) or 'none'}"
        raise PolicyError(msg)
    return _rows(data["rule"], TaxReliefRule, name)


def _rows(rows: object, kind: type[_Value], name: str) -> tuple[_Value, ...]:
    if not isinstance(rows, Iterable) or isinstance(rows, str | Mapping):
        msg = f"{name} must be an array of tables, got {rows!r}"
        raise PolicyError(msg)
    return tuple(_row(row, kind, f"{name} {number}") for number, row in enumerate(rows, start=1))


def _row(row: object, kind: type[_Value], name: str) -> _Value:
    values = _fields(row, kind, name)
    return _built(lambda: kind(**values), name)


def _fields(table: object, kind: type[Any], name: str) -> dict[str, Any]:
    """The values of a table by the names of fields; raises `PolicyError` for a key that is none."""
    if not isinstance(table, Mapping):
        msg = f"{name} must be a table, got {table!r}"
        raise PolicyError(msg)
    values = {str(key).replace("-", "_"): value for key, value in table.items()}
    known = [field.name for field in attrs.fields(kind)]
    if unknown := sorted(set(values) - set(known)):
        words = ", ".join(key.replace("_", "-") for key in known)
        msg = f"keys of {name} must be among {words}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    return values


def _built(build: Callable[[], _Value], name: str) -> _Value:
    try:
        return build()
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        msg = f"{name} must be valid, got {error}"
        raise PolicyError(msg) from error
