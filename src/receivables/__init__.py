"""The accounts-receivable department as a Python library.

Topics load when they are first used, so that importing this package costs next to nothing.

>>> import receivables as ar
>>> ar.AgingScheme(30, 60, 90).labels
('not yet due', '1-30', '31-60', '61-90', 'over 90')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from receivables.aging.model import AgeBasis, Aging, AgingScheme, Credits, Undated
    from receivables.aging.objects import age
    from receivables.allocation.model import Allocation, Leg
    from receivables.allocation.objects import allocate, allocate_oldest_first
    from receivables.book import Book
    from receivables.cycle import run_cycle
    from receivables.documents.model import (
        CreditNote,
        DebitNote,
        Installment,
        Invoice,
        Line,
        OpenItem,
        Tax,
    )
    from receivables.documents.objects import open_items
    from receivables.dunning.model import DunningLevel, DunningProcedure
    from receivables.ledger.objects import Ledger
    from receivables.matching.model import MatchingPolicy
    from receivables.matching.objects import match
    from receivables.money import ExchangeRate, Money
    from receivables.opening import open_folder
    from receivables.opening import open_folder as open  # noqa: A004  # reads well as receivables.open
    from receivables.parties import Contact, Creditor, Customer
    from receivables.plugins import load_plugins
    from receivables.receipts.model import Receipt
    from receivables.terms.model import PaymentTerms
    from receivables.terms.objects import due_date, parse_terms

__all__ = [
    "AgeBasis",
    "Aging",
    "AgingScheme",
    "Allocation",
    "Book",
    "Contact",
    "CreditNote",
    "Creditor",
    "Credits",
    "Customer",
    "DebitNote",
    "DunningLevel",
    "DunningProcedure",
    "ExchangeRate",
    "Installment",
    "Invoice",
    "Ledger",
    "Leg",
    "Line",
    "MatchingPolicy",
    "Money",
    "OpenItem",
    "PaymentTerms",
    "Receipt",
    "Tax",
    "Undated",
    "age",
    "allocate",
    "allocate_oldest_first",
    "due_date",
    "load_plugins",
    "match",
    "open",
    "open_folder",
    "open_items",
    "parse_terms",
    "run_cycle",
]

_HOME: Final = {
    "AgeBasis": "aging.model",
    "Aging": "aging.model",
    "AgingScheme": "aging.model",
    "Allocation": "allocation.model",
    "Book": "book",
    "Contact": "parties",
    "CreditNote": "documents.model",
    "Creditor": "parties",
    "Credits": "aging.model",
    "Customer": "parties",
    "DebitNote": "documents.model",
    "DunningLevel": "dunning.model",
    "DunningProcedure": "dunning.model",
    "ExchangeRate": "money",
    "Installment": "documents.model",
    "Invoice": "documents.model",
    "Ledger": "ledger.objects",
    "Leg": "allocation.model",
    "Line": "documents.model",
    "MatchingPolicy": "matching.model",
    "Money": "money",
    "OpenItem": "documents.model",
    "PaymentTerms": "terms.model",
    "Receipt": "receipts.model",
    "Tax": "documents.model",
    "Undated": "aging.model",
    "age": "aging.objects",
    "allocate": "allocation.objects",
    "allocate_oldest_first": "allocation.objects",
    "due_date": "terms.objects",
    "load_plugins": "plugins",
    "match": "matching.objects",
    "open": "opening",
    "open_folder": "opening",
    "open_items": "documents.objects",
    "parse_terms": "terms.objects",
    "run_cycle": "cycle",
}
"""The module that each public name lives in."""

_ALIASES: Final = {"open": "open_folder"}
"""Names that read well behind ``receivables.`` only."""

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's names have many types
    if name not in _HOME:
        msg = f"module 'receivables' has no attribute {name!r}"
        raise AttributeError(msg)
    module = importlib.import_module(f"receivables.{_HOME[name]}")
    value = getattr(module, _ALIASES.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})
