"""Invented creditors, customers and items, one set for each country that letters are written in."""

from __future__ import annotations

import datetime as dt

import attrs

from receivables.errors import TranslationMissingError
from receivables.ledger.model import NoticedItem
from receivables.letters import KINDS, Letter, packaged_texts
from receivables.parties import Address, Channel, Contact, Creditor, Customer, Identifier
from receivables.statements import ReplyTo
from receivables.testing._letter_scenes import LetterScene

__all__ = ["SCENES", "approved_keys", "sample"]

_DATED = dt.date(2026, 11, 2)

_CREDITORS = {
    "fr-FR": Creditor(
        creditor="MIRA",
        name="Mira Outillage SAS",
        locale="fr-FR",
        country="FR",
        currency="EUR",
        address=Address(lines=["12 rue de la Fosse"], postal_code="44000", city="Nantes"),
        identifiers=[Identifier("fr.siret", "73282932000074")],
        iban="FR7630006000011234567890189",
        bic="AGRIFRPP",
        email="comptes.clients@mira.example",
        phone="02 40 00 00 00",
        legal_form="SAS au capital de 250 000 €, RCS Nantes 732 829 320",
    ),
    "fr-CA": Creditor(
        creditor="NORDIK",
        name="Quincaillerie Nordik inc.",
        locale="fr-CA",
        country="CA",
        currency="CAD",
        address=Address(
            lines=["400, rue Saint-Paul"], postal_code="G1K 3W7", city="Québec", region="QC"
        ),
        identifiers=[Identifier("ca.bn", "123026635")],
        email="recevables@nordik.example",
        phone="418 555-0100",
    ),
    "en-US": Creditor(
        creditor="HARBOR",
        name="Harbor Tool Supply LLC",
        locale="en-US",
        country="US",
        currency="USD",
        address=Address(
            lines=["1200 Front Street"], postal_code="97209", city="Portland", region="OR"
        ),
        identifiers=[Identifier("us.ein", "91-1144442")],
        email="ar@harbor.example",
        phone="(503) 555-0100",
    ),
    "en-CA": Creditor(
        creditor="MAPLE",
        name="Maple Fasteners Ltd.",
        locale="en-CA",
        country="CA",
        currency="CAD",
        address=Address(
            lines=["88 King Street West"], postal_code="M5X 1A9", city="Toronto", region="ON"
        ),
        identifiers=[Identifier("ca.bn", "123026635")],
        email="ar@maple.example",
        phone="416-555-0100",
    ),
    "en-GB": Creditor(
        creditor="THAMES",
        name="Thames Ironmongers Ltd",
        locale="en-GB",
        country="GB",
        currency="GBP",
        address=Address(lines=["5 Wharf Road"], postal_code="N1 7GS", city="London"),
        identifiers=[Identifier("gb.vat", "980780684")],
        iban="GB29NWBK60161331926819",
        bic="NWBKGB2L",
        email="credit@thames.example",
        phone="020 7946 0100",
        legal_form="Registered in England and Wales, no. 01234567",
    ),
    "es-ES": Creditor(
        creditor="LEVANTE",
        name="Ferretería Levante SL",
        locale="es-ES",
        country="ES",
        currency="EUR",
        address=Address(lines=["Calle del Mar, 18"], postal_code="46003", city="Valencia"),
        identifiers=[Identifier("es.nif", "B64717838")],
        iban="ES9121000418450200051332",
        bic="CAIXESBB",
        email="clientes@levante.example",
        phone="960 000 100",
    ),
    "es-MX": Creditor(
        creditor="ANAHUAC",
        name="Herramientas Anáhuac SA de CV",
        locale="es-MX",
        country="MX",
        currency="MXN",
        address=Address(lines=["Av. Reforma 222"], postal_code="06600", city="Ciudad de México"),
        identifiers=[Identifier("mx.rfc", "MAB9307148T4")],
        email="cobranza@anahuac.example",
        phone="55 5555 0100",
    ),
}

_CUSTOMERS = {
    "fr-FR": Customer(
        customer="C-017",
        name="Quincaillerie de l’Erdre",
        locale="fr-FR",
        country="FR",
        address=Address(lines=["8 allée des Tanneurs"], postal_code="44240", city="Sucé-sur-Erdre"),
        contacts=[Contact(name="Comptabilité", email="ap@erdre.example", phone="02 40 11 22 33")],
    ),
    "fr-CA": Customer(
        customer="C-017",
        name="Rénovations Tremblay inc.",
        locale="fr-CA",
        country="CA",
        address=Address(
            lines=["35, rue Racine Est"], postal_code="G7H 1R2", city="Saguenay", region="QC"
        ),
        contacts=[Contact(name="Mme Gagnon", email="ap@tremblay.example", phone="418 555-0177")],
    ),
    "en-US": Customer(
        customer="C-017",
        name="Cascade Builders Inc.",
        locale="en-US",
        country="US",
        address=Address(lines=["77 Pine Avenue"], postal_code="98101", city="Seattle", region="WA"),
        contacts=[
            Contact(name="Accounts Payable", email="ap@cascade.example", phone="(206) 555-0177")
        ],
    ),
    "en-CA": Customer(
        customer="C-017",
        name="Prairie Contractors Ltd.",
        locale="en-CA",
        country="CA",
        address=Address(
            lines=["210 Portage Avenue"], postal_code="R3C 0B5", city="Winnipeg", region="MB"
        ),
        contacts=[
            Contact(name="Accounts Payable", email="ap@prairie.example", phone="204-555-0177")
        ],
    ),
    "en-GB": Customer(
        customer="C-017",
        name="Pennine Builders Ltd",
        locale="en-GB",
        country="GB",
        address=Address(lines=["41 Mill Lane"], postal_code="LS1 4AP", city="Leeds"),
        contacts=[
            Contact(name="Purchase Ledger", email="ap@pennine.example", phone="0113 496 0177")
        ],
    ),
    "es-ES": Customer(
        customer="C-017",
        name="Reformas Turia SL",
        locale="es-ES",
        country="ES",
        address=Address(lines=["Calle Colón, 40"], postal_code="12001", city="Castellón"),
        contacts=[Contact(name="Administración", email="ap@turia.example", phone="964 000 177")],
    ),
    "es-MX": Customer(
        customer="C-017",
        name="Construcciones Jalisco SA de CV",
        locale="es-MX",
        country="MX",
        address=Address(lines=["Calle Morelos 15"], postal_code="44100", city="Guadalajara"),
        contacts=[
            Contact(name="Cuentas por pagar", email="ap@jalisco.example", phone="33 5555 0177")
        ],
    ),
}

_PERSONS = {
    "fr-FR": "Hélène Maréchal",
    "fr-CA": "Hélène Bouchard",
    "en-US": "Helen Marsh",
    "en-CA": "Helen Macdonald",
    "en-GB": "Helen Whitaker",
    "es-ES": "Elena Navarro",
    "es-MX": "Elena Robles",
}
"""Who a consumer is; each lives where the business of the country is."""

_AUDITORS = {"fr": "Audit & Associés", "en": "Audit & Partners", "es": "Auditores Asociados"}

_AUDITOR_LINES = {
    "fr-FR": "1 place Graslin",
    "fr-CA": "1, place d’Youville",
    "en-US": "500 Market Street",
    "en-CA": "40 Bay Street",
    "en-GB": "12 Cheapside",
    "es-ES": "Calle de la Paz, 7",
    "es-MX": "Av. Juárez 100",
}

_CHARGED = frozenset({"final-reminder", "formal-notice", "phone-script-final"})
"""Kinds that a procedure charges interest and costs with."""

_COMPENSATED = {"fr-FR": 40_00, "es-ES": 40_00, "en-GB": 70_00}
"""Where the law gives a fixed sum for recovery costs, between businesses: for debts of these sizes."""


def _item(number: int) -> NoticedItem:
    day = dt.timedelta(days=number * 3)
    return NoticedItem(
        item=f"2026-{100 + number:04}",
        level=1,
        open_minor=123_450 + number * 7_919,
        document_date=dt.date(2026, 8, 1) + day,
        due_date=dt.date(2026, 8, 31) + day,
        held_minor=20_000 if number == 4 else 0,
    )


def _charge(name: str, amount_minor: int) -> NoticedItem:
    return NoticedItem(
        item=name, level=0, open_minor=amount_minor, document_date=_DATED, due_date=_DATED
    )


def _business(locale: str) -> LetterScene:
    creditor = _CREDITORS[locale]
    auditor = ReplyTo(
        name=_AUDITORS[locale[:2]],
        address=attrs.evolve(
            creditor.address, lines=[_AUDITOR_LINES[locale]], country=creditor.country
        ),
        email="confirmations@audit.example",
        reference="A-2026-017",
    )
    return LetterScene(
        creditor=creditor,
        customer=_CUSTOMERS[locale],
        currency=creditor.currency,
        dated=_DATED,
        items=[_item(number) for number in range(12)],
        credit_minor=-50_000,
        auditor=auditor,
    )


SCENES = {locale: _business(locale) for locale in _CREDITORS}
"""Twelve items each, one of them held back in part, and a credit."""


def sample(kind: str, locale: str) -> Letter:
    """The letter of a kind in a locale, charged where procedures charge, to a person where it says."""
    scene = SCENES[locale]
    if kind.endswith("-consumer"):
        person = _PERSONS[locale]
        contact = Contact(name=person, channel=Channel.POST, email="h@mail.example", phone="0100")
        customer = attrs.evolve(scene.customer, name=person, contacts=[contact])
        return attrs.evolve(scene, customer=customer, items=scene.items[:2], credit_minor=0).letter(
            kind
        )
    if kind not in _CHARGED:
        return scene.letter(kind)
    charges = {"INT-0019": ("late-interest", 4_817)}
    if locale in _COMPENSATED:
        charges["CMP-0019"] = ("compensation", 10 * _COMPENSATED[locale])
    return attrs.evolve(
        scene,
        items=[*scene.items[:10], *(_charge(name, minor) for name, (_, minor) in charges.items())],
        categories={name: category for name, (category, _) in charges.items()},
    ).letter(kind)


def approved_keys() -> tuple[tuple[str, str], ...]:
    """Every kind and locale that a letter is written in, kinds to consumers included."""
    texts = packaged_texts()
    kinds = [*KINDS, *(f"{kind}-consumer" for kind in KINDS)]
    return tuple((kind, locale) for kind in kinds for locale in SCENES if _has(texts, kind, locale))


def _has(texts, kind, locale):
    try:
        texts.find(kind, locale)
    except TranslationMissingError:
        return False
    return True
