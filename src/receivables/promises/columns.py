"""The states of promises over data frames: the caller's own kind comes in and goes out.

>>> import datetime as dt
>>> import polars as pl
>>> from receivables.promises import PromisePolicy
>>> promises = pl.DataFrame({
...     "amount_minor": [50_000, 50_000], "open_minor": [0, 20_000], "currency": ["EUR", "EUR"],
...     "due_date": [dt.date(2026, 11, 20), dt.date(2026, 11, 20)],
... })
>>> promise_states(promises, policy=PromisePolicy(), as_of=dt.date(2026, 11, 21))["promise_state"].to_list()
['kept', 'partly-kept']
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from receivables._ops import Ops, Term
from receivables.days import check_day
from receivables.errors import DocumentError
from receivables.frames import (
    AMOUNT_MINOR,
    CURRENCY,
    DUE_DATE,
    OPEN_MINOR,
    NativeFrame,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
)
from receivables.money import to_minor
from receivables.promises import rules
from receivables.promises.model import PromisePolicy

__all__ = ["PROMISE_STATE", "promise_states"]

PROMISE_STATE: Final = "promise_state"
"""The column of states, the values of `receivables.promises.PromiseState` as text."""


def promise_states(
    frame: NativeFrame, *, policy: PromisePolicy, as_of: dt.date, trusted: bool = False
) -> NativeFrame:
    """The frame, one row per promise, with the ``promise_state`` of each at the end of a day.

    The frame has what was promised (``amount_minor``), what of it did not come in time
    (``open_minor``), the promised day (``due_date``) and the ``currency``.  A lazy frame is asked
    one small question about its contents, and `trusted` spares it.  Raises `DocumentError` for a
    frame that cannot be judged, `LimitError` for an amount beyond its limit, and
    `UnknownCurrencyError`.
    """
    check_day(as_of, name="as_of")
    table = open_table(
        frame,
        needs=(AMOUNT_MINOR, OPEN_MINOR, DUE_DATE, CURRENCY),
        sums=(AMOUNT_MINOR, OPEN_MINOR),
        trusted=trusted,
    )
    if table.has(PROMISE_STATE):
        msg = f"columns must not be named like the one that is added, got {PROMISE_STATE}"
        raise DocumentError(msg)
    if not trusted:
        check_currencies(table.frame)
    ops = column_ops()
    promised = table.column(AMOUNT_MINOR)
    index = rules.promise_state(
        promised - table.column(OPEN_MINOR),
        promised,
        table.days_past(DUE_DATE, as_of=as_of),
        tolerance_minor=_tolerance(promised, table.column(CURRENCY), policy=policy, ops=ops),
        tolerance_days=policy.tolerance_days,
        ops=ops,
    )
    return table.native(table.frame.with_columns(_named(index, ops=ops).alias(PROMISE_STATE)))


def _tolerance(promised: Term, currency: Term, *, policy: PromisePolicy, ops: Ops) -> Term:
    """What may be missing of each promise: the currencies that the policy names, then all others."""
    tolerance = policy.tolerance
    found = rules.tolerated(promised, flat_minor=None, bps=tolerance.bps, ops=ops)
    for amount in tolerance.amounts:
        flat = promised * 0 + to_minor(amount)
        named = rules.tolerated(promised, flat_minor=flat, bps=tolerance.bps, ops=ops)
        found = ops.when(currency == amount.currency.code, named, found)
    return found


def _named(index: Term, *, ops: Ops) -> Term:
    """The numbers of states as their names."""
    lit = narwhals().lit
    chosen: Term = lit(rules.STATES[-1].value)
    for place, state in enumerate(rules.STATES[:-1]):
        chosen = ops.when(index == place, lit(state.value), chosen)
    return chosen
