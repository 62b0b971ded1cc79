"""Roll rates as a map of heat, and losses by month of issue as curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from receivables.aging.labels import bucket_phrase
from receivables.allowance.rates import RollRates, Vintage, VintageTable
from receivables.errors import PolicyError
from receivables.i18n.labels import capitalized
from receivables.pictures._canvas import Canvas, Row, canvas_of, ppm
from receivables.pictures._look import Theme, ramp

if TYPE_CHECKING:
    import altair as alt

    from receivables.measures.rolling import RollMatrix

__all__ = ["roll_rate_map", "vintage_curves"]

_CURVES_MOST: Final = 12


def roll_rate_map(
    rolls: RollRates | RollMatrix,
    *,
    locale: str = "en",
    theme: Theme | str = Theme.LIGHT,
) -> alt.LayerChart:
    """Where each bucket stood a period later: a cell for each pair, with its share written in it.

    A bucket in which nothing stood has empty cells.
    """
    canvas = canvas_of(locale, theme)
    if isinstance(rolls, RollRates):
        labels, first, last = rolls.labels, rolls.days[0], rolls.days[-1]
        currency = rolls.rates.currency
        ends = {"paid": rolls.paid, "lost": rolls.lost}
        opening, matrix = rolls.opening, rolls.matrix
    else:
        labels, first, last = rolls.scheme.labels, rolls.first, rolls.last
        currency = rolls.currency
        ends = {
            "paid": rolls.paid_minor,
            "credited": rolls.credited_minor,
            "written off": rolls.written_off_minor,
            "other": rolls.other_minor,
        }
        opening, matrix = rolls.opening_minor, rolls.matrix
    ends = {name: values for name, values in ends.items() if any(values) or name == "paid"}
    names = [_label(canvas, label) for label in labels]
    across = [*names, *(capitalized(canvas.word("table", name)) for name in ends)]
    parts = [[*row, *(values[at] for values in ends.values())] for at, row in enumerate(matrix)]
    return canvas.finished(
        *_map(canvas, list(_cells(canvas, names, across, opening, parts, currency)), names, across),
        title=canvas.word("table", "roll rates"),
        details=[f"{canvas.day(first)} – {canvas.day(last)}", currency],
        width=76 * len(across),
        height=44 * len(names),
    )


def _label(canvas: Canvas, label: str) -> str:
    phrase = bucket_phrase(label)
    values = {name: str(value) for name, value in phrase.values.items()}
    return capitalized(canvas.word(phrase.context, phrase.text, **values))


def _cells(
    canvas: Canvas,
    names: Sequence[str],
    across: Sequence[str],
    opening: Sequence[int],
    parts: Sequence[Sequence[int]],
    currency: str,
) -> Iterator[Row]:
    for name, whole, row in zip(names, opening, parts, strict=True):
        for column, minor in zip(across, row, strict=True):
            part = Fraction(minor, whole) if whole else None
            yield {
                "from": name,
                "to": column,
                "share": None if part is None else ppm(part),
                "text": "" if not part else canvas.share(part, places=0),
                "exact": "–" if part is None else canvas.share(part, places=2),
                "amount": canvas.money(minor, currency),
            }


def _map(canvas: Canvas, rows: list[Row], names: list[str], across: list[str]) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    base = canvas.chart(rows).encode(
        x=alt.X(
            "to:N",
            sort=across,
            axis=alt.Axis(
                title=capitalized(canvas.word("picture", "a period later")),
                orient="top",
                labelAngle=0,
                ticks=False,
                domain=False,
            ),
        ),
        y=alt.Y(
            "from:N",
            sort=names,
            axis=alt.Axis(
                title=capitalized(canvas.word("picture", "at the beginning of the period"))
            ),
        ),
        tooltip=canvas.tooltips(
            **{
                "from": capitalized(canvas.word("table", "from")),
                "to": capitalized(canvas.word("table", "to")),
                "exact": capitalized(canvas.word("picture", "share")),
                "amount": capitalized(canvas.word("table", "amount")),
            }
        ),
    )
    heat = alt.Scale(domain=[0, 1_000_000], range=list(look.heat), interpolate="rgb")
    first, second = look.heat_inks
    return [
        # Where nothing stood there is a cell all the same, and nothing in it.
        base.mark_rect(stroke=look.faint, strokeWidth=1, fill=None),
        base.mark_rect(stroke=look.faint, strokeWidth=1).encode(
            color=alt.Color("share:Q", scale=heat, legend=None)
        ),
        base.mark_text(fontSize=12).encode(
            text="text:N",
            color=alt.condition(
                f"datum.share > {look.heat_turn}", alt.value(second), alt.value(first)
            ),
        ),
    ]


def vintage_curves(
    table: VintageTable,
    *,
    locale: str = "en",
    theme: Theme | str = Theme.LIGHT,
) -> alt.LayerChart:
    """What was lost of the invoices of each month, by age; the thick line is all months together.

    More than twelve months are drawn by their years.  Raises `PolicyError` for a table without any.
    """
    if not table.vintages:
        msg = "vintages must be 1 or more, got none"
        raise PolicyError(msg)
    canvas = canvas_of(locale, theme)
    is_yearly = len(table.vintages) > _CURVES_MOST
    style = "%Y" if is_yearly else "%Y-%m"
    groups: dict[str, list[Vintage]] = {}
    for one in table.vintages:
        groups.setdefault(f"{one.month:{style}}", []).append(one)
    every = canvas.word("picture", "all together")
    rows = [row for name, group in groups.items() for row in _curve(canvas, name, group)]
    mean = list(_points(canvas, every, table.rates))
    return canvas.finished(
        *_curves(canvas, rows, mean, list(groups)),
        title=canvas.word("table", "losses by month of issue"),
        details=[canvas.as_of(table.until), table.currency],
    )


def _curve(canvas: Canvas, name: str, group: Sequence[Vintage]) -> Iterator[Row]:
    ages = max(len(one.lost_minor) for one in group)
    rates: list[Fraction | None] = []
    for age in range(ages):
        seen = [one for one in group if age < len(one.lost_minor)]
        known = [(one.issued_minor, one.lost_minor[age]) for one in seen]
        lost = [minor for _, minor in known if minor is not None]
        issued = sum(whole for whole, minor in known if minor is not None)
        rates.append(Fraction(sum(lost), issued) if lost and issued else None)
    yield from _points(canvas, name, rates)


def _points(canvas: Canvas, name: str, rates: Iterable[Fraction | None]) -> Iterator[Row]:
    for age, rate in enumerate(rates):
        if rate is not None:
            yield {"of": name, "age": age, "rate": ppm(rate), "share": canvas.share(rate, places=2)}


def _curves(canvas: Canvas, rows: list[Row], mean: list[Row], names: list[str]) -> list[alt.Chart]:
    alt, look = canvas.alt, canvas.look
    lost = canvas.share_axis(canvas.word("picture", "lost so far"))
    months = capitalized(canvas.word("picture", "age in months"))
    x = alt.X("age:Q", axis=alt.Axis(title=months, grid=False, tickMinStep=1, format="d"))
    y = alt.Y("rate:Q", axis=canvas.axis(lost))
    tips = canvas.tooltips(
        of=capitalized(canvas.word("table", "month")),
        share=capitalized(canvas.word("picture", "lost so far")),
    )
    colours = ramp([look.past_due[0], look.past_due[-1]], len(names))
    lines = (
        canvas.chart(rows)
        .mark_line(strokeWidth=1.6, point={"filled": True, "size": 18})
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "of:N",
                sort=names,
                scale=alt.Scale(domain=names, range=colours),
                legend=canvas.legend(),
            ),
            tooltip=tips,
        )
    )
    thick = canvas.chart(mean).mark_line(color=look.ink, strokeWidth=3, strokeDash=[7, 3])
    ends = canvas.chart(mean[-1:]).mark_text(align="left", dx=6, fontSize=12, color=look.ink)
    return [lines, thick.encode(x=x, y=y, tooltip=tips), ends.encode(x=x, y=y, text="of:N")]
