"""Fitting: scorecards from data, how well they do, and what in the data gives the outcome away.

Everything here is statistics over frames and needs the extra ``scoring``; the card that comes out is
plain data of `receivables.scoring.scorecards`, and needs nothing.
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
from receivables.fitting.policies import STANDARD, FitPolicy, LeakPolicy, MonotonePolicy
from receivables.fitting.validation import (
    Validation,
    out_of_fold,
    out_of_time,
    validate,
    validate_fit,
)

__all__ = [
    "STANDARD",
    "WARNING_CODES",
    "Calibration",
    "CalibrationBin",
    "DataWarning",
    "DroppedColumn",
    "FitPolicy",
    "FitReport",
    "Fitted",
    "Gravity",
    "LeakPolicy",
    "LiftRow",
    "MonotonePolicy",
    "Separation",
    "Validation",
    "auc",
    "auc_interval",
    "brier",
    "calibration",
    "examine",
    "fit_scorecard",
    "lift",
    "out_of_fold",
    "out_of_time",
    "separation",
    "stability",
    "validate",
    "validate_fit",
]
