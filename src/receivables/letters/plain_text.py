r"""Letters as plain text: paragraphs in lines, tables aligned by the width that a reader sees.

>>> lines = table_lines(LetterTable(
...     headings=("Document", "Open amount"), rows=[LetterRow(cells=("2026-0100", "1,234.50"))]))
>>> print("\n".join(lines))
Document   Open amount
----------------------
2026-0100     1,234.50
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from receivables.letters.model import Labelled, Letter, LetterRow, LetterTable, ReplySlip

__all__ = ["display_width", "letter_text", "pair_lines", "reply_blocks", "table_lines", "wrapped"]

_GAP: Final = "  "
_INDENT: Final = "   "
_BLANK_WIDTH: Final = 30
_RULE_WIDTH: Final = 72
_COLUMN_LEAST: Final = 12
"""Cells that the wide column keeps, however narrow the page."""


def display_width(text: str) -> int:
    """How many cells of a fixed-width font a text takes: wide characters two, combining ones none.

    >>> display_width("é"), display_width("株式")
    (1, 4)
    """
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most `width` cells, broken at blanks that may be broken, and only there.

    A word that is longer than a line has a line of its own.

    >>> wrapped("Votre compte présente un solde échu.", 20)
    ['Votre compte', 'présente un solde', 'échu.']
    """
    lines: list[str] = []
    for word in filter(None, text.split(" ")):
        if lines and display_width(lines[-1]) + 1 + display_width(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def pair_lines(pairs: Sequence[Labelled]) -> list[str]:
    """Labels and what they introduce, below each other."""
    return _laid_out([(pair.label, pair.text) for pair in pairs], numbers_from=2)


def table_lines(table: LetterTable, *, width: int | None = None) -> list[str]:
    """A table with a rule below its headings and above its totals.

    With a `width` the words of a heading go below each other first, then the wide column is
    broken, and where even that is not narrow enough each row becomes lines of heading and cell.
    """
    if not table.rows and not table.totals:
        return []
    plain = list(_whole(table))
    if width is None or _widest(plain) <= width:
        return plain
    narrow = list(_narrow(table, width))
    return narrow if _widest(narrow) <= width else list(_by_row(table, width))


def _widest(lines: Sequence[str]) -> int:
    return max(map(display_width, lines), default=0)


def _whole(table: LetterTable) -> Iterator[str]:
    columns = max(len(table.headings), 2)
    blanks = ("",) * (columns - 2)
    headings = [table.headings] if table.rows else []
    rows = [row.cells for row in table.rows]
    totals = [(total.label, *blanks, total.text) for total in table.totals]
    lines = _laid_out([*headings, *rows, *totals], numbers_from=columns - table.number_columns)
    return _ruled(lines, {len(headings), len(headings) + len(rows)})


def _ruled(lines: Sequence[str], before: set[int]) -> Iterator[str]:
    rule = "-" * _widest(lines)
    for index, line in enumerate(lines):
        if index in before:
            yield rule
        yield line


def _narrow(table: LetterTable, width: int) -> Iterator[str]:
    widths = _narrow_widths(table, width)
    right_from = len(widths) - table.number_columns
    headings = list(_stacked(table.headings, widths, right_from, bottom=True))
    rows = [
        line for row in table.rows for line in _stacked(row.cells, widths, right_from, bottom=False)
    ]
    body_width = sum(widths) + len(_GAP) * (len(widths) - 1)
    totals = [_ends(total, body_width) for total in table.totals]
    return _ruled([*headings, *rows, *totals], {len(headings), len(headings) + len(rows)})


def _narrow_widths(table: LetterTable, width: int) -> list[int]:
    """Each column as wide as its cells and the longest word above them; the wide one takes the rest."""
    widths = [
        max(
            *(display_width(word) for word in heading.split(" ")),
            *(display_width(row.cells[column]) for row in table.rows),
        )
        for column, heading in enumerate(table.headings)
    ]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    wide = table.wide_column
    if excess > 0 and wide is not None:
        widths[wide] = max(min(_COLUMN_LEAST, widths[wide]), widths[wide] - excess)
    for _ in range(-excess):
        tallest = max(range(len(widths)), key=lambda at: _height(table.headings[at], widths[at]))
        if _height(table.headings[tallest], widths[tallest]) == 1:
            break
        # What room there is goes to the heading that takes the most lines.
        widths[tallest] += 1
    return widths


def _height(heading: str, width: int) -> int:
    return len(wrapped(heading, width))


def _stacked(
    cells: Sequence[str], widths: Sequence[int], right_from: int, *, bottom: bool
) -> Iterator[str]:
    broken = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(map(len, broken))
    for column, lines in enumerate(broken):
        fill = [""] * (height - len(lines))
        broken[column] = [*fill, *lines] if bottom else [*lines, *fill]
    for line in zip(*broken, strict=True):
        yield _joined(line, widths, right_from)


def _by_row(table: LetterTable, width: int) -> Iterator[str]:
    """Each row as lines of its own: its first cell, then heading and cell."""
    rule = "-" * width
    yield rule
    for row in table.rows:
        yield from wrapped(row.cells[0], width)
        yield from _row_pairs(table, row, width)
    yield rule
    for total in table.totals:
        yield _ends(total, width)


def _row_pairs(table: LetterTable, row: LetterRow, width: int) -> Iterator[str]:
    for heading, cell in zip(table.headings[1:], row.cells[1:], strict=True):
        if cell:
            yield _INDENT + _ends(Labelled(heading, cell), width - len(_INDENT))


def _ends(pair: Labelled, width: int) -> str:
    """A label at the left and its text at the right."""
    room = width - display_width(pair.label) - display_width(pair.text)
    return f"{pair.label}{' ' * max(room, len(_GAP))}{pair.text}"


def _laid_out(rows: Sequence[Sequence[str]], *, numbers_from: int) -> list[str]:
    columns = max((len(row) for row in rows), default=0)
    widths = [
        max(display_width(row[column]) for row in rows if column < len(row))
        for column in range(columns)
    ]
    return [_joined(row, widths, numbers_from) for row in rows]


def _joined(cells: Sequence[str], widths: Sequence[int], right_from: int) -> str:
    return _GAP.join(
        _padded(cell, widths[column], right=column >= right_from)
        for column, cell in enumerate(cells)
    ).rstrip(" ")


def _padded(cell: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - display_width(cell))
    return blanks + cell if right else cell + blanks


def reply_blocks(slip: ReplySlip, *, width: int | None = None, locale: str = "") -> Iterator[str]:
    """What the reader fills in, with brackets to tick and lines to write on, between two rules.

    The `locale` decides whether a blank stands before a colon.
    """
    rule = "-" * (width or _RULE_WIDTH)
    yield rule
    yield _flowing(slip.title, width)
    yield "\n".join(slip.to)
    yield from (_flowing(paragraph, width) for paragraph in slip.paragraphs)
    yield "\n".join(_hanging("[ ] ", choice, width) for choice in slip.choices)
    # Imprimerie nationale, Lexique: a blank that does not break stands before a colon in French.
    colon = "\u00a0:" if locale[:2] == "fr" else ":"
    yield "\n".join(_asked(f"{field}{colon}", width) for field in slip.fields)
    yield rule


def _flowing(text: str, width: int | None) -> str:
    return text if width is None else "\n".join(wrapped(text, width))


def _hanging(mark: str, text: str, width: int | None) -> str:
    lines = [text] if width is None else wrapped(text, width - len(mark))
    return mark + f"\n{' ' * len(mark)}".join(lines)


def _asked(field: str, width: int | None) -> str:
    *above, last = [field] if width is None else wrapped(field, width)
    blank = _BLANK_WIDTH
    if width is not None:
        blank = min(blank, width - display_width(last) - 1)
    if width is None or blank >= _COLUMN_LEAST:
        return "\n".join([*above, f"{last} {'_' * blank}"])
    return "\n".join([*above, last, "_" * min(width, _BLANK_WIDTH)])


def letter_text(letter: Letter, *, width: int = 72) -> str:
    """A whole letter as text, from its sender to its legal lines, in lines of `width` cells.

    No line ends in a blank, and parts that the letter lacks leave nothing behind.
    """

    def flowing(text: str) -> str:
        return _flowing(text, width)

    def tables(of: Sequence[LetterTable]) -> Iterator[str]:
        for table in of:
            caption = [*wrapped(table.caption, width)] if table.caption else []
            yield "\n".join([*caption, *table_lines(table, width=width)])

    blocks = [
        "\n".join(letter.sender),
        letter.delivery,
        "\n".join(letter.recipient),
        letter.place_and_date,
        flowing(f"{letter.reference.label} {letter.reference.text}"),
        flowing(f"{letter.subject_label} {letter.subject}".strip()),
        flowing(letter.salutation),
        *map(flowing, letter.before),
        *tables((letter.table, *letter.tables)),
        *map(flowing, letter.after),
        "\n".join(pair_lines(letter.payment)),
        flowing(letter.closing),
        "\n".join(letter.signature),
        *(
            []
            if letter.reply is None
            else reply_blocks(letter.reply, width=width, locale=letter.locale)
        ),
        flowing(letter.annex_title),
        *tables(letter.annex),
        "\n".join(map(flowing, letter.legal)),
    ]
    kept = (block for block in blocks if block.strip())
    lines = (line.rstrip(" ") for block in kept for line in (*block.split("\n"), ""))
    return "\n".join(lines)
