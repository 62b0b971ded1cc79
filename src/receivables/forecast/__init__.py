"""Forecasts: when each open item will be paid, and the cash that makes."""

from receivables.forecast.model import (
    WHOLE_PPM,
    CashForecast,
    CashGrain,
    CashPeriod,
    CashSource,
    ForecastItem,
    ForecastReason,
    PaymentForecast,
    PaymentModel,
)

__all__ = [
    "WHOLE_PPM",
    "CashForecast",
    "CashGrain",
    "CashPeriod",
    "CashSource",
    "ForecastItem",
    "ForecastReason",
    "PaymentForecast",
    "PaymentModel",
]
