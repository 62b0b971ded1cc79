"""Letters: notices, statements and confirmations composed into plain words, in the customer's language."""

from receivables.letters.confirmations import compose_confirmation
from receivables.letters.loading import load_text, load_texts, packaged_texts
from receivables.letters.model import (
    CONFIRMATION_PLACEHOLDERS,
    PLACEHOLDERS,
    REQUIRED_PLACEHOLDERS,
    STATEMENT_PLACEHOLDERS,
    Labelled,
    Letter,
    LetterRow,
    LetterTable,
    LetterText,
    ReplySlip,
    ReplyText,
    Source,
    Texts,
    placeholders_of,
)
from receivables.letters.objects import compose, known_letters
from receivables.letters.statements import compose_statement

__all__ = [
    "CONFIRMATION_PLACEHOLDERS",
    "PLACEHOLDERS",
    "REQUIRED_PLACEHOLDERS",
    "STATEMENT_PLACEHOLDERS",
    "Labelled",
    "Letter",
    "LetterRow",
    "LetterTable",
    "LetterText",
    "ReplySlip",
    "ReplyText",
    "Source",
    "Texts",
    "compose",
    "compose_confirmation",
    "compose_statement",
    "known_letters",
    "load_text",
    "load_texts",
    "packaged_texts",
    "placeholders_of",
]
