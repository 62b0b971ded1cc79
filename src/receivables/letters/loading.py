"""Reading letter texts from the contents of TOML files, and those that are packaged."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from receivables.errors import PolicyError
from receivables.letters.model import LetterText, ReplyText, Source, Texts
from receivables.letters.rules import check_text

__all__ = ["load_text", "load_texts", "packaged_texts"]

_FILE_MAX: Final = 65_536
"""Characters of one text file; the longest packaged one has about 4,000."""

_PARAGRAPHS_MAX: Final = 40
"""Paragraphs before or after a table: more is no letter."""

_REQUIRED: Final = ("kind", "locale", "subject", "salutation", "before", "closing", "sources")
_LINES: Final = ("before", "after", "legal")
_KNOWN: Final = (*_REQUIRED, "after", "audience", "brand", "delivery", "legal", "reply")
_REPLY_LINES: Final = ("paragraphs", "choices", "fields")
_REPLY_KNOWN: Final = ("title", "balance", *_REPLY_LINES)


def load_texts(files: Mapping[str, str]) -> Texts:
    """Texts from the contents of TOML files by name; the name only serves messages.

    Raises `PolicyError` naming the file and what is wrong with it.
    """
    return Texts([load_text(contents, name=name) for name, contents in files.items()])


def load_text(contents: str, *, name: str) -> LetterText:
    """One text from the contents of a TOML file; raises `PolicyError` naming the file.

    >>> text = load_text('''
    ... kind = "reminder-1"
    ... locale = "en"
    ... subject = "{total} outstanding"
    ... salutation = "Hello,"
    ... before = ["You owe us {total}."]
    ... closing = "Thank you"
    ... sources = []
    ... ''', name="reminder-1.en.toml")
    >>> text.before
    ('You owe us {total}.',)
    """
    if len(contents) > _FILE_MAX:
        msg = f"{name} must have at most {_FILE_MAX} characters, got {len(contents)}"
        raise PolicyError(msg)
    try:
        data = tomllib.loads(contents)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} must be TOML, got {error}"
        raise PolicyError(msg) from error
    _check_keys(data, name)
    try:
        sources = [Source(**source) for source in data.pop("sources")]
        reply = ReplyText(**data.pop("reply")) if "reply" in data else None
        return check_text(LetterText(**data, sources=sources, reply=reply))
    except (TypeError, ValueError) as error:
        msg = f"{name} must hold a letter text, got {error}"
        raise PolicyError(msg) from error


def _check_keys(data: Mapping[str, Any], name: str) -> None:
    _check_known(data, name, _KNOWN)
    if missing := sorted(set(_REQUIRED) - data.keys()):
        msg = f"{name} must have the keys {', '.join(missing)}, got a file without"
        raise PolicyError(msg)
    wanted = {**dict.fromkeys((*_LINES, "sources"), list), "reply": dict}
    for key, value in data.items():
        _check_value(key, value, wanted.get(key, str), name)
    for key, value in data.get("reply", {}).items():
        _check_known(data["reply"], f"the reply of {name}", _REPLY_KNOWN)
        _check_value(key, value, list if key in _REPLY_LINES else str, name)


def _check_known(data: Mapping[str, Any], name: str, known: Sequence[str]) -> None:
    if unknown := sorted(data.keys() - set(known)):
        msg = f"keys of {name} must be among {', '.join(known)}, got {', '.join(unknown)}"
        raise PolicyError(msg)


def _check_value(key: str, value: object, wanted: type, name: str) -> None:
    if not isinstance(value, wanted):
        msg = f"{key} of {name} must be a {wanted.__name__}, got {type(value).__name__}"
        raise PolicyError(msg)
    if isinstance(value, list) and len(value) > _PARAGRAPHS_MAX:
        msg = f"{key} of {name} must have at most {_PARAGRAPHS_MAX} entries, got {len(value)}"
        raise PolicyError(msg)


@functools.cache
def packaged_texts() -> Texts:
    """The texts that come with the library, read when they are first asked for."""
    folder = resources.files("receivables.letters") / "texts"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")),
        key=lambda file: file.name,
    )
    return load_texts({file.name: file.read_text(encoding="utf-8") for file in files})
