"""The commands of the portfolio: `measures`, `forecast`, `portfolio`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from receivables.cli._books import look
from receivables.cli._terminal import OUT, app, write_whole
from receivables.errors import MissingExtraError, PolicyError

if TYPE_CHECKING:
    from receivables.adapters import PortfolioWriter
    from receivables.forecast import CashScenario
    from receivables.tables import ResultTable

_By = Annotated[tuple[str, ...], Parameter(name="--by", negative="")]

_ROWS: Final = 200


@app.command
def measures(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    by: _By = (),
    months: int = 0,
    currency: str = "",
    locale: str = "en",
) -> int:
    """Print the measures of a day, or of month ends: days of sales, shares, effectiveness.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    by
        What figures are told apart by: customer or segment. May be given more than once.
    months
        So many month ends before the day as well.
    currency
        The currency that all amounts are brought to, at the rates of the folder.
    locale
        The language of the table.

    """
    book = look(folder)
    if book is None:
        return 1
    view = book.portfolio(as_of=as_of)
    if not months:
        _print(view.measures(by=by, currency=currency).to_table(), locale)
        return 0
    days = (*view.month_ends(months), view.as_of)
    for table in view.series(days=days, by=by, currency=currency).tables:
        _print(table.to_table(), locale)
    return 0


@app.command
def forecast(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    grain: str = "week",
    periods: int | None = None,
    scenario: str = "base",
    items: bool = False,
    locale: str = "en",
) -> int:
    """Print the cash that open items will bring, with its band, from how customers pay.

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    grain
        The length of a period: day, week or month.
    periods
        How many periods.
    scenario
        What differs from what is expected: base, cautious or stress.
    items
        Print the open items instead, each with the day on which it is expected and its band.
    locale
        The language of the table.

    """
    book = look(folder)
    if book is None:
        return 1
    view = book.portfolio(as_of=as_of)
    if items:
        from receivables.forecast import forecast_table  # noqa: PLC0415  # loads on use

        _print(forecast_table(view.forecasts()), locale)
        return 0
    found = view.cash(grain=grain, periods=periods, scenario=_scenario(scenario))
    _print(found.to_table(), locale)
    return 0


@app.command
def portfolio(
    folder: Path,
    /,
    *,
    as_of: dt.date,
    output: Path,
    months: int = 6,
    weeks: int = 8,
    locale: str = "",
) -> int:
    """Write the portfolio for a board: a workbook (.xlsx) or a page (.html).

    Parameters
    ----------
    folder
        The folder with the journal and `receivables.toml`.
    as_of
        The day that it is about.
    output
        The file, which says by its suffix what it is; a file that is there is replaced.
    months
        So many month ends before the day in the series.
    weeks
        So many weeks of expected cash.
    locale
        The language of the report; that of the settings otherwise.

    """
    writer = _writer(output)
    book = look(folder)
    if book is None:
        return 1
    report = book.portfolio(as_of=as_of).report(months=months, weeks=weeks)
    content = writer.write(report, names=book.names, locale=locale or book.creditor.locale)
    write_whole(output, content)
    differing = [line.currency for line in report.control if line.difference_minor]
    if differing:
        OUT.print(f"does not agree: {', '.join(differing)}", highlight=False, markup=False)
        return 1
    OUT.print(f"{output.name} written", highlight=False, markup=False)
    return 0


def _writer(output: Path) -> PortfolioWriter:
    """The writer of files with a suffix; one whose extra is not installed hinders no other."""
    from receivables.plugins import load_plugins  # noqa: PLC0415  # loads on use

    writers: dict[str, PortfolioWriter] = {}
    missing: MissingExtraError | None = None
    for spec in load_plugins().adapters["portfolio-writer"].values():
        try:
            writer = spec.build()
        except MissingExtraError as error:
            missing = error
        else:
            writers[writer.suffix] = writer
    if output.suffix in writers:
        return writers[output.suffix]
    if missing is not None:
        raise missing
    msg = f"output must end with {' or '.join(sorted(writers))}, got {output.name!r}"
    raise PolicyError(msg)


def _print(table: ResultTable, locale: str) -> None:
    from receivables.showing import show  # noqa: PLC0415  # loads on use

    text = show(table, locale, rows=_ROWS).text()
    OUT.print(text, highlight=False, markup=False, soft_wrap=True)


def _scenario(name: str) -> CashScenario:
    from receivables.forecast import SHIPPED  # noqa: PLC0415  # loads on use

    known = {one.name: one for one in SHIPPED}
    if name not in known:
        msg = f"scenario must be one of {', '.join(known)}, got {name!r}"
        raise PolicyError(msg)
    return known[name]
