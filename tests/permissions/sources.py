"""The source code as syntax trees, and what of it the rule "there is one decision" is about."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

Sources = dict[str, ast.Module]

# Where it is said in SQL who sees which house.
STANDS_ON = ("chatgraph/store/houses.py", "standing_of")


def read_sources() -> Sources:
    """Read all modules of both packages by their path."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for package in ("chatgraph", "rest_compat")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "versions" not in path.parts
    }


def below(sources: Mapping[str, ast.Module], *folders: str) -> Sources:
    """Give those of the modules that stand below one of these folders."""
    return {path: tree for path, tree in sources.items() if path.startswith(folders)}


def callers(sources: Mapping[str, ast.Module], name: str) -> set[str]:
    """Name the modules that call *name*, as it is or as an attribute of a module."""
    return {
        path
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _last(node.func) == name
    }


def readers(sources: Mapping[str, ast.Module], attribute: str) -> set[str]:
    """Name the modules that read an attribute of that name."""
    return {
        path
        for path, tree in sources.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == attribute
    }


def comparisons(sources: Mapping[str, ast.Module], *names: str) -> Iterator[tuple[str, str, ast.Compare]]:
    """Give each comparison that says one of these names, with its module and the function it stands in."""
    for path, tree in sources.items():
        for function, node in _walk(tree, ""):
            if isinstance(node, ast.Compare) and any(_last(each) in names for each in ast.walk(node)):
                yield path, function, node


def with_more_than_null(comparison: ast.Compare) -> bool:
    """Tell whether something is compared with anything else than None."""
    return not all(isinstance(each, ast.Constant) and each.value is None for each in comparison.comparators)


def only_dresses(tree: ast.Module, comparison: ast.Compare) -> bool:
    """Tell whether a comparison with None chooses between null and `dress_role`, which decides nothing."""
    return any(
        isinstance(node, ast.IfExp)
        and node.test is comparison
        and isinstance(node.body, ast.Constant)
        and isinstance(node.orelse, ast.Call)
        and _last(node.orelse.func) == "dress_role"
        for node in ast.walk(tree)
    )


def functions_with_a_look(tree: ast.Module) -> list[str]:
    """Name the functions of a module that are told who looks."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(each.annotation is not None and _last(each.annotation) == "Look" for each in node.args.args)
    ]


def reach(sources: Mapping[str, ast.Module], path: str, name: str) -> set[tuple[str, str]]:
    """Give all that a function or constant of a store module is built on, within the store."""
    reached: set[tuple[str, str]] = set()
    waiting = [(path, name)]
    while waiting:
        here = waiting.pop()
        if here in reached or here[0] not in sources:
            continue
        reached.add(here)
        names, modules = _imports(sources[here[0]])
        for node in _definition(sources[here[0]], here[1]):
            for each in ast.walk(node):
                if isinstance(each, ast.Name):
                    waiting.append(names.get(each.id, (here[0], each.id)))
                elif isinstance(each, ast.Attribute) and (module := modules.get(_last(each.value) or "")):
                    waiting.append((module, each.attr))
    return reached


def _definition(tree: ast.Module, name: str) -> Iterator[ast.AST]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            yield from node.body
        elif isinstance(node, ast.Assign) and any(_last(target) == name for target in node.targets):
            yield node.value


def _imports(tree: ast.Module) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Give what a module imports from the store: names out of modules, and modules."""
    names: dict[str, tuple[str, str]] = {}
    modules: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chatgraph.store"):
            for each in node.names:
                called = each.asname or each.name
                names[called] = (f"{node.module.replace('.', '/')}.py", each.name)
                modules[called] = f"{node.module.replace('.', '/')}/{each.name}.py"
    return names, modules


def _walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield inside, child
        yield from _walk(child, inside)


def _last(node: ast.AST) -> str | None:
    """Give a name, or the last part of a dotted one."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
