"""A small company's folder, written anew for each test: customers, invoices, a bank statement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
[ledger.settings]
record = "customers"
delimiter = ";"
columns = { customer = "code", name = "name", locale = "locale", ibans = "iban" }

[[ledger]]
source = "csv"
files = ["invoices.csv"]
[ledger.settings]
delimiter = ";"
decimal = ","
grouping = ""
types = { FA = "invoice", AV = "credit-note" }
[ledger.settings.columns]
number = "number"
type = "type"
customer = "customer"
document-date = "date"
due-date = "due"
amount = "amount"
currency = "currency"

[[statements]]
reader = "camt053"
files = ["*.xml"]

[letters]
renderers = ["eml"]
reports = ["aging-csv"]
"""

CUSTOMERS = """code;name;locale;iban
C-1;Quincaillerie Dupont SARL;fr-FR;FR1420041010050500013M02606
C-2;Harfang inc.;fr-CA;
C-3;Luces del Norte SL;es-ES;
"""

INVOICES = """number;type;customer;date;due;amount;currency
F-0001;FA;C-1;2026-08-01;2026-08-31;100,00;EUR
F-0002;FA;C-1;2026-09-01;2026-10-01;250,50;EUR
F-0003;FA;C-2;2026-08-15;2026-09-14;75,00;CAD
F-0004;FA;C-3;2026-10-20;2026-11-20;60,00;EUR
F-0005;AV;C-1;2026-09-05;2026-09-05;20,00;EUR
"""

ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>
<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>
</RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""

STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-31T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-10-31T20:00:00</CreDtTm>
<Acct><Id><IBAN>FR7699999000010000000421774</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1153.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
{entries}</Stmt></BkToCstmrStmt></Document>
"""

ENTRIES = ENTRY.format(
    amount="100.00",
    day="2026-10-05",
    reference="B1",
    name="QUINCAILLERIE DUPONT",
    iban="FR1420041010050500013M02606",
    text="REGLT F-0001",
) + ENTRY.format(
    amount="53.00",
    day="2026-10-06",
    reference="B2",
    name="PERSONNE",
    iban="DE75512108001245126199",
    text="MERCI",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder, complete and without a fault."""
    path = tmp_path / "company"
    path.mkdir()
    (path / "receivables.toml").write_text(SETTINGS, encoding="utf-8")
    (path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (path / "invoices.csv").write_text(INVOICES, encoding="utf-8")
    (path / "october.xml").write_text(STATEMENT.format(entries=ENTRIES), encoding="utf-8")
    return path


@pytest.fixture
def change(folder: Path) -> Callable[[str, str, str], None]:
    """Replace a text in one of the folder's files; the text must be there."""

    def changed(name: str, old: str, new: str) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")

        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return changed


COLLECTING = """
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
settings = { delimiter = ";", decimal = ".", types = { FA = "invoice", AV = "credit-note" } }

[[ledger]]
source = "csv"
files = ["receipts.csv"]
settings = { record = "receipts", delimiter = ";", decimal = "." }

[letters]
renderers = ["text"]
reports = ["aging-csv"]

[interest]
jurisdiction = "fr-business"
payable-days = 15
"""

PARTIES = """customer;name;locale;country;consumer;owners
C-1;Quincaillerie Dupont SARL;fr-FR;FR;no;collector:lea
C-2;Harfang SAS;fr-FR;FR;no;
C-3;Jeanne Petit;fr-FR;FR;yes;
C-4;Luces del Norte SL;es-ES;ES;no;collector:paul
"""

DOCUMENTS = """number;type;customer;document-date;due-date;amount;currency
F-1;FA;C-1;2026-08-01;2026-09-01;1000.00;EUR
F-2;FA;C-1;2026-08-01;2026-09-02;250.50;EUR
F-3;FA;C-2;2026-08-01;2026-09-01;500.00;EUR
F-4;FA;C-3;2026-08-01;2026-09-01;75.00;EUR
F-5;FA;C-4;2026-08-01;2026-09-01;60.00;EUR
"""

RECEIPTS = """receipt;customer;booking-date;amount;currency;payer-name;text
R-1;C-2;2026-08-20;40.00;EUR;Harfang SAS;acompte
"""


@pytest.fixture
def collecting(tmp_path: Path) -> Path:
    """A folder with five late invoices of four customers, and the French procedure."""
    path = tmp_path / "collecting"
    path.mkdir()
    settings = COLLECTING + '[dunning]\nprocedure = "france-business"\n'
    (path / "receivables.toml").write_text(settings, encoding="utf-8")
    (path / "customers.csv").write_text(PARTIES, encoding="utf-8")
    (path / "documents.csv").write_text(DOCUMENTS, encoding="utf-8")
    (path / "receipts.csv").write_text(RECEIPTS, encoding="utf-8")
    return path


@pytest.fixture
def settle(collecting: Path) -> Callable[..., None]:
    """Write the settings of the folder anew, with other tables at their end."""

    def settled(tables: str, **changes: str) -> None:
        text = COLLECTING
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        (collecting / "receivables.toml").write_text(text + tables, encoding="utf-8")

    return settled
