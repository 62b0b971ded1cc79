"""From the record of an entry (``Ntry``) to a `BankEntry`, or to the problem that forbids it.

The direction comes from ``CdtDbtInd`` alone: ``RvslInd`` says that an earlier entry is reversed, and
changes no sign (ISO 20022, message definition report of camt.053).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from receivables.problems import Place
from receivables.receipts.model import BankEntry, ReceiptMethod
from receivables_plugins.iso20022.details import DETAILS, DetailBuilder
from receivables_plugins.iso20022.records import LINE, RAW, REFERENCES, Memo, Note, Record, texts
from receivables_plugins.iso20022.remittance import bank_code, reference
from receivables_plugins.iso20022.values import RefusedError, Values, is_true

__all__ = ["EntryBuilder"]

_CODES_MAX: Final = 10_000
"""Bank codes that are kept by their parts: ISO 20022 has some hundreds, and a bound on memory."""
_METHODS: Final = {
    "CCRD": ReceiptMethod.CARD,
    "DRFT": ReceiptMethod.BILL_OF_EXCHANGE,
    "ICDT": ReceiptMethod.CREDIT_TRANSFER,
    "ICHQ": ReceiptMethod.CHEQUE,
    "IDDT": ReceiptMethod.DIRECT_DEBIT,
    "LBOX": ReceiptMethod.CHEQUE,
    "MCRD": ReceiptMethod.CARD,
    "RCDT": ReceiptMethod.CREDIT_TRANSFER,
    "RCHQ": ReceiptMethod.CHEQUE,
    "RDDT": ReceiptMethod.DIRECT_DEBIT,
    "RRCT": ReceiptMethod.CREDIT_TRANSFER,
}
"""How money came, by the family of the bank code in the domain of payments (ISO 20022 ``BkTxCd``)."""
_COUNT_DIGITS_MAX: Final = 15
"""ISO 20022 ``Max15NumericText``."""


class EntryBuilder:
    """Builds the entries of one file."""

    def __init__(self, source: str, *, values: Values, note: Note) -> None:
        self._source = source
        self._values = values
        self._note = note
        self._details = DetailBuilder(values=values, note=note)
        self._codes = Memo(_code, size_max=_CODES_MAX)
        self._methods = Memo(_method, size_max=_CODES_MAX)
        self._place = Place(source)

    def entry(
        self, record: Record, *, account: str, statement: str, index: int, currency: str
    ) -> BankEntry:
        """Build an entry; raises `RefusedError` without amount or direction, or a credit without day.

        `currency` is the account's, for an amount that does not say its own.
        """
        amount_minor, currency = self._values.signed(record, default=currency)
        parts = (record.get("Domn"), record.get("Fmly"), record.get("SubFmlyCd"))
        code = self._codes[(*parts, record.get("OwnCd"))]
        transactions = record.get("TxDtls", ())
        if len(transactions) == 1 and not code:
            # Some banks say it in the transaction only.
            code = bank_code(transactions[0])
        self._details.begin(
            record, account=account, amount_minor=amount_minor, currency=currency, code=code
        )
        entry = BankEntry(
            account=account,
            statement=statement,
            index=index,
            amount_minor=amount_minor,
            currency=currency,
            is_booked=record.get("Sts", "BOOK") == "BOOK",
            is_reversal="RvslInd" in record and is_true(record["RvslInd"]),
            booking_date=self._day(record, "BookgDt"),
            value_date=self._day(record, "ValDt"),
            bank_reference=_bank_reference(record, transactions),
            bank_code=code,
            text=record.get("AddtlNtryInf", ""),
            charges_minor=self._details.charges(record) if "Chrgs" in record else 0,
            batch_count=_batch_count(record) if "NbOfTxs" in record else None,
            details=tuple([self._details.detail(one) for one in transactions]),
            source=self._at(record[LINE]),
            method=self._methods[code],
            raw=record[RAW],
        )
        if entry.booking_date is None and entry.value_date is None and entry.is_booked:
            self._check_undated(entry, record[LINE])
        if transactions:
            self._check_details(entry, record[LINE])
        return entry

    def _at(self, line: int) -> Place:
        """The place of an entry; a file without line breaks has one for all."""
        if line != self._place.line:
            self._place = Place(self._source, line=line)
        return self._place

    def _day(self, record: Record, leaf: str) -> dt.date | None:
        text = record.get(leaf)
        if text is None:
            return None
        try:
            return self._values.days[text]
        except RefusedError as error:
            self._note(error.code, str(error), line=record[LINE], field=leaf)
            return None

    def _check_undated(self, entry: BankEntry, line: int) -> None:
        """Refuse a credit without any day, which no ledger can take; a debit is only known less."""
        msg = "a booked entry must have a booking date or a value date, got neither"
        if entry.amount_minor > 0:
            raise RefusedError("date.missing", msg, field="BookgDt")
        self._note("date.missing", msg, line=line, field="BookgDt", is_error=False)

    def _check_details(self, entry: BankEntry, line: int) -> None:
        amounts = [one.amount_minor for one in entry.details if one.amount_minor is not None]
        msg = ""
        if len(amounts) == len(entry.details) and sum(amounts) != entry.amount_minor:
            msg = f"details must add up to {entry.amount_minor} minor units, got {sum(amounts)}"
        elif entry.batch_count is not None and entry.batch_count != len(entry.details):
            msg = f"details must be {entry.batch_count} as the batch says, got {len(entry.details)}"
        if msg:
            self._note("entry.details-differ", msg, line=line, field=DETAILS, is_error=False)


def _code(parts: tuple[str | None, ...]) -> str:
    names = ("Domn", "Fmly", "SubFmlyCd", "OwnCd")
    said = {name: part for name, part in zip(names, parts, strict=True) if part is not None}
    return bank_code(said)


def _method(code: str) -> ReceiptMethod:
    domain, _, rest = code.partition("-")
    family = rest.partition("-")[0] if domain == "PMNT" else ""
    return _METHODS.get(family, ReceiptMethod.UNSAID)


def _bank_reference(record: Record, transactions: Sequence[Record]) -> str:
    found = reference(record.get("AcctSvcrRef", ""))
    if not found and len(transactions) == 1:
        of_transaction = dict(transactions[0].get(REFERENCES, ()))
        return reference(of_transaction.get("AcctSvcrRef", ""))
    return found


def _batch_count(record: Record) -> int | None:
    """How many transactions the batches of an entry have, where every one of them says it."""
    counts = texts(record, "NbOfTxs")
    if all(one.isascii() and one.isdecimal() and len(one) <= _COUNT_DIGITS_MAX for one in counts):
        return sum(map(int, counts))
    return None
