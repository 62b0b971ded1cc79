"""The workshop: enumerations that refuse an unknown name in one sentence."""

from __future__ import annotations

import enum
import re

from receivables.errors import PolicyError

__all__ = ["Named"]


class Named(enum.Enum):
    """An enumeration whose values people write; an unknown one raises `PolicyError` with those there are."""

    @classmethod
    def _missing_(cls, value: object) -> object:
        what = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).lower()
        known = ", ".join(str(one.value) for one in cls)
        msg = f"{what} must be one of {known}, got {value!r}"
        raise PolicyError(msg)
