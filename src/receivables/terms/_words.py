"""The words of the compact text form of payment terms, in English, French and Spanish.

Words are compared without case and accents.  What stands beside a token first is what is written.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.days import Adjustment
from receivables.errors import PolicyError, UnknownCurrencyError
from receivables.money import digits
from receivables.terms.model import Baseline, TaxBasis

__all__ = ["LANGUAGES", "WRITTEN", "Kind", "Token", "ordinal", "plain", "tokens"]


class Kind(enum.Enum):
    """What a piece of the text is."""

    NUMBER = "a number"
    ORDINAL = "a day of the month"
    PERCENT = "%"
    SLASH = "/"
    PLUS = "+"
    COMMA = ","
    CURRENCY = "a currency"
    NET = "net"
    IMMEDIATE = "immediate"
    DAY = "day"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    END_OF_MONTH = "end of month"
    END_OF_NEXT_MONTH = "end of next month"
    NEXT_MONTH = "of the next month"
    OF_MONTH = "of month"
    TEN_DAYS = "end of ten days"
    HALF_MONTH = "end of half-month"
    ON = "on the"
    NEXT = "next"
    AFTER = "after the"
    AND = "and"
    DISCOUNT = "discount"
    REST = "rest"
    OF_REST = "of rest"
    OF_UNTAXED = "of untaxed"
    RETENTION = "retention"
    CUT_OFF = "cut-off"
    SEQUENTIAL = "sequential"
    BASELINE = "what is counted from"
    ADJUSTMENT = "a business day"
    TAX = "a tax basis"
    NOISE = "at"


@attrs.frozen
class Token:
    """A piece of the text, what it is, and its value."""

    kind: Kind
    text: str
    value: Any = None


LANGUAGES: Final = ("en", "fr", "es")

_WORDS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.NET: ("net", "net", "neto", "nets", "nette", "netos", "n"),
        Kind.IMMEDIATE: (
            *("immediate", "comptant", "al contado", "contado", "immediately", "au comptant"),
            *("due on receipt", "on receipt", "upon receipt", "due upon receipt", "a reception"),
            *("a reception de facture", "a reception de la facture", "inmediato", "a la vista"),
            *("deposit", "acompte", "anticipo", "upfront", "down payment", "now"),
        ),
        Kind.DAY: ("day", "dia", "jour"),
        Kind.DAYS: ("days", "jours", "días", "j", "jrs", "d"),
        Kind.WEEKS: ("weeks", "semaines", "semanas", "week", "semaine", "semana"),
        Kind.MONTHS: ("months", "mois", "meses", "month", "mes"),
        Kind.END_OF_MONTH: (
            *("end of month", "fin de mois", "fin de mes", "eom", "fdm", "end of the month"),
            *("fin du mois", "fin mois", "month end", "fin mes", "last day of the month"),
            *("last day of current month", "dernier jour du mois", "último día del mes"),
        ),
        Kind.END_OF_NEXT_MONTH: (
            *("end of next month", "fin du mois suivant", "fin del mes siguiente"),
            *("end of the next month", "end of following month", "end of the following month"),
            *("fin de mois suivant", "last day of next month", "fin de mes siguiente"),
        ),
        Kind.NEXT_MONTH: (
            *("prox", "du mois suivant", "del mes siguiente", "proximo", "mfi", "of next month"),
            *("of the next month", "of following month", "of the following month"),
            *("of the month following", "of month following invoice", "du mois prochain"),
            *("del proximo mes", "del mes proximo", "of the month following invoice"),
        ),
        Kind.OF_MONTH: ("of month", "du mois", "del mes", "of the month"),
        Kind.TEN_DAYS: ("fin de decade", "end of ten days"),
        Kind.HALF_MONTH: ("fin de quinzaine", "end of half-month", "fin de quincena"),
        Kind.ON: ("on the", "le", "el", "les", "los", "on", "el dia", "los dias", "le jour"),
        Kind.NEXT: ("on the next", "le prochain", "el siguiente", "next", "prochain", "siguiente"),
        Kind.AFTER: ("after the", "après le", "después del"),
        Kind.AND: ("and", "et", "y", "&", "ou", "or", "o"),
        Kind.DISCOUNT: (
            *("discount", "escompte", "descuento", "dto", "descuento por pronto pago"),
            *("pronto pago", "d'escompte", "de descuento", "cash discount", "settlement discount"),
        ),
        Kind.REST: (
            *("rest", "solde", "resto", "remainder", "balance", "reste", "saldo", "the rest"),
            *("le solde", "el resto", "the balance", "le reste", "el saldo", "the remainder"),
        ),
        Kind.OF_REST: (
            *("of rest", "du solde", "del resto", "of the rest", "of the remainder"),
            *("du reste", "del saldo", "of the balance"),
        ),
        Kind.OF_UNTAXED: (
            *("of untaxed", "du ht", "de la base imponible", "of the untaxed amount"),
            *("du hors taxe", "du hors taxes", "du montant ht"),
        ),
        Kind.RETENTION: (
            *("retention", "retenue", "retención", "retenue de garantie"),
            *("retencion en garantia", "holdback"),
        ),
        Kind.CUT_OFF: ("cut-off", "arrêté au", "corte", "cutoff", "cut off", "cut-off day"),
        Kind.SEQUENTIAL: ("sequential", "successifs", "sucesivos", "successives", "sucesivas"),
        Kind.NOISE: (
            *("at", "a", "in", "en", "within", "sous", "dans", "de", "payable", "payables"),
            *("due", "payment", "paiement", "reglement", "pago", "pagadero", "pagaderos"),
        ),
    }
)

_VALUED: Final[Mapping[tuple[Kind, Any], tuple[str, ...]]] = MappingProxyType(
    {
        (Kind.BASELINE, Baseline.DOCUMENT_DATE): (
            *("from invoice date", "date de facture", "fecha de factura", "from invoice"),
            *("from the invoice date", "invoice date", "date of invoice", "after invoice date"),
            *("date de facturation", "date d'emission", "fecha factura", "from document date"),
            *("a compter de la facture", "after date of invoice", "from date of invoice"),
        ),
        (Kind.BASELINE, Baseline.POSTING_DATE): (
            *("from posting", "date de comptabilisation", "fecha de contabilización"),
            *("from posting date", "posting date"),
        ),
        (Kind.BASELINE, Baseline.DELIVERY_DATE): (
            *("from delivery", "date de livraison", "desde la entrega", "from delivery date"),
            *("after delivery", "apres livraison", "a compter de la livraison"),
            *("de la livraison", "fecha de entrega", "from the delivery"),
        ),
        (Kind.BASELINE, Baseline.RECEIVED_ON): (
            *("from receipt", "date de réception", "desde la recepción", "from receipt of invoice"),
            *("after receipt", "after receipt of invoice", "from receipt of the invoice"),
            *("a compter de la reception", "date de reception de la facture"),
            *(
                "fecha de recepcion",
                "desde la recepcion de la factura",
                "after receipt of the invoice",
            ),
        ),
        (Kind.BASELINE, Baseline.LATER_OF_DOCUMENT_AND_DELIVERY): (
            "from later of invoice and delivery",
            "de la dernière de facture et livraison",
            "desde la última de factura y entrega",
        ),
        (Kind.BASELINE, Baseline.LATER_OF_RECEIVED_AND_DELIVERY): (
            "from later of receipt and delivery",
            "de la dernière de réception et livraison",
            "desde la última de recepción y entrega",
        ),
        (Kind.ADJUSTMENT, Adjustment.FOLLOWING): (
            *("following business day", "jour ouvré suivant", "día hábil siguiente"),
            *("next business day", "following working day", "next working day"),
        ),
        (Kind.ADJUSTMENT, Adjustment.PRECEDING): (
            *("preceding business day", "jour ouvré précédent", "día hábil anterior"),
            *("previous business day", "previous working day"),
        ),
        (Kind.ADJUSTMENT, Adjustment.MODIFIED_FOLLOWING): (
            "modified following business day",
            "jour ouvré suivant modifié",
            "día hábil siguiente modificado",
        ),
        (Kind.ADJUSTMENT, Adjustment.MODIFIED_PRECEDING): (
            "modified preceding business day",
            "jour ouvré précédent modifié",
            "día hábil anterior modificado",
        ),
        (Kind.TAX, TaxBasis.INCLUDED): ("tax included", "ttc", "iva incluido", "including tax"),
        (Kind.TAX, TaxBasis.EXCLUDED): (
            *("tax excluded", "hors taxe", "sin iva", "excluding tax", "ht", "hors taxes"),
            "sin impuestos",
        ),
        (Kind.TAX, TaxBasis.MIXED): ("tax mixed", "taxe mixte", "iva mixto"),
    }
)


def plain(text: str) -> str:
    """A text without case, accents and double blanks.

    >>> plain("30 Jours  FIN DE MOIS, arrêté au 25")
    '30 jours fin de mois, arrete au 25'
    """
    apart = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).split())


def _phrases() -> dict[str, tuple[Kind, Any]]:
    found = {plain(word): (kind, None) for kind, words in _WORDS.items() for word in words}
    for (kind, value), words in _VALUED.items():
        found.update((plain(word), (kind, value)) for word in words)
    return found


_PHRASES: Final[Mapping[str, tuple[Kind, Any]]] = MappingProxyType(_phrases())

WRITTEN: Final[Mapping[str, Mapping[Any, str]]] = MappingProxyType(
    {
        language: MappingProxyType(
            {
                **{kind: words[min(place, len(words) - 1)] for kind, words in _WORDS.items()},
                **{value: words[place] for (_, value), words in _VALUED.items()},
            }
        )
        for place, language in enumerate(LANGUAGES)
    }
)
"""The word of each language for a kind of token, or for a value of one."""

_ORDINALS: Final = "st|nd|rd|th|er|ere|eme|e|o"
_PIECE: Final = re.compile(
    # A comma is a decimal one only before a sign that days do not have.
    r"(?P<decimal>(?<![/\d])\d{1,15},\d{1,4}(?=\s*[%/])|\d{1,15}\.\d{1,4})"
    rf"|(?P<ordinal>\d{{1,2}})(?:{_ORDINALS})(?![a-z])"
    r"|(?P<number>\d{1,15})"
    r"|(?P<sign>[%/+,;])"
    rf"|(?P<phrase>{'|'.join(map(re.escape, sorted(_PHRASES, key=len, reverse=True)))})(?![a-z])"
    r"|(?P<currency>[a-z]{3})(?![a-z])"
)
_SIGNS: Final = MappingProxyType(
    {
        "%": Kind.PERCENT,
        "/": Kind.SLASH,
        "+": Kind.PLUS,
        ",": Kind.COMMA,
        ";": Kind.COMMA,
    }
)


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a text; raises `PolicyError` naming what is none.

    >>> [token.text for token in tokens("2,5/10 net 30 jours")]
    ['2,5', '/', '10', 'net', '30', 'jours']
    """
    rest = plain(text)
    place = 0
    while place < len(rest):
        if rest[place] == " ":
            place += 1
            continue
        piece = _PIECE.match(rest, place)
        token = None if piece is None else _token(piece)
        if piece is None or token is None:
            msg = f"{rest[place:].split()[0]!r} is not understood"
            raise PolicyError(msg)
        place = piece.end()
        if token.kind is not Kind.NOISE:
            yield token


def _token(piece: re.Match[str]) -> Token | None:
    kind, text = piece.lastgroup, piece.group()
    if kind == "decimal":
        return Token(Kind.NUMBER, text, Decimal(text.replace(",", ".")))
    if kind == "ordinal":
        return Token(Kind.ORDINAL, text, int(piece["ordinal"]))
    if kind == "number":
        return Token(Kind.NUMBER, text, int(text))
    if kind == "sign":
        return Token(_SIGNS[text], text)
    if kind == "phrase":
        return Token(_PHRASES[text][0], text, _PHRASES[text][1])
    return Token(Kind.CURRENCY, text, text.upper()) if _is_currency(text.upper()) else None


def _is_currency(code: str) -> bool:
    try:
        digits(code)
    except UnknownCurrencyError:
        return False
    return True


def ordinal(number: int, language: str) -> str:
    """A day of the month as a language writes it before "of the month".

    >>> ordinal(1, "en"), ordinal(22, "en"), ordinal(13, "en"), ordinal(10, "fr")
    ('1st', '22nd', '13th', '10')
    """
    if language != "en":
        return str(number)
    teens = 11 <= number % 100 <= 13  # noqa: PLR2004  # eleventh, twelfth, thirteenth
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
