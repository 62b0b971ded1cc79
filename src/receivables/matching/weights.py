"""What each kind of evidence weighs, and how weights become a probability.

A weight is in hundredths of a ban: 100 make a proposal ten times as likely against its being wrong
(I. J. Good, *Probability and the Weighing of Evidence*, 1950).  The weights of a claim are added;
the claims on one receipt, and the possibility that none of them is right, share the certainty.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from receivables.matching.model import EvidenceKind

__all__ = [
    "FIGURE_WEIGHT",
    "NO_CLAIM",
    "WEIGHTS",
    "hundredths_of_a_ban",
    "odds",
    "score",
    "significant_figures",
]

_K: Final = EvidenceKind

WEIGHTS: Final[Mapping[EvidenceKind, int]] = MappingProxyType(
    {
        _K.STRUCTURED_REFERENCE: 335,
        _K.REFERRED_DOCUMENT: 335,
        _K.DOCUMENT_IN_TEXT: 245,
        _K.DOCUMENT_SHORTENED: 95,
        _K.DOCUMENT_MISSPELT: 135,
        _K.DOCUMENT_IN_RANGE: 120,
        _K.ORDER_IN_TEXT: 100,
        _K.OTHERS_UNNAMED: -130,
        _K.OTHERS_NAMED: -180,
        _K.NUMBERS_UNREAD: -60,
        _K.PAYER_ACCOUNT: 100,
        _K.PAYER_NAME: 90,
        _K.PAYER_NAME_CUT: 70,
        _K.PAYER_NAME_SIMILAR: 35,
        _K.PAYER_CONFIRMED: 110,
        _K.PAYER_DIFFERS: -285,
        _K.PAYER_UNKNOWN: 0,
        _K.AMOUNT_EXACT: 135,
        _K.AMOUNT_STATED: 205,
        _K.AMOUNT_LESS_CREDIT: 65,
        _K.AMOUNT_LESS_DISCOUNT: 85,
        _K.AMOUNT_LESS_CHARGE: -10,
        _K.AMOUNT_WITHIN_TOLERANCE: 20,
        _K.AMOUNT_LESS_DEDUCTION: 30,
        _K.AMOUNT_PARTIAL: -25,
        _K.AMOUNT_SHORT: -125,
        _K.AMOUNT_SHARED: 60,
        _K.AMOUNT_OVER: -135,
        _K.AMOUNT_UNIQUE: 10,
        _K.AMOUNT_OF_ALL: -75,
        _K.AMOUNT_OF_ALL_DUE: -100,
        _K.AMOUNT_OF_RUN: -180,
        _K.AMOUNT_OF_SOME: -220,
        _K.AMOUNT_OF_SEVERAL_SUBSETS: -290,
        _K.AMOUNT_REPEATED: -65,
        _K.EQUAL_ELSEWHERE: -75,
        _K.OLDEST_FIRST: 70,
        _K.ALREADY_SETTLED: -200,
    }
)
"""The weights that the library is shipped with, in hundredths of a ban."""

_BAN: Final = 100
_SCORE_MAX: Final = 1_500
"""Beyond fifteen bans nothing is surer, and the numbers stay short."""

NO_CLAIM: Final = 10**18
"""The odds of "none of these": every other odds are a multiple of it."""

_POWERS: Final = tuple(
    int(Decimal(10) ** (Decimal(part) * Decimal("0.01")) * NO_CLAIM) for part in range(_BAN)
)
"""Ten to the power of each hundredth, exact to eighteen figures."""

_TENS: Final[tuple[int, ...]] = tuple(10**whole for whole in range(_SCORE_MAX // _BAN + 2))

_ROUND_FIGURES: Final = 3
"""Even a round amount is one of many: who owes 500.00 and pays 500.00 mostly pays just that."""

FIGURE_WEIGHT: Final[Mapping[EvidenceKind, int]] = MappingProxyType(
    {
        _K.AMOUNT_EXACT: 60,
        _K.AMOUNT_STATED: 65,
        _K.AMOUNT_LESS_CREDIT: 60,
        _K.AMOUNT_LESS_DISCOUNT: 70,
        _K.AMOUNT_SHARED: 60,
        _K.AMOUNT_UNIQUE: 65,
        _K.AMOUNT_OF_ALL: 90,
        _K.AMOUNT_OF_ALL_DUE: 95,
        _K.AMOUNT_OF_RUN: 95,
        _K.AMOUNT_OF_SOME: 95,
        _K.AMOUNT_OF_SEVERAL_SUBSETS: 95,
        _K.AMOUNT_REPEATED: 40,
    }
)
"""What each significant figure of an amount adds where the amount fits to the cent: chance hits
12,345.67 a hundred times less often than 12,300.00."""


def significant_figures(amount_minor: int) -> int:
    """The figures of an amount without the zeros at its end; a round amount counts for three.

    >>> significant_figures(1_234_567), significant_figures(1_230_000), significant_figures(100_00)
    (7, 3, 3)
    """
    return max(len(str(abs(amount_minor)).rstrip("0")), _ROUND_FIGURES)


def score(
    kinds: Iterable[EvidenceKind],
    *,
    weights: Mapping[EvidenceKind, int],
    figures: int,
    choices: int,
) -> int:
    """The sum of the weights of a claim, less what the number of choices takes away."""
    total = -hundredths_of_a_ban(max(choices, 1))
    for kind in set(kinds):
        total += weights.get(kind, 0) + FIGURE_WEIGHT.get(kind, 0) * figures
    return total


def odds(score: int) -> int:
    """The odds of a score, as a multiple of `NO_CLAIM`; exact, so the same on every machine.

    >>> odds(0) == NO_CLAIM, odds(200) == 100 * NO_CLAIM
    (True, True)
    """
    whole, part = divmod(min(max(score, -_SCORE_MAX), _SCORE_MAX), _BAN)
    power: int = _POWERS[part]
    return power * _TENS[whole] if whole >= 0 else power // _TENS[-whole]


def hundredths_of_a_ban(number: int) -> int:
    """The common logarithm of a whole number, times a hundred, rounded down.

    >>> hundredths_of_a_ban(1), hundredths_of_a_ban(2), hundredths_of_a_ban(1000)
    (0, 30, 300)
    """
    digits = len(str(number)) - 1
    return digits * _BAN + bisect.bisect_right(_POWERS, number * NO_CLAIM // 10**digits) - 1
