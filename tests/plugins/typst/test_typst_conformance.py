"""The renderer ``typst`` does what every letter renderer must do."""

import io

import pypdf
import pytest

from receivables.testing.letter_renderer import LetterRendererTests, Seen
from receivables_plugins import typst


def look(content):
    """Read a PDF back: its text, its language, whether it is tagged, its PDF/A level."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    part = xmp.partition("<pdfaid:part>")[2][:1]
    level = xmp.partition("<pdfaid:conformance>")[2][:1]
    return Seen(
        text="\n".join(page.extract_text() for page in reader.pages),
        language=root["/Lang"],
        tagged=bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root,
        pdf_a=part + level,
    )


class TestTypst(LetterRendererTests):
    """The conformance class, over pypdf as the reader."""

    @pytest.fixture
    def spec(self):
        return typst.receivables_letter_renderers()[0]

    @pytest.fixture
    def look(self):
        return look
