"""Builds dist/wm-capture.pyz: the capture agent in one file, with what it needs and nothing of the server.

It holds the distributions that this environment has installed and the agent imports, compiled parts included, so it
runs on this platform and this Python version. Compiled parts cannot be imported from a zip: at its first run the
file unpacks itself into a cache folder of the user, named by the digest of its content. It never uses the network
for that. The same environment gives the same bytes.
"""

import argparse
import hashlib
import re
import stat
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
ROOTS = (
    "backports-zstd",
    "cryptography",
    "fastexcel",
    "httpx",
    "jinja2",
    "numpy",
    "polars",
    "pydantic",
    "rich",
    "typer",
)
"""What wm_api.capture and wm_api.records import."""
OWN = ("capture", "records")
NAMED = "lib/wm_api-{version}.dist-info/METADATA"
"""For `--version`: name and version, and not what the whole distribution requires."""
UNNEEDED = re.compile(r"(^|/)(__pycache__|tests?)/|\.pyc$|\.pyi$|^\.\./|/RECORD$|/INSTALLER$|/direct_url\.json$")
FIXED = (1980, 1, 1, 0, 0, 0)
START = '''\
"""Unpacks itself once into a cache folder of the user, then runs wm-capture from there."""

import os
import shutil
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

DIGEST, PYTHON, PLATFORM = {digest!r}, {python!r}, {platform!r}


def cache() -> Path:
    given = os.environ.get("WM_CAPTURE_CACHE") or os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(given) if given else Path.home() / ".cache") / "wm-capture"


def unpacked() -> Path:
    """The folder of this very file; made beside and renamed, so that no run sees half of it."""
    base = cache()
    place = base / DIGEST
    if not place.is_dir():
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = Path(tempfile.mkdtemp(prefix=".new-", dir=base))
        with zipfile.ZipFile(Path(__file__).parent) as archive:
            archive.extractall(beside, [name for name in archive.namelist() if name.startswith("lib/")])
        try:
            beside.rename(place)
        except OSError:
            shutil.rmtree(beside, ignore_errors=True)
            if not place.is_dir():
                raise
    if hasattr(os, "getuid") and place.stat().st_uid != os.getuid():
        sys.exit(f"{{place}} belongs to somebody else. Set WM_CAPTURE_CACHE to a folder of your own.")
    return place / "lib"


if list(sys.version_info[:2]) != PYTHON or sysconfig.get_platform() != PLATFORM:
    found = f"Python {{sys.version_info[0]}}.{{sys.version_info[1]}} on {{sysconfig.get_platform()}}"
    sys.exit(f"This wm-capture is built for Python {{PYTHON[0]}}.{{PYTHON[1]}} on {{PLATFORM}}; here is {{found}}.")
try:
    sys.path.insert(0, str(unpacked()))
except OSError as error:
    sys.exit(f"wm-capture cannot unpack itself into {{cache()}}: {{error.strerror}}. Set WM_CAPTURE_CACHE.")
from wm_api.capture.__main__ import main  # noqa: E402

main()
'''


def distributions() -> dict[str, Distribution]:
    """What the agent needs, and what that needs, by name."""
    found: dict[str, Distribution] = {}
    wanted = list(ROOTS)
    while wanted:
        made = distribution(wanted.pop())
        name = made.metadata["Name"].lower().replace("_", "-")
        if name not in found:
            found[name] = made
            needs = [Requirement(text) for text in made.requires or ()]
            wanted += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return dict(sorted(found.items()))


def members() -> Iterator[tuple[str, Path]]:
    """Path in the archive, and the file."""
    for made in distributions().values():
        for file in made.files or ():
            if not UNNEEDED.search(file.as_posix()):
                yield f"lib/{file.as_posix()}", Path(str(made.locate_file(file)))
    source = ROOT / "src" / "wm_api"
    own = [source / "__init__.py", *(path for part in OWN for path in sorted((source / part).rglob("*")))]
    for path in own:
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"lib/wm_api/{path.relative_to(source).as_posix()}", path


def build(out: Path) -> Path:
    """The file, executable."""
    version = distribution("wm-api").version
    named = NAMED.format(version=version), f"Metadata-Version: 2.1\nName: wm-api\nVersion: {version}\n".encode()
    contents = dict(sorted(members()))
    digest = hashlib.sha256(b"\0".join([named[0].encode(), named[1]]))
    for name, path in contents.items():
        digest.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    target = {"python": list(sys.version_info[:2]), "platform": sysconfig.get_platform()}
    start = START.format(digest=digest.hexdigest()[:16], **target)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr(zipfile.ZipInfo("__main__.py", FIXED), start)
            archive.writestr(zipfile.ZipInfo(named[0], FIXED), named[1])
            for name, path in contents.items():
                member = zipfile.ZipInfo(name, FIXED)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, path.read_bytes())
    out.chmod(out.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "wm-capture.pyz")
    made = build(parser.parse_args().out)
    print(f"{made}: {made.stat().st_size / (1 << 20):.1f} MiB, {', '.join(distributions())}")


if __name__ == "__main__":
    main()
