"""Audit files made for the tests of the plug-in ``saft``."""

from __future__ import annotations

import io

import pytest

from receivables_plugins.saft import SaftSettings
from receivables_plugins.saft.source import SaftSource

_NORWAY = "urn:StandardAuditFile-Taxation-Financial:NO"
_PORTUGAL = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"


def _xml(name, *children, **fields):
    """An element: children as texts, then one element for each keyword, in the order given."""
    inner = "".join(children) + "".join(
        f"<{field}>{value}</{field}>" for field, value in fields.items()
    )
    return f"<{name}>{inner}</{name}>"


def _balances(opening, closing):
    def side(when, amount):
        kind = "Credit" if amount < 0 else "Debit"
        return f"<{when}{kind}Balance>{abs(amount)}</{when}{kind}Balance>"

    return side("Opening", opening) + side("Closing", closing)


def _amount(amount, inner=""):
    side = "CreditAmount" if amount < 0 else "DebitAmount"
    return f"<{side}><Amount>{abs(amount)}</Amount>{inner}</{side}>"


class Norway:
    """Builds a Norwegian file part by part."""

    def __init__(self, version="1.10"):
        self.version = version
        self.customers = []
        self.transactions = []
        self.accounts = ""
        self.totals = ""

    def customer(self, number, opening=0, closing=0, *, name="Leker AS", account="1500", more=""):
        """A customer with its balances, in the form of the version."""
        own = f"<AccountID>{account}</AccountID>{_balances(opening, closing)}"
        if self.version == "1.30":
            own = f"<BalanceAccount>{own}</BalanceAccount>"
        party = f"<RegistrationNumber>987654321</RegistrationNumber><Name>{name}</Name>"
        address = _xml(
            "Address", StreetName="Postboks 1", City="Oslo", PostalCode="0123", Country="NO"
        )
        self.customers.append(
            f"<Customer>{party}{address}<CustomerID>{number}</CustomerID>{own}{more}</Customer>"
        )
        return self

    def entry(self, number, *lines, date="2026-01-15"):
        """A transaction of lines ``(account, amount, fields)``; fields go behind the amount."""
        made = "".join(self._line(place, *line) for place, line in enumerate(lines, start=1))
        head = _xml_fields(
            TransactionID=number,
            Period="1",
            PeriodYear="2026",
            TransactionDate=date,
            Description="text",
            SystemEntryDate="2026-02-01",
            GLPostingDate="2026-02-01",
        )
        self.transactions.append(f"<Transaction>{head}{made}</Transaction>")
        return self

    def _line(self, place, account, amount, customer="", foreign="", **after):
        party = f"<CustomerID>{customer}</CustomerID>" if customer else ""
        head = f"<RecordID>{place}</RecordID><AccountID>{account}</AccountID>{party}"
        return (
            f"<Line>{head}<Description>line</Description>{_amount(amount, foreign)}"
            f"{_xml_fields(**after)}</Line>"
        )

    def content(self):
        """The bytes of the file."""
        head = _xml_fields(AuditFileVersion=self.version, AuditFileCountry="NO") + (
            "<DefaultCurrencyCode>NOK</DefaultCurrencyCode><SelectionCriteria>"
            "<SelectionStartDate>2026-01-01</SelectionStartDate>"
            "<SelectionEndDate>2026-12-31</SelectionEndDate></SelectionCriteria>"
        )
        accounts = f"<GeneralLedgerAccounts>{self.accounts}</GeneralLedgerAccounts>"
        journal = f"<Journal><JournalID>GL</JournalID><Description>d</Description><Type>GL</Type>{''.join(self.transactions)}</Journal>"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<n1:AuditFile xmlns:n1="{_NORWAY}" xmlns="{_NORWAY}">'
            f"<Header>{head}</Header><MasterFiles>{accounts}"
            f"<Customers>{''.join(self.customers)}</Customers></MasterFiles>"
            f"<GeneralLedgerEntries>{self.totals}{journal}</GeneralLedgerEntries></n1:AuditFile>"
        ).encode()


def _xml_fields(**fields):
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value != "")


class Portugal:
    """Builds a Portuguese file part by part."""

    def __init__(self, basis="F"):
        self.basis = basis
        self.masters = ""
        self.entries = ""
        self.invoices = []
        self.payments = []

    def customer(self, number, *, account="211110001", name="Papelaria Lda"):
        """A customer of the master file."""
        address = _xml(
            "BillingAddress",
            AddressDetail="Rua 1",
            City="Porto",
            PostalCode="4000-001",
            Country="PT",
        )
        self.masters += (
            f"<Customer><CustomerID>{number}</CustomerID><AccountID>{account}</AccountID>"
            f"<CustomerTaxID>501442600</CustomerTaxID><CompanyName>{name}</CompanyName>{address}"
            "<SelfBillingIndicator>0</SelfBillingIndicator></Customer>"
        )
        return self

    def account(self, number, opening=0, closing=0):
        """An account of the general ledger, which goes before the customers."""

        def both(when, amount):
            debit, credit = max(amount, 0), max(-amount, 0)
            return f"<{when}DebitBalance>{debit}</{when}DebitBalance><{when}CreditBalance>{credit}</{when}CreditBalance>"

        self.masters = (
            f"<Account><AccountID>{number}</AccountID><AccountDescription>d</AccountDescription>"
            f"{both('Opening', opening)}{both('Closing', closing)}</Account>{self.masters}"
        )
        return self

    def entry(self, number, *lines, date="2026-01-15"):
        """A transaction of lines ``(account, amount, reference)``."""
        made = {"DebitLine": "", "CreditLine": ""}
        for place, (account, amount, reference) in enumerate(lines, start=1):
            kind = "Credit" if amount < 0 else "Debit"
            made[f"{kind}Line"] += (
                f"<{kind}Line><RecordID>{place}</RecordID><AccountID>{account}</AccountID>"
                f"<SourceDocumentID>{reference}</SourceDocumentID><Description>d</Description>"
                f"<{kind}Amount>{abs(amount)}</{kind}Amount></{kind}Line>"
            )
        lines_ = "".join(made.values())
        self.entries += (
            f"<Transaction><TransactionID>{date} J {number}</TransactionID>"
            f"<TransactionDate>{date}</TransactionDate><GLPostingDate>{date}T10:00:00</GLPostingDate>"
            f"<Lines>{lines_}</Lines></Transaction>"
        )
        return self

    def invoice(
        self, number, total, *, kind="FT", date="2026-01-15", customer="C1", status="N", line=""
    ):
        """A sales invoice."""
        self.invoices.append(
            f"<Invoice><InvoiceNo>{number}</InvoiceNo><DocumentStatus><InvoiceStatus>{status}</InvoiceStatus></DocumentStatus>"
            f"<InvoiceDate>{date}</InvoiceDate><InvoiceType>{kind}</InvoiceType><CustomerID>{customer}</CustomerID>"
            f"<Line>{line}</Line><DocumentTotals><GrossTotal>{total}</GrossTotal></DocumentTotals></Invoice>"
        )
        return self

    def payment(self, number, gross, *parts, date="2026-02-15", customer="C1", status="N"):
        """A payment of parts ``(document, amount)``."""
        lines = "".join(
            f"<Line><SourceDocumentID><OriginatingON>{document}</OriginatingON></SourceDocumentID>"
            f"<{'Credit' if amount >= 0 else 'Debit'}Amount>{abs(amount)}</{'Credit' if amount >= 0 else 'Debit'}Amount></Line>"
            for document, amount in parts
        )
        self.payments.append(
            f"<Payment><PaymentRefNo>{number}</PaymentRefNo><TransactionDate>{date}</TransactionDate>"
            f"<DocumentStatus><PaymentStatus>{status}</PaymentStatus></DocumentStatus><CustomerID>{customer}</CustomerID>"
            f"{lines}<DocumentTotals><GrossTotal>{gross}</GrossTotal></DocumentTotals></Payment>"
        )
        return self

    def content(self):
        """The bytes of the file."""
        head = _xml_fields(
            AuditFileVersion="1.04_01",
            TaxAccountingBasis=self.basis,
            FiscalYear="2026",
            StartDate="2026-01-01",
            EndDate="2026-12-31",
            CurrencyCode="EUR",
        )
        ledger = (
            f"<GeneralLedgerEntries><Journal><JournalID>J</JournalID>{self.entries}</Journal></GeneralLedgerEntries>"
            if self.entries
            else ""
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{_PORTUGAL}"><Header>{head}</Header>'
            f"<MasterFiles>{self.masters}</MasterFiles>{ledger}<SourceDocuments>"
            f"<SalesInvoices><NumberOfEntries>{len(self.invoices)}</NumberOfEntries>{''.join(self.invoices)}</SalesInvoices>"
            f"<Payments>{''.join(self.payments)}</Payments></SourceDocuments></AuditFile>"
        ).encode()


@pytest.fixture
def norway():
    """An empty Norwegian file, to be filled."""
    return Norway()


@pytest.fixture
def portugal():
    """An empty Portuguese file of invoices and payments, to be filled."""
    return Portugal()


@pytest.fixture
def read():
    """Read the content of a file."""

    def reading(file, **settings):
        source = SaftSource(SaftSettings(creditor="MIRA", **settings))
        return source.read(io.BytesIO(file.content()), name="saft.xml").collect()

    return reading
