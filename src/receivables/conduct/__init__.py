"""Who may be contacted, when and how often: the law as rules, with the evidence kept."""

from receivables.conduct.allocating import undisputed
from receivables.conduct.contacts import (
    ConductPolicy,
    DebtFacts,
    LoggedContact,
    PlannedContact,
)
from receivables.conduct.limitation import (
    Interruption,
    InterruptionKind,
    LegalDeadline,
    Limitation,
    LimitationPeriod,
    in_default_from,
    legal_deadlines,
    limitation,
    limitation_periods,
    load_periods,
)
from receivables.conduct.loading import load_pack, pack, packs, packs_for
from receivables.conduct.log import contacts_in, logged_contacts
from receivables.conduct.model import (
    ChargeKind,
    ConductPack,
    ConductRule,
    ContactPurpose,
    MentionMoment,
    RuleEffect,
    RuleKind,
    Window,
    WordingRule,
)
from receivables.conduct.objects import check
from receivables.conduct.validation import ValidationPeriod, validation_period
from receivables.conduct.verdicts import (
    CountedContact,
    Duty,
    LocalMoment,
    Proof,
    Reason,
    RuleEvidence,
    Verdict,
)
from receivables.conduct.wording import (
    WordingFinding,
    check_wording,
    forbidden_in,
    required_in,
)

__all__ = [
    "ChargeKind",
    "ConductPack",
    "ConductPolicy",
    "ConductRule",
    "ContactPurpose",
    "CountedContact",
    "DebtFacts",
    "Duty",
    "Interruption",
    "InterruptionKind",
    "LegalDeadline",
    "Limitation",
    "LimitationPeriod",
    "LocalMoment",
    "LoggedContact",
    "MentionMoment",
    "PlannedContact",
    "Proof",
    "Reason",
    "RuleEffect",
    "RuleEvidence",
    "RuleKind",
    "ValidationPeriod",
    "Verdict",
    "Window",
    "WordingFinding",
    "WordingRule",
    "check",
    "check_wording",
    "contacts_in",
    "forbidden_in",
    "in_default_from",
    "legal_deadlines",
    "limitation",
    "limitation_periods",
    "load_pack",
    "load_periods",
    "logged_contacts",
    "pack",
    "packs",
    "packs_for",
    "required_in",
    "undisputed",
    "validation_period",
]
