"""What the marriage registry refuses, and why."""

from kernel.errors import Conflict, Forbidden, NotFound


class DeathNotConfirmed(Exception):
    """死亡还没有确认，不能登记丧偶：先核对指令的来源。
    A death that is only declared widows nobody: check where the order came from."""


class LaterMarriageStands(Conflict):
    """配偶后来登记的婚姻仍然有效，不能直接恢复原婚姻。
    The survivor's later marriage stands; the first cannot simply be restored."""

    how = "后一婚姻经法院确认无效的，请选择“后一婚姻已确认无效”；否则请选择不恢复。"
    how_en = "Choose `later_void` with the court's document if it was found void, else `keep_ended`."


class CoupleUnknown(NotFound):
    """没有这段婚姻登记。
    There is no such marriage."""

    how = "请核对登记编号。"
    how_en = "Check the registration."


class NotTheSurvivor(Conflict):
    """声明人不是这段婚姻中在世的一方，或这段婚姻没有因死亡而终止。
    Who declares is not the survivor of this marriage, or no death has ended it."""

    how = "请核对声明人和婚姻登记。"
    how_en = "Check who declares and the registration."


class MarriageResumed(Conflict):
    """婚姻关系已经恢复，之后的声明不再影响它。
    The marriage has resumed; a later declaration does not change it."""

    how = "不愿继续的，请按离婚程序办理。"
    how_en = "Whoever does not want to go on applies for a divorce."


class NotTheRegistrar(Forbidden):
    """声明由婚姻登记员受理。
    The registrar takes the declaration."""
