"""Pictures: drawn by vl-convert, in the reader's language, from whole numbers, alike every time."""

from __future__ import annotations

import json

import pytest

from receivables import pictures
from receivables.errors import MissingExtraError, PolicyError, TranslationMissingError
from receivables.i18n import LANGUAGES
from receivables.measures.model import Measure

from . import worlds

pytest.importorskip("altair")

DRAW = {
    "aging": lambda **how: pictures.aging_bars(worlds.agings(), **how),
    "aging in shares": lambda **how: pictures.aging_bars(worlds.agings(), as_share=True, **how),
    "measures": lambda **how: pictures.measure_lines(worlds.series(), **how),
    "cash": lambda **how: pictures.cash_bands(worlds.cash(), **how),
    "cash by day": lambda **how: pictures.cash_bands(worlds.cash(60, worlds.CashGrain.DAY), **how),
    "concentration": lambda **how: pictures.concentration_curve(worlds.concentration(), **how),
    "score": lambda **how: pictures.score_waterfall(worlds.score(), **how),
    "payment": lambda **how: pictures.payment_chances(worlds.payment(), **how),
    "roll rates": lambda **how: pictures.roll_rate_map(worlds.roll_rates(), **how),
    "vintages": lambda **how: pictures.vintage_curves(worlds.vintages(), **how),
    "vintages by year": lambda **how: pictures.vintage_curves(worlds.vintages(14), **how),
}


def _rows(picture):
    """Every row of every layer."""
    spec = picture.to_dict()
    found = [layer["data"]["values"] for layer in spec["layer"] if "data" in layer]
    found += [spec["data"]["values"]] if "values" in spec.get("data", {}) else []
    found += list(spec.get("datasets", {}).values())
    return [row for rows in found for row in rows]


@pytest.mark.parametrize("name", DRAW)
def test_every_picture_is_drawn_in_every_language(name):
    """Titles are translated, no two languages say the same, and the picture becomes SVG."""
    specs = {locale: DRAW[name](locale=locale).to_dict() for locale in LANGUAGES}

    assert len({spec["title"]["text"] for spec in specs.values()}) == len(LANGUAGES)
    assert all(spec["description"] for spec in specs.values())


@pytest.mark.parametrize("name", ["aging", "payment", "roll rates"])
def test_pictures_become_svg_without_a_network(name):
    """What a reader sees stands in the SVG as text."""
    svg = pictures.to_svg(DRAW[name](locale="fr-FR"))

    assert svg.startswith("<svg")
    assert "http://www.w3.org/2000/svg" in svg
    assert svg.count("http") == svg.count("http://www.w3.org")


@pytest.mark.parametrize("name", DRAW)
def test_pictures_are_alike_every_time_and_hold_no_decimals(name):
    """Two drawings are equal; every number among the data is whole, so that no cent is a float."""
    one, two = (DRAW[name](theme="dark").to_dict() for _ in range(2))
    numbers = [value for row in _rows(DRAW[name]()) for value in row.values()]

    assert json.dumps(one) == json.dumps(two)
    assert numbers
    assert [value for value in numbers if isinstance(value, float)] == []


def test_amounts_are_exact_where_a_reader_points():
    """A tooltip has the amount to the cent, in the reader's figures."""
    rows = _rows(pictures.aging_bars(worlds.aging(level=123), locale="fr-FR"))

    assert "1\u202f230\u202f000,00\u00a0€" in {row["amount"] for row in rows}


def test_axis_is_in_the_units_that_the_amounts_ask_for():
    """Yen have no decimals, and a hundred million of them are millions."""
    spec = pictures.aging_bars(worlds.aging(currency="JPY"), locale="es").to_dict()
    axis = spec["layer"][0]["encoding"]["y"]["axis"]

    assert "JPY, millones" == axis["title"]
    assert "format(datum.value / 1000000, ',~f')" == axis["labelExpr"]


def test_marks_of_numbers_and_names_of_months_are_the_reader_s():
    """Vega writes what the axes say by the locale in the chart itself."""
    config = pictures.aging_bars(worlds.aging(), locale="fr-FR").to_dict()["config"]["locale"]

    assert (",", "\u202f", "\u00a0%") == tuple(
        config["number"][name] for name in ("decimal", "thousands", "percent")
    )
    assert config["time"]["months"][1] == "février"
    assert config["time"]["days"][0] == "dimanche"


def test_a_gap_is_a_gap():
    """A day on which a measure means nothing is no zero."""
    rows = _rows(pictures.measure_lines(worlds.series()))

    assert [row["figure"] for row in rows if row["value"] is None] == ["–"]


def test_large_data_are_thinned_before_drawing():
    """A hundred thousand holders are some hundred points; the largest are exact, the end is the end."""
    rows = _rows(pictures.concentration_curve(worlds.concentration(20_000)))
    points = [row for row in rows if "largest" in row]

    assert len(points) < 400
    assert {"1", "5", "10"} <= {row["largest"] for row in points}
    assert max(row["y"] for row in points) == 1_000_000


def test_steps_of_a_score_lead_from_the_average_to_the_score():
    """Each step begins where the one before ended, and says its sign."""
    rows = _rows(pictures.score_waterfall(worlds.score()))
    figures = [row["figure"] for row in rows]

    assert figures == ["611", "−9", "+3", "+7", "612"]


def test_hostile_names_are_data():
    """A name with markup and signs that turn lines around is drawn as text."""
    evil = "</svg><script>alert(1)</script>\u202e\x00"
    svg = pictures.to_svg(pictures.score_waterfall(worlds.score(label=evil)))

    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "\u202e" not in svg


@pytest.mark.parametrize(
    ("error", "draw"),
    [
        (TranslationMissingError, lambda: pictures.aging_bars(worlds.aging(), locale="de")),
        (PolicyError, lambda: pictures.aging_bars(worlds.aging(), theme="pink")),
        (PolicyError, lambda: pictures.aging_bars([])),
        (PolicyError, lambda: pictures.aging_bars(worlds.aging(), currency="USD")),
        (PolicyError, lambda: pictures.cash_bands(worlds.cash(0))),
        (PolicyError, lambda: pictures.concentration_curve(worlds.concentration(0))),
        (PolicyError, lambda: pictures.measure_lines(worlds.series(), [])),
        (
            PolicyError,
            lambda: pictures.measure_lines(worlds.series(), [Measure.DSO, Measure.CEI]),
        ),
        (PolicyError, lambda: pictures.vintage_curves(worlds.vintages(0))),
    ],
)
def test_what_cannot_be_drawn_is_refused(error, draw):
    """A picture of nothing, of several units or currencies, or in another language raises."""
    with pytest.raises(error):
        draw()


def test_two_currencies_need_a_name():
    """Amounts of different currencies are never stacked."""
    agings = [worlds.aging(), worlds.aging(currency="USD")]

    with pytest.raises(PolicyError, match=r"currency must be named .* got EUR, USD"):
        pictures.aging_bars(agings)
    assert pictures.aging_bars(agings, currency="USD")


def test_pictures_are_saved(tmp_path):
    """The ending of the file says what it becomes; another ending is refused."""
    picture = pictures.roll_rate_map(worlds.roll_rates())
    for name in ("a.png", "a.json"):
        pictures.save(picture, str(tmp_path / name))

    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "a.json").read_text())["title"]
    with pytest.raises(PolicyError, match="path must end in"):
        pictures.save(picture, str(tmp_path / "a.pdf"))


def test_missing_extra_says_how_to_get_it(monkeypatch):
    """Without Altair the error names the extra."""
    monkeypatch.setitem(__import__("sys").modules, "altair", None)

    with pytest.raises(MissingExtraError, match=r"receivables\[plot\]"):
        pictures.aging_bars(worlds.aging())
