"""Reports of an aging for people: a table (CSV), a workbook (Excel) and a page (HTML)."""

from __future__ import annotations

from typing import Any

import attrs

from receivables.adapters import AdapterSpec, NoSettings, PortfolioWriter, ReportWriter
from receivables.errors import PolicyError
from receivables.hookspecs import hookimpl

__all__ = ["ExcelSettings", "receivables_portfolio_writers", "receivables_report_writers"]

_ITEMS_PER_SHEET_MAX = 1_000_000
"""Rows of one sheet of items; Excel holds 1,048,576, and the title takes a few."""


@attrs.frozen(kw_only=True)
class ExcelSettings:
    """How a workbook is cut: more items than `items_per_sheet` go on further sheets.

    Raises `PolicyError` unless it is between 1 and a million.

    >>> ExcelSettings(items_per_sheet=50_000)
    ExcelSettings(items_per_sheet=50000)
    """

    items_per_sheet: int = attrs.field(default=_ITEMS_PER_SHEET_MAX)

    @items_per_sheet.validator
    def _check_items_per_sheet(self, _attribute: object, value: Any) -> None:  # noqa: ANN401  # what is given is what is checked
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole and 1 <= value <= _ITEMS_PER_SHEET_MAX):
            msg = f"items per sheet must be 1 to {_ITEMS_PER_SHEET_MAX}, got {value!r}"
            raise PolicyError(msg)


@hookimpl
def receivables_report_writers() -> list[AdapterSpec[ReportWriter]]:
    """Register the three writers."""
    return [
        AdapterSpec(
            name="aging-csv",
            summary="an aging as a table that a spreadsheet of the reader's country opens",
            factory=_build_csv,
            capabilities=frozenset({"deterministic"}),
            verified="own fake only",
        ),
        AdapterSpec(
            name="excel",
            summary="an aging as a workbook: a summary that checks itself, and every item",
            factory=_build_excel,
            settings=ExcelSettings,
            capabilities=frozenset({"deterministic", "items"}),
            verified="independent emulator",
            extra="excel",
        ),
        AdapterSpec(
            name="html",
            summary="an aging as one page with pictures, for screen and paper",
            factory=_build_html,
            capabilities=frozenset({"deterministic"}),
            verified="live",
        ),
    ]


@hookimpl
def receivables_portfolio_writers() -> list[AdapterSpec[PortfolioWriter]]:
    """Register the workbook and the page for a board."""
    return [
        AdapterSpec(
            name="board-excel",
            summary="a portfolio as a workbook for the board: every sheet foots, by formulas",
            factory=_build_board_workbook,
            capabilities=frozenset({"deterministic", "items"}),
            verified="independent emulator",
            extra="excel",
        ),
        AdapterSpec(
            name="board-html",
            summary="a portfolio as one page for the board, for screen and paper",
            factory=_build_board_page,
            capabilities=frozenset({"deterministic"}),
            verified="live",
        ),
    ]


def _build_board_page(_settings: NoSettings) -> PortfolioWriter:
    from ._board_page import BoardPage  # noqa: PLC0415  # a plug-in imports its parts when it is built

    return BoardPage()


def _build_board_workbook(_settings: NoSettings) -> PortfolioWriter:
    from ._board_excel import BoardWorkbook  # noqa: PLC0415  # a plug-in imports its parts when it is built

    return BoardWorkbook()


def _build_csv(_settings: NoSettings) -> ReportWriter:
    from ._csv import CsvWriter  # noqa: PLC0415  # a plug-in imports its parts when it is built

    return CsvWriter()


def _build_excel(settings: ExcelSettings) -> ReportWriter:
    from ._excel import ExcelWriter  # noqa: PLC0415  # a plug-in imports its parts when it is built

    return ExcelWriter(settings)


def _build_html(_settings: NoSettings) -> ReportWriter:
    from ._html import HtmlWriter  # noqa: PLC0415  # a plug-in imports its parts when it is built

    return HtmlWriter()
