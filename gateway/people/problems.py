"""What can go wrong with people."""

from kernel.errors import Conflict, NotFound


class PersonUnknown(NotFound):
    """没有找到此人，或者不在您可以查看的范围内。
    There is no such person, or they are not yours to know of."""

    how = "请核对后再试；可按姓名或证件号码查找。"
    how_en = "Check it, or search by name or ID number."


class NumberNotTheirs(Conflict):
    """这个号码不在这份登记里。
    The number is not of this record."""

    how = "请核对证件种类和号码。"
    how_en = "Check the kind and the number of the document."


class NothingToSplit(Conflict):
    """这份登记只有一个号码，没有可分的。
    The record has one number alone: nothing of it is another person's."""

    how = "号码错了的，请更正联办件里的号码。"
    how_en = "Where the number is wrong, correct it in the case."
