"""Every error of the library, and whose fault each one is.

The tree (a test compares it with the code)::

    ReceivablesError
    ├── PolicyError (ValueError)                the configuration is at fault
    │   ├── MissingRateError (LookupError)
    │   └── TranslationMissingError (LookupError)
    ├── DocumentError (ValueError)              what came in is at fault
    │   ├── MoneyError
    │   │   ├── InexactAmountError
    │   │   ├── UnknownCurrencyError (LookupError)
    │   │   └── CurrencyMismatchError
    │   ├── IncompleteReadError
    │   ├── UnbalancedEntryError
    │   ├── LimitError (OverflowError)
    │   └── FrameError
    │       ├── FrameLimitError (LimitError)
    │       └── FrameCurrencyError (UnknownCurrencyError)
    ├── EventError (ValueError)                 the account's life cycle forbids it
    │   └── PeriodClosedError
    ├── AdapterError (RuntimeError)             a plug-in is at fault
    │   ├── ConcurrencyError
    │   ├── DuplicateEventError
    │   ├── ServiceError
    │   ├── TamperedJournalError
    │   └── TransportError
    │       └── OutcomeUnknownError
    └── MissingExtraError (ImportError)         an optional part is not installed

Problems *in data* are not raised: they are collected as values (`receivables.problems`).
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AdapterError",
    "ConcurrencyError",
    "CurrencyMismatchError",
    "DocumentError",
    "DuplicateEventError",
    "EventError",
    "FrameCurrencyError",
    "FrameError",
    "FrameLimitError",
    "IncompleteReadError",
    "InexactAmountError",
    "LimitError",
    "MissingExtraError",
    "MissingRateError",
    "MoneyError",
    "OutcomeUnknownError",
    "PeriodClosedError",
    "PolicyError",
    "ReceivablesError",
    "ServiceError",
    "TamperedJournalError",
    "TranslationMissingError",
    "TransportError",
    "UnbalancedEntryError",
    "UnknownCurrencyError",
]


class ReceivablesError(Exception):
    """The root: catch it to catch everything this library raises on purpose."""


class PolicyError(ReceivablesError, ValueError):
    """A policy, a setting or a configuration file says something impossible."""


class TranslationMissingError(PolicyError, LookupError):
    """A text has no translation in the language asked for; there is no fallback to English."""


class MissingRateError(PolicyError, LookupError):
    """A rate that no table has for the day or the period asked for; no neighbor stands in for it."""


class DocumentError(ReceivablesError, ValueError):
    """A document, a receipt or a frame that came in breaks a rule it must obey."""


class MoneyError(DocumentError):
    """An amount that cannot be taken as money."""


class InexactAmountError(MoneyError):
    """An amount with more decimals than its currency has, or a float."""


class UnknownCurrencyError(MoneyError, LookupError):
    """A code that ISO 4217 does not list as a currency with a minor unit."""


class CurrencyMismatchError(MoneyError):
    """Two currencies where one was needed."""


class IncompleteReadError(DocumentError):
    """A read with missing rows or errors was about to be used as if it were whole."""


class UnbalancedEntryError(DocumentError):
    """A journal entry whose debits and credits differ, in a currency or in the functional one."""


class LimitError(DocumentError, OverflowError):
    """A value beyond a bound of `receivables.limits`."""


class FrameError(DocumentError):
    """A data frame that cannot be used; the message and `violations` list everything at once."""

    def __init__(self, message: str, *, violations: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations
        """The `receivables.frames.FrameViolation` values, in the order of the message."""


class FrameLimitError(FrameError, LimitError):
    """A data frame in which nothing is wrong but amounts or sums beyond their limits."""


class FrameCurrencyError(FrameError, UnknownCurrencyError):
    """A data frame in which nothing is wrong but codes that ISO 4217 does not list."""


class EventError(ReceivablesError, ValueError):
    """An event that the life cycle or the balance of its account forbids; nothing was changed."""


class PeriodClosedError(EventError):
    """An event of a period that is closed; the message names the next open day."""


class AdapterError(ReceivablesError, RuntimeError):
    """A plug-in broke its contract, or the system behind it failed."""


class ConcurrencyError(AdapterError):
    """Somebody else wrote on the account since it was read; read it again and decide anew."""


class DuplicateEventError(AdapterError):
    """An event with a known identifier came back with another content."""


class ServiceError(AdapterError):
    """Another system answered with a refusal: its status, and its own code where it gave one."""

    def __init__(self, message: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class TamperedJournalError(AdapterError):
    """The hash chain over the event journal does not hold."""


class TransportError(AdapterError):
    """A request did not reach the other system; nothing happened there."""


class OutcomeUnknownError(TransportError):
    """A request may have arrived, and no answer came; ask for its status before sending it again."""


class MissingExtraError(ReceivablesError, ImportError):
    """An optional part is not installed; the message names the extra that brings it."""

    @classmethod
    def for_extra(cls, extra: str, *, needed_for: str) -> MissingExtraError:
        """Say what is missing and the one command that mends it."""
        return cls(
            f"{needed_for} needs the extra {extra!r}. Run: pip install 'receivables[{extra}]'"
        )
