"""Policies of collection from the contents of files, or from tables that were read already.

>>> policy = load_worklist_policy('''
... name = "house"
... version = "2026-11"
... [steps]
... age = [[1, 5], [31, 20], [91, 40]]
... [amounts.amount]
... EUR = [[500, 5], [5000, 20]]
... [[routes]]
... role = "technician"
... leading = ["dispute"]
... dispute-owners = ["technical"]
... ''', name="worklist.toml")
>>> policy.routes[0].role, policy.version
('technician', '2026-11')
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import attrs

from receivables.collection.policies import CashTable, MinutesRule, Route, WorklistPolicy
from receivables.collection.requests import RequestPolicy
from receivables.collection.signs import WarningPolicy
from receivables.errors import PolicyError

__all__ = [
    "load_request_policy",
    "load_warning_policy",
    "load_worklist_policy",
    "request_policy",
    "warning_policy",
    "worklist_policy",
]

_Policy = TypeVar("_Policy")
_FILE_MAX: Final = 1_000_000
"""Characters of one file; a policy has a few thousand."""


def load_worklist_policy(contents: str, *, name: str) -> WorklistPolicy:
    """The policy of a worklist from the contents of a TOML file; raises `PolicyError` naming it."""
    return worklist_policy(_toml(contents, name), name=name)


def load_warning_policy(contents: str, *, name: str) -> WarningPolicy:
    """The thresholds of warning signs from the contents of a TOML file; raises `PolicyError`."""
    return warning_policy(_toml(contents, name), name=name)


def load_request_policy(contents: str, *, name: str) -> RequestPolicy:
    """The days to answer requests in from the contents of a TOML file; raises `PolicyError`."""
    return request_policy(_toml(contents, name), name=name)


def worklist_policy(data: Mapping[str, Any], *, name: str = "worklist policy") -> WorklistPolicy:
    """The policy of a worklist from a table; what it does not name is as in the standard one.

    Words of a key may be joined by hyphens.  Raises `PolicyError` naming what is wrong.
    """
    return _built(lambda: _worklist(data, name), name)


def warning_policy(data: Mapping[str, Any], *, name: str = "warning policy") -> WarningPolicy:
    """The thresholds of warning signs from a table; raises `PolicyError` naming what is wrong.

    >>> warning_policy({"trend-days": 15, "off": ["concentration"]}).trend_days
    15
    """
    return _built(lambda: WarningPolicy(**_fields(data, WarningPolicy, name)), name)


def request_policy(data: Mapping[str, Any], *, name: str = "request policy") -> RequestPolicy:
    """The days to answer requests in from a table; raises `PolicyError` naming what is wrong.

    >>> request_policy({"days": {"proof": 7}}).version
    '1'
    """
    return _built(lambda: RequestPolicy(**_fields(data, RequestPolicy, name)), name)


def _toml(contents: str, name: str) -> Mapping[str, Any]:
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    try:
        return tomllib.loads(contents)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error


def _built(build: Callable[[], _Policy], name: str) -> _Policy:
    try:
        return build()
    except PolicyError as error:
        msg = f"{name}: {error}" if not str(error).startswith(name) else str(error)
        raise PolicyError(msg) from error
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        msg = f"{name} must hold a policy, got {error}"
        raise PolicyError(msg) from error


def _worklist(data: Mapping[str, Any], name: str) -> WorklistPolicy:
    values = _fields(data, WorklistPolicy, name)
    if "routes" in values:
        rows = enumerate(values["routes"], start=1)
        values["routes"] = [Route(**_fields(row, Route, f"{name}: route {n}")) for n, row in rows]
    if "cash" in values:
        values["cash"] = _cash(values["cash"], name)
    return WorklistPolicy(**values)


def _cash(data: Mapping[str, Any], name: str) -> CashTable:
    values = _fields(data, CashTable, f"{name}: cash")
    if "minutes" in values:
        rows = enumerate(values["minutes"], start=1)
        values["minutes"] = [
            MinutesRule(**_fields(row, MinutesRule, f"{name}: minutes {n}")) for n, row in rows
        ]
    return CashTable(**values)


def _fields(data: Mapping[str, Any], kind: type[Any], name: str) -> dict[str, Any]:
    """The keys of a table as fields of a class; raises `PolicyError` for one that it has not."""
    if not isinstance(data, Mapping):
        msg = f"{name} must be a table, got {data!r}"
        raise PolicyError(msg)
    values = {key.replace("-", "_"): value for key, value in data.items()}
    known = {field.name for field in attrs.fields(kind)}
    if unknown := sorted(values.keys() - known):
        names = ", ".join(sorted(field.replace("_", "-") for field in known))
        msg = f"keys of {name} must be among {names}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    for field in attrs.fields(kind):
        if field.type in {"str", str} and not isinstance(values.get(field.name, ""), str):
            msg = (
                f"{field.name.replace('_', '-')} of {name} must be text, got {values[field.name]!r}"
            )
            raise PolicyError(msg)
    return values
