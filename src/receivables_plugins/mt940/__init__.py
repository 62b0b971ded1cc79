"""Bank statements of SWIFT: MT940 at the end of the day, and MT942 in the course of it.

Read in the forms that banks give them: the German sub-fields, the Dutch words between slashes, plain
lines; with the headers of SWIFT, those of banks, or none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.mt940.settings import Mt940Settings

if TYPE_CHECKING:
    from receivables.adapters import StatementReader
    from receivables_plugins.mt940.reader import Mt940Reader

__all__ = ["Mt940Settings", "receivables_statement_readers"]


def _build(settings: Mt940Settings) -> Mt940Reader:
    from receivables_plugins.mt940.reader import Mt940Reader  # noqa: PLC0415  # loaded when used

    return Mt940Reader(settings)


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``mt940``."""
    return [
        AdapterSpec(
            name="mt940",
            summary="SWIFT bank statements (MT940) and interim reports (MT942), in banks' own forms",
            factory=_build,
            settings=Mt940Settings,
            capabilities=frozenset(
                {"balances", "pages", "payers", "pending", "raw", "references", "returns"}
            ),
            verified="third-party recording",
        )
    ]
