"""The renderer: a letter becomes paragraphs and tables with styles, in a file that Word opens."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import attrs

from receivables.adapters import Attachment
from receivables.errors import AdapterError, DocumentError, MissingExtraError
from receivables.letters import Letter, LetterRow, LetterTable, ReplySlip
from receivables.letters.payment_codes import PaymentCode

try:
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Mm
except ModuleNotFoundError:
    raise MissingExtraError.for_extra(extra="letters", needed_for="the renderer docx") from None

from receivables_plugins.docx.styles import CODE_FRAME, TABLE, frames, room_twips, template

if TYPE_CHECKING:
    from receivables_plugins.docx import DocxSettings

__all__ = ["DocxRenderer"]

_ROWS_MAX: Final = 10_000
"""Rows of a letter: as in print, some two hundred pages."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can say, and the same in every file."""

_REGIONS: Final = {"en": "en-US", "es": "es-ES", "fr": "fr-FR"}
"""Word checks the spelling of a language in a region, and of no language without one."""

_CODE_MM: Final = 32
_CHARACTER_TWIPS: Final = (112, 112, 98)
"""A wide character of 9.5 points; at last that of a row of digits, which is all that most cells are."""
_PADDING_TWIPS: Final = (220, 220, 170)
_WIDE_LEAST: Final = 20
"""Characters that the wide column keeps, whose cells may be broken."""


@attrs.frozen(kw_only=True)
class _Page:
    """What a page decides: where the frames are, and how wide a table may be."""

    frames: Mapping[str, str]
    room_twips: int


class DocxRenderer:
    """Renders letters as Word files (ISO/IEC 29500), with styles and without formatting by hand.

    The date in the file is the letter's.  The form of a Swiss payment part is left out: its place
    and its measures would not survive editing, and what it says stands in the payment details.
    """

    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    suffix = ".docx"

    def __init__(self, settings: DocxSettings) -> None:
        self._template = template(settings)
        self._page = _Page(frames=frames(settings.area), room_twips=room_twips(settings.paper))

    def render(self, letter: Letter, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Render one letter.

        Raises `DocumentError` where its tables are beyond 10,000 rows or a character of it is none
        that XML can hold, and `AdapterError` for attachments.
        """
        if attachments:
            msg = f"attachments must be left to another renderer, got {len(attachments)}"
            raise AdapterError(msg)
        rows = sum(len(table.rows) for table in (letter.table, *letter.tables, *letter.annex))
        if rows > _ROWS_MAX:
            msg = f"rows of a letter must be at most {_ROWS_MAX}, got {rows}"
            raise DocumentError(msg)
        document = docx.Document(io.BytesIO(self._template))
        try:
            _describe(document, letter)
            _write(document, letter, self._page)
        except (SyntaxError, ValueError) as error:  # of lxml, for what is no character
            msg = f"characters of {letter.file_stem} must be those of XML, got {error}"
            raise DocumentError(msg) from error
        stream = io.BytesIO()
        document.save(stream)
        return _without_clock(stream.getvalue())


def _without_clock(content: bytes) -> bytes:
    """The same parts in the same order, without the moment at which they were packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(stream, "w") as file:
        for name in packed.namelist():
            part = zipfile.ZipInfo(name, _EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(part, packed.read(name))
    return stream.getvalue()


def _describe(document: Any, letter: Letter) -> None:  # noqa: ANN401  # of python-docx
    properties = document.core_properties
    noon = dt.datetime.combine(letter.date, dt.time(12))  # the format has no zone
    properties.title = letter.subject[:255]
    properties.author = ", ".join(letter.signature)[:255]
    properties.last_modified_by = ""
    properties.comments = ""
    properties.language = letter.locale
    properties.created = properties.modified = noon
    properties.revision = 1
    language = _REGIONS.get(letter.locale, letter.locale)
    # The default of the document and the style that all others are based on.
    for properties_of_run in (
        document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}"),
        document.styles["Normal"].element.get_or_add_rPr(),
    ):
        for old in properties_of_run.findall(qn("w:lang")):
            properties_of_run.remove(old)
        properties_of_run.append(
            parse_xml(f'<w:lang {nsdecls("w")} w:val="{language}" w:bidi="{language}"/>')
        )


def _write(document: Any, letter: Letter, page: _Page) -> None:  # noqa: ANN401  # as above
    _edges(document.sections[0], letter)
    body = document.element.body
    blocks = [*_opening(letter, page), *_middle(letter, page)]
    # The properties of the section stand last.
    for block in blocks:
        body.insert(len(body) - 1, parse_xml(block))
    code = letter.payment_code
    if code is not None and code.slip is None:
        _add_code(document, code)
    for block in [*_ending(letter), *_sheets(letter, page)]:
        body.insert(len(body) - 1, parse_xml(block))


def _edges(section: Any, letter: Letter) -> None:  # noqa: ANN401  # as above
    """The head of the pages after the first, and the foot of all."""
    header = section.header.paragraphs[0]
    header.add_run(f"{', '.join(letter.signature)}\t{letter.reference.text}")
    for footer in (section.first_page_footer, section.footer):
        first = footer.paragraphs[0]
        first.style = "Footer"
        first.add_run("\t" if not letter.legal else f"{letter.legal[0]}\t")
        first._p.extend(parse_xml(_runs(part)) for part in _page_number(letter.page_label))  # noqa: SLF001  # the only way to a field
        for line in letter.legal[1:]:
            footer.add_paragraph(line, style="Footer")


def _runs(content: str) -> str:
    return f"<w:r {nsdecls('w')}>{content}</w:r>"


def _page_number(label: str) -> Iterator[str]:
    yield _text(f"{label}\u00a0" if label else "")
    for index, field in enumerate(("PAGE", "NUMPAGES")):
        if index:
            yield _text("/")
        yield '<w:fldChar w:fldCharType="begin"/>'
        yield f'<w:instrText xml:space="preserve"> {field} </w:instrText>'
        yield '<w:fldChar w:fldCharType="separate"/>'
        yield _text("1")
        yield '<w:fldChar w:fldCharType="end"/>'


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>'


def _paragraph(style: str, *parts: str, frame: str = "") -> str:
    """A paragraph of parts with a tab between them; the style by its identifier."""
    runs = "<w:r><w:tab/></w:r>".join(f"<w:r>{_text(part)}</w:r>" for part in parts)
    return f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/>{frame}</w:pPr>{runs if parts else ""}</w:p>'


def _paragraphs(style: str, lines: Sequence[str]) -> Iterator[str]:
    for line in filter(None, lines):
        yield _paragraph(style, line)


def _opening(letter: Letter, page: _Page) -> Iterator[str]:
    placed = {
        "Sender": letter.sender,
        "Delivery": [letter.delivery],
        "Recipient": letter.recipient,
    }
    for style, lines in placed.items():
        for line in filter(None, lines):
            yield _paragraph(style, line, frame=page.frames[style])
    reference = f"{letter.reference.label} {letter.reference.text}"
    yield _paragraph("LetterReference", reference, letter.place_and_date)
    yield _paragraph("Heading1", f"{letter.subject_label} {letter.subject}".strip())
    yield from _paragraphs("BodyText", [letter.salutation])


def _middle(letter: Letter, page: _Page) -> Iterator[str]:
    yield from _paragraphs("BodyText", letter.before)
    for table in (letter.table, *letter.tables):
        yield from _table(table, page)
    yield from _paragraphs("BodyText", letter.after)


def _ending(letter: Letter) -> Iterator[str]:
    for part in letter.payment:
        yield _paragraph("LetterPayment", part.label, part.text)
    yield from _paragraphs("LetterClosing", [letter.closing])
    yield from _paragraphs("LetterSignature", letter.signature)


def _sheets(letter: Letter, page: _Page) -> Iterator[str]:
    """What stands on sheets of its own: the reply, and the annex."""
    if letter.reply is not None:
        yield from _reply(letter.reply)
    if letter.annex:
        yield _paragraph("NewSheet", letter.annex_title)
        for table in letter.annex:
            yield from _table(table, page)


def _reply(slip: ReplySlip) -> Iterator[str]:
    yield _paragraph("NewSheet", slip.title)
    yield from _paragraphs("LetterSignature", slip.to)
    yield _paragraph("BodyText")
    yield from _paragraphs("BodyText", slip.paragraphs)
    for choice in slip.choices:
        yield _paragraph("ReplyChoice", f"\u2610\u2002{choice}")
    for field in slip.fields:
        yield _paragraph("ReplyField", f"{field} ", "")


def _add_code(document: Any, code: PaymentCode) -> None:  # noqa: ANN401  # as above
    """The code beside the payment details that follow, with its caption."""
    paragraph = document.add_paragraph(style="Letter Code")
    picture = paragraph.add_run().add_picture(io.BytesIO(_picture(code)), width=Mm(_CODE_MM))
    # What a screen reader says in the place of the picture.
    picture._inline.docPr.set("descr", code.caption)  # noqa: SLF001  # python-docx has no way to it
    caption = document.add_paragraph(code.caption, style="Letter Code")
    for framed in (paragraph, caption):
        framed._p.get_or_add_pPr().append(parse_xml(CODE_FRAME))  # noqa: SLF001  # as above


def _picture(code: PaymentCode) -> bytes:
    try:
        import segno  # noqa: PLC0415  # only letters with a code need it
    except ModuleNotFoundError:
        raise MissingExtraError.for_extra(extra="letters", needed_for="codes on letters") from None
    stream = io.BytesIO()
    drawn = segno.make_qr(code.payload, error="m", boost_error=False, encoding="utf-8")
    drawn.save(stream, kind="png", scale=8, border=4)
    return stream.getvalue()


def _table(table: LetterTable, page: _Page) -> Iterator[str]:
    if table.caption:
        yield _paragraph("Heading2", table.caption)
    if table.rows or table.totals:
        yield "".join(_table_parts(table, _widths(table, page.room_twips)))
        yield _paragraph("TableEnd")


def _widths(table: LetterTable, room: int) -> list[int]:
    """Each column as wide as its heading, or its longest word, needs; the wide one takes the rest."""
    columns = max(len(table.headings), 2)
    if table.wide_column is None or not table.rows:
        return [room // columns] * columns
    measures = zip((_whole, _words, _words), _CHARACTER_TWIPS, _PADDING_TWIPS, strict=True)
    for measured, character, padding in measures:
        widths = [padding + character * measured(table, at) for at in range(columns)]
        rest = room - sum(widths)
        if rest >= 0:
            widths[table.wide_column] += rest
            return widths
    return [width * room // sum(widths) for width in widths]


def _whole(table: LetterTable, column: int) -> int:
    return max(len(table.headings[column]), _words(table, column))


def _words(table: LetterTable, column: int) -> int:
    """Characters that a column must have, so that headings break between words and cells nowhere.

    The cells of the wide column may be broken; the last column has the totals too.
    """
    words = table.headings[column].split(" ")
    totals = [total.text for total in table.totals] if column == len(table.headings) - 1 else []
    most = max(map(len, (*words, *totals, *(row.cells[column] for row in table.rows))))
    return min(most, _WIDE_LEAST) if column == table.wide_column else most


def _table_parts(table: LetterTable, widths: Sequence[int]) -> Iterator[str]:
    numbers_from = len(widths) - table.number_columns
    yield (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{TABLE}"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        'w:noHBand="0" w:noVBand="1"/></w:tblPr><w:tblGrid>'
    )
    yield from (f'<w:gridCol w:w="{width}"/>' for width in widths)
    yield "</w:tblGrid>"
    if table.rows:
        yield _row(table.headings, widths, numbers_from, "Table", is_heading=True)
    for row in table.rows:
        yield _row(row.cells, widths, numbers_from, _kind(row))
    for left, total in enumerate(table.totals, start=1 - len(table.totals)):
        style = "TableSum" if left else "TableTotal"
        label = _paragraph(style, total.label)
        yield (
            f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_cell(sum(widths[:-1]), label, len(widths) - 1)}"
            f"{_cell(widths[-1], _paragraph(style, total.text))}</w:tr>"
        )
    yield "</w:tbl>"


def _cell(width: int, content: str, span: int = 1) -> str:
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}</w:tcPr>{content}</w:tc>'


def _kind(row: LetterRow) -> str:
    return "TableDetail" if row.is_detail else "Table"


def _row(
    cells: Sequence[str],
    widths: Sequence[int],
    numbers_from: int,
    kind: str,
    *,
    is_heading: bool = False,
) -> str:
    text = "TableText" if kind == "Table" else kind
    styles = (text if column < numbers_from else f"{kind}Number" for column in range(len(cells)))
    filled = "".join(
        _cell(width, _paragraph(style, cell))
        for width, style, cell in zip(widths, styles, cells, strict=False)
    )
    heading = "<w:tblHeader/>" if is_heading else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{heading}</w:trPr>{filled}</w:tr>"
