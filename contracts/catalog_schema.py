"""From a YAML document to validated models, with the line of each fault that Pydantic finds.

A file with such faults still gives as much of a model as can be saved, so that the checks across rows speak in
the same run and an editor sees all faults at once.
"""

import copy
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.catalog_yaml import Document, Path

Model = TypeVar("Model", bound=BaseModel)


@dataclass(slots=True)
class Read(Generic[Model]):
    """A model and where it came from.

    `places` are the positions in the file of the model's procedures (rows beyond saving are left out of the
    model), `lost` the types of the rows left out.
    """

    model: Model
    document: Document
    places: list[int] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)


def validated(model: type[Model], document: Document, at: Path = ()) -> Model | None:
    """The model of the part at `at`; None when it is not valid, with every fault added to the document."""
    part = document.data
    for step in at:
        part = part[step]
    try:
        return model.model_validate(part)
    except ValidationError as error:
        _add_faults(error, document, at)
        return None


def read_model(model: type[Model], document: Document) -> Read[Model] | None:
    """The whole document as a model, or what can be saved of it; faults are added to the document."""
    try:
        value = model.model_validate(document.data)
        return Read(value, document, list(range(len(getattr(value, "procedures", ())))))
    except ValidationError as error:
        _add_faults(error, document, ())
        return _saved(model, document, error)


def _saved(model: type[Model], document: Document, error: ValidationError) -> Read[Model] | None:
    """Without unknown keys and without the rows that have other faults; None when more than that is wrong."""
    data = copy.deepcopy(document.data)
    broken: set[int] = set()
    for detail in error.errors(include_url=False, include_context=False):
        path = document.known(detail["loc"])
        if detail["type"] == "extra_forbidden" and path:
            _drop(data, path)
        elif detail["loc"][:1] == ("procedures",) and len(detail["loc"]) > 1:
            broken.add(int(detail["loc"][1]))
        else:
            return None
    rows = data.get("procedures", []) if isinstance(data, dict) else []
    places = [index for index in range(len(rows)) if index not in broken]
    lost = {str(rows[index].get("type")) for index in broken if isinstance(rows[index], dict)}
    if broken:
        data["procedures"] = [rows[index] for index in places]
    try:
        return Read(model.model_validate(data), document, places, lost)
    except ValidationError:
        return None  # its faults stand in the document already


def _drop(data: Any, path: Path) -> None:
    for step in path[:-1]:
        data = data[step]
    data.pop(path[-1], None)


def _add_faults(error: ValidationError, document: Document, at: Path) -> None:
    details = error.errors(include_url=False, include_context=False)
    document.faults.extend(
        document.fault((*at, *detail["loc"]), *_reason(detail))
        for detail in details
        if not _other_branch(detail, details)
    )


def _other_branch(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Of `wish: {…}` Pydantic also says that it is not the word `by_report`: one reason is enough."""
    literal = any(str(part).startswith("literal[") for part in detail["loc"])
    return literal and isinstance(detail["input"], dict) and len(details) > 1


def _reason(detail: ErrorDetails) -> tuple[str, str]:
    name = detail["loc"][-1] if detail["loc"] else ""
    value: Any = detail["input"]
    kind = detail["type"]
    if kind == "extra_forbidden":
        return f"不认识的键「{name}」", f"unknown field {name!r}"
    if kind == "missing":
        return f"缺少必填的键「{name}」", f"missing required field {name!r}"
    if kind == "string_type" and isinstance(value, int | float):
        return f"「{name}」应为文字，{value} 请加引号", f"{name!r} is text: put {value} in quotes"
    if kind == "enum":
        known = detail["msg"].removeprefix("Input should be ")
        return f"没有「{value}」这个取值，可用的有 {known}", f"{value!r} is not one of {known}"
    text = detail["msg"].removeprefix("Value error, ")
    return f"「{name}」的值不合要求：{text}", f"{name!r} is not valid: {text}"
