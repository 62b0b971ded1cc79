"""From rows to records: one function per kind of list, and the words that name its kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from receivables.adapters import CreditRecord
from receivables.casework import (
    FIGURES,
    Collateral,
    CollateralKind,
    CreditLimit,
    ExternalScore,
    FinancialStatement,
    Insolvency,
    InsolvencyKind,
    LimitKind,
)
from receivables.credit.model import Commitment, ComponentKind
from receivables.errors import ReceivablesError
from receivables_plugins.credit_csv.cells import Cells
from receivables_plugins.credit_csv.headings import figure_field, normal

__all__ = ["LongStatements", "record"]

T = TypeVar("T")

_WHOLE_BPS: Final = 10_000
_UNITS: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(("1", "unit", "units", "unite", "unites", "unidad", "unidades"), 1)
    | dict.fromkeys(("1000", "1 000", "k", "thousand", "thousands"), 1_000)
    | dict.fromkeys(("millier", "milliers", "mil", "miles"), 1_000)
    | dict.fromkeys(("1000000", "1 000 000", "m", "million", "millions"), 1_000_000)
    | dict.fromkeys(("millon", "millones"), 1_000_000)
)
_MONTHS: Final = 12


def _words(table: Mapping[T, str]) -> Mapping[str, T]:
    """The words of each kind in three languages, its own value among them."""
    found: dict[str, T] = {}
    for kind, words in table.items():
        value: str = getattr(kind, "value", "")
        found |= {normal(word): kind for word in (value, *words.split(","))}
    return MappingProxyType(found)


_LIMITS: Final = _words(
    {
        LimitKind.OWN: "own limit, internal, propre, interne, propio, interno",
        LimitKind.TEMPORARY: "temporaire, provisoire, temporal",
        LimitKind.INSURED: "insurance, named, assure, assuree, denomme, denommee, asegurado, nominado",
        LimitKind.DISCRETIONARY: "unnamed, non denomme, non denommee, discretionnaire, discrecional, no nominado",
        LimitKind.GUARANTEED: "guarantee, garanti, garantie, caution, garantizado, aval",
        LimitKind.COLLATERAL: "secured, surete, collateral, garantia real",
    }
)
_COLLATERALS: Final = _words(
    {
        CollateralKind.CASH_DEPOSIT: "deposit, depot de garantie, deposito",
        CollateralKind.BANK_GUARANTEE: "garantie bancaire, caution bancaire, garantia bancaria, aval bancario",
        CollateralKind.LETTER_OF_CREDIT: "standby, credit documentaire, lettre de credit, carta de credito, credito documentario",
        CollateralKind.PARENT_GUARANTEE: "parent company guarantee, garantie de la maison mere, garantie maison mere, garantia de la matriz",
        CollateralKind.PERSONAL_GUARANTEE: "caution personnelle, garantia personal, aval personal",
        CollateralKind.PLEDGE: "nantissement, gage, prenda, pignoracion",
        CollateralKind.MORTGAGE: "hypotheque, hipoteca",
        CollateralKind.RETENTION_OF_TITLE: "reserve de propriete, reserva de dominio",
        CollateralKind.OTHER: "autre, otro, otra",
    }
)
_COMMITMENTS: Final = _words(
    {
        ComponentKind.ORDERS: "order, sales order, open order, commande, commandes, pedido, pedidos",
        ComponentKind.DELIVERIES: "delivery, delivered, uninvoiced delivery, livraison, livraisons, livre, entrega, entregas, albaran",
        ComponentKind.BILLS: "bill, bill of exchange, draft, traite, effet, effets, lettre de change, letra, letras, pagare",
        ComponentKind.CHEQUES: "cheque, check, checks, chèques, cheques",
    }
)
_INSOLVENCIES: Final = _words(
    {
        InsolvencyKind.CONCILIATION: "mandat ad hoc, proposal, preconcurso, comunicacion de apertura de negociaciones",
        InsolvencyKind.SAFEGUARD: "sauvegarde, procedure de sauvegarde, protection, plan de reestructuracion",
        InsolvencyKind.REORGANIZATION: "reorganisation, redressement, redressement judiciaire, administration, chapter 11, concurso, concurso de acreedores, convenio",
        InsolvencyKind.LIQUIDATION: "liquidation judiciaire, bankruptcy, winding up, chapter 7, faillite, liquidacion, concurso en liquidacion",
    }
)


def record(kind: str, cells: Cells) -> CreditRecord | None:
    """The record of a row; None where anything in it was refused.

    What the record itself refuses is noted as ``credit.invalid``.
    """
    try:
        return _BUILDERS[kind](cells)
    except ReceivablesError as error:
        # A refusal that was noted may well be why the record refuses the rest.
        if not cells.is_refused:
            cells.refuse("credit.invalid", str(error))
        return None


def _score(cells: Cells) -> ExternalScore | None:
    customer, value = cells.needed("customer"), cells.needed("value")
    rated_on = cells.needed_day("rated-on")
    source = normal(cells.text("source")).replace(" ", "-") or cells.settings.source
    if not source:
        msg = "source must be given, in a column or in the settings, got none"
        cells.refuse("credit.value-missing", msg, field="source")
    points = cells.count("points", -1)
    if points < 0 and value.isascii() and value.isdigit():
        points = cells.count("value", -1)
    given: dict[str, Any] = {
        "score": cells.text("id") or f"{source}:{customer}:{rated_on}",
        "customer": customer,
        "source": source,
        "value": value,
        "points": points if points >= 0 else None,
        "rated_on": rated_on,
        "valid_until": cells.day("valid-until"),
        "limit": cells.money("limit"),
        "note": cells.text("note"),
    }
    return None if cells.is_refused else ExternalScore(**given)


def _statement(cells: Cells, figures: Mapping[str, int | None] | None = None) -> Any:  # noqa: ANN401  # a statement or None, as the table of builders has it
    customer, period_end = cells.needed("customer"), cells.needed_day("period-end")
    is_consolidated = cells.flag("consolidated")
    name = f"{customer}:{period_end}{':consolidated' if is_consolidated else ''}"
    if figures is None:
        figures = {one: cells.figure(one.replace("_", "-")) for one in FIGURES}
    given: dict[str, Any] = {
        "financials": cells.text("id") or name,
        "customer": customer,
        "currency": cells.currency(),
        "period_end": period_end,
        "months": cells.count("months", _MONTHS),
        "unit": cells.word("unit", _UNITS, default=cells.settings.unit) or 1,
        "is_audited": cells.flag("audited"),
        "is_consolidated": is_consolidated,
        "source": cells.text("source") or cells.settings.source,
    }
    said: dict[str, Any] = {one: value for one, value in figures.items() if value is not None}
    if not said and not cells.is_refused:
        cells.refuse("credit.value-missing", "a statement must have figures, got none")
    return None if cells.is_refused else FinancialStatement(**given, **said)


def _limit(cells: Cells) -> CreditLimit | None:
    collateral = _collateral(cells)
    usual = LimitKind.OWN if collateral is None else LimitKind.COLLATERAL
    kind = cells.word("kind", _LIMITS, default=usual) or usual
    holder = cells.text("customer") or cells.text("group") or cells.text("country")
    since = cells.day("since")
    name = ":".join(filter(None, (kind.value, holder, str(since or ""))))
    given: dict[str, Any] = {
        "limit": cells.text("id") or name,
        "customer": cells.text("customer"),
        "group": cells.text("group"),
        "country": cells.text("country"),
        "amount": cells.needed_money("amount"),
        "kind": kind,
        "since": since,
        "until": cells.day("until"),
        "cover_bps": cells.percent_bps("cover", _WHOLE_BPS),
        "collateral": collateral,
    }
    for field in ("policy", "reference", "by", "reason"):
        given[field] = cells.text(field)
    return None if cells.is_refused else CreditLimit(**given)


def _collateral(cells: Cells) -> Collateral | None:
    if not cells.has("collateral"):
        return None
    kind = cells.word("collateral", _COLLATERALS)
    value = cells.needed_money("collateral-value")
    given: dict[str, Any] = {
        "value": value,
        "rank": cells.count("rank", 1),
        "prior": cells.money("prior"),
        "haircut_bps": cells.percent_bps("haircut", 0),
        "valued_on": cells.day("valued-on"),
        "provider": cells.text("provider"),
    }
    return None if cells.is_refused else Collateral(kind=kind or CollateralKind.OTHER, **given)


def _commitment(cells: Cells) -> Commitment | None:
    given: dict[str, Any] = {
        "commitment": cells.needed("id"),
        "customer": cells.needed("customer"),
        "kind": cells.word("kind", _COMMITMENTS),
        "amount": cells.needed_money("amount"),
        "since": cells.day("since"),
        "until": cells.day("until"),
        "expected_on": cells.day("expected-on"),
        "creditor": cells.text("creditor"),
    }
    return None if cells.is_refused else Commitment(**given)


def _insolvency(cells: Cells) -> Insolvency | None:
    customer, opened_on = cells.needed("customer"), cells.needed_day("opened-on")
    given: dict[str, Any] = {
        "insolvency": cells.text("id") or f"{customer}:{opened_on}",
        "customer": customer,
        "kind": cells.word("kind", _INSOLVENCIES),
        "opened_on": opened_on,
        "file_claim_by": cells.day("file-claim-by"),
        "claim_filed_on": cells.day("claim-filed-on"),
    }
    for field in ("court", "administrator", "reference", "note"):
        given[field] = cells.text(field)
    return None if cells.is_refused else Insolvency(**given)


_BUILDERS: Final[Mapping[str, Callable[[Cells], CreditRecord | None]]] = MappingProxyType(
    {
        "scores": _score,
        "financials": _statement,
        "limits": _limit,
        "commitments": _commitment,
        "insolvencies": _insolvency,
    }
)


class LongStatements:
    """Statements whose figures stand on a row each: whole once the last row was seen.

    A statement with a row that was refused is left out, because what it lacks could be what
    matters; its other rows must agree on all but the figure.
    """

    def __init__(self) -> None:
        self._figures: dict[tuple[str, ...], dict[str, int | None]] = {}
        self._first: dict[tuple[str, ...], Cells] = {}
        self._broken: set[tuple[str, ...]] = set()

    def add(self, cells: Cells) -> None:
        """Take one row."""
        key = tuple(
            normal(cells.text(one)) for one in ("id", "customer", "period-end", "consolidated")
        )
        name = figure_field(cells.text("figure")).replace("-", "_")
        if not name:
            msg = f"figure must be one of a statement, got {cells.text('figure')!r}"
            cells.refuse("credit.value-unknown", msg, field="figure")
        value = cells.figure(name or "value", text_field="value")
        first = self._first.setdefault(key, cells)
        self._check_alike(cells, first)
        known = self._figures.setdefault(key, {})
        if name in known and known[name] != value:
            msg = f"{name} must stand once, got {known[name]} and {value}"
            cells.refuse("credit.duplicate", msg, field="figure")
        known[name] = value
        if cells.is_refused:
            self._broken.add(key)

    def _check_alike(self, cells: Cells, first: Cells) -> None:
        for field in ("currency", "months", "unit", "audited", "source"):
            if cells.text(field) != first.text(field):
                msg = f"rows of a statement must agree on {field}, got {cells.text(field)!r} after {first.text(field)!r}"
                cells.refuse("credit.duplicate", msg, field=field)

    def statements(self) -> Iterator[tuple[Cells, FinancialStatement | None]]:
        """The statements in the order of their first rows, and those rows."""
        for key, cells in self._first.items():
            if key in self._broken:
                continue
            try:
                yield cells, _statement(cells, self._figures[key])
            except ReceivablesError as error:
                if not cells.is_refused:
                    cells.refuse("credit.invalid", str(error))
