"""Fitting: scorecards and payment dates from data, how well they do, and what gives outcomes away.

Scorecards are statistics over frames and need the extra ``scoring``; the card that comes out is
plain data of `receivables.scoring.scorecards`, and needs nothing.  The model of payment dates needs
the extra ``forecast``.
"""

from receivables.fitting.cards import DroppedColumn, FitReport, Fitted, fit_scorecard
from receivables.fitting.examining import WARNING_CODES, DataWarning, Gravity, examine
from receivables.fitting.measures import (
    Calibration,
    CalibrationBin,
    LiftRow,
    Separation,
    auc,
    auc_interval,
    brier,
    calibration,
    lift,
    separation,
    stability,
)
from receivables.fitting.payments import (
    PAYMENT_REASON_CODES,
    FittedHistory,
    FittedModel,
    FittedPayments,
    PaymentFitPolicy,
    fit_payments,
)
from receivables.fitting.policies import STANDARD, FitPolicy, LeakPolicy, MonotonePolicy
from receivables.fitting.validation import (
    Validation,
    out_of_fold,
    out_of_time,
    validate,
    validate_fit,
)

__all__ = [
    "PAYMENT_REASON_CODES",
    "STANDARD",
    "WARNING_CODES",
    "Calibration",
    "CalibrationBin",
    "DataWarning",
    "DroppedColumn",
    "FitPolicy",
    "FitReport",
    "Fitted",
    "FittedHistory",
    "FittedModel",
    "FittedPayments",
    "Gravity",
    "LeakPolicy",
    "LiftRow",
    "MonotonePolicy",
    "PaymentFitPolicy",
    "Separation",
    "Validation",
    "auc",
    "auc_interval",
    "brier",
    "calibration",
    "examine",
    "fit_payments",
    "fit_scorecard",
    "lift",
    "out_of_fold",
    "out_of_time",
    "separation",
    "stability",
    "validate",
    "validate_fit",
]
