"""Bank files of the French banks (CFONB): the account statement of 120 characters and advices of 240.

``cfonb120`` reads the *relevé de compte*; ``cfonb240`` what banks tell beside it: rejected and unpaid
direct debits, unpaid bills, bills to pay, transfers with their details.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.cfonb.settings import CfonbSettings

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader, StatementReader
    from receivables_plugins.cfonb.advices import Cfonb240Reader
    from receivables_plugins.cfonb.statements import Cfonb120Reader

__all__ = ["CfonbSettings", "receivables_advice_readers", "receivables_statement_readers"]


def _build_statements(settings: CfonbSettings) -> Cfonb120Reader:
    from receivables_plugins.cfonb.statements import Cfonb120Reader  # noqa: PLC0415  # when used

    return Cfonb120Reader(settings)


def _build_advices(settings: CfonbSettings) -> Cfonb240Reader:
    from receivables_plugins.cfonb.advices import Cfonb240Reader  # noqa: PLC0415  # when used

    return Cfonb240Reader(settings)


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``cfonb120``."""
    return [
        AdapterSpec(
            name="cfonb120",
            summary="French account statements of 120 characters (CFONB relevé de compte)",
            factory=_build_statements,
            settings=CfonbSettings,
            capabilities=frozenset({"balances", "payers", "raw", "references", "returns"}),
            verified="third-party recording",
        )
    ]


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapter ``cfonb240``."""
    return [
        AdapterSpec(
            name="cfonb240",
            summary="French advices of 240 characters (CFONB): rejected debits, unpaid bills, transfers",
            factory=_build_advices,
            settings=CfonbSettings,
            capabilities=frozenset(
                {"batches", "control-totals", "payers", "raw", "references", "returns"}
            ),
            # Transfers come from another library's sample; debits and bills have files of our own.
            verified="third-party recording",
        )
    ]
