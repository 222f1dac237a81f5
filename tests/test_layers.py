"""The shape of the tree: what its top level holds, how long its files are, and that everything says what it is."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP = {
    "pyproject.toml", "chatgraph", "rest_compat", "schema.graphql", "tests", "Makefile",
    "README.md", "CHANGELOG.md", "LICENSE", "docs",
}  # fmt: skip
# What building and running leave behind; .gitignore names it too.
LEFT_BEHIND = ("__pycache__", "*.egg-info", "dist", "build", "*.db", "*.db-*", "*.key")
LONGEST = 250

SOURCES = sorted(
    path
    for package in ("chatgraph", "rest_compat")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


named = pytest.mark.parametrize("path", SOURCES, ids=name)

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def undocumented(body: list[ast.stmt], *, methods: bool, inside: str = "") -> Iterator[str]:
    """
    Give the names of public functions, classes and methods that don't say what they are.

    What GraphQL or the command line shows is described where it is decorated; what a class may inherit, where it
    comes from.
    """
    for node in body:
        if not isinstance(node, Documented) or node.name.startswith("_"):
            continue
        shown = any(
            ast.unparse(one).startswith(("strawberry.", "app.callback")) for one in node.decorator_list
        )
        if ast.get_docstring(node) is None and not shown:
            yield inside + node.name
        if isinstance(node, ast.ClassDef) and methods and not node.bases:
            yield from undocumented(node.body, methods=methods, inside=f"{node.name}.")


def test_the_top_level_holds_what_it_should_and_nothing_else() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    found = {name for name in found if not any(fnmatch(name, pattern) for pattern in LEFT_BEHIND)}
    assert found - TOP == set()
    assert {"pyproject.toml", "chatgraph", "rest_compat", "schema.graphql", "tests", "Makefile"} <= found


@named
def test_a_file_is_short_enough_to_hold_one_thing(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@named
def test_a_module_says_what_lives_there(path: Path) -> None:
    said = ast.get_docstring(read(path))
    assert said
    assert said.rstrip().endswith((".", ":", "?")) or "\n" in said


def test_no_two_modules_say_the_same() -> None:
    said = [ast.get_docstring(read(path)) for path in SOURCES]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("path", [path for path in SOURCES if name(path).startswith("chatgraph/")], ids=name)
def test_what_others_may_call_says_what_it_does(path: Path) -> None:
    folders = path.relative_to(ROOT).parts
    assert list(undocumented(read(path).body, methods="schema" not in folders)) == []


def test_what_is_undocumented_is_noticed() -> None:
    source = "def a(): ...\ndef _b(): ...\nclass C:\n    'Says.'\n    async def d(self): ...\n    def _e(self): ..."
    assert list(undocumented(ast.parse(source).body, methods=True)) == ["a", "C.d"]


@named
def test_a_module_has_no_name_that_says_nothing(path: Path) -> None:
    assert not {part.removesuffix(".py") for part in path.parts} & {
        "manager", "helper", "helpers", "util", "utils", "common", "base", "misc",
    }  # fmt: skip
