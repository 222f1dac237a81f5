"""Measure pages, posts and lists through HTTP, beside others who give the same answers from the same database."""

import os
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path

import orjson

from tests.benchmarks.load import ask, encode, encode_get
from tests.benchmarks.peers import node
from tests.benchmarks.peers.plain import ANSWER
from tests.benchmarks.processes import on_load_core, served, written
from tests.benchmarks.report import Bound, Comparison, percentile, tell_bounds, tell_comparisons, tell_sides
from tests.benchmarks.scene import (
    PAGE,
    PAGE_SIZE,
    VIEWER,
    Scene,
    database_id,
    fill,
    make_plain_posts,
    make_posts,
    pages_after,
    set_scene,
)
from tests.benchmarks.turns import Side, require_same, take_turns
from tests.faults.server import Server

COUNTED = ("-m", "tests.benchmarks.counted", "serve")
PEERS = "tests.benchmarks.peers"
PLAIN = ("-m", f"{PEERS}.plain")
CHAT = "chatgraph"
HANDWRITTEN, JOIN, LOADERS, VANILLA = (
    "handwritten",
    "Mercurius, join",
    "Mercurius, loaders",
    "vanilla Strawberry",
)
COMMANDS = {
    HANDWRITTEN: ("-m", f"{PEERS}.handwritten"),
    JOIN: ("-m", f"{PEERS}.node", "pages.mjs", "join"),
    LOADERS: ("-m", f"{PEERS}.node", "pages.mjs", "loaders"),
    VANILLA: ("-m", f"{PEERS}.vanilla"),
}
# Node goes on compiling what is called often for some thousand requests, on the core that it serves on.
WARMING = {JOIN: 6.0, LOADERS: 6.0}  # seconds
LONG = 400_000  # talks
POSTING = 64  # clients
PAUSING = 0.1  # seconds from one post of a client to its next, where they don't post all the time
SLOWEST_POST = 15  # ms


async def measure_requests(folder: Path, rounds: int, seconds: float) -> None:
    """Start the servers, measure *rounds* times *seconds* of each side, print the figures, and end the servers."""
    kept = folder / "answer.json"
    os.environ[ANSWER] = str(kept)
    async with AsyncExitStack() as stack:
        chat = await stack.enter_async_context(served(folder / "chat", COUNTED))
        with on_load_core():
            scene = await set_scene(chat.url)
            # The first post of each side repeats this one: the talk stands in all their databases already.
            await ask(chat.url, make_posts(scene.posted, scene.tokens)())
            fill(chat.database, scene.long, LONG)
        peers: dict[str, Server] = {}
        for number, name in enumerate(_installed()):
            running = served(folder / f"peer{number}", COMMANDS[name], copied=chat.database)
            peers[name] = await stack.enter_async_context(running)
        tails = _pages("page at the tail", scene, [scene.tail()], chat, peers)
        middles = _pages("another page each time", scene, scene.anywhere(), chat, peers)
        unread = _pages("talks nobody has read", scene, _unread(scene), chat, peers)
        del middles[VANILLA], unread[VANILLA]
        posts = _posts(scene, chat, peers[HANDWRITTEN])
        lists = _lists(scene, chat, peers[HANDWRITTEN])
        viewer = scene.ask(VIEWER)
        small = Side("a small query", chat, lambda: viewer)
        answers = [
            await require_same(list(sides.values())) for sides in (tails, middles, unread, posts, lists)
        ]
        await require_same([small])
        kept.write_bytes(answers[0])
        floor = await stack.enter_async_context(served(folder / "plain", PLAIN))
        plain = Side("plain route, a page's bytes", floor, tails[CHAT].request)
        print(f"{len(answers[0]):,} bytes a page; {rounds} rounds of {seconds:g} s each\n")
        sides = [
            *tails.values(),
            *middles.values(),
            *unread.values(),
            *posts.values(),
            *lists.values(),
            small,
            plain,
        ]
        with on_load_core():
            before = await written(chat)
            await take_turns(sides, rounds, seconds)
            after = await written(chat)
            paced = [side.paced(PAUSING) for side in posts.values()]
            await take_turns(paced, rounds, seconds)
    print(tell_sides([*sides, *paced]))
    print(f"\ntalks a commit of ours: {(after[1] - before[1]) / (after[0] - before[0]):.1f}\n")
    print(tell_comparisons(_compare(tails, middles, unread, posts, lists, plain)))
    slowest = [
        Bound(f"{side.name}, p99 ms", 1000 * percentile(side, 0.99), SLOWEST_POST)
        for side in (posts[CHAT], paced[0])
    ]
    print(f"\n{tell_bounds(slowest)}")


def _installed() -> list[str]:
    missing = node.missing()
    if missing:
        print(f"Mercurius is left out: {missing}.")
    return [name for name in COMMANDS if not (missing and name in (JOIN, LOADERS))]


def _pages(
    what: str, scene: Scene, asked: list[dict[str, object]], chat: Server, peers: dict[str, Server]
) -> dict[str, Side]:
    """Ask everybody for the same pages in turn; the handwritten route alone takes no GraphQL."""
    documents = [scene.ask(PAGE, one) for one in asked]
    plainly = [encode("/page", orjson.dumps(one), scene.tokens[0]) for one in asked]
    sides: dict[str, Side] = {}
    for name in (CHAT, *peers):
        turns = cycle(plainly if name == HANDWRITTEN else documents)
        sides[name] = Side(f"{what}: {name}", peers.get(name, chat), turns.__next__)
    for name in sides.keys() & WARMING:
        sides[name].warming = WARMING[name]
    return sides


def _unread(scene: Scene) -> list[dict[str, object]]:
    """Ask for 50 talks each time of so many that none is remembered until it comes again."""
    pages = LONG // PAGE_SIZE - 1
    return pages_after(scene.long, [1 + PAGE_SIZE * (577 * number % pages) for number in range(pages)])


def _posts(scene: Scene, chat: Server, handwritten: Server) -> dict[str, Side]:
    ours, theirs = [make(scene.posted, scene.tokens) for make in (make_posts, make_plain_posts)]
    return {
        CHAT: Side(f"post a talk: {CHAT}", chat, ours, POSTING),
        HANDWRITTEN: Side(f"post a talk: {HANDWRITTEN}", handwritten, theirs, POSTING),
    }


def _lists(scene: Scene, chat: Server, handwritten: Server) -> dict[str, Side]:
    path, token = f"/talk/list?room={database_id(scene.small)}", scene.tokens[0]
    ours, theirs = encode_get(f"/api/v1{path}", token), encode_get(path, token)
    return {
        CHAT: Side(f"REST list of 50: {CHAT}", chat, lambda: ours),
        HANDWRITTEN: Side(f"REST list of 50: {HANDWRITTEN}", handwritten, lambda: theirs),
    }


def _compare(
    tails: dict[str, Side],
    middles: dict[str, Side],
    unread: dict[str, Side],
    posts: dict[str, Side],
    lists: dict[str, Side],
    plain: Side,
) -> list[Comparison]:
    wanted = [
        (tails, {HANDWRITTEN: 1.5, JOIN: 1.2, LOADERS: 3, VANILLA: 50}),
        (middles, {HANDWRITTEN: 0.75, JOIN: 1.2, LOADERS: 3}),
        (unread, {HANDWRITTEN: 0.75, JOIN: 1.2, LOADERS: 3}),
        (posts, {HANDWRITTEN: 0.8}),
        (lists, {HANDWRITTEN: 0.5}),
    ]
    compared = [
        Comparison(sides[CHAT], sides[name], target)
        for sides, targets in wanted
        for name, target in targets.items()
        if name in sides
    ]
    return [*compared, Comparison(tails[CHAT], plain)]
