"""How a procedure, its rule and its facts are called in a message: gentler than on a desk, never wrong. Pure.

A row that would betray how somebody died goes by a name that fits every death; funeral rows go by names that fit every
custom (G11: a cause is never published).
"""

from collections.abc import Mapping

from contracts.catalog import LifeEvent, ProcedureRow
from gateway.notices.kindness import unkind_words

_GENTLE: Mapping[str, tuple[str, str]] = {
    "health.death_certificate": ("医学证明", "the medical certificate"),
    "police.abnormal_death_proof": ("医学证明", "the medical certificate"),
    "police.household_cancellation": ("户口手续", "the household registration"),
    "funeral.transport": ("接运和安放", "transport and keeping"),
    "funeral.farewell": ("告别仪式", "the farewell"),
    "funeral.cremation": ("送别安排", "the arrangements for the farewell"),
    "funeral.cremation_certificate": ("殡葬证明", "the funeral certificate"),
    "funeral.free_items": ("免费基本服务结算", "the free basic services"),
    "funeral.ashes": ("安放安葬安排", "the resting place"),
    "funeral.eco_burial_award": ("节地安葬奖补", "the award for a green resting place"),
    "human_resources.survivor_benefit": ("补助金和抚恤金", "the subsidy and relief money"),
    "assistance.stop_benefits": ("救助待遇的结算", "the settlement of assistance"),
    "eldercare.stop_benefits": ("养老待遇的结算", "the settlement of elder care"),
    "assistance.overpayment": ("救助款项的核对", "a check of what was paid"),
    "eldercare.overpayment": ("养老津贴的核对", "a check of what was paid"),
    "assistance.tekun_funeral": ("后事安排", "the arrangements"),
    "marriage.widowed": ("民政登记", "the civil register"),
    "veterans.bereavement": ("优抚补助", "the payment for veterans' families"),
}
# The law behind a rule of rules.md, where the catalogue's row names none of its own.
_LAWS: Mapping[str, str] = {
    "R01": "《最低生活保障审核确认办法》", "R09": "民政部关于儿童关爱保护的规定", "R20": "国卫规划发〔2013〕57号",
    "R21": "《户口登记条例》", "R22": "《殡葬管理条例》和本地惠民殡葬政策", "R23": "《社会保险法》",
    "R24": "《社会救助暂行办法》", "R25": "《社会保险经办条例》", "R26": "《住房公积金管理条例》",
    "R27": "本地遗产办理规定", "R28": "《民法典》继承编", "R53": "《老年人权益保障法》", "R80": "政务数据共享规定",
}  # fmt: skip
_NO_LAW = "本地办事指南"
_NAMELESS = ("一个事项", "one of the steps")
# Questions whose very title would tell too much.
_NOT_NAMED = frozenset({"cause", "infectious", "pacemaker", "ethnic_custom"})
_MOST_FACTS = 6


def name_of(spec: ProcedureRow) -> tuple[str, str]:
    """Chinese and English. A row that a catalogue names bluntly, unknown to this table, goes without its name."""
    name, name_en = _GENTLE.get(spec.type, (spec.name, spec.name_en or spec.name))
    return (
        _NAMELESS[0] if unkind_words(name) else name,
        _NAMELESS[1] if unkind_words(name_en) or not name_en.isascii() else name_en,
    )


def rule_of(spec: ProcedureRow, event: LifeEvent) -> str:
    """The rule that was applied, with the version of the catalogue that says so (G8)."""
    known = [_LAWS[source] for source in spec.source if source in _LAWS]
    law = next((one for one in (spec.legal_basis, *known) if one and not unkind_words(one)), _NO_LAW)
    return f"{law}（办事目录第 {event.version} 版）"


def facts_of(spec: ProcedureRow, event: LifeEvent) -> str:
    """The titles of what was looked at, never the values."""
    titles = dict.fromkeys(_title(pointer, event) for pointer in spec.fields if _named(pointer))
    kind = [title for title in titles if not unkind_words(title)]
    return "、".join(kind[:_MOST_FACTS]) or "承办单位已有的登记"


def _named(pointer: str) -> bool:
    return pointer.rsplit("/", 1)[-1] not in _NOT_NAMED and not pointer.startswith("/deceased/certificate_no")


def _title(pointer: str, event: LifeEvent) -> str:
    section, _, field = pointer.lstrip("/").partition("/")
    form = event.form[section]
    title = form.fields[field].title if field else form.title
    return _without_blunt_words(title)


def _without_blunt_words(title: str) -> str:
    return title.replace("遗体处理方式", "送别方式").replace("死亡医学证明", "医学证明").replace("死亡", "")
