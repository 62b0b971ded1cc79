"""The rules of failure models, said once, over terms that never leave 64 bits.

A ratio is taken to eight decimals, half-even; coefficients have at most five.  A score is then a
sum of products that is exact, kept as two integers: hundred-thousandths, and a rest that is zero or
more and counts `RATIO_SCALE` to one of them.

>>> ebit_to_assets = quotient(55, 620)
>>> ebit_to_assets.whole, ebit_to_assets.part
(0, 8870968)
>>> weighted([ebit_to_assets], [330_000], constant=0)
Sum(whole=29274, rest=19440000)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from receivables._ops import PYTHON, Ops, Term
from receivables.limits import INT64_MAX

__all__ = [
    "COEFFICIENT_MAX",
    "COEFFICIENT_PLACES",
    "COEFFICIENT_SCALE",
    "FIGURE_MAX",
    "LOGARITHM_STEPS",
    "RATIO_MAX",
    "RATIO_PLACES",
    "RATIO_SCALE",
    "TERMS_MAX",
    "Logarithm",
    "Quotient",
    "Sum",
    "digit_step",
    "first_digits",
    "given",
    "logarithm_end",
    "logarithm_rest",
    "logarithm_start",
    "logarithm_step",
    "quotient",
    "rounded_quotient",
    "ten_thousandths",
    "weighted",
]

RATIO_PLACES: Final = 8
"""Decimals of a ratio; half of the last one is the most that rounding changes."""

RATIO_SCALE: Final = 10**RATIO_PLACES

COEFFICIENT_PLACES: Final = 5
"""Decimals of a coefficient; the finest published one has five (Banque de France, in percent)."""

COEFFICIENT_SCALE: Final = 10**COEFFICIENT_PLACES

COEFFICIENT_MAX: Final = 1_000
"""The largest coefficient; the largest published one is 87."""

TERMS_MAX: Final = 20
"""Terms of a model; Ohlson's has nine."""

RATIO_MAX: Final = 10**9
"""The largest ratio; beyond it a company has no denominator to speak of, and no score."""

FIGURE_MAX: Final = 3 * 10**14
"""The largest figure of a frame, in its unit: 365 days of three of them, times 24, fit 64 bits."""

_STEP: Final = 100
_STEPS: Final = 4
_BIAS: Final = 10**10
_HALVES: Final = 2

assert _STEP**_STEPS == RATIO_SCALE  # noqa: S101  # a relation between constants
assert 3 * 365 * 24 * FIGURE_MAX < INT64_MAX  # noqa: S101  # a relation between constants
assert 3 * 24 * FIGURE_MAX * _STEP < INT64_MAX  # noqa: S101  # a relation between constants
_SCORE_MAX: Final = TERMS_MAX * COEFFICIENT_MAX * COEFFICIENT_SCALE * RATIO_MAX

assert 3 * _SCORE_MAX < INT64_MAX  # noqa: S101  # a relation between constants
assert 2 * TERMS_MAX * COEFFICIENT_MAX * COEFFICIENT_SCALE <= _BIAS  # noqa: S101  # a relation between constants
assert 2 * _BIAS * RATIO_SCALE < INT64_MAX  # noqa: S101  # a relation between constants


@attrs.frozen
class Quotient:
    """A ratio: its sign, its whole part, and its decimals in `RATIO_SCALE`.

    While it is worked out, `rest` is what is left to divide, by `below`.
    """

    sign: Term
    whole: Term
    part: Term
    rest: Term = 0
    below: Term = 1


def first_digits(above: Term, below: Term, *, ops: Ops = PYTHON) -> Quotient:
    """The sign and the whole part of a division; `below` must not be zero.

    >>> first_digits(-7, 2)
    Quotient(sign=-1, whole=3, part=0, rest=1, below=2)
    """
    sign = ops.when(above < 0, -1, 1) * ops.when(below < 0, -1, 1)
    size, by = ops.maximum(above, above * -1), ops.maximum(below, below * -1)
    whole = size // by
    return Quotient(sign, whole, whole * 0, size - whole * by, by)


def digit_step(number: Quotient) -> Quotient:
    """Two more decimals of a division."""
    scaled = number.rest * _STEP
    digits = scaled // number.below
    return attrs.evolve(
        number, part=number.part * _STEP + digits, rest=scaled - digits * number.below
    )


def rounded_quotient(number: Quotient, *, ops: Ops = PYTHON) -> Quotient:
    """The division with its last decimal rounded half-even."""
    twice = number.rest * 2
    is_odd = number.part - number.part // _HALVES * _HALVES == 1
    goes_up = (twice > number.below) | ((twice == number.below) & is_odd)
    part = number.part + ops.when(goes_up, 1, 0)
    return attrs.evolve(number, part=part, rest=number.rest * 0)


def quotient(above: Term, below: Term, *, ops: Ops = PYTHON) -> Quotient:
    """A ratio to eight decimals; `below` must not be zero."""
    number = first_digits(above, below, ops=ops)
    for _ in range(_STEPS):
        number = digit_step(number)
    return rounded_quotient(number, ops=ops)


def given(ratio: Term, *, per_one: int = RATIO_SCALE, ops: Ops = PYTHON) -> Quotient:
    """A ratio that comes as a whole number of parts of one.

    >>> given(-250, per_one=100)
    Quotient(sign=-1, whole=2, part=50000000, rest=0, below=1)
    """
    sign, size = ops.when(ratio < 0, -1, 1), ops.maximum(ratio, ratio * -1)
    whole = size // per_one
    return Quotient(sign, whole, (size - whole * per_one) * (RATIO_SCALE // per_one))


@attrs.frozen
class Sum:
    """A score: whole hundred-thousandths, and a rest of zero or more in `RATIO_SCALE` of them."""

    whole: Term
    rest: Term

    def is_above(self, bound: int) -> Term:
        """Whether it is more than a bound in hundred-thousandths."""
        return (self.whole > bound) | ((self.whole == bound) & (self.rest > 0))

    def is_at_least(self, bound: int) -> Term:
        """Whether it is a bound in hundred-thousandths, or more."""
        return self.whole >= bound


def weighted(ratios: Sequence[Quotient], coefficients: Sequence[int], *, constant: int) -> Sum:
    """Ratios times coefficients, and a constant; the latter in hundred-thousandths."""
    whole: Term = constant
    part: Term = 0
    for ratio, coefficient in zip(ratios, coefficients, strict=True):
        signed = ratio.sign * coefficient
        whole = whole + signed * ratio.whole
        part = part + signed * ratio.part
    # Made positive first, because engines divide what is negative in two ways.
    shifted = part + _BIAS * RATIO_SCALE
    carried = shifted // RATIO_SCALE
    return Sum(whole + carried - _BIAS, shifted - carried * RATIO_SCALE)


def ten_thousandths(score: Sum, *, ops: Ops = PYTHON) -> Term:
    """A score in whole ten-thousandths, rounded half-even.

    >>> [ten_thousandths(Sum(whole, 0)) for whole in (25, 35, -25)]
    [2, 4, -2]
    """
    ten = COEFFICIENT_SCALE // 10_000
    # Lifted above zero, because engines divide what is negative in two ways.
    lifted = score.whole + 2 * _SCORE_MAX
    cut = lifted // ten
    over = (lifted - cut * ten) * _HALVES
    is_odd = cut - cut // _HALVES * _HALVES == 1
    is_half = (over == ten) & (score.rest == 0)
    goes_up = (over > ten) | ((over == ten) & (score.rest > 0)) | (is_half & is_odd)
    return cut + ops.when(goes_up, 1, 0) - 2 * _SCORE_MAX // ten


# The natural logarithm of a whole number: it is brought up to a power of two by factors of two, then
# of 1 + d/16, 1 + d/256 and 1 + d/4096, whose logarithms are taken off (after J. E. Meggitt, 1962);
# what is left is so near to one that three terms of its series are enough.

_TOP_BITS: Final = 61
_TOP: Final = 2**_TOP_BITS
_SHIFTS: Final = ((8, 16, 24, 32, 40, 48, 56), (1, 2, 3, 4, 5, 6, 7))
"""By how many bits a number can be moved up, in each of two steps."""
_DIGIT: Final = 16
_LN_SCALE: Final = 10**15
_LN_TWO: Final = 693_147_180_559_945
_LN_ONE_AND: Final = (
    (
        *(0, 60_624_621_816_435, 117_783_035_656_383, 171_850_256_926_659),
        *(223_143_551_314_210, 271_933_715_483_642, 318_453_731_118_535, 362_905_493_689_368),
        *(405_465_108_108_164, 446_287_102_628_420, 485_507_815_781_701, 523_248_143_764_548),
        *(559_615_787_935_423, 594_707_107_746_693, 628_608_659_422_374, 661_398_482_245_365),
        *(693_147_180_559_945,),
    ),
    (
        *(0, 3_898_640_415_657, 7_782_140_442_055, 11_650_617_219_975),
        *(15_504_186_535_965, 19_342_962_843_131, 23_167_059_281_534, 26_976_587_698_202),
        *(30_771_658_666_754, 34_552_381_506_660, 38_318_864_302_137, 42_071_213_920_687),
        *(45_809_536_031_294, 49_533_935_122_277, 53_244_514_518_812, 56_941_376_400_138),
        *(60_624_621_816_435,),
    ),
    (
        *(0, 244_110_827_527, 488_162_079_501, 732_153_784_994),
        *(976_085_973_055, 1_219_958_672_716, 1_463_771_912_982, 1_707_525_722_842),
        *(1_951_220_131_262, 2_194_855_167_185, 2_438_430_859_535, 2_681_947_237_215),
        *(2_925_404_329_105, 3_168_802_164_066, 3_412_140_770_937, 3_655_420_178_535),
        *(3_898_640_415_657,),
    ),
)
"""ln(1 + d / 16**j) for j from 1 and d from 0 to 16, in 1e-15."""

LOGARITHM_STEPS: Final = len(_SHIFTS) + len(_LN_ONE_AND)
"""Steps of a logarithm before its end."""

_SERIES_SCALE: Final = 10**12
_CUT: Final = 10**9
_LN_PLACE: Final = _LN_SCALE // RATIO_SCALE


@attrs.frozen
class Logarithm:
    """A logarithm under way: what is still to be brought up, and what it comes to, in 1e-15."""

    number: Term
    value: Term


def logarithm_start(number: Term) -> Logarithm:
    """Begin the natural logarithm of a whole number from 1 to below 2**61."""
    return Logarithm(number, number * 0 + _TOP_BITS * _LN_TWO)


def logarithm_step(under_way: Logarithm, index: int, *, ops: Ops = PYTHON) -> Logarithm:
    """One step of `LOGARITHM_STEPS`, counted from zero."""
    number, value = under_way.number, under_way.value
    if index < len(_SHIFTS):
        shifts = (0, *_SHIFTS[index])
        bounds = [2 ** (_TOP_BITS - shift) for shift in shifts[1:]]
        factor = _looked_up(number, bounds, [2**shift for shift in shifts], ops=ops)
        off = _looked_up(number, bounds, [shift * _LN_TWO for shift in shifts], ops=ops)
        return Logarithm(number * factor, value - off)
    order = index - len(_SHIFTS)
    piece = number // _DIGIT ** (order + 1)
    digit = (number * -1 + _TOP) // piece
    digits = range(len(_LN_ONE_AND[order]) - 1, 0, -1)
    off = _looked_up(digit, digits, tuple(reversed(_LN_ONE_AND[order])), ops=ops)
    return Logarithm(number + piece * digit, value - off)


def _looked_up(term: Term, bounds: Sequence[int], values: Sequence[int], *, ops: Ops) -> Term:
    """The value of the interval that a number lies in.

    Bounds fall; the first value is for numbers from the first bound on, the last for those below
    the last.  The middle is asked first, because some engines take twice as long for each condition
    inside another.
    """
    if not bounds:
        return values[0]
    middle = len(bounds) // 2
    above = _looked_up(term, bounds[:middle], values[: middle + 1], ops=ops)
    below = _looked_up(term, bounds[middle + 1 :], values[middle + 1 :], ops=ops)
    return ops.when(term >= bounds[middle], above, below)


def logarithm_rest(under_way: Logarithm) -> Logarithm:
    """The last step: by how much the number falls short of the power of two, in 1e-12 of itself."""
    left = (under_way.number * -1 + _TOP) * (_SERIES_SCALE // _CUT)
    return Logarithm(left // (under_way.number // _CUT), under_way.value)


def logarithm_end(under_way: Logarithm) -> Term:
    """The logarithm in `RATIO_SCALE`; it is exact to 1e-11 before it is rounded.

    >>> under_way = logarithm_start(1_000)
    >>> for index in range(LOGARITHM_STEPS):
    ...     under_way = logarithm_step(under_way, index)
    >>> logarithm_end(logarithm_rest(under_way))
    690775528
    """
    near = under_way.number
    square = near * near // _SERIES_SCALE
    cube = near * near // _SERIES_SCALE * near // _SERIES_SCALE
    series = near - square // 2 + cube // 3
    value = under_way.value - series * (_LN_SCALE // _SERIES_SCALE)
    return (value + _LN_PLACE // 2) // _LN_PLACE
