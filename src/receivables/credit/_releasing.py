"""The workshop: what would release a finding, as the smallest exact amounts and things.

>>> least_more(lambda minor: minor // 2, 7)
14
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from receivables.casework.credit import CheckOutcome, CreditFinding
from receivables.credit._speaking_rules import limit_threshold
from receivables.credit.policies import RuleLevels
from receivables.limits import AMOUNT_MINOR_MAX

__all__ = ["Target", "least_more", "levels_targets", "limit_targets", "raise_needed", "wait_until"]

_WHOLE_BPS: Final = 10_000

Target: TypeAlias = tuple[CheckOutcome, int]
"""An outcome that is milder, and the figure of the policy that must not be reached for it."""


def levels_targets(terms: RuleLevels, outcome: CheckOutcome) -> Iterator[Target]:
    """The milder outcomes that pass, the mildest first, each with the figure to stay away from."""
    figures = [figure for _, figure in terms.steps]
    if figures:
        yield CheckOutcome.ALLOW, figures[-1]
    if outcome is CheckOutcome.WARN or terms.warn is None:
        return
    blocking = [figure for one, figure in terms.steps if one is not CheckOutcome.WARN]
    if blocking and blocking[-1] != figures[-1]:
        yield CheckOutcome.WARN, blocking[-1]


def limit_targets(
    terms: RuleLevels, finding: CreditFinding, *, capacity_minor: int
) -> Iterator[tuple[CheckOutcome, int, int]]:
    """Outcome, basis points and threshold of each milder outcome that passes."""
    for outcome, bps in levels_targets(terms, finding.outcome):
        threshold = limit_threshold(
            terms, bps, capacity_minor=capacity_minor, currency=finding.currency
        )
        yield outcome, bps, threshold


def raise_needed(
    exposure_minor: int, bps: int, *, capacity_minor: int, tolerance_minor: int
) -> int | None:
    """By how much a limit must be higher so that a share of it holds an exposure; None where none does."""
    if bps <= 0:
        return None
    needed = -(-(exposure_minor - tolerance_minor) * _WHOLE_BPS // bps)
    return max(0, needed - capacity_minor)


def least_more(counted: Callable[[int], int], needed: int) -> int | None:
    """The least amount that counts for what is needed, where amounts count for more or less of themselves.

    `counted` must never fall.  It is tried on twice as much until it is enough, and halved back; no
    amount at all may be enough, which is None.

    >>> least_more(lambda minor: minor, 1_250)
    1250
    """
    if needed <= 0:
        return 0
    high = needed
    if counted(high) >= needed > counted(high - 1):
        return high
    while counted(high) < needed:
        high *= 2
        if high > AMOUNT_MINOR_MAX:
            return None
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if counted(middle) < needed:
            low = middle
        else:
            high = middle
    return high


def wait_until(days: list[dt.date], figure: int, within_days: int) -> dt.date:
    """The first day on which fewer things than a figure lie within the last days.

    >>> wait_until([dt.date(2026, 10, 1), dt.date(2026, 10, 20)], 2, 30).isoformat()
    '2026-10-31'
    """
    latest = sorted(days, reverse=True)
    return latest[figure - 1] + dt.timedelta(days=within_days)
