"""nginx in front of several servers, configured as `docs/operating.md` says."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "operating.md"


def documented() -> str:
    """Give the configuration that the guide tells."""
    [found] = re.findall(r"```nginx\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return found


@contextmanager
def nginx_before(ports: list[int], port: int, folder: Path) -> Iterator[str]:
    """Run it in a folder and give its address."""
    servers = "\n".join(f"    server 127.0.0.1:{each} fail_timeout=1s;" for each in ports)
    site = re.sub(r"(    server 10\.0\.0\.\d+:8000( [^;]*)?;\n)+", f"{servers}\n", documented())
    site = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{port};", site)
    site = re.sub(r"    (server_name|ssl_certificate).*\n", "", site)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;\n"
        f"events {{ worker_connections 8192; }}\nhttp {{ access_log off;\n"
        + "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"{site}}}\n"
    )
    process = subprocess.Popen(
        ["nginx", "-c", str(configuration), "-e", str(folder / "nginx.log")], env=os.environ | {"TZ": "UTC"}
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
