"""Limits, their use, and what a scenario costs, as tables for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.tables import Cell, CellKind, Phrase, ResultTable, TableColumn

if TYPE_CHECKING:
    from receivables.credit.model import LimitStack
    from receivables.credit.stress import StressResult

__all__ = ["limit_usage_table", "stack_table", "stress_table"]


def _amount(name: str, heading: str) -> TableColumn:
    return TableColumn(name=name, heading=Phrase(heading), kind=CellKind.MONEY)


def limit_usage_table(stacks: Iterable[LimitStack], *, as_of: dt.date) -> ResultTable:
    """The use of the limits of many holders: a row for each; a holder without a limit has a dash."""
    known = list(stacks)
    return ResultTable(
        title="use of credit limits",
        as_of=as_of,
        columns=[
            TableColumn(name="holder"),
            TableColumn(name="currency"),
            _amount("exposure_minor", "exposure"),
            _amount("capacity_minor", "limit"),
            TableColumn(name="used_share", heading=Phrase("used"), kind=CellKind.SHARE),
            _amount("free_minor", "free"),
            _amount("covered_minor", "covered by others"),
            _amount("own_risk_minor", "own risk"),
        ],
        rows=[_usage(one) for one in known],
    )


def _usage(one: LimitStack) -> list[Cell]:
    owed, limit = one.exposure.total_minor, one.capacity_minor
    return [
        *(one.exposure.holder, one.exposure.currency, owed, limit if one.has_limit else None),
        Fraction(owed, limit) if limit else None,
        *(one.free_minor if one.has_limit else None, one.covered_minor, one.own_risk_minor),
    ]


def stack_table(stack: LimitStack) -> ResultTable:
    """The limits in the order in which they are used, against the exposure."""
    return ResultTable(
        title=Phrase("credit limits of {holder}", {"holder": stack.exposure.holder}),
        as_of=stack.exposure.as_of,
        currency=stack.exposure.currency,
        columns=[
            TableColumn(name="limit"),
            TableColumn(name="kind"),
            _amount("amount_minor", "counts for"),
            _amount("used_minor", "used"),
            _amount("free_minor", "free"),
            TableColumn(name="ends_in_days", heading=Phrase("ends in days"), kind=CellKind.DAYS),
        ],
        rows=[
            [
                *(one.limit.limit, Phrase(one.kind.value, context="limit kind")),
                *(one.amount_minor, one.used_minor, one.free_minor, one.ends_in_days),
            ]
            for one in stack.limits
        ],
        totals=[
            [Phrase("total"), "", stack.capacity_minor, stack.used_minor, stack.free_minor, None],
            [Phrase("above the limit"), "", None, stack.excess_minor, None, None],
        ],
    )


def stress_table(result: StressResult) -> ResultTable:
    """A row per customer that the scenario hits, the largest loss first."""
    amounts = {
        "exposure_minor": "exposure",
        "covered_minor": "covered by others",
        "loss_minor": "loss",
        "charge_minor": "beyond the allowance",
        "cash_minor": "cash that does not come",
    }
    return ResultTable(
        title=Phrase("scenario {name}", {"name": result.scenario.name}),
        currency=result.currency,
        columns=[
            TableColumn(name="customer"),
            *(_amount(name, heading) for name, heading in amounts.items()),
        ],
        rows=[[line.customer, *(getattr(line, name) for name in amounts)] for line in result.lines],
        totals=[[Phrase("total"), *(getattr(result, name) for name in amounts)]],
    )
