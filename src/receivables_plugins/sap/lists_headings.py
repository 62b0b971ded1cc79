"""Headings of SAP's item lists in English, German, French and Spanish, and what they are to us.

They depend on the language of the user, the layout and the width of the column.  Those here are
what practitioners and exports show; none was checked against a system.  Others are mapped in the
settings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["AMOUNTS", "DAYS", "FIELDS", "LABELS", "field_of", "is_own", "normal"]

_NOT_WORD: Final = re.compile(r"[^0-9a-z]+")

_HEADINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "document": (
            "DocumentNo; Document Number; Doc. No.; Document No.; Doc.Number; Document; "
            "Belegnummer; Belegnr; Beleg-Nr.; BelegNr; Beleg; "
            "N° pièce; Nº pièce; Numéro de pièce; Numéro pièce; No pièce; Pièce; N° de pièce; "
            "Nº doc.; N° doc.; Nº documento; Número de documento; Núm.documento; NºDocumento"
        ),
        "type": (
            "Type; Ty; Ty.; DTyp; Doc. Type; Document Type; DocumentType; "
            "Art; Belegart; BelArt; BA; Type de pièce; Type pièce; TyPce; "
            "Clase; Clase de documento; Clase doc.; Cl.doc.; Clase documento"
        ),
        "document-date": (
            "Doc. Date; Doc.Date; Document Date; Belegdatum; Belegdat.; Belegdat; Beldat; "
            "Date pièce; Date de pièce; Dte pièce; Date de la pièce; "
            "Fecha doc.; Fecha de documento; Fecha documento; Fe.documento; Fecha doc; Fe.doc."
        ),
        "posting-date": (
            "Pstng Date; Posting Date; Post. Date; Postg Date; Pstg Date; PostingDate; "
            "Buch.dat.; Buchungsdatum; Buch.datum; Buchdat.; Buchungsdat.; "
            "Date comptable; Date cptable; Date cpt.; Dte cpt.; Date cptable.; Date de comptabilisation; "
            "Fe.contab.; Fecha contab.; Fecha de contabilización; Fecha contabilización; Fe.contabilización"
        ),
        "due-date": (
            "Net due dt; Net Due Date; Net due date; Due Date; Net due; Net Due Dt.; Due on; "
            "Nettofälligkeit; Nettofäll.; Netto fällig; Fälligkeit; Fällig am; Nettofälligk.; Netto-Fälligkeit; "
            "Échéance nette; Éch. nette; Échéance; Date d'échéance; Date échéance nette; Ech.nette; "
            "Venc.neto; Vencimiento neto; Venc. neto; Vencimiento; Fecha vencimiento neto; Fe.vencim.neto; Vto. neto"
        ),
        "amount": (
            "Amount in doc. curr.; Amount in DC; Amt in doc.cur.; Amount in Document Currency; "
            "Amount in doc.curr.; Amount in doc. cur.; Amt.in doc.curr.; Amount; Amount in TC; "
            "Betrag in Belegwährung; Betrag in BW; Betr. in BW; Belegwährungsbetrag; Betrag in BelegWhrg; "
            "Betrag Belegwährung; Betrag in Belegwähr; Betrag in Beleg-Whg; Betrag; "
            "Montant en devise pièce; Montant en DP; Montant devise pièce; Mnt en devise pièce; Montant DP; "
            "Montant en devise de la pièce; Montant en dev. pièce; Montant; "
            "Importe en moneda doc.; Importe en MD; Imp. en MD; Importe en moneda del documento; "
            "Importe en moneda documento; Importe mon.doc.; Importe en mon.doc.; Importe"
        ),
        "currency": (
            "Curr.; Crcy; Currency; Document currency; Doc. Currency; Curr; DCurr; "
            "Währg; Währung; Belegwährung; Whrg; Währ.; BWähr; "
            "Devise; Dev.; Devise pièce; Devise du document; Devise de la pièce; "
            "Mon.; Moneda; Moneda doc.; Moneda documento; Mon.doc.; Moneda del documento"
        ),
        "local-amount": (
            "Amt in loc.cur.; Amount in local currency; Amount in local cur.; Amount in LC; "
            "Amount in loc.curr.; Amount in Loc.Crcy 1; Amt.in loc.cur.; Amount in CC crcy; "
            "Betrag in Hauswährung; Betrag in HW; Betr.in HW; Hauswährungsbetrag; Betrag in Hauswähr; "
            "Betrag Hauswährung; Betrag in Hausw.; "
            "Montant en devise interne; Montant en DI; Mnt en DI; Montant DI; Montant devise interne; "
            "Montant en dev. int.; Mnt en devise interne; "
            "Importe en moneda local; Importe en ML; Imp. en ML; Importe mon.local; Importe en mon.local"
        ),
        "local-currency": (
            "LCurr; LCurr.; Local Currency; Local crcy; Loc.Curr.; Local Crcy; "
            "HWähr; Hauswährung; Hauswähr; HWährg; HW; Hausw.; "
            "Devise interne; DevI; Dev.int.; DI; Dev. interne; Moneda local; ML; MonL; Mon.local; Mon.loc."
        ),
        "reference": "Reference; Reference number; Ref.; Referenz; Référence; Réf.; Referencia",
        "assignment": "Assignment; Zuordnung; Affectation; Asignación",
        "text": "Text; Item Text; Positionstext; Texte; Texto",
        "clearing": (
            "Clrng doc.; Clearing Document; Clearing Doc.; Clrng Document; Clrg Doc.; Clearing doc; "
            "Ausgl.beleg; Ausgleichsbeleg; AusglBel.; Ausgl.-Beleg; Ausgleichsbel.; Ausgl.Bel.; "
            "Pièce rappr.; Pièce de rapprochement; Pce rappr.; Pièce rapprochement; "
            "Doc.comp.; Documento de compensación; Doc. compensación; Doc.compens.; Docum.compens."
        ),
        "clearing-date": (
            "Clearing; Clearing date; Clrg date; Clrng date; Clearing Dte; "
            "Ausgleich; Ausgleichsdatum; Ausgl.dat.; Ausgl.datum; Ausgleichsdat.; "
            "Rapprochement; Date rappr.; Date de rapprochement; Rapproch.; Dte rappr.; "
            "Compens.; Compensación; Fecha compensación; Fe.compens.; Fecha compens.; Fecha de compensación"
        ),
        "company": (
            "CoCd; Company Code; CoCode; Co.Code; Comp.Code; BuKr; BuKr.; Buchungskreis; Bukrs; "
            "Sté; Société; Soc.; Sociedad"
        ),
        "customer": (
            "Customer; Account; Customer Account; Cust. No.; Customer number; Customer No.; Cust.; "
            "Debitor; Kunde; Konto; Kundennummer; Debitorenkonto; Kunden-Nr.; "
            "Client; Compte; N° client; Compte client; Cliente; Deudor; Cuenta; Nº cliente"
        ),
        "customer-name": (
            "Customer Name1; Name 1; Name; Customer Name; Name1; Account name; Customer name 1; "
            "Debitorenname; Kundenname; Name des Kunden; Nom 1; Nom; Nom du client; Nom client; "
            "Nombre 1; Nombre; Nombre cliente; Nombre del cliente"
        ),
        "terms": (
            "PayT; Terms of Payment; Payt Terms; Pyt Terms; Payment terms; PayTrms; "
            "ZBed; Zahlungsbedingung; ZahlBed; ZBed.; Zahlungsbed.; "
            "CPmt; Conditions de paiement; CdPm; Cond.paiement; Cond. pmt; "
            "CPag; Condiciones de pago; Cond.pago; Cond. pago"
        ),
        "special-gl": (
            "SG; Special G/L ind.; Sp.G/L; S.G/L; Special G/L indicator; Spec. G/L ind.; SGL Ind.; "
            "Special G/L; Sp.GL; SHB; SH; SHK; SHBKz; Sonderhauptb.kz; Sonderhauptbuchkennz.; Sonderhauptbuchkennzeichen; SH-Kz; SHBK; Sonderhauptbuch; SHB-Kennzeichen; "
            "CGS; Code CGS; Code cpte GS; CME; Indicador CME; Ind.CME"
        ),
        "posting-key": (
            "PK; Posting Key; PstKy; BS; Buchungsschlüssel; BSchl; Clé comptabilisation; "
            "Clé de comptabilisation; Clé cpt.; CT; Clave contabilización; Clave de contabilización"
        ),
        "item": "Itm; Item; Line item; LItm; Pos; Pos.; Position; Buchungszeile; Poste; Posición; Apunte",
        "year": (
            "Year; Fiscal Year; FYear; Jahr; Geschäftsjahr; GJahr; Gjhr; "
            "Exercice; Exer.; Exercice comptable; Ejercicio; Año"
        ),
        "billing": (
            "Bill.Doc.; Billing Document; Billing Doc.; Bill. Doc.; Faktura; "
            "Doc. facturation; Document de facturation; Facture; Factura; Doc.factur.; Doc.facturación"
        ),
        "invoice": (
            "Inv. ref.; Invoice reference; Inv.ref.; Rechnungsbezug; Rechn.bezug; "
            "Référence facture; Réf.facture; Referencia factura; Ref.factura"
        ),
    }
)

FIELDS: Final = frozenset(_HEADINGS)
"""Our fields, to which headings can be mapped."""

DAYS: Final = ("document-date", "posting-date", "due-date", "clearing-date")
"""The fields that are days."""

AMOUNTS: Final = ("amount", "local-amount")
"""The fields that are amounts."""


def normal(heading: str) -> str:
    """A heading without case, accents, blanks and marks.

    >>> normal("Nettofäll."), normal("N° pièce"), normal(" Amt in loc.cur. ")
    ('nettofall', 'npiece', 'amtinloccur')
    """
    plain = unicodedata.normalize("NFKD", heading.casefold().replace("º", "").replace("°", ""))
    return _NOT_WORD.sub("", plain.replace("ß", "ss"))


_FIELD_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        normal(heading): field
        for field, headings in _HEADINGS.items()
        for heading in headings.split(";")
    }
)
_LABELS: Final = {
    "customer": "customer; account; debitor; kunde; client; cliente; deudor",
    "company": "company code; buchungskreis; société; sociedad",
    "customer-name": "name; customer name; name 1; nom; nombre",
}
LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {normal(word): field for field, words in _LABELS.items() for word in words.split(";")}
)
"""What stands above the items of an account, and is said of all of them."""


def field_of(heading: str) -> str:
    """Our field of a heading, in any of the four languages; empty where it is not known.

    >>> field_of("Net due dt"), field_of("Nettofälligkeit"), field_of("Venc.neto"), field_of("Colour")
    ('due-date', 'due-date', 'due-date', '')
    """
    return _FIELD_OF.get(normal(heading), "")


_COMMON_WORDS: Final = """
Document; Document No.; Document Number; Doc. No.; Doc. Number; Type; Document Type;
Document Date; Posting Date; Due Date; Due on; Amount; Currency; Reference; Text;
Customer; Reference number; Ref.; Account; Customer Account; Customer number; Customer
No.; Cust. No.; Name; Name 1; Account name; Customer Name; Payment terms; Terms of
Payment; Item; Line item; Year; Fiscal Year; Local Currency; Document currency; Doc.
Currency; Billing Document; Position; Pos.; Belegnummer; Belegnr; Beleg-Nr.; Beleg;
Belegart; Art; Belegdatum; Buchungsdatum; Betrag; Fälligkeit; Fällig am; Währung;
Referenz; Konto; Kunde; Kundennummer; Kunden-Nr.; Debitor; Kundenname; Name des Kunden;
Debitorenname; Jahr; Geschäftsjahr; Zahlungsbedingung; Pièce; N° pièce; Numéro de pièce;
N° de pièce; Type de pièce; Date pièce; Date de pièce; Date comptable; Échéance; Date
d'échéance; Montant; Devise; Référence; Réf.; Texte; Client; Compte; N° client; Compte
client; Nom; Nom du client; Nom client; Société; Exercice; Facture; Conditions de
paiement; Poste; Nº documento; Número de documento; Nº doc.; Clase; Clase de documento;
Fecha documento; Fecha de documento; Fecha de contabilización; Vencimiento; Importe;
Moneda; Referencia; Texto; Cliente; Cuenta; Deudor; Nº cliente; Nombre; Nombre cliente;
Nombre del cliente; Sociedad; Ejercicio; Año; Factura; Condiciones de pago; Posición
"""
_COMMON: Final = frozenset(normal(word) for word in _COMMON_WORDS.split(";"))
"""Headings that any system's list may have."""


def is_own(heading: str) -> bool:
    """Whether a heading is known and is SAP's own way of writing it.

    >>> is_own("Net due dt"), is_own("Betr. in HW"), is_own("Due Date"), is_own("Colour")
    (True, True, False, False)
    """
    name = normal(heading)
    return name in _FIELD_OF and name not in _COMMON
