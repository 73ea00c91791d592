"""What is never said to a family (design 9), and what a person's own words may not carry into a message. Pure.

The list is tested over every template, row and end state; at run time it guards the one free text of a message, the
reason that an officer wrote.
"""

import re

# Blame and pressure; ratings; greetings and gifts; the widowed; the cause of a death; words that hurt, and words that
# are wrong for those who bury their dead by another custom.
UNKIND: tuple[str, ...] = (
    "逾期", "超时", "超期", "过期", "倒计时", "剩余", "还剩", "最后期限", "限期", "尽快", "务必", "抓紧",
    "评价", "打分", "满意", "好评", "问卷",
    "生日快乐", "生日祝福", "祝寿", "节日快乐", "恭喜", "恭贺", "祝您", "消费券", "优惠", "福利到账",
    "丧偶", "寡", "孤寡", "死因", "非正常", "自杀", "他杀", "事故", "刑事", "死亡", "死者", "尸", "遗体",
    "火化", "土葬",
    "追缴", "责令", "骗取", "冒领", "违规", "罚款", "欠款", "清退",
    "overdue", "expired", "countdown", "days left", "deadline", "urgent", "rate us", "rating", "survey", "feedback",
    "birthday", "congratulat", "happy", "voucher", "festival", "widow", "cause of death", "suicide", "murder",
    "corpse", "dead body", "cremat", "burial", "fraud", "penalty", "death", "died", "deceased",
)  # fmt: skip
_MANY_DIGITS = re.compile(r"\d[\d\s*-]{5,}[\dXx]")
_LONGEST_REASON = 120


def unkind_words(text: str) -> list[str]:
    """The words of this text that are never said to a family."""
    small = text.lower()
    return [word for word in UNKIND if word in small]


def may_be_said(reason: str) -> bool:
    """Whether an officer's own words may stand in a message: kind, short, without a number that names anybody."""
    return (
        0 < len(reason) <= _LONGEST_REASON
        and not unkind_words(reason)
        and not _MANY_DIGITS.search(reason)
        and not reason.isascii()
    )
