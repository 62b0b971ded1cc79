"""Letters: notices, statements, agreements and answers composed in the customer's language."""

from receivables.letters.agreements import (
    compose_plan,
    compose_promise,
    compose_promise_script,
)
from receivables.letters.answers import compose_dispute_answer, compose_duplicate
from receivables.letters.changes import (
    compose_hand_over,
    compose_hold,
    compose_limit_change,
    compose_release,
    compose_terms_change,
)
from receivables.letters.checking import TextFinding, TextFindingKind, check_texts
from receivables.letters.confirmations import compose_confirmation
from receivables.letters.kinds import KINDS, LetterKind, kind_of
from receivables.letters.loading import load_text, load_texts, packaged_texts
from receivables.letters.model import (
    PLACEHOLDERS,
    Audience,
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
    required_of,
)
from receivables.letters.objects import compose, compose_script, known_letters
from receivables.letters.reports import compose_report
from receivables.letters.statements import compose_statement

__all__ = [
    "KINDS",
    "PLACEHOLDERS",
    "Audience",
    "Labelled",
    "Letter",
    "LetterKind",
    "LetterRow",
    "LetterTable",
    "LetterText",
    "ReplySlip",
    "ReplyText",
    "Source",
    "TextFinding",
    "TextFindingKind",
    "Texts",
    "check_texts",
    "compose",
    "compose_confirmation",
    "compose_dispute_answer",
    "compose_duplicate",
    "compose_hand_over",
    "compose_hold",
    "compose_limit_change",
    "compose_plan",
    "compose_promise",
    "compose_promise_script",
    "compose_release",
    "compose_report",
    "compose_script",
    "compose_statement",
    "compose_terms_change",
    "kind_of",
    "known_letters",
    "load_text",
    "load_texts",
    "packaged_texts",
    "placeholders_of",
    "required_of",
]
