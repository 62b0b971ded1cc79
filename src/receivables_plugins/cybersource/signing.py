"""The HTTP signature that Cybersource asks for: an HMAC-SHA256 over some headers and the target.

The text that is signed has a line per header, in the order that the ``headers`` of the signature
name them; a request with a body has the digest of its bytes as well.  Both spellings of the target
that are in use, ``(request-target)`` and ``request-target``, can be signed.

>>> from receivables.transports import Secret
>>> headers = signed(
...     Signing(merchant="mira", key_id=Secret("k-1"), secret=Secret("c2VjcmV0")),
...     method="GET", host="apitest.cybersource.com", target="/reporting/v3/reports",
...     date="Mon, 05 Oct 2026 09:00:00 GMT",
... )
>>> headers["v-c-merchant-id"], headers["date"]
('mira', 'Mon, 05 Oct 2026 09:00:00 GMT')
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import attrs

from receivables.errors import PolicyError
from receivables.transports import Secret

__all__ = ["Signing", "digest_of", "signed", "signing_text"]


@attrs.frozen(kw_only=True)
class Signing:
    """Who signs, with what, and how the headers are spelt."""

    merchant: str
    key_id: Secret
    secret: Secret
    """In base64, as the Business Center gives it."""
    date_header: str = "date"
    target_label: str = "(request-target)"


def digest_of(body: bytes) -> str:
    """The ``Digest`` header of a body (RFC 3230).

    >>> digest_of(b"{}")
    'SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o='
    """
    return f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}"


def signing_text(headers: dict[str, str]) -> bytes:
    """What is signed: a line per header, without a line end after the last one."""
    return "\n".join(f"{name}: {value}" for name, value in headers.items()).encode()


def signed(
    signing: Signing, *, method: str, host: str, target: str, date: str, body: bytes = b""
) -> dict[str, str]:
    """The headers that a request must have; `target` is its path with its query.

    Raises `PolicyError` for a shared secret that is not base64; the message does not show it.
    """
    lines = {
        "host": host,
        signing.date_header: date,
        signing.target_label: f"{method.lower()} {target}",
    }
    sent = {"host": host, signing.date_header: date}
    if body:
        lines["digest"] = sent["digest"] = digest_of(body)
    lines["v-c-merchant-id"] = sent["v-c-merchant-id"] = signing.merchant
    mac = hmac.new(_key(signing.secret), signing_text(lines), hashlib.sha256).digest()
    value = base64.b64encode(mac).decode("ascii")
    sent["signature"] = (
        f'keyid="{signing.key_id.reveal()}", algorithm="HmacSHA256",'
        f' headers="{" ".join(lines)}", signature="{value}"'
    )
    return sent


def _key(secret: Secret) -> bytes:
    try:
        return base64.b64decode(secret.reveal(), validate=True)
    except (binascii.Error, ValueError):
        msg = "shared secret of Cybersource must be base64, got something else"
        raise PolicyError(msg) from None
