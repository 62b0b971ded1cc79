"""Which elements are read, and under which name their text is kept.

A *leaf* is an element whose text is kept; a *group* is an element that may be repeated, or that is
complete by itself, so that its leaves are kept together in one record.  Elements that stand in
neither table are passed over.  The tables hold every name that versions .01 to .14 give to a thing;
they all lead to one name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["OUTSIDE", "Element", "account", "day", "each", "group", "party", "structured"]


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


def group(
    name: str,
    *,
    leaves: Mapping[str, str],
    groups: Iterable[tuple[str, Element]] = (),
    references: Mapping[str, str] = MappingProxyType({}),
    unread: Iterable[str] = (),
) -> Element:
    """A group: its leaves by path, the groups inside, its references by path, what is passed over."""
    element = Element(name)
    element.group = name
    for path, leaf in leaves.items():
        kept = element.at(path)
        kept.leaf, kept.currency = leaf, f"{leaf} Ccy"
    for path, child in groups:
        parent, _, last = path.rpartition("/")
        element.at(parent).add(child, last)
    for path, kept_as in references.items():
        element.at(path).reference = kept_as
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


def each(leaf: str, *paths: str) -> dict[str, str]:
    """Several paths to one leaf."""
    return dict.fromkeys(paths, leaf)


def account(leaf: str, path: str) -> dict[str, str]:
    """An account by IBAN or otherwise; the other names are those of version .01."""
    kinds = ("IBAN", "Othr/Id", "BBAN", "UPIC", "PrtryAcct/Id")
    return each(leaf, *(f"{path}/Id/{kind}" for kind in kinds), f"{path}/Prxy/Id")


def party(leaf: str, at: str = "RltdPties") -> dict[str, str]:
    """A name: directly up to version .07, of a party or a bank from .08 on."""
    names = ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm")
    path = f"{at}/{leaf}".lstrip("/")
    return each(leaf, *(f"{path}/{name}" for name in names))


def moment(leaf: str) -> dict[str, str]:
    """A day, or a moment of it."""
    return each(leaf, f"{leaf}/Dt", f"{leaf}/DtTm")


def day(leaf: str, at: str = "") -> dict[str, str]:
    """A day as such, as it was in older versions, or within a choice."""
    path = f"{at}/{leaf}".lstrip("/")
    return each(leaf, path, f"{path}/Dt", f"{path}/DtTm")


def _bank_code() -> dict[str, str]:
    return {
        "BkTxCd/Domn/Cd": "Domn",
        "BkTxCd/Domn/Fmly/Cd": "Fmly",
        "BkTxCd/Domn/Fmly/SubFmlyCd": "SubFmlyCd",
        "BkTxCd/Prtry/Cd": "OwnCd",
    }


def _charges() -> Element:
    record = group(
        "Rcrd",
        leaves={"Amt": "Amt", "CdtDbtInd": "CdtDbtInd", "ChrgInclInd": "ChrgInclInd"},
    )
    return group(
        "Chrgs",
        leaves={
            "TtlChrgsAndTaxAmt": "TtlChrgsAndTaxAmt",
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            "ChrgInclInd": "ChrgInclInd",
        },
        groups=[("Rcrd", record)],
    )


def structured() -> Element:
    """What is said in a structured way of what is paid (``Strd``)."""
    document = group(
        "RfrdDocInf",
        leaves={
            **each("Nb", "Nb", "RfrdDocNb"),
            **each("Cd", "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "RfrdDocTp/Cd"),
            **day("RltdDt"),
        },
    )
    amounts = ("DuePyblAmt", "RmtdAmt", "CdtNoteAmt", "DscntApldAmt")
    adjustment = group(
        "AdjstmntAmtAndRsn",
        leaves={name: name for name in ("Amt", "CdtDbtInd", "Rsn", "AddtlInf")},
    )
    return group(
        "Strd",
        leaves={
            **each("Ref", "CdtrRefInf/Ref", "CdtrRefInf/CdtrRef"),
            **{f"RfrdDocAmt/{name}": name for name in amounts},
            # With a type beside each amount in newer versions.
            "RfrdDocAmt/DscntApldAmt/Amt": "DscntApldAmt",
            "RfrdDocRltdDt": "RfrdDocRltdDt",
            "AddtlRmtInf": "AddtlRmtInf",
        },
        groups=[("RfrdDocInf", document), ("RfrdDocAmt/AdjstmntAmtAndRsn", adjustment)],
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
    sides = ("Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr")
    return group(
        "TxDtls",
        leaves={
            "Refs/EndToEndId": "EndToEndId",
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            "AmtDtls/InstdAmt/Amt": "InstdAmt",
            "AmtDtls/TxAmt/Amt": "TxAmt",
            "AmtDtls/CntrValAmt/Amt": "CntrValAmt",
            **_bank_code(),
            **{path: leaf for side in sides for path, leaf in party(side).items()},
            **account("DbtrAcct", "RltdPties/DbtrAcct"),
            **account("CdtrAcct", "RltdPties/CdtrAcct"),
            "RmtInf/Ustrd": "Ustrd",
            "AddtlTxInf": "AddtlTxInf",
        },
        references={f"Refs/{name}": name for name in references},
        unread=_addresses(),
        groups=[
            ("Refs/Prtry", group("Refs Prtry", leaves={"Tp": "Tp", "Ref": "Ref"})),
            ("Chrgs", _charges()),
            ("RmtInf/Strd", structured()),
            (
                "RtrInf",
                group(
                    "RtrInf",
                    leaves={
                        **each("Rsn", "Rsn/Cd", "Rsn/Prtry", "RtrRsn/Cd", "RtrRsn/Prtry"),
                        **each("AddtlInf", "AddtlInf", "AddtlRtrRsnInf"),
                    },
                ),
            ),
        ],
    )


def _entry() -> Element:
    return group(
        "Ntry",
        leaves={
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            "RvslInd": "RvslInd",
            # Text up to version .06, a code from .07 on.
            **each("Sts", "Sts", "Sts/Cd", "Sts/Prtry"),
            **moment("BookgDt"),
            **moment("ValDt"),
            "AcctSvcrRef": "AcctSvcrRef",
            **_bank_code(),
            "AddtlNtryInf": "AddtlNtryInf",
            # Directly in the entry in version .01, and of several batches after it.
            **each("NbOfTxs", "NtryDtls/Btch/NbOfTxs", "Btch/NbOfTxs"),
        },
        unread=("NtryRef",),
        groups=[
            ("Chrgs", _charges()),
            ("NtryDtls/TxDtls", _transaction()),
            ("TxDtls", _transaction()),
        ],
    )


def _statement(name: str) -> Element:
    balance = group(
        "Bal",
        leaves={
            **each("Tp", "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "Tp/Prtry"),
            "Amt": "Amt",
            "CdtDbtInd": "CdtDbtInd",
            **moment("Dt"),
        },
    )
    pages = [f"{kind}Pgntn" for kind in ("Stmt", "Rpt", "Ntfctn")]
    return group(
        name,
        leaves={
            "Id": "Id",
            "ElctrncSeqNb": "ElctrncSeqNb",
            "LglSeqNb": "LglSeqNb",
            "CreDtTm": "CreDtTm",
            "CpyDplctInd": "CpyDplctInd",
            **account("Acct", "Acct"),
            "Acct/Ccy": "Ccy",
            **each("PgNb", *(f"{page}/PgNb" for page in pages)),
            **each("LastPgInd", *(f"{page}/LastPgInd" for page in pages)),
            "TxsSummry/TtlNtries/NbOfNtries": "NbOfNtries",
        },
        groups=[("Bal", balance), ("Ntry", _entry())],
    )


def _message(name: str, statement: str) -> Element:
    element = group(
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
