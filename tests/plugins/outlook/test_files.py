"""Drafts as files."""

import email
from email import policy

import pytest


@pytest.fixture
def eml(specs):
    """The transport."""
    return specs["outlook-eml"].build()


def _parsed(draft):
    return email.message_from_bytes(draft.content, policy=policy.default)


def test_a_file_is_a_draft(eml, message):
    """It is marked as not sent, and who sends it and when is left to the mail program."""
    draft = eml.draft(message(sender="ar@mira.example"))
    mail = _parsed(draft)

    assert draft.name == "notice-0042.eml"
    assert (mail["X-Unsent"], mail["Subject"]) == ("1", "Extracto nº 0042")
    assert mail["To"].addresses[0].addr_spec == "ana@norte.example"
    assert mail["Content-Language"] == "es-ES"
    assert [mail[name] for name in ("From", "Date", "Message-ID")] == [None, None, None]


def test_text_and_files_come_out_as_they_went_in(eml, message, paper):
    """The text is in UTF-8, and what goes along has its name and its bytes."""
    mail = _parsed(eml.draft(message(cc=["b@c.example"], attachments=[paper(5, "relevé.pdf")])))
    (attached,) = mail.iter_attachments()

    assert mail.get_body().get_content().replace("\r\n", "\n") == message().text
    assert (attached.get_filename(), attached.get_content()) == ("relevé.pdf", b"%%%%%")
    assert mail["Cc"] == "b@c.example"


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", "ключ", "x" * 300, "C:\\con"])
def test_names_of_files_are_safe_and_differ(eml, message, key):
    """No key leads out of a folder, and no two keys have one file."""
    names = {eml.draft(message(key=each)).name for each in (key, f"{key} ")}

    assert len(names) == 2
    assert all(name.isascii() and "/" not in name and "\\" not in name for name in names)
    assert max(map(len, names)) <= 100
