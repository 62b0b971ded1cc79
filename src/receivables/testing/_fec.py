"""The same company as a French accounting export (FEC, *LPF art. A47 A-1*) and a bank statement.

The export has every document, and the receipts up to a day; the statements that follow have the
rest.  Older receipts are lettered with what they pay, the last month's are not yet.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from receivables.documents.model import ItemKind
from receivables.parties import Creditor, Customer, CustomerId
from receivables.receipts.model import BankEntry
from receivables.testing._bank import Truth
from receivables.testing._camt import amount_text
from receivables.testing._company import Company
from receivables.testing._folder import creditor_toml, statement_files
from receivables.testing._payments import TruthKind
from receivables.testing._sales import Sale

__all__ = ["write_fec_folder"]

_HEADINGS: Final = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib"),
    *("CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit"),
    *("EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise"),
)
_CUSTOMERS: Final = ("41100000", "Clients")
_SALES: Final = ("70100000", "Ventes de produits finis")
_EXPORTS: Final = ("70120000", "Ventes intracommunautaires")
_VAT: Final = ("44571000", "TVA collectée")
_BANK: Final = ("51210000", "Banque")
_COUNTERPARTS: Final = {
    "VIR SALAIRES": ("42100000", "Personnel"),
    "VIR COTISATIONS SOCIALES": ("43100000", "Sécurité sociale"),
    "FRAIS DE TENUE DE COMPTE": ("62700000", "Services bancaires"),
    "REMBOURSEMENT CREDIT DE TVA": ("44583000", "Remboursement de TVA demandé"),
    "INTERETS CREDITEURS": ("76800000", "Autres produits financiers"),
}
_SUPPLIERS: Final = ("40100000", "Fournisseurs")
_JOURNALS: Final = {"VE": "Ventes", "BQ": "Banque"}
_LIBS: Final = {
    ItemKind.INVOICE: "Facture",
    ItemKind.CREDIT_NOTE: "Avoir",
    ItemKind.DEBIT_NOTE: "Note de débit",
}
_SETTINGS: Final = """\
[[ledger]]
source = "fec"
files = ["*FEC*.txt"]
[ledger.settings]
accounts = ["411"]

[[statements]]
reader = "camt053"
files = ["statements/*.xml"]
after = {after}

[terms]
default = "net 30"

[aging]
bounds = [30, 60, 90]
basis = "due-date"
credits = "apart"

[dunning]
procedure = "standard"
"""


@attrs.frozen(kw_only=True)
class _Leg:
    """One line of an entry; a debit is positive."""

    account: tuple[str, str]
    amount_minor: int
    customer: Customer | None = None
    item: str = ""
    """The document or receipt whose letter the line carries."""


@attrs.frozen(kw_only=True)
class _Entry:
    """One balanced entry of a journal."""

    journal: str
    day: dt.date
    piece: str
    text: str
    legs: tuple[_Leg, ...]


def write_fec_folder(
    company: Company, *, known_until: dt.date, lettered_until: dt.date
) -> Mapping[str, bytes]:
    """The files by path: settings, the export, and the statements after `known_until`.

    The receipts that were booked up to `known_until` are in the export; what was settled by
    `lettered_until` is lettered.  The company is one without dollars, and `known_until` ends a month.

    >>> from receivables.testing._company import generate
    >>> day = dt.date(2026, 9, 30)
    >>> tiny = generate(invoices=30, customers=3, first_day=dt.date(2026, 7, 1), with_cad=False)
    >>> list(write_fec_folder(tiny, known_until=day, lettered_until=day))
    ['receivables.toml', '000042176FEC20261031.txt', 'statements/2026-10-EUR-1.xml']
    """
    creditor = company.creditor
    settings = f"{creditor_toml(creditor)}\n{_SETTINGS.format(after=known_until)}"
    letters = _letters(company, lettered_until)
    entries = heapq.merge(_sales(company), _receipts(company, known_until), key=_by_day)
    lines = ["\t".join(_HEADINGS), *_lines(entries, letters, known_until)]
    first = f"statements/{known_until + dt.timedelta(days=1)}"[: len("statements/yyyy-mm")]
    return {
        "receivables.toml": settings.encode(),
        f"{_siren(creditor)}FEC{company.last_day:%Y%m%d}.txt": (
            "\r\n".join(lines) + "\r\n"
        ).encode(),
        **{path: content for path, content in statement_files(company) if path >= first},
    }


def _siren(creditor: Creditor) -> str:
    return creditor.identifiers[0].value[:9]


def _by_day(entry: _Entry) -> dt.date:
    return entry.day


def _sales(company: Company) -> Iterator[_Entry]:
    customers = {customer.customer: customer for customer in company.customers}
    for sale in company.sales:
        customer = customers[sale.customer]
        yield _Entry(
            journal="VE",
            day=sale.document_date,
            piece=sale.number,
            text=f"{_LIBS[sale.kind]} {sale.number} {customer.name}",
            legs=tuple(_sale_legs(sale, customer)),
        )


def _sale_legs(sale: Sale, customer: Customer) -> Iterator[_Leg]:
    """What is owed against income and, in France, value-added tax of 20 %."""
    gross = sale.signed_minor
    taxed = customer.country == "FR" and sale.kind is not ItemKind.DEBIT_NOTE
    net = (gross * 10 + 6) // 12 if taxed else gross
    yield _Leg(account=_CUSTOMERS, amount_minor=gross, customer=customer, item=sale.number)
    yield _Leg(account=_SALES if customer.country == "FR" else _EXPORTS, amount_minor=-net)
    if gross != net:
        yield _Leg(account=_VAT, amount_minor=net - gross)


def _receipts(company: Company, known_until: dt.date) -> Iterator[_Entry]:
    customers = {customer.customer: customer for customer in company.customers}
    truths = iter(company.truth)
    for entry in company.entries:
        if not entry.is_booked or entry.booking_date is None or entry.booking_date > known_until:
            continue
        of_entry = [next(truths) for _ in entry.details] if entry.amount_minor > 0 else []
        legs = _bank_legs(entry, of_entry, customers)
        yield _Entry(
            journal="BQ",
            day=entry.booking_date,
            piece=entry.bank_reference,
            text=_text(entry),
            legs=(_Leg(account=_BANK, amount_minor=entry.amount_minor), *legs),
        )


def _bank_legs(
    entry: BankEntry, truths: Iterable[Truth], customers: Mapping[CustomerId, Customer]
) -> Iterator[_Leg]:
    returned = entry.details[0].returned
    if returned is not None:
        mandate = dict(entry.details[0].references)["MndtId"]
        customer = customers[CustomerId(mandate.removeprefix("RUM-"))]
        yield _Leg(account=_CUSTOMERS, amount_minor=-entry.amount_minor, customer=customer)
        return
    owed = [truth for truth in truths if truth.kind is not TruthKind.NOT_RECEIVABLE]
    for truth in owed:
        yield _Leg(
            account=_CUSTOMERS,
            amount_minor=-truth.amount_minor,
            customer=customers[truth.customer],
            item=truth.receipt,
        )
    if not owed:
        yield _Leg(
            account=_COUNTERPARTS.get(_text(entry), _SUPPLIERS), amount_minor=-entry.amount_minor
        )


def _text(entry: BankEntry) -> str:
    detail = entry.details[0]
    found = (*detail.remittance.text, *detail.remittance.references)
    named = [document.number for document in detail.remittance.documents]
    return " ".join(filter(None, (entry.text, detail.payer.name, *found, *named)))


def _letters(company: Company, lettered_until: dt.date) -> dict[str, tuple[str, dt.date]]:
    """The letter and the day of each document and receipt of a group that adds up to zero."""
    groups = _Groups()
    for truth in company.truth:
        for leg in truth.legs:
            groups.join(truth.receipt, leg.item)
    weights: dict[str, int] = {sale.number: sale.signed_minor for sale in company.sales}
    owners = {sale.number: sale.customer for sale in company.sales}
    days = {sale.number: sale.document_date for sale in company.sales}
    for truth in company.truth:
        weights[truth.receipt] = -truth.amount_minor
        owners[truth.receipt] = truth.customer
        days[truth.receipt] = truth.returned_on or truth.booking_date
    letters: dict[str, tuple[str, dt.date]] = {}
    counts: dict[CustomerId, int] = {}
    for members in groups.groups():
        whose = {owners[name] for name in members}
        day = max(days[name] for name in members)
        if sum(weights[name] for name in members) or len(whose) > 1 or day > lettered_until:
            continue
        owner = owners[members[0]]
        letter = _letter(counts.get(owner, 0))
        counts[owner] = counts.get(owner, 0) + 1
        letters.update((name, (letter, day)) for name in members)
    return letters


class _Groups:
    """What hangs together: documents and receipts joined by what pays what."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def _root(self, name: str) -> str:
        parent = self._parents.setdefault(name, name)
        while parent != self._parents[parent]:
            parent = self._parents[parent]
        self._parents[name] = parent
        return parent

    def join(self, first: str, second: str) -> None:
        self._parents[self._root(second)] = self._root(first)

    def groups(self) -> Iterable[list[str]]:
        members: dict[str, list[str]] = {}
        for name in tuple(self._parents):
            members.setdefault(self._root(name), []).append(name)
        return members.values()


def _letter(number: int) -> str:
    """AA, AB and so on; the letters of a customer start anew."""
    return f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"


def _lines(
    entries: Iterable[_Entry], letters: Mapping[str, tuple[str, dt.date]], valid_until: dt.date
) -> Iterator[str]:
    for number, entry in enumerate(entries, start=1):
        valid = f"{valid_until:%Y%m%d}" if entry.day <= valid_until else ""
        for leg in entry.legs:
            letter, lettered = letters.get(leg.item, ("", None))
            customer = leg.customer
            fields = (
                *(entry.journal, _JOURNALS[entry.journal], f"{number:06d}", f"{entry.day:%Y%m%d}"),
                *leg.account,
                *((customer.customer, customer.name) if customer else ("", "")),
                *(entry.piece, f"{entry.day:%Y%m%d}", entry.text),
                *_sides(leg.amount_minor),
                *(letter, f"{lettered:%Y%m%d}" if lettered else "", valid, "", ""),
            )
            yield "\t".join(fields)


def _sides(amount_minor: int) -> tuple[str, str]:
    text = amount_text(amount_minor, "EUR", point=",")
    return (text, "0,00") if amount_minor >= 0 else ("0,00", text)
