"""S06: no name or address can write a header of a mail: what holds a control character is refused, the rest is data."""

from random import Random

import httpx
import pytest

from companies import PASSWORD, Company, sign_up

pytestmark = pytest.mark.slow
COUNT = 1000
BREAKS = (
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\x0b",
    "\x0c",
    "\x1b",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "%0d%0aBcc:",
    "=?utf-8?q?=0D=0A?=",
)
HEADERS = (
    "Bcc: all@victim.test",
    "Subject: paid",
    "X-Spam: no",
    "\r\nGET / HTTP/1.1",
    "<x@y.test>",
    ",second@victim.test",
    "",
)
BASES = ("ann@example.test", "Ann Example", "a", "ann", "@example.test", '"ann"@example.test', "ann@[127.0.0.1]")


def hostile() -> list[str]:
    draw = Random(6)
    found = set[str]()
    while len(found) < COUNT:
        base, piece = draw.choice(BASES), draw.choice(BREAKS) + draw.choice(HEADERS)
        at = draw.randrange(len(base) + 1)
        found.add(base[:at] + piece * draw.choice([1, 1, 3]) + base[at:])
    return sorted(found)


def controlled(text: str) -> bool:
    """Whether a mail program could take a part of it for the end of a line, or of a text."""
    return any(sign < " " or "\x7f" <= sign <= "\x9f" or sign in "\u2028\u2029" for sign in text)


@pytest.fixture(scope="module")
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def test_s06_a_thousand_hostile_addresses_and_names_write_no_header(
    http: httpx.AsyncClient, company: Company
) -> None:
    kept = 0
    for number, text in enumerate(hostile()):
        owner = {"name": text, "email": f"s06-{number}@names.test", "password": PASSWORD}
        facts = {"country": "US", "us_hosting_acknowledged": True}
        bodies = [
            ("/v1/invitations", {"email": text, "roles": ["analyst"]}),
            ("/v1/accounts", {**facts, "name": "C", "owner": {**owner, "name": "O", "email": text}}),
        ]
        if controlled(text) or number % 25 == 0:  # a good one costs a hash of its password
            bodies.append(("/v1/accounts", {**facts, "name": text, "owner": {**owner, "name": "Olive"}}))
            bodies.append(("/v1/accounts", {**facts, "name": "C", "owner": owner}))
        for path, body in bodies:
            answer = await http.post(path, json=body, headers=company.headers if path == "/v1/invitations" else {})
            assert answer.status_code in {201, 409, 422}, (path, answer.text[:200])
            assert not (answer.status_code == 201 and controlled(text)), (path, text)
            assert not any(text and text in value for value in answer.headers.values() if len(text) > 3)
            kept += answer.status_code == 201
    assert kept > 0
    invited = (await company.call("GET", "/v1/invitations", params={"limit": "200"}))["data"]
    assert not any(controlled(each["email"]) or "," in each["email"] for each in invited)
