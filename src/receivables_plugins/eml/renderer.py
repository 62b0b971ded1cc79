"""The renderer: a letter becomes a message without sender, date or identifier.

``X-Unsent: 1`` makes classic Outlook open the file as a draft; who sends it is asked there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from typing import Final

from receivables.adapters import Attachment
from receivables.errors import DocumentError
from receivables.letters import Letter, LetterTable
from receivables.letters.plain_text import pair_lines, reply_blocks, table_lines

__all__ = ["EmlRenderer", "body"]

# Parts of parts are left out: RFC 2046, 5.2.1, forbids to encode them, and no letter needs them.
_MEDIA_TYPE: Final = re.compile(r"(?!message/|multipart/)[a-z]+/[A-Za-z0-9][A-Za-z0-9.+-]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class EmlRenderer:
    """Renders letters as draft e-mails, in UTF-8, with CRLF line ends (RFC 5322)."""

    media_type = "message/rfc822"
    suffix = ".eml"

    def render(self, letter: Letter, *, attachments: Sequence[Attachment] = ()) -> bytes:
        """Render one letter with what goes with it.

        Raises `DocumentError` where a header would hold a line end, or a media type is not one of a
        single file.
        """
        message = EmailMessage(policy=policy.SMTP)
        message["X-Unsent"] = "1"
        if letter.email_to:
            message["To"] = _header("email_to", letter.email_to)
        message["Subject"] = _header("subject", letter.subject)
        message.set_content(body(letter), subtype="plain", charset="utf-8", cte="quoted-printable")
        message["Content-Language"] = letter.locale
        for attachment in attachments:
            _attach(message, attachment)
        if attachments:
            message.set_boundary(_boundary(letter, attachments))
        return message.as_bytes()


def _header(name: str, value: str) -> str:
    if _CONTROL.search(value):
        msg = f"{name} must be one line, got {value!r}"
        raise DocumentError(msg)
    return value


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    if not _MEDIA_TYPE.fullmatch(attachment.media_type):
        msg = f"media type of {attachment.name} must look like 'text/plain', got {attachment.media_type!r}"
        raise DocumentError(msg)
    main, _, sub = attachment.media_type.partition("/")
    name = _header("name of an attachment", attachment.name)
    # Always as bytes: a text would be decoded, and its line ends changed.
    message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name)


def _boundary(letter: Letter, attachments: Sequence[Attachment]) -> str:
    # Made of what it divides, so that the same letter gives the same bytes.
    digest = hashlib.sha256(body(letter).encode())
    for attachment in attachments:
        digest.update(attachment.name.encode("utf-8", "surrogatepass"))
        digest.update(hashlib.sha256(attachment.content).digest())
    return f"=_{digest.hexdigest()[:40]}"


def body(letter: Letter) -> str:
    """The text of the message: the letter from its salutation to its legal lines.

    What belongs on paper only is left out: addresses, place and date, the mention of registered mail.
    """
    blocks = [
        letter.salutation,
        *letter.before,
        *map(_table_block, (letter.table, *letter.tables)),
        *letter.after,
        "\n".join(pair_lines(letter.payment)),
        f"{letter.reference.label} {letter.reference.text}",
        letter.closing,
        "\n".join(letter.signature),
        *([] if letter.reply is None else reply_blocks(letter.reply, locale=letter.locale)),
        letter.annex_title,
        *map(_table_block, letter.annex),
        "-- \n" + "\n".join((*letter.sender, "", *letter.legal)),
    ]
    return "\n\n".join(block for block in blocks if block.strip()) + "\n"


def _table_block(table: LetterTable) -> str:
    return "\n".join((*([table.caption] if table.caption else []), *table_lines(table)))
