"""Letters as PDF: kept for years, read aloud, folded into an envelope."""

import io
import re
import subprocess
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import attrs
import pypdf
import pytest

from receivables.adapters import Attachment
from receivables.errors import AdapterError, DocumentError, PolicyError
from receivables.letters import LetterRow, LetterTable
from receivables.letters.envelopes import ENVELOPES, SHEETS
from receivables.letters.payment_codes import (
    SWISS_HEADINGS,
    SWISS_LANGUAGES,
    CreditTransfer,
    PaymentCode,
    SwissBill,
    SwissParty,
)
from receivables.testing.letter_renderer import sample_letter
from receivables_plugins.typst import receivables_letter_renderers

_SPEC = receivables_letter_renderers()[0]
_LIBERATION = Path("/usr/share/fonts/truetype/liberation")
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
        assert "en indiquer les motifs" in " ".join(last.extract_text().split())


def test_headings_have_the_room_that_there_is(renderer):
    """A table of many columns breaks its headings into no more than two lines."""
    letter = sample_letter("statement", "fr-FR")
    text = _pages(renderer.render(letter))[0].extract_text()

    assert len(letter.tables[0].headings) == 7
    assert "Jours de" in text


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
        ({"window": "top"}, "window must be one of left, right, dl-right"),
        ({"template": "own.typ"}, "must be among duplex, font_paths, fonts, paper, window"),
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


def _boxes(content, folder):
    """The words of the first page with the edges of their boxes in mm, as poppler sees them."""
    (folder / "letter.pdf").write_bytes(content)
    command = ["pdftotext", "-bbox", "-l", "1", "letter.pdf", "letter.html"]
    subprocess.run(command, cwd=folder, check=True)
    words = ET.parse(folder / "letter.html").iter("{http://www.w3.org/1999/xhtml}word")  # noqa: S314  # poppler wrote it
    edges = ("xMin", "yMin", "xMax", "yMax")
    return [(word.text, *(float(word.get(edge)) / _MM for edge in edges)) for word in words]


_SHEET_OF = {name: "us-letter" if name == "number-10" else "a4" for name in ENVELOPES}


@pytest.mark.needs("pdftotext")
@pytest.mark.parametrize("lines", [3, 6])
@pytest.mark.parametrize("name", ENVELOPES)
def test_address_shows_wherever_the_sheet_slides(name, lines, tmp_path):
    """The whole address is in the window with the sheet pushed into any corner of the envelope."""
    marks = [f"L{number}" for number in range(lines)]
    letter = attrs.evolve(sample_letter("reminder-1", "en"), recipient=marks)
    renderer = _SPEC.build({"window": name, "paper": _SHEET_OF[name]})
    boxes = [box for box in _boxes(renderer.render(letter), tmp_path) if box[0] in marks]
    envelope, sheet = ENVELOPES[name], SHEETS[_SHEET_OF[name]]
    left = envelope.window_left_um / 1000
    bottom = (envelope.height_um - envelope.window_bottom_um) / 1000
    top, right = bottom - envelope.window_height_um / 1000, left + envelope.window_width_um / 1000
    slides = [
        (across / 1000, down / 1000)
        for across in (0, envelope.width_um - sheet.width_um)
        for down in (0, envelope.height_um - sheet.panel_um)
    ]

    assert len(boxes) == lines
    for _, x_min, y_min, x_max, y_max in boxes:
        for across, down in slides:
            assert left <= x_min + across < x_max + across <= right
            assert top <= y_min + down < y_max + down <= bottom


def test_script_without_an_address_begins_at_once(renderer):
    """What is spoken leaves no room for a window."""
    letter = attrs.evolve(sample_letter("reminder-1", "en"), recipient=())
    places = {text: y for text, _x, y in _places(_pages(renderer.render(letter))[0])}

    assert min(y for text, y in places.items() if "Our reference" in text) < 60


_TRANSFER = CreditTransfer(
    name="Mira Outillage SAS",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    amount_minor=394_107,
    message="C-017",
)
_CAPTION = "Scan to pay with your bank’s app"
_BILL = SwissBill(
    iban="CH4431999123000889012",
    creditor=SwissParty(
        name="Robert Schneider AG",
        street="Rue du Lac",
        house_number="1268",
        postal_code="2501",
        city="Biel",
        country="CH",
    ),
    amount_minor=194_975,
    reference="210000000003139471430009017",
)


def _with_code():
    code = PaymentCode.of_transfer(_TRANSFER, caption=_CAPTION)
    return attrs.evolve(sample_letter("reminder-1", "en"), payment_code=code)


def _with_bill(language="fr", bill=_BILL):
    code = PaymentCode.of_bill(bill, caption=_CAPTION, language=language)
    return attrs.evolve(sample_letter("reminder-1", "fr"), payment_code=code)


@pytest.fixture
def swiss():
    """A renderer with a font that the style guide of the QR-bill allows."""
    if not _LIBERATION.is_dir():
        pytest.skip("needs liberation")
    return _SPEC.build({"font-paths": [str(_LIBERATION)], "window": "swiss-right"})


def _decoded(content, folder, *, page=1):
    """What an independent reader finds in the codes of a page, printed at 150 dots an inch."""
    image = pytest.importorskip("PIL.Image")
    zxing = pytest.importorskip("zxingcpp")
    (folder / "letter.pdf").write_bytes(content)
    pages = ["-f", str(page), "-l", str(page), "-singlefile"]
    command = ["pdftoppm", "-r", "150", "-png", *pages, "letter.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True)
    return [found.text for found in zxing.read_barcodes(image.open(folder / "page.png"))]


@pytest.mark.needs("pdftotext")
def test_code_on_paper_says_what_it_should(renderer, tmp_path):
    """A camera reads the very payload, and a screen reader the caption in the place of the picture."""
    content = renderer.render(_with_code())

    assert _decoded(content, tmp_path) == [_TRANSFER.payload]
    assert _CAPTION in _alternatives(content)
    assert _bare(_CAPTION) in _bare(_text(content))


def _alternatives(content):
    reader = pypdf.PdfReader(io.BytesIO(content))
    objects = (reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1))
    return [found["/Alt"] for found in objects if isinstance(found, dict) and "/Alt" in found]


@pytest.mark.needs("pdftotext")
def test_payment_part_says_what_it_should(swiss, tmp_path):
    """The Swiss code is read with its cross on it."""
    content = swiss.render(_with_bill())

    assert _decoded(content, tmp_path, page=len(_pages(content))) == [_BILL.payload]
    assert _CAPTION in _alternatives(content)


@pytest.mark.parametrize("language", SWISS_LANGUAGES)
def test_payment_part_is_in_its_language(swiss, language):
    """Headings are those of the guidelines, in the four languages that they know."""
    text = _pages(swiss.render(_with_bill(language)))[-1].extract_text()
    words = SWISS_HEADINGS[language]

    for name in ("payment part", "receipt", "account", "reference", "currency", "amount"):
        assert words[name] in text
    assert text.count("CH44 3199 9123 0008 8901 2") == 2
    assert text.count("21 00000 00003 13947 14300 09017") == 2
    assert text.count("1 949.75") == 2
    assert words["payable by blank"] in text


def test_payment_part_is_at_the_foot_of_the_sheet(swiss):
    """Receipt and payment part are in the lower 105 mm of A4, 62 and 148 mm wide."""
    page = _pages(swiss.render(_with_bill("en")))[-1]
    places = {text: (x, y) for text, x, y in _places(page)}

    assert places["Receipt"][0] == pytest.approx(5, abs=0.5)
    assert places["Payment part"][0] == pytest.approx(67, abs=0.5)
    assert 297 - 105 < places["Receipt"][1] < 297 - 95
    assert places["Currency"][1] == pytest.approx(297 - 105 + 68 + 2.5, abs=2)


def test_payment_part_takes_the_place_of_the_details(swiss):
    """One reference is on the page, that of the payment part, and no second account number."""
    text = " ".join(page.extract_text() for page in _pages(swiss.render(_with_bill("fr"))))

    assert "BIC" not in text
    assert "Référence à rappeler" not in text


def test_foot_is_above_the_payment_part(swiss):
    """The legal lines and the page number give way to the payment part, and stay on the page."""
    page = _pages(swiss.render(_with_bill()))[-1]
    (foot,) = {round(y) for text, _x, y in _places(page) if "SIRET" in text}

    assert foot < 297 - 105


def test_payment_part_needs_its_sheet_and_font(renderer):
    """A payment part is refused in a font or on a sheet that the guidelines do not know."""
    with pytest.raises(PolicyError, match="fonts of a Swiss payment part must be one of"):
        renderer.render(_with_bill())
    with pytest.raises(DocumentError, match="sheet of a Swiss payment part must be a4"):
        _SPEC.build({"paper": "us-letter"}).render(_with_bill())


_SOME = [("reminder-1", "en", 2), ("reminder-2", "fr-FR", 40), ("statement", "es", 3)]


@pytest.mark.parametrize(("duplex", "pages"), [(True, 5), (False, 4)])
def test_letters_together_have_pages_of_their_own(duplex, pages):
    """Each letter begins on a sheet, counts its own pages, and the blank sides say nothing."""
    letters = [sample_letter(kind, locale, items=items) for kind, locale, items in _SOME]
    content = _SPEC.build({"duplex": duplex}).render_together(letters, title="Letters of the day")
    texts = [page.extract_text() for page in _pages(content)]
    numbers = [re.search(r"P[aá]g\w+\s(\d/\d)", text) for text in texts if text.strip()]

    assert len(texts) == pages
    assert [found[1] for found in numbers] == ["1/1", "1/2", "2/2", "1/1"]
    assert [index for index, text in enumerate(texts) if not text.strip()] == [1] * duplex
    assert pypdf.PdfReader(io.BytesIO(content)).metadata.title == "Letters of the day"


def test_first_page_has_no_running_head(renderer):
    """The head that repeats sender and reference is for the pages after the first, of every letter."""
    letters = [sample_letter("reminder-1", "en"), sample_letter("reminder-1", "fr")]
    for page in _pages(renderer.render_together(letters, title="Two letters")):
        reference = letters[0].reference.text

        assert page.extract_text().count(reference) in {0, 1}


def test_pages_say_the_letter_in_its_order(renderer):
    """Every string of the letter stands on its pages, from top to bottom."""
    letter = sample_letter("statement", "fr", items=60, credit_minor=-500)
    text = _bare(_text(renderer.render(letter)))
    rows = [row.cells[0] for row in letter.table.rows]
    wanted = [letter.subject, letter.salutation, *letter.before, *rows, *letter.after]
    place = 0

    for part in (*wanted, letter.closing):
        place = text.find(_bare(part), place)
        assert place >= 0, part


def _bare(text):
    return re.sub(r"\s|\u200b", "", text)


def test_script_of_a_call_leaves_no_room_for_a_window(renderer):
    """A script goes into no envelope: its customer is named above it, and it begins at once."""
    page = _pages(renderer.render(sample_letter("phone-script-final", "en")))[0]
    places = {text: y for text, _x, y in _places(page)}

    assert min(y for text, y in places.items() if "Our reference" in text) < 75


def test_note_of_a_call_is_below_the_script(renderer):
    """Who calls has the script and the note on one sheet where there is room."""
    letter = sample_letter("phone-script-final", "fr-FR", items=12)
    pages = [page.extract_text() for page in _pages(renderer.render(letter))]

    assert letter.reply.title in pages[-1]
    assert "Merci" in pages[-1]
