import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgraph.credentials.keys import KeyRing
from chatgraph.credentials.tokens import Access, Tokens, digest, is_refresh, new_refresh
from chatgraph.errors import Unauthenticated

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
RING = KeyRing("the key that signs tokens in this test")
KID, KEY = RING.current
TOKENS = Tokens(RING)
FOREIGN = b"a key that somebody else has thought up"

CLAIMS = {
    "iss": "chatgraph",
    "aud": "chatgraph",
    "sub": "7",
    "sid": "70",
    "jti": "once",
    "typ": "access",
    "iat": ISSUED,
    "exp": ISSUED + 600,
}
HEADER = {"alg": "HS256", "kid": KID, "typ": "at+jwt"}


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def craft(key: bytes = KEY, /, *, header: object = None, payload: object = None, **claims: object) -> str:
    """Sign what no library would: any header, any claims, always with HMAC-SHA256."""
    parts = [json.dumps(HEADER if header is None else header)]
    parts += [json.dumps({**CLAIMS, **claims} if payload is None else payload)]
    signed = ".".join(base64url(part.encode()) for part in parts)
    return f"{signed}.{base64url(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def without(claim: str) -> str:
    return craft(payload={name: value for name, value in CLAIMS.items() if name != claim})


def unsigned(**header: object) -> str:
    return craft(header={**HEADER, **header}).rpartition(".")[0] + "."


GENUINE = TOKENS.issue_access(7, 70, NOW)
START, MIDDLE, END = GENUINE.split(".")
PUBLIC_KEY = b"-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"

CRAFTED = {
    "alg none, unsigned": unsigned(alg="none"),
    "alg None, unsigned": unsigned(alg="None"),
    "alg none, signed": craft(header={**HEADER, "alg": "none"}),
    "alg missing": craft(header={"kid": KID, "typ": "at+jwt"}),
    "alg null": craft(header={**HEADER, "alg": None}),
    "alg a list": craft(header={**HEADER, "alg": ["HS256"]}),
    "alg HS384": jwt.encode(CLAIMS, KEY * 2, "HS384", {"kid": KID, "typ": "at+jwt"}),
    "alg HS512": jwt.encode(CLAIMS, KEY * 2, "HS512", {"kid": KID, "typ": "at+jwt"}),
    "alg RS256, HMAC with a public key": craft(PUBLIC_KEY, header={**HEADER, "alg": "RS256"}),
    "alg RS256, HMAC with our key": craft(header={**HEADER, "alg": "RS256"}),
    "foreign key": craft(FOREIGN),
    "empty key": craft(b""),
    "no signature": GENUINE.rpartition(".")[0],
    "empty signature": f"{START}.{MIDDLE}.",
    "other claims under a genuine signature": f"{START}.{craft(sub='8').split('.')[1]}.{END}",
    "signature with a bit flipped": GENUINE[:-2] + ("A" if GENUINE[-2] != "A" else "B") + GENUINE[-1],
    "kid missing": craft(header={"alg": "HS256", "typ": "at+jwt"}),
    "kid unknown": craft(header={**HEADER, "kid": "0" * 16}),
    "kid empty": craft(header={**HEADER, "kid": ""}),
    "kid null": craft(header={**HEADER, "kid": None}),
    "kid a number": craft(header={**HEADER, "kid": 1}),
    "kid a list": craft(header={**HEADER, "kid": [KID]}),
    "kid an object": craft(header={**HEADER, "kid": {"$gt": ""}}),
    "kid a path": craft(b"", header={**HEADER, "kid": "../../../../dev/null"}),
    "kid SQL": craft(header={**HEADER, "kid": "x' UNION SELECT 'key' --"}),
    "jku with a foreign key": craft(FOREIGN, header={**HEADER, "jku": "https://evil.example/keys"}),
    "jwk with a foreign key": craft(
        FOREIGN, header={**HEADER, "jwk": {"kty": "oct", "k": base64url(FOREIGN)}}
    ),
    "x5u with a foreign key": craft(FOREIGN, header={**HEADER, "x5u": "https://evil.example/chain"}),
    "crit": craft(header={**HEADER, "crit": ["exp"]}),
    "crit b64": craft(header={**HEADER, "crit": ["b64"], "b64": True}),
    "b64 false": craft(header={**HEADER, "crit": ["b64"], "b64": False}),
    "header typ JWT": craft(header={**HEADER, "typ": "JWT"}),
    "header typ missing": craft(header={"alg": "HS256", "kid": KID}),
    "header a list": craft(header=["HS256"]),
    "payload a list": craft(payload=list(CLAIMS)),
    "payload a string": craft(payload="access"),
    "deep JSON": f"{START}.{base64url(b'[' * 2900)}.{END}",
    "typ refresh": craft(typ="refresh"),
    "a refresh token": new_refresh(),
    "a refresh token as claims": craft(payload={"refresh": new_refresh()}),
    "issuer of others": craft(iss="https://evil.example"),
    "audience of others": craft(aud="billing"),
    "audience among others": craft(aud=["billing", "chatgraph"]),
    "issued in the future": craft(iat=ISSUED + 3600, exp=ISSUED + 7200),
    "not yet valid": craft(nbf=int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())),
    **{f"{claim} missing": without(claim) for claim in CLAIMS},
    **{f"{claim} null": craft(**{claim: None}) for claim in CLAIMS},
    **{f"{claim} a list": craft(**{claim: [CLAIMS[claim]]}) for claim in CLAIMS},
    **{f"{claim} an object": craft(**{claim: {"$gt": ""}}) for claim in CLAIMS},
    **{f"{claim} true": craft(**{claim: True}) for claim in CLAIMS},
    **{
        f"{claim} {value!r}": craft(**{claim: value})
        for claim in ("sub", "sid")
        for value in (
            7,
            7.0,
            "",
            "0",
            "-1",
            "+7",
            "07",
            " 7",
            "7\n",
            "7.0",
            "1e3",
            "0x7",
            "٧",
            "７",
            str(2**63),
        )
    },
    **{
        f"{claim} {value!r}": craft(**{claim: value})
        for claim in ("exp", "iat")
        for value in (str(ISSUED + 300), ISSUED + 300.5, float("inf"), float("nan"), 10**30)
    },
    **{f"exp {value!r}": craft(exp=value) for value in (10**15, 10**17, 10**18, 10**19, -(10**18))},
    "a megabyte": f"{START}.{'A' * 1_000_000}.{END}",
    "a megabyte of dots": "." * 1_000_000,
    "genuine but padded past the limit": craft(jti="x" * 4096),
    "empty": "",
    "a space": " ",
    "dots only": "..",
    "four parts": GENUINE + ".x",
    "two parts": f"{START}.{MIDDLE}",
    "not base64": f"{START}.!!!!.{END}",
    "not JSON": f"{START}.{base64url(b'{exp}')}.{END}",
    "not UTF-8": f"{base64url(bytes([255, 254]))}.{MIDDLE}.{END}",
    "a newline at the end": GENUINE + "\n",
    "a NUL at the end": GENUINE + "\0",
    "a NUL inside": f"{START}.\0{MIDDLE}.{END}",
    "half a surrogate pair": GENUINE + "\ud800",
    "fullwidth": GENUINE.replace("e", "ｅ"),
    "Bearer twice": f"Bearer {GENUINE}",
}


def test_a_token_says_who_asks_in_which_session_and_until_when():
    assert TOKENS.read_access(GENUINE, NOW) == Access(7, 70, NOW + timedelta(minutes=10))


def test_a_token_crafted_like_ours_is_read_so_that_the_forgeries_fail_for_their_own_fault():
    assert TOKENS.read_access(craft(), NOW) == TOKENS.read_access(GENUINE, NOW)
    assert TOKENS.read_access(craft(sub=str(2**63 - 1)), NOW).user_id == 2**63 - 1


@pytest.mark.parametrize("name", CRAFTED)
def test_a_forged_token_is_not_valid(name):
    for _ in range(2):  # nor does it become so by being shown again
        with pytest.raises(Unauthenticated, match=r"The access token is not valid\."):
            TOKENS.read_access(CRAFTED[name], NOW)


def test_a_token_ends_on_the_second_and_says_so():
    tokens = Tokens(RING, access_seconds=60)
    token = tokens.issue_access(7, 70, NOW)
    assert tokens.read_access(token, NOW + timedelta(seconds=59.9)).user_id == 7
    with pytest.raises(Unauthenticated, match=r"The access token has expired\."):
        tokens.read_access(token, NOW + timedelta(seconds=60))
    with pytest.raises(Unauthenticated, match=r"The access token has expired\."):
        tokens.read_access(craft(exp=ISSUED - 1), NOW)


@pytest.mark.parametrize("year", [2001, 2101])
def test_the_given_time_counts_and_not_the_wall_clock(year):
    then = NOW.replace(year=year)
    assert TOKENS.read_access(TOKENS.issue_access(7, 70, then), then).expire_time == then + timedelta(
        minutes=10
    )


def test_the_wall_clock_counts_where_no_time_is_given():
    assert TOKENS.read_access(TOKENS.issue_access(7, 70, datetime.now(UTC))).session_id == 70
    with pytest.raises(Unauthenticated, match="expired"):
        TOKENS.read_access(TOKENS.issue_access(7, 70, datetime.now(UTC) - timedelta(hours=1)))


def test_a_token_from_a_machine_whose_clock_is_a_little_ahead_is_read():
    assert TOKENS.read_access(TOKENS.issue_access(7, 70, NOW + timedelta(seconds=30)), NOW).user_id == 7


def test_a_token_signed_with_a_previous_key_is_read_until_the_key_leaves_the_ring():
    assert Tokens(KeyRing(FOREIGN, [KEY])).read_access(GENUINE, NOW).user_id == 7
    with pytest.raises(Unauthenticated, match="not valid"):
        Tokens(KeyRing(FOREIGN)).read_access(GENUINE, NOW)


def test_two_tokens_of_one_second_differ():
    assert TOKENS.issue_access(7, 70, NOW) != TOKENS.issue_access(7, 70, NOW)


@given(st.text(st.characters()) | st.text("ABCxyz019_-.=", min_size=1))
def test_no_text_whatsoever_raises_anything_else(text):
    for token in (
        text,
        f"{START}.{text}.{END}",
        f"{base64url(text.encode('utf-8', 'surrogatepass'))}.{MIDDLE}.",
    ):
        with pytest.raises(Unauthenticated):
            TOKENS.read_access(token, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.sampled_from(sorted(CLAIMS)), json_values)
def test_no_claim_whatsoever_raises_anything_else(claim, value):
    try:
        access = TOKENS.read_access(craft(**{claim: value}), NOW)
    except Unauthenticated:
        return
    assert type(access.user_id) is int
    assert access.user_id > 0


@given(st.sampled_from([*HEADER, "crit", "b64", "jku", "cty", "zip"]), json_values)
def test_no_header_whatsoever_raises_anything_else(parameter, value):
    with contextlib.suppress(Unauthenticated):
        TOKENS.read_access(craft(header={**HEADER, parameter: value}), NOW)


def test_a_refresh_token_is_drawn_at_random_and_can_be_recognised():
    drawn = {new_refresh() for _ in range(100)}
    assert len(drawn) == 100
    assert all(is_refresh(token) and token.startswith("cgr_") for token in drawn)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cgr_",
        "cgr_" + "a" * 42,
        "cgr_" + "a" * 44,
        "x" * 47,
        "cgr_" + "é" * 43,
        "cgr_" + "a" * 43 + "\n",
        GENUINE,
    ],
)
def test_anything_else_is_not_a_refresh_token(text):
    assert is_refresh("cgr_" + "a" * 43)
    assert not is_refresh(text)


def test_a_retry_and_parallel_uses_of_a_refresh_token_get_the_same_successor():
    first = new_refresh()
    second = TOKENS.successor(first)
    assert is_refresh(second)
    assert second == Tokens(KeyRing(KEY)).successor(first)
    assert len({first, second, TOKENS.successor(second), TOKENS.successor(new_refresh())}) == 4


def test_a_successor_cannot_be_told_without_the_key():
    first = new_refresh()
    assert Tokens(KeyRing(FOREIGN, [KEY])).successor(first) != TOKENS.successor(first)


def test_a_digest_is_short_steady_and_taken_of_any_text():
    token = new_refresh()
    assert len(digest(token)) == 32
    assert digest(token) == digest(token)
    assert digest(token) != digest(TOKENS.successor(token))
    assert len({digest(text) for text in ("", "\0", "\ud800", "x" * 1_000_000)}) == 4


def test_a_key_of_another_algorithm_stops_the_start() -> None:
    pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"
    with pytest.raises(ValueError, match="random text"):
        Tokens(KeyRing(pem))
