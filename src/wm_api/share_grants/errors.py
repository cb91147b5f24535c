"""Problems of sharing."""

from wm_api.core.problems import Problem


class GrantInactive(Problem):
    status, code, title = 403, "grant-inactive", "The share grant is not active"
    meaning, remedy = "It is pending, declined, given back, revoked or expired: see `state`.", "Ask the grantor."


class GranteeNotEligible(Problem):
    status, code, title = 422, "grantee-not-eligible", "This grantee cannot be designated"
    meaning, remedy = "It is your own account, or there is none of this id.", "Check the id, or grant to an e-mail."


class GrantExpiryTooLong(Problem):
    status, code, title = 422, "expiry-too-long", "The expiry is too far, or past"
    meaning, remedy = "A grant ends after 396 days at most.", "Choose an instant between now and the limit."
