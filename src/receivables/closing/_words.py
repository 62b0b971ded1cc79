"""What the close file says, in English, French and Spanish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from receivables.errors import TranslationMissingError

__all__ = ["LANGUAGES", "TITLES", "language_of", "say"]

LANGUAGES: Final = ("en", "fr", "es")

TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    name: dict(zip(LANGUAGES, titles, strict=True))
    for name, titles in {
        "receipts-applied": (
            "All receipts are applied",
            "Tous les encaissements sont affectés",
            "Todos los cobros están aplicados",
        ),
        "unidentified-cash": (
            "Every payer is known",
            "Tous les payeurs sont identifiés",
            "Todos los pagadores están identificados",
        ),
        "bank-statements": (
            "Bank statements are complete and continuous",
            "Les relevés bancaires sont complets et se suivent",
            "Los extractos bancarios están completos y son correlativos",
        ),
        "roll-forward": (
            "The roll-forward explains every balance",
            "Le tableau de variation explique tous les soldes",
            "El cuadro de movimientos explica todos los saldos",
        ),
        "tie-out": (
            "Sub-ledger and general ledger agree",
            "Le grand livre auxiliaire et le grand livre général concordent",
            "El mayor auxiliar y el mayor general concuerdan",
        ),
        "revaluation": (
            "Items in foreign currencies are revalued",
            "Les créances en devises sont réévaluées",
            "Las partidas en moneda extranjera están actualizadas al tipo de cierre",
        ),
        "allowance": (
            "The loss allowance is booked",
            "La dépréciation est comptabilisée",
            "El deterioro está contabilizado",
        ),
        "intercompany": (
            "Balances with entities of the group are agreed",
            "Les soldes intragroupe sont rapprochés",
            "Los saldos entre empresas del grupo están conciliados",
        ),
        "held": (
            "Nothing is held or in draft without a reason",
            "Rien n’est bloqué ni en brouillon sans motif",
            "Nada está retenido ni en borrador sin motivo",
        ),
        "document-numbers": (
            "Document numbers have no gaps",
            "La numérotation des pièces est continue",
            "La numeración de los documentos es correlativa",
        ),
        "credit-balances": (
            "Credit balances are shown as liabilities",
            "Les clients créditeurs sont présentés au passif",
            "Los saldos acreedores se presentan en el pasivo",
        ),
        "months-closed": (
            "The months before are closed",
            "Les mois précédents sont clôturés",
            "Los meses anteriores están cerrados",
        ),
        "cut-off": (
            "Documents are posted in the period of their date",
            "Les pièces sont comptabilisées dans la période de leur date",
            "Los documentos están contabilizados en el período de su fecha",
        ),
        "export": (
            "The accounting export was checked",
            "Le fichier des écritures comptables a été contrôlé",
            "El fichero contable ha sido comprobado",
        ),
    }.items()
}
"""The title of each check of the library, by language."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "Closing of {first} to {last}": (
        "Clôture du {first} au {last}",
        "Cierre del {first} al {last}",
    ),
    "Closed by {by} on {at}": ("Clôturé par {by} le {at}", "Cerrado por {by} el {at}"),
    "reason": ("motif", "motivo"),
    "by": ("par", "por"),
    "status": ("état", "estado"),
    "check": ("contrôle", "control"),
    "ok": ("en ordre", "en orden"),
    "explained": ("expliqué", "explicado"),
    "open": ("ouvert", "abierto"),
    "receipt {item} is not applied: {amount} is open": (
        "l’encaissement {item} n’est pas affecté : {amount} restent ouverts",
        "el cobro {item} no está aplicado: quedan {amount} abiertos",
    ),
    "the payer of receipt {item} is not known: {amount} is open": (
        "le payeur de l’encaissement {item} n’est pas identifié : {amount} restent ouverts",
        "el pagador del cobro {item} no está identificado: quedan {amount} abiertos",
    ),
    "no bank statement was given": (
        "aucun relevé bancaire n’a été fourni",
        "no se ha aportado ningún extracto bancario",
    ),
    "account {account} has no bank statement": (
        "le compte {account} n’a pas de relevé bancaire",
        "la cuenta {account} no tiene extracto bancario",
    ),
    "bank statement {statement} lacks a balance": (
        "le relevé bancaire {statement} n’indique pas tous ses soldes",
        "al extracto bancario {statement} le falta un saldo",
    ),
    "the entries of bank statement {statement} differ from its balances by {amount}": (
        "les mouvements du relevé bancaire {statement} s’écartent de ses soldes de {amount}",
        "los movimientos del extracto bancario {statement} difieren de sus saldos en {amount}",
    ),
    "bank statement {second} does not begin where {first} ends: {amount} lies between": (
        "le relevé bancaire {second} ne reprend pas le solde de {first} : écart de {amount}",
        "el extracto bancario {second} no empieza donde acaba {first}: hay {amount} de diferencia",
    ),
    "between bank statements {first} and {second} there are others, by their numbers": (
        "d’après leurs numéros, il manque des relevés bancaires entre {first} et {second}",
        "según su numeración, faltan extractos bancarios entre {first} y {second}",
    ),
    "the last bank statement of account {account} ends on {day}": (
        "le dernier relevé bancaire du compte {account} s’arrête au {day}",
        "el último extracto bancario de la cuenta {account} acaba el {day}",
    ),
    "the balance of {customer} moved by {amount}, which no event explains": (
        "le solde de {customer} a varié de {amount} sans qu’aucun événement l’explique",
        "el saldo de {customer} ha variado en {amount} sin hecho que lo explique",
    ),
    "no tie-out was given": (
        "aucun rapprochement avec le grand livre général n’a été fourni",
        "no se ha aportado ninguna conciliación con el mayor general",
    ),
    "a tie-out is as of {day}, and not as of the last day of the period": (
        "un rapprochement est arrêté au {day}, et non au dernier jour de la période",
        "una conciliación es a {day}, y no al último día del período",
    ),
    "{cause}: {document} differs by {amount}": (
        "{cause} : écart de {amount} sur {document}",
        "{cause}: diferencia de {amount} en {document}",
    ),
    "no journal was given, and items are in several currencies": (
        "aucun journal n’a été fourni, et les créances sont en plusieurs devises",
        "no se ha aportado ningún diario, y las partidas están en varias monedas",
    ),
    "items in {currency} are not revalued on {day}": (
        "les créances en {currency} ne sont pas réévaluées au {day}",
        "las partidas en {currency} no están actualizadas a {day}",
    ),
    "items in {currency} are carried at {amount} more than at the closing rate": (
        "les créances en {currency} sont portées pour {amount} de plus qu’au cours de clôture",
        "las partidas en {currency} figuran por {amount} más que al tipo de cierre",
    ),
    "no allowance was booked in the period, and {count} items are open": (
        "aucune dépréciation n’a été comptabilisée dans la période, et {count} postes sont ouverts",
        "no se ha contabilizado deterioro en el período, y hay {count} partidas abiertas",
    ),
    "the balance of {amount} with {entity} is not agreed": (
        "le solde de {amount} avec {entity} n’est pas rapproché",
        "el saldo de {amount} con {entity} no está conciliado",
    ),
    "{cause}: {reference} differs by {amount} with {entity}": (
        "{cause} : écart de {amount} sur {reference} avec {entity}",
        "{cause}: diferencia de {amount} en {reference} con {entity}",
    ),
    "item {item} is held without a reason: {amount} is open": (
        "le poste {item} est bloqué sans motif : {amount} restent ouverts",
        "la partida {item} está retenida sin motivo: quedan {amount} abiertos",
    ),
    "draft {document} over {amount} is not issued, without a reason": (
        "le brouillon {document} de {amount} n’est pas émis, sans motif",
        "el borrador {document} de {amount} no se ha emitido, sin motivo",
    ),
    "no document has the number {first}": (
        "aucune pièce ne porte le numéro {first}",
        "ningún documento tiene el número {first}",
    ),
    "no documents have the numbers {first} to {last}: {count} are missing": (
        "aucune pièce ne porte les numéros {first} à {last} : il en manque {count}",
        "ningún documento tiene los números {first} a {last}: faltan {count}",
    ),
    "{customer} has a credit balance of {amount}, which is a liability": (
        "{customer} a un solde créditeur de {amount}, à présenter au passif",
        "{customer} tiene un saldo acreedor de {amount}, que es un pasivo",
    ),
    "the books must be closed through {day} first": (
        "les comptes doivent d’abord être clôturés au {day}",
        "las cuentas deben cerrarse antes a {day}",
    ),
    "{document} is of {day} and was posted on {posted}: {amount}": (
        "{document} est du {day} et a été comptabilisé le {posted} : {amount}",
        "{document} es de {day} y se contabilizó el {posted}: {amount}",
    ),
    "the accounting export was not checked": (
        "le fichier des écritures comptables n’a pas été contrôlé",
        "el fichero contable no se ha comprobado",
    ),
    "timing": ("décalage dans le temps", "desfase temporal"),
    "missing-in-general-ledger": ("absent du grand livre général", "falta en el mayor general"),
    "missing-in-sub-ledger": ("absent du grand livre auxiliaire", "falta en el mayor auxiliar"),
    "missing": ("absent d’un des livres", "falta en uno de los libros"),
    "amount": ("montant", "importe"),
    "currency": ("devise", "moneda"),
    "customer": ("client", "cliente"),
    "account": ("compte", "cuenta"),
    "duplicate": ("doublon", "duplicado"),
    "unknown": ("cause inconnue", "causa desconocida"),
}


def language_of(locale: str) -> str:
    """The language of a locale; raises `TranslationMissingError` for one without words."""
    language = locale.partition("-")[0]
    if language not in LANGUAGES:
        msg = f"locale must be one of {', '.join(LANGUAGES)} or a region of them, got {locale!r}"
        raise TranslationMissingError(msg)
    return language


def say(text: str, language: str) -> str:
    """A text of the library in a language; any other text is somebody's own, and stays as it is."""
    if language == "en" or text not in _WORDS:
        return text
    return _WORDS[text][LANGUAGES.index(language) - 1]
