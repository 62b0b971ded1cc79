"""The renderer ``text`` does what every letter renderer must do."""

import pytest

from receivables.testing.letter_renderer import LetterRendererTests, Seen
from receivables_plugins import text


class TestText(LetterRendererTests):
    """The conformance class, over plain decoding as the reader."""

    @pytest.fixture
    def spec(self):
        return text.receivables_letter_renderers()[0]

    @pytest.fixture
    def look(self):
        return lambda content: Seen(text=content.decode())
