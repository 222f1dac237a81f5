import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatgraph.credentials.keys import KeyRing, load_or_create

NEW, OLD = "n" * 32, b"o" * 32


def test_the_current_key_is_found_by_its_id():
    ring = KeyRing(NEW)
    kid, key = ring.current
    assert key == NEW.encode()
    assert ring.find(kid) == key


def test_a_previous_key_is_still_found_and_an_unknown_one_is_not():
    old_kid, _ = KeyRing(OLD).current
    assert KeyRing(NEW).find(old_kid) is None
    ring = KeyRing(NEW, [OLD])
    assert ring.find(old_kid) == OLD
    assert ring.current == KeyRing(NEW).current


def test_an_id_is_short_steady_and_tells_nothing_of_the_key():
    kid, key = KeyRing(NEW).current
    assert len(kid) == 16
    assert int(kid, 16) >= 0
    assert kid == KeyRing(key).current[0]
    assert kid != KeyRing(OLD).current[0]


@pytest.mark.parametrize("key", ["", "secret", "k" * 31, b"k" * 31])
def test_a_short_key_is_refused_with_the_way_to_make_a_good_one(key):
    with pytest.raises(ValueError, match=r"at least 32 bytes.*token_urlsafe"):
        KeyRing(key)
    with pytest.raises(ValueError, match="at least 32 bytes"):
        KeyRing(NEW, [key])


def test_bytes_are_counted_and_not_characters():
    assert KeyRing("é" * 16).current[1] == "é".encode() * 16


def test_a_key_is_made_once_and_read_ever_after(tmp_path):
    path = tmp_path / "chat.key"
    key = load_or_create(path)
    assert len(key) == 64
    assert load_or_create(path) == key
    assert KeyRing(key).current[1] == key.encode()


def test_two_servers_make_two_keys(tmp_path):
    assert load_or_create(tmp_path / "one") != load_or_create(tmp_path / "other")


def test_only_the_owner_may_read_a_new_key(tmp_path):
    path = tmp_path / "chat.key"
    load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_others_could_read_is_kept_and_closed_to_them(tmp_path):
    path = tmp_path / "chat.key"
    path.write_text(NEW + "\n")
    path.chmod(0o644)
    assert load_or_create(path) == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_servers_that_start_together_agree_on_one_key_and_leave_nothing_behind(tmp_path):
    for round_ in range(20):
        path = tmp_path / str(round_) / "chat.key"
        path.parent.mkdir()
        together = threading.Barrier(8)

        def start(path=path, together=together) -> str:
            together.wait()
            return load_or_create(path)

        with ThreadPoolExecutor(8) as servers:
            keys = [server.result() for server in [servers.submit(start) for _ in range(8)]]
        assert len(set(keys)) == 1
        assert len(keys[0]) == 64
        assert [file.name for file in path.parent.iterdir()] == ["chat.key"]
