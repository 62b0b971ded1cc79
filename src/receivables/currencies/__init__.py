"""Currencies: dated rates, carrying amounts, realized differences, revaluation and cash rounding."""

from receivables.currencies.cash import CASH_ROUNDINGS, CashAmount, CashRounding, cash_rounding
from receivables.currencies.loading import load_rates, read_rates
from receivables.currencies.model import (
    AppliedRate,
    ConvertedPart,
    ConvertedTotal,
    ExchangeProvision,
    ExchangeRates,
    MissingDay,
    ProvisionRow,
    QuotedRate,
    RateKind,
    RealizedDifference,
    Revaluable,
    Revaluation,
    RevaluationRow,
    RevaluationTotal,
)
from receivables.currencies.objects import (
    carrying,
    exchange_provision,
    revaluation,
    settle_part,
    total,
)
from receivables.currencies.rules import realized, relieved, revalue

__all__ = [
    "CASH_ROUNDINGS",
    "AppliedRate",
    "CashAmount",
    "CashRounding",
    "ConvertedPart",
    "ConvertedTotal",
    "ExchangeProvision",
    "ExchangeRates",
    "MissingDay",
    "ProvisionRow",
    "QuotedRate",
    "RateKind",
    "RealizedDifference",
    "Revaluable",
    "Revaluation",
    "RevaluationRow",
    "RevaluationTotal",
    "carrying",
    "cash_rounding",
    "exchange_provision",
    "load_rates",
    "read_rates",
    "realized",
    "relieved",
    "revaluation",
    "revalue",
    "settle_part",
    "total",
]
