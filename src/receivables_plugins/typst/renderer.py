"""The renderer: a letter goes to the template as data, and comes back as the bytes of a PDF."""

from __future__ import annotations

import datetime as dt
import json
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from receivables.adapters import Attachment
from receivables.errors import AdapterError, DocumentError, MissingExtraError, PolicyError
from receivables.letters import Labelled, Letter, LetterRow, LetterTable, ReplySlip, kind_of
from receivables.letters.payment_codes import PaymentCode, PaymentSlip
from receivables.letters.plain_text import wrapped

if TYPE_CHECKING:
    from receivables_plugins.typst import TypstSettings

__all__ = ["TypstRenderer"]

_TEMPLATE: Final = Path(__file__).with_name("letter.typ")
_STANDARDS: Final = ["a-3a", "ua-1"]
_DEFAULT_FONT: Final = "Libertinus Serif"
_SLIP_FONTS: Final = ("Liberation Sans", "Arial", "Helvetica", "Frutiger")
"""What the style guide of the QR-bill allows; none of them comes along."""

_WORD_MOST: Final = 40
"""Signs of a word that always finds room in a line."""
_WORD_MOST_IN_CELL: Final = 16
_ZERO_WIDTH: Final = "\u200b"

_COLUMNS_MANY: Final = 6
"""Columns from which on headings are broken, so that the first column keeps its room."""

_SIGNS_ACROSS: Final = 90
"""Signs of a row of many columns, at 9.5 points between the margins."""
_WIDE_LEAST: Final = 24
"""Signs that the wide column keeps, whose cells may be broken."""

_CAPTION_ROWS: Final = 4
"""Rows that the caption, the headings and the gap of a table on a sheet take."""

_ROWS_MAX: Final = 10_000
"""Rows of a letter: some two hundred pages, and about ten seconds."""


class TypstRenderer:
    """Renders letters as PDF/A-3a and PDF/UA-1.

    No network, no packages and no fonts of the system; the date in the file is the letter's.  One
    renderer may be used from several threads: each has a compiler of its own.
    """

    media_type = "application/pdf"
    suffix = ".pdf"

    def __init__(self, settings: TypstSettings) -> None:
        self._settings = settings
        self._typst = _import_typst()
        self._fonts = self._typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=True,
            font_paths=[str(path) for path in settings.font_paths],
        )
        self._local = threading.local()

    def render(self, letter: Letter, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Render one letter.

        Raises `DocumentError` where the fonts lack a character of it, its tables are beyond 10,000
        rows or its Swiss payment part would be on another sheet than A4; `PolicyError` where no
        font of such a part is given; `AdapterError` for attachments and for whatever else Typst
        refuses.
        """
        if attachments:
            msg = f"attachments must be left to another renderer, got {len(attachments)}"
            raise AdapterError(msg)
        return self._rendered([letter], title=letter.subject)

    def render_together(self, letters: Sequence[Letter], *, title: str) -> bytes:
        """Render letters as one file for the printer: each has page numbers of its own.

        With the setting `duplex` each begins on a sheet of its own.  The file is dated as its first
        letter.  One letter that cannot be rendered refuses all, as `render` does; raises
        `DocumentError` for no letters.
        """
        if not letters:
            msg = "letters must be one or more, got none"
            raise DocumentError(msg)
        return self._rendered(letters, title=title)

    def _rendered(self, letters: Sequence[Letter], *, title: str) -> bytes:
        for letter in letters:
            self._check(letter)
        try:
            return bytes(self._compile(letters, title))
        except self._typst.TypstError as error:
            raise _refusal(letters, error) from error

    def _check(self, letter: Letter) -> None:
        rows = sum(len(table.rows) for table in (letter.table, *letter.tables, *letter.annex))
        if rows > _ROWS_MAX:
            msg = f"rows of a letter must be at most {_ROWS_MAX}, got {rows}"
            raise DocumentError(msg)
        if letter.payment_code is None or letter.payment_code.slip is None:
            return
        if self._settings.paper != "a4":
            msg = f"sheet of a Swiss payment part must be a4, got {self._settings.paper}"
            raise DocumentError(msg)
        if not self._slip_fonts():
            known = ", ".join(_SLIP_FONTS)
            msg = f"fonts of a Swiss payment part must be one of {known} in `font_paths`, got none"
            raise PolicyError(msg)

    def _slip_fonts(self) -> list[str]:
        there = set(self._fonts.families())
        return [font for font in _SLIP_FONTS if font in there]

    def _compile(self, letters: Sequence[Letter], title: str) -> Any:  # noqa: ANN401  # Typst returns bytes, or a list of them
        inputs = {
            "letters": json.dumps(
                [_breakable(_data(letter), _WORD_MOST) for letter in letters], ensure_ascii=False
            ),
            "layout": json.dumps(self._layout(letters[0], title), ensure_ascii=False),
        }
        noon = dt.datetime.combine(letters[0].date, dt.time(12), dt.UTC)
        return self._compiler().compile(
            sys_inputs=inputs, format="pdf", pdf_standards=_STANDARDS, timestamp=noon
        )

    def _layout(self, first: Letter, title: str) -> dict[str, Any]:
        settings = self._settings
        area = settings.area
        return {
            "paper": settings.paper,
            "duplex": settings.duplex,
            "address": {
                "left": area.left_um / 1000,
                "top": area.top_um / 1000,
                "width": area.width_um / 1000,
                "height": area.height_um / 1000,
            },
            "fonts": [*settings.fonts, _DEFAULT_FONT],
            "slip-fonts": [*self._slip_fonts(), _DEFAULT_FONT],
            "title": title,
            "author": first.signature,
            "date": [first.date.year, first.date.month, first.date.day],
        }

    def _compiler(self) -> Any:  # noqa: ANN401  # Typst has no types
        if not hasattr(self._local, "compiler"):
            # A compiler made from bytes fails on its second letter; one made from a path does not.
            self._local.compiler = self._typst.Compiler(
                str(_TEMPLATE),
                root=str(_TEMPLATE.parent),
                font_paths=self._fonts,
                package_path=str(_TEMPLATE.parent),
                package_cache_path=str(_TEMPLATE.parent),
            )
        return self._local.compiler


def _import_typst() -> Any:  # noqa: ANN401  # Typst has no types
    try:
        import typst  # noqa: PLC0415  # only who prints letters should load it
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(
            extra="letters", needed_for="the renderer typst"
        ) from None
    return typst


def _import_segno() -> Any:  # noqa: ANN401  # as above
    try:
        import segno  # noqa: PLC0415  # only letters with a code need it
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(extra="letters", needed_for="codes on letters") from None
    return segno


def _refusal(letters: Sequence[Letter], error: Exception) -> Exception:
    text = str(getattr(error, "message", error))
    names = ", ".join(letter.file_stem for letter in letters[:3])
    if "font" in text or "glyph" in text:
        msg = f"characters of {names} must be in the fonts, or set `font_paths`, got {text}"
        return DocumentError(msg)
    msg = f"letter {names} must compile, got {text}"
    return AdapterError(msg)


def _breakable(data: Any, most: int) -> Any:  # noqa: ANN401  # what JSON knows
    """The same data, in which a word without a place to break, such as a long name, may be broken."""
    if isinstance(data, str):
        if len(data) <= most or data.startswith("<svg"):
            return data
        return " ".join(_in_pieces(word) if len(word) > most else word for word in data.split(" "))
    if isinstance(data, dict):
        return {key: _breakable(value, most) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_breakable(value, most) for value in data]
    return data


def _in_pieces(word: str) -> str:
    """A word that may be broken before any sign but those that belong to the one before."""
    return "".join(
        sign if unicodedata.combining(sign) else f"{_ZERO_WIDTH}{sign}" for sign in word
    ).removeprefix(_ZERO_WIDTH)


def _data(letter: Letter) -> dict[str, Any]:
    language, _, region = letter.locale.partition("-")
    kind = kind_of(letter.kind)
    return {
        "language": language,
        "region": region or None,
        "sender": letter.sender,
        "delivery": letter.delivery,
        "recipient": letter.recipient,
        "spoken": kind is not None and kind.is_spoken,
        "place-and-date": letter.place_and_date,
        "reference": _labelled(letter.reference),
        "subject-label": letter.subject_label,
        "subject": letter.subject,
        "salutation": letter.salutation,
        "before": letter.before,
        "tables": [_table(table) for table in (letter.table, *letter.tables)],
        "after": letter.after,
        "payment": [_labelled(part) for part in letter.payment],
        "code": None if letter.payment_code is None else _code(letter.payment_code),
        "closing": letter.closing,
        "signature": letter.signature,
        "legal": letter.legal,
        "reply": None if letter.reply is None else _reply(letter.reply),
        "annex-title": letter.annex_title,
        "annex": [_table(table) for table in letter.annex],
        "page-label": letter.page_label,
        "sheet": letter.is_sheet,
        "columns": _columns(letter) if letter.is_sheet else [],
    }


def _columns(letter: Letter) -> list[list[dict[str, Any]]]:
    """The tables of a sheet in two columns, in their order, the taller one as short as can be."""
    tables = [table for table in (letter.table, *letter.tables) if table.rows or table.totals]
    heights = [_CAPTION_ROWS + len(table.rows) + len(table.totals) for table in tables]
    cuts = range(1, len(tables) + 1) if tables else [0]
    cut = min(cuts, key=lambda at: max(sum(heights[:at]), sum(heights[at:])))
    return [[_table(table) for table in half] for half in (tables[:cut], tables[cut:])]


def _code(code: PaymentCode) -> dict[str, Any]:
    slip = None if code.slip is None else _slip(code.slip)
    # The Swiss code is 46 mm wide without the border around it, which the form leaves free anyhow.
    svg = _drawn(code.payload, border=4 if slip is None else 0)
    return {"svg": svg, "caption": code.caption, "slip": slip}


def _drawn(payload: str, *, border: int) -> str:
    """The code as SVG, with correction level M and in UTF-8, as both guidelines want it."""
    segno = _import_segno()
    drawn = segno.make_qr(payload, error="m", boost_error=False, encoding="utf-8", eci=False)
    return str(drawn.svg_inline(border=border, dark="#000"))


def _slip(slip: PaymentSlip) -> dict[str, Any]:
    return {
        "language": slip.language,
        "headings": dict(slip.headings),
        "account": slip.account,
        "reference": slip.reference,
        "message": slip.message,
        "currency": slip.currency,
        "amount": slip.amount,
        "debtor": slip.debtor,
    }


def _labelled(part: Labelled) -> dict[str, str]:
    return {"label": part.label, "text": part.text}


def _reply(slip: ReplySlip) -> dict[str, Any]:
    return {
        "title": slip.title,
        "to": slip.to,
        "paragraphs": slip.paragraphs,
        "choices": slip.choices,
        "fields": slip.fields,
    }


def _table(table: LetterTable) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "headings": _heading_lines(table),
        "rows": [
            {
                "cells": _cells(row, table.wide_column),
                "running": row.running,
                "detail": row.is_detail,
            }
            for row in table.rows
        ],
        "number-columns": table.number_columns,
        "wide-column": table.wide_column,
        "totals": [_labelled(total) for total in table.totals],
        "carried-forward": table.carried_forward,
        "brought-forward": table.brought_forward,
    }


def _cells(row: LetterRow, wide: int | None) -> list[str]:
    """The cells; that of the wide column, which gets what the others leave, is broken sooner."""
    return [
        _breakable(cell, _WORD_MOST_IN_CELL) if index == wide else cell
        for index, cell in enumerate(row.cells)
    ]


def _heading_lines(table: LetterTable) -> list[list[str]]:
    """The headings, in a table of many columns broken as far as the room for them asks."""
    if table.wide_column is None or len(table.headings) < _COLUMNS_MANY:
        return [[heading] for heading in table.headings]
    widths = [_needed(table, column) for column in range(len(table.headings))]
    widths[table.wide_column] = min(widths[table.wide_column], _WIDE_LEAST)
    for _ in range(_SIGNS_ACROSS - sum(widths)):
        heights = [len(wrapped(*pair)) for pair in zip(table.headings, widths, strict=True)]
        if max(heights) == 1:
            break
        # What room there is goes to the heading that takes the most lines.
        widths[heights.index(max(heights))] += 1
    return [wrapped(*pair) for pair in zip(table.headings, widths, strict=True)]


def _needed(table: LetterTable, column: int) -> int:
    words = table.headings[column].split(" ")
    return max(map(len, (*words, *(row.cells[column] for row in table.rows))))
