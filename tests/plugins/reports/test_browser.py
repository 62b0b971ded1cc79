"""The page in a real browser: it fits, it prints, and nothing on it breaks its own policy."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from receivables.testing.portfolio_writer import sample_portfolio
from receivables.testing.report_writer import HOSTILE_NAMES, Owed, sample_aging
from receivables_plugins.reports._board_page import BoardPage
from receivables_plugins.reports._html import HtmlWriter

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def browse(tmp_path):
    """Run the browser on a page with further switches; what it printed and what it complained of."""

    def run(content: bytes, *switches: str):
        page = tmp_path / "aging.html"
        page.write_bytes(content)
        program = next(filter(None, map(shutil.which, _PROGRAMS)))
        command = [program, *_QUIET, f"--user-data-dir={tmp_path / 'profile'}", *switches]
        return subprocess.run(
            [*command, page.as_uri()], capture_output=True, text=True, check=True, timeout=120
        )

    return run


@pytest.fixture
def content(aging, names):
    return HtmlWriter().write(aging, names=names, locale="en")


def test_bars_are_painted_in_the_colours_of_their_buckets(browse, content, tmp_path):
    """A picture of the page holds the blue of what is not due and the brown of the oldest."""
    picture = tmp_path / "page.png"
    browse(content, "--window-size=500,420", f"--screenshot={picture}")

    painted = _colours(picture)

    assert {(0x6B, 0xAE, 0xD6), (0x66, 0x25, 0x06), (255, 255, 255)} <= painted


def test_dark_page_is_dark(browse, content, tmp_path):
    """A reader who prefers dark gets a dark page with the same bars."""
    picture = tmp_path / "dark.png"
    dark = "--blink-settings=preferredColorScheme=0"
    browse(content, "--window-size=500,420", dark, f"--screenshot={picture}")

    painted = _colours(picture)

    assert {(0x6B, 0xAE, 0xD6), (0x15, 0x19, 0x1E)} <= painted
    assert (255, 255, 255) not in painted


def test_page_prints(browse, content, tmp_path):
    """The page becomes a PDF in landscape."""
    paper = tmp_path / "page.pdf"
    browse(content, "--no-pdf-header-footer", f"--print-to-pdf={paper}")

    width, height = _size(paper)

    assert width > height


def _size(paper: Path) -> tuple[float, float]:
    pypdf = pytest.importorskip("pypdf")
    box = pypdf.PdfReader(paper).pages[0].mediabox
    return float(box.width), float(box.height)


def test_hostile_names_do_nothing_in_a_browser(browse):
    """The browser's own tree of the page has no element that a name could have made."""
    names = {f"C-{index:02}": name for index, name in enumerate(HOSTILE_NAMES)}
    owed = [Owed(customer, "EUR", buckets_minor=(100, 0, 0, 0, 0)) for customer in names]
    page = HtmlWriter().write(sample_aging(owed), names=names, locale="en")

    tree = browse(page, "--dump-dom").stdout

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in tree
    assert "<script" not in tree
    assert "<img" not in tree
    assert tree.count("<h1>") == 1


def test_page_obeys_its_own_policy(browse, content):
    """The browser reports no refused resource: the page asks for none."""
    done = browse(content, "--enable-logging=stderr", "--dump-dom")

    assert "Content Security Policy" not in done.stderr
    assert "</html>" in done.stdout


@pytest.fixture
def board():
    """The page for a board, with every name that could be taken for markup."""
    names = {f"C-{index:02}": name for index, name in enumerate(HOSTILE_NAMES)}
    owed = [Owed(customer, "EUR", buckets_minor=(100_00, 0, 0, 0, 7_00)) for customer in names]
    return BoardPage().write(sample_portfolio(owed), names=names, locale="en")


def test_the_page_for_a_board_prints_and_obeys_its_policy(browse, board, tmp_path):
    """It becomes a PDF of several pages in landscape, and the browser refuses nothing of it."""
    pypdf = pytest.importorskip("pypdf")
    paper = tmp_path / "board.pdf"
    logged = ("--enable-logging=stderr", "--no-pdf-header-footer")
    done = browse(board, *logged, f"--print-to-pdf={paper}")

    width, height = _size(paper)
    assert width > height
    assert len(pypdf.PdfReader(paper).pages) > 1
    assert "Content Security Policy" not in done.stderr


def test_hostile_names_do_nothing_on_the_page_for_a_board(browse, board):
    """Names stay text, and the charts are there as the browser has read them."""
    tree = browse(board, "--dump-dom").stdout

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in tree
    assert "<script" not in tree
    assert "<img" not in tree
    assert tree.count("<h1>") == 1
    assert tree.count('<svg class="chart"') == 2


def test_the_dark_page_for_a_board_is_dark(browse, board, tmp_path):
    """A reader who prefers dark gets the dark paper, and none of the white one."""
    picture = tmp_path / "board.png"
    dark = "--blink-settings=preferredColorScheme=0"
    browse(board, "--window-size=500,420", dark, f"--screenshot={picture}")

    painted = _colours(picture)

    assert (0x15, 0x19, 0x1E) in painted
    assert (255, 255, 255) not in painted


def _colours(picture: Path) -> set[tuple[int, int, int]]:
    """The colours of a PNG of 8 bits a channel (W3C, PNG, sections 7 and 9), without alpha."""
    data = picture.read_bytes()
    chunks: dict[bytes, bytes] = {}
    place = 8
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        chunks[kind] = chunks.get(kind, b"") + data[place + 8 : place + 8 + size]
        place += size + 12
    width, _, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert depth == 8
    step = {2: 3, 6: 4}[colour]
    found = set()
    for line in _lines(zlib.decompress(chunks[b"IDAT"]), width * step, step):
        found |= {tuple(line[at : at + 3]) for at in range(0, len(line), step)}
    return found


def _lines(raw: bytes, size: int, step: int):
    above = bytearray(size)
    for start in range(0, len(raw), size + 1):
        line = bytearray(raw[start + 1 : start + 1 + size])
        for index in range(size):
            left = line[index - step] if index >= step else 0
            corner = above[index - step] if index >= step else 0
            line[index] = (line[index] + _guess(raw[start], left, above[index], corner)) & 255
        yield line
        above = line


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        return min((left, up, corner), key=lambda one: abs(left + up - corner - one))
    return (0, left, up, (left + up) // 2)[kind]
