"""The seven calls, word for word as the contract has them."""

import re

from chatgraph.schema.ids import global_id
from tests.cast import PASSWORD, Actor, Cast

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
LOBBY = {"id": 1, "name": "Lobby"}
NO_GOOD = ["Bearer rubbish", "Bearer", "Basic YWRhOng=", "rubbish", ""]
NEED_A_TOKEN = [("GET", "house/list"), ("GET", "room/list"), ("GET", "talk/list"), ("POST", "room/new")]


async def _number(actor: Actor, noun: str, name: str = "id") -> int:
    """Give the database id that the schema tells of a node."""
    data = await actor.ask(f"query($id: ID!) {{ node(id: $id) {{ {name}: databaseId }} }}", id=noun)
    return data["node"][name]


async def test_register_answers_with_an_empty_object(cast: Cast) -> None:
    answer = await cast.stranger.rest(
        "POST", "register", json={"username": "dora", "password": "seven tin whistles"}
    )
    assert (answer.status_code, answer.text) == (200, "{}")
    assert answer.headers["content-type"] == "application/json"


async def test_who_registered_signs_in_and_gets_two_tokens(cast: Cast) -> None:
    given = {"username": "dora", "password": "seven tin whistles"}
    await cast.stranger.rest("POST", "register", json=given)
    answer = await cast.stranger.rest("POST", "login", json=given)
    assert answer.status_code == 200
    tokens = answer.json()
    assert list(tokens) == ["access_token", "refresh_token"]
    assert all(isinstance(token, str) and token for token in tokens.values())
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await cast.stranger.rest("GET", "house/list", headers=headers)).status_code == 200


async def test_a_taken_name_is_a_conflict_also_in_another_case(cast: Cast) -> None:
    for username in ("ada", "ADA", "аda"):
        given = {"username": username, "password": "seven tin whistles"}
        answer = await cast.stranger.rest("POST", "register", json=given)
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT"), username
        assert answer.json()["field"] == "username"


async def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(cast: Cast) -> None:
    wrong = [{"username": "ada", "password": "wrong"}, {"username": "nobody", "password": PASSWORD}]
    answers = [await cast.stranger.rest("POST", "login", json=given) for given in wrong]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["www-authenticate"].startswith("Bearer")


async def test_refresh_answers_with_the_next_two_tokens_and_the_old_one_is_spent(cast: Cast) -> None:
    first = cast.ada.refresh_token
    answer = await cast.stranger.rest("POST", "refresh", json={"refresh_token": first})
    assert answer.status_code == 200
    tokens = answer.json()
    assert list(tokens) == ["access_token", "refresh_token"]
    assert tokens["refresh_token"] != first
    second = tokens["refresh_token"]
    assert (await cast.stranger.rest("POST", "refresh", json={"refresh_token": second})).status_code == 200
    again = await cast.stranger.rest("POST", "refresh", json={"refresh_token": first})
    assert (again.status_code, again.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_house_list_has_ids_and_names(cast: Cast) -> None:
    house = await cast.ada.create_house("Engine")
    answer = await cast.ben.rest("GET", "house/list")
    assert answer.status_code == 200
    assert answer.json() == {"house_list": [LOBBY, {"id": await _number(cast.ada, house), "name": "Engine"}]}


async def test_room_new_answers_with_the_room(cast: Cast) -> None:
    answer = await cast.ben.rest("POST", "room/new", json={"house_id": 1, "room_title": "Tea"})
    assert answer.status_code == 200
    room = answer.json()
    assert list(room) == ["id", "title", "creator_id", "create_time"]
    assert (room["title"], room["creator_id"]) == ("Tea", await _number(cast.ben, cast.ben.id))
    assert type(room["id"]) is int
    assert TIME.fullmatch(room["create_time"])
    data = await cast.ben.ask(
        "query($id: ID!) { room(id: $id) { title createTime house { name } } }",
        id=global_id("Room", room["id"]),
    )
    assert data["room"] == {
        "title": "Tea",
        "createTime": room["create_time"],
        "house": {"name": "Lobby"},
    }


async def test_room_list_has_titles_as_documented_and_rooms_beside_them_newest_first(cast: Cast) -> None:
    rooms = [
        (await cast.ada.rest("POST", "room/new", json={"house_id": 1, "room_title": title})).json()
        for title in ("Tea", "Milk", "Tea")
    ]
    answer = await cast.ben.rest("GET", "room/list", params={"house_id": 1})
    assert answer.status_code == 200
    assert answer.json() == {"room_list": ["Tea", "Milk", "Tea"], "rooms": rooms[::-1]}


async def test_room_list_without_a_house_has_all_that_the_caller_sees(cast: Cast) -> None:
    public, private = await cast.ada.create_house(), await cast.ada.create_house("Attic", "PRIVATE")
    for house, title in ((public, "Hall"), (private, "Box"), (global_id("House", 1), "Bar")):
        await cast.ada.create_room(house, title)
    assert (await cast.ada.rest("GET", "room/list")).json()["room_list"] == ["Bar", "Box", "Hall"]
    assert (await cast.ben.rest("GET", "room/list")).json()["room_list"] == ["Bar", "Hall"]
    number = await _number(cast.ada, private)
    assert (await cast.ada.rest("GET", f"room/list?house_id={number}")).json()["room_list"] == ["Box"]


async def test_talk_list_has_a_rooms_talks_oldest_first_without_removed_ones(cast: Cast) -> None:
    house = await cast.ada.create_house()
    room, other = await cast.ada.create_room(house), await cast.ada.create_room(house)
    first = await cast.ada.post_talk(room, "Hello")
    removed = await cast.ben.post_talk(room, "Oops")
    await cast.ada.post_talk(other, "Elsewhere")
    last = await cast.ben.post_talk(room, "小明 🙂 \n Bye")
    await cast.ben.do("removeTalk", "talk { id }", talkId=removed)
    answer = await cast.cleo.rest("GET", "talk/list", params={"room": await _number(cast.ada, room)})
    assert answer.status_code == 200
    assert list(answer.json()) == ["talk_list"]
    talks = answer.json()["talk_list"]
    assert [list(talk) for talk in talks] == [["id", "content", "creator_id", "create_time"]] * 2
    assert [(talk["id"], talk["content"], talk["creator_id"]) for talk in talks] == [
        (await _number(cast.ada, first), "Hello", await _number(cast.ada, cast.ada.id)),
        (await _number(cast.ada, last), "小明 🙂 \n Bye", await _number(cast.ada, cast.ben.id)),
    ]
    assert all(TIME.fullmatch(talk["create_time"]) for talk in talks)


async def test_talk_list_without_a_room_has_all_that_the_caller_sees(cast: Cast) -> None:
    public = await cast.ada.create_room(await cast.ada.create_house())
    private = await cast.ada.create_room(await cast.ada.create_house("Attic", "PRIVATE"))
    for room, content in ((public, "one"), (private, "two"), (public, "three")):
        await cast.ada.post_talk(room, content)

    async def contents(actor: Actor) -> list[str]:
        return [talk["content"] for talk in (await actor.rest("GET", "talk/list")).json()["talk_list"]]

    assert await contents(cast.ada) == ["one", "two", "three"]
    assert await contents(cast.ben) == ["one", "three"]


async def test_what_the_caller_may_not_see_is_answered_like_what_never_was(cast: Cast) -> None:
    house = await cast.ada.create_house("Attic", "PRIVATE")
    room = await cast.ada.create_room(house)
    hidden_house, hidden_room = await _number(cast.ada, house), await _number(cast.ada, room)

    async def answers(house_id: int, room_id: int) -> list[tuple[int, bytes]]:
        asked = [
            await cast.cleo.rest("GET", f"room/list?house_id={house_id}"),
            await cast.cleo.rest("GET", f"talk/list?room={room_id}"),
            await cast.cleo.rest("POST", "room/new", json={"house_id": house_id, "room_title": "x"}),
        ]
        return [(answer.status_code, answer.content) for answer in asked]

    missing = await answers(999, 999)
    assert [status for status, _ in missing] == [404, 404, 404]
    assert await answers(hidden_house, hidden_room) == missing


async def test_all_but_login_register_and_refresh_need_a_good_token(cast: Cast) -> None:
    for method, path in NEED_A_TOKEN:
        for sent in ({}, *({"Authorization": value} for value in NO_GOOD)):
            # Input that is no good either: who is calling comes first.
            answer = await cast.stranger.rest(method, f"{path}?house_id=x&room=x", headers=sent)
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED"), (path, sent)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_bad_token_keeps_nobody_from_registering_signing_in_and_refreshing(cast: Cast) -> None:
    tokens = {"refresh_token": cast.ben.refresh_token}
    for n, value in enumerate(NO_GOOD):
        headers = {"Authorization": value}
        ada, dora = ({"username": name, "password": PASSWORD} for name in ("ada", f"dora{n}"))
        for path, given in (("register", dora), ("login", ada), ("refresh", tokens)):
            answer = await cast.stranger.rest("POST", path, json=given, headers=headers)
            assert answer.status_code == 200, (path, value)
        tokens = {"refresh_token": answer.json()["refresh_token"]}


async def test_bad_input_is_told_before_that_the_session_has_ended(cast: Cast) -> None:
    await cast.ada.do("logout", "ok", refreshToken=cast.ada.refresh_token)
    for method, path in NEED_A_TOKEN[1:]:
        answer = await cast.ada.rest(method, f"{path}?house_id=x&room=x", json={"house_id": "x"})
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_USER_INPUT"), path
    assert (await cast.ada.rest("POST", "room/new", content=b"{}")).status_code == 415
    for method, path in NEED_A_TOKEN:
        given = {"house_id": 1, "room_title": "Tea"} if method == "POST" else None
        answer = await cast.ada.rest(method, path, json=given)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED"), path


async def test_head_gives_the_status_and_headers_of_get_and_no_body(cast: Cast) -> None:
    for path in ("house/list", "room/list", "talk/list", "openapi.json", "talk/list?room=999", "nothing"):
        got, head = await cast.ada.rest("GET", path), await cast.ada.rest("HEAD", path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        differing = {"date", "x-request-id", "transfer-encoding"}
        assert {n: v for n, v in head.headers.items() if n not in differing} == {
            n: v for n, v in got.headers.items() if n not in differing
        }, path


async def test_no_answer_with_somebodys_data_is_kept_by_caches(cast: Cast) -> None:
    answers = [
        await cast.ada.rest("GET", "talk/list"),
        await cast.ada.rest("POST", "login", json={"username": "ada", "password": PASSWORD}),
        await cast.ada.rest("GET", "talk/list?room=999"),
    ]
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 3
