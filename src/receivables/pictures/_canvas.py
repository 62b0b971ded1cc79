"""What every picture needs: Altair, the words and marks of the reader, axes in whole units, a frame.

Data are whole numbers throughout (minor units, parts per million, hundredths of a day); only what an
axis writes is divided, by the browser, and what a reader points at is written here, exactly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from receivables.errors import MissingExtraError, PolicyError
from receivables.i18n.catalog import Catalog, words
from receivables.i18n.formats import (
    format_date,
    format_money,
    format_number,
    format_share,
    locale_data,
)
from receivables.i18n.labels import capitalized
from receivables.money import digits
from receivables.pictures._look import LOOKS, Look, Theme
from receivables.tables import Phrase, printable

if TYPE_CHECKING:
    from altair import LayerChart

__all__ = [
    "BAR",
    "HEIGHT",
    "WHOLE_PPM",
    "WIDTH",
    "Axis",
    "Canvas",
    "Row",
    "altair",
    "canvas_of",
    "chosen",
    "ppm",
    "thinned",
]

Row: TypeAlias = "dict[str, str | int | None]"
WHOLE_PPM: Final = 1_000_000
WIDTH: Final = 620
HEIGHT: Final = 300
BAR: Final = 46
"""The widest bar, in pixels."""
_FONT: Final = "system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"
_THOUSANDS_FROM: Final = 20_000
_MILLIONS_FROM: Final = 20_000_000


def altair() -> Any:  # noqa: ANN401  # the module
    """Altair, loaded when a picture is first asked for; raises `MissingExtraError` without it."""
    try:
        import altair as alt  # noqa: PLC0415  # of the extra `plot`
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra("plot", needed_for="a picture") from None
    return alt


def ppm(part: Fraction | int) -> int:
    """A part of one in whole parts per million, rounded half up: enough for any eye.

    >>> ppm(Fraction(2, 3))
    666667
    """
    scaled = Fraction(part) * WHOLE_PPM
    return (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)


def chosen(known: Iterable[str], wanted: str, *, what: str) -> str:
    """The one that is wanted, or the only one; raises `PolicyError` where there are several or none."""
    names = sorted(set(known))
    if wanted:
        if wanted not in names:
            msg = f"{what} must be one of {', '.join(names) or 'none'}, got {wanted!r}"
            raise PolicyError(msg)
        return wanted
    if len(names) > 1:
        msg = f"{what} must be named where there are several, got {', '.join(names)}"
        raise PolicyError(msg)
    return names[0] if names else ""


def thinned(count: int, *, most: int, keep: int = 0) -> list[int]:
    """The places of at most so many points of `count`, evenly: the first ones, and the last, always.

    >>> thinned(10, most=4, keep=2)
    [0, 1, 5, 9]
    """
    if count <= most:
        return list(range(count))
    rest = most - keep
    later = (keep - 1 + (count - keep) * step // rest for step in range(1, rest + 1))
    return sorted({*range(keep), *later})


@attrs.frozen(kw_only=True)
class Axis:
    """What an axis is called, and how it writes its whole numbers."""

    title: str
    expression: str


@attrs.frozen(kw_only=True)
class Canvas:
    """The words, marks and colours of one reader, and the frame around a picture."""

    alt: Any
    catalog: Catalog
    look: Look

    @property
    def locale(self) -> str:
        """The locale of the reader."""
        return self.catalog.locale

    def word(self, context: str, message: str, **values: str | int) -> str:
        """A word of a catalogue; raises `TranslationMissingError` where it lacks it."""
        return self.catalog.text(context, message, **values)

    def phrase(self, phrase: Phrase) -> str:
        """A phrase without values, with a large first letter."""
        return capitalized(self.word(phrase.context, phrase.text))

    def day(self, day: dt.date) -> str:
        """A day as it is read."""
        return format_date(day, self.locale, "medium")

    def money(self, minor: int, currency: str) -> str:
        """An exact amount with its currency."""
        return format_money(minor, currency, self.locale)

    def share(self, part: Fraction | int, *, places: int = 1) -> str:
        """A part of one in percent."""
        return format_share(part, self.locale, places=places)

    def number(self, number: Fraction | int, *, places: int = 0) -> str:
        """A number by the marks of the locale."""
        return format_number(number, self.locale, places=places)

    def as_of(self, day: dt.date) -> str:
        """*as of* a day, for the line under a title."""
        return self.word("table", "as of {day}", day=self.day(day))

    def money_axis(self, currency: str, amounts: Iterable[int]) -> Axis:
        """An axis in the currency, in thousands or in millions of it, as the largest amount asks."""
        unit = 10 ** digits(currency)
        largest = max(map(abs, amounts), default=0) // unit
        if largest >= _MILLIONS_FROM:
            title, power = self.word("picture", "{currency}, millions", currency=currency), 10**6
        elif largest >= _THOUSANDS_FROM:
            title, power = self.word("picture", "{currency}, thousands", currency=currency), 10**3
        else:
            title, power = currency, 1
        return Axis(title=title, expression=f"format(datum.value / {unit * power}, ',~f')")

    def share_axis(self, title: str) -> Axis:
        """An axis of parts per million, in percent."""
        return Axis(title=title, expression=f"format(datum.value / {WHOLE_PPM}, '~%')")

    def scaled_axis(self, title: str, unit: int) -> Axis:
        """An axis of whole numbers of which so many make one."""
        return Axis(title=title, expression=f"format(datum.value / {unit}, ',~f')")

    def day_axis(self, first: dt.date, last: dt.date, *, padding: int = 0) -> dict[str, Any]:
        """An axis of days, by months where they are many; the days are those of UTC, everywhere alike."""
        alt = self.alt
        if (last - first).days > 75:  # noqa: PLR2004  # more than two months of days cannot be read
            style = "%b %Y"
        else:
            style = "%b %-d" if self.locale in ("en", "en-US", "en-CA") else "%-d %b"
        expression = f"utcFormat(datum.value, '{style}')"
        axis = alt.Axis(
            title=None, labelExpr=expression, labelOverlap=True, labelSeparation=14, grid=False
        )
        return {"axis": axis, "scale": alt.Scale(type="utc", padding=padding)}

    def chart(self, rows: Sequence[Mapping[str, object]]) -> Any:  # noqa: ANN401  # a chart of Altair
        """A chart of rows that stand in it, so that nothing is fetched and no limit of rows is met."""
        return self.alt.Chart(self.alt.Data(values=[dict(row) for row in rows]))

    def axis(self, axis: Axis, **more: Any) -> Any:  # noqa: ANN401  # of Altair
        """An axis as Altair has it."""
        title = capitalized(axis.title) or None
        return self.alt.Axis(title=title, labelExpr=axis.expression, **more)

    def legend(self, **more: Any) -> Any:  # noqa: ANN401  # of Altair
        """A legend above the picture, in one row where there is room."""
        return self.alt.Legend(title=None, orient="top", **more)

    def tooltips(self, **titles: str) -> list[Any]:
        """What is read at a point: fields that hold texts, and their headings."""
        return [self.alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]

    def finished(
        self,
        *layers: Any,  # noqa: ANN401  # charts of Altair
        title: str,
        details: Iterable[str] = (),
        width: int = WIDTH,
        height: int = HEIGHT,
    ) -> LayerChart:
        """The picture: title, details below it, a description for who cannot see it, and the look."""
        under = [printable(text) for text in details if text]
        name = printable(capitalized(title))
        # Where there is nothing to say below, Altair wants no empty list.
        more = {"subtitle": " · ".join(under)} if under else {}
        layered = self.alt.layer(*layers).properties(
            title=self.alt.TitleParams(text=name, **more),
            width=width,
            height=height,
            description=". ".join([name, *under]),
        )
        picture: LayerChart = layered.configure(**self._config())
        return picture

    def _config(self) -> dict[str, Any]:
        look = self.look
        inks = {"labelColor": look.ink, "titleColor": look.ink, "titleFontWeight": "normal"}
        # On a page of an unknown colour the grid has to be grey, and so it is made thin.
        grid = 0.4 if look.background == "transparent" else 1
        quiet: dict[str, Any] = {
            "domainColor": look.ink,
            "tickColor": look.ink,
            "gridColor": look.faint,
        }
        quiet["gridOpacity"] = grid
        return {
            "background": look.background,
            "font": _FONT,
            "padding": 12,
            "axis": {**inks, **quiet, "labelFontSize": 12, "titleFontSize": 12, "labelLimit": 260},
            "axisY": {"domain": False, "ticks": False, "titlePadding": 10},
            "legend": {**inks, "labelFontSize": 12, "symbolStrokeColor": look.ink, "columns": 6},
            "title": {
                "color": look.ink,
                "subtitleColor": look.ink,
                "anchor": "start",
                "fontSize": 16,
                "subtitleFontSize": 12,
                "subtitlePadding": 4,
                "offset": 10,
            },
            "view": {"stroke": None},
            "text": {"color": look.ink},
            "locale": {"number": self._numbers(), "time": self._times()},
        }

    def _numbers(self) -> dict[str, Any]:
        symbols = locale_data(self.locale).number_symbols["latn"]
        percent = locale_data(self.locale).percent_formats[None].suffix[0]
        return {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": ["", ""],
            "percent": percent,
            "minus": symbols["minusSign"],
        }

    def _times(self) -> dict[str, Any]:
        cldr = locale_data(self.locale)
        months, days = cldr.months["format"], cldr.days["format"]
        # Babel counts from Monday, Vega from Sunday.
        order = (6, 0, 1, 2, 3, 4, 5)
        return {
            "dateTime": "%x, %X",
            "date": "%Y-%m-%d",
            "time": "%H:%M:%S",
            "periods": ["AM", "PM"],
            "days": [days["wide"][at] for at in order],
            "shortDays": [days["abbreviated"][at] for at in order],
            "months": [months["wide"][at] for at in range(1, 13)],
            "shortMonths": [months["abbreviated"][at] for at in range(1, 13)],
        }


def canvas_of(locale: str, theme: Theme | str) -> Canvas:
    """What a reader's pictures are drawn on.

    Raises `TranslationMissingError` for a language without words, `PolicyError` for another theme, and
    `MissingExtraError` without Altair.
    """
    known = [one.value for one in Theme]
    if not isinstance(theme, Theme) and theme not in known:
        msg = f"theme must be one of {', '.join(known)}, got {theme!r}"
        raise PolicyError(msg)
    return Canvas(alt=altair(), catalog=words(locale), look=LOOKS[Theme(theme)])
