"""The department's page in mode manual: plain forms, no script, Chinese first."""

from collections.abc import Sequence
from html import escape
from typing import Any

_WORDS = {
    "done": "办结 Done", "refused": "不予办理 Refused", "need_more": "需补充材料 Needs more",
    "wrong_person": "人员不符 Wrong person",
}  # fmt: skip
_CANCELLATION = {"cancelled": "同意取消 Cancelled", "done": "已经办结 Already done"}
_KINDS = {
    "task": "新请求 Request",
    "correction": "更正 Correction",
    "undo": "撤销 Undo",
    "cancellation": "取消 Cancel",
}
_STYLE = (
    "body{font:18px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}"
    "article{border:2px solid #555;padding:1rem;margin:1rem 0}button{font-size:18px;min-height:60px;padding:0 1.2rem;"
    "margin:.3rem .5rem 0 0}dt{font-weight:bold}input{font-size:18px;min-height:44px;width:24rem;max-width:100%}"
)


def page(department: str, items: Sequence[dict[str, Any]], message: str) -> bytes:
    """The whole page."""
    name = escape(department)
    said = f'<p role="status"><strong>{escape(message)}</strong></p>' if message else ""
    listed = "".join(_article(department, item) for item in items) or "<p>没有待办的请求。 Nothing to do.</p>"
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style>'
        f"<main><h1>模拟部门 · {name}</h1>{said}<p>{len(items)} 件待办 · to do</p>{listed}</main></html>"
    ).encode()


def _article(department: str, item: dict[str, Any]) -> str:
    fields = "".join(
        f"<dt>{escape(pointer)}</dt><dd>{escape(str(value))}</dd>"
        for pointer, value in (item.get("fields") or {}).items()
    )
    words = _CANCELLATION if item["kind"] == "cancellation" else _WORDS
    buttons = "".join(
        f'<button name="outcome" value="{word}">{escape(label)}</button>' for word, label in words.items()
    )
    return (
        f"<article><h2>{escape(item['type'])} · {_KINDS.get(item['kind'], '')}</h2>"
        f"<p>{escape(item['case_no'])} · {escape(item.get('purpose') or '')} · {escape(item.get('legal_basis') or '')}"
        f"</p><dl>{fields}</dl>"
        f'<form method="post" action="{escape(department)}/answer">'
        f'<input type="hidden" name="id" value="{escape(item["id"])}">'
        f'<label>说明 Reason <input name="reason" maxlength="200"></label><br>{buttons}</form></article>'
    )
