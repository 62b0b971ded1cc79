"""Files for an agency, a lawyer, a court or an insurer, and what comes back."""

from receivables.referral.composing import compose_file
from receivables.referral.exporting import FORMAT, bundle, plain_file, tables
from receivables.referral.model import (
    Doubt,
    DoubtKind,
    Evidence,
    EvidenceKind,
    FileItem,
    FilePayment,
    FileTotal,
    ReferralFile,
    ReferralStanding,
    Requirement,
    needed_for,
)
from receivables.referral.objects import propose_referral, referral_file, standings
from receivables.referral.recording import recovered, referral_ended, referral_reported, referred

__all__ = [
    "FORMAT",
    "Doubt",
    "DoubtKind",
    "Evidence",
    "EvidenceKind",
    "FileItem",
    "FilePayment",
    "FileTotal",
    "ReferralFile",
    "ReferralStanding",
    "Requirement",
    "bundle",
    "compose_file",
    "needed_for",
    "plain_file",
    "propose_referral",
    "recovered",
    "referral_ended",
    "referral_file",
    "referral_reported",
    "referred",
    "standings",
    "tables",
]
