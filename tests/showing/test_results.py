"""Every result that a controller would look at has a table, and it can be read in every language."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import inspect
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

from receivables.aging import AgeBasis, Aging, AgingRow, AgingScheme
from receivables.allocation.model import Leg
from receivables.allowance.rates import (
    LossRateCell,
    LossRates,
    RateMethod,
    RollRates,
    Vintage,
    VintageTable,
)
from receivables.closing import (
    Difference,
    DifferenceCause,
    MovementKind,
    RollForward,
    RollForwardRow,
    TieOut,
    TieOutRow,
)
from receivables.collection import OverdueAmount, WorkLine, Worklist, WorkReason, WorkReasonKind
from receivables.credit.concentration import ConcentrationBy, concentration_of
from receivables.disputes import DisputeGrouping, DisputeStatistics, DisputeStatisticsRow
from receivables.dunning.model import STANDARD, DunningRun, RunState, Skipped, SkipReason, Stage
from receivables.i18n import LANGUAGES, words
from receivables.intercompany.model import (
    Agreement,
    AgreementRow,
    IntercompanyCause,
    IntercompanyDifference,
)
from receivables.matching.model import MatchProposal, Outcome, Proposals
from receivables.measures.model import (
    GroupBy,
    Measure,
    MeasureFigure,
    MeasurePolicy,
    MeasureTable,
)
from receivables.promises import KeptRate, kept_rate_table
from receivables.scoring.scorecards import BinKind, Contribution, Score
from receivables.showing import show
from receivables.tables import Phrase, ResultTable

DAY = dt.date(2026, 10, 31)
FIRST = dt.date(2026, 10, 1)
SCHEME = AgingScheme(-30, 30, 60, 90)


def _aging(basis=AgeBasis.DUE_DATE):
    scheme = SCHEME if basis is AgeBasis.DUE_DATE else AgingScheme(0, 30, basis=basis)
    row = AgingRow(
        creditor="MIRA",
        customer="C-017",
        currency="EUR",
        buckets_minor=(100,) * scheme.bucket_count,
        credits_minor=-50,
        total_minor=100 * scheme.bucket_count - 50,
        items=7,
    )
    return Aging(as_of=DAY, scheme=scheme, rows=(row,))


def _loss_rates(method):
    cells = [
        LossRateCell(
            segment="trade",
            bucket=place,
            label=label,
            reached_minor=1_000,
            lost_minor=10,
            still_open_minor=5,
            items=3,
            rate=Fraction(1, 100),
            basis="own",
        )
        for place, label in enumerate((*SCHEME.labels, "all"))
    ]
    return LossRates(method=method, first=FIRST, last=DAY, until=DAY, currency="EUR", cells=cells)


def _roll_rates():
    rates = attrs.evolve(
        _loss_rates(RateMethod.ROLL), cells=_loss_rates(RateMethod.ROLL).cells[:-1]
    )
    count = SCHEME.bucket_count
    return RollRates(
        rates=rates,
        days=(FIRST, DAY),
        opening=(100,) * (count - 1) + (0,),
        matrix=((10,) * count,) * (count - 1) + ((0,) * count,),
        paid=(40,) * (count - 1) + (0,),
        lost=(0,) * count,
    )


def _roll_forward():
    moved = {kind: 100 for kind in MovementKind if kind is not MovementKind.OPENING}
    row = RollForwardRow(
        creditor="MIRA",
        customer="C-017",
        currency="EUR",
        opening_minor=1_000,
        movements=moved,
        closing_minor=1_000 + sum(moved.values()),
    )
    return RollForward(first=FIRST, last=DAY, rows=[row])


def _tie_out():
    causes = list(DifferenceCause)
    row = TieOutRow(
        account="1100",
        currency="EUR",
        sub_ledger_minor=100 * len(causes),
        general_ledger_minor=0,
        by_cause=dict.fromkeys(causes, 100),
    )
    return TieOut(
        creditor="MIRA",
        as_of=DAY,
        rows=[row],
        differences=[
            Difference(cause=one, difference_minor=100, currency="EUR", account="1100")
            for one in causes
        ],
    )


def _agreement():
    causes = list(IntercompanyCause)
    return Agreement(
        creditor="MIRA",
        counterparty="SUD",
        as_of=DAY,
        rows=[AgreementRow(currency="EUR", ours_minor=100 * len(causes), theirs_minor=0)],
        differences=[
            IntercompanyDifference(cause=one, difference_minor=100, currency="EUR")
            for one in causes
        ],
    )


def _worklist():
    owed = [
        OverdueAmount(currency=code, amount_minor=1_000, oldest_days=3, items=1)
        for code in ("EUR", "JPY")
    ]
    lines = [
        WorkLine(
            customer=f"C-{place}",
            place=place,
            reasons=[WorkReason(kind=kind, points=5)],
            role="collector",
            overdue=owed if place % 2 else (),
        )
        for place, kind in enumerate(WorkReasonKind, start=1)
    ]
    return Worklist(as_of=DAY, policy="house", version="1", lines=lines)


def _dunning_run(state):
    skipped = [
        Skipped(
            creditor="MIRA", customer="C-017", currency="EUR", amount_minor=1_000, reason=reason
        )
        for reason in SkipReason
    ]
    return DunningRun(as_of=DAY, procedures=[STANDARD], notices=[], skipped=skipped, state=state)


def _disputes():
    from receivables.casework import (  # noqa: PLC0415  # used here only
        DisputeOutcome,
        DisputeOwner,
        DisputeReason,
    )

    groups = [
        *((reason.value, "sales", "open") for reason in DisputeReason),
        *(("price", owner.value, "open") for owner in DisputeOwner),
        *(("price", "sales", outcome.value) for outcome in DisputeOutcome),
    ]
    by = (DisputeGrouping.REASON, DisputeGrouping.OWNER, DisputeGrouping.OUTCOME)
    rows = [
        DisputeStatisticsRow(
            group=group,
            currency="EUR",
            disputes=1,
            stated_minor=100,
            held_minor=0,
            accepted_minor=50,
            refused_minor=50,
            days_to_decide=[3],
        )
        for group in groups
    ]
    return DisputeStatistics(by=by, rows=tuple(rows))


def _proposals():
    return Proposals(
        tuple(
            MatchProposal(
                receipt=f"R-{outcome.value}",
                creditor="MIRA",
                outcome=outcome,
                amount_minor=1_000,
                currency="EUR",
                parts=[Leg("F-1", 900)],
                probability_bp=9_950,
            )
            for outcome in Outcome
        )
    )


def _measures():
    figures = [
        MeasureFigure(
            measure=one,
            currency="EUR",
            creditor="MIRA",
            customer="C-1",
            segment="trade",
            value=Fraction(1),
        )
        for one in Measure
    ]
    return MeasureTable(as_of=DAY, policy=MeasurePolicy(), by=list(GroupBy), figures=figures)


def _score():
    part = Contribution(
        characteristic="days_late",
        label="",
        value="12",
        bin="[5, 15)",
        kind=BinKind.INTERVAL,
        points=421,
        best_points=600,
        neutral_points=500,
    )
    return Score(
        scorecard="house",
        version="1",
        points=5_421,
        shown=Decimal("542.1"),
        odds=Decimal("30.000000"),
        bad_bps=320,
        base_points=5_000,
        contributions=[part],
    )


def _vintages():
    one = Vintage(month=FIRST, issued_minor=1_000, lost_minor=(0, 10, None), still_open_minor=100)
    return VintageTable(until=DAY, currency="EUR", vintages=[one])


RESULTS = {
    **{f"aging {basis.value}": lambda basis=basis: _aging(basis) for basis in AgeBasis},
    **{f"loss rates {one.value}": lambda one=one: _loss_rates(one) for one in RateMethod},
    **{
        f"concentration {by.value}": lambda by=by: concentration_of(
            {"C-1": 100}, currency="EUR", by=by, as_of=DAY
        )
        for by in ConcentrationBy
    },
    **{f"dunning run {one.value}": lambda one=one: _dunning_run(one) for one in RunState},
    "roll rates": _roll_rates,
    "vintages": _vintages,
    "roll-forward": _roll_forward,
    "tie-out": _tie_out,
    "agreement": _agreement,
    "worklist": _worklist,
    "disputes": _disputes,
    "proposals": _proposals,
    "measures": _measures,
    "score": _score,
    "kept": lambda: kept_rate_table([KeptRate(customer="C-1", currency="EUR", kept=1)]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_shown_in_every_language(name):
    """No word is missing, whatever the kinds and causes in a result; its plain forms work too."""
    result = RESULTS[name]()

    for locale in (*LANGUAGES, "fr-CA", "es-MX"):
        assert show(result, locale, brackets=True).text()
    assert str(result)
    assert "<table>" in result._repr_html_()


def test_stages_have_words():
    """A notice of any stage can be named."""
    for stage in Stage:
        assert words("es").text("table", stage.value)


def _phrases(tree):
    """The context and text of each phrase that code writes as a constant."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        said = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
        first = getattr(node.args[0], "value", None) if node.args else None
        if name == "Phrase":
            yield said.get("context", "table"), first
        elif name == "TableColumn":
            has_heading = any(word.arg == "heading" for word in node.keywords)
            yield "table", said["heading"] if has_heading else said.get("name")
        elif name == "ResultTable":
            yield from (("table", said.get(part)) for part in ("title", "subtitle"))


def test_every_phrase_in_code_is_translated(root):
    """What code says as a phrase, a heading or a title stands in every catalogue, with its values."""
    texts = [path.read_text("utf-8") for path in (root / "src").rglob("*.py")]
    # Only a file that imports the names can write a phrase, and parsing all of them takes long.
    trees = [ast.parse(text) for text in texts if "receivables.tables import" in text]
    found = {pair for tree in trees for pair in _phrases(tree)}
    said = sorted(
        (c, text) for c, text in found if isinstance(c, str) and isinstance(text, str) and text
    )
    missing = [
        (language, context, text)
        for language in LANGUAGES
        for context, text in said
        if (context, text) not in words(language).entries
    ]

    assert len(said) > 100
    assert missing == []


_NO_TABLE = {
    "ReadNotes": "notes of a reader are problems, and print themselves",
}
"""Results with rows and without a table, each with the reason."""


def _public_results(root):
    """Every public value with rows of the topics, that some function gives back."""
    for path in sorted((root / "src" / "receivables").rglob("*.py")):
        parts = path.relative_to(root / "src").with_suffix("").parts
        if any(part.startswith("_") and part != "__init__" for part in parts):
            continue
        name = ".".join(part for part in parts if part != "__init__")
        if parts[1] in ("cli", "testing", "fitting", "letters", "documents", "ledger"):
            continue
        module = importlib.import_module(name)
        for export in getattr(module, "__all__", ()):
            value = getattr(module, export)
            if inspect.isclass(value) and attrs.has(value):
                yield value


def test_every_result_that_gives_rows_has_a_table(root):
    """What can be taken elsewhere as rows can be looked at: `to_rows` comes with `to_table`."""
    results = {one for one in _public_results(root) if hasattr(one, "to_rows")}
    without = {one.__name__ for one in results if not hasattr(one, "to_table")}

    assert results
    assert without - _NO_TABLE.keys() == set()


def test_tables_are_tables(root):
    """`to_table` of a result says that it gives a table, and a notebook shows it."""
    results = {one for one in _public_results(root) if hasattr(one, "to_table")}
    odd = {
        one.__name__
        for one in results
        if inspect.signature(one.to_table).return_annotation not in ("ResultTable", ResultTable)
        or not hasattr(one, "_repr_html_")
    }

    # A scorecard's table is that of a file.
    assert odd - {"Scorecard"} == set()


def test_phrases_say_their_values():
    """Dates, counts and phrases within a phrase are the reader's too."""
    title = Phrase("seen until {day}", {"day": DAY})
    table = ResultTable(
        title=title,
        columns=[],
        rows=[],
        notes=[Phrase("{count} more rows", {"count": 12_000})],
        subtitle=Phrase("by {basis}", {"basis": Phrase("due-date")}),
    )
    shown = show(table, "es")

    assert ("Visto hasta el 31 oct 2026", ("por fecha de vencimiento",), ("12.000 filas más",)) == (
        shown.title,
        shown.details,
        shown.notes,
    )
