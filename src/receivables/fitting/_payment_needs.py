"""The workshop: the libraries of the extra ``forecast``, loaded when first asked for."""

from __future__ import annotations

import importlib
from typing import Any

from receivables.errors import MissingExtraError

__all__ = ["numpy", "one_thread", "sklearn"]


def numpy() -> Any:  # noqa: ANN401  # a module
    """NumPy; raises `MissingExtraError` where it is not installed."""
    return _loaded("numpy")


def sklearn(module: str) -> Any:  # noqa: ANN401  # a module
    """A module of scikit-learn; raises `MissingExtraError` where it is not installed."""
    return _loaded(f"sklearn.{module}")


def one_thread() -> Any:  # noqa: ANN401  # a context of threadpoolctl, which comes with scikit-learn
    """A context in which OpenMP has one thread.

    Its threads spin while they wait for each other, so that on a machine that is busy with something
    else two of them take many times as long as one.
    """
    return _loaded("threadpoolctl").threadpool_limits(limits=1, user_api="openmp")


def _loaded(name: str) -> Any:  # noqa: ANN401  # a module
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(
            "forecast", needed_for="fitting when items are paid"
        ) from None
