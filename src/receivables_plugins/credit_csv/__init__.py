"""Credit information in delimited lists: scores, statements, limits, commitments, insolvencies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.credit_csv.settings import CreditCsvSettings

if TYPE_CHECKING:
    from receivables.adapters import CreditSource

__all__ = ["CreditCsvSettings", "receivables_credit_sources"]


def _build(settings: CreditCsvSettings) -> CreditSource:
    from receivables_plugins.credit_csv.reader import (  # noqa: PLC0415  # loaded when used
        CreditCsvSource,
    )

    return CreditCsvSource(settings)


@hookimpl
def receivables_credit_sources() -> Iterable[AdapterSpec[CreditSource]]:
    """Register the adapter ``credit-csv``."""
    return [
        AdapterSpec(
            name="credit-csv",
            summary="scores, statements, limits, commitments and insolvencies as delimited lists",
            factory=_build,
            settings=CreditCsvSettings,
            capabilities=frozenset(
                {"commitments", "financials", "insolvencies", "limits", "scores"}
            ),
            verified="own fake only",
        )
    ]
