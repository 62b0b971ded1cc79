"""What is asked of a message before it is drafted anywhere."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from receivables.adapters import Attachment, Message
from receivables.errors import DocumentError

__all__ = ["check_message", "digest_of", "recipient"]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Parts of parts are left out: RFC 2046, 5.2.1, forbids to encode them.
_MEDIA_TYPE: Final = re.compile(r"(?!message/|multipart/)[a-z]+/[A-Za-z0-9][A-Za-z0-9.+-]*")
_ADDRESS: Final = re.compile(r"[^@\s<>,;\"()\[\]]+@[^@\s<>,;\"()\[\]]+")
_NAMED: Final = re.compile(r"\"?([^\"<>]*?)\"?\s*<([^<>]+)>")


def check_message(message: Message) -> None:
    """Refuse a message that no mail program would take.

    Raises `DocumentError` where there is no key or nobody to write to, where an address is none,
    where a header would hold a line end, where a text is no Unicode, and for a media type that is not
    one of a single file.
    """
    if not message.key.strip() or not message.to:
        msg = (
            f"message must have a key and somebody to write to, got {message.key!r} to {message.to}"
        )
        raise DocumentError(msg)
    _one_line("subject", message.subject)
    for address in (*message.to, *message.cc, *([message.sender] if message.sender else [])):
        recipient(address)
    for attachment in message.attachments:
        _check_attachment(attachment)
    for text in (message.key, message.subject, message.text):
        _check_unicode(text)


def _one_line(name: str, value: str) -> None:
    if _CONTROL.search(value):
        msg = f"{name} must be one line, got {value!r}"
        raise DocumentError(msg)
    _check_unicode(value)


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        msg = f"text of a message must be Unicode, got {text!r:.60}"
        raise DocumentError(msg) from None


def _check_attachment(attachment: Attachment) -> None:
    _one_line("name of an attachment", attachment.name)
    if not attachment.name.strip():
        msg = f"name of an attachment must be given, got {attachment.name!r}"
        raise DocumentError(msg)
    if not _MEDIA_TYPE.fullmatch(attachment.media_type):
        msg = f"media type of {attachment.name} must look like 'text/plain', got {attachment.media_type!r}"
        raise DocumentError(msg)


def recipient(text: str) -> tuple[str, str]:
    """The name and the address of a recipient; raises `DocumentError` for what is no address.

    >>> recipient("Ana Díaz <ana@norte.example>"), recipient("ana@norte.example")
    (('Ana Díaz', 'ana@norte.example'), ('', 'ana@norte.example'))
    """
    _one_line("address", text)
    named = _NAMED.fullmatch(text.strip())
    name, address = (named[1].strip(), named[2].strip()) if named else ("", text.strip())
    if not _ADDRESS.fullmatch(address):
        msg = f"address must look like name@host, got {text!r}"
        raise DocumentError(msg)
    return name, address


def digest_of(key: str) -> str:
    """A key as it is kept in a mailbox: always of one length, and of figures and small letters.

    >>> len(digest_of("notice-0042"))
    64
    """
    return hashlib.sha256(key.encode()).hexdigest()
