"""Which column is what: by the headings that payers write in English, French and Spanish.

A heading that can mean two things (*amount*, *date*) is taken only where the other columns leave one
of them; *reference* alone is never taken, and has to be declared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables.errors import UnknownCurrencyError
from receivables.money import digits

__all__ = ["Header", "find_header", "heading_field", "is_total", "is_total_above", "normal"]

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "document": """
            invoice, invoice number, invoice no, invoice nr, invoice num, invoice id, invoice
            ref, invoice reference, inv, inv no, inv nr, inv number, document, document number,
            document no, doc, doc no, doc number, bill number, bill no, your document, your
            invoice,
            facture, facture n, n facture, no facture, numero facture, numero de facture, num
            facture, n de facture, no de facture, ref facture, reference facture, reference de
            facture, piece, n piece, no piece, numero piece, numero de piece, numero de
            document, n document, votre facture, votre reference,
            factura, n factura, no factura, num factura, numero factura, numero de factura, n de
            factura, no de factura, referencia factura, referencia de factura, documento, n
            documento, no documento, numero documento, numero de documento, su factura,
        """,
        "paid": """
            paid, amount paid, paid amount, payment amount, net, net amount, net paid, amount
            remitted, remitted, remitted amount, remittance amount, net payment,
            paye, montant paye, regle, montant regle, net, net paye, montant net, net regle,
            montant du paiement, montant du reglement,
            pagado, importe pagado, monto pagado, neto, importe neto, monto neto, neto pagado,
            importe del pago, monto del pago,
        """,
        "gross": """
            gross, gross amount, invoice amount, document amount, original amount, invoice
            total, invoice value, amount due,
            brut, montant brut, montant facture, montant de la facture, montant de facture,
            montant ttc, montant du document, montant d origine, montant du,
            bruto, importe bruto, monto bruto, importe factura, importe de factura, importe de
            la factura, monto factura, monto de la factura, importe original,
        """,
        "discount": """
            discount, discounts, discount taken, discount amount, cash discount, settlement
            discount, early payment discount,
            escompte, montant escompte, montant de l escompte, escompte pris,
            descuento, descuentos, importe descuento, descuento pronto pago, descuento por
            pronto pago,
        """,
        "deduction": """
            deduction, deductions, deduction amount, adjustment, adjustments, adjustment amount,
            withholding, deducted,
            deduction, deductions, retenue, retenues, montant retenu, montant deduit,
            ajustement,
            deduccion, deducciones, importe deducido, retencion, retenciones, ajuste, ajustes,
        """,
        "reason": """
            reason, reason code, deduction reason, adjustment reason, comment, comments, remark,
            remarks,
            motif, raison, motif de deduction, motif de la retenue, commentaire, commentaires,
            motivo, razon, motivo de la deduccion, comentario, comentarios, observaciones,
        """,
        "document-date": """
            invoice date, document date, doc date, inv date, date of invoice,
            date facture, date de facture, date de la facture, date document, date de piece,
            date du document,
            fecha factura, fecha de factura, fecha de la factura, fecha documento, fecha del
            documento,
        """,
        "payment-reference": """
            payment reference, payment ref, payment number, payment no, payment nr, payment id,
            check number, check no, cheque number, cheque no, remittance number, remittance no,
            remittance id, wire reference,
            reference paiement, reference de paiement, reference du paiement, n paiement, numero
            de paiement, reference virement, reference du virement, numero de virement, numero
            de cheque, n cheque, no cheque, reference reglement, reference du reglement,
            referencia pago, referencia de pago, referencia del pago, numero de pago, n pago, no
            pago, numero de cheque, n cheque, no cheque, referencia transferencia, referencia de
            transferencia, referencia de la transferencia,
        """,
        "payment-date": """
            payment date, date paid, paid on, date of payment, remittance date,
            date paiement, date de paiement, date du paiement, date reglement, date de
            reglement, date du reglement, date de virement, date du virement,
            fecha pago, fecha de pago, fecha del pago, fecha transferencia, fecha de la
            transferencia,
        """,
        "payer": """
            payer, payer name, paid by, paying company, customer, customer name,
            payeur, nom du payeur, client, nom du client, debiteur,
            pagador, nombre del pagador, cliente, nombre del cliente, ordenante, deudor,
        """,
        "currency": """
            currency, currency code, ccy, payment currency,
            devise, monnaie, code devise,
            moneda, divisa, codigo moneda,
        """,
        # Two meanings, until the other columns leave one.
        "amount": """
            amount,
            montant,
            importe, monto,
        """,
        "date": """
            date,
            date,
            fecha,
        """,
    }
)
"""Each field, and its headings in English, French and Spanish, without accents and marks."""

_TOTALS: Final = (
    "total|totals|sum|amount paid|paid amount|payment amount|remittance amount"
    "|totaux|somme|montant paye|montant regle|montant du paiement|montant du reglement"
    "|totales|suma|importe pagado|importe del pago|monto pagado|monto del pago"
)
"""How the total is called that stands above the headings, besides what begins with *total*."""
_TOTAL_STARTS: Final = ("total", "grand total", "montant total", "importe total", "monto total")
_SUM_HINT: Final = re.compile("tot|sum|som", re.IGNORECASE)
"""What every word for a total has in it: the quick way past all that is none."""
_SUBTOTALS: Final = ("subtotal", "sub total", "sous total", "suma parcial")
_SUMS: Final = frozenset(("totals", "totaux", "totales", "sum", "somme", "suma", "net total"))

_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        " ".join(word.split()): field
        for field, words in _WORDS.items()
        for word in words.split(",")
        if word.strip()
    }
)
_ABOVE: Final = frozenset(one for one in _TOTALS.split("|"))
_CODE_LENGTH: Final = 3


@attrs.frozen(kw_only=True)
class Header:
    """The line of headings: the column of each field, and the currency that headings name."""

    line: int
    cells: tuple[str, ...]
    columns: Mapping[str, int]
    currency: str = ""

    def heading(self, field: str) -> str:
        """How the file calls a field."""
        return self.cells[self.columns[field]] if field in self.columns else field


def normal(text: str) -> str:
    """A heading as it is compared: small letters and figures, no accents, single blanks.

    >>> normal(" N° de Facture "), normal("Importe_Pagado")
    ('n de facture', 'importe pagado')
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if not one.isalnum() else one for one in bare if not unicodedata.combining(one))
    return " ".join("".join(kept).split())


def heading_field(text: str) -> tuple[str, str]:
    """The field of a heading, and the currency that it names; empty where it is neither.

    >>> heading_field("Amount paid (EUR)"), heading_field("Ville")
    (('paid', 'EUR'), ('', ''))
    """
    plain = normal(text)
    if plain in _FIELDS:
        return _FIELDS[plain], ""
    rest, _, code = plain.rpartition(" ")
    code = code.upper()
    if rest in _FIELDS and len(code) == _CODE_LENGTH and _is_currency(code):
        return _FIELDS[rest], code
    return "", ""


def is_total(text: str) -> bool:
    """Whether a cell says that its line is a total, or that of a part.

    >>> is_total("Total général :"), is_total("Sous-total"), is_total("Totally new")
    (True, True, False)
    """
    if not _SUM_HINT.search(text):
        return False
    plain = normal(text)
    starts = tuple(f"{one} " for one in (*_TOTAL_STARTS, *_SUBTOTALS))
    return plain in _SUMS or f"{plain} ".startswith(starts)


def is_total_above(label: str) -> bool:
    """Whether a label above the headings is that of the sum of all lines.

    >>> is_total_above("Payment amount"), is_total_above("Amount")
    (True, False)
    """
    return is_total(label) or normal(label) in _ABOVE


def _is_currency(code: str) -> bool:
    try:
        digits(code)
    except UnknownCurrencyError:
        return False
    return True


def find_header(cells: Sequence[str], *, line: int, declared: Mapping[str, str]) -> Header | None:
    """The headings of a line, where it has a document and an amount at least.

    A declared heading is compared as it is, blanks around it aside.  Raises `ValueError` for two
    columns of one field.
    """
    names = [cell.strip() for cell in cells]
    columns: dict[str, int] = {}
    codes: set[str] = set()
    if any(name not in names for name in declared.values()):
        return None
    for field, name in declared.items():
        columns[field] = names.index(name)
    for place, name in enumerate(names):
        if place in columns.values():
            continue
        field, code = heading_field(name)
        codes |= {code} - {""}
        if not field or field in declared:
            continue
        if field in columns:
            msg = f"a heading must stand once, got {names[columns[field]]!r} and {name!r}"
            raise ValueError(msg)
        columns[field] = place
    _settle(columns)
    if "document" not in columns or "paid" not in columns:
        return None
    currency = codes.pop() if len(codes) == 1 else ""
    return Header(line=line, cells=tuple(names), columns=columns, currency=currency)


def _settle(columns: dict[str, int]) -> None:
    """Take what can mean two things for what the other columns leave."""
    amount, date = columns.pop("amount", None), columns.pop("date", None)
    if amount is not None:
        if "paid" not in columns and not {"discount", "deduction"} & set(columns):
            columns["paid"] = amount
        elif "paid" in columns and "gross" not in columns:
            columns["gross"] = amount
    if date is not None and "payment-date" in columns and "document-date" not in columns:
        columns["document-date"] = date
