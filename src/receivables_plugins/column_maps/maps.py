"""The maps of the packaged file as values."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from types import MappingProxyType

import attrs

__all__ = ["ColumnMap", "load_map"]


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _headings(values: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(names) for key, names in values.items()})


@attrs.frozen(kw_only=True)
class ColumnMap:
    """Which column of a system's list is which of our fields, and what its kinds of rows are."""

    system: str
    source: str
    """What the map was made from."""
    columns: Mapping[str, tuple[str, ...]] = attrs.field(converter=_headings)
    invoices: tuple[str, ...] = attrs.field(converter=_texts)
    credit_notes: tuple[str, ...] = attrs.field(converter=_texts)
    debit_notes: tuple[str, ...] = attrs.field(converter=_texts)
    receipts: tuple[str, ...] = attrs.field(converter=_texts)
    left_out: tuple[str, ...] = attrs.field(converter=_texts)
    only: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_headings)
    is_signed: bool = False
    """Whether credits and receipts have a minus in the list."""

    @property
    def types(self) -> dict[str, str]:
        """The kind of document of each value of the type column."""
        return {
            **dict.fromkeys(self.invoices, "invoice"),
            **dict.fromkeys(self.credit_notes, "credit-note"),
            **dict.fromkeys(self.debit_notes, "debit-note"),
        }


@functools.cache
def load_map(system: str) -> ColumnMap:
    """The map of a system.

    >>> load_map("odoo").columns["due-date"]
    ('date_maturity', 'Due Date')
    """
    text = files("receivables_plugins.column_maps").joinpath("maps.toml").read_text("utf-8")
    return ColumnMap(system=system, **tomllib.loads(text)[system])
