"""The renderer ``docx`` does what every letter renderer must do."""

import io

import docx
import pytest
from docx.oxml.ns import qn

from receivables.testing.letter_renderer import LetterRendererTests, Seen
from receivables_plugins import docx as plugin


def look(content):
    """Read a Word file back: the text of its body and its feet, and its language."""
    document = docx.Document(io.BytesIO(content))
    section = document.sections[0]
    parts = (document.element.body, section.first_page_footer._element)
    text = "\n".join(run.text or "" for part in parts for run in part.iter(qn("w:t")))
    return Seen(text=text, language=document.core_properties.language)


class TestDocx(LetterRendererTests):
    """The conformance class, over the XML of the file as the reader."""

    @pytest.fixture
    def spec(self):
        return plugin.receivables_letter_renderers()[0]

    @pytest.fixture
    def look(self):
        return look
