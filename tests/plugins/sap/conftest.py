"""Rows of an invented SAP system, the fake that serves them, and where shared samples lie."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest

from receivables.testing.fakes.odata import FakeOData
from receivables.testing.services import ServiceCase
from receivables.transports import Request

CUBE = "/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
PARTNERS = "/sap/opu/odata/sap/API_BUSINESS_PARTNER"
CREDIT = "/sap/opu/odata/sap/API_CRDTMBUSINESSPARTNER"
ITEMS = "/sap/opu/odata/sap/API_JOURNALENTRYITEMBASIC_SRV/A_JournalEntryItemBasic"


@pytest.fixture
def shared(root):
    """Samples of SAP beside this checkout, where they are."""
    folder = root.parent / "shared" / "corpora" / "erp" / "sap"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder


@pytest.fixture
def cube_row():
    """A row of the cube; an invoice of 100.00 EUR unless something else is said."""

    def row(document="0100000001", amount="100.00", **said):
        value = Decimal(amount)
        posted = said.get("PostingDate") or dt.date(2026, 9, 10)
        posted = posted if isinstance(posted, dt.date) else dt.date(2026, 9, 10)
        row = {
            "CompanyCode": "1710",
            "FiscalYear": "2026",
            "AccountingDocument": document,
            "AccountingDocumentItem": "001",
            "Customer": "0000000017",
            "FinancialAccountType": "D",
            "AccountingDocumentType": "RV",
            "AccountingDocumentCategory": "",
            "PostingKey": "01" if value >= 0 else "11",
            "DebitCreditCode": "S" if value >= 0 else "H",
            "SpecialGLCode": "",
            "PostingDate": posted,
            "DocumentDate": posted,
            "NetDueDate": posted + dt.timedelta(days=30) if value >= 0 else posted,
            "DueCalculationBaseDate": posted,
            "CashDiscount1Days": Decimal(0),
            "CashDiscount2Days": Decimal(0),
            "NetPaymentDays": Decimal(30),
            "CashDiscount1Percent": Decimal(0),
            "CashDiscount2Percent": Decimal(0),
            "CashDiscountBaseAmount": Decimal(0),
            "PaymentTerms": "NT30",
            "DocumentReferenceID": f"90{document[-6:]}",
            "AssignmentReference": "",
            "BillingDocument": "",
            "PaymentReference": "",
            "DocumentItemText": "",
            "InvoiceReference": "",
            "InvoiceReferenceFiscalYear": "0000",
            "InvoiceItemReference": "000",
            "IsCleared": False,
            "ClearingDate": None,
            "ClearingAccountingDocument": "",
            "ClearingDocFiscalYear": "0000",
            "ClearingIsReversed": False,
            "AmountInTransactionCurrency": value,
            "TransactionCurrency": "EUR",
            "AmountInCompanyCodeCurrency": value,
            "CompanyCodeCurrency": "EUR",
        }
        if said.pop("is_payment", False):
            said = {"PostingKey": "15", "AccountingDocumentType": "DZ", **said}
        return {**row, **said}

    return row


@pytest.fixture
def cube_rows(cube_row):
    """Open and cleared lines, an instalment, a credit memo, a down payment, a noted item, yen."""
    cleared = {
        "IsCleared": True,
        "ClearingDate": dt.date(2026, 10, 20),
        "ClearingAccountingDocument": "1400000009",
        "ClearingDocFiscalYear": "2026",
    }
    return [
        cube_row(),
        cube_row(AccountingDocumentItem="002", NetDueDate=dt.date(2026, 11, 9), NetPaymentDays=60),
        cube_row("0100000002", "-30.00", AccountingDocumentType="DG"),
        cube_row("0100000003", "250.00", Customer="0000000042", **cleared),
        cube_row(
            "1400000009",
            "-250.00",
            Customer="0000000042",
            PostingDate=dt.date(2026, 10, 20),
            is_payment=True,
            **cleared,
        ),
        cube_row("1400000010", "-40.00", is_payment=True, InvoiceReference="0100000001"),
        cube_row("1400000011", "-500.00", SpecialGLCode="A", PostingKey="19"),
        cube_row("1900000012", "75.00", SpecialGLCode="F", AccountingDocumentCategory="S"),
        cube_row(
            "0100000013", "1000", TransactionCurrency="JPY", Customer="ACME", NetPaymentDays=30
        ),
        cube_row("0100000014", "9.00", FinancialAccountType="S", Customer=""),
    ]


@pytest.fixture
def masters():
    """Business partners with addresses, mail, tax numbers, company and dunning data."""
    named = [
        ("0000000017", "Quincaillerie Tremblay", "2", "FR"),
        ("0000000042", "A. Roy", "1", "EN"),
    ]
    return {
        f"{PARTNERS}/A_BusinessPartner": [
            {
                "BusinessPartner": number,
                "Customer": number,
                "BusinessPartnerFullName": name,
                "BusinessPartnerCategory": category,
                "CorrespondenceLanguage": language,
                "SearchTerm1": name.split()[-1].upper(),
                "LastChangeDate": dt.date(2026, 10, 1),
            }
            for number, name, category, language in named
        ]
        + [{"BusinessPartner": "9000000001", "Customer": "", "BusinessPartnerFullName": "Vendor"}],
        f"{PARTNERS}/A_BusinessPartnerAddress": [
            {
                "BusinessPartner": "0000000017",
                "AddressID": "0000020000",
                "StreetName": "rue des Pins",
                "HouseNumber": "9",
                "PostalCode": "H2X 1Y4",
                "CityName": "Montréal",
                "Region": "QC",
                "Country": "CA",
            }
        ],
        f"{PARTNERS}/A_AddressEmailAddress": [
            {
                "AddressID": "0000020000",
                "Person": "",
                "OrdinalNumber": "1",
                "EmailAddress": "comptes@tremblay.example",
            }
        ],
        f"{PARTNERS}/A_BusinessPartnerTaxNumber": [
            {"BusinessPartner": "0000000042", "BPTaxType": "FR0", "BPTaxNumber": "FR40303265045"}
        ],
        f"{PARTNERS}/A_BusinessPartnerBank": [
            {
                "BusinessPartner": "0000000042",
                "BankIdentification": "0001",
                "IBAN": "FR7630006000011234567890189",
            }
        ],
        f"{PARTNERS}/A_Customer": [{"Customer": "0000000042", "VATRegistration": "FR40303265045"}],
        f"{PARTNERS}/A_CustomerCompany": [
            {
                "Customer": "0000000017",
                "CompanyCode": "1710",
                "PaymentTerms": "NT30",
                "CustomerHeadOffice": "0000000042",
                "AccountingClerk": "JR",
            }
        ],
        f"{PARTNERS}/A_CustomerDunning": [
            {
                "Customer": "0000000017",
                "CompanyCode": "1710",
                "DunningArea": "",
                "DunningProcedure": "0001",
                "DunningBlock": "R",
                "DunningLevel": "2",
                "LastDunnedOn": dt.date(2026, 10, 5),
                "DunningRecipient": "",
                "DunningClerk": "JR",
            }
        ],
        f"{CREDIT}/CreditMgmtBusinessPartner": [
            {
                "BusinessPartner": "0000000017",
                "CreditRiskClass": "B",
                "CreditRiskClassLastChangeDate": dt.date(2026, 3, 1),
                "CreditWorthinessScoreValue": "72",
                "CrdtWorthinessScoreLastChgDate": dt.date(2026, 3, 1),
                "CrdtWrthnssScoreValdtyEndDate": dt.date(2027, 3, 1),
            }
        ],
        f"{CREDIT}/CreditManagementAccount": [
            {
                "BusinessPartner": "0000000017",
                "CreditSegment": "1000",
                "CreditLimitAmount": Decimal("5000.000"),
                "CreditLimitIsZero": False,
                "CreditLimitValidityEndDate": dt.date(2027, 12, 31),
                "CreditLimitLastChangeDate": dt.date(2026, 3, 1),
                "CreditAccountIsBlocked": True,
                "CreditAccountBlockReason": "01",
                "CreditSegmentCurrency": "EUR",
            },
            {
                "BusinessPartner": "0000000042",
                "CreditSegment": "1000",
                "CreditLimitAmount": Decimal(0),
                "CreditLimitIsZero": False,
                "CreditAccountIsBlocked": False,
                "CreditSegmentCurrency": "EUR",
            },
        ],
    }


@pytest.fixture
def basic():
    """Settings and secrets of a system that asks for a user and a password."""
    settings = {"url": "https://sap.example", "user": "READER", "password": "sap-password"}
    return settings, {"sap-password": "s3cr3t-pass"}


@pytest.fixture
def oauth():
    """Settings and secrets of a system that asks for a token."""
    settings = {
        "url": "https://sap.example",
        "auth": "oauth",
        "client_id": "reader",
        "client_secret": "sap-secret",
        "token_url": "https://sap.example/oauth/token",
    }
    return settings, {"sap-secret": "s3cr3t-client"}


@pytest.fixture
def oauth_case(cube_rows, masters, oauth):
    """The invented system behind OAuth, in version 2."""
    settings, secrets = oauth
    client = ("reader", "s3cr3t-client")
    return ServiceCase(
        settings=settings,
        secrets=secrets,
        serve=lambda serving: FakeOData({CUBE: cube_rows, **masters}, serving, client=client),
    )


@pytest.fixture
def password_case(cube_rows, masters, basic):
    """The same behind a password, in version 4."""
    settings, secrets = basic
    paths = {"cube": CUBE, "partners": PARTNERS, "credit": CREDIT, "odata": "v4"}
    credentials = ("READER", "s3cr3t-pass")
    return ServiceCase(
        settings={**settings, **paths},
        secrets=secrets,
        serve=lambda serving: FakeOData(
            {CUBE: cube_rows, **masters}, serving, version="v4", credentials=credentials
        ),
    )


@pytest.fixture
def unsigned():
    """Rows as a feed gives them whose amounts have no sign."""

    def turned(rows):
        names = ("AmountInTransactionCurrency", "AmountInCompanyCodeCurrency")
        return [{**row, **{name: abs(row[name]) for name in names}} for row in rows]

    return turned


@pytest.fixture
def said_by():
    """What a fake answers to a request for a path, as a file would hold it."""

    def answer(fake, path=CUBE):
        return fake(Request("GET", f"https://sap.example{path}?$inlinecount=allpages")).body

    return answer


@pytest.fixture
def cube_file(cube_rows, said_by):
    """The file of the invented system's cube, in version 2."""
    return said_by(FakeOData({CUBE: cube_rows}))


@pytest.fixture
def as_json():
    """A value as the bytes of a JSON file."""
    return lambda value: json.dumps(value).encode()


@pytest.fixture
def posting_case(basic):
    """A system that books journal entries, and refuses the account 999999."""
    settings, secrets = basic
    said = {**settings, "bank_account": "113100", "discount_account": "880000"}
    credentials = ("READER", "s3cr3t-pass")
    return ServiceCase(
        settings=said,
        secrets=secrets,
        serve=lambda serving: FakeOData(
            {ITEMS: []},
            serving,
            credentials=credentials,
            unknown_accounts=["0000999999"],
        ),
    )


@pytest.fixture
def changed():
    """A frozen value with other fields."""
    return attrs.evolve
