"""mt-940, a reader by others, gives the same amounts and days where it reads a file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from receivables_plugins.mt940.reader import Mt940Reader
from receivables_plugins.mt940.settings import Mt940Settings

_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "corpora" / "bank"
_ABSENT = pytest.param(
    "", marks=pytest.mark.skip(reason="shared corpora are not beside this checkout")
)

OTHERWISE = {
    "Rabo/sample": "a dot before the decimals makes it lose entries",
    "betterplace/empty_entry_date.sta": "an entry without any head is none for it",
    "betterplace/sepa_snippet_broken.txt": "the account is an information for it",
}
"""Files that it reads otherwise, by how their names end, and why ours is right."""


def _files():
    found = (path for name in ("mt940", "mt942") for path in sorted((_FOLDER / name).rglob("*")))
    names = [path.relative_to(_FOLDER).as_posix() for path in found if path.is_file()]
    kept = [name for name in names if not name.endswith(tuple(OTHERWISE))]
    return kept or [_ABSENT]


def _theirs(content):
    """Signed amounts and value dates as it reads them; None where it refuses the file."""
    mt940 = pytest.importorskip("mt940", reason="needs mt-940")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    try:
        read = mt940.parse_statements(text, options=mt940.Options.all())
    except (ArithmeticError, RuntimeError, ValueError):
        return None
    found = [each.data for one in read for each in one.transactions if "amount" in each.data]
    return [(each["amount"].amount, each["date"].isoformat()) for each in found]


@pytest.mark.parametrize("name", _files(), ids=str)
def test_a_second_opinion_agrees(name, shared, entries):
    """Amounts with their sign and value dates are the same, entry by entry."""
    content = (shared / name).read_bytes()
    theirs = _theirs(content)
    read = Mt940Reader(Mt940Settings(currency="EUR")).read(io.BytesIO(content), name=name).collect()
    lost = {"currency.unknown", "date.invalid", "file.truncated"} & {
        problem.code for problem in read.report.errors
    }
    ours = [(one.amount.amount, one.value_date.isoformat()) for one in entries(read)]

    assert theirs is None or lost or theirs == ours
