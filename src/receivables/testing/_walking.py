"""Everything inside a value, so that a check can look for what must not be in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from receivables.money import Money

__all__ = ["walk"]


def walk(value: Any) -> Iterator[object]:  # noqa: ANN401  # a record holds many types
    """A value and everything inside it."""
    yield value
    for part in _parts(value):
        yield from walk(part)


def _parts(value: Any) -> Iterable[Any]:  # noqa: ANN401  # a record holds many types
    if isinstance(value, Money):
        return [value.amount]
    if attrs.has(type(value)):
        return [getattr(value, field.name) for field in attrs.fields(type(value))]
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list | tuple | set | frozenset) else ()
