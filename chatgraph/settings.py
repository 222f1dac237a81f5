"""The settings: read once from the environment and `.env`, frozen, and handed down by `cli`, `server` and `app`."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chatgraph.models import Registration

Words = Annotated[tuple[str, ...], NoDecode]

# An origin as browsers write it (RFC 6454): without a path, and without the port that its scheme implies.
ORIGIN = re.compile(
    r"(?!https:.*:443$|http:.*:80$)[a-z][a-z0-9+.-]*://([a-z0-9.-]+|\[[0-9a-f:.]+])(:[0-9]+)?"
)


class Settings(BaseSettings):
    """Every setting: its environment variable is its name in capitals after `CHATGRAPH_`. Lists take commas."""

    model_config = SettingsConfigDict(env_prefix="CHATGRAPH_", env_file=".env", frozen=True, extra="ignore")

    database_url: str = Field(
        "sqlite+aiosqlite:///chatgraph.db",
        description="Where everything is kept: `sqlite+aiosqlite:///FILE`, or "
        "`postgresql+asyncpg://USER:PASSWORD@HOST/NAME` for any number of servers.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on; `0.0.0.0` for all.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    workers: int = Field(
        1,
        ge=1,
        le=256,
        description="How many processes serve on this machine; more than one needs PostgreSQL.",
    )
    redis_url: str | None = Field(
        None,
        description="`redis://HOST`: where attempts are counted for all servers together "
        "(install `chatgraph[redis]`). Without one, each process counts those that it sees.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="What access tokens are signed with, 32 bytes or more. Without one, a key is made beside a "
        "SQLite database; on PostgreSQL every server needs the same.",
    )
    previous_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), description="Keys that were replaced: tokens signed with them stay good until they expire."
    )
    registration: Registration = Field(
        Registration.OPEN,
        description="Who may make an account: `open`, with an `invite` to a house, or `closed`: `chatgraph user create` alone.",
    )
    rate_limits: bool = Field(True, description="`off` counts no attempts; for tests and benchmarks.")
    compiled_execution: bool = Field(
        True,
        description="`off` has graphql-core execute what is asked: the same answers, later. "
        "Where it does so by itself, the log says why, once for each reason.",
    )
    introspection: bool = Field(True, description="`off` hides the schema and GraphiQL.")
    allowed_origins: Words = Field(
        (), description="Other origins whose pages may call this server; `*` for all."
    )
    trusted_proxies: Words = Field(
        (), description="Addresses or networks of proxies whose `X-Forwarded-For` says who is behind them."
    )
    journal_days: int = Field(
        30, ge=0, description="How long a broken subscription can be resumed without a gap; `0` is for ever."
    )
    readers: int | None = Field(
        None,
        ge=1,
        le=64,
        description="How many queries read the database at the same time; 4 of SQLite, 16 of PostgreSQL.",
    )
    password_workers: int = Field(
        1, ge=1, le=64, description="How many passwords are hashed at the same time."
    )
    log_format: Literal["text", "json"] = Field("text", description="`text` for people, `json` for machines.")

    @field_validator("allowed_origins", "trusted_proxies", "previous_secret_keys", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        """Read a list that is written with commas."""
        return (
            tuple(word.strip() for word in value.split(",") if word.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("allowed_origins")
    @classmethod
    def require_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what no browser would ever say of a page."""
        for origin in value:
            if origin != "*" and not ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin} is no origin; write it as browsers do: https://chat.example, http://localhost:5173."
                )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def require_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what no client's address would ever be found equal to; `*` alone trusts everybody."""
        if value != ("*",):
            for proxy in value:
                _require_address(proxy)
        return value


def _require_address(proxy: str) -> None:
    if proxy == "*":
        raise ValueError("`*` trusts everybody, and stands alone.")
    address, cut, _ = proxy.partition("/")
    try:
        first = ip_network(proxy, strict=False) if cut else ip_address(proxy)
    except ValueError:
        raise ValueError(
            f"{proxy} is no address; name a proxy by its own, as 10.0.0.5, or by its network, as 10.0.0.0/8."
        ) from None
    if isinstance(first, IPv4Network | IPv6Network) and ip_address(address) != first.network_address:
        raise ValueError(
            f"{proxy} is no network; write {address} for the one proxy, or {first} for all in it."
        )
