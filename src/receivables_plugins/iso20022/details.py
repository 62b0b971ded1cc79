"""From the record of a transaction (``TxDtls``) to an `EntryDetail`: who, what for, how much."""

from __future__ import annotations

from typing import Final

from receivables.money import Money, from_minor
from receivables.receipts.model import EntryDetail, Payer, Remittance
from receivables_plugins.iso20022.leaves import Leaves
from receivables_plugins.iso20022.records import LINE, REPEATED, Memo, Note, Record
from receivables_plugins.iso20022.remittance import reference, references, remittance, returned
from receivables_plugins.iso20022.values import SIGNS, RefusedError, Values, is_true

__all__ = ["DETAILS", "DetailBuilder", "compact"]

DETAILS: Final = "NtryDtls/TxDtls"
"""Where transactions stand in an entry."""

_SIDES: Final = {1: "Dbtr", -1: "Cdtr"}
_LEAVES: Final = {"Dbtr": ("DbtrAcct", "UltmtDbtr"), "Cdtr": ("CdtrAcct", "UltmtCdtr")}
_PAYERS_MAX: Final = 100_000
"""Payers that are kept to be used again: a large portfolio, and a bound on memory."""


def compact(account: str) -> str:
    """An account number without the blanks that an IBAN has on paper.

    >>> compact("FR76 3000 6000")
    'FR7630006000'
    """
    return account.replace(" ", "") if " " in account else account


class DetailBuilder:
    """Builds the transactions of the entries of one file."""

    def __init__(self, *, values: Values, note: Note) -> None:
        self._values = values
        self._note = note
        self._payers = Memo(_payer, size_max=_PAYERS_MAX)
        self._structured = Leaves(values=values, note=note, field=f"{DETAILS}/RmtInf/Strd")
        # What the transactions of the entry under way take over from it.
        self._account = ""
        self._text = ""
        self._amount_minor = 0
        self._currency = ""
        self._sign = 1
        self._code = ""
        self._is_reversal = False

    def begin(
        self, entry: Record, *, account: str, amount_minor: int, currency: str, code: str
    ) -> None:
        """Take from an entry what its transactions leave unsaid."""
        self._account = account
        self._text = entry["Amt"]
        self._amount_minor = abs(amount_minor)
        self._currency = self._structured.currency = currency
        self._sign = SIGNS[entry["CdtDbtInd"]]
        self._code = code
        self._is_reversal = "RvslInd" in entry and is_true(entry["RvslInd"])

    def detail(self, record: Record) -> EntryDetail:
        """Build one; an amount that cannot be read is noted and left out, and the rest is kept."""
        sign = SIGNS.get(record.get("CdtDbtInd", ""), self._sign)
        amount_minor: int | None = self._amount_minor
        if record.get("Amt") != self._text or record.get("Amt Ccy") != self._currency:
            amount_minor = self._amount(record)
        instructed = None
        if amount_minor is None or "InstdAmt" in record:
            instructed = self._instructed(record, amount_minor)
        reason = returned(record) if "RtrInf" in record else None
        side = _SIDES[sign]
        if self._is_reversal or reason is not None:
            side = _turned_side(record, side, self._account)
        account, ultimate = _LEAVES[side]
        payer = (record.get(side, ""), record.get(account, ""), record.get(ultimate, ""))
        return EntryDetail(
            amount_minor=None if amount_minor is None else sign * amount_minor,
            instructed=instructed,
            charges_minor=self.charges(record, DETAILS) if "Chrgs" in record else 0,
            payer=self._payers[payer],
            remittance=self._remittance(record),
            references=references(record, self._code),
            returned=reason,
        )

    def charges(self, record: Record, field: str = "") -> int:
        """The charges inside the amount; those that the bank books apart are not.

        A bank gives records, with a total or without, or the total alone; a record may be a credit.
        """
        total_minor = 0
        field = f"{field}/Chrgs".lstrip("/")
        for charges in record["Chrgs"]:
            each = charges.get("Rcrd") or [charges]
            if each == [charges] and "Amt" not in charges:
                total_minor += self._minor(charges, "TtlChrgsAndTaxAmt", field) or 0
            for one in each:
                if is_true(one.get("ChrgInclInd", "true")):
                    amount_minor = self._minor(one, "Amt", field) or 0
                    total_minor += -amount_minor if one.get("CdtDbtInd") == "CRDT" else amount_minor
        return total_minor

    def _remittance(self, record: Record) -> Remittance:
        if "Strd" in record or "AddtlTxInf" in record or REPEATED in record:
            return remittance(record, self._structured)
        text = record.get("Ustrd")
        return Remittance(
            text=() if text is None else (text,),
            end_to_end=reference(record.get("EndToEndId", "")),
        )

    def _amount(self, record: Record) -> int | None:
        """The amount in the entry's currency: its own, or the one that the transaction had."""
        for leaf in ("Amt", "TxAmt", "CntrValAmt"):
            if leaf in record and record.get(f"{leaf} Ccy", self._currency) == self._currency:
                return self._minor(record, leaf, DETAILS, is_error=True)
        return None

    def _instructed(self, record: Record, amount_minor: int | None) -> Money | None:
        """What was ordered, where it is not what was booked."""
        leaf = next((leaf for leaf in ("InstdAmt", "TxAmt", "Amt") if leaf in record), None)
        if leaf is None:
            return None
        try:
            own = record.get(f"{leaf} Ccy", self._currency)
            minor = self._values.minor(record[leaf], own)
        except RefusedError as error:
            self._refuse(record, error, f"{DETAILS}/{leaf}", is_error=False)
            return None
        return None if own == self._currency and minor == amount_minor else from_minor(minor, own)

    def _minor(
        self, record: Record, leaf: str, field: str, *, is_error: bool = False
    ) -> int | None:
        """A leaf in the entry's currency; None where it is absent, in another, or cannot be read."""
        if leaf not in record or record.get(f"{leaf} Ccy", self._currency) != self._currency:
            return None
        try:
            return self._values.minor(record[leaf], self._currency)
        except RefusedError as error:
            self._refuse(record, error, f"{field}/{leaf}", is_error=is_error)
            return None

    def _refuse(self, record: Record, error: RefusedError, field: str, *, is_error: bool) -> None:
        self._note(error.code, str(error), line=record[LINE], field=field, is_error=is_error)


def _payer(key: tuple[str, str, str]) -> Payer:
    name, account, ultimate_name = key
    return Payer(name=name, account=compact(account), ultimate_name=ultimate_name)


def _turned_side(record: Record, side: str, account: str) -> str:
    """Who is on the other side of a return.

    The parties of a return keep the roles that they had in what is returned, so it is the debtor of
    a debit; a bank that turns the roles is recognized by our own account.
    """
    turned = "Cdtr" if side == "Dbtr" else "Dbtr"
    is_us = compact(record.get(f"{turned}Acct", "")) == account
    is_there = turned in record or f"{turned}Acct" in record
    return side if is_us or not is_there else turned
