"""Letters in Word: styles throughout, an address behind the window, a file that other programs open."""

import io
import os
import re
import subprocess
import zipfile

import attrs
import docx
import pytest
from docx.oxml.ns import qn

from receivables.adapters import Attachment
from receivables.errors import AdapterError, DocumentError, PolicyError
from receivables.letters import LetterRow, LetterTable
from receivables.letters.envelopes import ENVELOPES, address_area
from receivables.letters.payment_codes import CreditTransfer, PaymentCode, SwissBill, SwissParty
from receivables.testing.letter_renderer import sample_letter
from receivables_plugins.docx import receivables_letter_renderers

_SPEC = receivables_letter_renderers()[0]
_TWIPS_OF_MM = 1440 / 25.4
_TRANSFER = CreditTransfer(
    name="Mira Outillage SAS",
    iban="FR7630006000011234567890189",
    amount_minor=394_107,
    message="C-017",
)


@pytest.fixture(scope="module")
def renderer():
    """The renderer with its default settings."""
    return _SPEC.build()


def _opened(content):
    return docx.Document(io.BytesIO(content))


def test_file_describes_itself(renderer):
    """Title, author, language and date are those of the letter."""
    letter = sample_letter("formal-notice", "fr-FR")
    properties = _opened(renderer.render(letter)).core_properties

    assert properties.title == letter.subject
    assert properties.author == "Mira Outillage SAS"
    assert properties.language == "fr-FR"
    assert properties.created.date() == letter.date
    assert properties.last_modified_by == ""


@pytest.mark.parametrize(
    ("locale", "language"), [("fr-CA", "fr-CA"), ("fr", "fr-FR"), ("en", "en-US"), ("es", "es-ES")]
)
def test_spelling_is_that_of_the_letter(renderer, locale, language):
    """The document and the style of all its paragraphs name a language of a region."""
    styles = _opened(renderer.render(sample_letter("reminder-1", locale))).styles.element
    found = [lang.get(qn("w:val")) for lang in styles.iter(qn("w:lang"))]

    assert found == [language, language]


def test_every_paragraph_has_a_style_and_no_format_of_its_own(renderer):
    """What looks alike is changed in one place: no run and no paragraph is formatted by hand."""
    letter = sample_letter("balance-confirmation", "en")
    body = _opened(renderer.render(letter)).element.body
    properties = list(body.iter(qn("w:pPr")))
    inside = {child.tag for each in properties for child in each}

    assert all(each.find(qn("w:pStyle")) is not None for each in properties)
    assert inside == {qn("w:pStyle"), qn("w:framePr")}
    assert list(body.iter(qn("w:rPr"))) == []


def test_styles_that_are_used_are_there(renderer):
    """Every style that the document names is defined in it."""
    letter = sample_letter("statement", "fr", credit_minor=-500)
    document = _opened(renderer.render(letter))
    named = {
        element.get(qn("w:val"))
        for tag in ("w:pStyle", "w:tblStyle")
        for element in document.element.body.iter(qn(tag))
    }
    defined = {style.get(qn("w:styleId")) for style in document.styles.element.iter(qn("w:style"))}

    assert named <= defined
    assert {"Heading1", "LetterTable", "TableDetail"} <= named


def test_headings_repeat_on_every_page(renderer):
    """The first row of a table is its heading, rows are never cut, numbers are flush right."""
    document = _opened(renderer.render(sample_letter("reminder-2", "es", items=40)))
    (table,) = document.tables
    first, second = table.rows[0], table.rows[1]

    assert first._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    assert all(
        row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in table.rows
    )
    assert [cell.paragraphs[0].style.name for cell in second.cells] == [
        *["Table Text"] * 3,
        *["Table Number"] * 2,
    ]


def test_columns_have_room_for_their_words_and_sums(renderer):
    """No heading is broken within a word and no amount over two lines, however long the first cells."""
    letter = sample_letter("statement", "fr-FR", items=20, credit_minor=-500)
    name = "CMP-0019 (indemnité pour frais de recouvrement)"
    rows = [LetterRow(cells=(name, *row.cells[1:])) for row in letter.tables[0].rows]
    wanted = attrs.evolve(letter.tables[0], rows=rows)
    shown = _opened(renderer.render(attrs.evolve(letter, tables=[wanted]))).tables[0]

    for number, cells in enumerate(zip(*(row.cells for row in rows), strict=True)):
        words = [*wanted.headings[number].split(" "), *(cells if number else ())]
        # Half of 9.5 points is the width of a digit.
        assert shown.columns[number].width.pt > max(map(len, words)) * 4.75
    assert shown.columns[number].width.pt > len(wanted.totals[-1].text) * 4.75


@pytest.mark.parametrize("name", ENVELOPES)
def test_address_is_behind_the_window(name):
    """The frame of the address begins inside the visible part of the sheet, and is no wider."""
    paper = "us-letter" if name == "number-10" else "a4"
    document = _opened(
        _SPEC.build({"paper": paper, "window": name}).render(sample_letter("reminder-1", "en"))
    )
    area = address_area(paper=paper, window=name)
    frames = [
        paragraph._p.find(f"{qn('w:pPr')}/{qn('w:framePr')}")
        for paragraph in document.paragraphs
        if paragraph.style.name == "Recipient"
    ]

    assert len(frames) == 4
    for frame in frames:
        x, y, width = (int(frame.get(qn(f"w:{key}"))) / _TWIPS_OF_MM for key in ("x", "y", "w"))
        assert area.left_um / 1000 <= x
        assert x + width <= (area.left_um + area.width_um) / 1000
        assert area.top_um / 1000 <= y <= (area.top_um + area.height_um) / 1000


def test_first_page_has_another_head(renderer):
    """Reference and sender stand at the head of later pages, legal lines and page at the foot of all."""
    letter = sample_letter("formal-notice", "fr-FR")
    section = _opened(renderer.render(letter)).sections[0]

    assert section.different_first_page_header_footer
    assert letter.reference.text in section.header.paragraphs[0].text
    assert section.first_page_header.paragraphs[0].text == ""
    for footer in (section.footer, section.first_page_footer):
        assert letter.legal[0] in footer.paragraphs[0].text
        fields = [found.text.strip() for found in footer._element.iter(qn("w:instrText"))]
        assert fields == ["PAGE", "NUMPAGES"]


def test_same_letter_same_bytes_whenever(renderer, monkeypatch):
    """The clock of the machine leaves no trace in the file."""
    first = renderer.render(sample_letter("reminder-1", "en"))
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    second = renderer.render(sample_letter("reminder-1", "en"))
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        moments = {part.date_time for part in file.infolist()}

    assert first == second
    assert moments == {(1980, 1, 1, 0, 0, 0)}


def test_code_is_a_picture_with_a_text(renderer):
    """A camera reads the payload off the picture, and a screen reader reads its caption."""
    image = pytest.importorskip("PIL.Image")
    zxing = pytest.importorskip("zxingcpp")
    code = PaymentCode.of_transfer(_TRANSFER, caption="Scan to pay")
    letter = attrs.evolve(sample_letter("reminder-1", "en"), payment_code=code)
    document = _opened(renderer.render(letter))
    (shape,) = document.inline_shapes
    picture = document.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed]
    (found,) = zxing.read_barcodes(image.open(io.BytesIO(picture.blob)))

    assert found.text == _TRANSFER.payload
    assert shape._inline.docPr.get("descr") == "Scan to pay"


def test_swiss_payment_part_is_left_out(renderer):
    """A form whose place and measures are prescribed is not put where they can be moved."""
    party = SwissParty(name="Schneider", postal_code="2501", city="Biel", country="CH")
    bill = SwissBill(iban="CH5800791123000889012", creditor=party)
    code = PaymentCode.of_bill(bill, caption="Pay", language="fr")
    plain = sample_letter("reminder-1", "en")

    assert renderer.render(attrs.evolve(plain, payment_code=code)) == renderer.render(plain)


def test_xml_is_well_nested(renderer):
    """Every part is XML that parses, and elements that the schema puts in order are in it."""
    content = renderer.render(sample_letter("balance-confirmation", "es"))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist() if name.endswith(".xml")}
    body = _opened(content).element.body

    assert b"<w:document" in parts["word/document.xml"]
    assert body[-1].tag == qn("w:sectPr")
    for table in body.iter(qn("w:tbl")):
        assert [child.tag for child in table][:2] == [qn("w:tblPr"), qn("w:tblGrid")]
        assert table.getnext().tag == qn("w:p")


@pytest.mark.slow
@pytest.mark.needs("soffice")
def test_another_program_opens_it(renderer, tmp_path):
    """LibreOffice makes a page of it on which the words of the letter stand."""
    letter = sample_letter("reminder-2", "fr-FR", credit_minor=-500)
    (tmp_path / "letter.docx").write_bytes(renderer.render(letter))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text", "letter.docx"]
    subprocess.run(
        command, cwd=tmp_path, check=False, timeout=120, capture_output=True, env={**os.environ}
    )
    text = tmp_path / "letter.txt"
    found = re.sub(r"\s", "", text.read_text(encoding="utf-8-sig"))

    for part in (letter.subject, *letter.before, letter.table.rows[0].cells[0], letter.closing):
        assert re.sub(r"\s", "", part) in found


_REFUSED = {
    "too many rows": (
        {"table": LetterTable(headings=("a",), rows=[LetterRow(cells=("1",))] * 10_001)},
        "rows of a letter must be at most 10000",
    ),
    "no character": ({"salutation": "a\ufffeb"}, "characters of .* must be those of XML"),
}


@pytest.mark.parametrize(("changes", "reason"), _REFUSED.values(), ids=_REFUSED)
def test_letter_is_refused(renderer, changes, reason):
    """What Word could not open, or nobody would read, is refused."""
    letter = attrs.evolve(sample_letter("reminder-1", "en"), **changes)

    with pytest.raises(DocumentError, match=reason):
        renderer.render(letter)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"paper": "a3"}, "paper must be one of a4, us-letter"),
        ({"window": "top"}, "window must be one of left, right"),
        ({"template": "own.docx"}, "must be among font, paper, window"),
    ],
)
def test_settings_are_checked(settings, reason):
    """A setting that cannot be is refused when the renderer is built."""
    with pytest.raises(PolicyError, match=reason):
        _SPEC.build(settings)


def test_attachments_are_refused(renderer):
    """A Word file carries nothing."""
    attachment = Attachment(name="a.pdf", media_type="application/pdf", content=b"%PDF")

    with pytest.raises(AdapterError, match="attachments must be left to another renderer"):
        renderer.render(sample_letter("reminder-1", "en"), attachments=[attachment])
