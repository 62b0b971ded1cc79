"""Problems found in data: values with a stable code and a place, collected, never raised.

>>> problem = Problem("date.invalid", "'2026-02-30' is no date", place=Place("items.csv", line=7, field="due"))
>>> print(problem)
items.csv:7: due: error date.invalid: '2026-02-30' is no date
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["CODES", "Place", "Problem", "Severity"]

_CODE: Final = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "advice.unused": "a payment advice explains no bank entry, or could explain several",
        "aging.no-due-date": "an item without a due date was asked to be aged by due date",
        "amount.inexact": "an amount has more decimals than its currency has minor units",
        "amount.invalid": "an amount cannot be read as a number in the declared locale",
        "amount.limit": "an amount is beyond what the library accepts",
        "amount.sign": "an amount has a sign that its kind of record forbids",
        "card.number": "a text holds what looks like a card number; it was masked and must be removed at its source",
        "column.duplicate": "two columns have the same heading",
        "column.ignored": "a column tells what nobody may know yet, and was not looked at",
        "column.missing": "a column that the settings name is not in the file",
        "contact.invalid": "an e-mail address or a telephone number cannot be one",
        "credit.column-unread": "a column of a list of credit information is none that is known, and was not read",
        "credit.duplicate": "two rows of a list of credit information have the same identity, or contradict each other",
        "credit.invalid": "a record of credit information breaks a rule that it must obey",
        "credit.value-missing": "a row of a list of credit information lacks what it must have",
        "credit.value-unknown": "a word of a list of credit information is none that is known; it is not guessed",
        "currency.missing": "a row has an amount but no currency",
        "currency.unknown": "a currency code is not in ISO 4217",
        "customer.duplicate": "two rows of a customer list name the same customer",
        "customer.invalid": "the details of a customer break a rule",
        "customer.missing": "a row names no customer",
        "customer.unknown": "a document names a customer that the customer list does not have",
        "date.invalid": "a date cannot be read in the declared format, or does not exist",
        "date.missing": "a row lacks a date that it must have",
        "date.order": "a date lies before another that it must not precede",
        "document.duplicate": "two documents of one creditor have the same number",
        "document.missing": "a row names no document",
        "document.type-unknown": "a document type is not in the declared map; it is not guessed",
        "document.unbalanced": "the parts of a document do not add up to its total",
        "dunning.worksheet-invalid": "the worksheet of a dunning run is not one, or is of several runs",
        "encoding.invalid": "the bytes are not text in the declared or detected encoding",
        "entries.unbalanced": "total debit and total credit of an accounting export differ",
        "entry.details-differ": "the details of a bank entry do not add up to the entry",
        "entry.direction-invalid": "a bank entry does not say whether it is a credit or a debit",
        "entry.repeated": "an entry looks like another one, and nothing tells whether it is the same",
        "entry.unconfirmed": "an entry of an earlier report is not in the final statement of its day",
        "event.refused": "the ledger refused what the source says, because its account forbids it",
        "exchange-rate.invalid": "an exchange rate is not a positive number, or its kind or pair is unknown",
        "fec.account": "an account number of an accounting export is none of the French chart",
        "fec.amount": "a line of an accounting export has no side, both sides or a negative one",
        "fec.blank": "a field of an accounting export that must be filled is blank",
        "fec.columns": "an accounting export does not begin with the eighteen fields of the article",
        "fec.entry": "an entry of an accounting export does not balance, or has several dates",
        "fec.name": "an accounting export is not called as the article says",
        "fec.numbering": "the entries of an accounting export are not numbered without a gap",
        "fec.order": "the lines of an accounting export are not in the order of validation",
        "fec.pair": "of two fields of an accounting export that go together one is blank",
        "fec.text": "a text of an accounting export has a control character",
        "file.empty": "a file holds nothing to read",
        "file.format": "a file is not of the format that was declared",
        "file.missing": "a file or folder that the settings name does not exist",
        "file.too-large": "a file, or a part of it, is beyond the bound set for it",
        "file.truncated": "a file ends before its end",
        "financials.empty": "a financial statement has no figures",
        "financials.part-above": "a part of a financial statement is more than the whole that it is of",
        "financials.sign": "a figure of a financial statement has a sign that it cannot have",
        "financials.unbalanced": "the figures of a financial statement do not add up",
        "forecast.paid-already": "an item to be forecast is paid in the history by the day of its forecast",
        "identifier.country-differs": "an identifier, an account or an address is of another country than its customer",
        "identifier.invalid": "an identifier fails its own check digits",
        "identifier.unchecked": "identifiers were not checked, because an extra is not installed",
        "journal.tampered": "a row of the event journal is not what was written",
        "journal.truncated": "the event journal does not end where its head says",
        "journal.unreadable": "an event of the journal cannot be read",
        "letter.invalid": "a letter cannot be composed from its notice, its parties and its text",
        "letter.translation-missing": "no letter text exists in the customer's language",
        "lettering.unbalanced": "a lettering group does not add up to zero, so it was not used",
        "locale.ambiguous": "a value can be read in two ways and the settings do not say which",
        "payout.duplicate": "the same movement or payout of a processor stands in a report twice, or says something else",
        "payout.unbalanced": "the movements of a payout do not come to its amount; none of it is taken",
        "payout.unmatched": "a payout has no bank entry, or more than one that could be it",
        "payout.was-receipt": "a bank entry was recorded as a receipt before its report came; it was taken off again",
        "posting.refused": "a line cannot be booked in another system, which says why",
        "receipt.duplicate": "two receipts have the same identity",
        "receipt.missing": "a row names no receipt",
        "receipt.returned": "money went back to a payer, and which receipt it was is not certain",
        "review.amount-exceeds": "a row of a review pays more than is open, or more than the receipt has",
        "review.customer-differs": "a row of a review names another customer than the ledger knows for the receipt",
        "review.decision-unknown": "a row of a review decides something that is no decision",
        "review.empty": "a receipt of a review is to be applied, and neither a document nor a customer is named",
        "review.item-currency": "a row of a review pays a document of another currency",
        "review.item-settled": "a row of a review pays a document that is settled, held, or not there yet",
        "review.item-unknown": "a row of a review names a document that the ledger does not have",
        "review.key-damaged": "the keys of a review are not what was written, so what was proposed is not known",
        "review.receipt-applied": "a receipt of a review was applied otherwise meanwhile, or cannot be applied",
        "review.receipt-unknown": "a row of a review names a receipt that the ledger does not have",
        "review.residual-invalid": "a residual of a review lacks its kind, its amount or its document, or cannot be said there",
        "review.rows-differ": "two rows of a review contradict each other",
        "review.stale": "the ledger has moved on since a review was written",
        "row.length": "a row has more or fewer fields than the header",
        "service.incomplete": "a service gave fewer rows than it counts, or stopped where more may follow",
        "service.refused": "a service answered a request, or a row of it, with an error",
        "service.unread": "a service that the settings name was not read, because there is no way to it",
        "settings.invalid": "a setting is unknown, missing or impossible",
        "statement.corrected": "a bank statement came again under its name with other figures",
        "statement.duplicate": "the same bank statement was read twice",
        "statement.gap": "a number, a page or a balance is missing between two bank statements",
        "statement.incomplete": "a bank statement lacks a balance, so its sum cannot be proved",
        "statement.unbalanced": "opening balance plus entries is not the closing balance",
        "terms.beyond-legal-maximum": "a due date is later than the law lets it be agreed",
        "terms.clause-void": "a clause of payment terms is void by law",
        "terms.invalid": "payment terms cannot be understood, or cannot be applied to their document",
        "terms.needs-express-agreement": "a due date is lawful only where it was agreed expressly",
        "xml.forbidden": "a document type, an entity or a depth that no bank file needs",
        "xml.malformed": "the XML is not well formed",
    }
)
"""Every code of the library and what it means; plug-ins add theirs with their own first word."""


class Severity(enum.Enum):
    """How bad it is: an error makes the read incomplete, a warning does not."""

    WARNING = "warning"
    ERROR = "error"


@attrs.frozen(slots=False)  # made by the million: without slots in half the time
class Place:
    """Where in a source: a file or other name, and a line, a field or a path in it."""

    source: str
    line: int | None = attrs.field(default=None, kw_only=True)
    field: str | None = attrs.field(default=None, kw_only=True)

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        field = "" if self.field is None else f": {self.field}"
        return f"{self.source}{line}{field}"


@attrs.frozen
class Problem:
    """One thing that is wrong in the data: a stable code, a sentence, a place."""

    code: str = attrs.field(validator=attrs.validators.matches_re(_CODE))
    message: str
    place: Place = attrs.field(kw_only=True)
    severity: Severity = attrs.field(default=Severity.ERROR, kw_only=True)

    @property
    def is_error(self) -> bool:
        """Whether it makes what was read incomplete."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        return f"{self.place}: {self.severity.value} {self.code}: {self.message}"
