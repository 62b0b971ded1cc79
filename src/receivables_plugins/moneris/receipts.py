"""Receipts of the older gateway (eSELECTplus): approved or not, and proved by their batch totals.

A transaction moved money where it is complete, did not time out, and has a response code from 0 to
49; the word ``null`` says that it was not processed.  Totals of open or closed batches, where a file
has them, are compared with its transactions by terminal and card type.  A batch is no deposit.

Field names are those of the published examples; the codes of types, the place of the terminal in the
reference number and the unit of totals were not tried on the gateway.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, Final, NamedTuple

from receivables.adapters import PayoutRecord
from receivables.archives import in_units
from receivables.cards import holds_card_number
from receivables.errors import InexactAmountError, LimitError
from receivables.markup import Node, elements
from receivables.money import minor_of
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.receipts.model import Remittance
from receivables.receipts.payouts import MovementKind, ProcessorMovement
from receivables_plugins.moneris.settings import MonerisReceiptSettings
from receivables_plugins.moneris.values import PROCESSOR, clean

__all__ = ["MonerisReceiptReader", "is_approved"]

_NULL: Final = "null"
_APPROVED_BELOW: Final = 50
_CODE: Final = re.compile(r"[0-9]{1,4}")
_AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")
_COUNT: Final = re.compile(r"[0-9]{1,18}")
_TERMINAL: Final = 8
"""The figures of a reference number that name the terminal: the first eight."""
_METHODS: Final = {
    "V": "visa",
    "M": "mastercard",
    "AX": "amex",
    "D": "interac",
    "P": "interac",
    "NO": "discover",
    "DC": "diners",
    "C1": "jcb",
    "SE": "sears",
}
_LOOKED_AT: Final = frozenset({"ReferenceNum", "ReceiptId", "Message", "TransID"})
"""Fields that are looked at on their own; a reference number is a long figure and no card."""
_PARTS: Final = {
    "Purchase": MovementKind.PAYMENT,
    "Refund": MovementKind.REFUND,
    "Correction": MovementKind.FAILED,
}


class _Batch(NamedTuple):
    """What a control total is of."""

    terminal: str
    card: str
    kind: MovementKind


def is_approved(*, complete: str, timed_out: str, response_code: str) -> bool | None:
    """Whether a transaction was approved; None where it was not processed.

    >>> is_approved(complete="true", timed_out="false", response_code="027")
    True
    >>> is_approved(complete="true", timed_out="false", response_code="050")
    False
    >>> is_approved(complete="true", timed_out="false", response_code="null") is None
    True
    """
    code = response_code.strip()
    if code.casefold() in {_NULL, ""}:
        return None
    is_done = complete.strip().casefold() == "true" and timed_out.strip().casefold() == "false"
    return is_done and _CODE.fullmatch(code) is not None and int(code) < _APPROVED_BELOW


class MonerisReceiptReader:
    """Reads XML with receipts of the older gateway."""

    def __init__(self, settings: MonerisReceiptSettings) -> None:
        self._settings = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:
        """Whether the first bytes have a receipt of the gateway."""
        del name  # files are called as who kept them likes
        is_xml = head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        has_receipt = b"<receipt>" in head
        return is_xml and has_receipt and (b"<ReceiptId>" in head or b"<BankTotals>" in head)

    def read(self, stream: BinaryIO, *, name: str) -> Read[PayoutRecord]:
        """Read; problems are noted with their line, and never raised."""
        notes = ReadNotes(name)
        return Read(_Reading(self._settings, notes).records(stream), notes)


class _Reading:
    """One file of receipts under way."""

    def __init__(self, settings: MonerisReceiptSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._seen: dict[str, int] = {}
        self._found: dict[_Batch, Counter[str]] = {}
        self._declared: dict[_Batch, Counter[str]] = {}

    def records(self, stream: BinaryIO) -> Iterator[PayoutRecord]:
        """The movements of the receipts, and at the end what the totals say of them."""
        count = 0
        for receipt in elements(stream, notes=self._notes, names={"receipt"}):
            count += 1
            for terminal in _terminals(receipt):
                self._total(terminal)
            movement = self._movement(receipt)
            if movement is not None:
                yield movement
        if not count and not self._notes.error_count:
            self._notes.error("file.empty", "file must have receipts, got none")
        self._compare()

    # -- transactions ---------------------------------------------------------------------

    def _movement(self, receipt: Node) -> ProcessorMovement | None:
        """The movement of a receipt; None where it moved nothing, or was refused."""
        if _said(receipt, "ReceiptId") in {"", "Global Error Receipt"}:
            self._without_transaction(receipt)
            return None
        approved = is_approved(
            complete=receipt.text("Complete"),
            timed_out=receipt.text("TimedOut"),
            response_code=receipt.text("ResponseCode"),
        )
        if receipt.text("TimedOut").casefold() == "true":
            msg = "transaction must have an answer to be taken, got one that timed out"
            self._notes.warn("moneris.timed-out", msg, line=receipt.line, field="TimedOut")
        if not approved:
            return None
        kind = self._kind(receipt)
        name = _said(receipt, "TransID") or _said(receipt, "ReferenceNum")
        amount = self._amount(receipt, "TransAmount")
        day = self._day(receipt)
        if kind is MovementKind.PAYMENT and amount is not None and amount < 0:
            msg = "amount of a payment must not be negative, got one that is"
            self._notes.error("amount.sign", msg, line=receipt.line, field="TransAmount")
            return None
        if kind is None or amount is None or day is None or not self._is_new(name, receipt, amount):
            return None
        gross = abs(amount) if kind is MovementKind.PAYMENT else -abs(amount)
        self._count(receipt, kind, abs(amount))
        self._look_for_cards(receipt)
        order = self._text(receipt, "ReceiptId")
        return ProcessorMovement(
            movement=name,
            processor=PROCESSOR,
            kind=kind,
            gross_minor=gross,
            currency=self._settings.currency,
            occurred_on=day,
            reference=order,
            remittance=Remittance(text=(order,)),
            text=self._text(receipt, "Message"),
            raw_kind=receipt.text("TransType"),
            method=_METHODS.get(receipt.text("CardType"))
            or self._text(receipt, "CardType").casefold(),
            source=Place(self._notes.source, line=receipt.line),
        )

    def _without_transaction(self, receipt: Node) -> None:
        """A receipt of totals, or of a request that failed as a whole."""
        if not _terminals(receipt):
            text = self._text(receipt, "Message")[:80]
            msg = f"receipt must be of a transaction or of totals, got {text or 'neither'}"
            self._notes.warn("moneris.not-processed", msg, line=receipt.line, field="ReceiptId")

    def _kind(self, receipt: Node) -> MovementKind | None:
        said = receipt.text("TransType")
        value = self._settings.types.get(said.zfill(2))
        if value is None:
            msg = f"type must be one that is known, got {said!r}. Say it in types"
            self._notes.error("moneris.type-unknown", msg, line=receipt.line, field="TransType")
        return None if value in {None, "none"} else MovementKind(value)

    def _amount(self, receipt: Node, field: str) -> int | None:
        text = receipt.text(field)
        if _AMOUNT.fullmatch(text) is None:
            msg = f"{field} must be a number with a decimal point, got {text[:40]!r}"
            self._notes.error("amount.invalid", msg, line=receipt.line, field=field)
            return None
        try:
            return minor_of(Decimal(text), self._settings.currency)
        except InexactAmountError as error:
            self._notes.error("amount.inexact", str(error), line=receipt.line, field=field)
        except LimitError as error:
            self._notes.error("amount.limit", str(error), line=receipt.line, field=field)
        return None

    def _day(self, receipt: Node) -> dt.date | None:
        text = receipt.text("TransDate")
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            msg = f"TransDate must be a day, got {text[:40]!r}"
            self._notes.error("date.invalid", msg, line=receipt.line, field="TransDate")
            return None

    def _is_new(self, name: str, receipt: Node, amount: int) -> bool:
        """Whether a transaction comes for the first time, and has a name that is no card number."""
        line = receipt.line
        if not name or holds_card_number(name):
            code = "card.number" if name else "receipt.missing"
            msg = "TransID must name the transaction, got nothing that can be kept"
            self._notes.error(code, msg, line=line, field="TransID")
            return False
        known = self._seen.get(name)
        if known is None:
            self._seen[name] = amount
            return True
        if known == amount:
            msg = f"transaction must stand there once, got {name} again, which was left out"
            self._notes.warn("payout.duplicate", msg, line=line, field="TransID")
        else:
            msg = f"transaction must say the same each time, got {name} with another amount"
            self._notes.error("payout.duplicate", msg, line=line, field="TransID")
        return False

    def _look_for_cards(self, receipt: Node) -> None:
        """Note a card number in a field that is not read; a reference number is a long figure."""
        unread = [field for field in receipt.children if field.name not in _LOOKED_AT]
        if holds_card_number("\n".join(field.content for field in unread)):
            for field in unread:
                clean(field.content, notes=self._notes, field=field.name, line=field.line)

    def _text(self, receipt: Node, field: str) -> str:
        text = " ".join(_said(receipt, field).split())
        return clean(text, notes=self._notes, field=field, line=receipt.line)

    # -- batch totals ---------------------------------------------------------------------

    def _count(self, receipt: Node, kind: MovementKind, amount: int) -> None:
        terminal = receipt.text("ReferenceNum")[:_TERMINAL]
        counted = self._found.setdefault(
            _Batch(terminal, receipt.text("CardType"), kind), Counter()
        )
        counted["count"] += 1
        counted["amount"] += amount

    def _total(self, terminal: Node) -> None:
        """The totals of one terminal: a count and an amount for each card type and kind."""
        number = terminal.text("term_id")
        for card in terminal.all("Card"):
            for name, kind in _PARTS.items():
                part = card.find(name)
                if part is None:
                    continue
                count, amount = part.text("Count"), self._cents(part)
                batch = _Batch(number, card.text("CardType"), kind)
                if _COUNT.fullmatch(count) is None or amount is None:
                    msg = f"total of {number} must have a count and an amount, got {count!r}"
                    self._notes.error("amount.invalid", msg, line=part.line, field=name)
                    continue
                declared = self._declared.setdefault(batch, Counter())
                declared["count"], declared["amount"] = int(count), amount

    def _cents(self, part: Node) -> int | None:
        text = part.text("Amount")
        if self._settings.totals_in_cents and _COUNT.fullmatch(text):
            return int(text)
        return self._amount(part, "Amount")

    def _compare(self) -> None:
        """Note every total that the transactions of its terminal do not come to."""
        known = {batch.terminal for batch in self._declared}
        wanted = {*self._declared, *(batch for batch in self._found if batch.terminal in known)}
        for batch in sorted(wanted, key=lambda one: (one.terminal, one.card, one.kind.value)):
            declared = self._declared.get(batch, Counter())
            found = self._found.get(batch, Counter())
            if (declared["count"], declared["amount"]) != (found["count"], found["amount"]):
                currency = self._settings.currency
                msg = (
                    f"{batch.kind.value}s of {batch.card} on terminal {batch.terminal} must be"
                    f" {declared['count']} of {in_units(declared['amount'], currency)},"
                    f" got {found['count']} of {in_units(found['amount'], currency)}"
                )
                self._notes.error("moneris.batch-differs", msg)


def _said(receipt: Node, field: str) -> str:
    """A text of a receipt, empty where it is the word ``null``."""
    text = receipt.text(field)
    return "" if text.casefold() == _NULL else text


def _terminals(receipt: Node) -> list[Node]:
    totals = receipt.find("BankTotals")
    return [] if totals is None else totals.all("ECR")
