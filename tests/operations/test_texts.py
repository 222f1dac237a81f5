"""What people may write, in operations and over HTTP."""

import json

import pytest

from chatgraph.errors import Invalid
from chatgraph.operations import texts
from tests.cast import Cast, Refused

WIDE = "𝄞"  # 4 bytes in UTF-8
BIDI = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
CONTROL = ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize(
    "text", ["x", "x" * 4000, "é" * 4000, WIDE * 4000, "a\u202eb", "\t\x1b\x7f", "a\u200b"]
)
def test_a_talk_of_1_to_4000_characters_stays_as_it_is(text: str) -> None:
    assert texts.talk(text) == text


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t\u3000", "\u200b\ufeff", "x" * 4001, "a\0b", "a\ud800", "\udfff", WIDE * 4001]
)
def test_a_talk_that_is_blank_too_long_or_no_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts.talk(text)
    assert refused.value.field == "content"


def test_4000_characters_never_take_more_than_16_kib() -> None:
    assert len(texts.talk(WIDE * 4000).encode()) <= 16 * 1024


@pytest.mark.parametrize("text", ["x" * 100, WIDE * 100, "a b", "小明", "a\u200db", "علي"])
def test_a_name_of_1_to_100_characters_is_taken(text: str) -> None:
    assert texts.one_line(text, "name") == text
    assert texts.one_line(f" {text}\u3000", "name") == text


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "x" * 101, "a\ud800b", *(f"a{one}b" for one in CONTROL + BIDI)]
)
def test_a_name_that_is_blank_too_long_broken_or_reorders_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts.one_line(text, "name")
    assert refused.value.field == "name"


@pytest.mark.parametrize("text", ["", "x" * 1024, "two\nlines", "a\u202eb"])
def test_a_topic_may_be_empty_and_have_lines(text: str) -> None:
    assert texts.paragraph(text, "topic") == text


@pytest.mark.parametrize("text", ["x" * 1025, "a\0b", "a\udc00"])
def test_a_topic_that_is_too_long_or_no_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts.paragraph(text, "topic")
    assert refused.value.field == "topic"


@pytest.mark.parametrize("text", ["k", " ", "x" * 64, "\n", "🔑" * 64])
def test_a_client_key_is_any_text_of_1_to_64_characters(text: str) -> None:
    assert texts.client_key(text) == text


@pytest.mark.parametrize("text", ["", "x" * 65, "a\0b", "\ud800"])
def test_a_client_key_that_is_empty_too_long_or_no_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts.client_key(text)
    assert refused.value.field == "clientKey"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 101, "`name` must be at most 100 characters; this has 101."),
        ("", "`name` must not be empty."),
        ("a\0b", "`name` must not hold the character U+0000."),
        ("a\u202eb", "`name` must not hold U+202E, which reorders text."),
    ],
)
def test_a_refusal_says_what_was_wrong(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts.one_line(text, "name")
    assert refused.value.message == sentence


async def test_half_a_surrogate_pair_never_gets_in(cast: Cast) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    body = {"query": f'mutation {{ postTalk(input: {{roomId: "{room}", content: "TEXT"}}) {{ replayed }} }}'}
    for escaped in (r"\ud800", r"\\ud800", r"\\u{d800}"):
        sent = json.dumps(body).replace("TEXT", escaped)
        headers = cast.ada.headers | {"Content-Type": "application/json"}
        response = await cast.ada.http.post("/graphql", content=sent, headers=headers)
        code = response.json()["errors"][0]["extensions"]["code"]
        assert code in {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"}
        assert (response.status_code == 400) is (escaped == r"\ud800")


async def test_a_whole_surrogate_pair_is_one_character(cast: Cast) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    document = f'mutation {{ postTalk(input: {{roomId: "{room}", content: "\\ud83d\\udc4d"}}) {{ talk {{ content }} }} }}'
    assert (await cast.ada.ask(document))["postTalk"]["talk"]["content"] == "👍"


async def test_a_client_is_told_which_field_was_wrong(cast: Cast) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    for given, field in [({"content": "\0"}, "content"), ({"content": "x", "clientKey": ""}, "clientKey")]:
        with pytest.raises(Refused) as refused:
            await cast.ada.do("postTalk", "replayed", roomId=room, **given)
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", field)
