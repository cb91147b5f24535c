"""What a grant shows, in one SELECT: the grant, what its grantee said, and the publications in its scope.

In SQL, because a shared read is what happens most often, and building a statement costs more than running it. Row
policies decide what the bound account may see at all; the conditions here narrow that to the one grant.
"""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID


class Visible(NamedTuple):
    """A row for each publication; one without a publication where there is none. No row: no grant."""

    grant_id: UUID
    grantor_id: UUID
    detail: str
    expires_at: datetime
    revoked_at: datetime | None
    answer: str | None
    first_read_at: datetime | None
    score_id: UUID | None
    as_of: date
    company: str
    document: dict[str, Any]
    published_at: datetime
    withdrawn_at: datetime | None


END = UUID(int=2**128 - 1)
"""Above every id: where a walk begins."""

_VISIBLE = """
SELECT g.id, g.account_id, g.detail, g.expires_at, g.revoked_at, a.answer, a.first_read_at,
  p.id, p.as_of, p.company, p.document, p.published_at, p.withdrawn_at
FROM share_grants g
LEFT JOIN grant_answers a ON a.grantor_id = g.account_id AND a.id = g.id
LEFT JOIN score_publications p ON p.account_id = g.account_id
  AND CASE g.scope ->> 'scores'
    WHEN 'all' THEN true
    WHEN 'listed' THEN g.scope -> 'score_ids' ? p.id::text
    WHEN 'latest' THEN NOT EXISTS (
      SELECT FROM score_publications later
      WHERE later.account_id = p.account_id AND later.withdrawn_at IS NULL
        AND (later.as_of, later.id) > (p.as_of, p.id))
    ELSE false END
"""
ONE_SCORE = _VISIBLE + "AND p.id = $2 WHERE g.id = $1"
"""Of a grant, a score. Also when it was withdrawn."""
SCORES = _VISIBLE + "AND p.withdrawn_at IS NULL AND p.id < $2 WHERE g.id = $1 ORDER BY p.id DESC LIMIT $3"
"""Of a grant, those before an id, at most so many."""

RECORD = """
INSERT INTO grant_reads
  (account_id, id, grantor_id, grant_id, reader_type, reader_id, action, score_id, status, network, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
FIRST_READ = """
UPDATE grant_answers SET first_read_at = $3 WHERE account_id = $1 AND id = $2 AND first_read_at IS NULL RETURNING id
"""
