"""What the adapters of M3 are told: where it is, how it is asked, and how its rows are read."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId
from receivables.texts import (
    check_date_format,
    check_encoding,
    check_number_format,
    parse_date,
)

__all__ = [
    "FILE_KINDS",
    "LAYOUT_FIELDS",
    "ROUTES",
    "ExtractSettings",
    "FixedField",
    "LedgerSettings",
    "PostingSettings",
    "RecordField",
    "ServiceSettings",
]

ROUTES: Final = ("ledger", "invoices", "heads")
"""How items are read: FSLEDG by EXPORTMI, ARS200MI, or OIS350MI."""

FILE_KINDS: Final = ("ledger", "customers", "heads", "general-ledger")
"""What a file of an extract can hold: FSLEDG, OCUSMA, OINVOH, FGLEDG."""

_APIS: Final = ("v1", "v2")
_KINDS: Final = ("invoice", "payment")
_ACCOUNTS: Final = ("payer", "customer")
_LIMITS: Final = ("CRLM", "CRL2", "CRL3")
_IDENTITY: Final = ("DIVI", "PYNO", "CINO", "INYR")
_COUNTS: Final = ("count(*)", "count(#)", "")
_FIELD: Final = re.compile(r"[A-Z0-9]{2,10}")
_TABLE: Final = re.compile(r"[A-Z0-9_]*")
_PARM_MAX: Final = 5_000
"""Characters of a record of GLS840; no layout that a site defines is near it."""


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _plain(values: Mapping[str, Any]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in dict(values).items()})


def _usual_codes() -> Mapping[str, str]:
    return _plain({"10": "invoice", "20": "payment"})


def _among(name: str, value: str, known: Iterable[str]) -> None:
    if value not in tuple(known):
        msg = f"{name} must be among {', '.join(map(repr, known))}, got {value!r}"
        raise PolicyError(msg)


def _upper(value: str) -> str:
    return value.upper()


def _check_parts(value: tuple[str, ...]) -> None:
    for part in value:
        _among("document_number", part, _IDENTITY)
    if value.count("CINO") != 1:
        msg = f"document_number must have CINO, once, got {value}"
        raise PolicyError(msg)


def _day(value: dt.date | str | None) -> dt.date | None:
    return parse_date(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True, slots=False)  # a second base with slots is not possible
class _Connection:
    """Where M3 is, and as whom it is asked; secrets by their names."""

    api: str = attrs.field(default="v2")
    """Which of the two forms of the REST interface is spoken."""
    url: str = ""
    """Where ``/m3api-rest`` is; the ``.ionapi`` file says it where this is empty."""
    ionapi: str = ""
    """The name of the secret that holds the text of an ``.ionapi`` file."""
    user: str = ""
    password: str = ""
    """The name of the secret that is the password of `user`, on premises."""
    csrf: bool = True
    """Whether a token against request forgery is asked for, on premises."""
    company: str = ""
    division: str = ""
    maxrecs: int = attrs.field(default=1_000)
    """How many rows are asked for at a time; 0 asks for all at once."""
    bulk: int = attrs.field(default=50)
    """How many calls go in one request of v2."""
    count: str = attrs.field(default="count(*)")
    """How EXPORTMI counts rows at this site; empty where it cannot."""
    separator: str = attrs.field(default="|")
    order_by: bool = False
    """Whether EXPORTMI of this site takes ``order by``."""

    @count.validator
    def _check_count(self, _attribute: object, value: str) -> None:
        _among("count", value, _COUNTS)

    @separator.validator
    def _check_separator(self, _attribute: object, value: str) -> None:
        # M3 writes the names of fields before the values where the separator is one of these two.
        if len(value) != 1 or value in "*#" or value.isalnum() or value.isspace():
            msg = f"separator must be one mark other than * and #, got {value!r}"
            raise PolicyError(msg)

    @api.validator
    def _check_api(self, _attribute: object, value: str) -> None:
        _among("api", value, _APIS)

    @maxrecs.validator
    def _check_maxrecs(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 0 <= value <= 1_000_000:  # noqa: PLR2004  # a sane page
            msg = f"maxrecs must be 0 to 1000000, got {value!r}"
            raise PolicyError(msg)

    @bulk.validator
    def _check_bulk(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 1 <= value <= 1_000:  # noqa: PLR2004  # a sane request
            msg = f"bulk must be 1 to 1000, got {value!r}"
            raise PolicyError(msg)

    def __attrs_post_init__(self) -> None:
        if bool(self.ionapi) == bool(self.user and self.password):
            msg = "ionapi, or user and password, must be given, got neither or both"
            raise PolicyError(msg)
        if not self.ionapi and not self.url:
            msg = "url must be given without an ionapi file, got none"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class LedgerSettings:
    """How rows of the sub-ledger become documents; shared by the service and the extracts.

    `transaction_codes` says what each ``TRCD`` is; a code that it lacks is an error, never guessed.
    `document_number` are the parts of the identity of an invoice that make its number; where two
    invoices get the same one, the later has its whole identity.
    """

    creditor: CreditorId = attrs.field(converter=CreditorId)
    currency: str = ""
    """The currency of the books, for credit limits and local amounts."""
    account: str = attrs.field(default="payer")
    """Whose items they are: of the payer (``PYNO``) or of the customer (``CUNO``)."""
    document_number: tuple[str, ...] = attrs.field(default=("CINO", "INYR"), converter=_texts)
    transaction_codes: Mapping[str, str] = attrs.field(factory=_usual_codes, converter=_plain)
    terms: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """Our payment terms for codes of ``TEPY``: ``{"030" = "net 30"}``."""
    languages: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """Our locales for codes of ``LNCD``: ``{"GB" = "en", "FR" = "fr"}``."""
    locale: str = "en"
    """The locale of customers whose language is not mapped."""
    identifier_schemes: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """Schemes of ``VRNO``, ``CORG`` and ``COR2``; what is not mapped is not read."""

    @account.validator
    def _check_account(self, _attribute: object, value: str) -> None:
        _among("account", value, _ACCOUNTS)

    @document_number.validator
    def _check_document_number(self, _attribute: object, value: tuple[str, ...]) -> None:
        _check_parts(value)

    @transaction_codes.validator
    def _check_codes(self, _attribute: object, value: Mapping[str, str]) -> None:
        for kind in value.values():
            _among("transaction_codes", kind, _KINDS)

    @creditor.validator
    def _check_creditor(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "creditor must be given, got an empty one"
            raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class ServiceSettings(LedgerSettings, _Connection):
    """The settings of the ledger service ``m3``."""

    route: str = attrs.field(default="ledger")
    years: int = attrs.field(default=3)
    """How many years of invoices the route ``heads`` looks at."""
    detect: bool = False
    """Whether the site is asked first which fields its transactions have."""
    credit_limit: str = attrs.field(default="CRL2")
    """Which of M3's limits is ours: on overdue, on invoices, on invoices and orders."""

    @route.validator
    def _check_route(self, _attribute: object, value: str) -> None:
        _among("route", value, ROUTES)

    @years.validator
    def _check_years(self, _attribute: object, value: int) -> None:
        if type(value) is not int or not 1 <= value <= 100:  # noqa: PLR2004  # nothing is older
            msg = f"years must be 1 to 100, got {value!r}"
            raise PolicyError(msg)

    @credit_limit.validator
    def _check_credit_limit(self, _attribute: object, value: str) -> None:
        _among("credit_limit", value, _LIMITS)


@attrs.frozen(kw_only=True)
class FixedField:
    """Where a field stands in a fixed-width file: the first position is 1.

    `decimals` is for numbers without a decimal point; None where they have one.
    """

    field: str = attrs.field(converter=_upper)
    start: int
    length: int
    decimals: int | None = None

    def __attrs_post_init__(self) -> None:
        if not _FIELD.fullmatch(self.field):
            msg = f"field must be the name of a field of M3, got {self.field!r}"
            raise PolicyError(msg)
        if self.start < 1 or self.length < 1:
            msg = f"start and length of {self.field} must be 1 or more, got {self.start}, {self.length}"
            raise PolicyError(msg)


def _fixed(values: Iterable[FixedField | Mapping[str, Any]]) -> tuple[FixedField, ...]:
    return tuple(
        value if isinstance(value, FixedField) else FixedField(**dict(value)) for value in values
    )


@attrs.frozen(kw_only=True)
class ExtractSettings(LedgerSettings):
    """The settings of the ledger source ``m3-extract``."""

    record: str = attrs.field(default="")
    """What the file holds, one of `FILE_KINDS`; told from the headings where it is empty."""
    layout: tuple[FixedField, ...] = attrs.field(default=(), converter=_fixed)
    """The fields of a fixed-width file; a file is delimited where there are none."""
    delimiter: str = ""
    """The mark between the fields; found among ``; | , tab`` where it is empty."""
    record_length: int = 0
    """Characters of a record of fixed width in a file that may have no line ends."""
    quotes: bool = True
    """Whether fields may stand in double quotes; lines of EXPORTMI have none."""
    encoding: str = attrs.field(default="utf-8", converter=check_encoding)
    decimal: str | None = "."
    grouping: str | None = attrs.field(default="")
    date_format: str = attrs.field(default="%Y%m%d")
    company: str = ""
    division: str = ""
    snapshot_date: dt.date | None = attrs.field(default=None, converter=_day)
    """The day that the extract is of; later rows do not count."""
    head_amount: str = attrs.field(default="", converter=_upper)
    """The field of OINVOH that says what an invoice is for, where heads are read as documents."""

    @record.validator
    def _check_record(self, _attribute: object, value: str) -> None:
        _among("record", value, ("", *FILE_KINDS))

    @layout.validator
    def _check_layout(self, _attribute: object, value: tuple[FixedField, ...]) -> None:
        names = [field.field for field in value]
        if len(set(names)) < len(names):
            msg = f"fields of the layout must stand in it once, got {names}"
            raise PolicyError(msg)
        if value and not self.record:
            msg = "record must be given for a fixed-width file, got none"
            raise PolicyError(msg)

    @grouping.validator
    def _check_grouping(self, _attribute: object, value: str | None) -> None:
        check_number_format(self.decimal, value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str) -> None:
        check_date_format(value)


LAYOUT_FIELDS: Final = (
    "account",
    "amount",
    "counterparty",
    "currency",
    "customer",
    "date",
    "document",
    "document-date",
    "entry",
    "functional-amount",
    "functional-currency",
    "item",
    "key",
    "kind",
    "line",
    "side",
    "text",
    "value",
)
"""What a field of the record of GLS840 can hold, besides ``dimension:NAME``; ``value`` is fixed."""

_FORMS: Final = ("signed", "trailing-sign", "unsigned", "implied")


@attrs.frozen(kw_only=True)
class RecordField:
    """One field of the record that a site defines in GLS800: what goes where.

    `holds` is one of `LAYOUT_FIELDS` or ``dimension:NAME``; `start` is 1 for the first position.
    Amounts are right-aligned in one of the forms ``signed`` (-12.50), ``trailing-sign`` (12.50-),
    ``unsigned`` (12.50, with ``side`` in another field) and ``implied`` (-1250).  `value` is the
    text of a field that holds ``value``, and the two marks of ``side``, such as ``D/K``.
    """

    holds: str
    start: int
    length: int
    value: str = ""
    align: str = "left"
    fill: str = " "
    form: str = "signed"
    date_format: str = attrs.field(default="%Y%m%d")
    cut: bool = False
    """Whether a text that is too long is cut; an amount or an account never is."""

    def __attrs_post_init__(self) -> None:
        if self.holds not in LAYOUT_FIELDS and not self.holds.startswith("dimension:"):
            _among("holds", self.holds, (*LAYOUT_FIELDS, "dimension:NAME"))
        _among("align", self.align, ("left", "right"))
        _among("form", self.form, _FORMS)
        check_date_format(self.date_format)
        if self.start < 1 or self.length < 1 or self.start + self.length > _PARM_MAX:
            msg = f"start and length of {self.holds} must be 1 to {_PARM_MAX}, got {self.start}, {self.length}"
            raise PolicyError(msg)
        if len(self.fill) != 1:
            msg = f"fill of {self.holds} must be one character, got {self.fill!r}"
            raise PolicyError(msg)


def _record(values: Iterable[RecordField | Mapping[str, Any]]) -> tuple[RecordField, ...]:
    found = [
        value
        if isinstance(value, RecordField)
        else RecordField(**{key.replace("-", "_"): each for key, each in dict(value).items()})
        for value in values
    ]
    return tuple(sorted(found, key=lambda field: field.start))


@attrs.frozen(kw_only=True)
class PostingSettings(_Connection):
    """The settings of the posting target ``m3``.

    Receipts need `payment_type`; journal entries need `journal_interface` and `journal_layout`.
    Batches are looked up again in the tables named here.
    """

    document_number: tuple[str, ...] = attrs.field(default=("CINO", "INYR"), converter=_texts)
    """Of what numbers of documents are made, as the ledger service says it."""
    payment_type: str = ""
    """``BOPE``, the batch payment type that the site made for this."""
    bank_accounts: Mapping[str, str] = attrs.field(factory=dict, converter=_plain)
    """``BAAN`` by our account; an account that is not mapped is left to the batch payment type."""
    on_account_type: str = ""
    """``PYTP`` of payments on account; where it is empty, they are refused."""
    discount_field: str = attrs.field(default="", converter=_upper)
    """The field of AddBatchLine that takes a settlement discount (``ACDA``?); none is sent without."""
    receipt_table: str = attrs.field(default="", converter=_upper)
    """The table that keeps the lines of ARS040, for looking batches up."""
    receipt_prefix: str = attrs.field(default="", converter=_upper)
    journal_interface: str = ""
    """``INTN``, the interface that the site made in GLS800."""
    journal_layout: tuple[RecordField, ...] = attrs.field(default=(), converter=_record)
    journal_table: str = attrs.field(default="FGLINL", converter=_upper)
    journal_prefix: str = attrs.field(default="FL", converter=_upper)
    update: bool = True
    """Whether M3 is told to book a batch of journal lines that it found good."""
    keeps_batches: bool = False
    """Whether batches stay in these tables after M3 booked them, so that a missing one was not."""
    exists_codes: tuple[str, ...] = attrs.field(default=("XRE0104",), converter=_texts)
    """Message codes that say that a batch or a line is there already; a trailing 04 says it too."""

    @document_number.validator
    def _check_document_number(self, _attribute: object, value: tuple[str, ...]) -> None:
        _check_parts(value)

    @receipt_table.validator
    @receipt_prefix.validator
    @journal_table.validator
    @journal_prefix.validator
    def _check_table(self, _attribute: object, value: str) -> None:
        if not _TABLE.fullmatch(value):
            msg = f"a table or prefix must be letters and digits, got {value!r}"
            raise PolicyError(msg)

    @discount_field.validator
    def _check_discount_field(self, _attribute: object, value: str) -> None:
        if value and not _FIELD.fullmatch(value):
            msg = f"discount_field must be the name of a field, got {value!r}"
            raise PolicyError(msg)

    @journal_layout.validator
    def _check_layout(self, _attribute: object, value: tuple[RecordField, ...]) -> None:
        for first, second in itertools.pairwise(value):
            if first.start + first.length > second.start:
                msg = f"fields of the layout must not overlap, got {first.holds} and {second.holds}"
                raise PolicyError(msg)
        if bool(value) != bool(self.journal_interface and self.company):
            needed = "journal_layout, journal_interface and company"
            msg = f"{needed} must be given together, got {len(value)} fields"
            raise PolicyError(msg)
