"""Problems of accounts and credentials."""

from wm_api.core.problems import FieldError, Problem


class EmailInUse(Problem):
    status, code, title = 409, "email-in-use", "This e-mail address has a login already"
    meaning, remedy = "A user with this address exists.", "Sign in, or use another address."


class PasswordRefused(Problem):
    status, code, title = 422, "password-refused", "The password is not accepted"
    meaning = "It is under 12 or over 128 characters, or well known, or made of your own or the product's name."
    remedy = "Choose a longer one that nobody would guess; a few random words do well."


class LoginFailed(Problem):
    status, code, title = 401, "login-failed", "E-mail or password is wrong"
    meaning, remedy = "The answer is the same for an unknown address.", "Check both."


class SessionEnded(Problem):
    status, code, title = 401, "session-ended", "The session has ended"
    meaning = "It was signed out, its member was removed, or a spent refresh token came back."
    remedy = "Sign in again."


class TooManyAttempts(Problem):
    status, code, title = 429, "too-many-attempts", "Too many failed sign-ins"
    meaning, remedy = "10 failures in 15 minutes for this address and network.", "Wait for Retry-After."
    retryable = True


class LastOwner(Problem):
    status, code, title = 409, "last-owner", "The last owner stays"
    meaning, remedy = "An account has at least one owner.", "Make somebody else an owner first."


class AlreadyMember(Problem):
    status, code, title = 409, "already-member", "This person is a member already"
    meaning, remedy = "The address belongs to a member of the account.", "Change the roles of the member instead."


class TooManyKeys(Problem):
    status, code, title = 409, "too-many-keys", "Too many API keys"
    meaning, remedy = "An account has 50 living keys at most.", "Revoke one that is not used."


class ScopeNotAllowed(Problem):
    status, code, title = 422, "scope-not-allowed", "A scope cannot be given to this key"
    meaning = "Machines never manage people and keys, publish or grant; and no key has a scope its maker lacks."
    remedy = "Leave out the scopes that `scopes` names."


def expiry_between(days: int) -> FieldError:
    return FieldError("value-error", f"An instant after now, {days} days on at most.", pointer="/expires_at")


class ExpiryTooLong(Problem):
    status, code, title = 422, "expiry-too-long", "The expiry is too far, or past"
    meaning, remedy = "See `limit`, in days.", "Choose an instant between now and the limit."
