"""Letters as PDF: kept for years, read aloud, folded into an envelope."""

import io
import re
import threading

import attrs
import pypdf
import pytest

from receivables.adapters import Attachment
from receivables.errors import AdapterError, DocumentError, PolicyError
from receivables.letters import LetterRow, LetterTable
from receivables.testing.letter_renderer import sample_letter
from receivables_plugins.typst import receivables_letter_renderers

_SPEC = receivables_letter_renderers()[0]
_MM = 72 / 25.4


@pytest.fixture(scope="module")
def renderer():
    """The renderer with its default settings."""
    return _SPEC.build()


def _pages(content):
    return pypdf.PdfReader(io.BytesIO(content)).pages


def _text(content):
    return "\n".join(page.extract_text() for page in _pages(content))


def _places(page):
    """Each piece of text with its distance from the left and the top of the sheet, in mm."""
    found = []

    def visit(text, matrix, text_matrix, _font, _size):
        if text.strip():
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            found.append((text.strip(), x / _MM, (float(page.mediabox.height) - y) / _MM))

    page.extract_text(visitor_text=visit)
    return found


def test_file_describes_itself(renderer):
    """Title, author, language, colours and date are those of the letter."""
    letter = sample_letter("formal-notice", "fr-FR")
    reader = pypdf.PdfReader(io.BytesIO(renderer.render(letter)))
    root = reader.trailer["/Root"]

    assert reader.metadata.title == letter.subject
    assert reader.metadata.author == "Mira Outillage SAS"
    assert reader.metadata["/CreationDate"].startswith("D:20261102")
    assert root["/Lang"] == "fr-FR"
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/MarkInfo"]["/Marked"]


def test_file_says_that_it_is_pdf_a_and_ua(renderer):
    """It declares PDF/A-3a and PDF/UA-1 (ISO 19005-3, ISO 14289-1)."""
    reader = pypdf.PdfReader(io.BytesIO(renderer.render(sample_letter("reminder-1", "en"))))
    xmp = reader.trailer["/Root"]["/Metadata"].get_data().decode()

    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_every_font_is_in_the_file(renderer):
    """No font is left to the machine of the reader, and the serif is the one that comes along."""
    page = _pages(renderer.render(sample_letter("reminder-2", "fr-FR")))[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]

    assert all("/FontFile3" in found or "/FontFile2" in found for found in descriptors)
    assert all("Libertinus" in font["/BaseFont"] for font in fonts)


def test_accents_come_back(renderer):
    """What is read back from the file is what was written, accents and signs included."""
    text = _text(renderer.render(sample_letter("formal-notice", "es-ES")))

    assert "más antigua venció" in text
    assert "1.234,50\u00a0€" in text


def test_short_letter_is_one_page(renderer):
    """A letter about a few items fits on a sheet, which says so."""
    pages = _pages(renderer.render(sample_letter("formal-notice", "fr-FR", credit_minor=-100)))

    assert len(pages) == 1
    assert re.search(r"Page\s1/1", pages[0].extract_text())


def test_long_table_carries_its_sum(renderer):
    """Each page repeats the headings, and the sum goes from the foot of one to the head of the next."""
    letter = sample_letter("reminder-2", "fr-FR", items=60)
    first, second, *_ = (page.extract_text() for page in _pages(renderer.render(letter)))
    carried = re.search(r"À reporter\s+(.+€)", first)[1]
    brought = re.search(r"Report\s+(.+€)", second)[1]
    last = re.findall(r"2026-0\d{3}", first)[-1]
    sums = {row.cells[0]: row.running for row in letter.table.rows}

    assert carried == brought == sums[last]
    assert "Date d’échéance" in first
    assert "Date d’échéance" in second
    assert "Report " not in first
    assert "À reporter" not in second


def test_no_page_holds_a_farewell_only(renderer):
    """The closing is never alone on a page, however many items there are."""
    for items in range(9, 13):
        last = _pages(renderer.render(sample_letter("reminder-2", "fr-FR", items=items)))[-1]

        assert "IBAN" in last.extract_text()


@pytest.mark.parametrize(("window", "left"), [("right", 105), ("left", 20)])
def test_address_shows_in_the_window(window, left):
    """The address lies in the window of a DL envelope: 45 to 80 mm from the top, on its side."""
    letter = attrs.evolve(
        sample_letter("reminder-1", "fr-FR"), recipient=[f"L{n}" for n in "123456"]
    )
    page = _pages(_SPEC.build({"window": window}).render(letter))[0]
    places = [(x, y) for text, x, y in _places(page) if re.match("L[1-6]", text)]

    assert places
    assert all(left <= x <= left + 85 and 45 <= y <= 82 for x, y in places)


@pytest.mark.parametrize(("paper", "size"), [("a4", (210, 297)), ("us-letter", (216, 279))])
def test_paper_is_a_setting(paper, size):
    """Canada and the United States print on another sheet."""
    box = _pages(_SPEC.build({"paper": paper}).render(sample_letter("reminder-1", "en")))[
        0
    ].mediabox

    assert size == (round(float(box.width) / _MM), round(float(box.height) / _MM))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"paper": "a3"}, "paper must be one of a4, us-letter"),
        ({"window": "top"}, "window must be one of left, right"),
        ({"template": "own.typ"}, "must be among font_paths, fonts, paper, window"),
    ],
)
def test_settings_are_checked(settings, reason):
    """A setting that cannot be is refused when the renderer is built."""
    with pytest.raises(PolicyError, match=reason):
        _SPEC.build(settings)


def test_attachments_are_refused(renderer):
    """A letter on paper carries nothing."""
    attachment = Attachment(name="a.pdf", media_type="application/pdf", content=b"%PDF")

    with pytest.raises(AdapterError, match="attachments must be left to another renderer"):
        renderer.render(sample_letter("reminder-1", "en"), attachments=[attachment])


def test_character_without_a_glyph_is_refused(renderer):
    """A name that would be printed as boxes is refused, with the character and the way out."""
    letter = attrs.evolve(sample_letter("reminder-1", "en"), recipient=("株式会社",))

    with pytest.raises(DocumentError, match=r"font_paths.*株"):
        renderer.render(letter)


def test_renderer_goes_on_after_a_refusal(renderer):
    """One letter that cannot be printed does not spoil the next."""
    letter = sample_letter("reminder-1", "en")
    before = renderer.render(letter)
    with pytest.raises(DocumentError):
        renderer.render(attrs.evolve(letter, recipient=("株式会社",)))

    assert before == renderer.render(letter)


def test_long_word_stays_on_the_sheet(renderer):
    """A word that is longer than a line is broken, and nothing runs off the paper."""
    word = "X" * 300
    table = LetterTable(headings=("a", "b"), rows=[LetterRow(cells=(word, "1"))])
    letter = attrs.evolve(
        sample_letter("reminder-1", "en"), subject=word, recipient=(word,), table=table
    )
    text = re.sub(r"\s|\u200b", "", _text(renderer.render(letter)))

    assert text.count(word) >= 3


def test_too_long_a_table_is_refused(renderer):
    """A table that nobody would print is refused before it takes minutes."""
    rows = [LetterRow(cells=("1",))] * 10_001
    letter = attrs.evolve(
        sample_letter("reminder-1", "en"), table=LetterTable(headings=("a",), rows=rows)
    )

    with pytest.raises(DocumentError, match="rows of a letter must be at most 10000"):
        renderer.render(letter)


def test_bare_letter_is_rendered(renderer):
    """A letter that says nothing but its subject is still a file."""
    bare = attrs.evolve(
        sample_letter("reminder-1", "en"),
        sender=(),
        recipient=(),
        salutation="",
        before=(),
        table=LetterTable(),
        after=(),
        payment=(),
        closing="",
        signature=(),
        legal=(),
    )

    assert bare.subject in _text(renderer.render(bare))


def test_no_line_begins_with_a_french_sign(renderer):
    """A no-break space before a sign is not a place to break, narrow or not."""
    for width in range(1, 25):
        words = " ".join(f"{'m' * (width % 7 + step % 5 + 1)}\u202f!" for step in range(40))
        letter = attrs.evolve(sample_letter("reminder-1", "fr-FR"), before=("x" * width, words))

        assert not re.search(r"^\s*!", _text(renderer.render(letter)), re.MULTILINE)


def test_threads_share_a_renderer(renderer):
    """Letters rendered at the same time are the letters rendered one by one."""
    letters = [sample_letter("reminder-1", locale) for locale in ("en", "fr", "es", "fr-CA")]
    found = {}

    def render(index):
        found[index] = renderer.render(letters[index])

    threads = [threading.Thread(target=render, args=(index,)) for index in range(len(letters))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {index: renderer.render(letter) for index, letter in enumerate(letters)}


def _two_long_tables():
    rows = [
        [
            LetterRow(cells=(f"{mark}{number:03}", "1"), running=f"{mark}={number}")
            for number in range(70)
        ]
        for mark in "AB"
    ]
    return [
        LetterTable(
            caption=f"caption {index}",
            headings=("n", "sum"),
            rows=of_table,
            carried_forward="carried",
            brought_forward="brought",
        )
        for index, of_table in enumerate(rows)
    ]


def test_each_table_carries_its_own_sum(renderer):
    """The sum of one table is never carried into the next, and each stands below its caption."""
    letter = attrs.evolve(
        sample_letter("reminder-1", "en"), table=LetterTable(), tables=_two_long_tables()
    )
    text = _text(renderer.render(letter))
    carried = re.findall(r"carried\s+(\S+)", text)
    brought = re.findall(r"brought\s+(\S+)", text)

    assert carried == brought
    assert [mark for mark, _ in re.findall(r"([AB])=(\d+)", " ".join(carried))] == sorted(
        mark for mark, _ in re.findall(r"([AB])=(\d+)", " ".join(carried))
    )
    assert len(carried) >= 2
    for sum_of in carried:
        mark, number = sum_of.split("=")
        assert re.search(rf"{mark}{int(number):03}\s+1\s+carried", text)
    assert text.index("caption 1") < text.index("B000")


def test_statement_is_pages_with_headings(renderer):
    """A long statement repeats its headings and its sum, and ends with its aging."""
    pages = [page.extract_text() for page in _pages(renderer.render(_statement(60)))]

    assert len(pages) >= 2
    assert all("Restant" in page for page in pages[:2])
    assert "À reporter" in pages[0]
    assert any("Balance âgée en EUR" in page for page in pages)


def _statement(items):
    return sample_letter("statement", "fr-FR", items=items, credit_minor=-500)


def test_reply_and_annex_have_sheets_of_their_own(renderer):
    """The letter, the reply and the list of open items can be parted, and the reply is addressed."""
    letter = sample_letter("balance-confirmation", "fr-FR")
    first, second, third = (page.extract_text() for page in _pages(renderer.render(letter)))

    assert letter.reply.title not in first
    assert letter.reply.title in second
    assert "Audit & Associés" in second
    assert "Annexe" in third
    assert "2026-0100" in third


def test_rows_of_all_tables_count(renderer):
    """What nobody would print is refused wherever it stands."""
    table = LetterTable(headings=("a",), rows=[LetterRow(cells=("1",))] * 5_001)
    letter = attrs.evolve(sample_letter("reminder-1", "en"), tables=[table], annex=[table])

    with pytest.raises(DocumentError, match="got 10005"):
        renderer.render(letter)
