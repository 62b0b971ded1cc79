"""How a scorecard is fitted: every choice as data, with its default and its reason.

>>> FitPolicy(max_characteristics=10, accept=["X27"]).accept
('X27',)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.scoring.scorecards import Direction, Scaling

__all__ = ["STANDARD", "FitPolicy", "LeakPolicy", "MonotonePolicy"]

import enum


class LeakPolicy(enum.Enum):
    """What becomes of a column whose gaps tell the outcome."""

    DROP = "drop"
    """It is left out, and the report says why."""
    NEUTRAL = "neutral"
    """It stays, but what is missing gets the points of the average."""
    KEEP = "keep"
    """It stays as it is; the warning stands in the report."""


class MonotonePolicy(enum.Enum):
    """Whether points must go one way as a value rises."""

    AUTO = "auto"
    """One way, unless going up and down is clearly better on rows that were not fitted on."""
    ALWAYS = "always"
    NEVER = "never"


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


def _directions(values: Mapping[str, Direction | str]) -> Mapping[str, Direction]:
    return MappingProxyType({name: Direction(way) for name, way in values.items()})


_RANGES: Final = MappingProxyType(
    {
        "max_characteristics": (1, 100),
        "bins_max": (2, 30),
        "fine_bins": (4, 60),
        "folds": (2, 20),
        "rows_max": (500, 10_000_000),
        "point_decimals": (0, 3),
        "quotients_max": (0, 1_000),
    }
)


@attrs.frozen(kw_only=True)
class FitPolicy:
    """The choices of a fit; a change gives another card, so the report carries them.

    Raises `PolicyError` that names the field.
    """

    version: str = "1"
    max_characteristics: int = 15
    bins_max: int = 8
    """Bins of values that are there, of one characteristic."""
    fine_bins: int = 12
    """Bins of equal size that a fit starts from before it merges them."""
    scaling: Scaling = attrs.field(factory=Scaling)
    point_decimals: int = 0
    monotone: MonotonePolicy = attrs.field(default=MonotonePolicy.AUTO, converter=MonotonePolicy)
    directions: Mapping[str, Direction] = attrs.field(factory=dict, converter=_directions)
    """The way that points must go as a column rises, where it is known: rising, falling, free."""
    quotients: bool = True
    """Whether the quotient of two columns may be a characteristic, where it says more than both."""
    quotients_max: int = 100
    """Quotients that are tried at every step, of those that say most by themselves."""
    ridge: float = 3.0
    """Rows of the average that are added to every bin: keeps small bins from extremes.

    This and the next two hold while characteristics are chosen; the last fit takes from a quarter
    to four times as much, whatever is best on held-out rows.
    """
    category_ridge: float = 30.0
    """The same for categories, which have no neighbors to lean on."""
    smoothness: float = 20.0
    """How much neighboring bins are held together, in the same unit."""
    folds: int = 5
    """Parts of the rows that choose a characteristic: each is judged on rows that it did not see."""
    rows_max: int = 20_000
    """Rows that the choice is made on, all bad ones as far as they fit; points are fitted on all."""
    leaks: LeakPolicy = attrs.field(default=LeakPolicy.DROP, converter=LeakPolicy)
    accept: tuple[str, ...] = attrs.field(default=(), converter=_names)
    """Columns that stay although a warning would take them out."""
    seed: int = 0

    def __attrs_post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                msg = f"{name} must be a whole number from {least} to {most}, got {value!r}"
                raise PolicyError(msg)
        for name in ("ridge", "category_ridge", "smoothness"):
            value = getattr(self, name)
            if not 0 < value < 1e9:  # noqa: PLR2004  # anything finite
                msg = f"{name} must be above zero, got {value!r}"
                raise PolicyError(msg)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "fit policy") -> FitPolicy:
        """The policy of a table; words may be joined by hyphens.  Raises `PolicyError` with the key.

        >>> FitPolicy.from_table({"max-characteristics": 8, "pdo": 40}).scaling.pdo
        Decimal('40')
        """
        return STANDARD.changed(
            name=name, **{str(k).replace("-", "_"): v for k, v in table.items()}
        )

    def changed(self, *, name: str = "fit policy", **changes: Any) -> FitPolicy:  # noqa: ANN401  # any field
        """The policy with fields changed; ``pdo``, ``base_score`` and ``base_odds`` as well."""
        scale = {
            key: _decimal(changes.pop(key))
            for key in ("pdo", "base_score", "base_odds")
            if key in changes
        }
        known = {field.name for field in attrs.fields(FitPolicy)}
        unknown = sorted(set(changes) - known)
        if unknown:
            msg = f"{name} must have fields among {', '.join(sorted(known))}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        try:
            if scale:
                changes["scaling"] = attrs.evolve(changes.get("scaling", self.scaling), **scale)
            if isinstance(changes.get("scaling"), Mapping):
                changes["scaling"] = Scaling(**changes["scaling"])
            return attrs.evolve(self, **changes)
        except (TypeError, ValueError) as error:
            msg = f"{name}: {error}"
            raise PolicyError(msg) from error


def _decimal(value: Any) -> Any:  # noqa: ANN401  # refused by the scaling where it is no number
    return Decimal(repr(value)) if isinstance(value, float) else value


STANDARD: Final = FitPolicy()
"""Fifteen characteristics of at most eight bins, 600 points at 50 to 1, 20 to double the odds."""
