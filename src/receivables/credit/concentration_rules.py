"""The rules of concentration and stress, said once, over terms: for values and for columns.

>>> covered(100_000, deposit_minor=10_000, collateral_minor=0, insured_minor=50_000, insured_bps=9_000)
55000
>>> loss(100_000, covered_minor=55_000, loss_bps=5_000)
22500
"""

from __future__ import annotations

from typing import Final

from receivables._ops import PYTHON, Ops, Term

__all__ = ["WHOLE_BPS", "WHOLE_PPB", "covered", "loss", "part_of"]

WHOLE_BPS: Final = 10_000
"""Basis points of the whole."""

WHOLE_PPB: Final = 1_000_000_000
"""Parts per billion of the whole: the unit of a share."""


def part_of(amount_minor: Term, bps: Term, *, carry: int = WHOLE_BPS // 2) -> Term:
    """So many basis points of an amount of zero or more, rounded half up; `carry` 0 rounds down.

    The amount is divided first, so that no product leaves 64 bits.

    >>> part_of(5, 5_000), part_of(5, 5_000, carry=0)
    (3, 2)
    """
    whole = amount_minor // WHOLE_BPS
    rest = amount_minor - whole * WHOLE_BPS
    return whole * bps + (rest * bps + carry) // WHOLE_BPS


def covered(
    exposure_minor: Term,
    *,
    deposit_minor: Term,
    collateral_minor: Term,
    insured_minor: Term,
    insured_bps: Term,
    ops: Ops = PYTHON,
) -> Term:
    """What somebody else, or something of value, bears of an exposure: never more than that.

    The deposit goes first, then what collateral may bring, then the insurer's part of what is left
    up to the insured limit, rounded down.
    """
    deposit = ops.minimum(deposit_minor, exposure_minor)
    collateral = ops.minimum(collateral_minor, exposure_minor - deposit)
    insured = ops.minimum(insured_minor, exposure_minor - deposit - collateral)
    return deposit + collateral + part_of(insured, insured_bps, carry=0)


def loss(exposure_minor: Term, *, covered_minor: Term, loss_bps: Term) -> Term:
    """What is lost of an exposure that fails: so much of what nobody covers, rounded half up."""
    return part_of(exposure_minor - covered_minor, loss_bps)
