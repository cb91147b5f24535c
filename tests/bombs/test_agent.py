"""AC8.1, AC8.4, S08, S25, S26, S28 at the customer's: no file harms the machine of the agent, which writes none but its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bombs.corpus import CLIMBED
from bombs.workbook_bombs import GOOD, Bomb, climbing, corpus
from capture.customers import ACCOUNT, MAPPING, STAFF, Customer

pytestmark = [pytest.mark.slow, pytest.mark.measures]
XLSX = MAPPING.replace(
    'delimiter = ";"\ndecimal = ","\nthousands = "."\ndate = "%d/%m/%Y"', 'format = "xlsx"\nsheet = "Staff"'
)
LONGEST, MORE_MEMORY = 120.0, 300.0
REFUSED = (1, 5)
AGENT = """
import atexit, pathlib, sys
from wm_api.capture.cli import app
atexit.register(lambda: pathlib.Path(sys.argv.pop(1)).write_text(pathlib.Path("/proc/self/status").read_text()))
app(sys.argv[2:])
"""
"""The agent; at its end it leaves what the kernel says of its memory."""


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory) -> Customer:
    made = Customer(tmp_path_factory.mktemp("customer"))
    assert made.run("keygen", "--account", ACCOUNT, "--out", str(made.folder / "wm.key")).exit_code == 0
    return made


def run(customer: Customer, name: str, content: bytes) -> tuple[int, float, float, str]:
    """Exit code, seconds, most memory in megabytes and text of `wm-capture dry-run` in a process of its own."""
    mapping = XLSX if name.endswith("xlsx") else MAPPING
    files = [customer.file(name, content), "--mapping", customer.file("staff.toml", mapping)]
    status = customer.folder / "status"
    command = [
        sys.executable,
        "-c",
        AGENT,
        str(status),
        "dry-run",
        *files,
        "--out",
        str(customer.folder / "out.parquet"),
    ]
    environment = {**os.environ, "WM_CAPTURE_KEY": str(customer.folder / "wm.key"), "TMPDIR": str(temporary(customer))}
    begun = time.perf_counter()
    ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=2 * LONGEST)
    peak = next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return ended.returncode, time.perf_counter() - begun, peak, ended.stdout + ended.stderr


def temporary(customer: Customer) -> Path:
    folder = customer.folder / "tmp"
    folder.mkdir(exist_ok=True)
    return folder


def written(customer: Customer) -> set[str]:
    """All files of the customer's folder but the key, what is pushed, and what its process was."""
    own = {"wm.key", "staff.csv", "staff.xlsx", "staff.toml", "status"}
    return {str(file) for file in customer.folder.rglob("*") if file.is_file() and file.name not in own}


def test_ac8_1_every_bomb_is_a_clear_refusal_of_the_agent(
    customer: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [run(customer, name, good)[0] for name, good in (("staff.xlsx", GOOD), ("staff.csv", STAFF.encode()))] == [
        0,
        0,
    ]
    (customer.folder / "out.parquet").unlink()
    own, faults, most = run(customer, "staff.csv", b"")[2], list[str](), [(0.0, "", 0.0)]
    for name, bomb in corpus().items():
        code, seconds, memory, said = run(customer, bomb.name, bomb.content)
        most.append((memory - own, name, seconds))
        bad = code not in REFUSED or seconds > LONGEST or memory - own > MORE_MEMORY or "Traceback" in said
        faults += [f"{name}: exit {code}, {seconds:.1f} s, {memory - own:+.0f} MB: {said[-300:]}"] if bad else []
        faults += [f"{name} wrote {written(customer)}"] if written(customer) else []
    assert faults == []
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(most) - 1} bombs refused by the agent; most memory {max(most)[0]:+.0f} MB ({max(most)[1]});"
            f" longest {max(seconds for *_, seconds in most):.1f} s\n"
        )


def test_ac8_4_the_agent_writes_no_member_of_an_archive(customer: Customer) -> None:
    for name, content in climbing().items():
        code, *_, said = run(customer, "staff.xlsx", content)
        assert code == 0, (name, said)
        assert written(customer) == {str(customer.folder / "out.parquet")}, name
    assert not list(customer.folder.parent.rglob("*wm-climbed*"))
    assert not list(CLIMBED.parent.glob("*wm-climbed*"))


def test_a_bomb_has_a_name_and_a_content() -> None:
    assert len(corpus()) >= 30
    assert all(isinstance(bomb, Bomb) and bomb.content != GOOD for bomb in corpus().values())
