"""The renderer ``eml`` does what every letter renderer must do."""

import email
from email import policy

import pytest

from receivables.adapters import Attachment
from receivables.testing.letter_renderer import LetterRendererTests, Seen
from receivables_plugins import eml


def look(content):
    """Read a message back: its text, its language, what is attached."""
    message = email.message_from_bytes(content, policy=policy.default)
    part = message.get_body()
    return Seen(
        text=part.get_content(),
        language=part["Content-Language"],
        attachments=[
            Attachment(
                name=found.get_filename(),
                media_type=found.get_content_type(),
                content=found.get_payload(decode=True),
            )
            for found in message.iter_attachments()
        ],
    )


class TestEml(LetterRendererTests):
    """The conformance class, over the standard library as the reader."""

    @pytest.fixture
    def spec(self):
        return eml.receivables_letter_renderers()[0]

    @pytest.fixture
    def look(self):
        return look
