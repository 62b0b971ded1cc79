"""Bank statements of Spain: AEB43, also called Norma 43, Cuaderno 43 or CSB43."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.aeb43.settings import Aeb43Settings

if TYPE_CHECKING:
    from receivables.adapters import StatementReader
    from receivables_plugins.aeb43.reader import Aeb43Reader

__all__ = ["receivables_statement_readers"]


def _build(settings: Aeb43Settings) -> Aeb43Reader:
    from receivables_plugins.aeb43.reader import Aeb43Reader  # noqa: PLC0415  # loaded when used

    return Aeb43Reader(settings)


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``aeb43``."""
    return [
        AdapterSpec(
            name="aeb43",
            summary="Spanish bank statements: AEB43 (Norma 43, CSB43)",
            factory=_build,
            settings=Aeb43Settings,
            capabilities=frozenset({"balances", "raw", "references", "returns"}),
            verified="third-party recording",
        )
    ]
