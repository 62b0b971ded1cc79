"""Drafts as files: a message without sender, date or identifier.

``X-Unsent: 1`` makes classic Outlook open the file as a draft; the new Outlook does not do so
reliably, and opens it as a message that came.
"""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from receivables.adapters import Draft, Message
from receivables.errors import DocumentError
from receivables_plugins.outlook.messages import check_message, digest_of, recipient

__all__ = ["EmlTransport"]

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_MAX: Final = 80


class EmlTransport:
    """Drafts messages as files, in UTF-8, with CRLF line ends (RFC 5322); the same gives the same bytes."""

    def draft(self, message: Message) -> Draft:
        """Draft a message as a file; raises `DocumentError` for one that no mail program would take.

        Who sends it is asked where it is sent, so that its sender is not in the file.
        """
        check_message(message)
        mail = EmailMessage(policy=SMTP)
        mail["X-Unsent"] = "1"
        mail["To"] = [_address(text) for text in message.to]
        if message.cc:
            mail["Cc"] = [_address(text) for text in message.cc]
        mail["Subject"] = message.subject
        mail.set_content(message.text, subtype="plain", charset="utf-8", cte="quoted-printable")
        mail["Content-Language"] = message.locale
        for attachment in message.attachments:
            main, _, sub = attachment.media_type.partition("/")
            # Always as bytes: a text would be decoded, and its line ends changed.
            mail.add_attachment(
                attachment.content, maintype=main, subtype=sub, filename=attachment.name
            )
        if message.attachments:
            mail.set_boundary(_boundary(message))
        return Draft(key=message.key, name=_file_name(message.key), content=mail.as_bytes())


def _address(text: str) -> Address:
    name, address = recipient(text)
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError) as error:
        msg = f"address must be one of RFC 5322, got {text!r}"
        raise DocumentError(msg) from error


def _boundary(message: Message) -> str:
    # Made of what it divides, so that the same message gives the same bytes.
    digest = hashlib.sha256(message.text.encode())
    for attachment in message.attachments:
        digest.update(attachment.name.encode())
        digest.update(hashlib.sha256(attachment.content).digest())
    return f"=_{digest.hexdigest()[:40]}"


def _file_name(key: str) -> str:
    """A name that every file system takes, another one for every key."""
    safe = _UNSAFE.sub("-", key).strip(".-")[:_NAME_MAX]
    return f"{safe}.eml" if safe == key else f"{safe or 'message'}-{digest_of(key)[:12]}.eml"
