"""The few words a rule needs beyond operators, so that one rule serves values and columns.

A *term* is a Python ``int`` or ``bool`` in the object shell, and a ``narwhals`` expression in the
column shell.  Rules use ``+ - * // < <= > >= == & |`` and these words, nothing else.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

__all__ = ["PYTHON", "Ops", "Term"]

Term: TypeAlias = Any
"""An integer or truth value, or a column of them."""


class Ops(Protocol):
    """What a shell offers to a rule."""

    def when(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """Choose by a condition; both branches are always computed."""

    def minimum(self, left: Term, right: Term) -> Term:
        """The smaller of two."""

    def maximum(self, left: Term, right: Term) -> Term:
        """The larger of two."""


class _PythonOps:
    """The object shell: plain Python values."""

    def when(self, condition: Term, then: Term, otherwise: Term) -> Term:
        return then if condition else otherwise

    def minimum(self, left: Term, right: Term) -> Term:
        return min(left, right)

    def maximum(self, left: Term, right: Term) -> Term:
        return max(left, right)


PYTHON: Ops = _PythonOps()
