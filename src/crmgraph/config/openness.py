"""Whether a file with a secret in it is open to more people than its owner."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from crmgraph.connectors.trees import Keys, Mistake, Node, Scalar

_PASSWORD = re.compile(r"\w+://[^/@:]*:(?P<password>[^/@]+)@")


def too_open(file: int | os.PathLike[str]) -> str | None:
    """The mode of a file (its path or descriptor) that is too open, None for one that is not; raises OSError."""
    if os.name != "posix":
        return None
    found, mount = os.stat(file), os.statvfs(file)
    ours, read_only = found.st_uid == os.geteuid(), bool(mount.f_flag & os.ST_RDONLY)
    return f"{stat.S_IMODE(found.st_mode):04o}" if is_too_open(found.st_mode, ours, read_only) else None


def is_too_open(mode: int, ours: bool, read_only: bool) -> bool:
    """Whether others than those who must can read or write a file that is ours or somebody else's.

    One of somebody else's that its group may read is meant for a service of that group: us. On a read-only mount, as
    containers and Kubernetes give secrets, the mode cannot be changed, and the mount is nobody else's.
    """
    return not read_only and bool(mode & (stat.S_IRWXO | (stat.S_IRWXG if ours else 0)))


def plain_password(root: Node, path: Path) -> Iterator[Mistake]:
    """The store's URL is the one place where a secret may stand in the file itself: then nobody else may read that."""
    store = root.nodes.get("store") if isinstance(root, Keys) else None
    url = store.nodes.get("url") if isinstance(store, Keys) else None
    found = _PASSWORD.match(url.written) if isinstance(url, Scalar) else None
    if found is None or url is None or not url.place.line or "${" in found["password"]:
        return
    if (mode := too_open(path)) is not None:
        said = f"`url` holds a password, and this file is open to others (mode {mode}); write the password as ${{VAR}}."
        yield url.place.mistake(said)
