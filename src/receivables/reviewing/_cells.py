"""A row of a review as cells in the reader's language, for tables, worksheets and pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

import attrs

from receivables.explaining import explain
from receivables.i18n import words
from receivables.money import from_minor
from receivables.reviewing._words import decision_word, residual_word
from receivables.reviewing.model import ReviewRow

__all__ = ["Amount", "Shown", "in_units", "shown"]


@attrs.frozen
class Amount:
    """An amount that knows its currency, so that whoever writes it has its decimals."""

    amount_minor: int
    currency: str


Shown: TypeAlias = str | dt.date | Amount | Decimal | None


def in_units(amount: Amount) -> Decimal:
    """An amount as an exact decimal with its currency's digits."""
    return from_minor(amount.amount_minor, amount.currency).amount


def shown(row: ReviewRow, locale: str) -> Mapping[str, Shown]:
    """The cells of a row by the name of their column; None for an empty one."""
    catalog = words(locale)
    residual, currency = row.residual, row.currency
    return {
        "receipt": row.receipt,
        "booking_date": row.booking_date,
        "payer": row.payer,
        "payer_account": row.payer_account,
        "amount": Amount(row.amount_minor, currency),
        "currency": currency,
        "text": row.text,
        "outcome": catalog.text("match", row.outcome.value),
        "sure": Decimal(row.probability_bp).scaleb(-2),
        "decision": decision_word(row.decision, catalog),
        "customer": row.customer,
        "item": row.item,
        "pays": None if row.pays_minor is None else Amount(row.pays_minor, currency),
        "residual": residual_word(residual.kind, catalog) if residual else "",
        "residual_amount": Amount(residual.amount_minor, currency) if residual else None,
        "residual_reason": residual.reason if residual else "",
        "unapplied": Amount(row.unapplied_minor, currency),
        "why": "; ".join(
            explain(((each.kind.value, each.detail) for each in row.evidence), locale=locale)
        ),
        "alternatives": " | ".join(" + ".join(items) for items in row.alternatives),
    }
