"""The provision matrix as data: rates by segment and bucket, and how they are applied.

>>> matrix = ProvisionMatrix(
...     name="house", version="2026-10", scheme=AgingScheme(30, 60, 90),
...     segments={"": ["0.3 %", "1.6 %", "3.6 %", "6.6 %", "10.6 %"]},
... )
>>> matrix.rate(2)
Fraction(9, 250)
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables._arithmetic import Rounding
from receivables.aging.model import AgeBasis, AgingScheme
from receivables.allowance._exact import bounded, exact_rate
from receivables.casework.losses import InsolvencyKind
from receivables.errors import PolicyError
from receivables.money import Money, exact, to_minor
from receivables.parties import Customer, CustomerId

__all__ = [
    "SEGMENT_KEYS",
    "AllowanceBase",
    "AllowanceStandard",
    "Cover",
    "Discounting",
    "ForwardLooking",
    "ImpairmentPolicy",
    "ProvisionMatrix",
    "SegmentRates",
]

_WHOLE_BPS: Final = 10_000
_YEAR_DAYS: Final = 365
_WAIT_MAX: Final = 3_650
"""Days until money is expected: ten years, beyond which nobody waits for a trade receivable."""
_PRESUMED_DAYS: Final = 90

_Rate: TypeAlias = Fraction | Decimal | int | str


class AllowanceStandard(enum.Enum):
    """By which rules a loss allowance is measured."""

    IFRS9_SIMPLIFIED = "ifrs9-simplified"
    """Lifetime expected credit losses from the first day (IFRS 9 5.5.15)."""
    CECL = "cecl"
    """Current expected credit losses, by pools of shared risk (ASC 326-20)."""
    INCURRED = "incurred"
    """Claims that became doubtful, customer by customer: individual accounts in France and Spain."""
    HOUSE = "house"


class AllowanceBase(enum.Enum):
    """Of what a rate is taken."""

    GROSS = "gross"
    """All that is open, tax included."""
    NET_OF_TAX = "net-of-tax"
    """What is open less the tax in it, which the tax office gives back where a claim is lost."""


def _rates(values: Iterable[_Rate]) -> tuple[Fraction, ...]:
    if isinstance(values, str):
        msg = f"rates must be a list with one rate per bucket, got {values!r}"
        raise PolicyError(msg)
    return tuple(exact_rate(value) for value in values)


@attrs.frozen
class SegmentRates:
    """The part that is expected to be lost of each bucket of a segment; the empty name is the rest.

    Rates are exact: ``"2000/23000"`` is two twenty-thirds, and never 8.7 %.  Raises `PolicyError`
    for a rate below 0 or above 1.

    >>> SegmentRates("public", ["0", "0.5 %"]).rates
    (Fraction(0, 1), Fraction(1, 200))
    """

    segment: str
    rates: tuple[Fraction, ...] = attrs.field(converter=_rates)
    source: str = attrs.field(default="", kw_only=True)
    """Where the rates come from: a measurement of our own, a publication."""

    @rates.validator
    def _check_rates(self, _attribute: object, value: tuple[Fraction, ...]) -> None:
        for rate in value:
            if not 0 <= rate <= 1:
                msg = f"rates of segment {self.segment!r} must be from 0 to 100 %, got {rate}"
                raise PolicyError(msg)


def _segments(
    values: Mapping[str, Iterable[_Rate]] | Iterable[SegmentRates],
) -> tuple[SegmentRates, ...]:
    if isinstance(values, Mapping):
        return tuple(SegmentRates(name, rates) for name, rates in values.items())
    return tuple(values)


def _multiplier(value: _Rate) -> Fraction:
    return exact_rate(value, name="multiplier")


def _multipliers(values: Iterable[_Rate]) -> tuple[Fraction, ...]:
    return tuple(_multiplier(value) for value in values)


def _by_segment(
    values: Mapping[str, _Rate | Iterable[_Rate]],
) -> Mapping[str, tuple[Fraction, ...]]:
    return MappingProxyType(
        {
            name: (_multiplier(value),)
            if isinstance(value, Fraction | Decimal | int | str)
            else _multipliers(value)
            for name, value in values.items()
        }
    )


@attrs.frozen(kw_only=True)
class ForwardLooking:
    """What is expected of the future, as a multiplier of the rates of the past (IFRS 9 B5.5.52).

    One multiplier for all, or one per bucket (`by_bucket`), or one or one per bucket for some
    segments (`by_segment`); a product above 100 % is cut there.  With `skips_current` what is not
    past due keeps its historical rate, as in Example 5 of ASC 326-20-55.  Raises `PolicyError` for a
    negative multiplier, and where one other than 1 has no justification.

    >>> crisis = ForwardLooking(multiplier="1.10", justification="unemployment up by 2 points")
    >>> crisis.factor(0, segment=""), crisis.is_neutral
    (Fraction(11, 10), False)
    """

    multiplier: Fraction = attrs.field(default=Fraction(1), converter=_multiplier)
    by_bucket: tuple[Fraction, ...] = attrs.field(default=(), converter=_multipliers)
    by_segment: Mapping[str, tuple[Fraction, ...]] = attrs.field(
        factory=dict, converter=_by_segment
    )
    skips_current: bool = False
    justification: str = ""
    source: str = ""

    def __attrs_post_init__(self) -> None:
        if any(value < 0 for value in self._all):
            msg = f"multipliers must not be negative, got {[str(value) for value in self._all]}"
            raise PolicyError(msg)
        if not self.is_neutral and not self.justification.strip():
            msg = "justification must be given where a multiplier is not 1, got none"
            raise PolicyError(msg)

    @property
    def _all(self) -> tuple[Fraction, ...]:
        own = (value for values in self.by_segment.values() for value in values)
        return (self.multiplier, *self.by_bucket, *own)

    @property
    def is_neutral(self) -> bool:
        """Whether it changes no rate."""
        return all(value == 1 for value in self._all)

    def factor(self, bucket: int, *, segment: str, is_current: bool = False) -> Fraction:
        """The multiplier of a bucket of a segment."""
        if is_current and self.skips_current:
            return Fraction(1)
        own = self.by_segment.get(segment, self.by_bucket or (self.multiplier,))
        return own[bucket] if len(own) > 1 else own[0]


def _days(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Discounting:
    """Time value: what is expected to come in late is worth less (IFRS 9 5.5.17(b), B5.5.44).

    `eir_bps` is the effective interest rate of a year in basis points, `days` how long the money of
    each bucket is waited for.  Whole years compound, days within a year count simply over 365, so
    that every factor is an exact fraction.  Where the time value of what is waited for is less than
    `threshold_bps` of it, nothing is discounted: for trade receivables it mostly is.  Raises
    `PolicyError` for days or basis points that cannot be.

    >>> Discounting(eir_bps=730, days=[30, 100]).factor(100)
    Fraction(50, 51)
    """

    eir_bps: int = attrs.field(default=0)
    days: tuple[int, ...] = attrs.field(default=(), converter=_days)
    threshold_bps: int = attrs.field(default=0)

    @eir_bps.validator
    @threshold_bps.validator
    def _check_bps(self, attribute: attrs.Attribute[int], value: int) -> None:
        if type(value) is not int or not 0 <= value <= _WHOLE_BPS:
            msg = f"{attribute.name} must be from 0 to {_WHOLE_BPS}, got {value!r}"
            raise PolicyError(msg)

    @days.validator
    def _check_days(self, _attribute: object, value: tuple[int, ...]) -> None:
        if any(type(each) is not int or not 0 <= each <= _WAIT_MAX for each in value):
            msg = f"days must be whole days from 0 to {_WAIT_MAX}, got {value}"
            raise PolicyError(msg)

    def factor(self, days: int) -> Fraction:
        """What one unit of money that comes in so many days later is worth now."""
        years, rest = divmod(min(max(days, 0), _WAIT_MAX), _YEAR_DAYS)
        yearly = Fraction(self.eir_bps, _WHOLE_BPS)
        worth = 1 / Fraction((1 + yearly) ** years * (1 + yearly * Fraction(rest, _YEAR_DAYS)))
        matters = 1 - worth >= Fraction(self.threshold_bps, _WHOLE_BPS)
        return worth if matters else Fraction(1)

    def applied(self, rate: Fraction, *, days: int) -> Fraction:
        """The rate with the time value of what is still expected to come in.

        The shortfall is what is owed less the present value of what will be paid (IFRS 9 B5.5.28).  A rate of zero says that nothing is
        lost, delay included, and stays zero.

        >>> Discounting(eir_bps=730).applied(Fraction(1, 2), days=100)
        Fraction(26, 51)
        """
        return 1 - (1 - rate) * self.factor(days) if rate else rate


def _kinds(values: Iterable[InsolvencyKind | str]) -> tuple[InsolvencyKind, ...]:
    try:
        return tuple(InsolvencyKind(value) for value in values)
    except ValueError as error:
        known = ", ".join(kind.value for kind in InsolvencyKind)
        msg = f"insolvencies must be among {known}, got {error}"
        raise PolicyError(msg) from None


@attrs.frozen(kw_only=True)
class ImpairmentPolicy:
    """When a claim counts as credit-impaired (IFRS 9 B5.5.37 and Appendix A).

    Default is presumed once an item is `default_days` past due.  IFRS 9 presumes it at 90 days; a
    later day needs a `rebuttal` that says why.  With `whole_customer` one such item makes all of its
    customer's impaired.  Raises `PolicyError` for days that cannot be, or a rebuttal that is missing.
    """

    default_days: int = attrs.field(default=_PRESUMED_DAYS)
    rebuttal: str = ""
    insolvencies: tuple[InsolvencyKind, ...] = attrs.field(
        default=tuple(InsolvencyKind), converter=_kinds
    )
    whole_customer: bool = False

    def __attrs_post_init__(self) -> None:
        if type(self.default_days) is not int or not 1 <= self.default_days <= _WAIT_MAX:
            msg = f"default_days must be from 1 to {_WAIT_MAX}, got {self.default_days!r}"
            raise PolicyError(msg)
        if self.default_days > _PRESUMED_DAYS and not self.rebuttal.strip():
            msg = f"rebuttal must be given for default_days beyond {_PRESUMED_DAYS}, got none"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class Cover:
    """What an insurer or a security bears of one customer: up to an amount, so much of a loss.

    `share_bps` is the part of the loss that is borne, in basis points.  Only a cover that is
    integral to the claim belongs here (IFRS 9 B5.5.55); another one is an asset of its own.

    >>> from receivables.money import money
    >>> Cover(customer="C-017", amount=money("5000.00", "EUR"), share_bps=9_000).amount_minor
    500000
    """

    customer: CustomerId = attrs.field(converter=CustomerId)
    amount: Money = attrs.field(converter=exact)
    share_bps: int = attrs.field(default=_WHOLE_BPS)
    reference: str = ""

    def __attrs_post_init__(self) -> None:
        if type(self.share_bps) is not int or not 0 <= self.share_bps <= _WHOLE_BPS:
            msg = f"share_bps of the cover of {self.customer} must be from 0 to {_WHOLE_BPS}, got {self.share_bps!r}"
            raise PolicyError(msg)
        if self.amount_minor < 0:
            msg = f"amount of the cover of {self.customer} must not be negative, got {self.amount}"
            raise PolicyError(msg)

    @property
    def amount_minor(self) -> int:
        """How far it goes, in minor units."""
        return to_minor(self.amount)


def _covered_rate(value: _Rate) -> Fraction:
    return exact_rate(value, name="covered_rate")


SEGMENT_KEYS: Final = ("segment", "country", "payer-group", "consumer", "cover")
"""What a customer's segment can be made of; a risk class or a rating comes as a segment of its own."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@attrs.frozen(kw_only=True)
class ProvisionMatrix:
    """Rates of expected loss by segment and bucket, and everything that decides how they are applied.

    The segment of a customer is made by `segment_by`; one that the matrix does not name takes the
    rates of the segment with the empty name.  `covered_rate` is the rate of what a cover bears, 0
    where it is left out.  The way with credits is the scheme's: with ``NETTED`` a customer's credits
    lower its own buckets of their currency, the oldest first; whatever is left of them, and credits
    that stand apart or in a bucket that they make negative, lower nobody else's loss.  Each line is
    rounded once by `rounding`, and every total is the sum of its lines.

    Raises `PolicyError` where a segment has not one rate per bucket, or is there twice.

    >>> ProvisionMatrix(name="house", version="1", scheme=AgingScheme(90), segments={"": ["1 %"]})
    Traceback (most recent call last):
        ...
    receivables.errors.PolicyError: segment '' of matrix house must have 3 rates, one for each of not yet due, 1-90, over 90, got 1
    """

    name: str
    version: str
    scheme: AgingScheme
    segments: tuple[SegmentRates, ...] = attrs.field(converter=_segments)
    standard: AllowanceStandard = attrs.field(
        default=AllowanceStandard.IFRS9_SIMPLIFIED, converter=AllowanceStandard
    )
    segment_by: tuple[str, ...] = attrs.field(default=("segment",), converter=_texts)
    forward_looking: ForwardLooking = attrs.field(factory=ForwardLooking)
    discounting: Discounting = attrs.field(factory=Discounting)
    covered_rate: Fraction = attrs.field(default=Fraction(0), converter=_covered_rate)
    base: AllowanceBase = attrs.field(default=AllowanceBase.GROSS, converter=AllowanceBase)
    impairment: ImpairmentPolicy = attrs.field(factory=ImpairmentPolicy)
    rounding: Rounding = attrs.field(default=Rounding.HALF_UP, converter=Rounding)
    sources: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    note: str = ""
    is_verified: bool = True
    """Whether its figures and rules were compared with their sources."""
    _effective: Mapping[str, tuple[Fraction, ...]] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: _effective_of(self), takes_self=True),  # noqa: PLW0108  # it stands below
    )

    def __attrs_post_init__(self) -> None:
        if unknown := sorted(set(self.segment_by) - set(SEGMENT_KEYS)):
            msg = f"segment_by of matrix {self.name} must be among {', '.join(SEGMENT_KEYS)}, got {', '.join(unknown)}"
            raise PolicyError(msg)
        if not 0 <= self.covered_rate <= 1:
            msg = f"covered_rate of matrix {self.name} must be from 0 to 100 %, got {self.covered_rate}"
            raise PolicyError(msg)

    @property
    def segment_names(self) -> tuple[str, ...]:
        """The segments that it has rates for, as they were given."""
        return tuple(one.segment for one in self.segments)

    def is_current(self, bucket: int) -> bool:
        """Whether a bucket holds what is not past due; by another basis, the first one does."""
        if self.scheme.basis is not AgeBasis.DUE_DATE:
            return bucket == 0
        bounds = self.scheme.upper_bounds
        return bucket < len(bounds) and bounds[bucket] <= 0

    def known_segment(self, segment: str) -> str:
        """The segment whose rates a segment takes; raises `PolicyError` where there are none for it."""
        if segment in self._effective:
            return segment
        if "" in self._effective:
            return ""
        msg = f"segment must be one of {', '.join(self.segment_names)} of matrix {self.name}, got {segment!r}"
        raise PolicyError(msg)

    def rates(self, segment: str = "") -> tuple[Fraction, ...]:
        """The rates of a segment as they are applied, one per bucket: adjusted, capped, discounted."""
        return self._effective[self.known_segment(segment)]

    def rate(self, bucket: int, segment: str = "") -> Fraction:
        """The rate of one bucket as it is applied."""
        return self.rates(segment)[bucket]

    def segment_of(self, customer: Customer | None, *, is_covered: bool = False) -> str:
        """The segment that a customer falls into; parts are joined by a slash.

        >>> from receivables.testing.builders import a_customer
        >>> matrix = ProvisionMatrix(name="house", version="1", scheme=AgingScheme(90),
        ...                          segments={"": ["0", "1 %", "5 %"]}, segment_by=["country", "cover"])
        >>> matrix.segment_of(a_customer(country="FR"), is_covered=True)
        'FR/covered'
        """
        return "/".join(_part(key, customer, is_covered=is_covered) for key in self.segment_by)

    @classmethod
    def from_table(cls, table: Mapping[str, Any], *, name: str = "matrix") -> ProvisionMatrix:
        """A matrix from a TOML table; see `receivables.allowance.loading.provision_matrix`."""
        from receivables.allowance.loading import provision_matrix  # noqa: PLC0415  # it reads this module

        return provision_matrix(table, name=name)


def _part(key: str, customer: Customer | None, *, is_covered: bool) -> str:
    if key == "cover":
        return "covered" if is_covered else "uncovered"
    if customer is None:
        return ""
    if key == "consumer":
        return "consumer" if customer.is_consumer else "business"
    if key == "country":
        return (customer.country or customer.address.country).upper()
    return customer.payer_group if key == "payer-group" else customer.segment


def _effective_of(matrix: ProvisionMatrix) -> Mapping[str, tuple[Fraction, ...]]:
    count = matrix.scheme.bucket_count
    labels = ", ".join(matrix.scheme.labels)
    found: dict[str, tuple[Fraction, ...]] = {}
    for one in matrix.segments:
        if len(one.rates) != count:
            msg = f"segment {one.segment!r} of matrix {matrix.name} must have {count} rates, one for each of {labels}, got {len(one.rates)}"
            raise PolicyError(msg)
        if one.segment in found:
            msg = f"segments of matrix {matrix.name} must be there once, got {one.segment!r} twice"
            raise PolicyError(msg)
        found[one.segment] = tuple(_effective(matrix, one, bucket) for bucket in range(count))
    if not found:
        msg = f"matrix {matrix.name} must have a segment, got none"
        raise PolicyError(msg)
    _check_lengths(matrix, count)
    return MappingProxyType(found)


def _effective(matrix: ProvisionMatrix, one: SegmentRates, bucket: int) -> Fraction:
    """A rate as applied: times the multiplier, at most 100 %, with its time value."""
    ahead, time = matrix.forward_looking, matrix.discounting
    _check_lengths(matrix, len(one.rates))
    factor = ahead.factor(bucket, segment=one.segment, is_current=matrix.is_current(bucket))
    adjusted = min(one.rates[bucket] * factor, Fraction(1))
    days = time.days[bucket] if time.days else 0
    return bounded(time.applied(adjusted, days=days))


def _check_lengths(matrix: ProvisionMatrix, count: int) -> None:
    """One multiplier, and one number of days, for each bucket, where they are told apart."""
    ahead = matrix.forward_looking
    given = {"by_bucket": ahead.by_bucket, "days of discounting": matrix.discounting.days}
    for what, values in given.items():
        if len(values) not in (0, count):
            msg = (
                f"{what} of matrix {matrix.name} must be {count}, one per bucket, got {len(values)}"
            )
            raise PolicyError(msg)
    for segment, own in ahead.by_segment.items():
        if len(own) not in (1, count):
            msg = f"multipliers of segment {segment!r} of matrix {matrix.name} must be 1 or {count}, got {len(own)}"
            raise PolicyError(msg)
