"""The accounts-receivable department as a Python library.

Topics load when they are first used, so that importing this package costs next to nothing.

>>> import receivables as ar
>>> ar.AgingScheme(30, 60, 90).labels
('not yet due', '1-30', '31-60', '61-90', 'over 90')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from receivables.aging.model import AgeBasis, Aging, AgingScheme, Credits
    from receivables.documents.model import CreditNote, DebitNote, Installment, Invoice, OpenItem
    from receivables.money import ExchangeRate, Money, money

_HOME = {
    "AgeBasis": "aging.model",
    "Aging": "aging.model",
    "AgingScheme": "aging.model",
    "CreditNote": "documents.model",
    "Credits": "aging.model",
    "DebitNote": "documents.model",
    "ExchangeRate": "money",
    "Installment": "documents.model",
    "Invoice": "documents.model",
    "Money": "money",
    "OpenItem": "documents.model",
    "money": "money",
}

__version__ = "0.1.0"

__all__ = sorted(_HOME)  # noqa: PLE0605  # the names above, kept in one place


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's names have many types
    if name not in _HOME:
        msg = f"module 'receivables' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"receivables.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
