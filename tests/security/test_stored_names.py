"""S29: what a caller says names nothing that is stored: names of objects and keys are made here."""

import httpx

from companies import HEADINGS, sign_up, workforce
from wm_api.dev import Installation

MARK = "zqxname"
FILE = {"Content-Type": "text/csv"}


def names(installation: Installation) -> set[str]:
    """Paths in both stores, in lower case."""
    folders = (installation.folder / "objects", installation.folder / "keys")
    return {str(path.relative_to(folder)).lower() for folder in folders for path in folder.rglob("*")}


async def test_s29_no_text_of_a_caller_is_in_the_name_of_an_object_or_key(
    http: httpx.AsyncClient, installation: Installation
) -> None:
    company, before = await sign_up(http), names(installation)
    query = {"kind": "workforce", "as_of": "2025-12-31", "external_ref": f"{MARK}-reference"}
    query |= {"source": f"{MARK}-source", "mapping_version": f"{MARK}-mapping"}
    content = workforce(company.id, 20)
    await company.call("POST", "/v1/sources", 201, json={"name": query["source"], "kind": "workforce"})
    headers = {**FILE, "Idempotency-Key": f"{MARK}-key"}
    await company.call("POST", "/v1/datasets", 202, params=query, content=content.encode(), headers=headers)
    spoilt = content.replace("job_level", f"{MARK}_heading", 1).encode()
    await company.call(
        "POST", "/v1/datasets", 422, params=query | {"as_of": "2025-11-30"}, content=spoilt, headers=FILE
    )
    upload = {**FILE, "Upload-Length": f"{len(content)}", "Upload-Complete": "?0", "Idempotency-Key": f"{MARK}-up"}
    made = await company.call("POST", "/v1/uploads", 201, headers=upload)
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    await company.call("PATCH", f"/v1/uploads/{made['id']}", headers=part, content=content.encode())
    new = names(installation) - before
    assert len(new) >= 4  # keys and objects of the file and of the upload
    said = {MARK, *HEADINGS.split(",")}
    assert [name for name in new if any(text in name for text in said)] == []
