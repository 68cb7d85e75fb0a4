"""The upstream of plain JSON lists: nginx, which answers at once or late."""

import getpass
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.people import COUNT, OWNERS, PAGE, owner, page
from bench.ports import free_port
from bench.processes import running, wait_for
from bench.upstreams import Upstream

NEEDED = "apt-get install nginx libnginx-mod-http-echo"

_ECHO = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")

_AT_ONCE = """
location = /contacts { try_files /contacts-$page.json /none.json =404; }
location = /users { try_files /$users.json =404; }
location / { try_files $uri.json =404; }
"""

_LATE = """
location = /contacts { echo_sleep @seconds@; echo_exec @contacts; }
location = /users { echo_sleep @seconds@; echo_exec @users; }
location / { echo_sleep @seconds@; echo_exec @one; }
location @contacts { try_files /contacts-$page.json /none.json =404; }
location @users { try_files /$users.json =404; }
location @one { try_files $uri.json =404; }
"""

_CONFIGURATION = """\
load_module @echo@;
user @user@;
worker_processes 1;
daemon off;
pid @folder@/pid;
error_log stderr;
events { worker_connections 4096; }
http {
    access_log off;
    default_type application/json;
    keepalive_timeout 600;
    keepalive_requests 1000000000;
    open_file_cache max=2000;
    client_body_temp_path @folder@/temporary;
    proxy_temp_path @folder@/temporary;
    fastcgi_temp_path @folder@/temporary;
    uwsgi_temp_path @folder@/temporary;
    scgi_temp_path @folder@/temporary;
    map $arg_page $page { default $arg_page; "" 1; }
    map $args $users { default users; ~^id=(?<one>[0-9]+)$ users-$one; }
    server {
        listen 127.0.0.1:@port@;
        root @folder@/lists;
        @locations@
        location = /status { stub_status; }
    }
}
"""


def missing() -> str | None:
    """What the lists lack on this machine, as a sentence."""
    if shutil.which("nginx") is None or not _ECHO.exists():
        return f"The lists need nginx with its echo module: {NEEDED}"
    return None


@contextmanager
def serving(folder: Path, latency: int) -> Iterator[Upstream]:
    """Serve the lists from a folder that is made for them, each answer `latency` ms late."""
    _write_lists(folder / "lists")
    port, configuration = free_port(), folder / "nginx.conf"
    told = {"locations": _LATE if latency else _AT_ONCE, "seconds": latency / 1000, "port": port, "folder": folder}
    configuration.write_text(_filled(_CONFIGURATION, told | {"echo": _ECHO, "user": getpass.getuser()}))
    with running(["nginx", "-p", folder, "-c", configuration], folder, "nginx.log"):
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/status", 10, "nginx")
        yield Upstream({"lists": address}, f"{address}/status", counted=1)


def _filled(text: str, told: Mapping[str, object]) -> str:
    """The text with each `@name@` replaced; nginx has uses of its own for `$` and braces."""
    for name, value in told.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _write_lists(folder: Path) -> None:
    """A file for each page, each contact and each user, for all users, and for what lies behind the last page."""
    (folder / "contacts").mkdir(parents=True)
    for number in range(1, COUNT // PAGE + 1):
        _write(folder / f"contacts-{number}.json", page(number))
    for one in page(1):
        _write(folder / "contacts" / f"{one['id']}.json", one)
    users = [owner(number) for number in range(1, OWNERS + 1)]
    for one in users:
        _write(folder / f"users-{one['id']}.json", [one])
    _write(folder / "users.json", users)
    _write(folder / "none.json", [])


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
