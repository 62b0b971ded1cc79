"""Which heading is which of our fields, in three languages; what can be two things is a doubt.

A heading is compared without case, accents and signs.  It is known or it is not: nothing is taken
for another because it looks alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["KINDS", "TOTALS", "Heading", "find", "is_bucket", "plain"]

_WORDS: Final[Mapping[str, str]] = {
    "customer": """
        customer | customer no | customer number | customer id | customer code | cust no | cust
        account | account no | account number | client | client no | client number | client id
        no client | n client | numero client | code client | compte client | compte | tiers
        code tiers | compte auxiliaire | numero de compte | cliente | n cliente | no cliente
        numero de cliente | codigo cliente | codigo de cliente | cod cliente | cuenta
        debtor | debtor no | sold to | bill to | payer
    """,
    "customer-name": """
        customer name | name | client name | company | company name | debtor name | account name
        nom | nom du client | nom client | raison sociale | libelle client | libelle du compte
        nombre | nombre del cliente | nombre cliente | razon social | empresa
    """,
    "number": """
        invoice | invoice no | invoice number | inv no | invoice id | document | document no
        document number | doc no | documentno | number | no | num | reference no | transaction no
        facture | no facture | n facture | n de facture | numero facture | numero de facture
        piece | no piece | n piece | numero de piece | no de piece | document no piece
        factura | n factura | no factura | numero factura | numero de factura | num factura
        documento | n documento | numero de documento
    """,
    "type": """
        type | document type | doc type | kind | transaction type | class
        type de piece | type de document | nature | genre
        tipo | tipo de documento | clase
    """,
    "document-date": """
        date | invoice date | document date | doc date | inv date | transaction date | issue date
        date facture | date de facture | date de la facture | date piece | date de piece
        date d emission | date document
        fecha | fecha factura | fecha de factura | fecha documento | fecha de emision
        fecha de documento
    """,
    "due-date": """
        due | due date | duedate | net due date | maturity | payment due | due on
        echeance | date d echeance | date echeance | date de echeance | exigible le
        vencimiento | fecha de vencimiento | fecha vencimiento | vence | fecha vto | vto
    """,
    "terms": """
        terms | payment terms | pay terms
        conditions | conditions de paiement | modalites | modalites de paiement
        condiciones | condiciones de pago | plazo | forma de pago
    """,
    "currency": """
        currency | curr | ccy | cur | devise | monnaie | code devise | moneda | divisa
    """,
    "amount": """
        amount | invoice amount | original amount | gross amount | total | invoice total
        total amount | doc amount | amount in doc curr
        montant | montant facture | montant de la facture | montant initial | montant ttc | total ttc
        importe | importe factura | importe original | importe total | monto | importe bruto
    """,
    "open-amount": """
        balance | open | open amount | open balance | outstanding | outstanding amount | amount due
        amount open | remaining | remaining amount | balance due | due amount
        solde | solde du | reste du | restant du | montant du | montant ouvert | encours
        solde ouvert | reste a payer
        saldo | saldo pendiente | pendiente | importe pendiente | saldo abierto | restante
    """,
    "references": """
        po | po no | po number | purchase order | order no | customer reference | your reference
        bon de commande | no bc | commande | votre reference | reference client
        orden de compra | pedido | n pedido | su referencia | referencia cliente
    """,
    "": """
        contact | comment | comments | notes | note | remarks | promise | promise date | status
        days | days late | days overdue | age | salesperson | collector | region | phone | email
        commentaire | commentaires | remarque | remarques | promesse | date de promesse | statut
        retard | jours de retard | representant | agent | telephone | courriel
        comentario | comentarios | observaciones | nota | notas | promesa | estado | dias
        dias de atraso | vendedor | cobrador | telefono | correo | contacto
    """,
}

_BUCKET: Final = re.compile(
    r"(current|not due|non echu|a echoir|no vencido|corriente|courant"
    r"|[0-9]{1,3}\s*(a|to|au|et)?\s*[0-9]{1,3}( (days|jours|dias|j|d))?"
    r"|(over|plus de|mas de|>|\+)?\s*[0-9]{2,3}\s*(\+|et plus|y mas|and over|days|jours|dias)?)"
)

TOTALS: Final = frozenset(
    {
        *("total", "totals", "subtotal", "sub total", "grand total", "sum"),
        *("sous total", "total general", "totaux", "somme", "total du client", "total client"),
        *("suma", "totales", "total cliente", "total del cliente", "total customer"),
    }
)
"""What rows of totals are called."""

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("invoice", "inv", "facture", "fact", "fac", "fa", "factura", "fra"), "invoice"
        ),
        **dict.fromkeys(
            (
                *(
                    "credit note",
                    "credit memo",
                    "credit",
                    "cn",
                    "cm",
                    "avoir",
                    "av",
                    "note de credit",
                ),
                *("nota de credito", "abono", "nc"),
            ),
            "credit-note",
        ),
        **dict.fromkeys(
            ("debit note", "debit memo", "dn", "dm", "note de debit", "nota de debito", "nd"),
            "debit-note",
        ),
    }
)
"""Words for kinds of documents; others are mapped in the settings."""


def plain(text: str) -> str:
    """A heading without case, accents and signs.

    >>> plain("N° de facture"), plain("Date d'échéance"), plain("Amount (EUR)")
    ('n de facture', 'date d echeance', 'amount eur')
    """
    spread = unicodedata.normalize("NFKD", text.replace("°", " ").replace("º", " "))
    bare = "".join(each for each in spread if not unicodedata.combining(each)).casefold()
    return " ".join(re.sub(r"[^a-z0-9+>]+", " ", bare).split())


def _fields() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for field, words in _WORDS.items():
        for line in words.strip().splitlines():
            for word in line.split("|"):
                if word.strip():
                    found[word.strip()] = field
    return MappingProxyType(found)


_FIELDS: Final = _fields()


def is_bucket(heading: str) -> bool:
    """Whether a heading is that of an age bucket (``1-30``, ``> 90``, ``Non échu``).

    >>> [is_bucket(text) for text in ("1-30", "Current", "> 90", "31 à 60 jours", "Date")]
    [True, True, True, True, False]
    """
    return bool(_BUCKET.fullmatch(plain(heading)))


@attrs.frozen(kw_only=True)
class Heading:
    """A row of headings: the column of each field, fields that two columns claim, age buckets."""

    row: int
    columns: Mapping[str, int]
    doubts: Mapping[str, tuple[int, ...]]
    buckets: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()

    @property
    def weight(self) -> int:
        """How many fields it has."""
        return len(self.columns) + len(self.doubts)


def find(row: int, cells: Sequence[str], given: Mapping[str, str]) -> Heading:
    """Read a row of texts as headings; `given` are the headings of the settings, by field."""
    own = {plain(heading): field for field, heading in given.items()}
    claims: dict[str, list[int]] = {}
    buckets, unknown = [], []
    for place, text in enumerate(cells):
        name = plain(text)
        if not name:
            continue
        field = own.get(name, _FIELDS.get(name))
        if field is not None and name not in own and field in given:
            continue  # the settings say which column it is
        if field:
            claims.setdefault(field, []).append(place)
        elif is_bucket(text):
            buckets.append(place)
        elif field is None:
            unknown.append(place)
    return Heading(
        row=row,
        columns={field: places[0] for field, places in claims.items() if len(places) == 1},
        doubts={field: tuple(places) for field, places in claims.items() if len(places) > 1},
        buckets=tuple(buckets),
        unknown=tuple(unknown),
    )
