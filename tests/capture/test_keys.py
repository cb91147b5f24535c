"""The key file: closed to others, checked, wrapped by a passphrase when asked."""

import json
import stat
from pathlib import Path

import pytest

from capture.customers import ACCOUNT, MAPPING, STAFF, Customer
from wm_api.capture.key_file import make_key_file, read_key_file
from wm_api.capture.problems import KeyFileBad

WORDS = "correct horse battery"


def test_a_key_file_is_closed_to_others_and_never_overwritten(customer: Customer) -> None:
    path = customer.folder / "wm.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = customer.run("keygen", "--account", ACCOUNT, "--out", str(path))
    assert again.exit_code == 2
    assert "never overwritten" in again.output
    assert customer.run("keygen", "--account", "not-an-id", "--out", "x").exit_code == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused(customer: Customer, mode: int) -> None:
    (customer.folder / "wm.key").chmod(mode)
    result = customer.dry_run(STAFF)
    assert result.exit_code == 2
    assert "chmod 600" in result.output


@pytest.mark.parametrize("part", ["account", "epoch", "kid", "secret", "checksum"])
def test_a_changed_key_file_is_refused(customer: Customer, part: str) -> None:
    path = customer.folder / "wm.key"
    document = json.loads(path.read_text())
    document[part] = ("A" if document[part][0] != "A" else "B") + document[part][1:]
    path.write_text(json.dumps(document))
    assert customer.dry_run(STAFF).exit_code == 2
    path.write_text("{}")
    assert "is not a key file" in " ".join(customer.dry_run(STAFF).output.split())


def test_a_passphrase_wraps_the_key_and_is_asked_for(customer: Customer) -> None:
    path = str(customer.folder / "wrapped.key")
    made = customer.run("keygen", "--account", ACCOUNT, "--out", path, "--passphrase", WM_CAPTURE_PASSPHRASE=WORDS)
    assert made.exit_code == 0
    document = json.loads(Path(path).read_text())
    assert "secret" not in document
    assert document["wrapped"]["kdf"] == "argon2id m=65536 t=3 p=4"
    assert customer.dry_run(STAFF, MAPPING, "staff.csv").exit_code == 0
    wrapped = {"WM_CAPTURE_KEY": path}
    files = ["dry-run", str(customer.folder / "staff.csv"), "--mapping", str(customer.folder / "staff.toml")]
    out = ["--out", str(customer.folder / "wrapped.parquet")]
    assert customer.run(*files, *out, **wrapped, WM_CAPTURE_PASSPHRASE=WORDS).exit_code == 0
    wrong = customer.run(*files, *out, **wrapped, WM_CAPTURE_PASSPHRASE="another phrase")
    assert wrong.exit_code == 2
    assert "passphrase is not that of the key file" in " ".join(wrong.output.split())
    short = customer.run("keygen", "--account", ACCOUNT, "--out", path + "2", "--passphrase", WM_CAPTURE_PASSPHRASE="x")
    assert short.exit_code == 2


def test_a_wrapped_key_is_random_and_bound_to_its_account(tmp_path: Path) -> None:
    one = make_key_file(tmp_path / "one", ACCOUNT, passphrase=WORDS)
    two = make_key_file(tmp_path / "two", ACCOUNT, passphrase=WORDS)
    assert one.secret != two.secret
    assert read_key_file(tmp_path / "one", lambda: WORDS) == one
    document = json.loads((tmp_path / "one").read_text())
    (tmp_path / "one").write_text(json.dumps({**document, "account": ACCOUNT.replace("0", "1")}))
    with pytest.raises(KeyFileBad):
        read_key_file(tmp_path / "one", lambda: WORDS)


def test_nobody_is_asked_for_a_passphrase_where_there_is_no_terminal(customer: Customer) -> None:
    path = str(customer.folder / "wrapped.key")
    alone = customer.run("keygen", "--account", ACCOUNT, "--out", path, "--passphrase")
    assert (alone.exit_code, "Set WM_CAPTURE_PASSPHRASE" in alone.output) == (2, True)
    made = customer.run("keygen", "--account", ACCOUNT, "--out", path, "--passphrase", WM_CAPTURE_PASSPHRASE=WORDS)
    assert made.exit_code == 0
    pushed = customer.run("verify", WM_CAPTURE_KEY=path, WM_URL="http://127.0.0.1:1")
    assert (pushed.exit_code, "Set WM_CAPTURE_PASSPHRASE" in pushed.output) == (2, True)
    assert "Warning" not in pushed.output
