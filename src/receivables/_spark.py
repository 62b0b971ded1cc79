"""Spark asked exactly and cheaply: what narwhals says in another way than a ledger can use.

Three words differ.  ``//`` over whole numbers is a division of floats there, which loses units from
2**53 on; here it is Spark's division of whole numbers, rounded down as everywhere else.  And the
distinct rows are found by a window that moves every row to another machine; here each machine first
drops its own repetitions.  And a midnight without a zone is one, whatever the zone of the session.

Importing this module imports neither narwhals nor PySpark.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any, Final

__all__ = ["exact"]

_SHIFT: Final = 2**61
"""What is divided is above its negative, and below three times it; beyond Spark stops in ANSI mode."""
_NUMBER: Final = "_receivables_number"
"""Where an expression keeps the whole number that it is."""


def exact(frame: Any) -> Any:  # noqa: ANN401  # narwhals frames, which must not be imported
    """A lazy narwhals frame over Spark, with whole numbers that divide as whole numbers."""
    return _kept(frame._compliant_frame).to_narwhals()  # noqa: SLF001  # there is no public way


def _kept(asked: Any) -> Any:  # noqa: ANN401  # as narwhals has it
    """A frame as narwhals has it inside, as one of ours."""
    version, implementation = asked._version, asked._implementation  # noqa: SLF001  # as above
    return _frame()(asked.native, version=version, implementation=implementation)


@functools.cache
def _expression() -> type[Any]:
    from narwhals._spark_like.expr import SparkLikeExpr  # noqa: PLC0415  # not free

    class Expression(SparkLikeExpr):
        """An expression whose ``//`` is exact."""

        def __narwhals_namespace__(self) -> Any:  # noqa: ANN401  # narwhals' protocol
            return _namespace()(version=self._version, implementation=self._implementation)

        def __floordiv__(self, other: Any) -> Any:  # noqa: ANN401  # narwhals' own
            divided = _divided(self._F, by=getattr(other, _NUMBER, None))
            return self._with_binary(divided, other)

        def __rfloordiv__(self, other: Any) -> Any:  # noqa: ANN401  # narwhals' own
            divided = _divided(self._F)
            found = self._with_binary(lambda expr, other: divided(other, expr), other)
            return found.alias("literal")

    return Expression


def _divided(spark: Any, *, by: int | None = None) -> Any:  # noqa: ANN401  # Spark's functions
    """The function of two columns that divides them, which may know the number it divides by.

    Spark cuts off towards zero.  So the divisor is first added so often that nothing is below zero,
    and taken off the quotient as often: that names the dividend once, where comparing signs would
    name it twice, and a quotient of quotients would double with each.
    """

    def whole(expr: Any, other: Any) -> Any:  # noqa: ANN401  # Spark's columns, named by narwhals
        if by:
            times = _SHIFT // abs(by) + 1
            return spark.call_function("div", expr + times * by, other) - times
        times = spark.call_function("div", spark.lit(_SHIFT), spark.abs(other)) + 1
        divided = spark.call_function("div", expr + times * other, other) - times
        return spark.when(other != spark.lit(0), divided)

    return whole


@functools.cache
def _namespace() -> type[Any]:
    from narwhals._spark_like.namespace import SparkLikeNamespace  # noqa: PLC0415  # not free

    class Namespace(SparkLikeNamespace):
        """The words over frames, whose expressions are exact."""

        @property
        def _expr(self) -> Any:  # noqa: ANN401  # a class
            return _expression()

        @property
        def _lazyframe(self) -> Any:  # noqa: ANN401  # a class
            return _frame()

        def lit(self, value: Any, dtype: Any) -> Any:  # noqa: ANN401  # narwhals' own
            if not isinstance(value, dt.datetime) or value.tzinfo is not None:
                found = super().lit(value, dtype)
                if type(value) is int:
                    setattr(found, _NUMBER, value)
                return found
            # Spark takes such a literal for a moment in the zone of the session, and then shifts
            # the column that it is compared with.
            text = super().lit(value.isoformat(sep=" "), None)
            return text.cast(dtype or self._version.dtypes.Datetime())

        def concat(self, items: Any, *, how: Any) -> Any:  # noqa: ANN401  # narwhals' own
            return _kept(super().concat(items, how=how))

    return Namespace


@functools.cache
def _frame() -> type[Any]:
    from narwhals._spark_like.dataframe import SparkLikeLazyFrame  # noqa: PLC0415  # not free

    class Frame(SparkLikeLazyFrame):
        """A frame of such expressions."""

        def __narwhals_namespace__(self) -> Any:  # noqa: ANN401  # narwhals' protocol
            return _namespace()(version=self._version, implementation=self._implementation)

        def unique(
            self,
            subset: Sequence[str] | None,
            *,
            keep: Any,  # noqa: ANN401  # narwhals' own
            order_by: Sequence[str] | None,
        ) -> Any:  # noqa: ANN401  # narwhals' own
            if keep != "any" or order_by:
                return super().unique(subset, keep=keep, order_by=order_by)
            native: Any = self.native  # narwhals knows it by a type of SQLFrame
            return self._with_native(native.dropDuplicates(list(subset or self.columns)))

    return Frame
