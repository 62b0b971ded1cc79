"""The command `scorecard`: examine data, fit a card, score with it, and say how well it does."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import App, Parameter

from receivables.cli._terminal import ERR, OUT, app, print_rows, write_whole
from receivables.errors import PolicyError

if TYPE_CHECKING:
    from receivables.fitting import DataWarning, Separation
    from receivables.scoring.scorecards import Scorecard

_SCORECARD: Final = App(
    name="scorecard", help="Scorecards: examine data, fit, score, validate, show."
)
app.command(_SCORECARD)

_Names = Annotated[tuple[str, ...], Parameter(negative="")]


def _table(path: Path) -> Any:  # noqa: ANN401  # a data frame
    from receivables.fitting.tables import read_table  # noqa: PLC0415  # loads on use

    with path.open(encoding="utf-8-sig", newline="") as text:
        return read_table(text, name=path.name)


def _card(path: Path) -> Scorecard:
    from receivables.scoring.scorecards import load_scorecard  # noqa: PLC0415  # loads on use

    try:
        return load_scorecard(path.read_text(encoding="utf-8"), name=path.name)
    except UnicodeDecodeError as error:
        msg = f"{path} must be UTF-8, got {error}"
        raise PolicyError(msg) from error


def _value(text: str) -> object:
    """The value of the target that means bad, as it stands in the data: a number where it is one."""
    if not text:
        return None
    return int(text) if text.removeprefix("-").isdecimal() else text


def _print_warnings(warnings: tuple[DataWarning, ...]) -> None:
    for warning in warnings:
        style = "red" if warning.gravity.value == "grave" else "yellow"
        ERR.print(str(warning), style=style, markup=False, highlight=False, soft_wrap=True)


def _print_separation(what: str, separation: Separation) -> None:
    OUT.print(
        f"{what}: AUC {separation.auc:.4f}, Gini {separation.gini:.4f}, KS {separation.ks:.4f}.",
        highlight=False,
    )


@_SCORECARD.command(name="examine")
def scorecard_examine(data: Path, /, *, target: str, bad: str = "", date: str = "") -> int:
    """Say what in the data may give the outcome away.

    Parameters
    ----------
    data
        A CSV with a heading, or an ARFF file.
    target
        The column of the outcome.
    bad
        The value of it that means a bad outcome; 1 otherwise.
    date
        The column of the day on which a row was observed.

    """
    from receivables.fitting import examine  # noqa: PLC0415  # loads on use

    found = examine(_table(data), target=target, bad=_value(bad), date=date or None)
    _print_warnings(found)
    grave = sum(one.gravity.value == "grave" for one in found)
    OUT.print(f"{len(found)} warnings, {grave} of them grave.", highlight=False)
    return 1 if grave else 0


@_SCORECARD.command(name="fit")
def scorecard_fit(
    data: Path,
    out: Path,
    /,
    *,
    target: str,
    bad: str = "",
    date: str = "",
    most: Annotated[int, Parameter(name="--max")] = 15,
    column: _Names = (),
    accept: _Names = (),
    name: str = "",
    seed: int = 0,
    report: Path | None = None,
) -> int:
    """Fit a scorecard on data, and say what it is worth on rows that it was not fitted on.

    Parameters
    ----------
    data
        A CSV with a heading, or an ARFF file.
    out
        The file of the scorecard to write (TOML).
    target
        The column of the outcome.
    bad
        The value of it that means a bad outcome; 1 otherwise.
    date
        The column of the day on which a row was observed: the card is tried on the last days.
    most
        The most characteristics of the card.
    column
        A column that may become a characteristic; all where none is named. May be repeated.
    accept
        A column that stays although its gaps tell the outcome. May be repeated.
    name
        The name of the card.
    seed
        What chance starts from.
    report
        A file to write everything measured to (JSON).

    """
    from receivables.fitting import fit_scorecard, validate_fit  # noqa: PLC0415  # loads on use
    from receivables.scoring.scorecards import dump_scorecard  # noqa: PLC0415  # loads on use

    frame = _table(data)
    given: dict[str, Any] = {
        "target": target,
        "bad": _value(bad),
        "columns": column or None,
        "date": date or None,
        "max_characteristics": most,
        "accept": accept,
        "seed": seed,
    }
    fitted = fit_scorecard(frame, **given, name=name or out.stem)
    _print_warnings(fitted.report.warnings)
    tried = validate_fit(frame, **given)
    write_whole(out, dump_scorecard(fitted.scorecard).encode())
    if report is not None:
        both = {"fit": fitted.report.to_dict(), "validation": tried.to_dict()}
        write_whole(report, json.dumps(both, indent=2, ensure_ascii=False, default=str).encode())
    for dropped in fitted.report.dropped:
        if dropped.reason != "not-needed":
            OUT.print(f"left out: {dropped.column} ({dropped.reason})", highlight=False)
    _print_separation(f"On the rows of fitting ({fitted.report.rows})", fitted.report.separation)
    _print_separation(f"{tried.method} ({tried.rows})", tried.separation)
    OUT.print(f"{out} was written.", highlight=False, soft_wrap=True)
    return 0


@_SCORECARD.command(name="score")
def scorecard_score(
    data: Path, out: Path, /, *, card: Path, key: _Names = (), parts: bool = False
) -> int:
    """Score the rows of a table with a card.

    Parameters
    ----------
    data
        A CSV with a heading, or an ARFF file.
    out
        The CSV to write: the keys and the points.
    card
        The file of the scorecard.
    key
        A column to keep. May be repeated.
    parts
        Write the points of each characteristic as well.

    """
    from receivables.fitting.tables import write_csv  # noqa: PLC0415  # loads on use
    from receivables.scoring.scorecard_columns import points  # noqa: PLC0415  # loads on use

    loaded = _card(card)
    scored = points(_table(data), scorecard=loaded, parts=parts)
    wanted = [*key, *(one for one in scored.columns if one.startswith("points"))]
    if unknown := sorted(set(key) - set(scored.columns)):
        msg = f"key must be a column of {data.name}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    text = StringIO()
    write_csv(scored, text, columns=wanted)
    write_whole(out, text.getvalue().encode())
    OUT.print(f"{out} was written.", highlight=False, soft_wrap=True)
    return 0


@_SCORECARD.command(name="validate")
def scorecard_validate(data: Path, /, *, card: Path, target: str, bad: str = "") -> int:
    """Say how well a card does on rows that it was not fitted on.

    Parameters
    ----------
    data
        A CSV with a heading, or an ARFF file.
    card
        The file of the scorecard.
    target
        The column of the outcome.
    bad
        The value of it that means a bad outcome; 1 otherwise.

    """
    from receivables.fitting import validate  # noqa: PLC0415  # loads on use

    found = validate(_table(data), scorecard=_card(card), target=target, bad=_value(bad))
    _print_separation(f"{found.rows} rows, {found.bad} bad", found.separation)
    OUT.print(f"Brier {found.brier:.4f}.", highlight=False)
    rows = (
        (f"{low.rows}", f"{low.expected:.4f}", f"{low.observed:.4f}")
        for low in found.calibration.bins
    )
    print_rows("Calibration", ("rows", "expected bad", "actual bad"), rows)
    return 0


@_SCORECARD.command(name="show")
def scorecard_show(card: Path, /) -> int:
    """Print a card: every characteristic, every bin, its points.

    Parameters
    ----------
    card
        The file of the scorecard.

    """
    loaded = _card(card)
    rows = (
        (one.label or one.name, one.describe(bin_), bin_.points, bin_.rows, bin_.woe)
        for one in loaded.characteristics
        for bin_ in one.bins
    )
    print_rows(
        f"{loaded.name} {loaded.version}, {loaded.base_points} to start from",
        ("characteristic", "bin", "points", "rows", "weight of evidence"),
        rows,
    )
    return 0
