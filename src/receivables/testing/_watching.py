"""Looking for what must not be seen: secrets in logs, in representations, in errors, in problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from receivables.testing._walking import walk

__all__ = ["leaks", "parts_of"]


def leaks(secrets: Mapping[str, str], seen: Iterable[object]) -> list[str]:
    """The names of the secrets that something seen shows, as a text or in what is inside it.

    >>> leaks({"key": "s3cr3t"}, ["all is well", ("found", "s3cr3t")])
    ['key']
    """
    texts = [text for one in seen for text in _texts(one)]
    return [name for name, secret in secrets.items() if any(secret in text for text in texts)]


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  # anything at all
    yield repr(value)
    yield str(value)
    for part in walk(value):
        if isinstance(part, bytes):
            yield part.decode("utf-8", "replace")
        elif isinstance(part, str):
            yield part


def parts_of(one: object) -> list[object]:
    """What an object keeps, where it shows it."""
    return list(getattr(one, "__dict__", {}).values())
