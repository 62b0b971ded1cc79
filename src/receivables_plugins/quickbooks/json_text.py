"""JSON in which an amount is a number and never was a float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

__all__ = ["json_bytes"]


def json_bytes(value: Any) -> bytes:  # noqa: ANN401  # whatever JSON knows
    """A value as JSON, the same bytes each time.

    >>> json_bytes({"TotalAmt": Decimal("12.50"), "Line": []})
    b'{"TotalAmt": 12.50, "Line": []}'
    """
    return _text(value).encode()


def _text(value: Any) -> str:  # noqa: ANN401  # see above
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(str(key))}: {_text(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)
