"""The two companies of the demo, as clients of the public contract."""

from typing import Any

import httpx

PASSWORD = "gravel teapot 42 lantern"  # noqa: S105 - of a scratch installation
BUNDLED = {
    "name": "Lone Star Foods",
    "country": "US",
    "industry_scheme": "naics_2022",
    "industry_code": "311812",
    "size_band": "1000-4999",
    "ownership": "private",
}
READER = {"name": "Prairie Lending", "country": "US"}


class StepFailed(Exception):  # noqa: N818 - named for what is wrong
    """A step was not as it should be."""


def expect(response: httpx.Response, status: int, code: str | None = None) -> Any:
    """The body of the answer that a step must get. Raises StepFailed."""
    body = response.json() if response.content else {}
    found = body.get("code") if isinstance(body, dict) else None
    if response.status_code != status or (code is not None and found != code):
        wanted = f"{status} {code or ''}".strip()
        raise StepFailed(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {found or ''}, not {wanted}"
        )
    return body


class Company:
    """A signed-up company with its owner's session."""

    def __init__(self, http: httpx.Client, facts: dict[str, str]) -> None:
        address = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in facts["name"].lower())
        owner = {"name": "Demo Owner", "email": f"owner@{address.strip('-')}.example", "password": PASSWORD}
        body = {**facts, "owner": owner, "us_hosting_acknowledged": True}
        self.http, self.name = http, facts["name"]
        self.id: str = expect(http.post("/v1/accounts", json=body), 201)["account"]["id"]
        sign_in = {"email": owner["email"], "password": PASSWORD}
        tokens = expect(http.post("/v1/sessions", json=sign_in), 201)
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def call(self, method: str, path: str, status: int = 200, code: str | None = None, **parts: Any) -> Any:
        return expect(self.http.request(method, path, headers=self.headers, **parts), status, code)
