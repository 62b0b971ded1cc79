"""Results for people, in the words and numbers of their language: tables in HTML and text, progress.

>>> from receivables.tables import CellKind, ResultTable, TableColumn
>>> table = ResultTable(
...     title="aging",
...     columns=[TableColumn(name="customer"),
...              TableColumn(name="total_minor", heading="total", kind=CellKind.MONEY)],
...     rows=[("C-017", -120_000)], currency="EUR",
... )
>>> print(show(table, "es-MX", brackets=True).text())
Antigüedad de saldos, en EUR
Cliente      Total
C-017    (1,200.00)
"""

from receivables.showing._progress import progress, tracking
from receivables.showing._shown import HasTable, Shown, ShownLine, show

__all__ = ["HasTable", "Shown", "ShownLine", "progress", "show", "tracking"]
