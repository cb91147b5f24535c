"""A methodology is a signed file; what is not as it was signed is not loaded; two of them stand side by side."""

import asyncio
import base64
import json
import shutil
from collections.abc import Iterator
from math import fsum
from pathlib import Path
from typing import Any

import httpx
import pytest
from jose import jws
from tools import sign_methodology

from companies import sign_up
from score_drafts import computed_score, draft_like
from scores.test_simulation import s1_record
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.main import create_app
from wm_api.scores import methodology
from wm_api.scores.inputs import recompute, under
from wm_api.scores.methodology import load_methodology, load_sheet, versions
from wm_api.scores.methodology.signature import NotSigned, check
from wm_api.worker import work

OTHER = "sis-2099.1"


def forget() -> None:
    load_sheet.cache_clear()
    load_methodology.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The shipped version and another: all weight of areas on pay and retention, wider declared spreads."""
    for name in ("sis-2026.1.json", "sis-2026.1.jws", "keys.json"):
        shutil.copy(str(methodology.FILES.joinpath(name)), tmp_path)
    rules = json.loads((tmp_path / "sis-2026.1.json").read_text())
    rules |= {
        "id": OTHER,
        "title": "Another",
        "areas": {**dict.fromkeys(rules["areas"], 0.1), "pay": 0.3, "retention": 0.4},
    }
    for each in rules["metrics"]:
        each["declared_spread"] = each["declared_spread"] and 2 * each["declared_spread"]
    (tmp_path / f"{OTHER}.json").write_text(json.dumps(rules))
    sign_methodology.sign(tmp_path, OTHER)
    monkeypatch.setattr(methodology, "FILES", tmp_path)
    forget()
    yield tmp_path
    forget()


def test_every_version_that_is_shipped_is_as_it_was_signed_and_each_key_signed_one() -> None:
    keys = [load_sheet(version).key["kid"] for version in versions()]
    assert methodology.CURRENT in versions()
    assert len(set(keys)) == len(keys)
    known = json.loads(methodology.FILES.joinpath("keys.json").read_text())["keys"]
    assert sorted(each["kid"] for each in known) == sorted(keys)


@pytest.mark.parametrize("version", versions())
def test_weights_bounds_and_goalposts_of_a_shipped_version_fit_together(version: str) -> None:
    method = load_methodology(version)
    assert fsum(method.areas.values()) == pytest.approx(1)
    for area in method.areas:
        assert fsum(rule.weight for rule in method.metrics if rule.area == area) == pytest.approx(1)
    assert {rule.area for rule in method.metrics} == method.areas.keys()
    assert set(method.required_areas) <= method.areas.keys()
    assert list(method.star_cuts) == sorted(set(method.star_cuts))
    for rule in method.metrics:
        assert (rule.direction, rule.step > 0) in {("+", True), ("-", False), ("0", False)}
        assert rule.lower < rule.upper
        assert rule.grid > 0
        assert (rule.worst is None) == (rule.best is None)
        if rule.worst is not None and rule.best is not None:
            assert (rule.best > rule.worst) == (rule.direction == "+")
            assert {rule.worst, rule.best} <= {
                min(max(each, rule.lower), rule.upper) for each in (rule.worst, rule.best)
            }
    assert set(load_sheet(version).sheet) == {"aim", "scope", "sources", "estimates", "changes", "basis"}


def test_anybody_can_check_the_signature_with_a_jose_library() -> None:
    sheet = load_sheet(methodology.CURRENT)
    head, _, signature = sheet.signature.split(".")
    payload = base64.urlsafe_b64encode(sheet.text.encode()).rstrip(b"=").decode()
    assert jws.verify(f"{head}.{payload}.{signature}", dict(sheet.key), ["ES256"]) == sheet.text.encode()


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_a_file_with_one_other_byte_is_not_loaded(folder: Path, place: int) -> None:
    file = folder / f"{OTHER}.json"
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)
    with pytest.raises(NotSigned):
        load_methodology(OTHER)
    assert load_methodology("sis-2026.1").id == "sis-2026.1"


def test_a_signed_file_under_the_name_of_another_version_is_not_loaded_and_the_service_does_not_start(
    folder: Path, settings: Settings
) -> None:
    create_app(settings)
    for ending in ("json", "jws"):
        (folder / f"sis-2099.2.{ending}").write_bytes((folder / f"{OTHER}.{ending}").read_bytes())
    for begin in (
        lambda: load_methodology("sis-2099.2"),
        lambda: create_app(settings),
        lambda: asyncio.run(asyncio.wait_for(work(settings), 10)),
    ):
        with pytest.raises(NotSigned):
            begin()


def test_whoever_starts_the_service_reads_which_file_it_is_and_what_is_wrong(folder: Path, settings: Settings) -> None:
    file, signature, keys = (folder / name for name in ("sis-2026.1.json", "sis-2026.1.jws", "keys.json"))
    whole = {each: each.read_bytes() for each in (file, signature, keys)}

    def told() -> str:
        forget()
        with pytest.raises(NotSigned) as why:
            create_app(settings)
        for each, content in whole.items():
            each.write_bytes(content)
        return str(why.value)

    start, end = "The methodology sis-2026.1 is not as it was signed: ", ". Install this version of wm-api again."
    file.write_bytes(whole[file].replace(b'"hysteresis": 0.8', b'"hysteresis": 0.7'))
    assert told() == f"{start}the file was changed since, or signed by another key{end}"
    keys.write_text('{"keys": []}')
    assert "no known key has signed it" in told()
    signature.write_text("x")
    assert told() == f"{start}the signature or the key cannot be read{end}"
    signature.unlink()  # without it the version would not be there at all, and no score could be made
    assert told() == f"{start}there is no sis-2026.1.jws{end}"
    forget()
    create_app(settings)


def test_a_signature_of_another_file_key_or_algorithm_is_refused(folder: Path) -> None:
    raw, keys = (folder / f"{OTHER}.json").read_bytes(), json.loads((folder / "keys.json").read_text())
    good = (folder / f"{OTHER}.jws").read_text().strip()
    head, _, signature = good.split(".")
    assert check(raw, good, keys)["alg"] == "ES256"
    of_other = (folder / "sis-2026.1.jws").read_text().strip()
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": keys["keys"][1]["kid"]}).encode()).decode()
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    for bad in (
        of_other,
        f"{none.rstrip('=')}..",
        f"{head}..{flipped}",
        f"{head}.e30.{signature}",
        f"{head}..",
        "",
        "a.b",
        "\xe9..a",
    ):
        with pytest.raises(NotSigned):
            check(raw, bad, keys)
    with pytest.raises(NotSigned):
        check(raw, good, {"keys": keys["keys"][:1]})


def test_a_new_signature_takes_the_place_of_the_old_and_its_key(folder: Path) -> None:
    before = load_sheet(OTHER).key["kid"]
    sign_methodology.sign(folder, OTHER)
    forget()
    known = [each["kid"] for each in json.loads((folder / "keys.json").read_text())["keys"]]
    assert load_sheet(OTHER).key["kid"] in known
    assert before not in known
    assert len(known) == 2


@pytest.mark.usefixtures("folder")
def test_a_record_is_read_by_another_methodology_and_by_its_own_to_the_same_bytes() -> None:
    record = s1_record()
    assert under(record, "sis-2026.1") == recompute(record)
    other = under(record, OTHER)
    assert other.headline != recompute(record).headline
    weights = {each.area: each.weight for each in other.areas}
    assert weights == {"pay": 0.3, "equity": 0.1, "benefits": 0.1, "retention": 0.4, "job_quality": 0.1}


@pytest.mark.usefixtures("worker", "folder")
async def test_two_methodologies_stand_side_by_side_over_http(http: httpx.AsyncClient, resources: Resources) -> None:
    company = await sign_up(http)
    score = await draft_like(company, resources, await computed_score(company, resources))
    base = await company.call("GET", f"/v1/scores/{score}")

    async def shown(version: str) -> dict[str, Any]:
        return dict(await company.call("GET", f"/v1/scores/{score}/methodologies/{version}"))

    same, other = await shown("sis-2026.1"), await shown(OTHER)
    assert same["difference"] == 0
    names = ("headline", "star", "intervals", "areas", "coverage", "data_grade", "floors", "methodology")
    assert {name: same[name] for name in names} == {name: base[name] for name in names}
    assert other["difference"] == pytest.approx(other["headline"] - base["headline"], abs=1e-6)
    assert other["difference"] != 0
    assert other["methodology"] == {"version": OTHER, "sha256": load_sheet(OTHER).sha256}
    assert await company.call("GET", f"/v1/scores/{score}") == base
    await company.call("GET", f"/v1/scores/{score}/methodologies/sis-1999.1", 404)


@pytest.mark.usefixtures("folder")
async def test_anybody_may_read_the_sheets_and_the_document_to_the_byte(http: httpx.AsyncClient) -> None:
    listed = (await http.get("/v1/methodologies")).json()["data"]
    assert [(each["version"], each["current"]) for each in listed] == [(OTHER, False), ("sis-2026.1", True)]
    assert all(listed[0]["sheet"].values())
    one = (await http.get("/v1/methodologies/sis-2026.1")).json()
    raw = methodology.FILES.joinpath("sis-2026.1.json").read_bytes()
    assert one["document"].encode() == raw
    assert check(raw, one["signature"], {"keys": [one["key"]]})["kid"] == one["key"]["kid"]
    for name in ("sis-1999.1", "keys", "..%2Fmethodology%2Fkeys"):
        assert (await http.get(f"/v1/methodologies/{name}")).status_code == 404
