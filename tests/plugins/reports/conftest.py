"""How the files of the three writers are read back: by other programs than the ones that wrote."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from receivables.testing.report_writer import Look, Owed, Shown, sample_aging

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_VOID = {"meta", "line", "link", "img", "br"}


# ECMA-376 part 1, section 22.9.2.19 (ST_Xstring): a character by its code, which openpyxl leaves.
_ESCAPED = re.compile("_x([0-9A-F]{4})_")


@pytest.fixture
def look_csv() -> Look:
    """The cells of a table; a cell that is no number and starts like a formula is one."""
    return _look_csv


@pytest.fixture
def look_excel() -> Look:
    """The cells of every sheet, numbers as their format shows them."""
    return _look_excel


@pytest.fixture
def look_html() -> Look:
    """The texts of a page, element by element."""
    return _look_html


@pytest.fixture
def aging():
    """Two customers and three currencies, with a credit and a customer who is only owed."""
    return sample_aging(
        [
            Owed(
                "0017", "EUR", buckets_minor=(1_000_00, 0, 200_05, 0, 30_00), credits_minor=-50_00
            ),
            Owed("0017", "JPY", buckets_minor=(0, 86_453, 0, 0, 0)),
            Owed("C-2", "EUR", buckets_minor=(0, 400_00, 0, 0, 0)),
            Owed("C-2", "KWD", buckets_minor=(0, 0, 0, 0, 0), credits_minor=-1_500),
        ]
    )


@pytest.fixture
def names():
    """The names of the two customers."""
    return {"0017": "Quincaillerie Tremblay inc.", "C-2": "Ferretería Núñez, S.A."}


def _look_csv(content: bytes) -> Shown:
    text = content.decode("utf-8-sig")
    delimiter = ";" if text.partition("\r\n")[0].count(";") else ","
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
    armed = [cell for cell in cells if cell.startswith(_STARTS_FORMULA) and not _is_number(cell)]
    return Shown(texts=cells, formulas=armed)


def _is_number(text: str) -> bool:
    return text.replace(",", ".", 1).replace(".", "", 1).removeprefix("-").isdecimal()


def _look_excel(content: bytes) -> Shown:
    openpyxl = pytest.importorskip("openpyxl")
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    return Shown(
        texts=[_as_shown(cell) for sheet in values for row in sheet for cell in row],
        formulas=[
            str(cell.value)
            for sheet in formulas
            for row in sheet
            for cell in row
            if cell.data_type == "f"
        ],
    )


def _as_shown(cell) -> str:
    if cell.data_type != "n" or cell.value is None:
        return _ESCAPED.sub(_character, str(cell.value or ""))
    _, _, decimals = cell.number_format.partition(";")[0].partition(".")
    return f"{Decimal(repr(cell.value)):.{len(decimals)}f}"


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _look_html(content: bytes) -> Shown:
    page = PageParser()
    page.feed(content.decode())
    page.close()
    assert not page.open
    return Shown(texts=page.texts)


class PageParser(HTMLParser):
    """Collects elements, attributes and the text of each innermost element."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if data.strip() and self.open[-1] != "style":
            self.texts.append(data)


@pytest.fixture
def parse():
    """A page as its elements and texts."""

    def parsed(content: bytes) -> PageParser:
        page = PageParser()
        page.feed(content.decode())
        return page

    return parsed
