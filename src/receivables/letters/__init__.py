"""Letters: a notice composed into plain words, in the language and law of the customer."""

from receivables.letters.loading import load_text, load_texts, packaged_texts
from receivables.letters.model import (
    PLACEHOLDERS,
    REQUIRED_PLACEHOLDERS,
    Labelled,
    Letter,
    LetterRow,
    LetterTable,
    LetterText,
    Source,
    Texts,
)
from receivables.letters.objects import compose, known_letters

__all__ = [
    "PLACEHOLDERS",
    "REQUIRED_PLACEHOLDERS",
    "Labelled",
    "Letter",
    "LetterRow",
    "LetterTable",
    "LetterText",
    "Source",
    "Texts",
    "compose",
    "known_letters",
    "load_text",
    "load_texts",
    "packaged_texts",
]
