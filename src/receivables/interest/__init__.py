"""Late-payment interest and compensation: the law as data, exact to the day, explained.

Loaded when first used: rates and jurisdictions are values, and nothing here reads a clock.
"""

from receivables.interest.accrual import (
    AgreedRate,
    BalanceStep,
    Interest,
    InterestPolicy,
    LateItem,
    Per,
    Segment,
)
from receivables.interest.charging import (
    Charged,
    Charging,
    InterestRun,
    charged_in,
    interest_documents,
    reversal_of,
)
from receivables.interest.from_ledger import PaidOn, charged_on, late_items
from receivables.interest.loading import (
    jurisdiction,
    jurisdictions,
    load_jurisdiction,
    load_rates,
)
from receivables.interest.model import (
    Agreed,
    Base,
    CompensationRule,
    Compounding,
    DaySpan,
    Debtor,
    Jurisdiction,
    Margin,
    Provenance,
    RateCap,
    RateFloor,
    RateSeries,
    RateTable,
    ReferenceDay,
    ReferenceRate,
    SourceStatus,
    Tier,
)
from receivables.interest.objects import compensation_for, interest_on

__all__ = [
    "Agreed",
    "AgreedRate",
    "BalanceStep",
    "Base",
    "Charged",
    "Charging",
    "CompensationRule",
    "Compounding",
    "DaySpan",
    "Debtor",
    "Interest",
    "InterestPolicy",
    "InterestRun",
    "Jurisdiction",
    "LateItem",
    "Margin",
    "PaidOn",
    "Per",
    "Provenance",
    "RateCap",
    "RateFloor",
    "RateSeries",
    "RateTable",
    "ReferenceDay",
    "ReferenceRate",
    "Segment",
    "SourceStatus",
    "Tier",
    "charged_in",
    "charged_on",
    "compensation_for",
    "interest_documents",
    "interest_on",
    "jurisdiction",
    "jurisdictions",
    "late_items",
    "load_jurisdiction",
    "load_rates",
    "reversal_of",
]
