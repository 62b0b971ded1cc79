"""Concentration and stress over data frames: the caller's own kind comes in and goes out.

>>> import polars as pl
>>> items = pl.DataFrame({"customer": ["C-1", "C-1", "C-2"], "currency": ["EUR"] * 3,
...                       "open_minor": [70_000, -10_000, 40_000]})
>>> concentration(items).rows()
[('C-1', 'EUR', 60000, 600000000), ('C-2', 'EUR', 40000, 400000000)]
"""

from __future__ import annotations

from typing import Final

from receivables import limits
from receivables._ops import Term
from receivables.credit import concentration_rules as rules
from receivables.errors import DocumentError, LimitError, PolicyError
from receivables.frames import (
    AMOUNT_MINOR,
    CURRENCY,
    CUSTOMER,
    OPEN_MINOR,
    Frame,
    NativeFrame,
    add_share,
    check_currencies,
    column_ops,
    narwhals,
    open_table,
    rows_of,
)

__all__ = ["concentration", "stress_loss"]

_SHARE: Final = "share_ppb"
_WHOLE: Final = "_whole"
_BILLION: Final = "_billion"
_EXPOSURE: Final = "exposure_minor"
_COVER: Final = ("deposit_minor", "collateral_minor", "insured_minor", "insured_bps")


def concentration(frame: NativeFrame, *, by: str = CUSTOMER, trusted: bool = False) -> NativeFrame:
    """The holders of each currency, the largest first: ``amount_minor`` and ``share_ppb``.

    The frame has ``customer``, ``currency``, ``open_minor`` and the column `by`, such as ``country``.
    A customer's credits count against its own debts; who owes nothing net is left out.  Shares are
    parts per billion of what is owed in the currency.  `receivables.credit.concentration_of` makes
    HHI, Gini and the largest of the rows, which are few: a rank is no rule of a row.

    Raises `DocumentError`, `UnknownCurrencyError` and `LimitError` as `receivables.frames` does, and
    `PolicyError` for a column of the result as `by`.
    """
    if by in {CURRENCY, OPEN_MINOR, AMOUNT_MINOR, _SHARE}:
        msg = f"by must be a column of holders, got {by!r}"
        raise PolicyError(msg)
    table = open_table(
        frame, needs=(CUSTOMER, by, CURRENCY, OPEN_MINOR), sums=(OPEN_MINOR,), trusted=trusted
    )
    if not trusted:
        check_currencies(table.frame)
    col = narwhals().col
    keys = list(dict.fromkeys((CUSTOMER, by, CURRENCY)))
    net = _added(table.frame, keys, OPEN_MINOR, AMOUNT_MINOR).filter(col(AMOUNT_MINOR) > 0)
    held = _added(net, [by, CURRENCY], AMOUNT_MINOR, AMOUNT_MINOR)
    totals = _added(held, [CURRENCY], AMOUNT_MINOR, _WHOLE)
    if not trusted:
        _check_totals(totals)
    held = held.join(totals, on=CURRENCY, how="inner").with_columns(
        (col(AMOUNT_MINOR) * 0 + rules.WHOLE_PPB).alias(_BILLION)
    )
    shared = add_share(held, _SHARE, part=AMOUNT_MINOR, amount=_BILLION, whole=_WHOLE)
    rows = shared.select(by, CURRENCY, AMOUNT_MINOR, _SHARE)
    order = (CURRENCY, AMOUNT_MINOR, by)
    return table.native(table.sorted(rows, *order, descending=[False, True, False]))


def _added(frame: Frame, keys: list[str], name: str, alias: str) -> Frame:
    """A column added up by keys, in 64 bits."""
    nw = narwhals()
    summed = frame.group_by(*keys).agg(nw.col(name).sum().alias(f"_sum_{alias}"))
    return summed.select(*keys, nw.col(f"_sum_{alias}").cast(nw.Int64).alias(alias))


def _check_totals(totals: Frame) -> None:
    for code, minor in rows_of(totals.select(CURRENCY, _WHOLE)):
        if int(minor) > limits.AMOUNT_MINOR_MAX:
            msg = f"what is owed in {code} must be at most {limits.AMOUNT_MINOR_MAX} minor units, got {minor}"
            raise LimitError(msg)


def stress_loss(
    frame: NativeFrame, *, loss_bps: int = rules.WHOLE_BPS, trusted: bool = False
) -> NativeFrame:
    """The frame with ``covered_minor`` and ``loss_minor``: what every row would cost if it failed.

    It has ``exposure_minor`` and whichever of ``deposit_minor``, ``collateral_minor``,
    ``insured_minor`` and ``insured_bps`` are there; without the last the insurer bears all up to its
    limit.  All are whole numbers of zero or more.  Choose the rows that fail beforehand.  Raises
    `DocumentError` for a frame that cannot be reckoned, and `PolicyError` for a `loss_bps` outside 0
    to 10,000.
    """
    if not 0 <= loss_bps <= rules.WHOLE_BPS:
        msg = f"loss_bps must be from 0 to {rules.WHOLE_BPS}, got {loss_bps}"
        raise PolicyError(msg)
    nw = narwhals()
    there = set(dict(nw.from_native(frame).collect_schema()))
    names = (_EXPOSURE, *(name for name in _COVER if name in there))
    table = open_table(frame, needs=names, sums=names, trusted=trusted)
    wrong_types = [name for name in names if not table.types[name].is_integer()]
    if wrong_types:
        msg = f"columns {', '.join(wrong_types)} must hold whole numbers"
        raise DocumentError(msg)
    if not trusted:
        _check_stress(table.frame, names)
    nothing = nw.col(_EXPOSURE) * 0
    parts: dict[str, Term] = {name: nw.col(name) if name in names else nothing for name in _COVER}
    if _COVER[-1] not in names:
        parts[_COVER[-1]] = nothing + rules.WHOLE_BPS
    borne = rules.covered(nw.col(_EXPOSURE), **parts, ops=column_ops()).cast(nw.Int64)
    found = table.frame.with_columns(borne.alias("covered_minor"))
    lost = rules.loss(
        nw.col(_EXPOSURE), covered_minor=nw.col("covered_minor"), loss_bps=nothing + loss_bps
    )
    return table.native(found.with_columns(lost.cast(nw.Int64).alias("loss_minor")))


def _check_stress(frame: Frame, names: tuple[str, ...]) -> None:
    col = narwhals().col
    wrong = col(_EXPOSURE) < 0
    for name in names:
        wrong = wrong | (col(name) < 0)
    if _COVER[-1] in names:
        wrong = wrong | (col(_COVER[-1]) > rules.WHOLE_BPS)
    ((count,),) = rows_of(frame.filter(wrong).select(narwhals().len()))
    if count:
        msg = f"columns {', '.join(names)} must be zero or more, and {_COVER[-1]} at most {rules.WHOLE_BPS}, got other in {int(count)} rows"
        raise DocumentError(msg)
