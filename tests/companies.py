"""Companies and files for tests, made through the contract."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx

from wm_api.records import employee_keys

PASSWORD = "gravel teapot 42 lantern"
SECRET = b"\x07" * 32
_numbers = itertools.count(1)
ALL_KEY_SCOPES = [
    "account:read", "datasets:read", "datasets:write", "datasets:delete", "operations:read", "metrics:read",
    "benchmarks:read", "scores:read", "shares:read", "shared:read", "events:read",
]  # fmt: skip


@dataclass
class Company:
    http: httpx.AsyncClient
    id: str
    email: str
    headers: dict[str, str]
    refresh_token: str
    user_id: str
    known: dict[str, Any] = field(default_factory=dict)

    async def call(self, method: str, path: str, status: int = 200, **parts: Any) -> Any:
        response = await self.http.request(method, path, headers={**self.headers, **parts.pop("headers", {})}, **parts)
        assert response.status_code == status, (method, path, response.status_code, response.text[:300])
        return response.json() if response.content else None

    async def push(self, text: str, status: int = 202, **parameters: str) -> Any:
        query = {"kind": "workforce", "as_of": "2025-12-31", **parameters}
        headers = {"Content-Type": "text/csv"}
        return await self.call("POST", "/v1/datasets", status, params=query, content=text.encode(), headers=headers)

    async def pushed_and_done(self, text: str, **parameters: str) -> Any:
        dataset = await self.push(text, 202, **parameters)
        for _ in range(4):  # a busy machine takes its time
            operation = await self.call("GET", f"/v1/operations/{dataset['operation_id']}", params={"wait": "20"})
            if operation["state"] not in {"queued", "running"}:
                break
        assert operation["state"] == "succeeded", operation
        return dataset


async def sign_up(http: httpx.AsyncClient) -> Company:
    number = next(_numbers)
    email = f"owner{number}@company{number}.test"
    body = {
        "name": f"Company {number}",
        "country": "US",
        "industry_scheme": "naics_2022",
        "industry_code": "311812",
        "owner": {"name": "Olive Owner", "email": email, "password": PASSWORD},
        "us_hosting_acknowledged": True,
    }
    made = await http.post("/v1/accounts", json=body)
    assert made.status_code == 201, made.text
    tokens = (await http.post("/v1/sessions", json={"email": email, "password": PASSWORD})).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return Company(http, made.json()["account"]["id"], email, headers, tokens["refresh_token"], tokens["user"]["id"])


HEADINGS = (
    "employee_key,hire_date,termination_date,termination_reason,base_rate,base_rate_unit,currency,schedule_type,gender,"
    "job_level,contract_type,promotions_in_window,variable_pay_12m,soc_code,base_rate_start"
)


def workforce(account_id: str, people: int = 300, secret: bytes = SECRET) -> str:
    """A file rich enough to be scored."""
    rows = [HEADINGS]
    for number in range(people):
        key = employee_keys.make(secret, account_id, "1", str(number))
        level, woman, left, new = 1 + number % 3, (number * 7 // 3) % 2, number % 8 == 0, number % 5 == 1
        rate = 20 + 10 * level + (number % 13) * 0.5 + (0 if woman else 1)
        cells = [
            key,
            f"2025-03-0{1 + number % 9}" if new else "2020-01-02",
            f"2025-0{5 + number % 4}-15" if left else "",
            "voluntary_quit" if left else "",
            f"{rate:.2f}",
            "hour",
            "USD",
            "full_time",
            "F" if woman else "M",
            str(level),
            "permanent" if number % 9 else "fixed_term",
            "1" if number % 11 == 0 and not left else "0",
            "500" if number % 3 else "0",
            "11-1021",
            f"{rate - 1.5:.2f}",
        ]
        rows.append(",".join(cells))
    return "\n".join(rows) + "\n"


def placed(file: str) -> str:
    """The file with entity and region: half of the people at AUS1 and a third at DAL1 in Texas, the others at LAX1."""
    heading, *rows = file.splitlines()
    sites = ("AUS1,US-TX", "AUS1,US-TX", "AUS1,US-TX", "DAL1,US-TX", "DAL1,US-TX", "LAX1,US-CA")
    lines = [f"{row},{sites[number % 6]}" for number, row in enumerate(rows)]
    return "\n".join([f"{heading},establishment_code,work_region", *lines]) + "\n"


def payroll(account_id: str, start: str, end: str, people: int = 300, rate: float = 30.0) -> str:
    """One pay run."""
    rows = ["employee_key,period_start,period_end,currency,pay_base,hours_regular,hours_overtime"]
    for number in range(people):
        key = employee_keys.make(SECRET, account_id, "1", str(number))
        rows.append(f"{key},{start},{end},USD,{80 * rate + number % 7},80,{number % 3}")
    return "\n".join(rows) + "\n"


async def published_score(company: Company) -> str:
    """Push, wait, publish. The score's id."""
    await company.pushed_and_done(workforce(company.id))
    score = (await company.call("GET", "/v1/scores"))["data"][0]
    await company.call("POST", f"/v1/scores/{score['id']}/publication")
    return str(score["id"])


async def active_grant(giver: Company, reader: Company, detail: str = "areas") -> str:
    body = {
        "grantee": {"account_id": reader.id},
        "detail": detail,
        "purpose": "lending",
        "expires_at": "2027-06-01T00:00:00Z",
    }
    grant = await giver.call("POST", "/v1/share-grants", 201, json=body)
    await reader.call("POST", f"/v1/share-grants/{grant['id']}/acceptance", json={})
    return str(grant["id"])


async def grant_token(reader: Company, grant_id: str) -> dict[str, str]:
    made = await reader.call("POST", f"/v1/share-grants/{grant_id}/tokens", 201)
    return {"Authorization": f"Bearer {made['token']}"}
