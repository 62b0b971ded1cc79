"""Aging bars: what is owed by bucket, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from receivables.aging.model import AgeBasis, Aging, AgingRow
from receivables.errors import PolicyError
from receivables.i18n.labels import bucket_labels, capitalized
from receivables.pictures._canvas import WHOLE_PPM, Canvas, Row, canvas_of, chosen, ppm
from receivables.pictures._look import Theme, ramp

if TYPE_CHECKING:
    import altair as alt

__all__ = ["aging_bars"]

_LABELS_MOST = 12


def aging_bars(
    agings: Aging | Iterable[Aging],
    *,
    locale: str = "en",
    currency: str = "",
    theme: Theme | str = Theme.LIGHT,
    as_share: bool = False,
) -> alt.LayerChart:
    """One bar for each aging, a part for each bucket, the oldest on top; credits stand below zero.

    With `as_share` every bar is as high, and credits are left out.  All agings must have one scheme;
    `currency` may be left out where there is one only.  Raises `PolicyError` otherwise.
    """
    every = [agings] if isinstance(agings, Aging) else sorted(agings, key=lambda one: one.as_of)
    schemes = {one.scheme for one in every}
    if len(schemes) != 1:
        msg = f"agings must have one scheme, got {len(schemes)}"
        raise PolicyError(msg)
    code = chosen((row.currency for one in every for row in one.rows), currency, what="currency")
    canvas = canvas_of(locale, theme)
    labels = [capitalized(label) for label in bucket_labels(every[0].scheme, canvas.locale)]
    if not as_share:
        labels.append(capitalized(canvas.word("table", "credits")))
    rows = [
        row for one in every for row in _rows(canvas, one, labels, currency=code, as_share=as_share)
    ]
    details = [canvas.as_of(every[0].as_of)] if len(every) == 1 else []
    return canvas.finished(
        *_layers(canvas, every, rows, labels, currency=code, as_share=as_share),
        title=canvas.word("picture", "what is owed, by age"),
        details=[*details, _basis(canvas, every[0]), code],
    )


def _basis(canvas: Canvas, aging: Aging) -> str:
    basis = canvas.word("table", aging.scheme.basis.value)
    return canvas.word("table", "by {basis}", basis=basis)


def _rows(
    canvas: Canvas, aging: Aging, labels: list[str], *, currency: str, as_share: bool
) -> Iterable[Row]:
    total: AgingRow | None = aging.totals.get(currency)
    if total is None:
        return
    amounts = list(total.buckets_minor) + ([] if as_share else [total.credits_minor])
    whole = sum(minor for minor in amounts if minor > 0)
    day = canvas.day(aging.as_of)
    for place, minor in enumerate(amounts):
        part = Fraction(minor, whole) if whole else Fraction(0)
        yield {
            "day": day,
            "bucket": labels[place],
            "place": place,
            "value": ppm(part) if as_share else minor,
            "amount": canvas.money(minor, currency),
            "share": canvas.share(part),
        }


def _colours(canvas: Canvas, aging: Aging, count: int) -> list[str]:
    bounds, look = aging.scheme.upper_bounds, canvas.look
    is_due = aging.scheme.basis is AgeBasis.DUE_DATE
    early = sum(1 for bound in bounds if bound <= 0) if is_due else 0
    late = aging.scheme.bucket_count - early
    # By the date of the document nothing says what is past due: one ramp for all.
    past = ramp(look.past_due, late)
    return ([*(ramp(look.not_due, early) if early else ()), *past, look.credits])[:count]


def _layers(
    canvas: Canvas,
    agings: list[Aging],
    rows: list[Row],
    labels: list[str],
    *,
    currency: str,
    as_share: bool,
) -> list[alt.Chart]:
    alt = canvas.alt
    days = [canvas.day(one.as_of) for one in agings]
    highs: dict[str, int] = {}
    for row in rows:
        # The axis is chosen by the highest bar, not by its largest part.
        highs[str(row["day"])] = highs.get(str(row["day"]), 0) + max(int(row["value"] or 0), 0)
    axis = (
        canvas.share_axis(canvas.word("picture", "share of what is owed"))
        if as_share
        else canvas.money_axis(currency, highs.values())
    )
    tilt = 0 if len(days) <= _LABELS_MOST else -50
    scale = alt.Scale(domain=[0, WHOLE_PPM]) if as_share else alt.Scale(nice=True)
    bars = (
        canvas.chart(rows)
        .mark_bar(stroke=canvas.look.ink, strokeWidth=0.6, width={"band": 0.72})
        .encode(
            x=alt.X(
                "day:N",
                sort=days,
                axis=alt.Axis(title=None, labelAngle=tilt, labelOverlap=True),
                scale=alt.Scale(paddingOuter=0.1),
            ),
            y=alt.Y("value:Q", axis=canvas.axis(axis), stack="zero", scale=scale),
            color=alt.Color(
                "bucket:N",
                sort=labels,
                scale=alt.Scale(domain=labels, range=_colours(canvas, agings[0], len(labels))),
                legend=canvas.legend(),
            ),
            order=alt.Order("place:O"),
            tooltip=canvas.tooltips(
                day=capitalized(canvas.word("table", "date")),
                bucket=capitalized(canvas.word("table", "bucket")),
                amount=capitalized(canvas.word("table", "amount")),
                share=capitalized(canvas.word("picture", "share of what is owed")),
            ),
        )
    )
    return [bars]
