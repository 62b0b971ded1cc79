"""Which column is what: by the headings that bureaus and insurers write in three languages.

Headings are compared without accents, marks and capitals.  The same word may be another field in
another kind of list (*amount*, *type*), so each kind has words of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from receivables_plugins.credit_csv.settings import FIELDS, NEEDED, CreditCsvSettings

__all__ = ["Header", "figure_field", "find_header", "normal"]

_CUSTOMER: Final = """
    customer, customer id, customer number, customer no, customer code, account, account number,
    debtor, debtor id, buyer, buyer id, client id, company, company id,
    client, code client, numero client, n client, no client, identifiant client, debiteur,
    acheteur, societe,
    cliente, codigo cliente, codigo de cliente, numero cliente, numero de cliente, n cliente,
    deudor, comprador, sociedad,
"""
_CURRENCY: Final = """
    currency, currency code, ccy, devise, monnaie, code devise, moneda, divisa, codigo moneda,
"""
_SINCE: Final = """
    since, from, valid from, start, start date, effective from, effective date, granted on,
    depuis, du, debut, date debut, date de debut, date d effet, accorde le,
    desde, inicio, fecha inicio, fecha de inicio, fecha de efecto, concedido el,
"""
_UNTIL: Final = """
    until, to, valid until, valid to, expiry, expiry date, expires on, expires, end, end date,
    jusqu au, jusque, au, fin, date fin, date de fin, echeance, date d expiration, valable jusqu au,
    hasta, fin de validez, fecha fin, fecha de fin, vencimiento, fecha de vencimiento, valido hasta,
    caducidad,
"""
_NOTE: Final = """
    note, notes, comment, comments, remark, remarks, commentaire, commentaires, remarque, observation,
    nota, notas, comentario, comentarios, observaciones,
"""
_REFERENCE: Final = """
    reference, ref, reference number, reference du dossier, numero de dossier, referencia, expediente,
"""
_KIND: Final = "kind, type, nature, tipo, clase, naturaleza, categoria,"

_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "scores": {
            "id": "score id, rating id, report id, id score, id note, id puntuacion,",
            "customer": _CUSTOMER,
            "source": """
                source, bureau, agency, provider, scale, score source, agence, fournisseur, echelle,
                fuente, agencia, proveedor, escala,
            """,
            "value": """
                score, rating, grade, value, credit score, credit rating, risk score, note, cotation,
                cote, note de credit, notation, valeur, puntuacion, calificacion, rating crediticio,
                valor, nota de riesgo,
            """,
            "points": "points, score points, puntos,",
            "rated-on": """
                rated on, rating date, score date, date, date of rating, as of, date du score,
                date de notation, date de la note, note le, fecha, fecha puntuacion,
                fecha de calificacion, fecha de puntuacion,
            """,
            "valid-until": _UNTIL,
            "limit": """
                limit, credit limit, recommended limit, credit opinion, limite, limite de credit,
                plafond, encours conseille, avis de credit, limite de credito, limite recomendado,
                credito recomendado,
            """,
            "currency": _CURRENCY,
            "note": "comment, comments, remark, remarks, commentaire, commentaires, comentario,"
            "comentarios, observaciones,",
        },
        "limits": {
            "id": "limit id, limit number, limit no, id limite, numero limite, numero de limite,",
            "customer": _CUSTOMER,
            "group": "group, payer group, buyer group, groupe, groupe payeur, grupo, grupo pagador,",
            "country": "country, country code, pays, code pays, pais, codigo pais,",
            "amount": """
                limit, credit limit, amount, limit amount, approved limit, agreed limit, insured
                limit, limite, limite de credit, plafond, montant, montant accorde, garantie
                accordee, limite acordado, limite de credito, limite asegurado, importe, monto,
            """,
            "currency": _CURRENCY,
            "kind": f"{_KIND} limit type, limit kind, type de limite, tipo de limite,",
            "since": _SINCE,
            "until": _UNTIL,
            "cover": """
                cover, cover percent, coverage, insured percentage, insured percent, quotite,
                quotite garantie, couverture, taux de couverture, cobertura, porcentaje de cobertura,
                porcentaje asegurado,
            """,
            "policy": "policy, policy number, insurance policy, police, numero de police, contrat,"
            "poliza, numero de poliza, contrato,",
            "reference": f"{_REFERENCE} decision, decision number, numero de decision,",
            "by": "by, granted by, decided by, insurer, par, accorde par, assureur, por,"
            "concedido por, aseguradora,",
            "reason": "reason, motif, raison, motivo, razon,",
            "collateral": "collateral, collateral kind, collateral type, security, surete, garantie,"
            "type de garantie, garantia, tipo de garantia,",
            "collateral-value": "collateral value, security value, valeur de la surete,"
            "valeur de la garantie, valor de la garantia,",
            "rank": "rank, rang, rango,",
            "prior": "prior, prior claims, prior ranking, rang anterieur, creances prioritaires,"
            "cargas previas,",
            "haircut": "haircut, haircut percent, decote, recorte, descuento de valor,",
            "valued-on": "valued on, valuation date, date d evaluation, evalue le,"
            "fecha de valoracion, fecha de tasacion,",
            "provider": "guarantor, garant, garante, avalista, garanti par,",
        },
        "commitments": {
            "id": """
                commitment, commitment id, order, order number, order no, sales order, delivery,
                delivery note, delivery number, bill, cheque, check, engagement, commande,
                numero de commande, n commande, bon de livraison, numero de bon de livraison, traite,
                compromiso, pedido, numero de pedido, n pedido, albaran, numero de albaran, letra,
            """,
            "customer": _CUSTOMER,
            "kind": f"{_KIND} commitment kind, commitment type, type d engagement,"
            "tipo de compromiso,",
            "amount": """
                amount, value, total, order value, open value, montant, montant ttc, valeur, importe,
                monto, valor,
            """,
            "currency": _CURRENCY,
            "since": f"{_SINCE} order date, date de commande, fecha de pedido, fecha del pedido,",
            "until": _UNTIL.replace("echeance,", "").replace(
                "vencimiento, fecha de vencimiento,", ""
            ),
            "expected-on": """
                expected on, expected, expected date, delivery date, due date, maturity, maturity
                date, due on, prevu le, date prevue, date de livraison, echeance, date d echeance,
                previsto el, fecha prevista, fecha de entrega, vencimiento, fecha de vencimiento,
            """,
            "creditor": "creditor, entity, seller, creancier, entite, vendeur, acreedor, entidad,"
            "vendedor,",
        },
        "insolvencies": {
            "id": "insolvency, insolvency id, proceeding id, case number, id procedure,"
            "numero de procedure, numero de procedimiento, id concurso,",
            "customer": _CUSTOMER,
            "kind": f"""
                {_KIND} proceeding, proceedings, procedure, insolvency kind, insolvency type,
                type de procedure, procedure collective, procedimiento, tipo de procedimiento,
                concurso,
            """,
            "opened-on": """
                opened on, opening date, judgment date, judgement date, date of opening, opened,
                ouvert le, ouverte le, date d ouverture, date du jugement, date de jugement,
                abierto el, fecha de apertura, fecha apertura, fecha del auto, fecha de declaracion,
            """,
            "court": "court, tribunal, greffe, juzgado,",
            "administrator": "administrator, liquidator, trustee, administrateur, mandataire,"
            "mandataire judiciaire, liquidateur, administrador concursal, administrador, liquidador,",
            "file-claim-by": """
                file claim by, claim deadline, filing deadline, deadline, delai de declaration,
                date limite de declaration, declarer avant le, fecha limite de comunicacion,
                comunicar antes del, plazo de comunicacion,
            """,
            "claim-filed-on": "claim filed on, filed on, creance declaree le, declaree le,"
            "comunicado el, credito comunicado el,",
            "reference": _REFERENCE,
            "note": _NOTE,
        },
        "financials": {
            "id": "financials, statement, statement id, accounts id, id bilan, id comptes,"
            "id balance, id cuentas,",
            "customer": _CUSTOMER,
            "period-end": """
                period end, year end, balance sheet date, closing date, accounts date, period ending,
                fiscal year end, as at, cloture, date de cloture, date cloture, date du bilan,
                fin d exercice, cierre, fecha de cierre, fecha cierre, fecha del balance,
                fin de ejercicio,
            """,
            "currency": _CURRENCY,
            "months": "months, period months, duration, mois, duree, duree de l exercice, meses,"
            "duracion,",
            "unit": "unit, units, multiplier, scale, unite, unites, unidad, unidades,",
            "audited": "audited, is audited, audites, audite, certifie, auditado, auditadas,",
            "consolidated": "consolidated, is consolidated, consolide, consolides, consolidado,"
            "consolidadas,",
            "source": "source, bureau, provider, fournisseur, fuente, proveedor,",
            "figure": "figure, item, line item, poste, rubrique, partida, concepto,",
            "value": "value, amount, valeur, montant, valor, importe,",
            "total-assets": "total assets, assets, balance sheet total, total actif, total bilan,"
            "total du bilan, actif total, total activo, activo total, total del activo,",
            "fixed-assets": "fixed assets, non current assets, noncurrent assets, actif immobilise,"
            "immobilisations, actif non courant, activo no corriente, inmovilizado, activo fijo,",
            "intangible-assets": "intangible assets, intangibles, immobilisations incorporelles,"
            "incorporels, inmovilizado intangible, activos intangibles, activo intangible,",
            "current-assets": "current assets, actif circulant, actif courant, activo corriente,"
            "activo circulante,",
            "inventory": "inventory, inventories, stock, stocks, existencias, inventario,"
            "inventarios,",
            "trade-receivables": "trade receivables, accounts receivable, receivables, debtors,"
            "creances clients, clients et comptes rattaches, clientes, deudores comerciales,",
            "working-capital": "working capital, net working capital, fonds de roulement,"
            "fondo de maniobra, capital circulante,",
            "cash": "cash, cash and cash equivalents, cash and equivalents, disponibilites,"
            "tresorerie, efectivo, tesoreria, efectivo y equivalentes,",
            "total-liabilities": "total liabilities, liabilities, total debt, dettes, total dettes,"
            "total des dettes, dettes totales, pasivo, total pasivo, pasivo total, deudas totales,",
            "current-liabilities": "current liabilities, dettes a court terme, passif courant,"
            "dettes court terme, pasivo corriente, pasivo circulante, deudas a corto plazo,",
            "long-term-liabilities": "long term liabilities, non current liabilities, noncurrent"
            " liabilities, dettes a long terme, dettes a moyen et long terme, passif non courant,"
            "pasivo no corriente, deudas a largo plazo,",
            "trade-payables": "trade payables, accounts payable, payables, dettes fournisseurs,"
            "fournisseurs, proveedores, acreedores comerciales,",
            "financial-debt": "financial debt, borrowings, interest bearing debt, dettes financieres,"
            "emprunts, deuda financiera, deudas financieras,",
            "provisions": "provisions, provisions pour risques et charges, provisiones,",
            "equity": "equity, net worth, shareholders equity, capitaux propres, fonds propres,"
            "situation nette, patrimonio neto, fondos propios,",
            "share-capital": "share capital, capital, capital social,",
            "retained-earnings": "retained earnings, reserves, reserves et report a nouveau, reservas,"
            "resultados acumulados, ganancias retenidas,",
            "market-equity": "market equity, market capitalization, market capitalisation,"
            "market value of equity, market cap, capitalisation boursiere, capitalizacion bursatil,",
            "sales": "sales, revenue, revenues, turnover, net sales, chiffre d affaires, ca, ca ht,"
            "chiffre d affaires ht, ventas, cifra de negocios, importe neto de la cifra de negocios,"
            "ingresos,",
            "purchases": "purchases, achats, compras,",
            "cost-of-sales": "cost of sales, cost of goods sold, cogs, cout des ventes,"
            "cout d achat des marchandises vendues, coste de ventas, costo de ventas,",
            "value-added": "value added, valeur ajoutee, valor anadido, valor agregado,",
            "personnel-costs": "personnel costs, staff costs, payroll, charges de personnel,"
            "frais de personnel, gastos de personal,",
            "operating-expenses": "operating expenses, opex, charges d exploitation,"
            "gastos de explotacion, gastos operativos,",
            "ebitda": "ebitda, ebe, excedent brut d exploitation, resultado bruto de explotacion,",
            "depreciation": "depreciation, depreciation and amortization, amortization, d a,"
            "dotations aux amortissements, amortissements, amortizacion, amortizaciones,",
            "ebit": "ebit, operating profit, operating income, resultat d exploitation,"
            "resultado de explotacion, resultado operativo,",
            "interest-expense": "interest expense, interest, financial expense, financial expenses,"
            "charges financieres, frais financiers, charges d interets, gastos financieros,"
            "intereses,",
            "pretax-income": "pretax income, profit before tax, income before tax, earnings before"
            " tax, pbt, ebt, resultat avant impot, resultat avant impots, resultado antes de"
            " impuestos, bai,",
            "income-tax": "income tax, tax, taxes, tax expense, impot sur les benefices, impot,"
            "impots, impuesto sobre beneficios, impuesto de sociedades, impuestos,",
            "net-income": "net income, net profit, profit for the year, net earnings, resultat net,"
            "resultat de l exercice, benefice net, resultado neto, resultado del ejercicio,"
            "beneficio neto,",
            "funds-from-operations": "funds from operations, ffo, cash flow, cash flow from"
            " operations, capacite d autofinancement, caf, flujo de operaciones, recursos generados,",
        },
    }
)
"""Each field of each kind of list, and its headings, without accents and marks."""


def normal(text: str) -> str:
    """A heading as it is compared: small letters and figures, no accents, single blanks.

    >>> normal(" Chiffre d’affaires (HT) "), normal("Límite_de crédito")
    ('chiffre d affaires ht', 'limite de credito')
    """
    bare = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if not one.isalnum() else one for one in bare if not unicodedata.combining(one))
    return " ".join("".join(kept).split())


def _by_heading(record: str) -> dict[str, str]:
    found = {normal(field): field for field in FIELDS[record]}
    for field, words in _WORDS[record].items():
        for word in words.split(","):
            if word.strip():
                found.setdefault(normal(word), field)
    return found


_FIELDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {record: MappingProxyType(_by_heading(record)) for record in FIELDS}
)
_FIGURES: Final = frozenset(FIELDS["financials"][FIELDS["financials"].index("value") + 1 :])
_FIGURES_MIN: Final = 2
"""Figures that a list of statements has at least, unless each stands on a row of its own."""


def figure_field(text: str) -> str:
    """The figure that a word names; empty where it is none.

    >>> figure_field("Capitaux propres"), figure_field("Ville")
    ('equity', '')
    """
    field = _FIELDS["financials"].get(normal(text), "")
    return field if field in _FIGURES else ""


@attrs.frozen(kw_only=True)
class Header:
    """The line of headings: the kind of list, and the column of each field."""

    record: str
    cells: tuple[str, ...]
    columns: Mapping[str, int]
    doubled: tuple[str, ...] = ()
    """Fields that two columns could be."""

    @property
    def unread(self) -> tuple[str, ...]:
        """The headings of columns that are no field."""
        used = set(self.columns.values())
        return tuple(
            name
            for place, name in enumerate(self.cells)
            if name and place not in used and normal(name) not in self._of_doubled
        )

    @property
    def _of_doubled(self) -> frozenset[str]:
        known = _FIELDS[self.record]
        return frozenset(word for word, field in known.items() if field in self.doubled)

    def heading(self, field: str) -> str:
        """How the file calls a field."""
        return self.cells[self.columns[field]] if field in self.columns else field


def find_header(cells: Sequence[str], settings: CreditCsvSettings) -> tuple[Header, ...]:
    """The kinds of list that headings can be of, those with the most columns read; mostly one.

    >>> [one.record for one in find_header(["Client", "Note", "Date du score"], CreditCsvSettings())]
    ['scores']
    """
    records = (settings.record,) if settings.record else tuple(FIELDS)
    found = [one for record in records if (one := _header(cells, record, settings)) is not None]
    most = max((len(one.columns) for one in found), default=0)
    return tuple(one for one in found if len(one.columns) == most)


def _header(cells: Sequence[str], record: str, settings: CreditCsvSettings) -> Header | None:
    names = tuple(cell.strip() for cell in cells)
    if any(name not in names for name in settings.columns.values()):
        return None
    columns = {field: names.index(name) for field, name in settings.columns.items()}
    doubled = [field for field, name in settings.columns.items() if names.count(name) > 1]
    for place, name in enumerate(names):
        field = _FIELDS[record].get(normal(name), "")
        if not field or field in settings.columns or place in columns.values():
            continue
        if field in columns:
            doubled.append(field)
        else:
            columns[field] = place
    if record == "scores" and "value" not in columns and "note" in columns:
        # In French a note is a score; beside another one it is a remark.
        columns["value"] = columns.pop("note")
    header = Header(record=record, cells=names, columns=columns, doubled=tuple(doubled))
    is_sure = bool(settings.record) or _is_proved(header)
    return header if _is_whole(header) and is_sure else None


_WEAK: Final[Mapping[str, tuple[str, frozenset[str], frozenset[str]]]] = MappingProxyType(
    {
        "limits": (
            "amount",
            frozenset({"amount", "montant", "importe", "monto"}),
            frozenset({"id", "cover", "policy", "collateral"}),
        ),
        "scores": (
            "value",
            frozenset({"value", "valeur", "valor"}),
            frozenset({"id", "source", "points"}),
        ),
    }
)
"""Headings that any list may have, by the field they would be, and the fields that prove them."""


def _is_proved(header: Header) -> bool:
    """Whether more than words of any list say what kind a list is of."""
    if header.record not in _WEAK:
        return True
    field, weak, proofs = _WEAK[header.record]
    return normal(header.heading(field)) not in weak or bool(proofs & set(header.columns))


def _is_whole(header: Header) -> bool:
    """Whether a list of the kind can be read from the columns there are."""
    there = set(header.columns)
    if not set(NEEDED[header.record]) <= there:
        return False
    if header.record == "limits":
        return bool(there & {"customer", "group", "country"})
    if header.record == "financials":
        return {"figure", "value"} <= there or len(there & _FIGURES) >= _FIGURES_MIN
    return True
