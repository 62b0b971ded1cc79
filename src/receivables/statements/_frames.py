"""The rows of a statement as a data frame: whole numbers that may be missing stay whole numbers."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Final

from receivables import frames

__all__ = ["as_frame"]

_MAY_BE_MISSING: Final = "days_past_due"


def as_frame(names: Sequence[str], rows: Sequence[Sequence[object]], *, backend: str) -> Any:  # noqa: ANN401  # the backend's own frame
    """A frame of a backend; raises what `receivables.frames.frame_of` raises."""
    columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    if backend != "pandas" or _MAY_BE_MISSING not in columns:
        return frames.frame_of(columns, backend=backend)
    # The usual integers of pandas have no room for a gap; these have.
    values = columns.pop(_MAY_BE_MISSING)
    frame = frames.frame_of(columns, backend=backend)
    array = importlib.import_module("pandas").array(values, dtype="Int64")
    frame.insert(names.index(_MAY_BE_MISSING), _MAY_BE_MISSING, array)
    return frame
