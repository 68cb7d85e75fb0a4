"""The upstream that all peers ask: nginx with plain JSON lists, at once and after 50 ms."""

import getpass
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.people import COUNT, OWNERS, PAGE, contact, owner
from bench.ports import free_port
from bench.processes import running, wait_for

ECHO = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
NEEDED = "apt-get install nginx libnginx-mod-http-echo"

_CONFIGURATION = """\
load_module {echo};
user {user};
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_timeout 600;
    keepalive_requests 1000000000;
    open_file_cache max=100;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    map $arg_page $page {{ default $arg_page; "" 1; }}
    server {{
        listen 127.0.0.1:{port};
        root {folder}/lists;
        location = /contacts {{ try_files /contacts-$page.json /none.json =404; }}
        location / {{ try_files $uri.json =404; }}
        location = /status {{ stub_status; }}
    }}
    server {{
        listen 127.0.0.1:{slow};
        root {folder}/lists;
        location / {{ echo_sleep {seconds}; echo_exec @now; }}
        location @now {{ rewrite ^/contacts$ /contacts-$page break; try_files $uri.json /none.json =404; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the lists are: at once, and late."""

    port: int
    slow: int

    def address(self, latency: int) -> str:
        """The base address that answers after `latency` ms: 0 or 50."""
        return f"http://127.0.0.1:{self.slow if latency else self.port}"

    def calls(self) -> int:
        """The requests that were answered so far, this question included."""
        told = httpx.get(f"http://127.0.0.1:{self.port}/status").text
        return int(re.findall(r"\d+", told.splitlines()[2])[2])


def missing() -> str | None:
    """What the upstream lacks on this machine, as a sentence."""
    if shutil.which("nginx") is None or not ECHO.exists():
        return f"The upstream needs nginx with its echo module: {NEEDED}"
    return None


@contextmanager
def serving(folder: Path, latency: int = 50) -> Iterator[Upstream]:
    """Serve the lists from a folder that is made for them."""
    _write_lists(folder / "lists")
    one = Upstream(free_port(), free_port())
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            user=getpass.getuser(),
            echo=ECHO,
            folder=folder,
            port=one.port,
            slow=one.slow,
            seconds=latency / 1000,
        )
    )
    with running(["nginx", "-p", folder, "-c", configuration], folder, "nginx.log"):
        wait_for(f"{one.address(0)}/users", 10, "nginx")
        yield one


def _write_lists(folder: Path) -> None:
    """A file for each page, for each contact, and for what lies behind the last page."""
    (folder / "contacts").mkdir(parents=True, exist_ok=True)
    everybody = [contact(number) for number in range(1, COUNT + 1)]
    for first in range(0, COUNT, PAGE):
        _write(folder / f"contacts-{first // PAGE + 1}.json", everybody[first : first + PAGE])
    for one in everybody[:PAGE]:
        _write(folder / "contacts" / f"{one['id']}.json", one)
    _write(folder / "users.json", [owner(number) for number in range(1, OWNERS + 1)])
    _write(folder / "none.json", [])


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
