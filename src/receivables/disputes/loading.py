"""The policy of disputes from a table of settings."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

from receivables.casework import DisputeOwner, DisputeReason
from receivables.disputes.model import DisputePolicy, EscalationStep
from receivables.errors import PolicyError

__all__ = ["dispute_policy"]

_KEYS: Final = (
    "version",
    "answer_days",
    "answer_days_by_reason",
    "owners",
    "escalation",
    "deduction_reasons",
    "counts_in_exposure",
    "counts_in_allowance",
)
_KINDS: Final[Mapping[str, type]] = {
    "version": str,
    "answer_days_by_reason": dict,
    "owners": dict,
    "escalation": list,
    "deduction_reasons": dict,
    "counts_in_exposure": bool,
    "counts_in_allowance": bool,
}
_ENUMS: Final[Mapping[str, tuple[type[enum.Enum] | None, type[enum.Enum] | None]]] = {
    "answer_days_by_reason": (DisputeReason, None),
    "owners": (DisputeReason, DisputeOwner),
    "deduction_reasons": (None, DisputeReason),
}
"""The tables whose keys, or values, are words of an enumeration."""
_WORDS: Final[Mapping[type, str]] = {
    str: "a text",
    dict: "a table",
    list: "an array of tables",
    bool: "true or false",
}


def dispute_policy(table: Mapping[str, Any], *, name: str = "disputes") -> DisputePolicy:
    """A policy from a table as TOML gives it, with hyphens or underscores in its keys.

    Raises `PolicyError` naming the table for a key that means nothing and for a value that cannot be.

    >>> policy = dispute_policy({
    ...     "version": "2026-11", "answer-days": 8, "answer-days-by-reason": {"quality": 20},
    ...     "owners": {"freight": "sales"},
    ...     "escalation": [{"after-days": 5, "to": "head of credit"}],
    ... })
    >>> policy.answer_days, policy.escalation[0].to
    (8, 'head of credit')
    """
    values = _plain(table)
    if unknown := sorted(set(values) - set(_KEYS)):
        known = ", ".join(key.replace("_", "-") for key in _KEYS)
        msg = f"keys of {name} must be among {known}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    for key, kind in _KINDS.items():
        if key in values and not isinstance(values[key], kind):
            msg = f"{key.replace('_', '-')} of {name} must be {_WORDS[kind]}, got {values[key]!r}"
            raise PolicyError(msg)
    for key, (keys, words) in _ENUMS.items():
        rows = values.get(key, {})
        _check_words(rows.keys() if keys else (), keys, f"{key.replace('_', '-')} of {name}")
        _check_words(rows.values() if words else (), words, f"{key.replace('_', '-')} of {name}")
    values["escalation"] = [_step(step, name) for step in values.get("escalation", ())]
    try:
        return DisputePolicy(**values)
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"{name} must be valid, got {error}"
        raise PolicyError(msg) from error


def _check_words(given: Iterable[object], kind: type[enum.Enum] | None, what: str) -> None:
    """Refuse a word that an enumeration does not have; raises `PolicyError` saying which it has."""
    known = [one.value for one in kind] if kind else []
    for word in given:
        if word not in known:
            msg = f"{what} must be among {', '.join(known)}, got {word!r}"
            raise PolicyError(msg)


def _step(row: object, name: str) -> EscalationStep:
    if not isinstance(row, Mapping):
        msg = f"escalation of {name} must be an array of tables, got {row!r}"
        raise PolicyError(msg)
    values = _plain(row)
    if set(values) - {"owner"} != {"after_days", "to"}:
        msg = f"escalation of {name} must have after-days, to, and perhaps owner, got {', '.join(sorted(row))}"
        raise PolicyError(msg)
    _check_words(
        [values["owner"]] if "owner" in values else [],
        DisputeOwner,
        f"owner of escalation of {name}",
    )
    try:
        return EscalationStep(**values)
    except (TypeError, ValueError) as error:
        msg = f"escalation of {name} must be valid, got {error}"
        raise PolicyError(msg) from error


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in table.items()}
