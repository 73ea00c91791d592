"""YAML read with the line of every value, and without YAML's silent changes of type (design 4: quote codes).

YAML 1.1 reads `010` as eight, `no` as false, `1:30` as ninety and `2026-07-01` as a date object. Here such a
value is a fault that asks for quotes; whole numbers, true, false and null stay what they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from contracts.catalog_faults import CatalogueFault

Path = tuple[str | int, ...]

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_STRING_TAG = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class Document:
    """A file's data, with the line of each key and list item by its path."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[CatalogueFault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the deepest part of `path` that the file has."""
        return self.lines.get(self.known(path), 1)

    def known(self, path: Path) -> Path:
        """`path` as far as the file has it; parts that the file lacks (Pydantic's tags) are passed over."""
        known: Path = ()
        for part in path:
            if (*known, part) in self.lines:
                known = (*known, part)
        return known

    def fault(self, path: Path, zh: str, en: str) -> CatalogueFault:
        """A fault at the line of `path`."""
        return CatalogueFault(self.file, self.line(path), zh, en)


def read_document(file: str, content: bytes) -> Document:
    """The document of one file; whatever cannot be read stands in its `faults`."""
    document = Document(file)
    try:
        root = yaml.compose(content.decode("utf-8"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        document.faults.append(CatalogueFault(file, line, "文件不是 UTF-8 编码", "the file is not UTF-8"))
        return document
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 1
        document.faults.append(
            CatalogueFault(file, line, f"YAML 语法有误：{problem}", f"not well-formed YAML: {problem}")
        )
        return document
    if root is None:
        document.faults.append(CatalogueFault(file, 1, "文件是空的或不存在", "the file is empty or missing"))
        return document
    _Reader(document).read(root)
    return document


class _Reader:
    """Turns YAML nodes into plain data and notes lines and faults on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def read(self, root: yaml.Node) -> None:
        self.document.lines[()] = root.start_mark.line + 1
        self.document.data = self._value(root, ())

    def _value(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.seen:
            reason = "不要用锚点和别名，请写全", "no anchors and aliases: write it out"
            self.document.faults.append(self.document.fault(path, *reason))
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, path))
        return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]

    def _item(self, node: yaml.Node, path: Path) -> Any:
        self.document.lines[path] = node.start_mark.line + 1
        return self._value(node, path)

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                self._add(key_node, "键必须是文字", "a key must be text")
                continue
            if (*path, key) in self.document.lines:
                self._add(key_node, f"键「{key}」重复", f"the key {key!r} stands here twice")
                continue
            self.document.lines[(*path, key)] = key_node.start_mark.line + 1
            yield key, self._value(value_node, (*path, key))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        if node.tag == _STRING_TAG or node.style:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        self._add(
            node,
            f"「{text}」会被 YAML 改成别的类型，请加引号",
            f"YAML would change the type of {text}: put it in quotes",
        )
        return text

    def _add(self, node: yaml.Node, zh: str, en: str) -> None:
        self.document.faults.append(CatalogueFault(self.document.file, node.start_mark.line + 1, zh, en))
