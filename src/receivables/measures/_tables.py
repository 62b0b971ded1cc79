"""What the tables of several results share: labels, spans, rows as frames, the one of a group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from receivables.aging.labels import bucket_phrase
from receivables.errors import PolicyError
from receivables.tables import Phrase, PhraseValue

__all__ = ["frame_of_rows", "label_of", "one_of", "span_of"]

_One = TypeVar("_One")


def one_of(found: Iterable[_One], *, name: str, group: Mapping[str, str]) -> _One | None:
    """The one value whose group is meant; None where there is none.  Only the currency may be empty.

    Raises `PolicyError` where several fit.
    """
    wanted = {key: value for key, value in group.items() if value or key != "currency"}
    fitting = [one for one in found if all(getattr(one, k) == v for k, v in wanted.items())]
    if len(fitting) > 1:
        msg = f"group must leave one {name}, got {len(fitting)}"
        raise PolicyError(msg)
    return fitting[0] if fitting else None


def frame_of_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, backend: str) -> Any:  # noqa: ANN401  # the backend's own frame
    """Rows as a frame of a backend: ``polars``, ``pandas``, ``pyarrow`` or ``duckdb``."""
    from receivables import frames  # noqa: PLC0415  # values must be cheap to import

    found = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    return frames.frame_of(found, backend=backend)


def label_of(label: str) -> Phrase:
    """The label of a bucket as the heading of a column."""
    return bucket_phrase(label)


def span_of(first: dt.date, last: dt.date) -> dict[str, PhraseValue]:
    """Two days as the values of a phrase."""
    return {"first": first, "last": last}
