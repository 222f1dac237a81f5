"""A copy of the file: of one moment, sound, wholly or not at all."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from chatgraph.store.sqlite.backup import PAGES_A_STEP, back_up

STEPS = 4


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A database that is copied in a few steps."""
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE talks (id INTEGER PRIMARY KEY, content TEXT)")
        numbers = (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PAGES_A_STEP * 3})"
        )
        db.execute(f"{numbers} INSERT INTO talks SELECT i, printf('%.3500c', 'x') FROM n")
    return path


def write(path: Path, content: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT INTO talks (content) VALUES (?)", [content])


def contents(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {content[:9] for [content] in db.execute("SELECT content FROM talks")}


def nothing(done: int, of: int) -> None:
    pass


def test_what_is_committed_meanwhile_is_not_in_it_and_does_not_make_it_begin_again(
    source: Path, tmp_path: Path
) -> None:
    write(source, "before")
    told = []

    def tell(done: int, of: int) -> None:
        told.append((done, of))
        write(source, "meanwhile")

    back_up(source, tmp_path / "copy.db", tell)
    assert contents(tmp_path / "copy.db") == {"xxxxxxxxx", "before"}
    assert len(told) == STEPS
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_it_is_one_file_for_its_owner_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    back_up(source, tmp_path / "kept" / "copy.db", nothing)
    [copy] = (tmp_path / "kept").iterdir()
    assert (copy.name, stat.S_IMODE(copy.stat().st_mode)) == ("copy.db", 0o600)


def test_a_file_that_is_there_is_replaced_only_if_that_is_wanted(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("dear")
    with pytest.raises(ValueError, match=r"copy\.db is already there"):
        back_up(source, copy, nothing)
    assert copy.read_text() == "dear"
    back_up(source, copy, nothing, replace=True)
    assert contents(copy) == {"xxxxxxxxx"}


@pytest.mark.parametrize("replace", [False, True])
def test_the_database_itself_is_never_replaced(source: Path, tmp_path: Path, *, replace: bool) -> None:
    (tmp_path / "link.db").symlink_to(source)
    for file in (source, tmp_path / "link.db"):
        with pytest.raises(ValueError, match="the database itself"):
            back_up(source, file, nothing, replace=replace)


def test_a_log_that_would_be_played_back_into_it_is_noticed(source: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db-wal").write_text("what somebody else wrote")
    with pytest.raises(ValueError, match=r"copy\.db-wal is there"):
        back_up(source, tmp_path / "copy.db", nothing, replace=True)


def test_one_that_is_broken_off_leaves_what_was_there(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "kept" / "copy.db"
    copy.parent.mkdir()
    copy.write_text("dear")

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(source, copy, stop, replace=True)
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    assert copy.read_text() == "dear"


def test_a_database_that_is_not_sound_makes_no_copy(source: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(source)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with source.open("r+b") as file:
        file.seek(4096 * 50)
        file.write(b"\xff" * 4096)
    with pytest.raises(ValueError, match="isn't sound"):
        back_up(source, tmp_path / "copy.db", nothing)
    assert not [file for file in tmp_path.iterdir() if "copy" in file.name]


def test_what_the_disk_refuses_is_said_in_one_sentence(source: Path, tmp_path: Path) -> None:
    for file in (tmp_path / "nowhere" / "copy.db", tmp_path / ("x" * 300)):
        with pytest.raises(ValueError, match="can't be copied into"):
            back_up(source, file, nothing)
    with pytest.raises(ValueError, match="There is no database"):
        back_up(tmp_path / "none.db", tmp_path / "copy.db", nothing)
    assert not (tmp_path / "none.db").exists()
