"""The folder of an invented company: settings, lists and bank statements, as bytes by path."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from receivables.documents.model import ItemKind
from receivables.parties import Creditor, Customer
from receivables.testing._camt import amount_text, pages, to_xml
from receivables.testing._company import Company
from receivables.testing._dice import Dice
from receivables.testing._sales import Sale

__all__ = ["creditor_toml", "folder_files", "statement_files", "write_folder"]

_PAGE_SIZE: Final = 60
_CODES: Final = {ItemKind.INVOICE: "FA", ItemKind.CREDIT_NOTE: "AV", ItemKind.DEBIT_NOTE: "ND"}

_CUSTOMER_HEADINGS: Final = (
    *("Code client", "Raison sociale", "Langue", "Pays", "Adresse", "Code postal", "Ville"),
    *("Province", "Contact", "Courriel", "Téléphone", "IBAN", "Autres noms", "Groupe payeur"),
    *("Conditions", "Identifiants"),
)
_INVOICE_HEADINGS: Final = (
    *("N° pièce", "Type", "Code client", "Date pièce", "Date échéance", "Montant TTC"),
    *("Devise", "Conditions", "Références"),
)

_SOURCES: Final = """\
[[ledger]]
source = "csv"
files = ["customers.csv"]
[ledger.settings]
record = "customers"
delimiter = ";"
encoding = "utf-8"
[ledger.settings.columns]
customer = "Code client"
name = "Raison sociale"
locale = "Langue"
country = "Pays"
address = "Adresse"
postal-code = "Code postal"
city = "Ville"
region = "Province"
contact = "Contact"
email = "Courriel"
phone = "Téléphone"
ibans = "IBAN"
aliases = "Autres noms"
payer-group = "Groupe payeur"
terms = "Conditions"
identifiers = "Identifiants"

[[ledger]]
source = "csv"
files = ["invoices.csv"]
[ledger.settings]
record = "documents"
delimiter = ";"
encoding = "cp1252"
decimal = ","
grouping = ""
date-format = "%d/%m/%Y"
types = { FA = "invoice", AV = "credit-note", ND = "debit-note" }
[ledger.settings.columns]
number = "N° pièce"
type = "Type"
customer = "Code client"
document-date = "Date pièce"
due-date = "Date échéance"
amount = "Montant TTC"
currency = "Devise"
terms = "Conditions"
references = "Références"

[[statements]]
reader = "camt053"
files = ["statements/*.xml"]
"""

_RULES: Final = """\
[terms]
default = "net 30"

[aging]
bounds = [30, 60, 90]
basis = "due-date"
credits = "apart"

[dunning]
procedure = "standard"

[accounting]
chart = "fr-pcg"
rates = ["rates.toml"]
"""

_RATE: Final = """
[[rates]]
base = "EUR"
quote = "CAD"
date = {day}
rate = "{rate}"
source = "invented"
"""
_RATE_BETWEEN: Final = (14_400, 15_200)
"""Ten-thousandths of a Canadian dollar for a euro."""


def write_folder(company: Company, *, page_size: int = _PAGE_SIZE) -> Mapping[str, bytes]:
    """The files of the folder by path; the caller writes them.

    They are `receivables.toml`, `rates.toml`, `customers.csv`, `invoices.csv` and a file per page of
    each monthly bank statement below `statements`.

    >>> from receivables.testing._company import generate
    >>> list(write_folder(generate(invoices=30, customers=3)))[:3]
    ['receivables.toml', 'rates.toml', 'customers.csv']
    """
    return dict(folder_files(company, page_size=page_size))


def folder_files(company: Company, *, page_size: int = _PAGE_SIZE) -> Iterator[tuple[str, bytes]]:
    """The same files one by one, so that a large folder need not be in memory."""
    settings = "\n".join((creditor_toml(company.creditor), _SOURCES, _RULES))
    yield "receivables.toml", settings.encode()
    yield "rates.toml", _rates(company).encode()
    rows = (_customer_row(customer) for customer in company.customers)
    yield "customers.csv", _table(_CUSTOMER_HEADINGS, rows).encode()
    sales = (_sale_row(sale) for sale in company.sales)
    yield "invoices.csv", _table(_INVOICE_HEADINGS, sales).encode("cp1252")
    yield from statement_files(company, page_size=page_size)


def statement_files(
    company: Company, *, page_size: int = _PAGE_SIZE
) -> Iterator[tuple[str, bytes]]:
    """The pages of the bank statements, account by account."""
    for account in company.accounts:
        for page in pages(
            account,
            company.entries,
            first_day=company.first_day,
            last_day=company.last_day,
            page_size=page_size,
        ):
            content = to_xml(page, owner=company.creditor.name, bic=company.creditor.bic)
            yield f"statements/{page.name}", content


def creditor_toml(creditor: Creditor) -> str:
    """The tables of the creditor in a settings file."""
    address = creditor.address
    numbers = ", ".join(
        f"{{ scheme = {_quoted(number.scheme)}, value = {_quoted(number.value)} }}"
        for number in creditor.identifiers
    )
    rows = [
        ("creditor", creditor.creditor),
        ("name", creditor.name),
        ("locale", creditor.locale),
        ("country", creditor.country),
        ("currency", creditor.currency),
        ("iban", creditor.iban),
        ("bic", creditor.bic),
        ("email", creditor.email),
        ("phone", creditor.phone),
        ("legal-form", creditor.legal_form),
    ]
    parts = [
        ("postal-code", address.postal_code),
        ("city", address.city),
        ("country", address.country),
    ]
    return "\n".join(
        (
            "[creditor]",
            *(f"{key} = {_quoted(value)}" for key, value in rows),
            f"accounts = [{', '.join(map(_quoted, creditor.accounts))}]",
            f"identifiers = [{numbers}]",
            "[creditor.address]",
            f"lines = [{', '.join(map(_quoted, address.lines))}]",
            *(f"{key} = {_quoted(value)}" for key, value in parts),
            "",
        )
    )


def _rates(company: Company) -> str:
    """A rate of every Friday, which holds until the next one."""
    dice = Dice(company.seed, "rates")
    fridays = []
    day = company.first_day - dt.timedelta(days=company.first_day.weekday() + 3)
    while day <= company.last_day:
        rate = dice.between(*_RATE_BETWEEN)
        fridays.append(_RATE.format(day=day, rate=f"{rate // 10_000}.{rate % 10_000:04d}"))
        day += dt.timedelta(days=7)
    return "".join(("previous-within-days = 7\n", *fridays))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue()


def _customer_row(customer: Customer) -> list[str]:
    contact = customer.contacts[0]
    return [
        customer.customer,
        customer.name,
        customer.locale,
        customer.country,
        "|".join(customer.address.lines),
        customer.address.postal_code,
        customer.address.city,
        customer.address.region,
        contact.name,
        contact.email,
        contact.phone,
        " ".join(customer.ibans),
        "|".join(customer.aliases),
        customer.payer_group,
        customer.terms,
        " ".join(f"{number.scheme}:{number.value}" for number in customer.identifiers),
    ]


def _sale_row(sale: Sale) -> list[str]:
    due = f"{sale.due_date:%d/%m/%Y}" if sale.due_date else ""
    return [
        sale.number,
        _CODES[sale.kind],
        sale.customer,
        f"{sale.document_date:%d/%m/%Y}",
        due,
        amount_text(sale.amount_minor, sale.currency, point=","),
        sale.currency,
        sale.terms,
        "|".join(sale.references),
    ]
