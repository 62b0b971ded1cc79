"""What the readers of advices have in common: batches, amounts, payers, controls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import BinaryIO, Final

from receivables.adapters import AdviceRecord
from receivables.money import digits
from receivables.reading import Read, ReadNotes
from receivables.receipts.advices import AdviceBatch, PaymentAdvice
from receivables.receipts.model import Payer
from receivables_plugins.iso20022.details import compact
from receivables_plugins.iso20022.leaves import Leaves
from receivables_plugins.iso20022.messages import MessageReading
from receivables_plugins.iso20022.records import LINE, Memo, Record
from receivables_plugins.iso20022.values import RefusedError

__all__ = ["AdviceMessageReader", "AdviceReading", "BatchUnderWay", "control_sum", "count"]

_SUM: Final = re.compile(r"[0-9]{1,18}(\.[0-9]{1,17})?", re.ASCII)
"""ISO 20022 ``DecimalNumber``, without a sign."""
_COUNT: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
"""ISO 20022 ``Max15NumericText``."""
_PAYERS_MAX: Final = 100_000
"""Payers that are kept to be used again: a large portfolio, and a bound on memory."""


def control_sum(text: str) -> Decimal | None:
    """A total irrespective of currencies (``CtrlSum``); None where it is none.

    >>> control_sum("4372.50"), control_sum("")
    (Decimal('4372.50'), None)
    """
    return Decimal(text) if _SUM.fullmatch(text) else None


def count(text: str) -> int | None:
    """A number of transactions (``NbOfTxs``); None where it is none."""
    return int(text) if _COUNT.fullmatch(text) else None


class BatchUnderWay:
    """A batch while its advices come."""

    def __init__(self, batch: str, *, account: str = "") -> None:
        self.batch = batch
        self.account = account
        self.advices = 0
        self._counts: dict[str, int] = {}
        self._credits_minor: dict[str, int] = {}
        self._debits_minor: dict[str, int] = {}

    def add(self, advice: PaymentAdvice) -> None:
        """Count an advice, and sum it up."""
        currency, minor = advice.currency, advice.amount_minor
        self.advices += 1
        self._counts[currency] = self._counts.get(currency, 0) + 1
        sums = self._credits_minor if minor >= 0 else self._debits_minor
        sums[currency] = sums.get(currency, 0) + abs(minor)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of its advices, in the order of their coming."""
        return tuple(self._counts)

    @property
    def total(self) -> Decimal:
        """All amounts without their signs, irrespective of currencies, as ``CtrlSum`` has it."""
        return sum((_decimal(self.minor(one), one) for one in self._counts if one), Decimal(0))

    def minor(self, currency: str) -> int:
        """The amounts in a currency, without their signs."""
        return self._credits_minor.get(currency, 0) + self._debits_minor.get(currency, 0)

    def finish(
        self,
        header: Record,
        *,
        declared_advices: int | None = None,
        declared: Decimal | None = None,
    ) -> Iterable[AdviceBatch]:
        """One batch for each currency; what is declared is compared where there is one only."""
        currencies = self.currencies or ("",)
        is_one = len(currencies) == 1
        for currency in currencies:
            declared_minor = _exact_minor(declared, currency) if is_one else None
            yield AdviceBatch(
                batch=self.batch,
                currency=currency,
                advices=self._counts.get(currency, 0),
                credits_minor=self._credits_minor.get(currency, 0),
                debits_minor=self._debits_minor.get(currency, 0),
                declared_advices=declared_advices if is_one else None,
                declared_minor=declared_minor,
                compared_minor=None if declared_minor is None else self.minor(currency),
                created_at=header.get("CreDtTm", ""),
                sender=header.get("InitgPty", ""),
                account=self.account,
            )


class AdviceReading(MessageReading[AdviceRecord]):
    """One file of advices under way."""

    def __init__(self, notes: ReadNotes, *, has_shapes: bool = True) -> None:
        super().__init__(notes, has_shapes=has_shapes)
        self.header: Record = {}
        self.index = 0
        self.leaves = Leaves(values=self.values, note=self.note, field="")
        self._payers = Memo(_payer, size_max=_PAYERS_MAX)

    def take_header(self, record: Record, _parent: Record) -> None:
        """Keep the header of the message (``GrpHdr``)."""
        self.header = record

    def amount(self, record: Record, leaf: str = "Amt") -> tuple[int, str]:
        """An amount without sign, and its currency; raises `RefusedError`."""
        currency = record.get(f"{leaf} Ccy", "")
        try:
            return self.values.minor(record.get(leaf, ""), currency), currency
        except RefusedError as error:
            # A direction is not said in an advice, so it is the amount that is wrong.
            code = "amount.sign" if error.code == "entry.direction-invalid" else error.code
            raise RefusedError(code, str(error), field=leaf) from None

    def payer(self, record: Record, side: str = "Dbtr") -> Payer:
        """Who is on one side: name, account, and for whom."""
        own, account = record.get(side, ""), record.get(f"{side}Acct", "")
        return self._payers[own, account, record.get(f"Ultmt{side}", "")]

    def emit(self, advice: PaymentAdvice, batch: BatchUnderWay) -> None:
        """Give an advice out, as one of a batch."""
        batch.add(advice)
        self.has_content = True
        self.out.append(advice)

    def check(
        self,
        record: Record,
        *,
        prefix: str,
        advices: int,
        total: Decimal,
        count_leaf: str = "NbOfTxs",
        sum_leaf: str = "CtrlSum",
        field: str = "",
    ) -> None:
        """Note an error where a control that is given does not hold."""
        line = record.get(LINE, self.parser.line)
        declared, declared_sum = record.get(count_leaf), record.get(sum_leaf)
        if declared is not None and count(declared) != advices:
            msg = f"transactions must be {declared} as declared, got {advices}"
            self.note(f"{prefix}.count-differs", msg, line=line, field=f"{field}{count_leaf}")
        if declared_sum is not None and control_sum(declared_sum) != total:
            msg = f"amounts must add up to {declared_sum} as declared, got {total}"
            self.note(f"{prefix}.sum-differs", msg, line=line, field=f"{field}{sum_leaf}")


class AdviceMessageReader:
    """Reads one kind of message, streaming; memory stays flat."""

    def __init__(
        self, ours: re.Pattern[bytes], reading: Callable[[ReadNotes], AdviceReading]
    ) -> None:
        self._ours = ours
        self._reading = reading

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # a name proves nothing
        """Whether the first bytes have the message's element, its namespace or its identifier."""
        # UTF-16 writes these characters with a zero byte each.
        return self._ours.search(head.replace(b"\0", b"")) is not None

    def read(self, stream: BinaryIO, *, name: str) -> Read[AdviceRecord]:
        """Read; problems are noted with their line and their element, and never raised."""
        notes = ReadNotes(name)
        return Read(self._reading(notes).rows(stream), notes)


def _payer(key: tuple[str, str, str]) -> Payer:
    name, account, ultimate_name = key
    return Payer(name=name, account=compact(account), ultimate_name=ultimate_name)


def _decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-digits(currency))


def _exact_minor(amount: Decimal | None, currency: str) -> int | None:
    """An amount in minor units; None without one, or where it has a part of one."""
    if amount is None or not currency:
        return None
    scaled = amount.scaleb(digits(currency))
    return int(scaled) if scaled == int(scaled) else None
