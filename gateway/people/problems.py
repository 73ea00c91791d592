"""What can go wrong with people."""

from kernel.errors import NotFound


class PersonUnknown(NotFound):
    """没有找到此人，或者不在您可以查看的范围内。
    There is no such person, or they are not yours to know of."""

    how = "请核对后再试；可按姓名或证件号码查找。"
    how_en = "Check it, or search by name or ID number."
