"""Why a cremation is not cleared, in words: code → Chinese, English, how to mend it in both. Data only."""

from collections.abc import Mapping

_RELEASE = ("请联系提出暂扣的部门，解除后系统立即放行。", "Ask the department that placed it to release it.")

MISSING: Mapping[str, tuple[str, str, str, str]] = {
    "hold_police": ("公安机关暂扣尚未解除。", "A hold of the police stands.", *_RELEASE),
    "hold_court": ("法院暂扣尚未解除。", "A hold of the court stands.", *_RELEASE),
    "hold_medical_dispute": ("医疗纠纷暂扣尚未解除。", "A hold for a medical dispute stands.", *_RELEASE),
    "hold_relatives_dispute": ("亲属争议暂扣尚未解除。", "A hold for a dispute of relatives stands.", *_RELEASE),
    "hold_unknown_identity": ("身份不明暂扣尚未解除。", "A hold for an unknown identity stands.", *_RELEASE),
    "hold_infection": ("传染病暂扣尚未解除。", "A hold for an infection stands.", *_RELEASE),
    "no_proof": (
        "没有有效的死亡证明（尚未签发、已作废或存疑）。",
        "No proof of death stands (not issued yet, void, or doubted).",
        "请等待卫生健康部门或公安机关出具证明；存疑的由县级窗口核实。",
        "Wait for the issuer's proof; a doubt is settled by the county's window.",
    ),
    "not_confirmed": (
        "死亡尚未确认。", "The death is not confirmed yet.",
        "请等待确认；系统会自动更新。", "Wait for the confirmation; it arrives by itself.",
    ),
    "police_not_released": (
        "非正常死亡，公安机关尚未同意处理遗体。", "An abnormal death, and the police have not set the body free.",
        "请公安机关出具同意处理遗体的意见，或解除暂扣。", "Have the police release the body or their hold.",
    ),
    "proof_newer": (
        "死亡证明已有新版本，须重新核对。", "The proof was issued anew since it was last looked at.",
        "请刷新待办，按新证明核对身份牌后再开始；仍不行的，改期重新预约。",
        "Reload, check the tag against the new proof, then start; or rebook.",
    ),
    "no_slot": (
        "没有预约火化时段。", "No slot is booked.", "请改期后重新预约。", "Rebook and choose a slot.",
    ),
    "no_body_tag": (
        "遗体没有身份牌。", "The body has no tag.", "请改期重新预约，预约时系统编号；或先办理接运入馆。",
        "Rebook (a tag is given then), or collect the body first.",
    ),
    "body_gone": (
        "遗体已移交离馆。", "The body has left the home.", "请核对移交去向。", "Look where it was released to.",
    ),
    "body_elsewhere": (
        "遗体不在预约时段所属的殡仪馆。", "The body is not in the home of the booked slot.",
        "请改期，选择遗体所在殡仪馆的时段。", "Rebook a slot of the home where the body is.",
    ),
    "other_person": (
        "身份牌属于另一人。", "The tag belongs to another person.",
        "请立即停下，报县级民政部门核实。", "Stop at once and report to the county.",
    ),
    "farewell_first": (
        "已约定的告别尚未举行。", "The booked farewell has not been held yet.",
        "请先举行告别，或改期、取消告别。", "Hold the farewell, rebook or cancel it.",
    ),
}  # fmt: skip
