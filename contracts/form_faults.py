"""What can be wrong with an answer: code, both languages and how to mend it. Nothing repeats what was typed."""

from dataclasses import dataclass

from kernel.errors import FieldError


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault of one answer. `pointer` is a JSON Pointer into the form (the gateway puts `/form` before it)."""

    pointer: str
    code: str
    message: str
    message_en: str
    how: str
    how_en: str = ""

    def as_error(self, prefix: str = "/form") -> FieldError:
        """The same fault for a 422 answer; `prefix` is where the form stands in the request."""
        return FieldError(
            f"{prefix}{self.pointer}", self.code, self.message, self.message_en, self.how, self.how_en
        )


# code → message, message in English, how to mend, the same in English
_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "unknown_field": (
        "表单没有这一项。",
        "The form has no such field.",
        "请删除这一项，或核对拼写。",
        "Remove it or check its spelling.",
    ),
    "required": (
        "这一项必须填写。",
        "This must be answered.",
        "请填写后再提交。",
        "Fill it in and send again.",
    ),
    "wrong_type": (
        "这一项的数据类型不对。",
        "This has the wrong type.",
        "请按表单说明的类型填写。",
        "Use the type that the form's schema names.",
    ),
    "not_a_choice": (
        "不在可选范围内。",
        "This is not one of the choices.",
        "请从选项中选择。",
        "Take one of the choices.",
    ),
    "repeated_choice": (
        "同一选项选了两次。",
        "A choice stands here twice.",
        "请只保留一个。",
        "Keep one of them.",
    ),
    "too_long": ("内容太长。", "This is too long.", "请缩短后再提交。", "Shorten it and send again."),
    "too_many": (
        "条数太多。",
        "There are too many entries.",
        "请减少条数，其余的到窗口补充。",
        "Send fewer, add the rest later.",
    ),
    "characters": (
        "含有不能使用的字符。",
        "This has characters that cannot be used.",
        "请删除控制字符和无法显示的字符。",
        "Remove control characters and broken characters.",
    ),
    "phone_shape": (
        "电话号码的格式不对。",
        "This is not a telephone number.",
        "请填写 11 位手机号，或带区号的固定电话，如 0576-88888888。",
        "Give an 11-digit mobile number or a landline with its area code.",
    ),
    "bank_account_shape": (
        "银行账号应为 8 至 32 位数字。",
        "A bank account has 8 to 32 digits.",
        "请对照银行卡核对。",
        "Compare it with the bank card.",
    ),
    "certificate_shape": (
        "证明编号的格式不对。",
        "This is not a certificate number.",
        "请对照证明填写字母和数字；还没有拿到的可以不填。",
        "Copy letters and digits from the certificate, or leave it empty for now.",
    ),
    "id_number_shape": (
        "证件号码的格式不对。",
        "This is not an identification number.",
        "请对照证件填写字母和数字。",
        "Copy letters and digits from the document.",
    ),
    "date_shape": (
        "日期不存在或格式不对。",
        "This is not a date.",
        "请写成 2026-03-01 的样子。",
        "Write it like 2026-03-01.",
    ),
    "instant_shape": (
        "时间不存在或格式不对。",
        "This is not an instant.",
        "请写成 2026-03-01T09:00:00+08:00 的样子。",
        "Write it like 2026-03-01T09:00:00+08:00.",
    ),
    "instant_without_offset": (
        "时间没有写明时区。",
        "The instant lacks its offset.",
        "请在末尾加上 +08:00。",
        "Add +08:00 at its end.",
    ),
    "in_future": (
        "时间在现在之后。",
        "This lies in the future.",
        "请核对日期和时间。",
        "Check date and time.",
    ),
    "before_birth": (
        "时间早于出生日期。",
        "This lies before the date of birth.",
        "请核对出生日期、证件号码和这个时间。",
        "Check the date of birth, the number and this instant.",
    ),
    "unknown_region": (
        "没有这个行政区划代码。",
        "There is no such region.",
        "请填写 6 位或 12 位的行政区划代码。",
        "Give a region code of 6 or 12 digits that the catalogue has.",
    ),
}


def fault(pointer: str, code: str) -> FieldFault:
    """The fault of that code at that place."""
    return FieldFault(pointer, code, *_TEXTS[code])
