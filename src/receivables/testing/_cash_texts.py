"""What stands on a payment: references whole, mangled or not at all, through a channel that cuts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import attrs

from receivables.parties import Customer
from receivables.receipts.model import Payer, ReceiptMethod, ReferredDocument, Remittance
from receivables.testing._cash_model import ShortfallKind
from receivables.testing._cash_noise import CHANNELS, CashNoise, Channel, happens
from receivables.testing._cash_numbers import MANGLINGS, NumberParts
from receivables.testing._cash_parties import bank_name
from receivables.testing._dice import Dice, Weights
from receivables.testing._market import plain, stray_account

__all__ = ["Named", "Written", "cut", "write", "write_advance", "write_payer", "write_sundry"]

_OPENINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("FACTURE ", "REGLT FACT ", "RGLT ", "PAIEMENT ", "VIR FACT ", "FAC", "FACT", ""),
    "es": ("PAGO FACTURA ", "FACTURA ", "ABONO FRA ", "TRANSF FRA ", "FRA", ""),
    "en": ("INVOICE ", "PAYMENT INV ", "RE ", "RECHNUNG ", "RG", "RGNR ", ""),
}
_SILENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": (
        "",
        "",
        "REGLEMENT",
        "VIREMENT",
        "PAIEMENT FACTURES",
        "SOLDE DE TOUT COMPTE",
        "VIR SEPA",
    ),
    "es": ("", "", "TRANSFERENCIA", "PAGO PROVEEDORES", "PAGO FACTURAS"),
    "en": ("", "", "PAYMENT", "SUPPLIER PAYMENT", "ZAHLUNG", "LIEFERANTENZAHLUNG"),
}
_DEPOSITS: Final[Mapping[str, tuple[str, ...]]] = {
    "fr": ("ACOMPTE", "ACOMPTE COMMANDE {}", "AVANCE SUR COMMANDE"),
    "es": ("ANTICIPO", "ANTICIPO PEDIDO {}"),
    "en": ("ADVANCE PAYMENT", "DEPOSIT ORDER {}"),
}
_ALL: Final = {"fr": " A ", "es": " A ", "en": " TO "}
_CREDIT: Final = {"fr": "AVOIR ", "es": "ABONO ", "en": "LESS CN "}
_JOINTS: Final = (" ", " ", ", ", " / ", "+", " ET ", "; ", "-")
_THIRD_PARTIES: Final = (
    *("AFFACTURAGE DES DEUX RIVES", "ETUDE MAITRE SORBIER", "CAISSE CENTRALE DU PRE"),
    *("CENTRE DE SERVICES PARTAGES AXAMBRE", "FIDUCIAIRE DU VAL BRUN", "NORDPAY TREASURY BV"),
)
_SUNDRIES: Final = (
    *("REMBOURSEMENT CREDIT DE TVA {}", "INTERETS CREDITEURS", "VIREMENT INTERNE {}"),
    *("REMBOURSEMENT SINISTRE {}", "SUBVENTION DOSSIER {}", "REMB TROP PERCU CONTRAT {}"),
    *("RISTOURNE FOURNISSEUR {}", "CESSION MATERIEL", "DEPOSIT GUARANTEE RETURN {}"),
)
_SUNDRY_PAYERS: Final = (
    *("DIRECTION DES IMPOTS DU PRE", "ASSURANCES DU VIEUX PONT", "FOURNITURES LANGREVE SA"),
    *("MUTUELLE DES AJONCS", ""),
)
_ABBREVIATED: Final = (
    ("ETABLISSEMENTS", "ETS"),
    ("TRANSPORTS", "TRANSP"),
    ("SOCIETE", "STE"),
    ("LABORATOIRES", "LABO"),
    ("INDUSTRIE", "IND"),
    ("DISTRIBUTION", "DISTRIB"),
    ("INTERNATIONAL", "INTL"),
    ("SUMINISTROS", "SUM"),
    ("GEBRUDER", "GEBR"),
)
_CUT: Final = 18
_RANGE: Final = 3
"""From so many numbers on, a payer gives the first and the last."""
_NUMBER_IN_END_TO_END: Final = 700
_OWN_END_TO_END: Final = 3_000
_STRUCTURED_IN_TEXT: Final = 1_000


@attrs.frozen(kw_only=True)
class Named:
    """One document that a payment pays: its number, its parts, the amounts that are said of it."""

    number: str
    parts: NumberParts
    reference: str
    amount_minor: int
    """What is paid of it; a credit note's is below zero."""
    open_minor: int
    short: tuple[tuple[ShortfallKind, int], ...] = ()
    is_credit: bool = False
    date: dt.date

    def referred(self, *, with_reasons: bool) -> ReferredDocument:
        """The document as a payer names it in a structured way."""
        discount = sum(minor for kind, minor in self.short if kind is ShortfallKind.DISCOUNT)
        other = sum(minor for kind, minor in self.short if kind is ShortfallKind.DEDUCTION)
        return ReferredDocument(
            number=self.number,
            kind="CREN" if self.is_credit else "CINV",
            amount_minor=abs(self.amount_minor),
            gross_minor=abs(self.open_minor) if with_reasons else None,
            discount_minor=discount if with_reasons else 0,
            adjustment_minor=other if with_reasons else 0,
            date=self.date if with_reasons else None,
        )


@attrs.frozen(kw_only=True)
class Written:
    """What a payer wrote, the noise in it, and where it says what it pays."""

    remittance: Remittance
    noise: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    method: ReceiptMethod = ReceiptMethod.CREDIT_TRANSFER

    @property
    def is_complete(self) -> bool:
        """Whether everything that it pays can be found in it."""
        lost = ("no-reference", "cheque", "text-cut", "mangled:own-number")
        return not any(kind in self.noise for kind in lost)


def write(
    named: Sequence[Named],
    *,
    language: str,
    is_whole_range: bool,
    customer: Customer,
    noise: CashNoise,
    dice: Dice,
) -> Written:
    """What one payer writes with a payment for documents."""
    if happens(dice, noise.cheques):
        return _cheque(dice)
    draw = dice.below(10_000)
    if draw < noise.no_reference:
        return _silent(language, dice)
    if draw < noise.no_reference + noise.structured:
        return _structured(named, dice)
    first_to_last = is_whole_range and len(named) >= _RANGE and not named[-1].is_credit
    text, found = _free_text(named, language, first_to_last=first_to_last, noise=noise, dice=dice)
    if happens(dice, noise.chatter):
        text = _with_chatter(text, named, customer, dice)
        found.append("chatter")
    return _through_channel(text, found, named, noise, dice)


def _cheque(dice: Dice) -> Written:
    text = f"REMISE CHEQUE {dice.below(10**7):07d}"
    return Written(
        remittance=Remittance(text=(text,)),
        noise=("cheque", "no-account"),
        method=ReceiptMethod.CHEQUE,
    )


def _silent(language: str, dice: Dice) -> Written:
    text = dice.pick(_SILENCES[language])
    own = f"{dice.between(10**5, 10**9)}" if happens(dice, _OWN_END_TO_END) else ""
    remittance = Remittance(text=(text,) if text else (), end_to_end=own)
    return Written(remittance=remittance, noise=("no-reference",))


def _structured(named: Sequence[Named], dice: Dice) -> Written:
    if len(named) == 1 and named[0].reference:
        return Written(
            remittance=Remittance(references=(named[0].reference,)), references=("structured",)
        )
    with_reasons = not dice.below(2)
    documents = [one.referred(with_reasons=with_reasons) for one in named]
    return Written(remittance=Remittance(documents=documents), references=("documents",))


def _free_text(
    named: Sequence[Named], language: str, *, first_to_last: bool, noise: CashNoise, dice: Dice
) -> tuple[str, list[str]]:
    """Numbers between words; `first_to_last` says whether two of them may stand for all."""
    manglings = Weights(*((weight, name) for name, weight in noise.manglings))
    opening = dice.pick(_OPENINGS[language])
    together = happens(dice, noise.run_together)
    joint = "" if together else dice.pick(_JOINTS)
    found = ["run-together"] if together and len(named) > 1 else []
    written: list[str] = []
    for one in named:
        text, kind = one.number, ""
        if noise.manglings and happens(dice, noise.mangled):
            text, kind = _mangled(one, manglings, dice, before=written)
        if kind == "ranges" and first_to_last:
            return f"{opening}{_range(named, language, dice)}", ["mangled:ranges"]
        found += [f"mangled:{kind}"] if kind else []
        written.append(f"{_CREDIT[language]}{text}" if one.is_credit and dice.below(2) else text)
    return f"{opening}{joint.join(written)}", found


def _mangled(
    one: Named, manglings: Weights[str], dice: Dice, *, before: Sequence[str]
) -> tuple[str, str]:
    """A number as a payer writes it who does not copy it; some ways do not fit every number."""
    for _ in range(20):
        kind = manglings.draw(dice)
        if kind == "ranges" and before:
            return _abbreviated(one.parts, dice), kind
        text = MANGLINGS[kind].write(one.parts, dice)
        if text is not None and text != one.number:
            return text, kind
    return one.number, ""


def _abbreviated(parts: NumberParts, dice: Dice) -> str:
    """The last digits of a number, after one that is written whole."""
    return parts.digits[-dice.between(2, 3) :]


def _range(named: Sequence[Named], language: str, dice: Dice) -> str:
    ordered = sorted(named, key=lambda one: (one.date, one.number))
    first, last = ordered[0], ordered[-1]
    shown = last.number if dice.below(2) else last.parts.digits.lstrip("0")
    return f"{first.number}{_ALL[language]}{shown}"


def _with_chatter(text: str, named: Sequence[Named], customer: Customer, dice: Dice) -> str:
    """Other numbers that have nothing to do with what is paid, or not directly."""
    date = named[0].date.strftime(dice.pick(("%d/%m/%Y", "%d.%m.%y", "%Y%m%d", "%d%m%y")))
    total = sum(one.amount_minor for one in named)
    said = dice.pick(
        (
            f" DU {date}",
            f" CLT {customer.customer}",
            f" CLIENT {dice.between(1000, 99999)}",
            f" {total // 100},{total % 100:02d} EUR",
            f" BC {dice.between(10_000, 9_999_999)}",
            f" TEL 0{dice.between(10**8, 10**9 - 1)}",
            f" REF {dice.between(10**5, 10**8)}",
        )
    )
    return text + said if dice.below(4) else f"{said[1:]} {text}"


def _through_channel(
    text: str, found: list[str], named: Sequence[Named], noise: CashNoise, dice: Dice
) -> Written:
    channel = CHANNELS[Weights(*((weight, name) for name, weight in noise.channels)).draw(dice)]
    pieces = cut(text, channel)
    if len(text) > channel.width * channel.lines:
        found.append("text-cut")
    if len(pieces) > 1 and any(
        end[-1:] != " " and start[:1] != " " and len(end) == channel.width
        for end, start in pairwise(pieces)
    ):
        found.append("text-split")
    references = ["text"]
    end_to_end = ""
    if len(named) == 1 and happens(dice, _NUMBER_IN_END_TO_END):
        end_to_end = named[0].number
        references.append("end-to-end")
    elif happens(dice, _OWN_END_TO_END):
        end_to_end = f"{dice.between(10**5, 10**9)}"
    return Written(
        remittance=Remittance(text=pieces, end_to_end=end_to_end),
        noise=tuple(dict.fromkeys(found)),
        references=tuple(references),
    )


def cut(text: str, channel: Channel) -> tuple[str, ...]:
    """A text as a channel gives it: cut at its end, and apart where the channel has lines.

    >>> cut("FACTURE FA-2026-00117", CHANNELS["bacs"])
    ('FACTURE FA-2026-00',)
    """
    kept = text[: channel.width * channel.lines]
    if not channel.is_split:
        return (kept.rstrip(),)
    starts = range(0, len(kept), channel.width)
    return tuple(kept[start : start + channel.width].rstrip() for start in starts)


def write_advance(language: str, dice: Dice) -> Written:
    """What stands on money for which there is no invoice yet."""
    text = dice.pick(_DEPOSITS[language]).format(dice.between(10_000, 99_999))
    return Written(remittance=Remittance(text=(text,)), noise=("on-account",))


def write_sundry(dice: Dice) -> tuple[Payer, Written]:
    """Money that no customer owes, and who it is from."""
    text = dice.pick(_SUNDRIES).format(dice.between(10**4, 10**9))
    name = dice.pick(_SUNDRY_PAYERS)
    payer = Payer(name=name, account=stray_account(dice) if name else "")
    return payer, Written(remittance=Remittance(text=(text,)), noise=("not-receivable",))


def write_payer(customer: Customer, *, noise: CashNoise, dice: Dice) -> tuple[Payer, list[str]]:
    """Whom the bank names as the payer, and the noise in it."""
    draw = dice.below(10_000)
    if draw < noise.third_party:
        behalf = plain(customer.name) if dice.below(2) else ""
        name = dice.pick(_THIRD_PARTIES)
        payer = Payer(name=name, account=stray_account(dice), ultimate_name=behalf)
        return payer, ["third-party"]
    name, found = _shown(bank_name(customer), noise, dice)
    account = customer.ibans[0]
    if draw < noise.third_party + noise.unknown_account:
        account = stray_account(dice)
        found.append("unknown-account")
    elif draw < noise.third_party + noise.unknown_account + noise.no_account:
        account = ""
        found.append("no-account")
    return Payer(name=name, account=account), found


def _shown(name: str, noise: CashNoise, dice: Dice) -> tuple[str, list[str]]:
    """A name as this payment has it, and the noise in it."""
    found: list[str] = []
    if happens(dice, noise.name_varied):
        name = _varied(name, dice)
        found.append("name-varied")
    if happens(dice, noise.name_cut) and len(name) > _CUT:
        name = name[:_CUT].rstrip()
        found.append("name-cut")
    return name, found


def _varied(name: str, dice: Dice) -> str:
    """A name abbreviated, turned round, or without its end."""
    short = name
    for long, brief in _ABBREVIATED:
        short = short.replace(long, brief)
    words = short.split()
    way = dice.below(3)
    if short != name and way:
        return short
    if len(words) > 2 and way != 1:  # noqa: PLR2004  # two words say little without one of them
        return " ".join(words[:-1])
    return " ".join([*words[1:], words[0]])
