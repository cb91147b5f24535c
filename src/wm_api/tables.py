"""All tables, for migrations and the catalogue test."""

from wm_api.accounts import models as accounts
from wm_api.benchmarks import models as benchmarks
from wm_api.benchmarks.contributed import models as contributed
from wm_api.core.database import Base
from wm_api.core.web import idempotency
from wm_api.datasets import models as datasets
from wm_api.editions import models as editions
from wm_api.events import models as events
from wm_api.metrics import models as metrics
from wm_api.operations import models as operations
from wm_api.receipts import models as receipts
from wm_api.scores import models as scores
from wm_api.share_grants import models as share_grants

MODULES = (
    *(accounts, benchmarks, contributed, datasets, editions, events, idempotency),
    *(metrics, operations, receipts, scores, share_grants),
)
metadata = Base.metadata
