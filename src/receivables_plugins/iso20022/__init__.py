"""Messages of ISO 20022: bank statements, collections, where they stand, remittance advices.

All versions are read with the parser of the standard library; the namespace is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec, NoSettings
from receivables.hookspecs import hookimpl
from receivables_plugins.iso20022.settings import StatusSettings

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader, StatementReader

__all__ = ["StatusSettings", "receivables_advice_readers", "receivables_statement_readers"]


def _build(_settings: NoSettings) -> StatementReader:
    from receivables_plugins.iso20022.reader import Camt053Reader  # noqa: PLC0415  # loaded when used

    return Camt053Reader()


def _build_pain002(settings: StatusSettings) -> AdviceReader:
    from receivables_plugins.iso20022.status import status_reader  # noqa: PLC0415  # loaded when used

    return status_reader(settings)


def _build_pain008(_settings: NoSettings) -> AdviceReader:
    from receivables_plugins.iso20022.collection import (  # noqa: PLC0415  # loaded when used
        collection_reader,
    )

    return collection_reader()


def _build_remt001(_settings: NoSettings) -> AdviceReader:
    from receivables_plugins.iso20022.remittance_advice import (  # noqa: PLC0415  # loaded when used
        remittance_reader,
    )

    return remittance_reader()


@hookimpl
def receivables_statement_readers() -> Iterable[AdapterSpec[StatementReader]]:
    """Register the adapter ``camt053``."""
    return [
        AdapterSpec(
            name="camt053",
            summary="ISO 20022 bank statements (camt.053), reports (.052) and notifications (.054)",
            factory=_build,
            capabilities=frozenset(
                {
                    "balances",
                    "batches",
                    "pages",
                    "payers",
                    "pending",
                    "raw",
                    "references",
                    "returns",
                }
            ),
            verified="third-party recording",
        )
    ]


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapters ``pain002``, ``pain008`` and ``remt001``."""
    every = {"batches", "documents", "payers", "raw", "references"}
    return [
        AdapterSpec(
            name="pain002",
            summary="ISO 20022 payment status reports (pain.002, pacs.002): rejections and their reasons",
            factory=_build_pain002,
            settings=StatusSettings,
            capabilities=frozenset({*every, "returns"}),
            verified="third-party recording",
        ),
        AdapterSpec(
            name="pain008",
            summary="ISO 20022 direct debit initiations (pain.008): the collections that were sent",
            factory=_build_pain008,
            capabilities=frozenset({*every, "control-totals"}),
            verified="third-party recording",
        ),
        AdapterSpec(
            name="remt001",
            summary="ISO 20022 remittance advices (remt.001): which documents a payment pays",
            factory=_build_remt001,
            capabilities=frozenset(every),
        ),
    ]
