"""An entry with its addenda, as an advice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import AdviceKind, Payer, PaymentAdvice, Remittance, ReturnInfo
from receivables_plugins.nacha.batches import (
    CURRENCY,
    DEATH,
    NOTICES,
    Batch,
    Known,
    routing_of,
)
from receivables_plugins.nacha.layouts import IAT, Way
from receivables_plugins.nacha.records import RECORD_LENGTH
from receivables_plugins.nacha.remittance import Said, corrections, is_x12, joined, said_by

__all__ = ["EntryReading"]

_RETURN: Final = "799"
_CHANGE: Final = "798"
_INFORMATION: Final = frozenset({"705", "717"})
_TERMINAL: Final = "702"
_SCHEME: Final = "nacha"
_NOTHING: Final = Remittance()
_NOT_PROVIDED: Final = "NOTPROVIDED"

# Dishonored and contested returns carry traces of the steps before in the place of the text.
_DISHONORED: Final = frozenset({"R61", "R62", "R67", "R68", "R69", "R70"})
_CONTESTED: Final = frozenset({"R71", "R72", "R73", "R74", "R75", "R76", "R77"})


class EntryReading:
    """Makes advices of entries, counting them in their batch; `index` runs through the file."""

    def __init__(self, notes: ReadNotes) -> None:
        self._notes = notes
        self._source = notes.source
        self.index = 0

    def advice(
        self, entry: str, addenda: Sequence[str], *, batch: Batch, line: int
    ) -> PaymentAdvice | None:
        """The advice, or None where the amount or the transaction code cannot be read.

        Nearly all entries are whole and have no addenda but a text: they are read here.
        """
        known = batch.known.get(entry[1:12])
        text, raw = "", entry
        if addenda:
            first = addenda[0]
            text = first[3:83].rstrip()
            raw = f"{entry}\n{first}"
            if first[:3] != "705" or len(addenda) > 1 or is_x12(text):
                known = None
        if known is None or not known.is_plain or len(entry) != RECORD_LENGTH:
            return self._closely(entry, addenda, batch=batch, line=line)
        layout = batch.layout
        figures = entry[layout.amount]
        if not (figures.isdecimal() and figures.isascii()):
            return self._closely(entry, addenda, batch=batch, line=line)
        amount = int(figures)
        way = known.way
        account = entry[layout.account].strip()
        said = entry[layout.reference].strip()
        is_collection = way.is_debit
        self.index += 1
        batch.count(amount, amount, known)
        return PaymentAdvice(
            kind=way.kind,
            batch=batch.name,
            index=self.index,
            amount_minor=amount,
            currency=CURRENCY,
            date=batch.date,
            payer=Payer(name=entry[layout.name].strip(), account=account)
            if is_collection
            else batch.payer,
            remittance=Remittance(
                end_to_end="" if said == _NOT_PROVIDED else said, text=(text,) if text else ()
            )
            if said or text
            else _NOTHING,
            references=(("cheque", said), ("trace", entry[79:94]), *known.references)
            if layout.is_cheque
            else (("trace", entry[79:94]), *known.references),
            account="" if is_collection else account,
            method=way.method,
            source=Place(self._source, line=line),
            raw=raw,
        )

    def _closely(
        self, entry: str, addenda: Sequence[str], *, batch: Batch, line: int
    ) -> PaymentAdvice | None:
        """An entry that has more to say, or that something is wrong with."""
        known = batch.known.get(entry[1:12]) or self._learned(entry, batch, line=line)
        figures = entry[batch.layout.amount]
        if known is None or not (figures.isdecimal() and figures.isascii()):
            if known is not None:
                batch.sums.routing += known.adds or 0
                msg = f"amount must be in figures, got {figures!r}"
                self._notes.error("amount.invalid", msg, line=line, field="amount")
            return None
        amount = int(figures)
        if len(entry) != RECORD_LENGTH:
            msg = f"entry must have {RECORD_LENGTH} characters, got {len(entry)}"
            self._notes.error("nacha.record-length", msg, line=line, field="entry")
        self.index += 1
        advice = self._with_addenda(entry, addenda, batch, known, amount=amount, line=line)
        batch.count(amount, advice.amount_minor, known)
        return advice

    def _learned(self, entry: str, batch: Batch, *, line: int) -> Known | None:
        known = batch.learn(entry)
        if known is None:
            batch.sums.routing += routing_of(entry[3:12])[0] or 0
            msg = f"transaction code must be one of ACH, got {entry[1:3]!r}"
            self._notes.error("nacha.code-unknown", msg, line=line, field="transaction code")
        elif known.adds is None:
            msg = f"routing number must begin with eight figures, got {entry[3:12]!r}"
            self._notes.error("nacha.routing-invalid", msg, line=line, field="routing number")
        elif not known.is_right:
            msg = f"routing number must have its check digit, got {entry[3:12]!r}"
            self._notes.warn("identifier.invalid", msg, line=line, field="routing number")
        return known

    def _with_addenda(  # what is known of the entry, each by name
        self,
        entry: str,
        addenda: Sequence[str],
        batch: Batch,
        known: Known,
        *,
        amount: int,
        line: int,
    ) -> PaymentAdvice:
        layout, way = batch.layout, known.way
        said = entry[layout.reference].strip()
        about = _Addenda(self._notes, addenda, is_international=layout is IAT, line=line)
        about.read(amount, sec=batch.sec)
        kind = about.kind or (AdviceKind.RETURN if way.is_return else way.kind)
        if kind is AdviceKind.RETURN and about.returned is None:
            msg = "a returned entry must have an addenda 99 or 98, got none"
            self._notes.warn("nacha.reason-missing", msg, line=line, field="addenda")
        is_ours = kind is AdviceKind.REMITTANCE
        other = Payer(
            name=about.receiver or entry[layout.name].strip(), account=entry[layout.account].strip()
        )
        return PaymentAdvice(
            kind=kind,
            batch=batch.name,
            index=self.index,
            amount_minor=_signed(amount, kind=kind, way=way),
            currency=CURRENCY,
            date=batch.date,
            payer=about.originator_of(batch) if is_ours else other,
            remittance=about.remittance("" if said == _NOT_PROVIDED else said),
            references=(
                *about.references,
                *((("cheque", said),) if layout.is_cheque and said else ()),
                ("trace", entry[79:94]),
                *known.references,
            ),
            returned=about.returned or (ReturnInfo() if kind is AdviceKind.RETURN else None),
            return_scheme=_SCHEME if about.returned and about.returned.code else "",
            account=other.account if is_ours else "",
            method=way.method,
            source=Place(self._source, line=line),
            raw="\n".join((entry, *addenda)),
        )


def _signed(amount: int, *, kind: AdviceKind, way: Way) -> int:
    """What moves towards us: a credit that comes back was a payment of ours."""
    if kind is AdviceKind.DEPOSIT:
        return -amount if way.is_debit else amount
    is_ours = kind in {AdviceKind.RETURN, AdviceKind.CHANGE} and not way.is_debit
    return -amount if is_ours else amount


class _Addenda:
    """What the addenda of one entry say, gathered."""

    def __init__(
        self, notes: ReadNotes, addenda: Sequence[str], *, is_international: bool, line: int
    ) -> None:
        self._notes = notes
        self._addenda = addenda
        self._is_international = is_international
        self._line = line
        self.kind: AdviceKind | None = None
        self.returned: ReturnInfo | None = None
        self.references: list[tuple[str, str]] = []
        self.receiver = ""
        self._originator = ""
        self._said = Said()

    def _note(self, code: str, message: str, field: str) -> None:
        self._notes.error(code, message, line=self._line, field=f"addenda {field}")

    def read(self, amount: int, *, sec: str) -> None:
        """Read every addenda by its type; two classes are notices whatever their code says."""
        information = []
        for record in self._addenda:
            type_ = record[:3]
            if type_ in _INFORMATION:
                information.append(record)
            elif type_ == _RETURN:
                self._return(record)
            elif type_ == _CHANGE:
                self._change(record)
            elif type_ == _TERMINAL:
                self.references.append(("terminal", " ".join(record[3:79].split())))
            elif self._is_international:
                self._party(record, type_)
        if information:
            self._said = said_by(joined(information), self._note)
            self.references += self._said.references
            self._prove(amount)
        if sec in NOTICES and self.kind is None:
            self.kind = AdviceKind.CHANGE if sec == DEATH else AdviceKind.STATUS
            if sec == DEATH:
                self.returned = ReturnInfo(text=" ".join(self._said.text))

    def _prove(self, amount: int) -> None:
        total = self._said.total_minor
        if total is not None and total != amount:
            msg = f"open items in the addenda must add up to the entry, got {total} for {amount} minor units"
            self._notes.warn("entry.details-differ", msg, line=self._line, field="addenda RMR04")

    def _return(self, record: str) -> None:
        self.kind = AdviceKind.RETURN
        code = record[3:6].strip()
        text = record[35:79]
        self._original(record)
        if code in _DISHONORED or code in _CONTESTED:
            self._earlier(record, code)
            text = record[58:79] if code in _DISHONORED else ""
        elif self._is_international:
            text = text[10:]
        if record[21:27].strip(" 0") and code in {"R14", "R15"}:
            self.references.append(("date-of-death", record[21:27]))
        self.returned = ReturnInfo(code=code, text=text.strip())

    def _original(self, record: str) -> None:
        """The trace of the entry that comes back stands first: by it the return finds its payment."""
        pairs = (("original-trace", record[6:21]), ("original-routing", record[27:35]))
        self.references += [(name, value.strip()) for name, value in pairs if value.strip()]

    def _earlier(self, record: str, code: str) -> None:
        """The return that is dishonored, and the dishonored return that is contested."""
        pairs = [("return-trace", record[38:53]), ("return-code", record[56:58])]
        if code in _CONTESTED:
            pairs += [("dishonored-trace", record[58:73]), ("dishonored-code", record[76:78])]
        self.references += [(name, value.strip()) for name, value in pairs if value.strip()]

    def _change(self, record: str) -> None:
        self.kind = AdviceKind.CHANGE
        code = record[3:6].strip()
        data = record[35:64].strip()
        self._original(record)
        self.references += corrections(code, data)
        self.returned = ReturnInfo(code=code, text=data)

    def _party(self, record: str, type_: str) -> None:
        """Addenda 10 names the receiver of an international entry, 11 its originator."""
        if type_ == "710":
            self.receiver = record[46:81].strip()
            foreign = record[24:46].strip()
            if foreign:
                self.references.append(("foreign-trace", foreign))
        elif type_ == "711":
            self._originator = record[3:38].strip()

    def originator_of(self, batch: Batch) -> Payer:
        """Who pays: the company of the batch, and the payer that the remittance names besides."""
        name = self._originator or batch.payer.name
        other = self._said.payer
        if name == batch.payer.name and not other:
            return batch.payer
        return Payer(name=name or other, ultimate_name=other if other not in {"", name} else "")

    def remittance(self, said: str) -> Remittance:
        """What the entry pays."""
        return Remittance(end_to_end=said, documents=self._said.documents, text=self._said.text)
