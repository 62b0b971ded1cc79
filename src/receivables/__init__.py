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
    from receivables.accounting.loading import chart
    from receivables.accounting.model import Chart, Journal
    from receivables.accounting.objects import journal
    from receivables.aging.model import AgeBasis, Aging, AgingScheme, Credits, Undated
    from receivables.aging.objects import age
    from receivables.allocation import allocate_by, settle
    from receivables.allocation.model import Allocation, Leg, Residual, TolerancePolicy
    from receivables.allocation.objects import allocate, allocate_oldest_first
    from receivables.book import Book
    from receivables.closing import roll_forward, tie_out
    from receivables.currencies import ExchangeRates, revaluation
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
    from receivables.interest import InterestPolicy, interest_on, jurisdiction
    from receivables.ledger.objects import Ledger
    from receivables.ledger.returns import Return, plan_return
    from receivables.matching.model import MatchingPolicy
    from receivables.matching.objects import match
    from receivables.money import ExchangeRate, Money
    from receivables.opening import open_folder
    from receivables.opening import open_folder as open  # noqa: A004  # reads well as receivables.open
    from receivables.parties import Contact, Creditor, Customer
    from receivables.plugins import load_plugins
    from receivables.receipts.model import Receipt
    from receivables.statements import statement_of_account
    from receivables.terms.model import PaymentTerms
    from receivables.terms.objects import due_date, parse_terms, schedule

__all__ = [
    "AgeBasis",
    "Aging",
    "AgingScheme",
    "Allocation",
    "Book",
    "Chart",
    "Contact",
    "CreditNote",
    "Creditor",
    "Credits",
    "Customer",
    "DebitNote",
    "DunningLevel",
    "DunningProcedure",
    "ExchangeRate",
    "ExchangeRates",
    "Installment",
    "InterestPolicy",
    "Invoice",
    "Journal",
    "Ledger",
    "Leg",
    "Line",
    "MatchingPolicy",
    "Money",
    "OpenItem",
    "PaymentTerms",
    "Receipt",
    "Residual",
    "Return",
    "Tax",
    "TolerancePolicy",
    "Undated",
    "age",
    "allocate",
    "allocate_by",
    "allocate_oldest_first",
    "chart",
    "due_date",
    "interest_on",
    "journal",
    "jurisdiction",
    "load_plugins",
    "match",
    "open",
    "open_folder",
    "open_items",
    "parse_terms",
    "plan_return",
    "revaluation",
    "roll_forward",
    "run_cycle",
    "schedule",
    "settle",
    "statement_of_account",
    "tie_out",
]

_HOME: Final = {
    "AgeBasis": "aging.model",
    "Aging": "aging.model",
    "AgingScheme": "aging.model",
    "Allocation": "allocation.model",
    "Book": "book",
    "Chart": "accounting.model",
    "Contact": "parties",
    "CreditNote": "documents.model",
    "Creditor": "parties",
    "Credits": "aging.model",
    "Customer": "parties",
    "DebitNote": "documents.model",
    "DunningLevel": "dunning.model",
    "DunningProcedure": "dunning.model",
    "ExchangeRate": "money",
    "ExchangeRates": "currencies",
    "Installment": "documents.model",
    "InterestPolicy": "interest",
    "Invoice": "documents.model",
    "Journal": "accounting.model",
    "Ledger": "ledger.objects",
    "Leg": "allocation.model",
    "Line": "documents.model",
    "MatchingPolicy": "matching.model",
    "Money": "money",
    "OpenItem": "documents.model",
    "PaymentTerms": "terms.model",
    "Receipt": "receipts.model",
    "Residual": "allocation.model",
    "Return": "ledger.returns",
    "Tax": "documents.model",
    "TolerancePolicy": "allocation.model",
    "Undated": "aging.model",
    "age": "aging.objects",
    "allocate": "allocation.objects",
    "allocate_by": "allocation",
    "allocate_oldest_first": "allocation.objects",
    "chart": "accounting.loading",
    "due_date": "terms.objects",
    "interest_on": "interest",
    "journal": "accounting.objects",
    "jurisdiction": "interest",
    "load_plugins": "plugins",
    "match": "matching.objects",
    "open": "opening",
    "open_folder": "opening",
    "open_items": "documents.objects",
    "parse_terms": "terms.objects",
    "plan_return": "ledger.returns",
    "revaluation": "currencies",
    "roll_forward": "closing",
    "run_cycle": "cycle",
    "schedule": "terms.objects",
    "settle": "allocation",
    "statement_of_account": "statements",
    "tie_out": "closing",
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
