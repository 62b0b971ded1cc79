"""Scores and payment behaviour as tables for people."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.scoring._history_values import PaymentBehaviour, PaymentFigures
    from receivables.scoring.failure import FailureScore
    from receivables.scoring.scorecards import Contribution, Score

__all__ = ["behaviour_table", "failure_table", "score_table"]

_RATIO_PLACES: Final = 4


def _number(name: str, heading: str, *, places: int) -> TableColumn:
    return TableColumn(name=name, heading=Phrase(heading), kind=CellKind.RATIO, places=places)


def score_table(score: Score) -> ResultTable:
    """A row per characteristic, the points of the beginning first, the score below."""
    places = _places(score.shown)
    unit = 10**places
    costs = {one.characteristic: one.cost for one in score.reasons}
    rows: list[list[Cell]] = [
        [Phrase("at the beginning"), "", "", Fraction(score.base_points, unit), None, None]
    ]
    rows += (_step(one, costs.get(one.characteristic, 0), unit) for one in score.contributions)
    return ResultTable(
        title=Phrase("score by {card}", {"card": f"{score.scorecard} {score.version}"}),
        columns=[
            *(TableColumn(name=name) for name in ("characteristic", "value")),
            TableColumn(name="bin", heading=Phrase("class of values")),
            _number("points", "points", places=places),
            _number("best_points", "best possible", places=places),
            _number("cost", "costs", places=places),
        ],
        rows=rows,
        totals=[[Phrase("score"), "", "", Fraction(score.points, unit), None, None]],
    )


def _step(one: Contribution, cost: int, unit: int) -> list[Cell]:
    return [
        *(one.label or one.characteristic, one.value or None, one.bin),
        *(Fraction(points, unit) for points in (one.points, one.best_points, cost)),
    ]


def _places(shown: Decimal) -> int:
    exponent = shown.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def failure_table(score: FailureScore) -> ResultTable:
    """A row per ratio, the constant first, the score below."""
    names = {"value": "value", "coefficient": "coefficient", "points": "adds"}
    rows: list[list[Cell]] = [[Phrase("constant"), None, None, Fraction(score.constant)]]
    rows += (
        [one.ratio, *map(Fraction, (one.value, one.coefficient, one.points))]
        for one in score.contributions
    )
    return ResultTable(
        title=Phrase("failure score by {model}", {"model": score.model}),
        as_of=score.period_end,
        columns=[
            TableColumn(name="ratio"),
            *(_number(name, heading, places=_RATIO_PLACES) for name, heading in names.items()),
        ],
        rows=rows,
        totals=[[Phrase("score"), None, None, Fraction(score.value)]],
    )


def behaviour_table(behaviour: PaymentBehaviour) -> ResultTable:
    """A row per currency, sorted."""
    money, days, share = CellKind.MONEY, CellKind.DAYS, CellKind.SHARE
    headings = {
        "paid_minor": ("paid", money),
        "paid_days_late": ("days late, by amount", days),
        "late_share": ("paid late, share", share),
        "open_minor": ("open", money),
        "overdue_minor": ("past due", money),
        "oldest_overdue_days": ("oldest, days", days),
    }
    return ResultTable(
        title=Phrase("how {customer} pays", {"customer": behaviour.customer}),
        as_of=behaviour.as_of,
        columns=[
            TableColumn(name="currency"),
            TableColumn(name="payments", kind=CellKind.COUNT),
            *(
                TableColumn(name=name, heading=Phrase(heading), kind=kind)
                for name, (heading, kind) in headings.items()
            ),
        ],
        rows=[_figures(one) for _, one in sorted(behaviour.by_currency.items())],
    )


def _figures(one: PaymentFigures) -> list[Cell]:
    return [
        *(one.currency, one.payments, one.paid_minor, _part(one.paid_days_late, 100)),
        *(_part(one.late_bps, 10_000), one.open_minor, one.overdue_minor),
        one.oldest_overdue_days,
    ]


def _part(value: int | None, of: int) -> Fraction | None:
    return None if value is None else Fraction(value, of)
