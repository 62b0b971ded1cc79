"""One word per concept: the glossary and the public names agree."""

from __future__ import annotations

import inspect
import re

import pytest

_EVENTS = {
    "CreditChecked",
    "CreditReinstated",
    "CreditReleased",
    "CreditReviewed",
    "CreditSuspended",
    "FinancialsReceived",
    "FinancialsWithdrawn",
    "InsolvencyEnded",
    "InsolvencyReported",
    "InsurerNotified",
    "LimitEnded",
    "LimitGranted",
    "ScoreReceived",
    "ScoreWithdrawn",
    "SpecificAllowanceEnded",
    "SpecificAllowanceSet",
    "WriteOffDecided",
    "WriteOffRequested",
    "Allocated",
    "ContactLogged",
    "ContactWithdrawn",
    "DeliveryReported",
    "DisputeOpened",
    "DisputeResolved",
    "DisputeUpdated",
    "DocumentCancelled",
    "DocumentIssued",
    "DueDateChanged",
    "DunningBlocked",
    "DunningUnblocked",
    "FactLearned",
    "FactWithdrawn",
    "ItemHeld",
    "ItemReleased",
    "NoticeSent",
    "PayoutSettled",
    "PeriodClosed",
    "PeriodReopened",
    "PostingAnswered",
    "PostingSent",
    "PlanAccepted",
    "PlanEnded",
    "PlanOffered",
    "PromiseMade",
    "PromiseWithdrawn",
    "ReceiptIdentified",
    "ReceiptRecorded",
    "ReceiptReturned",
    "ReferralEnded",
    "ReferralReported",
    "Referred",
    "RequestAnswered",
    "RequestReceived",
    "Unallocated",
}
"""What happened to a concept: its word and a participle, so that no row could say more."""

_TECHNICAL = {
    "Assigned",
    "Delimiters",
    "Names",
    "OpenItemReading",
    "Option",
    "AgeBasis",
    "AgedItem",
    "AgingRow",
    "Agreed",
    "AgreementRow",
    "AsStated",
    "BalanceStep",
    "Base",
    "Baseline",
    "CashAmount",
    "CeilingScope",
    "Charge",
    "Charged",
    "Charging",
    "Circumstances",
    "CodeStatus",
    "Compounding",
    "ConditionResult",
    "ConfirmationCause",
    "ConfirmationForm",
    "ConfirmationOutcome",
    "Consequence",
    "ConvertedPart",
    "ConvertedTotal",
    "Credits",
    "Criterion",
    "DaySpan",
    "Debtor",
    "DifferenceCause",
    "Divided",
    "EntryId",
    "Equals",
    "Fault",
    "FindingItem",
    "FindingStatus",
    "IntercompanyCause",
    "IntercompanyDifference",
    "IntercompanyLine",
    "InterestPolicy",
    "InterestRun",
    "ItemKind",
    "JournalHead",
    "LateDiscount",
    "LedgerColumns",
    "LedgerDraft",
    "Leg",
    "LifeCycle",
    "MissingBaseline",
    "MissingDay",
    "MovementKind",
    "AccountNames",
    "Nature",
    "NettingCondition",
    "NettingExclusion",
    "NextDay",
    "NoticedItem",
    "Outcome",
    "OutgoingRate",
    "Overcharge",
    "Overrun",
    "PaidOn",
    "Paired",
    "PairingRule",
    "Per",
    "Percent",
    "Portion",
    "Proposals",
    "Provenance",
    "ProvisionRow",
    "QuotedRate",
    "RankedOrder",
    "RateCap",
    "RateDay",
    "RateFloor",
    "RateSeries",
    "RateTable",
    "Rates",
    "ReceiptMethod",
    "ReferenceDay",
    "ReopenedDue",
    "ResidualKind",
    "Residue",
    "Retry",
    "ReturnCode",
    "Revaluable",
    "RevaluationRow",
    "RevaluationTotal",
    "Role",
    "RollForwardRow",
    "Said",
    "Segment",
    "SettleReason",
    "Settled",
    "SettledItem",
    "Share",
    "Sharing",
    "SkipReason",
    "Skipped",
    "SourceStatus",
    "State",
    "StatementForm",
    "StatementMovementKind",
    "Survey",
    "TaxBasis",
    "TaxPart",
    "TieOutRow",
    "Tier",
    "Undated",
    "UsedAccount",
    "ZeroLines",
    "DisputedAging",
    "DisputeGrouping",
    "DisputeStatisticsRow",
    "CountedContact",
    "DebtFacts",
    "RuleEvidence",
    "InterruptionKind",
    "LocalMoment",
    "MentionMoment",
    "Reason",
    "RuleEffect",
    "RuleKind",
    "Window",
    "WordingFinding",
    "TextFinding",
    "TextFindingKind",
    "InstallmentStanding",
    "InstallmentState",
    "PlanState",
    "PromiseEvidence",
    "PromiseState",
    "AssignedLine",
    "CustomerCase",
    "DeadlineKind",
    "DueMatter",
    "LeftLine",
    "LeftReason",
    "LogKind",
    "MinutesRule",
    "OpenDispute",
    "OverdueAmount",
    "PaidPart",
    "RankBy",
    "RequestState",
    "SignKind",
    "SignUnit",
    "WorkInputs",
    "WorkReasonKind",
    "Claim",
    "DunningKnowledge",
    "DunningWorld",
    "HeldBack",
    "MadeCharges",
    "NotChargedReason",
    "RuleSource",
    "RunState",
    "Area",
    "DocxSettings",
    "PaymentSlip",
    "Rendered",
    "RenderedTogether",
    "Sheet",
    "SwissParty",
    "TextSettings",
    "DunningSheet",
    "ClaimStep",
    "DayBasis",
    "InsuranceStep",
    "LimitCaps",
    "LimitSpell",
    "StepState",
    "BehaviourPolicy",
    "BehaviourUnit",
    "DueBasis",
    "PaymentFigures",
    "PromptnessPoint",
    "PromptnessScale",
    "AllowanceBase",
    "AllowanceFacts",
    "AllowanceMovementRow",
    "AllowanceStandard",
    "AssessedItem",
    "BackTestRow",
    "BookedDoubtful",
    "ImpairmentReason",
    "LineKind",
    "LossAllowanceTotal",
    "LossRateCell",
    "MovementGrain",
    "RateMethod",
    "RatePolicy",
    "StillOpen",
    "ThinBuckets",
    "ThinWay",
    "UseOfAllowance",
    "VintageTable",
    "ScoreChoice",
    "Combination",
    "CoverRule",
    "PaymentTerm",
    "ReviewReasonKind",
    "ReviewState",
    "RecommendationPolicy",
    "FileCase",
    "FileCaseKind",
    "HistoryLine",
    "ScoreLine",
    "CompletedStatement",
    "DerivationRule",
    "Identity",
    "SignedFigure",
    "RatioUnit",
    "FailureTerm",
    "ZoneStanding",
    "ProbabilityLink",
    "NotScoredReason",
    "NotOnScale",
    "NotOnScaleReason",
    "Against",
    "Known",
}
"""Public classes of the topics that are parts of the machinery and no concepts of the trade."""

_TOPICS = (
    "accounting",
    "aging",
    "allocation",
    "allowance",
    "casework",
    "closing",
    "collection",
    "conduct",
    "credit",
    "currencies",
    "customers",
    "disputes",
    "documents",
    "dunning",
    "intercompany",
    "interest",
    "ledger",
    "matching",
    "outbox",
    "promises",
    "receipts",
    "referral",
    "scoring",
    "statements",
    "terms",
    "writeoffs",
)
_CODE = re.compile(r"`([A-Za-z_]\w*)(?:\.[A-Z_]+)?`")


@pytest.fixture(scope="module")
def code_names(root):
    """Every name of the code column."""
    page = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    columns = re.findall(r"^\| ([^|]*`[^|]*) \|", page, re.MULTILINE)
    return {name for column in columns for name in _CODE.findall(column)}


def _own(modules, is_wanted):
    return {
        name
        for module in modules.values()
        for name in getattr(module, "__all__", ())
        if is_wanted(getattr(module, name))
    }


def _plain(name):
    return name.replace("_", "").lower()


def test_names_of_the_glossary_are_spelt_as_in_the_code(code_names, public_modules):
    """A class that the glossary names differently than the code is one of them misspelt."""
    classes = _own(public_modules, inspect.isclass)
    by_plain = {_plain(name): name for name in classes}
    misspelt = {
        name: by_plain[_plain(name)]
        for name in code_names
        if name[0].isupper() and by_plain.get(_plain(name), name) != name
    }

    assert misspelt == {}


def test_every_concept_has_its_word(code_names, public_modules):
    """Each public class of a topic has a row, or is part of the machinery."""
    topics = {
        name: module
        for name, module in public_modules.items()
        if name.count(".") >= 1 and name.split(".")[1] in _TOPICS
    }
    classes = _own(topics, inspect.isclass)

    assert classes - code_names - _TECHNICAL - _EVENTS == set()


def test_no_row_stands_twice(root):
    """A concept has one row."""
    page = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    codes = re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE)

    assert sorted(codes) == sorted(set(codes))


def test_technical_names_are_not_in_the_glossary(code_names):
    """A name is a concept or machinery, and not both."""
    assert code_names & _TECHNICAL == set()
