"""The invented company and its customers: names, addresses, numbers, habits of payment.

Every name is put together from lists; company numbers begin with 000, bank codes with 9999, e-mail
addresses end in example.com and telephone numbers are from ranges kept for fiction, so that nobody
real is meant.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import attrs

from receivables.parties import (
    Address,
    Channel,
    Contact,
    Creditor,
    Customer,
    CustomerId,
    Identifier,
    PayerGroup,
)
from receivables.testing import _digits
from receivables.testing._dice import Dice, Quantiles, Weights

__all__ = [
    "Market",
    "Method",
    "PayingUnit",
    "build_market",
    "creditor",
    "dollar_iban",
    "plain",
    "stray_account",
]

_GROUP_EVERY: Final = 40
_GROUP_SIZES: Final = (3, 4, 5)
_NAME_MAX: Final = 35


class Method(enum.Enum):
    """How a payer pays."""

    TRANSFER = "transfer"
    FOREIGN = "foreign-transfer"
    DEBIT = "direct-debit"
    CHEQUE = "cheque"


@attrs.frozen(kw_only=True)
class _Country:
    """What names, addresses and habits of a country are made of."""

    code: str
    locale: str
    language: str
    currency: str
    kinds: tuple[str, ...]
    owners: tuple[str, ...]
    forms: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    region: str = ""
    desk: str
    mailbox: str
    terms: Weights[str]


_FRANCE: Final = _Country(
    code="FR",
    locale="fr-FR",
    language="fr",
    currency="EUR",
    kinds=(
        *("Hôtel", "Librairie", "Auberge", "Médiathèque", "Résidence", "Clinique"),
        *("Collège", "Théâtre", "Brasserie", "Maison", "Galerie", "Villa"),
    ),
    owners=(
        *("des Acacias", "du Héron", "de la Garenne", "des Trois Ponts", "du Vieux Moulin"),
        *("des Embruns", "de la Loutre", "du Sorbier", "des Mouettes", "de l'Aubépine"),
        *("du Passeur", "des Tilleuls", "du Grand Pré", "de la Brume", "des Ajoncs"),
        *("du Martinet", "de la Tisane", "des Sittelles", "du Chaudron", "de la Luciole"),
    ),
    forms=("SARL", "SAS", "SARL", "SASU"),
    streets=("rue du Four à Chaux", "avenue des Peupliers", "quai de l'Horloge", "place du Puits"),
    towns=(
        *(("44000", "Nantes"), ("35000", "Rennes"), ("49000", "Angers"), ("69003", "Lyon")),
        *(("59000", "Lille"), ("33000", "Bordeaux"), ("31000", "Toulouse"), ("21000", "Dijon")),
        *(("67000", "Strasbourg"), ("29000", "Quimper")),
    ),
    desk="Comptabilité fournisseurs",
    mailbox="compta",
    terms=Weights(
        (40, "net 30"),
        (25, "45 end of month"),
        (15, "end of month 30"),
        (10, "net 45"),
        (10, "net 60"),
    ),
)

_QUEBEC: Final = _Country(
    code="CA",
    locale="fr-CA",
    language="fr",
    currency="CAD",
    region="QC",
    kinds=(
        *("Hôtel", "Bibliothèque", "Quincaillerie", "Café"),
        *("Auberge", "Ébénisterie", "Polyclinique", "Galerie"),
    ),
    owners=(
        *("du Harfang", "des Érables", "de la Bernache", "du Caribou bleu", "des Bouleaux"),
        *("du Vieux Quai", "de la Tourbière", "du Lac rond", "des Cantons verts", "du Huard"),
    ),
    forms=("inc.", "ltée", "inc."),
    streets=("rue des Outardes", "chemin du Portage", "boulevard des Sucres", "rue du Moulin"),
    towns=(
        *(("H2X 1Y4", "Montréal"), ("G1R 2S5", "Québec"), ("G9A 1A1", "Trois-Rivières")),
        *(("J1H 1A1", "Sherbrooke"), ("G5L 1A1", "Rimouski"), ("J8X 2A1", "Gatineau")),
    ),
    desk="Comptes fournisseurs",
    mailbox="comptes",
    terms=Weights((70, "net 30"), (30, "net 45")),
)

_SPAIN: Final = _Country(
    code="ES",
    locale="es-ES",
    language="es",
    currency="EUR",
    kinds=(
        *("Hotel", "Librería", "Restaurante", "Clínica"),
        *("Taller", "Muebles", "Colegio", "Galería"),
    ),
    owners=(
        *("Los Olivos", "El Jilguero", "La Encina", "Las Gaviotas", "El Faro Viejo"),
        *("La Ribera", "Los Almendros", "El Abejaruco", "La Alondra", "Tres Caños"),
    ),
    forms=("S.L.", "S.L.", "S.L.U."),
    streets=("calle del Molino", "plaza de los Tilos", "avenida del Puerto", "calle Nueva"),
    towns=(
        *(("28001", "Madrid"), ("08001", "Barcelona"), ("46001", "Valencia")),
        *(("41001", "Sevilla"), ("48001", "Bilbao"), ("50001", "Zaragoza")),
    ),
    desk="Administración",
    mailbox="facturas",
    terms=Weights((60, "net 60"), (40, "net 30")),
)

_GERMANY: Final = _Country(
    code="DE",
    locale="en",
    language="en",
    currency="EUR",
    kinds=(
        *("Hotel", "Buchhandlung", "Gasthaus", "Tischlerei"),
        *("Klinik", "Möbelhaus", "Galerie", "Kontor"),
    ),
    owners=(
        *("Eisvogel", "Lindenhof", "Am Mühlbach", "Silberdistel", "Sonnenhang"),
        *("Alte Eiche", "Zur Schleuse", "Kranichsee", "Rotbuche", "Nordwind"),
    ),
    forms=("GmbH", "GmbH & Co. KG", "GmbH"),
    streets=("Birkenweg", "Am Anger", "Mühlenstraße", "Hafengasse"),
    towns=(
        *(("10115", "Berlin"), ("20095", "Hamburg"), ("80331", "München")),
        *(("50667", "Köln"), ("04109", "Leipzig"), ("79098", "Freiburg")),
    ),
    desk="Kreditorenbuchhaltung",
    mailbox="rechnungen",
    terms=Weights((50, "net 30"), (50, "net 14")),
)

_COUNTRIES: Final = Weights((58, _FRANCE), (24, _QUEBEC), (11, _SPAIN), (7, _GERMANY))
_EUROPE: Final = Weights((58, _FRANCE), (11, _SPAIN), (7, _GERMANY))

_LATENESS: Final = Quantiles(
    (0, -9), (50, -7), (250, -4), (500, -2), (750, 1), (950, 6), (1000, 14)
)
"""Median days past due of a payer: -7 to 6 from the 5th to the 95th percentile."""
_SLOW: Final = Quantiles((0, 12), (400, 25), (700, 45), (1000, 85))
_SLOW_SHARE: Final = 110
_INSOLVENT_SHARE: Final = 20
_PUNCTUAL: Final = 2
_SOLVENT: Final = 12
"""The largest customers are neither slow nor insolvent: one of them would be the whole book."""
_FRENCH_METHODS: Final = Weights((86, Method.TRANSFER), (10, Method.DEBIT), (4, Method.CHEQUE))
_WEEKDAYS: Final = Weights((24, 0), (24, 1), (17, 2), (15, 3), (21, 4))


@attrs.frozen(kw_only=True)
class PayingUnit:
    """Who pays for one customer, or for the members of a payer group, and how they do it."""

    payer: Customer
    members: tuple[CustomerId, ...]
    country: str
    language: str
    currency: str
    method: Method
    bank_name: str
    account: str
    lateness: int
    """Median days past due."""
    weekday: int
    """The favourite day of payment; Monday is 0."""
    insolvent_after: int
    """Invoices it pays before it stops; a large number for those that never do."""


@attrs.frozen(kw_only=True)
class Market:
    """The customers, their payer groups, and who pays for whom."""

    customers: tuple[Customer, ...]
    currencies: tuple[str, ...]
    groups: tuple[PayerGroup, ...]
    units: tuple[PayingUnit, ...]


def dollar_iban() -> str:
    """The company's account in Canadian dollars."""
    return _french_iban(4218)


def creditor() -> Creditor:
    """The company that invoices: a maker of furniture for hotels and libraries, in Nantes."""
    company = _digits.siren(4217)
    return Creditor(
        creditor="MIRA",
        name="Manufacture Mirabelle SAS",
        locale="fr-FR",
        country="FR",
        currency="EUR",
        address=Address(
            lines=("12 quai des Copeaux",), postal_code="44000", city="Nantes", country="FR"
        ),
        identifiers=(
            Identifier("fr.siret", _digits.siret(company)),
            Identifier("fr.tva", _digits.french_vat(company)),
        ),
        iban=_french_iban(4217),
        bic="TESTFRPPXXX",
        accounts=(dollar_iban(),),
        email="comptabilite@mirabelle.example.com",
        phone="+33 2 61 91 00 17",
        legal_form="SAS au capital de 250 000 EUR, RCS Nantes 000 042 174",
    )


def plain(text: str) -> str:
    """A text as a bank prints it: capitals without accents.

    >>> plain("Hôtel de l'Aubépine SARL")
    "HOTEL DE L'AUBEPINE SARL"
    """
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).upper()


def stray_account(dice: Dice) -> str:
    """An account that nobody has on file."""
    return _french_iban(10**9 + dice.below(10**9))


def build_market(seed: int, *, count: int, with_cad: bool) -> Market:
    """Invent customers and who pays for them."""
    dice = Dice(seed, "market")
    countries = [_FRANCE, *(_draw_country(dice, with_cad=with_cad) for _ in range(count - 1))]
    groups = _draw_groups(dice, countries)
    customers = []
    counts: dict[str, int] = {}
    for index, country in enumerate(countries):
        nth = counts[country.code] = counts.get(country.code, -1) + 1
        group = groups.get(index, ("", index))
        customers.append(_customer(dice, country, index=index, nth=nth, group=group))
    return Market(
        customers=tuple(customers),
        currencies=tuple(country.currency for country in countries),
        groups=_payer_groups(customers, groups),
        units=tuple(_units(dice, customers, countries, groups)),
    )


def _draw_country(dice: Dice, *, with_cad: bool) -> _Country:
    return (_COUNTRIES if with_cad else _EUROPE).draw(dice)


def _draw_groups(dice: Dice, countries: Sequence[_Country]) -> dict[int, tuple[str, int]]:
    """The name and the head of the group of each French customer that is in one."""
    french = [index for index, country in enumerate(countries) if country is _FRANCE][1:]
    groups: dict[int, tuple[str, int]] = {}
    for number in range(len(countries) // _GROUP_EVERY):
        members = french[number * 8 : number * 8 + dice.pick(_GROUP_SIZES)]
        for member in members:
            groups[member] = (
                f"Groupe {_FRANCE.owners[number % 20].split()[-1]} {number + 1}",
                members[0],
            )
    return groups


def _customer(
    dice: Dice, country: _Country, *, index: int, nth: int, group: tuple[str, int]
) -> Customer:
    name = _name(country, nth)
    postal_code, town = dice.pick(country.towns)
    pays = group[1] == index
    account = _account(country, index)
    return Customer(
        customer=CustomerId(f"C-{index + 1:04d}"),
        name=name,
        locale=country.locale,
        country=country.code,
        address=Address(
            lines=(_street(country, dice),),
            postal_code=postal_code,
            city=town,
            region=country.region,
            country=country.code,
        ),
        contacts=(_contact(country, name, index),),
        identifiers=_numbers(country, index),
        ibans=(account,) if pays and country is not _QUEBEC else (),
        payer_group=group[0],
        terms=country.terms.draw(dice),
    )


def _name(country: _Country, nth: int) -> str:
    kinds, owners = len(country.kinds), len(country.owners)
    again = nth // (kinds * owners)
    place = nth % (kinds * owners)
    kind = country.kinds[place % kinds]
    owner = country.owners[(place + place // kinds) % owners]
    form = country.forms[nth % len(country.forms)]
    return " ".join(filter(None, (kind, owner, str(again + 1) if again else "", form)))


def _street(country: _Country, dice: Dice) -> str:
    street, number = dice.pick(country.streets), dice.between(1, 98)
    if country.code in ("ES", "DE"):
        return f"{street} {number}"
    return f"{number}{',' if country.code == 'CA' else ''} {street}"


def _contact(country: _Country, name: str, index: int) -> Contact:
    slug = re.sub(r"[^a-z0-9]+", "-", plain(name).lower()).strip("-")
    phones = {
        "FR": f"+33 2 61 91 {index // 100 % 100:02d} {index % 100:02d}",
        "CA": f"+1 514 555 01{index % 100:02d}",
        "DE": f"+49 30 23125 {index % 1000:03d}",
    }
    return Contact(
        name=country.desk,
        channel=Channel.EMAIL,
        email=f"{country.mailbox}@{slug}.example.com",
        phone=phones.get(country.code, ""),
    )


def _numbers(country: _Country, index: int) -> tuple[Identifier, ...]:
    number = 10_000 + index
    if country is _FRANCE:
        return (Identifier("fr.siret", _digits.siret(_digits.siren(number % 100_000))),)
    if country is _SPAIN:
        return (Identifier("es.cif", _digits.spanish_cif(number)),)
    if country is _GERMANY:
        return (Identifier("de.vat", _digits.german_vat(number)),)
    digits = f"00{number:06d}"
    return (Identifier("ca.bn", f"{digits}{_digits.luhn_digit(digits)}"),)


def _french_iban(number: int) -> str:
    account = _digits.french_account(bank="99999", branch="00001", account=f"{number:011d}")
    return _digits.iban("FR", account)


def _account(country: _Country, index: int) -> str:
    number = 500_000 + 37 * index
    if country is _SPAIN:
        account = _digits.spanish_account(bank="9999", branch="0001", account=f"{number:010d}")
        return _digits.iban("ES", account)
    if country is _GERMANY:
        return _digits.iban("DE", f"99999999{number:010d}")
    if country is _QUEBEC:
        return f"00019-999-{number:07d}"
    return _french_iban(number)


def _payer_groups(
    customers: Sequence[Customer], groups: dict[int, tuple[str, int]]
) -> tuple[PayerGroup, ...]:
    members: dict[tuple[str, int], list[int]] = {}
    for index, group in groups.items():
        members.setdefault(group, []).append(index)
    return tuple(
        PayerGroup(
            name=name,
            payer=customers[head].customer,
            members=tuple(customers[index].customer for index in indexes),
        )
        for (name, head), indexes in members.items()
    )


def _units(
    dice: Dice,
    customers: Sequence[Customer],
    countries: Sequence[_Country],
    groups: dict[int, tuple[str, int]],
) -> list[PayingUnit]:
    branches: dict[int, list[CustomerId]] = {}
    for index, (_, head) in groups.items():
        branches.setdefault(head, []).append(customers[index].customer)
    return [
        _unit(dice, customers[index], countries[index], index=index, members=branches.get(index))
        for index in range(len(customers))
        if index not in groups or groups[index][1] == index
    ]


def _unit(
    dice: Dice,
    payer: Customer,
    country: _Country,
    *,
    index: int,
    members: list[CustomerId] | None,
) -> PayingUnit:
    method = _method(dice, country, alone=members is None and index > 0)
    slow = dice.chance(_SLOW_SHARE) and method is not Method.DEBIT and index >= _PUNCTUAL
    stops = dice.chance(_INSOLVENT_SHARE) and index >= _SOLVENT
    return PayingUnit(
        payer=payer,
        members=tuple(members) if members else (payer.customer,),
        country=country.code,
        language=country.language,
        currency=country.currency,
        method=method,
        bank_name=plain(payer.name)[:_NAME_MAX],
        account=_account(country, index),
        lateness=(_SLOW if slow else _LATENESS).draw(dice),
        weekday=_WEEKDAYS.draw(dice),
        insolvent_after=dice.between(1, 12) if stops else 10**9,
    )


def _method(dice: Dice, country: _Country, *, alone: bool) -> Method:
    drawn = _FRENCH_METHODS.draw(dice)
    if country is _QUEBEC:
        return Method.FOREIGN
    return drawn if country is _FRANCE and alone else Method.TRANSFER
