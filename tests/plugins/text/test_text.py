"""Letters as plain text: short lines, aligned columns, nothing left over at the ends of lines."""

import re

import attrs
import pytest

from receivables.adapters import Attachment
from receivables.errors import AdapterError, PolicyError
from receivables.letters import Labelled, LetterRow, LetterTable
from receivables.letters.plain_text import display_width
from receivables.testing.letter_renderer import LETTERS, sample_letter
from receivables_plugins.text import receivables_letter_renderers

_SPEC = receivables_letter_renderers()[0]


@pytest.fixture
def renderer():
    """The renderer with its default settings."""
    return _SPEC.build()


def _lines(content):
    return content.decode().split("\n")


def _table(**changes):
    """A letter that is a table, as lines between its salutation and its closing."""
    table = LetterTable(**changes)
    return attrs.evolve(sample_letter("reminder-1", "en"), table=table, before=(), after=())


@pytest.mark.parametrize(("kind", "locale"), LETTERS)
def test_lines_are_short_and_end_in_a_sign(renderer, kind, locale):
    """No line of a packaged letter is wider than 72 cells or ends in a blank."""
    lines = _lines(renderer.render(sample_letter(kind, locale, credit_minor=-500)))

    assert max(map(display_width, lines)) <= 72
    assert not [line for line in lines if line != line.rstrip()]
    assert lines[-1] == ""
    assert "\n\n\n" not in "\n".join(lines)


def test_headings_go_below_each_other_where_they_must(renderer):
    """A French table keeps its amounts in a column, and breaks its headings between words."""
    lines = _lines(renderer.render(sample_letter("reminder-2", "fr-FR")))
    first = next(index for index, line in enumerate(lines) if line.startswith("2026-0100"))
    amounts = [line for line in lines[first : first + 5] if line.endswith("€")]

    assert len({len(line) for line in amounts}) == 1
    assert set(lines[first - 1]) == {"-"}


def test_wide_table_becomes_lines(renderer):
    """What cannot be a table in 72 cells is a list of headings and cells, row by row."""
    headings = ("Document", *(f"Heading {number}" for number in range(7)))
    rows = [LetterRow(cells=("2026-0100", *["1,234,567.89"] * 6, ""))]
    totals = [Labelled("Total", "1,234,567.89")]
    lines = _lines(
        renderer.render(_table(headings=headings, rows=rows, totals=totals, number_columns=7))
    )

    assert "2026-0100" in lines
    assert sum(bool(re.fullmatch(r"   Heading \d +1,234,567\.89", line)) for line in lines) == 6
    assert any(re.fullmatch(r"Total +1,234,567\.89", line) for line in lines)


def test_long_cell_is_broken(renderer):
    """The widest column gives way first, and its cells are broken between words."""
    rows = [LetterRow(cells=("a name of very many words " * 5, "1,234.50"))]
    lines = _lines(renderer.render(_table(headings=("Document", "Amount"), rows=rows)))

    assert max(map(display_width, lines)) <= 72
    assert sum("very many words" in line for line in lines) >= 1
    assert any(line.endswith("1,234.50") for line in lines)


def test_wide_characters_take_two_cells(renderer):
    """Columns stay aligned where a name is in Chinese characters."""
    rows = [LetterRow(cells=("株式会社", "1")), LetterRow(cells=("Dupont", "10"))]
    lines = _lines(renderer.render(_table(headings=("a", "b"), rows=rows)))

    assert "株式会社   1" in lines
    assert "Dupont    10" in lines


def test_no_break_spaces_hold(renderer):
    """A number and its unit are never parted, at whatever width."""
    letter = attrs.evolve(
        sample_letter("reminder-1", "fr-FR"), before=("payez 1\u202f234,50\u00a0€ " * 20,)
    )
    for width in range(40, 60):
        text = _SPEC.build({"width": width}).render(letter).decode()

        assert text.count("1\u202f234,50\u00a0€") >= 20


def test_reply_can_be_filled_in(renderer):
    """A reply has brackets to tick and lines to write on, within the width."""
    letter = sample_letter("balance-confirmation", "fr-FR")
    text = renderer.render(letter).decode()

    assert text.count("[ ] ") == len(letter.reply.choices)
    assert len(re.findall(r"_{12,}$", text, re.MULTILINE)) == len(letter.reply.fields)


def test_letter_opens_as_on_paper(renderer):
    """Sender, mention of the post, recipient, place and date come before the subject."""
    letter = sample_letter("formal-notice", "fr-FR")
    text = renderer.render(letter).decode()
    places = [
        text.index(part)
        for part in (letter.sender[1], letter.delivery, letter.recipient[-1], letter.place_and_date)
    ]

    assert places == sorted(places)
    assert places[-1] < text.index(letter.subject_label)


@pytest.mark.parametrize("width", [39, 201, 0])
def test_width_is_checked(width):
    """A width that no table fits, or that no reader has, is refused."""
    with pytest.raises(PolicyError, match="width must be 40 to 200"):
        _SPEC.build({"width": width})


def test_attachments_are_refused(renderer):
    """A text carries nothing."""
    attachment = Attachment(name="a.pdf", media_type="application/pdf", content=b"%PDF")

    with pytest.raises(AdapterError, match="attachments must be left to another renderer"):
        renderer.render(sample_letter("reminder-1", "en"), attachments=[attachment])
