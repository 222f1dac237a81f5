"""How media types are read: what is quoted separates nothing, and nothing long is read at all."""

import sys
from types import FrameType

import pytest
from starlette.exceptions import HTTPException

from chatgraph.schema.negotiation import LONGEST_READ, choose, require_json

JSON = "application/json"
OFFERED = (JSON, "text/html")
# What a reader that starts anew at each sign would read again and again.
HARD = [
    JSON + ';a="' + ";" * 4000,
    JSON + ';a="' + '\\"' * 2000,
    JSON + ",a/b;q=.1" * 400,
    JSON + '"a' * 2000,
]


def refusal(content_type: str) -> str | None:
    """Give why a body of this type is refused, if it is."""
    try:
        require_json({b"content-type": content_type.encode("latin-1")})
    except HTTPException as error:
        return f"{error.status_code}: {error.detail}"
    return None


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ('application/json;a=",";q=0.1, text/html;q=0.2', "text/html"),
        ('application/json;a=";q=0.3";q=0.1, text/html;q=0.2', "text/html"),
        ('application/json;a="\\",";q="0.1", text/html;q=0.2', "text/html"),
        ('image/png;a=", application/json, text/html"', None),
        ('image/png;a="\\", application/json"', None),
        ('image/png;a=", application/json', None),
        ('image/png;a="b\\\\", application/json', JSON),
        ("text/html;q=0.1;q=1, application/json;q=0.2", JSON),
        ("text/html ; Q=0.1 ,, application/json\t;\tq = 0.2", JSON),
        ("text/html;q=many, application/json;q=0.1", JSON),
        (" , ", None),
    ],
)
def test_what_is_quoted_in_an_accept_separates_nothing(accept: str, chosen: str | None) -> None:
    assert choose(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    "content_type",
    [
        'application/json;a=";charset=latin-1"', 'application/json;a="\\";charset=latin-1"', "application/json;charset",
        'application/json;a="\\\\";charset=utf-8', 'application/json; charset="utf\\-8"', "application/json ; Charset = UTF8",
    ],
)  # fmt: skip
def test_what_is_quoted_in_a_content_type_is_no_parameter(content_type: str) -> None:
    assert refusal(content_type) is None


@pytest.mark.parametrize(
    "content_type",
    [
        'application/json;a="\\\\";charset=latin-1', 'application/json;charset="utf-8', 'application/json;charset=utf-8"',
        '"application/json"', ";application/json", 'application/json;a=";";charset="latin-1"',
    ],
)  # fmt: skip
def test_what_is_not_quoted_is(content_type: str) -> None:
    assert refusal(content_type) == "415: Send the body as application/json in UTF-8."


def test_a_header_of_4_kib_is_read_and_of_one_byte_more_it_is_not() -> None:
    longest = f"{JSON};a=".ljust(LONGEST_READ, "b")
    assert choose(longest, OFFERED) == JSON
    assert choose(longest + "b", OFFERED) is None
    assert refusal(longest) is None
    assert refusal(longest + "b") == (
        "415: A Content-Type is read up to 4096 bytes. Send the body as application/json in UTF-8."
    )


@pytest.mark.parametrize("header", HARD, ids=["quoted", "escaped", "many", "quotes"])
def test_each_part_of_a_header_is_read_once_and_by_nothing_else(header: str) -> None:
    calls: list[str] = []

    def note(frame: FrameType, event: str, arg: object) -> None:
        if event == "call":
            calls.append(frame.f_globals["__name__"])

    sys.setprofile(note)
    try:
        choose(header, OFFERED)
        refusal(header)
    finally:
        sys.setprofile(None)
    ours = [name for name in calls if name == "chatgraph.schema.negotiation"]
    assert 0 < len(ours) < 20 + 3 * header.count(",")
    assert not [name for name in calls if name.startswith("email")]
