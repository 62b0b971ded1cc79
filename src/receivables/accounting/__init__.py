"""Double entry for every event: charts, posting rules, the journal, revaluation, entries by hand."""

from receivables.accounting.loading import chart, chart_names, chart_variants, posting_rules
from receivables.accounting.manual import ManualEntries, Said, reversal
from receivables.accounting.model import (
    Chart,
    EntryId,
    GlAccount,
    Journal,
    JournalEntry,
    JournalLine,
    Role,
)
from receivables.accounting.objects import (
    CarriedItem,
    Rates,
    carried_items,
    carrying_amounts,
    journal,
    journal_entries,
)
from receivables.accounting.payouts import payout_entry, settled_payout, settled_payout_entry
from receivables.accounting.posting import OutgoingRate, Posting, PostingRules, RateDay, TaxPart
from receivables.accounting.revaluing import (
    RevaluationEntries,
    RevaluationScheme,
    revaluation_entries,
)

__all__ = [
    "CarriedItem",
    "Chart",
    "EntryId",
    "GlAccount",
    "Journal",
    "JournalEntry",
    "JournalLine",
    "ManualEntries",
    "OutgoingRate",
    "Posting",
    "PostingRules",
    "RateDay",
    "Rates",
    "RevaluationEntries",
    "RevaluationScheme",
    "Role",
    "Said",
    "TaxPart",
    "carried_items",
    "carrying_amounts",
    "chart",
    "chart_names",
    "chart_variants",
    "journal",
    "journal_entries",
    "payout_entry",
    "posting_rules",
    "revaluation_entries",
    "reversal",
    "settled_payout",
    "settled_payout_entry",
]
