"""What a server says once it listens."""

import ipaddress

from chatgraph.settings import Settings
from chatgraph.store.database import Database


def introduction(address: str, settings: Settings, database: Database) -> list[str]:
    """Say where everything is, and what is not as it should be on a server for many."""
    lines = [f"chatgraph listens on {address}"]
    lines.append(
        f"  GraphQL   {address}/graphql"
        + ("   (open it in a browser: GraphiQL)" if settings.introspection else "")
    )
    lines.append(f"  REST      {address}/api/v1   (described at {address}/api/v1/openapi.json)")
    lines.append(f"  database  {database.about}")
    lines += [f"            {line}" for line in database.cautions]
    if database.shared and settings.rate_limits and settings.redis_url is None:
        lines.append(
            "  rates     each process counts attempts for itself; CHATGRAPH_REDIS_URL counts for all."
        )
    if not settings.rate_limits:
        lines.append("  warning: rate limits are off; anybody may try passwords as fast as they can.")
    if not _is_loopback(settings.host) and not settings.trusted_proxies:
        lines.append(
            "  warning: this is plain HTTP, and others can reach it: put a proxy with TLS in front of it, and"
        )
        lines.append(
            "           name it in CHATGRAPH_TRUSTED_PROXIES, or all its users share one address's rates."
        )
    if "*" in settings.allowed_origins:
        lines.append("  warning: every web page may call this server (CHATGRAPH_ALLOWED_ORIGINS=*).")
    return lines


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
