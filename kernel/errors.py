"""Errors whose docstring is their message (design 11.7).

The first line of a problem's docstring is the Chinese title, the second the English one:

    class BenefitAlreadyStopped(Conflict):
        \"\"\"这项待遇已经停发。
        This benefit has already been stopped.\"\"\"
        how = "请刷新后查看最后发放月份。"
        how_en = "Reload the page and look at the last month paid."

`code` is the class name in snake case unless the class sets it. `kernel.web.problems` turns a problem into
`application/problem+json` as api.md describes. Messages never contain a number, name, phone, address or account.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of a request. `field` is a JSON Pointer into the body (or `/query/x`, `/path/x`, `/header/x`)."""

    field: str
    code: str
    message: str
    message_en: str
    how: str = ""
    how_en: str = ""

    def as_dict(self) -> dict[str, str]:
        return {
            "field": self.field,
            "code": self.code,
            "message": self.message,
            "message_en": self.message_en,
            "how": self.how,
            "how_en": self.how_en,
        }


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Problem(Exception):
    """这件事没有办成。
    This could not be done."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "problem"
    title_zh: ClassVar[str] = "这件事没有办成。"
    title_en: ClassVar[str] = "This could not be done."
    how: str = "请稍后再试；仍不成功请联系系统管理员，并告知请求编号。"
    how_en: str = "Try again later; if it still fails, give the operator the request id."

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = _snake(cls.__name__)
        lines = [line.strip() for line in (cls.__dict__.get("__doc__") or "").splitlines() if line.strip()]
        if lines:
            cls.title_zh = lines[0]
        if len(lines) > 1:
            cls.title_en = lines[1]

    def __init__(
        self,
        detail: str | None = None,
        detail_en: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        how: str | None = None,
        how_en: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """`extra` adds members to the answer, for example the current version of a stale write. It replaces none."""
        self.detail = detail or self.title_zh
        self.detail_en = detail_en or (self.title_en if detail is None else detail)
        self.errors = tuple(errors)
        if how is not None:
            self.how = how
            self.how_en = how_en or how
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        super().__init__(f"{self.code}: {self.detail_en}")

    def as_dict(self) -> dict[str, Any]:
        """The members of the problem document (RFC 9457), Chinese first."""
        members = {
            "type": f"urn:lianban:problem:{self.code}",
            "title": self.title_zh,
            "title_en": self.title_en,
            "status": self.status,
            "detail": self.detail,
            "detail_en": self.detail_en,
            "code": self.code,
            "how": self.how,
            "how_en": self.how_en,
            "errors": [error.as_dict() for error in self.errors],
        }
        return {**members, **self.extra, **members}


class Malformed(Problem):
    """请求的格式不正确。
    The request is malformed."""

    status = 400
    how = "请检查请求格式后重新提交。"
    how_en = "Mend the form of the request and send it again."


class Unauthenticated(Problem):
    """请先登录。
    Sign in first."""

    status = 401
    how = "请重新登录后再试。"
    how_en = "Sign in and try again."

    def __init__(self, detail: str | None = None, detail_en: str | None = None, **kwargs: Any) -> None:
        super().__init__(detail, detail_en, **kwargs)
        self.headers.setdefault("WWW-Authenticate", "Bearer")


class Forbidden(Problem):
    """您的岗位不能办理这一项。
    This is not yours to do."""

    status = 403
    how = "请由有权限的岗位办理。"
    how_en = "Ask somebody whose role may do it."


class NotFound(Problem):
    """没有找到，或者不在您可以查看的范围内。
    Not found, or not yours to know of."""

    status = 404
    how = "请核对编号；如确有此件，请联系受理窗口。"
    how_en = "Check the number; if it should exist, ask the window that accepted it."


class MethodNotAllowed(Problem):
    """这个地址不支持这种操作。
    This address does not take that method."""

    status = 405
    how = "请按接口文档使用正确的方法。"
    how_en = "Use the method that the interface document names."


class Conflict(Problem):
    """当前状态不允许这样办理。
    The present state does not allow this."""

    status = 409
    how = "请刷新后按最新状态办理。"
    how_en = "Reload and act on the present state."


class StaleVersion(Conflict):
    """内容已被更新，您看到的不是最新版本。
    It has changed since you read it."""

    how = "请刷新后核对最新内容再提交。"
    how_en = "Reload, check what changed, and send again with the current version."

    def __init__(self, current: int) -> None:
        """`current` is the version that stands now; it is given back as `current_version`."""
        super().__init__(extra={"current_version": current})
        self.current = current


class TooLarge(Problem):
    """提交的内容过大。
    The request is too large."""

    status = 413
    how = "请压缩或分开提交。"
    how_en = "Make it smaller or send it in parts."


class UnsupportedMediaType(Problem):
    """不支持这种内容类型。
    This content type is not supported."""

    status = 415
    how = "请以 application/json 提交（上传材料用 multipart/form-data）。"
    how_en = "Send application/json (multipart/form-data for materials)."


class Unprocessable(Problem):
    """填写的内容有误。
    The content has faults."""

    status = 422
    code = "content_invalid"
    how = "请按每一项的提示改正后重新提交。"
    how_en = "Mend each named field and send again."


class TooManyRequests(Problem):
    """请求过于频繁。
    Too many requests."""

    status = 429
    how = "请稍候再试。"
    how_en = "Wait as long as Retry-After says and try again."

    def __init__(self, retry_after_seconds: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.headers.setdefault("Retry-After", str(retry_after_seconds))


class Unavailable(Problem):
    """系统暂时无法办理，您的内容没有丢失，也没有提交。
    The service is away for the moment; nothing was stored."""

    status = 503
    how = "请稍后用同一内容再次提交。"
    how_en = "Send the same again after Retry-After seconds."

    def __init__(
        self, detail: str | None = None, detail_en: str | None = None, *, retry_after: int = 2, **kwargs: Any
    ) -> None:
        """`retry_after` in seconds."""
        super().__init__(detail, detail_en, **kwargs)
        self.headers.setdefault("Retry-After", str(retry_after))


def invalid(
    field: str, code: str, message: str, message_en: str, how: str = "", how_en: str = ""
) -> Unprocessable:
    """A 422 about one field: the short way to write `raise Unprocessable(errors=[FieldError(...)])`."""
    return Unprocessable(errors=[FieldError(field, code, message, message_en, how, how_en)])
