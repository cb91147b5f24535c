"""Bodies of accounts, members, sessions, keys."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from wm_api.accounts.models import AccountState, InvitationState
from wm_api.accounts.roles import Role
from wm_api.core.principal import Scope
from wm_api.core.schemas import Acknowledged, Actor, Email, GivenInstant, Input, Instant, Output, Page, Text
from wm_api.records.iso_codes import COUNTRIES


def _a_country(value: str) -> str:
    if value not in COUNTRIES:
        raise ValueError("not a country of ISO 3166-1")
    return value


Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}$"),
    AfterValidator(_a_country),
    Field(description="ISO 3166-1, two letters.", examples=["US"], json_schema_extra={"enum": sorted(COUNTRIES)}),
]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$"), Field(examples=["US-TX"])]
MonthDay = Annotated[
    str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), Field(examples=["01-01"])
]
IndustryCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z.]{1,8}$"), Field(examples=["311812"])]
Sector = Annotated[
    Literal["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U"],
    Field(description="The section of ISIC 4 that you pick where the industry code reaches several (`sectors`)."),
]
Scheme = Literal["naics_2022", "naics_2017", "nace_2", "nace_2_1", "uk_sic_2007"]
SizeBand = Literal["1-49", "50-99", "100-249", "250-499", "500-999", "1000-4999", "5000+"]
Ownership = Literal["private", "public_company", "nonprofit", "government", "cooperative"]
Password = Annotated[str, StringConstraints(max_length=1024)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AccountFacts(Input):
    street: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None
    region: Region | None = None
    industry_scheme: Scheme | None = None
    industry_code: IndustryCode | None = None
    sector: Sector | None = None
    size_band: SizeBand | None = None
    ownership: Ownership | None = None
    fiscal_year_start: MonthDay | None = None


class OwnerCreate(Input):
    name: Text
    email: Email
    password: Password


class AccountCreate(AccountFacts):
    """Sign-up of a company with its first person."""

    name: Text
    country: Country
    owner: OwnerCreate
    us_hosting_acknowledged: Acknowledged = Field(description="The service is hosted in the United States.")


class AccountUpdate(AccountFacts):
    """A merge patch: what is left out stays, null empties."""

    name: Text | None = None
    country: Country | None = None


class Account(Output):
    id: UUID
    name: str
    street: str | None
    city: str | None
    postal_code: str | None
    country: str
    region: str | None
    industry_scheme: str | None
    industry_code: str | None
    sector: str | None = Field(description="The section of ISIC 4 that was picked; null: none was.")
    sectors: list[str] = Field(
        description="Sections that the industry code reaches. While there are several and none is picked, comparisons"
        " are with companies of all sectors, and say `sector ambiguous`."
    )
    size_band: str | None
    ownership: str | None
    fiscal_year_start: str | None
    employee_key_id: str | None = Field(description="Key id of the employee keys; set by the first accepted push.")
    state: AccountState
    created_at: Instant


class User(Output):
    id: UUID
    email: str
    name: str
    created_at: Instant


class SignedUp(Output):
    account: Account
    user: User


class Membership(Output):
    account_id: UUID
    account_name: str
    roles: list[Role]


class Me(Output):
    user: User
    memberships: list[Membership]


class SessionCreate(Input):
    email: Email
    password: Password


class SessionRefresh(Input):
    refresh_token: Token


class Tokens(Output):
    session_id: UUID
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.")
    refresh_token: str
    refresh_expires_at: Instant
    user: User
    memberships: list[Membership]


class Credential(Output):
    """All that a credential may know about itself."""

    type: Literal["user", "api_key", "grantee"]
    id: UUID | None
    account_id: UUID | None
    share_grant_id: UUID | None
    scopes: list[Scope]
    roles: list[Role]
    issued_at: Instant
    expires_at: Instant


class PasswordChange(Input):
    current_password: Password
    new_password: Password


class Member(Output):
    user_id: UUID
    email: str
    name: str
    roles: list[Role]
    joined_at: Instant
    last_seen_on: date | None


class MemberList(Page):
    data: list[Member]


Roles = Annotated[list[Role], Field(min_length=1, max_length=6)]


class MemberUpdate(Input):
    roles: Roles


class InvitationCreate(Input):
    email: Email
    roles: Roles


class Invitation(Output):
    id: UUID
    email: str
    roles: list[Role]
    state: InvitationState
    expires_at: Instant
    created_at: Instant
    created_by: Actor


class InvitationMade(Invitation):
    token: str = Field(description="Shown once; works once, for 7 days.")


class InvitationList(Page):
    data: list[Invitation]


class InvitationAcceptance(Input):
    token: Token
    name: Text | None = None
    password: Password | None = None


class Joined(Output):
    account: Account
    user: User
    roles: list[Role]


class ApiKeyCreate(Input):
    name: Text
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    expires_at: GivenInstant | None = None


class ApiKey(Output):
    id: UUID
    name: str
    scopes: list[Scope]
    hint: str = Field(description="The last 4 characters.")
    state: Literal["active", "revoked", "expired"]
    expires_at: Instant
    created_at: Instant
    created_by: Actor
    last_used_on: date | None


class ApiKeyMade(ApiKey):
    secret: str = Field(description="Shown once; only a hash is stored.")


class ApiKeyList(Page):
    data: list[ApiKey]
