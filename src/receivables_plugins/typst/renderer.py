"""The renderer: a letter goes to the template as data, and comes back as the bytes of a PDF."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from receivables.adapters import Attachment
from receivables.errors import AdapterError, DocumentError, MissingExtraError
from receivables.letters import Labelled, Letter, LetterTable, ReplySlip

if TYPE_CHECKING:
    from receivables_plugins.typst import TypstSettings

__all__ = ["TypstRenderer"]

_TEMPLATE: Final = Path(__file__).with_name("letter.typ")
_STANDARDS: Final = ["a-3a", "ua-1"]
_DEFAULT_FONT: Final = "Libertinus Serif"

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
        self._local = threading.local()

    def render(self, letter: Letter, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Render one letter.

        Raises `DocumentError` where the fonts lack a character of it or its tables are beyond 10,000
        rows, `AdapterError` for attachments and for whatever else Typst refuses.
        """
        if attachments:
            msg = f"attachments must be left to another renderer, got {len(attachments)}"
            raise AdapterError(msg)
        rows = sum(len(table.rows) for table in (letter.table, *letter.tables, *letter.annex))
        if rows > _ROWS_MAX:
            msg = f"rows of a letter must be at most {_ROWS_MAX}, got {rows}"
            raise DocumentError(msg)
        try:
            return bytes(self._compile(letter))
        except self._typst.TypstError as error:
            raise _refusal(letter, error) from error

    def _compile(self, letter: Letter) -> Any:  # noqa: ANN401  # Typst returns bytes, or a list of them
        inputs = {
            "letter": json.dumps(_data(letter), ensure_ascii=False),
            "layout": json.dumps(self._layout()),
        }
        noon = dt.datetime.combine(letter.date, dt.time(12), dt.UTC)
        return self._compiler().compile(
            sys_inputs=inputs, format="pdf", pdf_standards=_STANDARDS, timestamp=noon
        )

    def _layout(self) -> dict[str, Any]:
        settings = self._settings
        fonts = [*settings.fonts, _DEFAULT_FONT]
        return {"paper": settings.paper, "window": settings.window, "fonts": fonts}

    def _compiler(self) -> Any:  # noqa: ANN401  # Typst has no types
        if not hasattr(self._local, "compiler"):
            # A compiler made from bytes fails on its second letter; one made from a path does not.
            self._local.compiler = self._typst.Compiler(
                str(_TEMPLATE),
                root=str(_TEMPLATE.parent),
                font_paths=self._typst.Fonts(
                    include_system_fonts=False,
                    include_embedded_fonts=True,
                    font_paths=[str(path) for path in self._settings.font_paths],
                ),
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


def _refusal(letter: Letter, error: Exception) -> Exception:
    text = str(getattr(error, "message", error))
    if "font" in text or "glyph" in text:
        msg = f"characters of {letter.file_stem} must be in the fonts, or set `font_paths`, got {text}"
        return DocumentError(msg)
    msg = f"letter {letter.file_stem} must compile, got {text}"
    return AdapterError(msg)


def _data(letter: Letter) -> dict[str, Any]:
    language, _, region = letter.locale.partition("-")
    return {
        "language": language,
        "region": region or None,
        "date": [letter.date.year, letter.date.month, letter.date.day],
        "sender": letter.sender,
        "delivery": letter.delivery,
        "recipient": letter.recipient,
        "place-and-date": letter.place_and_date,
        "reference": _labelled(letter.reference),
        "subject-label": letter.subject_label,
        "subject": letter.subject,
        "salutation": letter.salutation,
        "before": letter.before,
        "tables": [_table(table) for table in (letter.table, *letter.tables)],
        "after": letter.after,
        "payment": [_labelled(part) for part in letter.payment],
        "closing": letter.closing,
        "signature": letter.signature,
        "legal": letter.legal,
        "reply": None if letter.reply is None else _reply(letter.reply),
        "annex-title": letter.annex_title,
        "annex": [_table(table) for table in letter.annex],
        "page-label": letter.page_label,
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
        "headings": table.headings,
        "rows": [
            {"cells": row.cells, "running": row.running, "detail": row.is_detail}
            for row in table.rows
        ],
        "number-columns": table.number_columns,
        "wide-column": table.wide_column,
        "totals": [_labelled(total) for total in table.totals],
        "carried-forward": table.carried_forward,
        "brought-forward": table.brought_forward,
    }
