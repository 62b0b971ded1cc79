"""A folder of a company that sells on credit, and the command run on it in this process."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from receivables.cli import main

SETTINGS = """
[creditor]
creditor = "MIRA"
name = "Mirabelle SAS"
locale = "fr-FR"
country = "FR"
currency = "EUR"
iban = "FR7699999000010000000421774"

[[ledger]]
source = "csv"
files = ["customers.csv"]
settings = { record = "customers", delimiter = ";" }

[[ledger]]
source = "csv"
files = ["documents.csv"]
settings = { delimiter = ";", decimal = "." }

[[credit-information]]
source = "credit-csv"
files = ["orders.csv"]
settings = { delimiter = ";", decimal = "." }

[letters]
renderers = ["text"]
reports = ["aging-csv"]

[[credit.insurance]]
number = "EH-1"
insurer = "Assureur"
currency = "EUR"
insured-bps = 9000
extension-days = 60
notify-days = 30
claim-days = 150

[allowance]
version = "1"
scheme = { upper-bounds = [30, 60] }
[allowance.rates]
default = ["0.3 %", "1.6 %", "5 %", "20 %"]

[[write-offs.levels]]
role = "head of credit"
[write-offs.small-balances]
items = { EUR = "5.00" }
min-days = 30
"""

CUSTOMERS = """customer;name;locale;country;consumer
C-1;Quincaillerie Dupont SARL;fr-FR;FR;no
C-2;Harfang [SAS];fr-FR;FR;no
C-3;Jeanne Petit;fr-FR;FR;yes
"""

DOCUMENTS = """number;customer;document-date;due-date;amount;currency
F-1;C-1;2026-05-01;2026-06-01;1000.00;EUR
F-2;C-1;2026-08-01;2026-09-25;250.50;EUR
F-3;C-2;2026-08-01;2026-09-20;500.00;EUR
F-4;C-3;2026-06-01;2026-07-01;4.50;EUR
"""

ORDERS = """commitment;customer;kind;amount;currency
SO-1;C-2;order;300.00;EUR
"""


@attrs.frozen(kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


@pytest.fixture
def lending(tmp_path: Path) -> Path:
    """Four invoices of three customers, an order, an insurance, a matrix; nobody has a limit."""
    path = tmp_path / "lending"
    path.mkdir()
    (path / "receivables.toml").write_text(SETTINGS, encoding="utf-8")
    (path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (path / "documents.csv").write_text(DOCUMENTS, encoding="utf-8")
    (path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    return path


@pytest.fixture
def lend(lending: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command in this process; ``{}`` stands for the folder."""

    def run(*arguments: object) -> Ended:
        words = [str(lending) if word == "{}" else str(word) for word in arguments]
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr()
        return Ended(status=ended.value.code or 0, out=said.out, err=said.err)

    return run


@pytest.fixture
def kinds(lending: Path) -> Callable[[], list[str]]:
    """The kinds of the events that the journal holds; nothing where there is no journal."""

    def found() -> list[str]:
        path = lending / "receivables.db"
        if not path.exists():
            return []
        journal = sqlite3.connect(path)
        try:
            return [kind for (kind,) in journal.execute("select kind from events order by seq")]
        finally:
            journal.close()

    return found
