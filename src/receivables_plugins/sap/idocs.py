"""The ledger source ``sap-idoc``: INVOIC02 (billing) and FIDCCP02 (accounting), as XML or flat.

Segments, qualifiers and widths are as public descriptions and samples have them; no file of a
system was there to try, but for the output of an emulator.  An emulator has the net sum and the
amount billed the other way round, so that which is which is proved by the tax, or declared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final, cast

from receivables.adapters import LedgerRecord
from receivables.documents import CreditNote, DebitNote, Document, Invoice
from receivables.errors import DocumentError, PolicyError
from receivables.markup import Node, elements
from receivables.money import from_minor
from receivables.parties import Address, Customer, CustomerId
from receivables.problems import Place
from receivables.reading import Read, ReadNotes
from receivables.texts import TextLines
from receivables_plugins.sap import rules
from receivables_plugins.sap.idocs_flat import flat_idocs
from receivables_plugins.sap.idocs_settings import SapIdocSettings
from receivables_plugins.sap.tables_files import Rejoined
from receivables_plugins.sap.tables_lines import Fields, RefusedError, TableLines

__all__ = ["IdocSource"]

_CLASSES: Final[Mapping[str, type[Document]]] = {
    "invoice": Invoice,
    "credit-note": CreditNote,
    "debit-note": DebitNote,
}
_NET, _BILLED, _TAXES = "010", "011", ("005", "205")
_NUMBER, _REFERENCES = "009", ("001", "002", "012")
_DATES: Final = ("026", "012", "011")
"""The dates (IDDAT) that can be that of the document: of billing, and of the document."""
_UNKNOWN: Final = "document.type-unknown"
_LINE_PARTS: Final = ("E1FINBU", "E1FISE2")
_CUSTOMER_KEYS: Final = range(1, 20)
_CREDIT_KEYS: Final = range(11, 20)


class IdocSource:
    """Reads IDocs of billing and accounting documents; others are an error each."""

    def __init__(self, settings: SapIdocSettings) -> None:
        self._said = settings

    def recognizes(self, head: bytes, *, name: str) -> bool:  # noqa: ARG002  # the content tells
        """Whether the first bytes are a control record, or the beginning of an IDoc in XML."""
        begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if begin.startswith(b"EDI_DC"):
            return True
        marks = (b"EDI_DC40", b"E1EDK01", b"E1FIKPF")
        return begin.startswith(b"<") and b"<IDOC" in head and any(mark in head for mark in marks)

    def read(self, stream: BinaryIO, *, name: str) -> Read[LedgerRecord]:
        """Read; problems are noted with the line on which the IDoc begins."""
        notes = ReadNotes(name)
        return Read(self._read(stream, notes), notes)

    def _read(self, stream: BinaryIO, notes: ReadNotes) -> Iterator[LedgerRecord]:
        whole = Rejoined(stream)
        again = cast("BinaryIO", whole)
        if whole.begin == b"<" or not whole.begin:
            found = elements(again, notes=notes, names={"IDOC"})
        else:
            lines = TextLines(again, notes=notes, encoding=self._said.encoding)
            found = flat_idocs(lines, self._said.layouts, notes)
        file = _File(self._said, notes)
        count = 0
        for idoc in found:
            count += 1
            yield from file.records(idoc)
        yield from file.rest()
        if not count and not notes.error_count:
            notes.error("file.empty", "file must hold IDocs, got none")


class _File:
    """The IDocs of one file under way."""

    def __init__(self, said: SapIdocSettings, notes: ReadNotes) -> None:
        self._said = said
        self._notes = notes
        self._fields = Fields(said.tables())
        self._lines = TableLines(said.tables(), notes)
        self._customers: set[str] = set()
        self._seen: dict[str, Document] = {}

    def records(self, idoc: Node) -> Iterator[LedgerRecord]:
        """The records of one IDoc."""
        control = idoc.find("EDI_DC40") or Node("EDI_DC40", {}, idoc.line)
        kind = control.text("MESTYP") or control.text("IDOCTYP")
        if control.text("TEST"):
            msg = f"IDoc {control.text('DOCNUM')} is a test, and was left out"
            self._notes.warn("sap.idoc-test", msg, line=idoc.line)
        elif idoc.find("E1FIKPF") is not None and kind[:5] in {"", "FIDCC"}:
            for head in idoc.all("E1FIKPF"):
                yield from self._accounting(head)
        elif idoc.find("E1EDK01") is not None and kind[:6] in {"", "INVOIC"}:
            yield from self._billing(idoc)
        else:
            msg = f"IDoc must be INVOIC or FIDCC with its head segment, got {kind or 'none'}"
            self._notes.error("sap.idoc-type", msg, line=idoc.line)

    def rest(self) -> Iterator[LedgerRecord]:
        """What waited for other lines, and what settles what."""
        yield from self._lines.rest()

    def _accounting(self, head: Node) -> Iterator[LedgerRecord]:
        """The customer lines of an accounting document, as rows of BSEG with their head."""
        top = _leaves(head)
        for segment in head.all("E1FISEG"):
            row = {**top, **_leaves(segment)}
            for part in _LINE_PARTS:
                for inner in segment.all(part):
                    row = {**row, **_leaves(inner)}
            row["BELNR"] = row.get("BELNR", "") or row.get("XBLNR", "")
            if _is_of_customer(row):
                yield from self._lines.records(_with_side(row), line=segment.line)

    def _billing(self, idoc: Node) -> Iterator[LedgerRecord]:
        try:
            made = self._document(idoc)
        except RefusedError as error:
            self._notes.error(error.code, str(error), line=idoc.line, field=error.field)
            return
        except (DocumentError, PolicyError) as error:
            self._notes.error("file.format", str(error), line=idoc.line)
            return
        known = self._seen.setdefault(made.number, made)
        if known is not made:
            note = self._notes.warn if known == made else self._notes.error
            note("document.duplicate", f"document {made.number} came twice", line=idoc.line)
            return
        partner = _partner(idoc, self._said.partners)
        if partner is not None and made.customer not in self._customers:
            self._customers.add(made.customer)
            yield _customer(partner, self._said)
        yield made

    def _document(self, idoc: Node) -> Document:
        head = idoc.find("E1EDK01") or Node("E1EDK01", {}, idoc.line)
        number = _qualified(idoc, "E1EDK02", "QUALF", _NUMBER, "BELNR") or head.text("BELNR")
        partner = _partner(idoc, self._said.partners)
        if not number:
            raise RefusedError("document.missing", "BELNR must be given, got none", field="BELNR")
        if partner is None:
            msg = f"document {number} must have one of the partners {', '.join(self._said.partners)}, got none"
            raise RefusedError("customer.missing", msg, field="PARVW")
        if not self._said.creditor:
            msg = "creditor must be given for billing documents, got none"
            raise RefusedError("settings.invalid", msg, field="creditor")
        kind = self._said.types.get(head.text("BSART"))
        if kind is None:
            msg = f"type of document {number} must be known, got {head.text('BSART')!r}"
            raise RefusedError(_UNKNOWN, msg, field="BSART")
        currency = self._currency(idoc, head)
        minor = self._billed(idoc, currency)
        if minor < 0 and kind != "credit-note":
            msg = f"amount billed must not be negative on {number}, a {kind}, got {minor}"
            raise RefusedError("amount.sign", msg, field="SUMME")
        day = self._day(idoc)
        terms = self._terms(idoc)
        is_dated = kind != "credit-note" and terms.net_days
        return _CLASSES[kind](
            number=number,
            creditor=self._said.creditor,
            customer=partner.text("PARTN"),
            document_date=day,
            due_date=rules.due_date(terms, document_date=day) if is_dated else None,
            total=from_minor(abs(minor), currency),
            terms=self._said.payment_terms.get(head.text("ZTERM"), ""),
            references=_references(idoc),
            source=Place(self._notes.source, line=idoc.line),
        )

    def _currency(self, idoc: Node, head: Node) -> str:
        """The currency of the document; a code of figures is none of ISO 4217's letters."""
        units = (segment.text("SUNIT") for segment in idoc.all("E1EDS01"))
        for code in (head.text("CURCY"), *units, self._said.currency):
            if code.isalpha():
                return code
        raise RefusedError("currency.missing", "CURCY must be given, got none", field="CURCY")

    def _day(self, idoc: Node) -> dt.date:
        found = [
            *(_qualified(idoc, "E1EDK03", "IDDAT", which, "DATUM") for which in _DATES[:1]),
            _qualified(idoc, "E1EDK02", "QUALF", _NUMBER, "DATUM"),
            *(_qualified(idoc, "E1EDK03", "IDDAT", which, "DATUM") for which in _DATES[1:]),
        ]
        return self._fields.needed_day({"DATUM": next(filter(None, found), "")}, "DATUM")

    def _terms(self, idoc: Node) -> rules.Terms:
        days = {
            segment.text("QUALF"): self._fields.count({"TAGE": segment.text("TAGE")}, "TAGE")
            for segment in idoc.all("E1EDK18")
        }
        return rules.Terms(
            days1=days.get("001", 0), days2=days.get("002", 0), days3=days.get("003", 0)
        )

    def _billed(self, idoc: Node, currency: str) -> int:
        """The amount billed, which is the net sum and the tax, whichever of the two sums it is."""
        sums = {
            segment.text("SUMID"): self._minor(segment, "SUMME", currency)
            for segment in idoc.all("E1EDS01")
        }
        if self._said.billed != "proved":
            if self._said.billed not in sums:
                msg = f"sum {self._said.billed} must be given, got {', '.join(sums) or 'none'}"
                raise RefusedError("sap.idoc-total", msg, field="SUMID")
            return sums[self._said.billed]
        one, two = sums.get(_NET), sums.get(_BILLED)
        tax = self._tax(idoc, sums, currency)
        if one is not None and two is not None:
            return self._proved(one, two, tax)
        if two is not None:
            return two
        return self._alone(idoc, one, tax, currency)

    def _proved(self, one: int, two: int, tax: int | None) -> int:
        if one == two:
            return one
        if tax is not None and one + tax == two:
            return two
        if tax is not None and two + tax == one:
            return one
        msg = f"sums 010 and 011 must differ by the tax, got {one}, {two} and {tax} minor units. Declare billed"
        raise RefusedError("sap.idoc-total", msg, field="SUMID")

    def _alone(self, idoc: Node, one: int | None, tax: int | None, currency: str) -> int:
        """The net sum alone is the amount billed where the items say that it is, or without tax."""
        items = [self._minor(item, "NETWR", currency) for item in idoc.all("E1EDP01")]
        if one is not None and items and tax is not None:
            if sum(items) == one:
                return one + tax
            if sum(items) + tax == one:
                return one
        msg = (
            "amount billed must be given, or follow from items and tax, got neither. Declare billed"
        )
        raise RefusedError("sap.idoc-total", msg, field="SUMID")

    def _tax(self, idoc: Node, sums: Mapping[str, int], currency: str) -> int | None:
        said = next((sums[which] for which in _TAXES if which in sums), None)
        if said is not None:
            return said
        taxes = idoc.all("E1EDK04")
        return sum(self._minor(tax, "MWSBT", currency) for tax in taxes) if taxes else None

    def _minor(self, node: Node, field: str, currency: str) -> int:
        return self._fields.minor({field: node.text(field)}, field, currency)


def _leaves(node: Node) -> dict[str, str]:
    """The fields of a segment; what has fields of its own is another segment."""
    return {child.name: child.content for child in node.children if not child.children}


def _is_of_customer(row: Mapping[str, str]) -> bool:
    kind = row.get("KOART", "")
    if kind:
        return kind == "D"
    key = row.get("BSCHL", "")
    return bool(row.get("KUNNR")) and (not key.isdigit() or int(key) in _CUSTOMER_KEYS)


def _with_side(row: Mapping[str, str]) -> dict[str, str]:
    """A row with its side, where only the amount or the posting key says it, and without a sign."""
    found = {**row, "KOART": "D"}
    if row.get("SHKZG") == "H":
        # A minus says there what the side says already; on a debit it would contradict it.
        return found | {name: row.get(name, "").replace("-", "") for name in ("WRBTR", "DMBTR")}
    if row.get("SHKZG"):
        return found
    key, credit = row.get("BSCHL", ""), False
    for field in ("WRBTR", "DMBTR"):
        text = row.get(field, "").strip()
        if "-" in text:
            credit, found[field] = True, text.replace("-", "")
    if not credit and key.isdigit():
        credit = int(key) in _CREDIT_KEYS
    if credit or key:
        found["SHKZG"] = "H" if credit else "S"
    return found


def _qualified(idoc: Node, segment: str, by: str, qualifier: str, field: str) -> str:
    found = (each.text(field) for each in idoc.all(segment) if each.text(by) == qualifier)
    return next(filter(None, found), "")


def _partner(idoc: Node, roles: tuple[str, ...]) -> Node | None:
    """The first role that is there with a number."""
    by_role = {each.text("PARVW"): each for each in idoc.all("E1EDKA1") if each.text("PARTN")}
    return next((by_role[role] for role in roles if role in by_role), None)


def _customer(partner: Node, said: SapIdocSettings) -> Customer:
    number = partner.text("PARTN")
    street = " ".join(filter(None, (partner.text("STRAS"), partner.text("HAUSN"))))
    language = partner.text("SPRAS_ISO").lower()
    country = partner.text("LAND1")
    return Customer(
        customer=CustomerId(number),
        name=" ".join(filter(None, (partner.text("NAME1"), partner.text("NAME2")))) or number,
        locale=language if language.isalpha() and len(language) == 2 else said.locale,  # noqa: PLR2004  # ISO 639
        country=country,
        address=Address(
            lines=[street] if street else [],
            postal_code=partner.text("PSTLZ"),
            city=partner.text("ORT01"),
            country=country,
        ),
    )


def _references(idoc: Node) -> list[str]:
    """The numbers of the order, the customer's own among them, and of the delivery."""
    found = (_qualified(idoc, "E1EDK02", "QUALF", which, "BELNR") for which in _REFERENCES)
    return list(dict.fromkeys(filter(None, found)))
