"""Remittances as payers e-mail them: delimited text and workbooks, read by their headings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from receivables.adapters import AdapterSpec
from receivables.hookspecs import hookimpl
from receivables_plugins.remittance_tables.settings import (
    CsvRemittanceSettings,
    ExcelRemittanceSettings,
)

if TYPE_CHECKING:
    from receivables.adapters import AdviceReader

__all__ = ["CsvRemittanceSettings", "ExcelRemittanceSettings", "receivables_advice_readers"]


def _build_csv(settings: CsvRemittanceSettings) -> AdviceReader:
    from receivables_plugins.remittance_tables.reader import (  # noqa: PLC0415  # loaded when used
        CsvRemittanceReader,
    )

    return CsvRemittanceReader(settings)


def _build_excel(settings: ExcelRemittanceSettings) -> AdviceReader:
    from receivables_plugins.remittance_tables.reader import (  # noqa: PLC0415  # loaded when used
        ExcelRemittanceReader,
    )

    return ExcelRemittanceReader(settings)


@hookimpl
def receivables_advice_readers() -> Iterable[AdapterSpec[AdviceReader]]:
    """Register the adapters ``remittance-csv`` and ``remittance-excel``."""
    every = {"batches", "control-totals", "documents", "payers", "references"}
    return [
        AdapterSpec(
            name="remittance-csv",
            summary="remittances in delimited text, by headings in English, French or Spanish",
            factory=_build_csv,
            settings=CsvRemittanceSettings,
            capabilities=frozenset({*every, "raw"}),
        ),
        AdapterSpec(
            name="remittance-excel",
            summary="remittances in workbooks (xlsx, xls, xlsb, ods), by their headings",
            factory=_build_excel,
            settings=ExcelRemittanceSettings,
            capabilities=frozenset(every),
            extra="excel",
        ),
    ]
