"""Charts and posting rules that come with the library, read when they are first asked for.

>>> from receivables.accounting.model import Role
>>> chart("fr-pcg").account(Role.RECEIVABLE)
GlAccount(number='411', name='Clients', is_verified=True)
>>> chart("fr-pcg", variants=["financial-exchange"]).account(Role.EXCHANGE_LOSS).number
'666'
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

from receivables.accounting.model import Chart
from receivables.accounting.posting import PostingRules
from receivables.errors import PolicyError

__all__ = ["chart", "chart_names", "chart_variants", "posting_rules"]


def chart_names() -> tuple[str, ...]:
    """The names of the charts that come with the library.

    >>> chart_names()
    ('ca-generic', 'es-pgc', 'fr-pcg', 'generic')
    """
    return tuple(sorted(_tables()))


def chart_variants(name: str) -> tuple[str, ...]:
    """The variants of a chart; raises `PolicyError` for a chart that does not come along.

    >>> chart_variants("fr-pcg")
    ('financial-exchange', 'operating-provision')
    """
    return tuple(sorted(_table(name).get("variants", {})))


def chart(name: str, *, variants: Iterable[str] = ()) -> Chart:
    """A chart by its name, with the accounts of some of its variants.

    Evolve it with `Chart.with_accounts`, or bring your own with `Chart.from_table`.  Raises
    `PolicyError` for an unknown name or variant.
    """
    return Chart.from_table(_table(name), variants=variants)


def posting_rules(name: str) -> PostingRules:
    """The posting rules that are usual with a chart; raises `PolicyError` for an unknown name.

    >>> posting_rules("generic").write_offs
    <Role.ALLOWANCE: 'allowance'>
    """
    return PostingRules.from_table(_table(name).get("rules", {}))


def _table(name: str) -> dict[str, Any]:
    try:
        return _tables()[name]
    except KeyError:
        msg = f"chart must be one of {', '.join(sorted(_tables()))}, got {name!r}"
        raise PolicyError(msg) from None


@functools.cache
def _tables() -> dict[str, dict[str, Any]]:
    folder = resources.files("receivables.accounting") / "charts"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {table["name"]: table for table in tables}
