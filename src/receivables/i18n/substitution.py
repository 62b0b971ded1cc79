"""Texts with named placeholders and no logic: what is between braces is a name, or it is refused.

>>> substitute("over {days} days", {"days": "90"})
'over 90 days'
>>> substitute("{days.__class__}", {"days": "90"})
Traceback (most recent call last):
    ...
receivables.errors.PolicyError: braces must hold a placeholder such as {total}, got '{days.__class__}'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from receivables import limits
from receivables.errors import PolicyError

__all__ = ["placeholders", "substitute"]

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_BRACE: Final = re.compile(r"[{}]")


def placeholders(text: str) -> frozenset[str]:
    """The names that a text asks for; raises `PolicyError` for any other use of a brace.

    >>> sorted(placeholders("{total} before {deadline}"))
    ['deadline', 'total']
    """
    rest = _PLACEHOLDER.sub("", text)
    if _BRACE.search(rest):
        msg = f"braces must hold a placeholder such as {{total}}, got {text[:80]!r}"
        raise PolicyError(msg)
    return frozenset(_PLACEHOLDER.findall(text))


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, once: a value that looks like a placeholder stays as it is.

    Raises `PolicyError` for a name without a value, and for a result beyond `limits.TEXT_MAX`.
    """
    if missing := sorted(placeholders(text) - values.keys()):
        msg = f"placeholders must be among {', '.join(sorted(values))}, got {', '.join(missing)}"
        raise PolicyError(msg)
    filled = _PLACEHOLDER.sub(lambda match: values[match[1]], text)
    if len(filled) > limits.TEXT_MAX:
        msg = f"text must have at most {limits.TEXT_MAX} characters, got {len(filled)}"
        raise PolicyError(msg)
    return filled
