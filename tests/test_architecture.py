"""The guide to the code: whatever it names is there, and no part of chatgraph goes unnamed."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PATH = re.compile(r"\b(?:chatgraph|rest_compat|tests|docs)/[\w./-]*")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
CODE = re.compile(r"`([^`]+)`")


def named_paths(text: str) -> set[str]:
    """Give what a text names by its path in the repository, also by a link from `docs`."""
    linked = {
        (ROOT / "docs" / target).resolve().relative_to(ROOT).as_posix() for target in LINK.findall(text)
    }
    return linked | {path.rstrip(".") for path in PATH.findall(LINK.sub("]", text))}


def missing_paths(text: str) -> set[str]:
    """Give the paths in a text at which there is nothing."""
    return {path for path in named_paths(text) if not (ROOT / path).exists()}


def source(path: str) -> str:
    """Read a file, or all modules of a package."""
    found = ROOT / path
    return "".join(one.read_text("utf-8") for one in ([found] if found.is_file() else found.glob("*.py")))


def missing_names(text: str) -> set[str]:
    """Give the names in the steps of a text that aren't in any of the files that the step goes through."""
    missing = set()
    for step in re.findall(r"^\d+\. .+", text, re.MULTILINE):
        paths = PATH.findall(LINK.sub("]", step))
        words = set(re.findall(r"\w+", "".join(map(source, paths))))
        names = {code for code in CODE.findall(step) if re.fullmatch(r"[\w.]+", code)}
        missing |= {name for name in names - set(paths) if not set(name.split(".")) <= words}
    return missing


def unnamed_parts(text: str) -> set[str]:
    """Give the packages of chatgraph, and the modules at its top, that have no line in the tree of a text."""
    code = ROOT / "chatgraph"
    parts = {path.relative_to(ROOT).as_posix() for path in code.glob("*.py") if path.stem != "__init__"}
    parts |= {f"{path.parent.relative_to(ROOT).as_posix()}/" for path in code.glob("**/*/__init__.py")}
    return parts - set(re.findall(r"^(chatgraph/\S*) {2}", text, re.MULTILINE))


def test_every_path_it_names_is_there() -> None:
    assert missing_paths(GUIDE) == set()


def test_every_part_of_chatgraph_is_named() -> None:
    assert unnamed_parts(GUIDE) == set()


def test_every_name_in_a_step_is_in_the_files_of_that_step() -> None:
    assert missing_names(GUIDE) == set()


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [layers] = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    [told] = re.findall(r"^`(cli → .+)`$", GUIDE, re.MULTILINE)
    assert told.split(" → ") == [layer.replace("chatgraph.", "") for layer in layers]


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        ("It is in `chatgraph/middleware.py`.", "chatgraph/middleware.py"),
        ("[0002](decisions/0002-gone.md)", "docs/decisions/0002-gone.md"),
    ],
)
def test_a_path_that_leads_nowhere_is_noticed(wrong: str, missing: str) -> None:
    assert missing_paths(wrong) == {missing}


def test_a_name_that_is_not_in_its_file_is_noticed() -> None:
    assert missing_names("1. `chatgraph/visits.py`: `Visit.perform`, `Visit.enquire`") == {"Visit.enquire"}


def test_a_part_without_a_line_is_noticed() -> None:
    without = re.sub(r"^chatgraph/(lookout\.py|events/) .+\n", "", GUIDE, flags=re.MULTILINE)
    assert unnamed_parts(without) == {"chatgraph/lookout.py", "chatgraph/events/"}
