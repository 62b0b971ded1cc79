"""What payers write: clean references, mangled ones, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from receivables.documents.model import ItemKind
from receivables.receipts.model import Payer, ReferredDocument, Remittance
from receivables.testing._dice import Dice, Weights
from receivables.testing._market import Method, PayingUnit, plain, stray_account
from receivables.testing._noise import Noise
from receivables.testing._sales import Sale

__all__ = ["pay_as", "remit"]

_TEXT_MAX: Final = 140
_CUT: Final = 18
_OPENINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("FACTURE", "REGLT FACT", "RGLT", "PAIEMENT FACTURE", "VIR FACTURE", "FACT"),
    "es": ("PAGO FACTURA", "FACTURA", "ABONO FRA", "TRANSF FRA"),
    "en": ("INVOICE", "PAYMENT INV", "INV", "RE"),
}
_SILENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("", "REGLEMENT", "VIREMENT", "PAIEMENT FACTURES", "SOLDE DE TOUT COMPTE FOURNISSEUR"),
    "es": ("", "TRANSFERENCIA", "PAGO PROVEEDORES"),
    "en": ("", "PAYMENT", "SUPPLIER PAYMENT"),
}
_DEPOSITS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("ACOMPTE", "ACOMPTE COMMANDE", "AVANCE SUR COMMANDE"),
    "es": ("ANTICIPO", "ANTICIPO PEDIDO"),
    "en": ("ADVANCE PAYMENT", "DEPOSIT"),
}
_THIRD_PARTIES: Final = (
    "AFFACTURAGE DES DEUX RIVES",
    "ETUDE MAITRE SORBIER",
    "CAISSE CENTRALE DU PRE",
)


def _zeros_dropped(sale: Sale, _dice: Dice) -> str:
    prefix, year, digits = sale.number.split("-")
    return f"{prefix}-{year}-{int(digits)}"


def _prefix_dropped(sale: Sale, _dice: Dice) -> str:
    return sale.number.partition("-")[2]


def _last_digits(sale: Sale, _dice: Dice) -> str:
    return sale.number.rpartition("-")[2].lstrip("0")


def _spaced(sale: Sale, _dice: Dice) -> str:
    return sale.number.replace("-", " ")


def _separated(sale: Sale, dice: Dice) -> str:
    return sale.number.replace("-", dice.pick(("", "/", ".", "_")))


def _own_number(_sale: Sale, dice: Dice) -> str:
    return f"PIECE {dice.between(10**4, 10**5 - 1)}"


def _order_number(sale: Sale, _dice: Dice) -> str:
    return sale.order or sale.number


def _transposed(sale: Sale, dice: Dice) -> str:
    place = len(sale.number) - 2 - dice.below(3)
    swapped = sale.number[place + 1] + sale.number[place]
    return sale.number[:place] + swapped + sale.number[place + 2 :]


def _wrong_digit(sale: Sale, dice: Dice) -> str:
    place = len(sale.number) - 1 - dice.below(4)
    digit = (int(sale.number[place]) + dice.between(1, 9)) % 10
    return f"{sale.number[:place]}{digit}{sale.number[place + 1 :]}"


_MANGLINGS: Final[Weights[tuple[str, Callable[[Sale, Dice], str]]]] = Weights(
    (22, ("zeros-dropped", _zeros_dropped)),
    (22, ("prefix-dropped", _prefix_dropped)),
    (14, ("last-digits", _last_digits)),
    (8, ("spaces", _spaced)),
    (8, ("separators", _separated)),
    (7, ("own-number", _own_number)),
    (6, ("order-number", _order_number)),
    (4, ("transposed", _transposed)),
    (4, ("wrong-digit", _wrong_digit)),
)
_RANGES: Final = 50
"""Share of the mangled texts that give the first and the last of several numbers only."""


def remit(
    unit: PayingUnit, sales: Sequence[tuple[Sale, int]], *, noise: Noise, dice: Dice
) -> tuple[Remittance, tuple[str, ...]]:
    """What one payer writes with a payment for sales and amounts, and the kinds of noise in it."""
    if unit.method is Method.DEBIT:
        return Remittance(
            text=(f"FACTURE {sales[0][0].number}",), end_to_end=sales[0][0].number
        ), ()
    if unit.method is Method.CHEQUE:
        return _cheque(unit, dice), ("cheque",)
    if not sales:
        return Remittance(text=(dice.pick(_DEPOSITS[unit.language]),)), ("on-account",)
    if dice.chance(noise.no_reference):
        text = dice.pick(_SILENCES[unit.language])
        return Remittance(text=(text,) if text else ()), ("no-reference",)
    if dice.chance(noise.structured * 1000 // (1000 - noise.no_reference)):
        return _structured(sales), ()
    return _free_text(unit, [sale for sale, _ in sales], noise=noise, dice=dice)


def _cheque(unit: PayingUnit, dice: Dice) -> Remittance:
    name = f" {unit.bank_name}" if dice.chance(500) else ""
    return Remittance(text=(f"REMISE CHEQUE {dice.below(10**7):07d}{name}",))


def _structured(sales: Sequence[tuple[Sale, int]]) -> Remittance:
    if len(sales) == 1 and sales[0][0].reference:
        return Remittance(references=(sales[0][0].reference,))
    return Remittance(
        documents=[
            ReferredDocument(
                number=sale.number,
                kind="CREN" if sale.kind is ItemKind.CREDIT_NOTE else "CINV",
                amount_minor=abs(amount),
            )
            for sale, amount in sales
        ]
    )


def _free_text(
    unit: PayingUnit, sales: Sequence[Sale], *, noise: Noise, dice: Dice
) -> tuple[Remittance, tuple[str, ...]]:
    opening = dice.pick(_OPENINGS[unit.language])
    if len(sales) > 2 and dice.chance(noise.mangled * _RANGES // 1000):  # noqa: PLR2004  # a range
        last = sales[-1].number.rpartition("-")[2]
        return Remittance(text=(f"{opening} {sales[0].number} A {last}",)), ("mangled:range",)
    written, found = [], []
    for sale in sales:
        kind, mangle = _MANGLINGS.draw(dice) if dice.chance(noise.mangled) else ("", None)
        written.append(mangle(sale, dice) if mangle else sale.number)
        found += [f"mangled:{kind}"] if mangle else []
    text = f"{opening} {' '.join(written)}"
    if len(text) > _TEXT_MAX:
        found.append("text-cut")
    end_to_end = sales[0].number if len(sales) == 1 and dice.chance(100) else ""
    remittance = Remittance(text=(text[:_TEXT_MAX].rstrip(),), end_to_end=end_to_end)
    return remittance, tuple(dict.fromkeys(found))


def pay_as(unit: PayingUnit, *, noise: Noise, dice: Dice) -> tuple[Payer, tuple[str, ...]]:
    """Whom the bank names as the payer, and the kinds of noise in it."""
    if unit.method is Method.CHEQUE:
        return Payer(), ()
    if unit.method is Method.DEBIT:
        return Payer(name=unit.bank_name, account=unit.account), ()
    if dice.chance(noise.third_party):
        behalf = plain(unit.payer.name) if dice.chance(500) else ""
        name = dice.pick(_THIRD_PARTIES)
        return Payer(name=name, account=stray_account(dice), ultimate_name=behalf), ("third-party",)
    found: list[str] = []
    name, account = unit.bank_name, unit.account
    if dice.chance(noise.name_cut) and len(name) > _CUT:
        name = name[:_CUT].rstrip()
        found.append("name-cut")
    if dice.chance(noise.unknown_account):
        account = stray_account(dice)
        found.append("unknown-account")
    elif dice.chance(noise.name_only):
        account = ""
        found.append("name-only")
    return Payer(name=name, account=account), tuple(found)
