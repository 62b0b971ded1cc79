"""Bank statements as they are, and receipts as the ledger needs them.

A statement reader yields `BankEntry` values as they stream, and one `BankStatement` after the last
entry of each statement.  Amounts are signed minor units: a credit on the creditor's account is
positive.  `receivables.receipts.receipts_from` turns credits into receipts.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING, NewType

import attrs

from receivables._fields import LATER
from receivables.errors import CurrencyMismatchError, DocumentError
from receivables.money import ExchangeRate, Money, exact, from_minor, to_minor
from receivables.parties import UNIDENTIFIED, CreditorId, CustomerId
from receivables.problems import Place

__all__ = [
    "BankBalance",
    "BankEntry",
    "BankStatement",
    "EntryDetail",
    "Payer",
    "Receipt",
    "ReceiptId",
    "ReceiptMethod",
    "ReferredDocument",
    "Remittance",
    "ReturnInfo",
    "ReturnReason",
]

ReceiptId = NewType("ReceiptId", str)


if TYPE_CHECKING:  # what `tuple` does, said with the types of each field

    def _texts(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(values)

    def _referred(values: Iterable[ReferredDocument]) -> tuple[ReferredDocument, ...]:
        return tuple(values)

    def _pairs(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple(values)

    def _details(values: Iterable[EntryDetail]) -> tuple[EntryDetail, ...]:
        return tuple(values)

else:
    _texts = _referred = _pairs = _details = tuple


def _balances(values: Iterable[BankBalance]) -> tuple[BankBalance, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class ReferredDocument:
    """A document that the payer names in a structured way (ISO 20022 ``RfrdDocInf``)."""

    number: str
    kind: str = ""
    """The ISO 20022 code: CINV commercial invoice, CREN credit note, …"""
    amount_minor: int | None = None
    """What the payer says it remits for it, in the entry's currency, positive; None if unsaid."""
    gross_minor: int | None = attrs.field(default=None, metadata=LATER)
    """What it says the document is for, before anything is taken off; None if unsaid."""
    discount_minor: int = attrs.field(default=0, metadata=LATER)
    """The settlement discount that it takes."""
    adjustment_minor: int = attrs.field(default=0, metadata=LATER)
    """What else it takes off (positive), or adds (negative): a deduction, a charge."""
    adjustment_reason: str = attrs.field(default="", metadata=LATER)
    """Why, in the payer's words or in a code of the format (X12 426, ISO 20022)."""
    date: dt.date | None = attrs.field(default=None, metadata=LATER)
    """The document's date, as the payer has it."""


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Remittance:
    """What came with the money to say what it is for; a literal ``NOTPROVIDED`` is no reference."""

    references: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    """Structured creditor references (ISO 11649, QRR, OGM-VCS…), as they came."""
    documents: tuple[ReferredDocument, ...] = attrs.field(default=(), converter=_referred)
    text: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    end_to_end: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        return not (self.references or self.documents or self.text or self.end_to_end)


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class Payer:
    """Who paid, as the bank names them."""

    name: str = ""
    account: str = ""
    """IBAN, or another account number where there is none."""
    ultimate_name: str = ""
    """For whom they paid, where the bank says so (ISO 20022 ``UltmtDbtr``)."""


@attrs.frozen(kw_only=True)
class ReturnInfo:
    """Why money came back: a code of a scheme, or the bank's own words."""

    code: str = ""
    text: str = ""
    scheme: str = ""
    """Whose code it is (`receivables.receipts.return_reason`); ISO 20022 where it is not said."""


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class EntryDetail:
    """One transaction inside a bank entry (ISO 20022 ``TxDtls``)."""

    amount_minor: int | None = None
    """Signed, in the entry's currency; None where the file does not say."""
    instructed: Money | None = None
    """What was ordered, where it differs (another currency, charges deducted)."""
    charges_minor: int = 0
    """Charges the bank took, already inside the amounts: never to be added again."""
    payer: Payer = Payer()
    remittance: Remittance = Remittance()
    references: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    """Other references, as pairs of name and value (``AcctSvcrRef``, ``TxId``, ``MndtId``…)."""
    returned: ReturnInfo | None = None


class ReceiptMethod(enum.Enum):
    """How money came in; posting rules and reasons for returns differ by it."""

    UNSAID = "unsaid"
    CREDIT_TRANSFER = "credit-transfer"
    DIRECT_DEBIT = "direct-debit"
    CHEQUE = "cheque"
    CARD = "card"
    CASH = "cash"
    BILL_OF_EXCHANGE = "bill-of-exchange"
    INTERCOMPANY = "intercompany"
    """Another entity of the group took it for us."""


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class BankEntry:
    """One booked or pending line of a bank account."""

    account: str
    statement: str
    """Identification of its statement; with `account` and `index` it names the entry."""
    index: int
    amount_minor: int
    """Signed: a credit on the account is positive, whatever `is_reversal` says."""
    currency: str
    is_booked: bool = True
    """Pending and informational entries are read but not booked, and count in no balance."""
    is_reversal: bool = False
    booking_date: dt.date | None
    value_date: dt.date | None = None
    bank_reference: str = ""
    """The bank's own reference (``AcctSvcrRef``), the best key for recognizing it again."""
    bank_code: str = ""
    """Domain-family-subfamily, or the bank's proprietary code."""
    text: str = ""
    charges_minor: int = 0
    batch_count: int | None = None
    """How many transactions the bank says it booked together."""
    details: tuple[EntryDetail, ...] = attrs.field(default=(), converter=_details)
    source: Place | None = attrs.field(default=None, eq=False)
    method: ReceiptMethod = ReceiptMethod.UNSAID
    """How the money came, where the format says it."""
    raw: str = attrs.field(default="", repr=False)
    """The lines of the file that it was read from, joined by line feeds, exactly as they stood."""
    identity: str = attrs.field(default="", repr=False)
    """What names it for good where its reference or its look does not; no reader fills it."""

    @property
    def is_return(self) -> bool:
        """Whether it takes back an earlier entry, or money that had moved before."""
        return self.is_reversal or any(detail.returned is not None for detail in self.details)

    @property
    def amount(self) -> Money:
        """The entry's signed amount."""
        return from_minor(self.amount_minor, self.currency)


@attrs.frozen(kw_only=True)
class BankBalance:
    """A balance of a statement: its ISO 20022 type (OPBD, CLBD, PRCD…), signed amount and day."""

    type: str
    amount_minor: int
    currency: str
    date: dt.date | None = None


@attrs.frozen(kw_only=True)
class BankStatement:
    """A statement after its last entry: identity, balances, and whether they prove the entries.

    `credits_minor` and `debits_minor` sum the booked entries, both positive.  `opening_minor` and
    `closing_minor` are None where the statement does not say them.
    """

    account: str
    statement: str
    currency: str
    sequence: int | None = None
    page: int | None = None
    is_last_page: bool | None = None
    is_copy: bool = False
    created_at: str = ""
    opening_minor: int | None = None
    closing_minor: int | None = None
    entries: int = 0
    booked_entries: int = 0
    credits_minor: int = 0
    debits_minor: int = 0
    balances: tuple[BankBalance, ...] = attrs.field(default=(), converter=_balances)

    @property
    def difference_minor(self) -> int | None:
        """Closing less opening less booked entries: zero where it holds, None where unprovable."""
        if self.opening_minor is None or self.closing_minor is None:
            return None
        return self.closing_minor - self.opening_minor - self.credits_minor + self.debits_minor


class ReturnReason(enum.Enum):
    """Why money that had come in went back: one vocabulary for all schemes."""

    UNSPECIFIED = "unspecified"
    INSUFFICIENT_FUNDS = "insufficient-funds"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_INVALID = "account-invalid"
    ACCOUNT_BLOCKED = "account-blocked"
    PAYER_DECEASED = "payer-deceased"
    MANDATE_MISSING = "mandate-missing"
    """There is no valid mandate, or what is known of it is wrong."""
    MANDATE_REVOKED = "mandate-revoked"
    """The payer had authorized the creditor, and does not any more."""
    UNAUTHORIZED = "unauthorized"
    """The payer never authorized it, or says so."""
    REFUND_REQUESTED = "refund-requested"
    """The payer asked for the direct debit back, without a reason (ISO 20022 ``MD06``)."""
    STOPPED = "stopped"
    """The payer forbade it: a stopped cheque, a refused debit."""
    DUPLICATE = "duplicate"
    AMOUNT_WRONG = "amount-wrong"
    """The amount, or the day, is not what was agreed or announced."""
    INSTRUMENT_IRREGULAR = "instrument-irregular"
    """A cheque or bill that lacks something: a signature, a date, an endorsement; or is stale."""
    FRAUD = "fraud"
    GOODS_DISPUTED = "goods-disputed"
    """Not received, not as described, returned, or credited already (cards)."""
    PROCESSING_ERROR = "processing-error"
    TECHNICAL = "technical"
    REGULATORY = "regulatory"


@attrs.frozen(kw_only=True)
class Receipt:
    """Money received from a payer, for the ledger; `amount` is positive.

    `receipt` names it for good, so that the same entry read again is the same receipt.
    """

    receipt: ReceiptId = attrs.field(converter=ReceiptId)
    creditor: CreditorId = attrs.field(converter=CreditorId)
    amount: Money = attrs.field(converter=exact)
    booking_date: dt.date
    value_date: dt.date | None = None
    customer: CustomerId = attrs.field(default=UNIDENTIFIED, converter=CustomerId)
    payer: Payer = Payer()
    remittance: Remittance = Remittance()
    account: str = ""
    """The creditor's bank account that it came in on."""
    source: Place | None = attrs.field(default=None, eq=False)
    method: ReceiptMethod = attrs.field(
        default=ReceiptMethod.UNSAID, converter=ReceiptMethod, metadata=LATER
    )
    exchange_rate: ExchangeRate | None = attrs.field(default=None, metadata=LATER)
    """The rate it was booked at, where its currency is not the one the books are kept in."""
    affiliate: CreditorId = attrs.field(
        default=CreditorId(""), converter=CreditorId, metadata=LATER
    )
    """The entity of the group that took it for us, where another one did."""
    is_advance: bool = attrs.field(default=False, metadata=LATER)
    """Whether it was paid before there was anything to pay (an advance payment)."""

    @exchange_rate.validator
    def _check_exchange_rate(self, _attribute: object, value: ExchangeRate | None) -> None:
        if value is not None and self.currency not in (value.base, value.quote):
            msg = f"exchange_rate of {self.receipt} must be one of {self.currency}, got {value.base}/{value.quote}"
            raise CurrencyMismatchError(msg)

    @receipt.validator
    def _check_receipt(self, _attribute: object, value: str) -> None:
        if not value:
            msg = "receipt must have an identity, got an empty one"
            raise DocumentError(msg)

    @amount.validator
    def _check_amount(self, _attribute: object, value: Money) -> None:
        if to_minor(value) <= 0:
            msg = f"amount must be positive on receipt {self.receipt}, got {value!r}"
            raise DocumentError(msg)

    @property
    def currency(self) -> str:
        """The ISO 4217 code of the amount."""
        return self.amount.currency.code
