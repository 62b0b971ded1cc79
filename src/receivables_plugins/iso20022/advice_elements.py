"""Which elements are read of the messages that are advices: pain.002, pacs.002, pain.008, remt.001.

The names of all versions lead to one name, as in `elements`.  The first versions of pain.002 and
pain.008 had the identifier of the message as the name of its element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from receivables_plugins.iso20022.elements import (
    Element,
    account,
    day,
    each,
    group,
    party,
    structured,
)

__all__ = ["COLLECTIONS", "REMITTANCES", "STATUSES"]

_PARTIES: Final = ("Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr")


def _creditor_identifier(path: str) -> dict[str, str]:
    """The creditor's identifier in a scheme of direct debits."""
    kinds = ("PrvtId/Othr/Id", "PrvtId/OthrId/Id", "OrgId/Othr/Id", "OrgId/PrtryId/Id")
    at = f"{path}/".lstrip("/")
    return {f"{at}CdtrSchmeId/Id/{kind}": "CdtrSchmeId" for kind in kinds}


def _mandate(path: str) -> dict[str, str]:
    kinds = ("MndtId", "DrctDbtMndt/MndtId", "CdtTrfMndt/MndtId")
    return {f"{path}/MndtRltdInf/{kind}": "MndtId" for kind in kinds}


def _message(*groups: tuple[str, Element]) -> Element:
    header = group(
        "GrpHdr",
        leaves={
            **{name: name for name in ("MsgId", "CreDtTm", "NbOfTxs", "CtrlSum")},
            **each("InitgPty", "InitgPty/Nm", "InitgPty/Pty/Nm"),
        },
    )
    return group("message", leaves={}, groups=[("GrpHdr", header), *groups])


def _outside(names: Iterable[str], message: Callable[[], Element]) -> Element:
    """A message under each of its names; the completion of all is called alike."""
    outside = Element()
    for name in names:
        element = outside.add(message(), name)
        element.name = name
    return outside


def _collections() -> Element:
    collection = group(
        "DrctDbtTxInf",
        leaves={
            "PmtId/EndToEndId": "EndToEndId",
            "InstdAmt": "Amt",
            **party("Dbtr", ""),
            **party("UltmtDbtr", ""),
            **account("DbtrAcct", "DbtrAcct"),
            "RmtInf/Ustrd": "Ustrd",
        },
        references={
            "PmtId/InstrId": "InstrId",
            "PmtId/UETR": "UETR",
            **_mandate("DrctDbtTx"),
            **_creditor_identifier("DrctDbtTx"),
        },
        groups=[("RmtInf/Strd", structured())],
    )
    payment = group(
        "PmtInf",
        leaves={
            "PmtInfId": "PmtInfId",
            "NbOfTxs": "NbOfTxs",
            "CtrlSum": "CtrlSum",
            "ReqdColltnDt": "ReqdColltnDt",
            **account("CdtrAcct", "CdtrAcct"),
            **_creditor_identifier(""),
        },
        groups=[("DrctDbtTxInf", collection)],
    )
    return _message(("PmtInf", payment))


def _original() -> dict[str, str]:
    """What a status report repeats of the payment that it is about."""
    at = "OrgnlTxRef"
    return {
        **each("Amt", f"{at}/Amt/InstdAmt", f"{at}/Amt/EqvtAmt/Amt"),
        f"{at}/IntrBkSttlmAmt": "IntrBkSttlmAmt",
        **day("ReqdColltnDt", at),
        **day("ReqdExctnDt", at),
        **day("IntrBkSttlmDt", at),
        f"{at}/PmtMtd": "PmtMtd",
        **{path: leaf for side in _PARTIES for path, leaf in party(side, at).items()},
        **account("DbtrAcct", f"{at}/DbtrAcct"),
        **account("CdtrAcct", f"{at}/CdtrAcct"),
        f"{at}/RmtInf/Ustrd": "Ustrd",
    }


def _reason() -> Element:
    return group(
        "StsRsnInf",
        leaves={
            **each("Cd", "Rsn/Cd", "Rsn/Prtry", "StsRsn/Cd", "StsRsn/Prtry"),
            **each("AddtlInf", "AddtlInf", "AddtlStsRsnInf"),
        },
    )


def _per_status() -> Element:
    names = ("DtldNbOfTxs", "DtldSts")
    return group("NbOfTxsPerSts", leaves={name: name for name in names})


def _transaction() -> Element:
    return group(
        "TxInfAndSts",
        leaves={"OrgnlEndToEndId": "EndToEndId", "TxSts": "Sts", **_original()},
        references={
            "StsId": "StsId",
            "OrgnlInstrId": "InstrId",
            "OrgnlTxId": "TxId",
            "OrgnlUETR": "UETR",
            "AcctSvcrRef": "AcctSvcrRef",
            "ClrSysRef": "ClrSysRef",
            "OrgnlPmtInfId": "PmtInfId",
            "OrgnlGrpInf/OrgnlMsgId": "MsgId",
            **_mandate("OrgnlTxRef"),
            **_creditor_identifier("OrgnlTxRef"),
        },
        groups=[("StsRsnInf", _reason()), ("OrgnlTxRef/RmtInf/Strd", structured())],
    )


def _statuses() -> Element:
    totals = ("OrgnlNbOfTxs", "OrgnlCtrlSum")
    whole = group(
        "OrgnlGrpInfAndSts",
        leaves={
            **{name: name for name in ("OrgnlMsgId", "OrgnlMsgNmId", *totals)},
            "GrpSts": "Sts",
        },
        groups=[("StsRsnInf", _reason()), ("NbOfTxsPerSts", _per_status())],
    )
    payment = group(
        "OrgnlPmtInfAndSts",
        leaves={**{name: name for name in ("OrgnlPmtInfId", *totals)}, "PmtInfSts": "Sts"},
        groups=[
            ("StsRsnInf", _reason()),
            ("NbOfTxsPerSts", _per_status()),
            ("TxInfAndSts", _transaction()),
        ],
    )
    return _message(
        ("OrgnlGrpInfAndSts", whole),
        ("OrgnlPmtInfAndSts", payment),
        # Beside the group, and not inside a payment, in version .02 and between banks.
        ("TxInfAndSts", _transaction()),
    )


def _remittances() -> Element:
    at = "OrgnlPmtInf"
    references = (
        "MsgId",
        "AcctSvcrRef",
        "PmtInfId",
        "InstrId",
        "UETR",
        "TxId",
        "MndtId",
        "ChqNb",
        "ClrSysRef",
    )
    remittance = group(
        "RmtInf",
        leaves={
            "Ustrd": "Ustrd",
            f"{at}/Refs/EndToEndId": "EndToEndId",
            **each("Amt", f"{at}/Amt/InstdAmt", f"{at}/Amt/EqvtAmt/Amt"),
            **day("ReqdExctnDt", at),
            **day("ReqdColltnDt", at),
            **party("Dbtr", at),
            **party("UltmtDbtr", at),
            **account("DbtrAcct", f"{at}/DbtrAcct"),
            **account("CdtrAcct", f"{at}/CdtrAcct"),
        },
        references={"RmtId": "RmtId", **{f"{at}/Refs/{name}": name for name in references}},
        groups=[
            ("Strd", structured()),
            (f"{at}/Refs/Prtry", group("Refs Prtry", leaves={"Tp": "Tp", "Ref": "Ref"})),
        ],
    )
    return _message(("RmtInf", remittance))


COLLECTIONS: Final = _outside(("CstmrDrctDbtInitn", "pain.008.001.01"), _collections)
"""Direct debits that a creditor asks for (pain.008)."""

STATUSES: Final = _outside(
    (
        "CstmrPmtStsRpt",
        "FIToFIPmtStsRpt",
        "pain.002.001.01",
        "pain.002.001.02",
        "pacs.002.001.01",
        "pacs.002.001.02",
    ),
    _statuses,
)
"""Where payments stand, to a customer (pain.002) or between banks (pacs.002)."""

REMITTANCES: Final = _outside(("RmtAdvc", "RmtAdvcV01"), _remittances)
"""What payments pay (remt.001)."""
