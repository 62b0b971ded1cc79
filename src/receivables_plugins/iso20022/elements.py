"""Which elements are read, and under which name their text is kept.

A *leaf* is an element whose text is kept; a *group* is an element that may be repeated, or that is
complete by itself, so that its leaves are kept together in one record.  Elements that stand in
neither table are passed over.  The tables hold every name that versions .01 to .14 give to a thing;
they all lead to one name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["OUTSIDE", "Element"]


class Element(dict[str, "Element"]):
    """An element that is known: its children by local name, and what becomes of it."""

    __slots__ = ("currency", "depth", "group", "leaf", "name", "outer", "reference")

    def __init__(self, name: str = "", *, depth: int = 0) -> None:
        super().__init__()
        self.name = name
        self.outer: Element = self
        """The element around it; what surrounds a message is around itself."""
        self.depth = depth
        """How deep it is among elements that are passed over."""
        self.leaf: str | None = None
        self.reference: str | None = None
        """The name under which its text is kept among the references of its group."""
        self.currency = ""
        """Under which name the attribute ``Ccy`` is kept."""
        self.group: str | None = None

    def at(self, path: str) -> Element:
        """The descendant at a path; what is missing on the way is added."""
        element = self
        for name in path.split("/") if path else ():
            element = element[name] if name in element else element.add(Element(name), name)
        return element

    def add(self, child: Element, name: str) -> Element:
        """Put a child into its place."""
        self[name] = child
        child.outer = self
        return child

    @property
    def path(self) -> str:
        """The names from the message down to it."""
        above = "" if self.outer is self else self.outer.path
        return "/".join(filter(None, (above, self.name)))


def _group(
    name: str,
    *,
    leaves: Mapping[str, str],
    groups: Iterable[tuple[str, Element]] = (),
    references: Iterable[str] = (),
    unread: Iterable[str] = (),
) -> Element:
    element = Element(name)
    element.group = name
    for path, leaf in leaves.items():
        kept = element.at(path)
        kept.leaf, kept.currency = leaf, f"{leaf} Ccy"
    for path, child in groups:
        parent, _, last = path.rpartition("/")
        element.at(parent).add(child, last)
    for path in references:
        kept = element.at(path)
        kept.reference = kept.name
    for path in unread:
        element.at(path)
    return element


def _addresses() -> list[str]:
    """What nearly every transaction has and nobody asks here: known, it is passed over faster."""
    parts = ("StrtNm", "BldgNb", "PstCd", "TwnNm", "Ctry", "AdrLine")
    parties = ("Dbtr", "Cdtr", "Dbtr/Pty", "Cdtr/Pty")
    agents = ("DbtrAgt", "CdtrAgt")
    names = ("BIC", "BICFI", "Nm")
    return [
        *(f"RltdPties/{party}/PstlAdr/{part}" for party in parties for part in parts),
        *(f"RltdAgts/{agent}/FinInstnId/{name}" for agent in agents for name in names),
        "Purp/Cd",
        "RltdDts/AccptncDtTm",
    ]


def _each(leaf: str, *paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, leaf)


def _account(leaf: str, path: str) -> dict[str, str]:
    """An account by IBAN or otherwise; the other names are those of version .01."""
    kinds = ("IBAN", "Othr/Id", "BBAN", "UPIC", "PrtryAcct/Id")
    return _each(leaf, *(f"{path}/Id/{kind}" for kind in kinds), f"{path}/Prxy/Id")


def _party(leaf: str) -> dict[str, str]:
    """A name: directly up to version .07, of a party or a bank from .08 on."""
    names = ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm")
    return _each(leaf, *(f"RltdPties/{leaf}/{name}" for name in names))


def _day(leaf: str) -> dict[str, str]:
    return _each(leaf, f"{leaf}/Dt", f"{leaf}/DtTm")


def _bank_code() -> dict[str, str]:
    return {
        "BkTxCd/Domn/Cd": "Domn",
        "BkTxCd/Domn/Fmly/Cd": "Fmly",
        "BkTxCd/Domn/Fmly/SubFmlyCd": "SubFmlyCd",
        "BkTxCd/Prtry/Cd": "OwnCd",
    }


def _charges() -> Element:
    record = _group(
        "Rcrd",
        leaves={"Amt": "Amt", "CdtDbtInd": "CdtDbtInd", "ChrgInclInd": "ChrgInclInd"},
    )
    return _group(
        "Chrgs",
        leaves={
            "TtlChrgsAndTaxAmt": "TtlChrgsAndTaxAmt",
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            "ChrgInclInd": "ChrgInclInd",
        },
        groups=[("Rcrd", record)],
    )


def _structured() -> Element:
    document = _group(
        "RfrdDocInf",
        leaves={
            **_each("Nb", "Nb", "RfrdDocNb"),
            **_each("Cd", "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "RfrdDocTp/Cd"),
        },
    )
    return _group(
        "Strd",
        leaves={
            **_each("Ref", "CdtrRefInf/Ref", "CdtrRefInf/CdtrRef"),
            "RfrdDocAmt/RmtdAmt": "RmtdAmt",
            "RfrdDocAmt/CdtNoteAmt": "CdtNoteAmt",
            "AddtlRmtInf": "AddtlRmtInf",
        },
        groups=[("RfrdDocInf", document)],
    )


def _transaction() -> Element:
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
        "AcctOwnrTxId",
        "AcctSvcrTxId",
    )
    parties = ("Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr")
    return _group(
        "TxDtls",
        leaves={
            "Refs/EndToEndId": "EndToEndId",
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            "AmtDtls/InstdAmt/Amt": "InstdAmt",
            "AmtDtls/TxAmt/Amt": "TxAmt",
            "AmtDtls/CntrValAmt/Amt": "CntrValAmt",
            **_bank_code(),
            **{path: leaf for party in parties for path, leaf in _party(party).items()},
            **_account("DbtrAcct", "RltdPties/DbtrAcct"),
            **_account("CdtrAcct", "RltdPties/CdtrAcct"),
            "RmtInf/Ustrd": "Ustrd",
            "AddtlTxInf": "AddtlTxInf",
        },
        references=[f"Refs/{name}" for name in references],
        unread=_addresses(),
        groups=[
            ("Refs/Prtry", _group("Refs Prtry", leaves={"Tp": "Tp", "Ref": "Ref"})),
            ("Chrgs", _charges()),
            ("RmtInf/Strd", _structured()),
            (
                "RtrInf",
                _group(
                    "RtrInf",
                    leaves={
                        **_each("Rsn", "Rsn/Cd", "Rsn/Prtry", "RtrRsn/Cd", "RtrRsn/Prtry"),
                        **_each("AddtlInf", "AddtlInf", "AddtlRtrRsnInf"),
                    },
                ),
            ),
        ],
    )


def _entry() -> Element:
    return _group(
        "Ntry",
        leaves={
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            "RvslInd": "RvslInd",
            # Text up to version .06, a code from .07 on.
            **_each("Sts", "Sts", "Sts/Cd", "Sts/Prtry"),
            **_day("BookgDt"),
            **_day("ValDt"),
            "AcctSvcrRef": "AcctSvcrRef",
            **_bank_code(),
            "AddtlNtryInf": "AddtlNtryInf",
            # Directly in the entry in version .01, and of several batches after it.
            **_each("NbOfTxs", "NtryDtls/Btch/NbOfTxs", "Btch/NbOfTxs"),
        },
        unread=("NtryRef",),
        groups=[
            ("Chrgs", _charges()),
            ("NtryDtls/TxDtls", _transaction()),
            ("TxDtls", _transaction()),
        ],
    )


def _statement(name: str) -> Element:
    balance = _group(
        "Bal",
        leaves={
            **_each("Tp", "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "Tp/Prtry"),
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            **_day("Dt"),
        },
    )
    pages = [f"{kind}Pgntn" for kind in ("Stmt", "Rpt", "Ntfctn")]
    return _group(
        name,
        leaves={
            "Id": "Id",
            "ElctrncSeqNb": "ElctrncSeqNb",
            "LglSeqNb": "LglSeqNb",
            "CreDtTm": "CreDtTm",
            "CpyDplctInd": "CpyDplctInd",
            **_account("Acct", "Acct"),
            "Acct/Ccy": "Ccy",
            **_each("PgNb", *(f"{page}/PgNb" for page in pages)),
            **_each("LastPgInd", *(f"{page}/LastPgInd" for page in pages)),
            "TxsSummry/TtlNtries/NbOfNtries": "NbOfNtries",
        },
        groups=[("Bal", balance), ("Ntry", _entry())],
    )


def _message(name: str, statement: str) -> Element:
    element = _group(
        name,
        leaves={
            "GrpHdr/CreDtTm": "CreDtTm",
            "GrpHdr/MsgPgntn/PgNb": "PgNb",
            "GrpHdr/MsgPgntn/LastPgInd": "LastPgInd",
        },
        groups=[(statement, _statement(statement))],
    )
    # All messages and statements are treated alike, whichever their name.
    element.group = "message"
    element[statement].group = "statement"
    return element


def _outside() -> Element:
    outside = Element()
    kinds = {"Stmt": "Stmt", "AcctRpt": "Rpt", "DbtCdtNtfctn": "Ntfctn"}
    for kind, statement in kinds.items():
        # The first version had its number in the name of the element.
        for version in ("", "V01"):
            name = f"BkToCstmr{kind}{version}"
            outside.add(_message(name, statement), name)
    return outside


OUTSIDE: Final = _outside()
"""What surrounds a message: ``Document``, and whatever a bank wraps around it, to any depth."""
