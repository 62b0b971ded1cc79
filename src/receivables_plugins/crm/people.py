"""Roles, languages and marks as people write them in a CRM, in English, French and Spanish."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

from receivables.parties import Role

__all__ = ["is_marked", "locale_of", "plain_words", "role_of"]

_PHRASES: Final[tuple[tuple[Role, tuple[str, ...]], ...]] = (
    (
        Role.ACCOUNTS_PAYABLE,
        (
            "accounts payable",
            "account payable",
            "payables",
            "ap",
            "accounting",
            "accountant",
            "bookkeeper",
            "bookkeeping",
            "comptes fournisseurs",
            "comptabilite fournisseurs",
            "comptable fournisseurs",
            "comptabilite",
            "comptable",
            "aide comptable",
            "comptes a payer",
            "comptes payables",
            "cuentas por pagar",
            "cuentas a pagar",
            "contabilidad",
            "contable",
            "administracion de proveedores",
            "pagos a proveedores",
        ),
    ),
    (
        Role.LEGAL,
        (
            "legal",
            "general counsel",
            "counsel",
            "lawyer",
            "attorney",
            "juridique",
            "juriste",
            "avocat",
            "avocate",
            "contentieux",
            "juridico",
            "juridica",
            "abogado",
            "abogada",
        ),
    ),
    (
        Role.SALES,
        (
            "sales",
            "account executive",
            "business development",
            "commercial",
            "commerciale",
            "ventes",
            "vendeur",
            "vendeuse",
            "ventas",
            "comercial",
            "vendedor",
            "vendedora",
        ),
    ),
    (
        Role.MANAGEMENT,
        (
            "ceo",
            "cfo",
            "coo",
            "chief",
            "president",
            "owner",
            "director",
            "managing director",
            "head",
            "manager",
            "controller",
            "treasurer",
            "vp",
            "vice president",
            "partner",
            "founder",
            "directeur",
            "directrice",
            "gerant",
            "gerante",
            "presidente",
            "pdg",
            "daf",
            "raf",
            "dirigeant",
            "responsable",
            "proprietaire",
            "controleur",
            "tresorier",
            "tresoriere",
            "gerente",
            "directora",
            "propietario",
            "propietaria",
            "socio",
            "administrador",
            "administradora",
            "jefe",
            "jefa",
            "tesorero",
            "tesorera",
        ),
    ),
)
"""Words of titles by role; the first role with a word in a title is the one, so that the director of
accounts payable pays."""

_LANGUAGES: Final = {
    **dict.fromkeys(("en", "eng", "english", "anglais", "ingles"), "en"),
    **dict.fromkeys(("fr", "fra", "fre", "french", "francais", "frances"), "fr"),
    **dict.fromkeys(("es", "spa", "spanish", "espagnol", "espanol", "castellano"), "es"),
}
_LOCALE: Final = re.compile(r"([a-z]{2})[-_]([A-Za-z]{2})")

_YES: Final = frozenset(
    "true 1 yes y t x oui vrai si verdadero".split()  # noqa: SIM905  # a list of words is read more easily so
) | {"do not allow", "ne pas autoriser", "no permitir", "inactive", "inactif", "inactivo"}
_NO: Final = frozenset(
    "false 0 no n f non faux falso".split()  # noqa: SIM905  # a list of words is read more easily so
) | {"allow", "autoriser", "permitir", "", "active", "actif", "activo", "open", "null"}


def plain_words(text: str) -> str:
    """A text as it is compared: words in lower case, without accents and signs.

    >>> plain_words("Comptabilité / Fournisseurs")
    'comptabilite fournisseurs'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", kept))


@functools.lru_cache(maxsize=4_096)
def role_of(title: str) -> Role | None:
    """The role that a title says, or None where no word of it is known.

    >>> role_of("Responsable comptabilité fournisseurs"), role_of("Astronaut")
    (<Role.ACCOUNTS_PAYABLE: 'accounts-payable'>, None)
    """
    words = f" {plain_words(title)} "
    for role, phrases in _PHRASES:
        if any(f" {phrase} " in words for phrase in phrases):
            return role
    return None


def locale_of(text: str) -> str | None:
    """The locale that a language or a locale says, or None where it is not known.

    >>> locale_of("Français"), locale_of("es_MX"), locale_of("Klingon")
    ('fr', 'es-MX', None)
    """
    text = text.strip()
    if found := _LOCALE.fullmatch(text):
        return f"{found[1]}-{found[2].upper()}"
    return _LANGUAGES.get(plain_words(text))


@functools.lru_cache(maxsize=256)
def is_marked(text: str) -> bool | None:
    """Whether a mark is set; None where the word is not known.

    >>> is_marked("TRUE"), is_marked("Do Not Allow"), is_marked("maybe")
    (True, True, None)
    """
    plain = " ".join(text.split()).casefold()
    return True if plain in _YES else False if plain in _NO else None
