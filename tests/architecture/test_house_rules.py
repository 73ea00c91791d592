"""The conventions of design 11 that a program can check. Each rule is tried on a small example that breaks it."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kernel", "contracts", "casework", "services", "gateway", "deploy", "tests")
FIRST_PARTY = re.compile(rf"({'|'.join(PACKAGES)})\b")
# Database transactions end in one place; what stands in the last two are Kafka's offsets.
COMMITS = (
    "kernel/messaging/transaction.py",
    "deploy/",
    "kernel/messaging/bus/kafka_subscription.py",
    "tests/kernel/messaging/test_kafka.py",
)
SAYS_NOTHING = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}
MOST_LINES, MOST_FUNCTION_LINES = 400, 50
TEXT_FILES = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".txt", ".html", ".css", ".js", ".in", ".lock"}
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:tmp|root|home|work)/[\w.]+/")
INDEX = re.compile(r"--(?:extra-)?index-url|--find-links|files\.python" r"hosted")

Tree = ast.AST
Functions = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources() -> list[Path]:
    return sorted(
        file
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if "__pycache__" not in file.parts
    )


@cache
def parsed() -> dict[str, Tree]:
    return {
        file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in sources()
    }


def texts() -> list[Path]:
    tracked = [
        ROOT / name
        for name in ("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "docker-compose.yml")
    ]
    folders = [*PACKAGES, "catalog", "docs", "locks"]
    found = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.suffix in TEXT_FILES]
    return sorted(file for file in [*found, *tracked] if file.is_file() and "libs" not in file.parts)


def commits(tree: Tree, name: str) -> Iterator[str]:
    """`.commit()` only where transactions end."""
    if name.startswith(COMMITS):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield f"line {node.lineno}: commits"


def long_functions(tree: Tree, name: str) -> Iterator[str]:
    if name.startswith("tests/") or "/migrations/" in name:
        return
    for node in ast.walk(tree):
        if isinstance(node, Functions) and (node.end_lineno or 0) - node.lineno > MOST_FUNCTION_LINES:
            yield f"line {node.lineno}: {node.name} is longer than a screen"


def late_imports(tree: Tree, name: str) -> Iterator[str]:
    """Imports inside a function hide a circle; relative ones hide where a thing comes from."""
    for function in ast.walk(tree):
        if isinstance(function, ast.ImportFrom) and function.level:
            yield f"line {function.lineno}: relative import"
        if not isinstance(function, Functions):
            continue
        for node in ast.walk(function):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(FIRST_PARTY.match(each) for each in names):
                yield f"line {node.lineno}: first-party import inside {function.name}"


def swallowed(tree: Tree, name: str) -> Iterator[str]:
    """`except Exception` that only passes, continues or logs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            idle = all(
                isinstance(line, ast.Pass | ast.Continue)
                or (isinstance(line, ast.Expr) and re.match(r"(log|logger|logging)\b", ast.unparse(line)))
                for line in node.body
            )
            if broad and idle:
                yield f"line {node.lineno}: a failure is swallowed"


def unfinished(tree: Tree, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            yield f"line {node.lineno}: not implemented"


def sleeping_tests(tree: Tree, name: str) -> Iterator[str]:
    """A test waits for a condition with a bound (`kernel.testing.eventually`), never for a length of time."""
    if not name.startswith("tests/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep":
            yield f"line {node.lineno}: time.sleep in a test"


RULES: list[Callable[[Tree, str], Iterator[str]]] = [
    commits, long_functions, late_imports, swallowed, unfinished, sleeping_tests,
]  # fmt: skip


@pytest.mark.xdist_group("parsed sources")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_sources_keep_the_rule(rule: Callable[[Tree, str], Iterator[str]]) -> None:
    trees = parsed()
    assert len(trees) > 50
    findings = [f"{name} {found}" for name, tree in trees.items() for found in rule(tree, name)]
    assert not findings, "\n".join(findings)


BREAKS: dict[str, str] = {
    "commits": "async def f(session):\n    await session.commit()",
    "long_functions": "def f():\n" + "    x = 1\n" * 60,
    "late_imports": "def f():\n    from kernel.errors import Problem",
    "swallowed": "try:\n    f()\nexcept Exception:\n    log.error('x')",
    "unfinished": "def f():\n    raise NotImplementedError",
    # In two parts: whoever searches the tests for one that sleeps finds none.
    "sleeping_tests": "time." + "sleep(1)",
}


@pytest.mark.parametrize("rule", RULES[:-1], ids=lambda rule: rule.__name__)
def test_the_rule_finds_what_breaks_it(rule: Callable[[Tree, str], Iterator[str]]) -> None:
    assert list(rule(ast.parse(BREAKS[rule.__name__]), "gateway/example.py"))


def test_a_sleeping_test_is_found() -> None:
    example = ast.parse(BREAKS["sleeping_tests"])
    assert list(sleeping_tests(example, "tests/test_example.py"))
    assert not list(sleeping_tests(example, "deploy/example.py"))


def test_a_file_is_one_idea_with_a_name() -> None:
    findings = [
        f"{file.relative_to(ROOT)}"
        for file in sources()
        if file.name in SAYS_NOTHING or file.read_text(encoding="utf-8").count("\n") > MOST_LINES
    ]
    assert not findings, f"longer than {MOST_LINES} lines, or named for nothing: {findings}"


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATH, INDEX, LATER], ids=["machine path", "index address", "finish later"]
)
def test_no_text_holds_what_belongs_to_one_machine_or_to_tomorrow(pattern: re.Pattern[str]) -> None:
    findings = []
    for file in texts():
        if (pattern is LATER) != (file.suffix == ".py") and pattern is not MACHINE_PATH:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line) and file != Path(__file__):
                findings.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not findings, "\n".join(findings)


def test_the_patterns_find_what_they_look_for() -> None:
    assert MACHINE_PATH.search("see /" + "home/someone/x")
    assert not MACHINE_PATH.search("https://example.org/" + "home/someone/x")
    assert INDEX.search("--index" + "-url https://x")
    assert LATER.search("# TO" + "DO later")
