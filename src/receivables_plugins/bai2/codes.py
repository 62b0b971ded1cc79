"""Type codes of BAI2: what a figure of record 03 is, and which way the money of record 16 went.

The list of codes with their level and direction is that of the project ``bai2`` of the Ministry of
Justice of the United Kingdom (MIT licence, https://github.com/ministryofjustice/bai2, constants.py).
A code that is not listed has the direction of its hundred: 100 to 399 credit, 400 to 699 debit, and of
a bank's own codes 900 to 919 status, 920 to 959 credit, 960 to 999 debit.

>>> type_code("175").sign, type_code("555").sign, type_code("015").level
(1, -1, <Level.STATUS: 'status'>)
>>> type_code("117").is_listed, type_code("117").sign
(False, 1)
"""

from __future__ import annotations

import enum
import functools
from typing import Final

import attrs

from receivables.receipts.model import ReceiptMethod

__all__ = ["DEPOSIT_OF_ITEM", "Level", "TypeCode", "type_code"]


class Level(enum.Enum):
    """What a type code counts: a balance, a total of many, or one transaction."""

    STATUS = "status"
    SUMMARY = "summary"
    DETAIL = "detail"


@attrs.frozen(kw_only=True)
class TypeCode:
    """A type code: its level, its direction on the account, and what it says of the transaction.

    `sign` is 1 for a credit, -1 for a debit, and 0 where nothing moves.  `returned` says in our words
    what came back, where that is what the code means; `is_reversal` that the bank takes back an entry
    of its own.
    """

    code: str
    level: Level
    sign: int
    is_listed: bool
    method: ReceiptMethod = ReceiptMethod.UNSAID
    returned: str = ""
    is_reversal: bool = False


_STATUS: Final = (
    "010 011 012 015 020 021 022 024 025 030 037 039 040 041 042 043 044 045 050 051 054 055 "
    "056 057 059 060 061 062 063 065 066 067 068 070 072 073 074 075 076 077 078 079 080 081 "
    "082 083 084 085 086 087 088 701 703 705 707 709 906 907 "
)
_SUMMARY_CREDITS: Final = (
    "100 101 102 105 106 107 109 110 120 130 131 140 146 150 159 160 162 163 167 168 169 170 "
    "178 180 182 185 186 188 190 200 205 207 210 215 230 231 239 245 250 251 256 260 270 271 "
    "280 285 294 302 303 304 305 307 309 310 315 316 318 319 320 321 324 325 326 327 328 329 "
    "330 332 336 338 340 341 343 350 352 355 356 360 361 370 385 389 390 720 827 829 "
)
_SUMMARY_DEBITS: Final = (
    "400 401 402 403 405 406 410 412 416 420 430 446 450 459 463 465 467 470 471 478 480 482 "
    "486 490 500 505 507 510 515 530 532 534 536 537 539 550 551 556 560 570 580 583 584 585 "
    "586 587 588 590 594 596 601 602 610 611 612 613 614 615 617 618 621 623 625 626 628 630 "
    "632 640 646 650 655 665 670 685 689 690 760 828 "
)
_DETAIL_CREDITS: Final = (
    "108 115 116 118 121 122 123 135 136 142 143 145 147 155 156 158 164 165 166 171 172 173 "
    "174 175 176 184 187 189 191 195 196 198 201 202 206 208 212 213 214 216 218 221 222 224 "
    "226 227 229 232 233 234 235 236 237 238 240 241 242 243 244 246 247 248 249 252 254 255 "
    "257 258 261 263 266 268 274 275 276 277 278 281 286 295 301 306 308 331 342 344 345 346 "
    "347 348 349 351 353 354 357 358 359 362 363 364 366 367 368 369 372 373 374 376 377 378 "
    "379 381 382 383 384 386 387 388 391 392 393 394 395 397 398 399 706 708 721 722 723 724 "
    "725 726 727 728 "
)
_DETAIL_DEBITS: Final = (
    "408 409 415 421 422 423 435 445 447 451 452 455 458 462 464 466 468 469 472 474 475 476 "
    "477 479 481 484 485 487 489 491 493 495 496 498 501 502 506 508 512 513 514 516 518 522 "
    "524 526 527 529 531 533 535 538 540 541 542 543 544 546 547 548 549 552 554 555 557 558 "
    "561 563 564 566 567 568 574 575 577 578 581 595 597 616 622 627 629 631 633 634 641 644 "
    "651 654 656 657 658 659 661 662 663 664 666 667 668 669 672 673 674 676 677 678 679 681 "
    "682 683 684 686 687 688 691 692 693 694 695 696 697 698 699 "
)

_LISTED: Final = {
    code: (level, sign)
    for codes, level, sign in (
        (_STATUS, Level.STATUS, 0),
        (_SUMMARY_CREDITS, Level.SUMMARY, 1),
        (_SUMMARY_DEBITS, Level.SUMMARY, -1),
        (_DETAIL_CREDITS, Level.DETAIL, 1),
        (_DETAIL_DEBITS, Level.DETAIL, -1),
        ("890", Level.DETAIL, 0),
    )
    for code in codes.split()
}
_HUNDREDS: Final = (
    (100, Level.STATUS, 0),
    (400, Level.DETAIL, 1),
    (700, Level.DETAIL, -1),
    (900, Level.STATUS, 0),
    (920, Level.STATUS, 0),
    (960, Level.DETAIL, 1),
    (1000, Level.DETAIL, -1),
)
"""Up to which number, what a code is that is not listed; BAI gives 700 to 899 no direction."""

_METHODS: Final = {
    ReceiptMethod.CHEQUE: "115 116 118 170 175 176 187 221 222 255 395 475 555",
    ReceiptMethod.CREDIT_TRANSFER: "142 143 191 195 206 208 827 829",
    ReceiptMethod.CARD: "147",
    ReceiptMethod.CASH: "366",
}
"""How the money came, where the code says it; ACH codes that cover credits and debits say neither."""

_METHOD_OF: Final = {code: method for method, codes in _METHODS.items() for code in codes.split()}
_RETURNED: Final = {
    "123": "credit returned",
    "168": "ACH return item or adjustment",
    "255": "check posted and returned",
    "257": "ACH item returned",
    "261": "credit rejected",
    "266": "item returned",
    "423": "item returned",
    "468": "ACH return item or adjustment",
    "555": "deposited item returned",
    "557": "ACH item returned",
    "561": "debit rejected",
    "566": "item returned",
}
_REVERSALS: Final = frozenset({"252", "258", "552", "558", "694"})

DEPOSIT_OF_ITEM: Final = {"116": "115", "143": "142"}
"""Codes of the items of a deposit, and the code of the deposit that they can be a part of."""


@functools.cache
def _known(code: str) -> TypeCode:
    listed = _LISTED.get(code)
    level, sign = listed or next(
        (level, sign) for below, level, sign in _HUNDREDS if int(code) < below
    )
    return TypeCode(
        code=code,
        level=level,
        sign=sign,
        is_listed=listed is not None,
        method=_METHOD_OF.get(code, ReceiptMethod.UNSAID),
        returned=_RETURNED.get(code, ""),
        is_reversal=code in _REVERSALS,
    )


def type_code(code: str) -> TypeCode | None:
    """What three digits mean; None for anything else."""
    if len(code) == 3 and code.isascii() and code.isdecimal():  # noqa: PLR2004  # the digits of a code
        return _known(code)
    return None
