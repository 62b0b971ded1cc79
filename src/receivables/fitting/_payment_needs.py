"""The workshop: the libraries of the extra ``forecast``, loaded when first asked for."""

from __future__ import annotations

import importlib
from typing import Any

from receivables.errors import MissingExtraError

__all__ = ["numpy", "sklearn"]


def numpy() -> Any:  # noqa: ANN401  # a module
    """NumPy; raises `MissingExtraError` where it is not installed."""
    return _loaded("numpy")


def sklearn(module: str) -> Any:  # noqa: ANN401  # a module
    """A module of scikit-learn; raises `MissingExtraError` where it is not installed."""
    return _loaded(f"sklearn.{module}")


def _loaded(name: str) -> Any:  # noqa: ANN401  # a module
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(
            "forecast", needed_for="fitting when items are paid"
        ) from None
