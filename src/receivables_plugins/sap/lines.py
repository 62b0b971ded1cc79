"""Customer lines of SAP documents, and the records that they become: one for each line.

A document of SAP may have several customer lines (instalments, say), each of them open or cleared
by itself; so each line is a document, or a receipt, of its own.  Readers of files and of services
make `CustomerLine` values, and `Lines` makes records of them, so that the same line gives the same
record whatever it came through.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from receivables.allocation import SourceAllocation
from receivables.documents import (
    CreditNote,
    DebitNote,
    DiscountOffer,
    Document,
    Installment,
    Invoice,
    ItemId,
)
from receivables.errors import DocumentError, PolicyError
from receivables.money import Money, from_minor
from receivables.parties import CreditorId, CustomerId
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts import Receipt, ReferredDocument, Remittance
from receivables_plugins.sap import rules
from receivables_plugins.sap.rules import Kind

__all__ = ["SPECIAL_GL_ACTIONS", "CustomerLine", "LineRules", "Lines"]

SPECIAL_GL_ACTIONS: Final = ("receipt", "document", "leave-out", "refuse")
"""What can be done with a line of special general ledger."""

_WHOLE_PERCENT: Final = 100


_Record: TypeAlias = "Document | Receipt"


@attrs.frozen(kw_only=True, slots=False)  # made by the million: without slots in half the time
class CustomerLine:
    """One customer line of an accounting document, whatever it was read from.

    `amount_minor` is signed: what is owed positive, a credit negative.  `due_date` is the day that
    the source says; where it says none, the terms say it.
    """

    company: str
    document: str
    year: str = ""
    item: str = ""
    customer: str
    amount_minor: int
    currency: str
    document_date: dt.date
    posting_date: dt.date
    due_date: dt.date | None = None
    terms: rules.Terms = rules.NO_TERMS
    discount_base_minor: int | None = None
    """What a settlement discount is counted on; the amount of the line where it is not said."""
    document_type: str = ""
    posting_key: str = ""
    special_gl: str = ""
    status: str = ""
    invoice: str = ""
    """The document that it refers to (REBZG), or ``V`` for terms of its own."""
    invoice_year: str = ""
    invoice_item: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    payment_terms: str = ""
    cleared_on: dt.date | None = None
    clearing: str = ""
    """The document that cleared it (AUGBL); empty where it is open."""
    clearing_year: str = ""
    line: int | None = None
    """Where it stands in its source."""

    @property
    def number(self) -> str:
        """The number of its record."""
        return rules.number_of(self.document, self.year, self.item)

    @property
    def is_credit(self) -> bool:
        """Whether it lowers what the customer owes."""
        return self.amount_minor < 0

    @property
    def is_cleared(self) -> bool:
        """Whether it is cleared."""
        return self.cleared_on is not None


def _frozen(values: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(values))


def _types(values: Mapping[str, object]) -> Mapping[str, tuple[Kind, Kind]]:
    found = dict(rules.DOCUMENT_TYPES)
    for name, sides in values.items():
        match sides:
            case [Kind() | str() as debit, Kind() | str() as credit]:
                found[name] = (Kind(debit), Kind(credit))
            case _:
                msg = (
                    f"document type {name} must be a kind of debit and one of credit, got {sides!r}"
                )
                raise PolicyError(msg)
        if found[name][0].is_credit or not found[name][1].is_credit:
            msg = f"document type {name} must be a kind of debit and one of credit, got {sides!r}"
            raise PolicyError(msg)
    return MappingProxyType(found)


def _check_special_gl(
    _instance: object, _attribute: object, value: Mapping[str, str] | str
) -> None:
    actions = [value] if isinstance(value, str) else list(value.values())
    if unknown := [action for action in actions if action not in SPECIAL_GL_ACTIONS]:
        msg = f"special_gl must be {', '.join(SPECIAL_GL_ACTIONS)}, got {unknown[0]!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class LineRules:
    """How lines are taken: whose they are, what their types mean, what becomes of special ones.

    `creditors` gives the creditor of a company code, which is its own name where it is not listed.
    `document_types` adds to the types that SAP delivers: the kinds of a debit and of a credit line.
    `special_gl` says what becomes of each indicator: a ``receipt`` (money that came
    in advance; a debit line of it, which takes it back or moves it to where it is used, is a debit
    note), a ``document`` that ages like any other, ``leave-out`` with a warning, or
    ``refuse`` with an error.  `payment_terms` gives terms of SAP as `receivables.terms` reads them.
    """

    creditors: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)
    document_types: Mapping[str, tuple[Kind, Kind]] = attrs.field(factory=dict, converter=_types)
    special_gl: Mapping[str, str] = attrs.field(
        factory=lambda: {"A": "receipt"}, converter=_frozen, validator=_check_special_gl
    )
    special_gl_default: str = attrs.field(default="leave-out", validator=_check_special_gl)
    payment_terms: Mapping[str, str] = attrs.field(factory=dict, converter=_frozen)

    def action(self, special_gl: str) -> str:
        """What becomes of an indicator."""
        return self.special_gl.get(special_gl, self.special_gl_default)


class Lines:
    """Makes records of lines, and says at the end what settles what and what was left out.

    Give every line to `record`, in any order, then take `allocations`, which gives nothing for
    lines that are open; both note what they could not take.
    """

    def __init__(self, said: LineRules, notes: ReadNotes) -> None:
        self._rules = said
        self._notes = notes
        self._seen: dict[tuple[str, str], int] = {}
        self._groups: dict[tuple[str, ...], tuple[list[CustomerLine], list[str]]] = {}
        self._left_out: dict[tuple[str, str], list[int]] = {}
        self._unsaid: dict[str, int] = {}

    def record(self, line: CustomerLine) -> Document | Receipt | None:
        """The record of a line, or None where it is left out, there already, or wrong."""
        if reason := rules.reason_left_out(status=line.status, special_gl=line.special_gl):
            self._leave_out("sap.noted-item", reason, line)
            return None
        if (line.special_gl or line.posting_key in rules.SPECIAL_GL_KEYS) and not (
            self._takes_special(line)
        ):
            return None
        if not line.amount_minor:
            self._leave_out("sap.zero", "a line of zero", line)
            return None
        if self._is_known(line):
            return None
        try:
            record = self._record(line)
        except (DocumentError, PolicyError, OverflowError) as error:
            self._notes.error("file.format", f"line {line.number}: {error}", line=line.line)
            return None
        if line.is_cleared:
            self._settle(line)
        return record

    def allocations(self) -> Iterator[SourceAllocation]:
        """What settles what: the lines that one document cleared, in one currency, whole."""
        for lines, items in self._groups.values():
            first = lines[0]
            settled_on = max(line.cleared_on or line.posting_date for line in lines)
            yield SourceAllocation(
                creditor=self._creditor(first),
                customer=CustomerId(first.customer),
                items=tuple(ItemId(item) for item in items),
                settled_on=max(settled_on, *(line.posting_date for line in lines)),
                label=rules.number_of(
                    first.clearing, first.clearing_year.strip("0") and first.clearing_year, ""
                ),
                source=self._place(first),
            )

    def close(self) -> None:
        """Warn of what was left out and of what no type says, once for each reason."""
        for (code, reason), numbers in sorted(self._left_out.items()):
            self._notes.warn(
                code, f"left out as {reason}: {len(numbers)} line(s)", line=numbers[0] or None
            )
        for name, count in sorted(self._unsaid.items()):
            said = f"document type {name}" if name else "no document type and no posting key"
            self._notes.warn(
                "sap.kind-unsaid", f"{said}: {count} line(s) were told by their sign alone"
            )

    def _takes_special(self, line: CustomerLine) -> bool:
        if not line.special_gl:
            msg = (
                f"{line.number} has posting key {line.posting_key} of special general ledger, and must "
                "come with its indicator, got none"
            )
            self._notes.error("sap.special-gl", msg, line=line.line)
            return False
        action = self._rules.action(line.special_gl)
        name = rules.SPECIAL_GL.get(line.special_gl, "of an indicator that is not delivered")
        if action == "refuse":
            msg = f"special general ledger {line.special_gl} ({name}) is refused, on {line.number}"
            self._notes.error("sap.special-gl", msg, line=line.line)
            return False
        if action == "leave-out":
            self._leave_out(
                "sap.special-gl", f"special general ledger {line.special_gl} ({name})", line
            )
            return False
        return True

    def _leave_out(self, code: str, reason: str, line: CustomerLine) -> None:
        self._left_out.setdefault((code, reason), []).append(line.line or 0)

    def _is_known(self, line: CustomerLine) -> bool:
        said = hash((line.amount_minor, line.currency, line.customer, line.posting_date))
        key = (line.company, line.number)
        known = self._seen.get(key)
        if known is None:
            self._seen[key] = said
            return False
        if known == said:
            msg = f"line {line.number} of {line.company} came twice; the first one counts"
            self._notes.warn("document.duplicate", msg, line=line.line)
        else:
            msg = f"line {line.number} of {line.company} came twice and says something else"
            self._notes.error("document.duplicate", msg, line=line.line)
        return True

    def _kind(self, line: CustomerLine) -> Kind:
        if line.special_gl:
            is_money = line.is_credit and self._rules.action(line.special_gl) == "receipt"
            kind = Kind.CREDIT_NOTE if line.is_credit else Kind.DEBIT_NOTE
            return Kind.RECEIPT if is_money else kind
        kind_said = rules.kind_of(
            is_credit=line.is_credit,
            posting_key=line.posting_key,
            document_type=line.document_type,
            types=self._rules.document_types,
        )
        if kind_said is None:
            name = line.document_type
            self._unsaid[name] = self._unsaid.get(name, 0) + 1
            return Kind.CREDIT_NOTE if line.is_credit else Kind.INVOICE
        return kind_said

    def _record(self, line: CustomerLine) -> _Record:
        kind = self._kind(line)
        amount = from_minor(abs(line.amount_minor), line.currency)
        if kind is Kind.RECEIPT:
            return self._receipt(line, amount)
        common: dict[str, Any] = {
            "number": line.number,
            "creditor": self._creditor(line),
            "customer": line.customer,
            "document_date": line.document_date,
            "posting_date": line.posting_date,
            "total": amount,
            "terms": self._rules.payment_terms.get(line.payment_terms, ""),
            "references": line.references,
            "source": self._place(line),
        }
        due = _due(line)
        offers = () if kind is not Kind.INVOICE else tuple(_offers(line, amount))
        parts: dict[str, Any] = {"due_date": due}
        if offers:  # without them, the only installment is made of the due date and the total
            parts["installments"] = [Installment(due, amount, discounts=offers)]
        if kind is Kind.CREDIT_NOTE:
            return CreditNote(corrects=_referred(line), **parts, **common)
        return (Invoice if kind is Kind.INVOICE else DebitNote)(**parts, **common)

    def _receipt(self, line: CustomerLine, amount: Money) -> Receipt:
        referred = _referred(line)
        return Receipt(
            receipt=line.number,
            creditor=self._creditor(line),
            amount=amount,
            booking_date=line.posting_date,
            value_date=line.document_date,
            customer=CustomerId(line.customer),
            remittance=Remittance(
                references=line.references,
                documents=[ReferredDocument(number=referred)] if referred else [],
                text=[line.text] if line.text else [],
            ),
            source=self._place(line),
            is_advance=bool(line.special_gl),
        )

    def _settle(self, line: CustomerLine) -> None:
        clearing = line.clearing or line.number
        key = (line.company, clearing, line.clearing_year, line.currency)
        lines, items = self._groups.setdefault(key, ([], []))
        lines.append(line)
        items.append(line.number)

    def _creditor(self, line: CustomerLine) -> CreditorId:
        return CreditorId(self._rules.creditors.get(line.company, line.company))

    def _place(self, line: CustomerLine) -> Place:
        return Place(self._notes.source, line=line.line)


def _due(line: CustomerLine) -> dt.date | None:
    """The day that the source says, else the one of the line's terms, where it has any."""
    if line.due_date is not None:
        return line.due_date
    if line.terms == rules.NO_TERMS and not line.is_credit:
        return None
    return rules.due_date(
        line.terms,
        document_date=line.document_date,
        is_credit=line.is_credit,
        invoice=line.invoice,
    )


def _offers(line: CustomerLine, amount: Money) -> Iterable[DiscountOffer]:
    if not line.terms.percent1 and not line.terms.percent2:
        return
    base_day = line.terms.baseline or line.document_date
    base = abs(line.amount_minor if line.discount_base_minor is None else line.discount_base_minor)
    last = None
    for days, percent in (
        (line.terms.days1, line.terms.percent1),
        (line.terms.days2, line.terms.percent2),
    ):
        until = base_day + dt.timedelta(days=days)
        if not percent:
            continue
        minor = int((base * percent / _WHOLE_PERCENT).quantize(Decimal(1), "ROUND_HALF_UP"))
        if 0 < minor < abs(line.amount_minor) and (last is None or until > last):
            last = until
            yield DiscountOffer(until=until, amount=from_minor(minor, amount.currency.code))


def _referred(line: CustomerLine) -> str:
    """The number of the line that it refers to, where it refers to one."""
    if not line.invoice or line.invoice == "V":
        return ""
    year = line.invoice_year if line.invoice_year.strip("0") else ""
    item = line.invoice_item if line.invoice_item.strip("0") else ""
    return rules.number_of(line.invoice, year, item)
