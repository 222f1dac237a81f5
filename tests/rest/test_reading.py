"""What is sent is taken strictly or refused in clear words, and never breaks the server."""

import asyncio
from typing import Any

import orjson

from tests.cast import PASSWORD, Actor, Cast

TOO_LARGE = 2**63
NOT_STRINGS: list[Any] = [None, True, 0, 1.5, [], ["ada"], {}, {"$gt": ""}]
NOT_IDS: list[Any] = [
    None, True, False, 1.0, 1.5, 1e3, "1", "", [], [1], {}, 0, -1, TOO_LARGE, 2**64, 2**70, 10**300,
]  # fmt: skip
NOT_QUERIES = [
    "", "abc", "0", "-1", "+1", "%2B1", "1.0", "1.5", "1e3", "%201", "1%20", "1_000", "01", "0x1", "null", "true",
    "%EF%BC%91", "%D9%A1", "1%00", "%FF", str(TOO_LARGE), str(2**70), "9" * 5000,
]  # fmt: skip
JSON = {"content-type": "application/json"}


async def _refused(actor: Actor, status: int, method: str, path: str, **sent: Any) -> dict[str, Any]:
    """Send what is refused, and give the problem; the status and media type are checked."""
    answer = await actor.rest(method, path, **sent)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status), problem
    assert problem["code"] == "BAD_USER_INPUT"
    assert problem["detail"]
    return problem


def _changed(name: str, value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Give the calls that take a member *name*, with a *value* for it and good ones for the others."""
    account = {"username": "dora", "password": "seven tin whistles"}
    good: dict[str, dict[str, Any]] = {
        "register": account,
        "login": account,
        "refresh": {"refresh_token": "x"},
        "room/new": {"house_id": 1, "room_title": "Tea"},
    }
    return [(path, {**body, name: value}) for path, body in good.items() if name in body]


async def test_only_a_string_is_a_string(cast: Cast) -> None:
    for name in ("username", "password", "refresh_token", "room_title"):
        for value in NOT_STRINGS:
            for path, body in _changed(name, value):
                problem = await _refused(cast.ada, 400, "POST", path, json=body)
                assert problem["field"] == name, (path, value)


async def test_only_an_integer_in_range_is_an_id(cast: Cast) -> None:
    for value in NOT_IDS:
        body = b'{"house_id": %s, "room_title": "Tea"}' % _plain(value)
        problem = await _refused(cast.ada, 400, "POST", "room/new", content=body, headers=JSON)
        assert problem["field"] == "house_id", value
        assert problem["detail"].startswith("`house_id` must be an integer"), value
    assert (await cast.ada.rest("GET", "room/list")).json()["rooms"] == []


async def test_an_integer_of_thousands_of_digits_is_refused_as_one_that_is_too_large(cast: Cast) -> None:
    for digits in (19, 20, 400, 5000, 200_000):
        for sign in (b"", b"-"):
            body = b'{"house_id": %s, "room_title": "Tea"}' % (sign + b"9" * digits)
            problem = await _refused(cast.ada, 400, "POST", "room/new", content=body, headers=JSON)
            assert problem["field"] == "house_id", digits
            assert problem["detail"].startswith("`house_id` must be an integer from 1"), digits


async def test_a_number_too_large_for_a_float_is_a_number_all_the_same(cast: Cast) -> None:
    for given in (b'"house_id": 1e999, "room_title": "Tea"', b'"house_id": 1, "room_title": -1e999'):
        body = b"{%s}" % given
        problem = await _refused(cast.ada, 400, "POST", "room/new", content=body, headers=JSON)
        assert problem["detail"].endswith("; this is a number."), given


async def test_half_of_a_surrogate_pair_is_no_text(cast: Cast) -> None:
    for half in (b"\\ud800", b"\\udc00", b"x\\uD83Dx", b"\\ud83d\\u0041", b"\\ude00\\ud83d"):
        body = b'{"username": "%s", "password": "x"}' % half
        problem = await _refused(cast.ada, 400, "POST", "login", content=body, headers=JSON)
        assert problem["field"] == "username", half
        assert problem["detail"] == "`username` must be text: half of a surrogate pair is none."
    body = b'{"house_id": 1, "room_title": "\\ud83d\\ude42"}'
    answer = await cast.ada.rest("POST", "room/new", content=body, headers=JSON)
    assert answer.json()["title"] == "\U0001f642"


async def test_what_is_nested_too_deep_is_not_called_no_json(cast: Cast) -> None:
    closed = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for body in (b"[" * 100_000, closed, b'{"":' * 50_000 + b"1" + b"}" * 50_000):
        problem = await _refused(cast.ada, 400, "POST", "login", content=body, headers=JSON)
        assert problem["detail"] == "The body is nested too deep."


async def test_only_plain_digits_are_an_id_in_a_query_string(cast: Cast) -> None:
    for path, name in (("room/list", "house_id"), ("talk/list", "room")):
        for text in NOT_QUERIES:
            problem = await _refused(cast.ada, 400, "GET", f"{path}?{name}={text}")
            assert problem["field"] == name, text


async def test_the_largest_id_is_an_id_that_nothing_has(cast: Cast) -> None:
    largest = TOO_LARGE - 1
    assert (await cast.ada.rest("GET", f"room/list?house_id={largest}")).status_code == 404
    body = {"house_id": largest, "room_title": "Tea"}
    assert (await cast.ada.rest("POST", "room/new", json=body)).status_code == 404


async def test_a_parameter_or_member_that_is_given_twice_is_refused(cast: Cast) -> None:
    assert (await _refused(cast.ada, 400, "GET", "room/list?house_id=1&house_id=1"))["field"] == "house_id"
    assert (await _refused(cast.ada, 400, "GET", "talk/list?room=1&room=2"))["field"] == "room"
    body = b'{"username": "ada", "username": "ben", "password": "x"}'
    problem = await _refused(cast.ada, 400, "POST", "login", content=body, headers=JSON)
    assert problem["field"] == "username"
    assert problem["detail"] == "`username` must be given once."


async def test_names_that_come_twice_where_nothing_is_taken_are_ignored(cast: Cast) -> None:
    for more in (
        b'"x": {"house_id": 1, "house_id": 2}',
        b'"x": [{"room_title": "a", "room_title": "b"}]',
        b'"x": 1, "x": 2',
        b'"%s": 1, "%s": 2' % (b"x" * 100_000, b"x" * 100_000),
        b'"\\ud800": "\\udc00", "\\ud800": [1e999, {"": "", "": ""}]',
    ):
        body = b'{%s, "house_id": 1, "room_title": "Tea"}' % more
        answer = await cast.ada.rest("POST", "room/new", content=body, headers=JSON)
        assert answer.status_code == 200, more[:50]
        body = b'{"house_id": {"house_id": 1, "house_id": 2}, "room_title": "Tea", %s}' % more
        problem = await _refused(cast.ada, 400, "POST", "room/new", content=body, headers=JSON)
        assert problem["field"] == "house_id"
        assert problem["detail"] == "`house_id` must be an integer; this is an object."


async def test_members_and_parameters_that_nobody_documented_are_ignored(cast: Cast) -> None:
    body = {"house_id": 1, "room_title": "Tea", "color": {"deep": [1]}, "": None}
    assert (await cast.ada.rest("POST", "room/new", json=body)).status_code == 200
    assert (await cast.ada.rest("GET", "room/list?house_id=1&limit=x&room=x")).status_code == 200
    answer = await cast.ada.rest("GET", "house/list", content=b"a body that GET has no use for")
    assert answer.status_code == 200


async def test_a_missing_member_is_named(cast: Cast) -> None:
    for name in ("username", "password", "refresh_token", "room_title", "house_id"):
        for path, body in _changed(name, None):
            del body[name]
            problem = await _refused(cast.ada, 400, "POST", path, json=body)
            assert problem["field"] == name
            assert "missing" in problem["detail"]


BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b'[{"username": "ada"}]',
    "a number": b"1",
    "a string": b'"ada"',
    "true": b"true",
    "half": b'{"username": "ada"',
    "more": b'{"username": "ada", "password": "x"} {}',
    "a form": b"username=ada&password=x",
    "a byte order mark": b'\xef\xbb\xbf{"username": "ada", "password": "x"}',
    "UTF-16": '{"username": "ada", "password": "x"}'.encode("utf-16"),
    "invalid UTF-8": b'{"username": "\xff", "password": "x"}',
    "an encoded surrogate": b'{"username": "\xed\xa0\x80", "password": "x"}',
    "not a number": b'{"username": NaN, "password": "x"}',
    "infinity": b'{"username": "ada", "password": "x", "y": -Infinity}',
    "a raw NUL": b'{"username": "\0", "password": "x"}',
}


async def test_a_body_that_is_no_good_json_object_is_refused(cast: Cast) -> None:
    for name, body in BODIES.items():
        problem = await _refused(cast.ada, 400, "POST", "login", content=body, headers=JSON)
        assert "body" in problem["detail"], name


async def test_only_json_is_taken(cast: Cast) -> None:
    body = orjson.dumps({"username": "ada", "password": PASSWORD})
    for media_type in (None, "text/plain", "application/x-www-form-urlencoded", "text/json", "rubbish",
                       "application/json; charset=latin-1", "application/problem+json"):  # fmt: skip
        headers = {} if media_type is None else {"content-type": media_type}
        await _refused(cast.stranger, 415, "POST", "login", content=body, headers=headers)


async def test_json_is_taken_with_a_charset_and_in_any_case(cast: Cast) -> None:
    body = orjson.dumps({"username": "ada", "password": PASSWORD})
    for media_type in ("application/json; charset=utf-8", "Application/JSON;charset=UTF-8"):
        answer = await cast.stranger.rest("POST", "login", content=body, headers={"content-type": media_type})
        assert answer.status_code == 200, media_type


async def test_an_encoded_body_is_refused(cast: Cast) -> None:
    for encoding in ("gzip", "deflate", "br", "identity, gzip"):
        headers = {**JSON, "content-encoding": encoding}
        await _refused(cast.stranger, 415, "POST", "login", content=b"{}", headers=headers)


async def test_a_body_of_20_megabytes_is_refused_before_it_is_sent(cast: Cast) -> None:
    url = cast.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        b"POST /api/v1/login HTTP/1.1\r\nHost: chat\r\nContent-Type: application/json\r\n"
        b"Content-Length: 20000000\r\n\r\n{"
    )
    async with asyncio.timeout(5):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    writer.close()
    await writer.wait_closed()


async def test_a_body_whose_length_is_not_told_is_refused_once_it_is_too_large(cast: Cast) -> None:
    async def chunks():
        for _ in range(27):
            yield b" " * 10_000

    for method, path in (("POST", "login"), ("GET", "house/list")):
        problem = await _refused(cast.ada, 413, method, path, content=chunks(), headers=JSON)
        assert "field" not in problem


async def test_characters_that_no_name_or_title_has_are_refused_with_the_field_that_rest_has(
    cast: Cast,
) -> None:
    for title in ("", "   ", "a\0b", "two\nlines", "x" * 101, "\u202eabc"):
        body = {"house_id": 1, "room_title": title}
        problem = await _refused(cast.ada, 400, "POST", "room/new", json=body)
        assert problem["field"] == "room_title"
        assert "`title`" not in problem["detail"]
    for username in ("", "a\0b", "two words", "x" * 33):
        body = {"username": username, "password": "seven tin whistles"}
        assert (await _refused(cast.ada, 400, "POST", "register", json=body))["field"] == "username"
    for password in ("", "short", "password1", "x" * 2000):
        body = {"username": "dora", "password": password}
        assert (await _refused(cast.ada, 400, "POST", "register", json=body))["field"] == "password"


async def test_strings_that_nothing_has_are_wrong_credentials_and_no_more(cast: Cast) -> None:
    for text in ("\0", "x" * 100_000, "' OR 1=1 --", "\U0001f600", ""):
        login = await cast.stranger.rest("POST", "login", json={"username": text, "password": text})
        refresh = await cast.stranger.rest("POST", "refresh", json={"refresh_token": text})
        assert [login.status_code, refresh.status_code] == [401, 401], text[:10]


def _plain(value: Any) -> bytes:
    """Write JSON as it stands, integers of any size among it."""
    return str(value).encode() if type(value) is int else orjson.dumps(value)
