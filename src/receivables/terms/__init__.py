"""Payment terms: when a document is due."""

from receivables.terms.model import MonthEnd, PaymentTerms
from receivables.terms.objects import due_date, parse_terms, with_terms

__all__ = ["MonthEnd", "PaymentTerms", "due_date", "parse_terms", "with_terms"]
