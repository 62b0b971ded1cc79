"""How promises came out, as a table for people."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from receivables.promises.model import KeptRate
from receivables.tables import CellKind, Phrase, ResultTable, TableColumn

__all__ = ["kept_rate_table"]


def kept_rate_table(rates: Iterable[KeptRate]) -> ResultTable:
    """Rates by customer, or by collector, as a table for people; what was not promised has no rate.

    >>> print(kept_rate_table([KeptRate(collector="Ana", currency="EUR", kept=3, broken=1)]))
    promises kept
    collector  currency  kept  partly kept  broken  open  withdrawn  kept, share  promised  paid in time
    Ana        EUR          3            0       1     0          0       75.0 %      0.00          0.00
    """
    known = list(rates)
    who = "collector" if any(one.collector for one in known) else "customer"
    counts = ("kept", "partly kept", "broken", "open", "withdrawn")
    return ResultTable(
        title="promises kept",
        columns=[
            TableColumn(name=who),
            TableColumn(name="currency"),
            *(
                TableColumn(name=name.replace(" ", "_"), heading=Phrase(name), kind=CellKind.COUNT)
                for name in counts
            ),
            TableColumn(name="kept_share", heading=Phrase("kept, share"), kind=CellKind.SHARE),
            TableColumn(name="promised_minor", heading=Phrase("promised"), kind=CellKind.MONEY),
            TableColumn(name="paid_minor", heading=Phrase("paid in time"), kind=CellKind.MONEY),
        ],
        rows=[
            [
                *(getattr(one, who), one.currency),
                *(one.kept, one.partly_kept, one.broken, one.open, one.withdrawn),
                Fraction(one.kept, one.decided) if one.decided else None,
                *(one.promised_minor, one.paid_minor),
            ]
            for one in known
        ],
    )
