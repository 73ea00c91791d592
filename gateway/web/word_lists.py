"""Codes in words. Data only: what is missing here shows as its code, nothing breaks."""

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "cremation": "火化", "burial": "依法土葬", "donation": "捐献", "family": "家属", "other_home": "其他殡仪馆",
    "store": "寄存", "eco_burial": "节地生态安葬", "cemetery": "公墓安葬", "undecided": "还没有决定",
    "tree": "树葬", "flower": "花坛葬", "lawn": "草坪葬", "sea": "海葬", "wall": "壁葬或格位",
    "transport": "遗体接运", "keeping": "遗体存放", "farewell": "告别或守灵", "ash_storage": "骨灰寄存",
    "urn": "骨灰盒", "coffin": "卫生棺", "data": "数据比对", "affidavit": "书面承诺", "notary": "公证",
    "relative": "亲属照料", "temporary_guardianship": "临时监护", "child_benefit": "儿童福利", "tekun": "特困供养",
    "elder_visits": "探访关爱", "care_home": "养老机构", "civil_affairs": "民政部门", "village": "村（居）委会",
    "court_appointed": "法院指定", "dibao": "最低生活保障", "edge": "低保边缘", "rigid": "刚性支出困难",
    "temporary": "临时救助", "disability_living": "困难残疾人生活补贴", "disability_nursing": "重度残疾人护理补贴",
    "orphan": "孤儿", "unattended_child": "事实无人抚养儿童", "old_age_allowance": "高龄津贴",
    "elder_service_subsidy": "养老服务补贴", "elder_nursing_subsidy": "养老护理补贴", "voucher": "消费券",
    "meal_discount": "助餐优惠", "home_order": "上门服务", "visit_plan": "探访", "bed": "床位",
    "elder_card": "老年优待证",
    "married": "已婚", "widowed": "丧偶", "single": "未婚", "divorced": "离婚", "unknown": "未知",
    "spouse": "配偶", "child": "子女", "parent": "父母", "sibling": "兄弟姐妹", "grandchild": "孙子女、外孙子女",
    "grandparent": "祖父母、外祖父母", "male": "男", "female": "女", "alive": "在世", "active": "正在享受",
    "stopped": "已停发", "held": "暂停中", "suspended": "暂停中", "none": "没有",
    "minor": "未成年人", "disabled": "残疾人", "elder": "老年人", "bedridden": "卧床病人",
    "assistance": "社会救助", "eldercare": "养老服务", "funeral": "殡葬服务", "marriage": "婚姻登记",
}  # fmt: skip

MEMBERS: Mapping[str, str] = {
    "suspended": "已暂停", "last_sign_of_life": "最后一次活动记录", "stopped": "已停止", "kind": "种类",
    "last_payable_month": "发到", "overpaid_fen": "多发", "marital_state": "婚姻状态", "before_fen": "调整前",
    "provisional_fen": "暂定", "from_month": "起始月", "due_on": "期限", "amount_fen": "金额", "hold": "编号",
    "certificate_no": "证明编号", "place": "地点", "place_kept": "存放位置", "items": "项目", "waived_fen": "免除金额",
    "slot": "时段", "hall": "地点", "starts_at": "时间", "not_before": "不早于", "operators": "操作员",
    "identity_matches": "身份一致", "pacemaker_removed": "起搏器已取出", "to": "去向", "eco_kind": "生态安葬方式",
    "method": "依据", "not_answered": "未答复单位", "measures": "措施", "manager": "管理人", "payee": "收款人",
    "identity_checked": "已核对身份", "cause": "缘由", "question": "需要确认", "condition": "条件", "reason": "理由",
    "procedure": "事项", "basis": "依据", "region": "地区", "persons": "涉及人数", "service": "服务", "state": "状态",
    "paid_through": "已发到", "person": "人员编号", "before": "原来", "after": "现在", "count": "数量",
    "paused": "已暂停", "month": "月份", "at": "时间", "name": "名称", "note": "说明", "options": "可选",
    "holds": "暂缓", "custom": "特殊习俗", "pacemaker": "心脏起搏器", "infectious": "传染病",
    "known_income": "家庭收入已知", "members": "家庭人数", "predicate": "条件", "pointers": "不一致的项目",
    "said_by": "提出不同内容的部门", "vouched_by": "原内容的核实部门",
    "issued_on": "签发日期", "cancelled_on": "注销日期", "ended_on": "终止日期", "balance_fen": "账户余额",
    "wishes": "意愿", "decision": "决定", "income_fen": "收入", "standard_fen": "保障标准", "size": "家庭人数",
    "field": "项目", "kinds": "种类", "row": "事项",
}  # fmt: skip

REASONS: Mapping[str, str] = {
    "condition_false": "条件不符合，不需要办", "needs_impossible": "前面的事项不会办理，这一项也就不用办",
    "withdrawn": "已按您的要求撤回", "nothing_held": "没有需要处理的", "holds_nothing": "没有需要处理的",
    "declined": "您选择了不办", "lapsed": "没有答复，没有办理", "wish_refused": "您选择了不办",
    "wrong_person": "信息对不上，正在核实", "identity_doubt": "信息对不上，正在核实", "need_more": "需要补充材料",
    "silent": "正在联系承办单位", "held": "有人提出异议，先不办理", "not_married": "登记中没有婚姻关系",
    "not_needed": "更正后不再需要", "wrong_match": "认错了人，已恢复", "certificate_void": "死亡证明已注销，已恢复",
    "court_revoked": "法院撤销死亡宣告，已恢复", "handled": "已处理", "too_late": "已经办完，不能撤回",
    "refused_by_department": "承办单位不予办理", "switched_off": "当地没有开办这一项",
    "condition": "条件不符合，不需要办", "is_payee": "逝者不是收款人", "holds_elder_card": "没有老年优待证",
    "no_elder_card": "没有老年优待证", "has_dependants": "没有靠逝者照料的人", "no_heirs": "有继承人",
    "household_holds_benefit": "家庭没有在享受的待遇", "reported_by_issuer": "主管部门已直接报送",
    "irreversible": "办完后不能恢复", "hold": "有单位要求暂缓", "sign_of_life": "有新的活动记录，正在核实",
    "never_opened": "没有开始办", "identity_confirmed_by_person": "工作人员已核实身份",
    "department_silent": "正在联系承办单位", "remarried": "配偶已再婚", "overpaid_after_death": "去世后多发，需要核对",
    "offer_lapsed": "没有答复，没有办理", "lifted": "已解除暂停", "need_failed": "前面的事项不会办理，这一项也就不用办",
    "predicate_false": "没有需要处理的", "parked": "系统正在核实这一项", "spouse_dead": "配偶已经去世",
}  # fmt: skip
