"""Marks on the fields of values that are kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

__all__ = ["LATER", "is_later"]

_KEY: Final = "receivables.later"

LATER: Final[Mapping[str, Any]] = MappingProxyType({_KEY: True})
"""Metadata of a field that came after the first written form.

It is written only where it differs from its default, so that what older events say, and their
hashes, stay what they were.
"""


def is_later(metadata: Mapping[Any, Any]) -> bool:
    """Whether a field's metadata say that it came later."""
    return bool(metadata.get(_KEY))
