"""docs/one-event.md as data: its hops, where they stand in the code, and whether a run passed them.

`python -m tests.architecture.one_event` writes the present line of every name into the page.
"""

import ast
import importlib
import inspect
import re
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "one-event.md"
_HOP = re.compile(r"`(?P<path>[\w/]+\.py):(?P<line>\d+) (?P<name>[\w.]+)`")


@dataclass(frozen=True)
class Hop:
    """A function of the page: `name` is `function` or `Class.method`, `line` that of its `def`."""

    path: str
    line: int
    name: str

    @property
    def key(self) -> str:
        return f"{self.path} {self.name}"

    @property
    def function(self) -> types.FunctionType:
        """The function itself. Raises AttributeError when there is none of that name."""
        found: Any = importlib.import_module(
            self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )
        for part in self.name.split("."):
            found = getattr(found, part)
        return inspect.unwrap(found)


def hops(page: str) -> list[Hop]:
    """In the page's order."""
    return [Hop(found["path"], int(found["line"]), found["name"]) for found in _HOP.finditer(page)]


def lines_of(path: str) -> dict[str, int]:
    """The line of each function and method of a file, by name."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return dict(_defined(tree, ""))


def _defined(node: ast.AST, within: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{child.name}", child.lineno
        elif isinstance(child, ast.ClassDef):
            yield from _defined(child, f"{within}{child.name}.")


def with_lines(page: str) -> str:
    """The page with the line on which each name stands now."""
    return _HOP.sub(lambda hop: f"`{hop['path']}:{lines_of(hop['path'])[hop['name']]} {hop['name']}`", page)


class Trail:
    """Writes down each call of the functions it follows, in order of the calls.

    The code of a function is exchanged for a step that writes its name and calls the old code: so it does not matter
    who imported the function before, or that a route or a registry holds it already.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._followed: list[Hop] = []
        self.passed: list[str] = []

    def follow(self, hop: Hop) -> None:
        """From now on until the patch is undone."""
        function = hop.function
        before = types.FunctionType(
            function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )  # fmt: skip
        before.__kwdefaults__ = function.__kwdefaults__
        name = f"_step_{len(self._followed)}"
        self._followed.append(hop)
        self._patch.setitem(function.__globals__, name, self._step(hop.key, before))
        self._patch.setattr(
            function, "__signature__", inspect.signature(function), raising=False
        )  # routes are read late
        self._patch.setattr(function, "__code__", _calls(name, waits=inspect.iscoroutinefunction(before)))

    def _step(self, key: str, before: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.passed.append(key)
            return before(*args, **kwargs)

        return step


def _calls(name: str, *, waits: bool) -> types.CodeType:
    """The code of a function that does nothing but call the global of that name."""
    head, call = ("async def", "await ") if waits else ("def", "")
    text = f"{head} step(*args, **kwargs): return {call}{name}(*args, **kwargs)"
    made: dict[str, Any] = {}
    exec(compile(text, "<one event>", "exec"), made)
    code: types.CodeType = made["step"].__code__
    return code


# A subscriber waits inside its fetch, begun before the message was sent; and it may have handled the message before the
# relay, which still serves others, deletes its row.
BESIDE = {
    ("kernel/messaging/outbox.py", "delete"),
    ("kernel/messaging/bus/local.py", "LocalSubscription.fetch"),
}


def first_missed(passed: Sequence[str], wanted: Sequence[Hop]) -> Hop | None:
    """The first hop that was not passed after all those before it; None when the whole way was.

    What runs beside the way must come after the hop before it; the next one need not wait for it.
    """
    place = 0
    for hop in wanted:
        if hop.key not in passed[place:]:
            return hop
        if (hop.path, hop.name) not in BESIDE:
            place = passed.index(hop.key, place) + 1
    return None


if __name__ == "__main__":
    PAGE.write_text(with_lines(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
