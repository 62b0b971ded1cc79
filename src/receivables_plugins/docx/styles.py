"""The styles of a letter in Word: every paragraph and table has one, and nothing is formatted by hand.

The address is in a frame (ISO/IEC 29500-1, 17.3.1.11) that stands where the window shows it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Mm, Pt, RGBColor

from receivables.letters.envelopes import SHEETS, Area

if TYPE_CHECKING:
    from receivables_plugins.docx import DocxSettings

__all__ = ["CODE_FRAME", "TABLE", "frames", "room_twips", "template"]

TABLE: Final = "LetterTable"
"""The identifier of the table style."""

_EMU_OF_UM: Final = 36
_TWIPS_OF_MM: Final = 1440 / 25.4
_MARGINS: Final = {"top_margin": 20, "bottom_margin": 26, "left_margin": 22, "right_margin": 20}
_GRAY: Final = RGBColor(0x59, 0x59, 0x59)
_RIGHT_FROM_UM: Final = 90_000

CODE_FRAME: Final = (
    f'<w:framePr {nsdecls("w")} w:w="2000" w:hSpace="170" w:wrap="around" '
    'w:vAnchor="text" w:hAnchor="margin" w:xAlign="right" w:y="1"/>'
)
"""Where a code stands: at the right margin, beside what follows."""

_TABLE_STYLE: Final = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="{TABLE}">
  <w:name w:val="Letter Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
  <w:tblPr><w:tblBorders>
    <w:top w:val="single" w:sz="6" w:space="0" w:color="000000"/>
    <w:bottom w:val="single" w:sz="6" w:space="0" w:color="000000"/>
  </w:tblBorders></w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>
    <w:bottom w:val="single" w:sz="6" w:space="0" w:color="000000"/>
  </w:tcBorders></w:tcPr></w:tblStylePr>
</w:style>
"""


def template(settings: DocxSettings) -> bytes:
    """An empty document of the sheet, with every style that a letter uses."""
    document = docx.Document()
    sheet = SHEETS[settings.paper]
    section = document.sections[0]
    section.page_width = Emu(sheet.width_um * _EMU_OF_UM)
    section.page_height = Emu(sheet.height_um * _EMU_OF_UM)
    for name, millimeters in _MARGINS.items():
        setattr(section, name, Mm(millimeters))
    section.different_first_page_header_footer = True
    width_mm = sheet.width_um / 1000 - _MARGINS["left_margin"] - _MARGINS["right_margin"]
    _text_styles(document, settings.font, width_mm)
    _placed_styles(document, settings.area, width_mm)
    document.styles.element.append(parse_xml(_TABLE_STYLE))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _text_styles(document: Any, font: str, width_mm: float) -> None:  # noqa: ANN401  # of python-docx
    normal = document.styles["Normal"]
    _set_font(normal, font, 10.5)
    _space(normal, 0, 0)
    for name, size in (("Heading 1", 10.5), ("Heading 2", 10.5), ("Header", 8.5), ("Footer", 8)):
        style = document.styles[name]
        _set_font(style, font, size)
        style.font.color.rgb = _GRAY if name in {"Header", "Footer"} else RGBColor(0, 0, 0)
        style.paragraph_format.tab_stops.clear_all()
    _space(document.styles["Heading 1"], 10, 10)
    _space(document.styles["Heading 2"], 10, 4)
    for name in ("Header", "Footer"):
        _tab(document.styles[name], width_mm, WD_TAB_ALIGNMENT.RIGHT)
    body = document.styles["Body Text"]
    _space(body, 0, 6)
    body.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    _table_styles(document)
    closing = _new(document, "Letter Closing", before=6, after=36)
    closing.paragraph_format.keep_with_next = True
    _new(document, "Letter Payment", before=0, after=3).paragraph_format.keep_with_next = True
    _tab(document.styles["Letter Payment"], 45, WD_TAB_ALIGNMENT.LEFT)
    code = _new(document, "Letter Code", before=0, after=0)
    code.font.size = Pt(8)
    code.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = _new(document, "Reply Field", before=14, after=0)
    _tab(field, width_mm, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.LINES)
    _new(document, "Reply Choice", before=3, after=3).paragraph_format.left_indent = Mm(8)
    document.styles["Reply Choice"].paragraph_format.first_line_indent = Mm(-8)
    _new(
        document, "New Sheet", before=0, after=8, base="Heading 2"
    ).paragraph_format.page_break_before = True


def _table_styles(document: Any) -> None:  # noqa: ANN401  # as above
    for name, align, size in (
        ("Table Text", WD_ALIGN_PARAGRAPH.LEFT, 9.5),
        ("Table Number", WD_ALIGN_PARAGRAPH.RIGHT, 9.5),
        ("Table Detail", WD_ALIGN_PARAGRAPH.LEFT, 8.5),
        ("Table Detail Number", WD_ALIGN_PARAGRAPH.RIGHT, 8.5),
        ("Table Sum", WD_ALIGN_PARAGRAPH.RIGHT, 9.5),
        ("Table Total", WD_ALIGN_PARAGRAPH.RIGHT, 9.5),
    ):
        style = _new(document, name, before=2, after=2)
        style.font.size = Pt(size)
        style.paragraph_format.alignment = align
        style.paragraph_format.keep_with_next = name in {"Table Sum", "Table Total"}
    document.styles["Table Total"].font.bold = True
    # Word wants a paragraph after a table; this one is a gap.
    _new(document, "Table End", before=0, after=2).font.size = Pt(4)


def _placed_styles(document: Any, area: Area, width_mm: float) -> None:  # noqa: ANN401  # as above
    on_the_right = area.left_um > _RIGHT_FROM_UM
    top_mm = max(88, (area.top_um + area.height_um) / 1000 + 6)
    reference = _new(document, "Letter Reference", before=0, after=4)
    _space(reference, (top_mm - _MARGINS["top_margin"]) * 72 / 25.4, 4)
    _tab(reference, width_mm, WD_TAB_ALIGNMENT.RIGHT)
    for name in ("Sender", "Recipient", "Delivery"):
        _new(document, name, before=0, after=0)
    document.styles["Delivery"].font.italic = True
    signature = _new(document, "Letter Signature", before=0, after=0)
    signature.paragraph_format.left_indent = Mm(86 if on_the_right else 0)


def _new(document: Any, name: str, *, before: int, after: int, base: str = "Normal") -> Any:  # noqa: ANN401  # as above
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[base]
    style.quick_style = True
    _space(style, before, after)
    return style


def _space(style: Any, before: float, after: float) -> None:  # noqa: ANN401  # as above
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _tab(style: Any, millimeters: float, align: Any, leader: Any = WD_TAB_LEADER.SPACES) -> None:  # noqa: ANN401  # as above
    style.paragraph_format.tab_stops.add_tab_stop(Mm(millimeters), align, leader)


def _set_font(style: Any, font: str, size: float) -> None:  # noqa: ANN401  # as above
    properties = style.element.get_or_add_rPr()
    # A font of the theme would be used in the place of the one that is named.
    for element in properties.findall(qn("w:rFonts")):
        properties.remove(element)
    style.font.name = font
    style.font.size = Pt(size)


def frames(area: Area) -> Mapping[str, str]:
    """Where sender, delivery and recipient stand, by style, as properties of their paragraphs.

    A frame in a style is what the standard allows and Word reads; LibreOffice reads it in
    paragraphs only.
    """
    sender_mm = _MARGINS["left_margin"] if area.left_um > _RIGHT_FROM_UM else 118
    left_mm, top_mm = area.left_um / 1000 + 2, area.top_um / 1000 + 1
    return {
        "Sender": _frame(sender_mm, 14, 72),
        "Delivery": _frame(left_mm, 42, 82),
        "Recipient": _frame(left_mm, top_mm, area.width_um / 1000 - 4),
    }


def _frame(left_mm: float, top_mm: float, width_mm: float) -> str:
    left, top, width = (round(value * _TWIPS_OF_MM) for value in (left_mm, top_mm, width_mm))
    return (
        f'<w:framePr w:w="{width}" w:hSpace="0" w:wrap="around" '
        f'w:vAnchor="page" w:hAnchor="page" w:x="{left}" w:y="{top}"/>'
    )


def room_twips(paper: str) -> int:
    """The width between the margins, in twentieths of a point."""
    margins = _MARGINS["left_margin"] + _MARGINS["right_margin"]
    return round((SHEETS[paper].width_um / 1000 - margins) * _TWIPS_OF_MM)
