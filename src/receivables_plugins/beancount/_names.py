r"""Names that beancount can read: accounts, tags, links, keys and strings.

>>> component("411 Créances clients (UE)")
'411-Créances-clients-UE'
>>> print(quoted('Rock & "Fils"'))
"Rock & \"Fils\""
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from receivables.accounting.writing import one_line

__all__ = ["component", "key", "label", "quoted"]

_NOT_LABEL: Final = re.compile(r"[^A-Za-z0-9\-_/.]+")
_NOT_KEY: Final = re.compile(r"[^A-Za-z0-9\-_]+")


def component(text: str) -> str:
    """A component of an account name: letters, figures and dashes, the first no small letter.

    The rule is that of `beancount.core.account`: a first character of the Unicode category Lu or
    Nd, and any of L or Nd after it.
    """
    text = unicodedata.normalize("NFC", text)
    kept = "".join(letter if _is_allowed(letter) else "-" for letter in text)
    name = "-".join(part for part in kept.split("-") if part)
    first = name[:1].upper()
    # The capital of some letters is two letters (ß), and many scripts have no capitals.
    starts = len(first) == 1 and unicodedata.category(first) in {"Lu", "Nd"}
    return f"{first}{name[1:]}" if starts else f"X{name}"


def _is_allowed(letter: str) -> bool:
    return unicodedata.category(letter) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"}


def quoted(text: str) -> str:
    """A string of beancount on one line."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text.strip()}"'
    line = one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{line}"'


def label(text: str) -> str:
    """What may stand behind the sign of a tag or of a link; nothing where no letter is left.

    >>> label("issued:MIRA:2026-0117")
    'issued-MIRA-2026-0117'
    """
    if text.isalnum() and text.isascii():
        return text
    return _NOT_LABEL.sub("-", text).strip("-")


def key(text: str) -> str:
    """The key of a piece of metadata that a dimension becomes.

    >>> key("Cost center")
    'dim-Cost-center'
    """
    return f"dim-{_NOT_KEY.sub('-', text).strip('-')}"
