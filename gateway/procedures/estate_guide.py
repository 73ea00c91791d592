"""`gateway.estate_guide` (R27, R28): where the heirs go for what; the gateway's part is referral only."""

from datetime import datetime
from typing import Any

from casework.procedure import Procedure, Ruling, done, unchanged
from contracts.outcomes import OwnerState

# life-events.md 1, row 20: small deposits without a notary, everything above and land by notary or court.
_ROUTES: tuple[dict[str, str], ...] = (
    {"what": "五万元以下存款", "where": "开户银行", "how": "第一顺序继承人凭亲属关系核验结果直接提取，无需公证。"},
    {"what": "五万元以上存款、理财、证券", "where": "公证处或人民法院", "how": "先办继承公证或诉讼，再到金融机构。"},
    {"what": "房屋和土地", "where": "不动产登记中心", "how": "凭公证书、生效法律文书或全体继承人到场办理转移登记。"},
    {"what": "车辆", "where": "车辆管理所", "how": "凭继承文书办理转移登记。"},
)  # fmt: skip


def open(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    """The guide is ready at once."""
    return done({"where_to_go": [dict(route) for route in _ROUTES]})


def correct(procedure: Procedure, facts: Any, *, at: datetime) -> Ruling:
    """The result of the asset query changes nothing about where to go."""
    return unchanged(procedure) if procedure.state is OwnerState.DONE else open(procedure, facts, at=at)
