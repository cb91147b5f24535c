"""The clauses of the privacy policy, a closed list: every operation names the one that it serves."""

from collections.abc import Mapping
from enum import StrEnum


class Clause(StrEnum):
    """What the policy promises, in the order of its text."""

    ACCOUNT_FACTS = "account-facts"
    HASHED_RECORDS = "hashed-records"
    CUSTOMER_SOFTWARE = "customer-software"
    AUTOMATIC_MEASURES = "automatic-measures"
    DESIGNATED_COMPANIES = "designated-companies"
    AGGREGATES = "aggregates"
    DELETION = "deletion"
    SERVICE = "service"


MEANINGS: Mapping[Clause, str] = {
    Clause.ACCOUNT_FACTS: "Account holder, end users, company facts; you edit your own; hosted in the United States.",
    Clause.HASHED_RECORDS: "Keyed-hash ids, wages and benefits; never names, contacts or government numbers.",
    Clause.CUSTOMER_SOFTWARE: "Software at the customer captures content and sends it with a key of its own.",
    Clause.AUTOMATIC_MEASURES: "Measuring, comparing and scoring are automatic; nobody looks at content.",
    Clause.DESIGNATED_COMPANIES: "A score goes only to companies that representatives designate; no employee data.",
    Clause.AGGREGATES: "Statistics are published only as aggregates that identify nobody.",
    Clause.DELETION: "Content can be deleted at any time and is then no longer accessible.",
    Clause.SERVICE: "Holds no data of any account: health, public keys, problem pages, this contract.",
}
BY_TAG: Mapping[str, Clause] = {
    "service": Clause.SERVICE,
    "accounts": Clause.ACCOUNT_FACTS,
    "sessions": Clause.ACCOUNT_FACTS,
    "members": Clause.ACCOUNT_FACTS,
    "api-keys": Clause.CUSTOMER_SOFTWARE,
    "record-kinds": Clause.HASHED_RECORDS,
    "uploads": Clause.HASHED_RECORDS,
    "datasets": Clause.HASHED_RECORDS,
    "sources": Clause.HASHED_RECORDS,
    "operations": Clause.AUTOMATIC_MEASURES,
    "metrics": Clause.AUTOMATIC_MEASURES,
    "benchmarks": Clause.AGGREGATES,
    "scores": Clause.AUTOMATIC_MEASURES,
    "share-grants": Clause.DESIGNATED_COMPANIES,
    "shared": Clause.DESIGNATED_COMPANIES,
    "receipts": Clause.DELETION,
    "events": Clause.AUTOMATIC_MEASURES,
}
TAGS: Mapping[str, str] = {
    "service": "Health, public keys, problem pages and the contract itself.",
    "accounts": "The company, its facts, and the person who is signed in.",
    "sessions": "Sign in, refresh, sign out.",
    "members": "People of the account, their roles, and invitations.",
    "api-keys": "Credentials of machines: scoped, expiring, shown once.",
    "record-kinds": "What may be pushed: columns, types, ranges and codes.",
    "uploads": "Large files by parts, resumable.",
    "datasets": "Pushed extracts and the report of their check.",
    "sources": "Integrations: what each sends, how often, when it is due; what is missing in the calendar.",
    "operations": "Background work: poll, wait or follow.",
    "metrics": "What is measured, and the figures of a day.",
    "benchmarks": "Reference values that figures are compared with.",
    "scores": "The Social Impact Score, its explanation and its publication.",
    "share-grants": "Which company may see which score, in what detail, until when.",
    "shared": "What the holder of a grant token reads.",
    "receipts": "Signed proofs of deletions and grants.",
    "events": "The append-only log of the account.",
}
