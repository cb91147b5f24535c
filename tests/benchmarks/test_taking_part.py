"""An owner says whether the account takes part in contributed benchmarks; nobody else does, and no machine."""

import httpx

from companies import sign_up

PATH = "/v1/account/contribution"


async def test_nobody_takes_part_who_has_not_said_so_and_an_exit_is_one_call(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    assert await company.call("GET", PATH) == {"taking_part": False, "admitted": False, "changed_at": None}
    agreed = await company.call("PUT", PATH, json={"taking_part": True})
    assert agreed["taking_part"] is True
    assert await company.call("PUT", PATH, json={"taking_part": True}) == agreed  # said again, nothing changes
    left = await company.call("PUT", PATH, json={"taking_part": False})
    assert left["taking_part"] is False
    assert left["changed_at"] > agreed["changed_at"]
    events = await company.call("GET", "/v1/events", params={"type": "account.contribution_changed"})
    assert [event["state"] for event in events["data"]] == ["taking_part", "not_taking_part"]


async def test_a_machine_cannot_agree_and_a_stale_page_does_not_win(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["account:read"]})
    machine = {"Authorization": f"Bearer {key['secret']}"}
    refused = await http.put(PATH, json={"taking_part": True}, headers=machine)
    assert (refused.status_code, refused.json()["code"]) == (403, "person-required")
    seen = (await http.get(PATH, headers=company.headers)).headers["ETag"]
    await company.call("PUT", PATH, json={"taking_part": True}, headers={"If-Match": seen})
    stale = await company.call("PUT", PATH, 412, json={"taking_part": False}, headers={"If-Match": seen})
    assert stale["code"] == "precondition-failed"
