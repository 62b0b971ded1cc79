"""Settings of what talks to SAP over its interfaces, and of what reads its answers from a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from receivables.errors import PolicyError
from receivables_plugins.sap.lines import LineRules

__all__ = [
    "CubeSettings",
    "SapBapiSettings",
    "SapCubeSettings",
    "SapPostingSettings",
    "SapSettings",
]

_REFERENCES: Final = (
    "DocumentReferenceID",
    "BillingDocument",
    "AccountingDocument",
    "PaymentReference",
    "AssignmentReference",
)
_MASTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "partner": "A_BusinessPartner",
        "address": "A_BusinessPartnerAddress",
        "email": "A_AddressEmailAddress",
        "tax": "A_BusinessPartnerTaxNumber",
        "bank": "A_BusinessPartnerBank",
        "customer": "A_Customer",
        "company": "A_CustomerCompany",
        "dunning": "A_CustomerDunning",
    }
)
_TAX_TYPES: Final[Mapping[str, str]] = MappingProxyType({"ES1": "es.nif", "FR1": "fr.siret"})
_ACCOUNT_ROLES: Final = frozenset({"receivable", "retention-receivable", "disputed-receivable"})


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _masters(values: Mapping[str, str]) -> Mapping[str, str]:
    if unknown := sorted(set(values) - set(_MASTERS)):
        msg = f"masters must be among {', '.join(_MASTERS)}, got {', '.join(unknown)}"
        raise PolicyError(msg)
    return MappingProxyType({**_MASTERS, **values})


def _one_of(*allowed: str) -> Any:  # noqa: ANN401  # a validator of attrs
    def check(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
        if value not in allowed:
            msg = f"{attribute.name} must be {' or '.join(allowed)}, got {value!r}"
            raise PolicyError(msg)

    return check


def _check_url(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
        msg = f"{attribute.name} must be a URL of HTTP without a query, got {value!r}"
        raise PolicyError(msg)


def _check_positive(_instance: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        msg = f"{attribute.name} must be 1 or more, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True, slots=False)  # several of them are inherited from
class _Connection:
    """How the system is reached; `password` and `client_secret` are names of secrets.

    `auth` is ``basic`` (with `user` and `password`) or ``oauth`` (client credentials, with
    `client_id`, `client_secret` and `token_url`).
    """

    url: str = attrs.field(validator=_check_url)
    """Scheme, host and port, without a path."""
    auth: str = attrs.field(default="basic", validator=_one_of("basic", "oauth"))
    user: str = ""
    password: str = ""
    client_id: str = ""
    client_secret: str = ""
    token_url: str = attrs.field(default="", validator=_check_url)
    scope: str = ""
    sap_client: str = ""
    """The client of the system (*Mandant*), three figures, where the host serves several."""

    def __attrs_post_init__(self) -> None:
        asked = {
            "basic": ("user", "password"),
            "oauth": ("client_id", "client_secret", "token_url"),
        }[self.auth]
        if missing := [name for name in asked if not getattr(self, name)]:
            msg = f"auth {self.auth} must come with {', '.join(asked)}, got no {missing[0]}"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True, slots=False)  # several of them are inherited from
class _Cube:
    """How rows of the open item cube are taken.

    `signs` is ``signed`` where amounts carry their sign, as in the real cube, and ``unsigned``
    where the debit/credit code alone says it.  `amounts` is ``transaction`` for the currency of the
    document, ``company-code`` for that of the books.  `creditors` gives the creditor of a company
    code; `creditor` is that of the only one which it does not list, and without it a company code is
    its own creditor.  `customer` and `currency` fill in what a feed leaves out.
    """

    signs: str = attrs.field(default="signed", validator=_one_of("signed", "unsigned"))
    amounts: str = attrs.field(
        default="transaction", validator=_one_of("transaction", "company-code")
    )
    creditor: str = ""
    customer: str = ""
    currency: str = ""
    references: tuple[str, ...] = attrs.field(default=_REFERENCES, converter=_texts)
    """Fields by whose content a payer may name the item."""
    creditors: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    document_types: Mapping[str, Any] = attrs.field(factory=dict, converter=_frozen)
    special_gl: Mapping[str, str] = attrs.field(factory=lambda: {"A": "receipt"}, converter=_frozen)
    special_gl_default: str = "leave-out"
    payment_terms: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)

    def __attrs_post_init__(self) -> None:
        self.rules()

    def creditor_of(self, company_code: str) -> str:
        """The creditor of a company code; empty where neither says one."""
        return self.creditors.get(company_code) or self.creditor or company_code

    def rules(self) -> LineRules:
        """How lines are taken; their company is a creditor already."""
        return LineRules(
            document_types=self.document_types,
            special_gl=self.special_gl,
            special_gl_default=self.special_gl_default,
            payment_terms=self.payment_terms,
        )


CubeSettings = _Cube
"""What the settings of every reader of the cube have."""


@attrs.frozen(kw_only=True)
class SapCubeSettings(_Cube):
    """Settings of the ledger source ``sap-cube``: answers of the open item cube, kept in a file."""


@attrs.frozen(kw_only=True)
class SapSettings(_Connection, _Cube):
    """Settings of the ledger service ``sap``.

    `odata` is the version of the protocol, ``v2`` or ``v4``; `cube`, `partners` and `credit` are
    paths of services, of which only those of version 2 are known by default.
    """

    odata: str = attrs.field(default="v2", validator=_one_of("v2", "v4"))
    company_codes: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    cube: str = ""
    """The path of the entity set of open and cleared items."""
    partners: str = ""
    """The path of the service of business partners."""
    credit: str = ""
    """The path of the service of credit management."""
    account_filter: str = "FinancialAccountType eq 'D'"
    """What keeps the lines of customers; empty where the service gives no others."""
    open_filter: str = "IsCleared eq false"
    """What keeps open lines."""
    order: tuple[str, ...] = attrs.field(
        default=("CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem"),
        converter=_texts,
    )
    """What the rows are ordered by, so that pages do not overlap; empty asks for no order."""
    selects: bool = True
    """Whether only the fields that are used are asked for."""
    page_size: int = attrs.field(default=5_000, validator=_check_positive)
    masters: Mapping[str, str] = attrs.field(factory=dict, converter=_masters)
    """Names of the entity sets of business partners; an empty one is not read."""
    tax_types: Mapping[str, str] = attrs.field(default=_TAX_TYPES, converter=_frozen)
    """Schemes of identifiers by the tax types of SAP."""

    def __attrs_post_init__(self) -> None:
        _Connection.__attrs_post_init__(self)
        _Cube.__attrs_post_init__(self)
        if self.odata == "v4" and not self.cube:
            msg = "cube must be the path of the entity set where odata is v4, got none"
            raise PolicyError(msg)

    @property
    def cube_path(self) -> str:
        """The path of the cube's entity set."""
        return self.cube or (
            "/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
        )

    @property
    def partners_path(self) -> str:
        """The path of the service of business partners."""
        return self.partners or "/sap/opu/odata/sap/API_BUSINESS_PARTNER"

    @property
    def credit_path(self) -> str:
        """The path of the service of credit management."""
        return self.credit or "/sap/opu/odata/sap/API_CRDTMBUSINESSPARTNER"


@attrs.frozen(kw_only=True, slots=False)  # several of them are inherited from
class _Posting:
    """How postings are made: the company code, types, accounts.

    `company_codes` gives the company code of a creditor, which is its own name where it is not
    listed.  `banks` are general ledger accounts by the account a receipt came in on, and
    `bank_account` the one for all others; `discount_account` takes settlement discounts.
    """

    company_codes: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    receipt_type: str = "DZ"
    journal_type: str = "SA"
    user: str = ""
    """The user that stands as the creator of documents."""
    bank_account: str = ""
    banks: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    discount_account: str = ""
    customer_roles: frozenset[str] = attrs.field(default=_ACCOUNT_ROLES, converter=frozenset)
    """Roles of accounts that are posted to the customer and not to a general ledger account."""

    def company_code(self, creditor: str) -> str:
        """The company code of a creditor."""
        return self.company_codes.get(creditor, creditor)


@attrs.frozen(kw_only=True)
class SapPostingSettings(_Connection, _Posting):
    """Settings of the posting target ``sap``.

    `path` is that of the SOAP service, `items` that of the entity set in which a posting is looked
    for.  With `is_idempotent`, a message that got no answer is sent again under its identifier,
    which is right only where the service keeps identifiers; without it, its outcome is unknown.
    """

    path: str = "/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi"
    items: str = "/sap/opu/odata/sap/API_JOURNALENTRYITEMBASIC_SRV/A_JournalEntryItemBasic"
    odata: str = attrs.field(default="v2", validator=_one_of("v2", "v4"))
    is_idempotent: bool = False
    looks_first: bool = True
    """Whether what is booked already is looked for before anything is sent."""


@attrs.frozen(kw_only=True)
class SapBapiSettings(_Posting):
    """Settings of the posting target ``sap-bapi``, which makes payloads and sends nothing."""

    idoc_client: str = "100"
    sender_port: str = "RECEIVABLES"
    sender_partner: str = "RECEIVABLES"
    receiver_port: str = ""
    receiver_partner: str = ""
