"""Measures of the portfolio: how long money takes, how well it comes in, and where it is stuck."""

from receivables.measures.model import (
    Balance,
    CeiSales,
    GroupBy,
    LatenessWay,
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureSeries,
    MeasureTable,
    MeasureUnit,
)

__all__ = [
    "Balance",
    "CeiSales",
    "GroupBy",
    "LatenessWay",
    "Measure",
    "MeasureFigure",
    "MeasurePolicy",
    "MeasureSeries",
    "MeasureTable",
    "MeasureUnit",
]
