"""A shown table in a real browser: dark where the reader prefers dark, figures under figures."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from receivables.showing import show
from receivables.tables import CellKind, ResultTable, TableColumn

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars")

pytestmark = pytest.mark.needs("chromium", "PIL")


@pytest.fixture
def pixels(tmp_path):
    """The pixels of a page as a browser paints it, grey, line by line."""
    image = pytest.importorskip("PIL.Image")

    def paint(page, *switches):
        source, picture = tmp_path / "page.html", tmp_path / "page.png"
        source.write_text(page, "utf-8")
        program = next(filter(None, map(shutil.which, _PROGRAMS)))
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        size = ("--window-size=500,260", f"--screenshot={picture}")
        command = [program, *_QUIET, profile, *switches, *size, source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return image.open(picture).convert("L")

    return paint


@pytest.mark.parametrize(
    ("switches", "is_dark"), [((), False), (("--blink-settings=preferredColorScheme=0",), True)]
)
def test_page_follows_the_reader_s_scheme(pixels, switches, is_dark):
    """Ink and page change places; either can be read."""
    table = ResultTable(
        title="aging",
        currency="EUR",
        columns=[TableColumn(name="customer"), TableColumn(name="open", kind=CellKind.MONEY)],
        rows=[("C-1", 123_456), ("C-2", -5)],
        totals=[("C", 123_451)],
    )
    seen = pixels(show(table, "en", brackets=True).page(), *switches)
    darkest, lightest = seen.getextrema()

    assert lightest - darkest > 180
    assert (seen.getpixel((499, 259)) < 60) == is_dark
