"""The policy of disputes from a table of settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

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
    try:
        values["escalation"] = [
            EscalationStep(**_plain(step)) for step in values.get("escalation", ())
        ]
        return DisputePolicy(**values)
    except (TypeError, ValueError, AttributeError) as error:
        msg = f"{name} must be valid, got {error}"
        raise PolicyError(msg) from error


def _plain(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in table.items()}
