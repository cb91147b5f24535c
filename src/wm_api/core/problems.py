"""Problems (RFC 9457): one class is one stable `code`. Raised; returned only where an event must survive it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """Where an input is wrong. Never the value."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None

    def public(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value is not None}


class Problem(Exception):  # noqa: N818 - the field's word is problem
    """What went wrong, for a program (`code`) and for a person (`title`, `detail`)."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Our fault"
    meaning: ClassVar[str] = "Something failed on our side. Nothing of the request was kept."
    remedy: ClassVar[str] = "Try again later; give the request id when you ask us."
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail or self.remedy
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members = members

    def document(self, base: str, request_id: str, instance: str | None = None) -> dict[str, object]:
        """The body of the answer; also kept as the error of an operation."""
        return {
            "type": f"{base}/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "request_id": request_id,
            "retryable": self.retryable,
            "errors": [error.public() for error in self.errors],
            **self.members,
        }


class NotFound(Problem):
    status, code, title = 404, "not-found", "Not found"
    meaning = "There is nothing here that this credential may see. What belongs to somebody else looks the same."
    remedy = "Check the id, and the account of the credential."


class MethodNotAllowed(Problem):
    status, code, title = 405, "method-not-allowed", "This method is not offered here"
    meaning, remedy = "The path exists, the method does not.", "Use one of the methods in the Allow header."


class NotAcceptable(Problem):
    status, code, title = 406, "not-acceptable", "This format is not offered"
    meaning, remedy = "The Accept header asks for a format that is not made here.", "Accept one of `supported`."


class MalformedRequest(Problem):
    status, code, title = 400, "malformed-request", "The request cannot be read"
    meaning = "The JSON is broken, has duplicate keys or is too deep, or a header has a wrong form."
    remedy = "Send well-formed UTF-8 JSON and headers as the contract says."


class TokenInUrl(Problem):
    status, code, title = 400, "token-in-url", "Tokens belong in the Authorization header"
    meaning = "An address is logged in many places, so a credential in it counts as exposed."
    remedy = "Send the token as a bearer token, and replace the one that was in the address."


class AccountRequired(Problem):
    status, code, title = 400, "account-required", "Say which account is meant"
    meaning = "You are a member of several accounts."
    remedy = "Send the header WM-Account with the id of the account."


class CursorInvalid(Problem):
    status, code, title = 400, "cursor-invalid", "The cursor cannot be used"
    meaning = "The cursor was changed, or belongs to another list, filter or account."
    remedy = "Begin again without a cursor."


class CursorExpired(Problem):
    status, code, title = 400, "cursor-expired", "The cursor is too old"
    meaning, remedy = "Cursors live 24 hours.", "Begin again without a cursor."


class AuthenticationRequired(Problem):
    status, code, title = 401, "authentication-required", "A credential is needed"
    meaning = "The request has no Authorization header."
    remedy = "Send Authorization: Bearer and an access token, API key or grant token."


class TokenMalformed(Problem):
    status, code, title = 401, "token-malformed", "The token cannot be used"
    meaning, remedy = "Its shape or checksum is wrong: a typing error, or cut.", "Copy the whole token again."


class TokenExpired(Problem):
    status, code, title = 401, "token-expired", "The token has expired"
    meaning, remedy = "Its time is over.", "Refresh the session, or make a new key or grant token."


class TokenInvalid(Problem):
    status, code, title = 401, "token-invalid", "The token cannot be used"
    meaning = "It is unknown, revoked, or made for another use."
    remedy = "Sign in again, or make a new key."


class InsufficientScope(Problem):
    status, code, title = 403, "insufficient-scope", "The credential may not do this"
    meaning = "An API key or grant token lacks a scope that the operation needs."
    remedy = "Use a key that has the scopes in `required_scopes`."


class InsufficientRole(Problem):
    status, code, title = 403, "insufficient-role", "Your roles do not allow this"
    meaning = "A person needs another role in this account."
    remedy = "Ask an owner or admin of the account for one of `required_roles`."


class PersonRequired(Problem):
    status, code, title = 403, "person-required", "Only a person may do this"
    meaning = "Machines can never publish, grant, invite or make keys."
    remedy = "Sign in as a person with the right role."


class AccountNotAllowed(Problem):
    status, code, title = 403, "account-not-allowed", "This account cannot be used"
    meaning, remedy = "You are not a member of it, or it does not exist.", "Check the header WM-Account."


class StateConflict(Problem):
    status, code, title = 409, "state-conflict", "Not possible in this state"
    meaning, remedy = "The object is in a state that does not allow this.", "Read the object again; see `state`."


class IdempotencyKeyInUse(Problem):
    status, code, title = 409, "idempotency-key-in-use", "The same key is being worked on"
    meaning, remedy = "A request with this Idempotency-Key has not ended yet.", "Repeat it after Retry-After."
    retryable = True


class SecretNotReplayable(Problem):
    status, code, title = 409, "secret-not-replayable", "The secret was shown once"
    meaning = "The first answer held a secret, which is stored as a hash only."
    remedy = "Delete what `existing` names and make another."


class Gone(Problem):
    status, code, title = 410, "gone", "No longer there"
    meaning, remedy = "It was deleted or withdrawn.", "See `receipt_id`, where there is one."


class LinkExpired(Problem):
    status, code, title = 410, "link-expired", "The link has been used or is too old"
    meaning, remedy = "Invitations and acceptance links work once, for 7 days.", "Ask for a new one."


class PreconditionFailed(Problem):
    status, code, title = 412, "precondition-failed", "It changed meanwhile"
    meaning, remedy = "If-Match names an older version.", "Read it again and decide again."


class ContentTooLarge(Problem):
    status, code, title = 413, "content-too-large", "The body is too large"
    meaning, remedy = "The body is over the `limit` in bytes.", "Send less, or use the upload in parts."


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported-media-type", "This media type is not read"
    meaning, remedy = "The Content-Type or Content-Encoding is not read here.", "Use one of `supported`."


class ValidationFailed(Problem):
    status, code, title = 422, "validation-failed", "The request is not valid"
    meaning, remedy = "Fields or parameters are missing or wrong; `errors` names each.", "Mend what `errors` names."


class UnknownParameter(Problem):
    status, code, title = 422, "unknown-parameter", "The request has a parameter that is not known"
    meaning, remedy = "Unknown parameters are never ignored.", "Use the parameters that `detail` lists."


class UnknownField(Problem):
    status, code, title = 422, "unknown-field", "The request has a field that is not known"
    meaning, remedy = "Unknown fields are never ignored.", "Use the fields that `errors` lists."


class IdempotencyKeyReused(Problem):
    status, code, title = 422, "idempotency-key-reused", "The key was used for another request"
    meaning = "Within 7 days this Idempotency-Key came with another path, query or body."
    remedy = "Use a new key for a new request."


class RateLimited(Problem):
    status, code, title = 429, "rate-limited", "Too many requests"
    meaning, remedy = "A limit was reached; `violated_policies` names it.", "Wait for Retry-After."
    retryable = True


class TemporarilyUnavailable(Problem):
    status, code, title = 503, "temporarily-unavailable", "Try again shortly"
    meaning = "The database, the store or a place to read the file is not free. Nothing was kept."
    remedy = "Repeat the request after Retry-After."
    retryable = True


class InternalError(Problem):
    """What nobody foresaw: the answer holds nothing but the request id."""


def problems_by_code() -> dict[str, type[Problem]]:
    """One class a code, sorted: the first that was declared speaks for those that share it."""
    found: dict[str, type[Problem]] = {}
    for problem in every_problem():
        found.setdefault(problem.code, problem)
    return dict(sorted(found.items()))


def every_problem() -> Iterator[type[Problem]]:
    """All problem classes that are loaded, each once."""
    waiting = list(Problem.__subclasses__())
    while waiting:
        problem = waiting.pop()
        waiting.extend(problem.__subclasses__())
        yield problem
