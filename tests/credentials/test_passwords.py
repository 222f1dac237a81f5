import asyncio
import os
import sys
import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST

from chatgraph.credentials.passwords import Passwords, check_password
from chatgraph.errors import Invalid, Unavailable

CHEAP = PasswordHasher.from_parameters(CHEAPEST)
GOOD = "seven calm otters"


class Watched(PasswordHasher):
    """A hasher that notes what it verifies and where."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.hashes: list[str] = []
        self.threads: list[int] = []
        self.niceness: list[int] = []

    def verify(self, hash, password):  # noqa: A002
        self.hashes.append(str(hash))
        self.threads.append(threading.get_ident())
        self.niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return super().verify(hash, password)


class Held(PasswordHasher):
    """A hasher that verifies nothing before it is let go."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.begun, self.go = threading.Event(), threading.Event()

    def verify(self, hash, password):  # noqa: A002
        self.begun.set()
        assert self.go.wait(10)
        return super().verify(hash, password)


@pytest.fixture
def passwords():
    passwords = Passwords(CHEAP)
    yield passwords
    passwords.close()


@pytest.fixture
def held():
    hasher = Held()
    yield hasher
    hasher.go.set()


async def begin(passwords: Passwords, hasher: Held) -> asyncio.Task:
    """Start a verification and return once the only worker is busy with it."""
    task = asyncio.create_task(passwords.verify(CHEAP.hash(GOOD), GOOD))
    await asyncio.to_thread(hasher.begun.wait, 10)
    return task


async def test_the_right_password_is_told_from_a_wrong_one(passwords):
    stored = await passwords.hash(GOOD)
    assert stored.startswith("$argon2id$")
    assert await passwords.verify(stored, GOOD)
    assert not await passwords.verify(stored, GOOD + " ")
    assert not await passwords.verify(stored, GOOD.upper())


async def test_the_same_letters_from_another_keyboard_are_the_same_password(passwords):
    assert await passwords.verify(await passwords.hash("sept café noirs"), "sept cafe\u0301 noirs")


async def test_two_hashes_of_one_password_differ(passwords):
    assert await passwords.hash(GOOD) != await passwords.hash(GOOD)


async def test_an_unknown_name_costs_one_verification_with_todays_parameters_from_the_first_time_on():
    hasher = Watched()
    passwords = Passwords(hasher)
    assert not await passwords.verify(None, GOOD)
    assert [extract_parameters(dummy) for dummy in hasher.hashes] == [extract_parameters(hasher.hash(GOOD))]
    passwords.close()


@pytest.mark.parametrize("password", ["", "\0", "x" * 129, "漢" * 1_000_000, "\u0301" * 300_000], ids=len)
async def test_nobodys_password_is_no_password(passwords, password):
    assert not await passwords.verify(None, password)


async def test_an_overlong_password_is_refused_unread_at_the_cost_of_a_wrong_one():
    hasher = Watched()
    passwords = Passwords(hasher)
    long = "x" * 129
    stored = CHEAP.hash(long)
    assert CHEAP.verify(stored, long)  # the hash itself would match
    assert not await passwords.verify(stored, long)
    assert len(hasher.hashes) == 1
    assert hasher.hashes != [stored]
    passwords.close()


@pytest.mark.parametrize(
    "damaged", ["", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$", "$2b$12$abc", "é"]
)
async def test_a_damaged_hash_is_a_mismatch(passwords, damaged):
    assert not await passwords.verify(damaged, GOOD)


async def test_half_a_surrogate_pair_is_a_mismatch(passwords):
    assert not await passwords.verify(await passwords.hash(GOOD), "\ud800" * 9)


async def test_hashing_stays_off_the_event_loop():
    hasher = Watched()
    passwords = Passwords(hasher)
    await passwords.verify(None, GOOD)
    assert threading.get_ident() not in hasher.threads
    passwords.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has niceness per thread")
async def test_hashing_steps_aside_for_everything_else():
    hasher = Watched()
    passwords = Passwords(hasher)
    await passwords.verify(None, GOOD)
    assert hasher.niceness == [19]
    assert os.getpriority(os.PRIO_PROCESS, 0) < 19
    passwords.close()


async def test_who_finds_the_queue_full_is_told_to_come_back_and_the_others_are_served(held):
    passwords = Passwords(held, workers=1, waiting=2)
    tasks = [await begin(passwords, held)]
    tasks += [asyncio.create_task(passwords.verify(None, GOOD)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable) as refusal:
        await passwords.verify(None, GOOD)
    assert refusal.value.retry_after == 1

    held.go.set()
    assert await asyncio.gather(*tasks) == [True, False, False]
    assert not await passwords.verify(None, GOOD)  # the places are free again
    passwords.close()


async def test_a_caller_who_gives_up_frees_their_place_at_once(held):
    passwords = Passwords(held, workers=1, waiting=1)
    first = await begin(passwords, held)
    for _ in range(20):
        waiting = asyncio.create_task(passwords.verify(None, GOOD))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    last = asyncio.create_task(passwords.verify(None, GOOD))
    held.go.set()
    assert await asyncio.gather(first, last) == [True, False]
    passwords.close()


async def test_giving_up_a_running_hash_keeps_its_place_until_the_thread_is_done(held):
    passwords = Passwords(held, workers=1, waiting=0)
    running = await begin(passwords, held)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(Unavailable):
        await passwords.verify(None, GOOD)
    passwords.close()


async def test_a_closed_pool_finishes_what_it_accepted(held):
    passwords = Passwords(held)
    running = await begin(passwords, held)
    waiting = asyncio.create_task(passwords.hash(GOOD))
    await asyncio.sleep(0)
    passwords.close()
    held.go.set()
    assert await running
    assert CHEAP.verify(await waiting, GOOD)


async def test_a_hash_made_with_other_parameters_is_outdated(passwords):
    assert not passwords.is_outdated(await passwords.hash(GOOD))
    assert passwords.is_outdated(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(GOOD))


@pytest.mark.parametrize(
    "password",
    ["12 wordy", "x" * 127 + "y", "密码又长又好记住", "🦦🦦🦦🦦🦦🦦🦦🦦", "pässwörtlich", " spaces "],
)
def test_an_uncommon_password_of_any_script_is_taken(password):
    check_password(password, "ada")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "at least 8"),
        ("1234567", "this one has 7"),
        ("x" * 129, "this one has 129"),
        ("\U0001d160" * 128, "1024 bytes"),
        ("has\0a nul in it", "NUL"),
        ("half \ud83d of a pair", "surrogate"),
        ("the other \udc00 half", "surrogate"),
        ("password", "common"),
        ("PassWord", "common"),
        ("trustno1", "common"),
        ("iloveyou", "common"),
        ("11234567", "common"),
        ("Ada.Lovelace", "username"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(password, says):
    with pytest.raises(Invalid, match=says) as refusal:
        check_password(password, "ada.lovelace")
    assert refusal.value.field == "password"


def test_the_bounds_themselves_are_taken():
    check_password("xq7#mfwz", "ada")
    check_password("語" * 128, "ada")
    check_password("🦦" * 128, "ada")
