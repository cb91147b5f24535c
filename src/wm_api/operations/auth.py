"""Who may look at operations, and cancel them."""

from typing import Annotated

from fastapi import Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.web.auth import require

OperationReader = Annotated[Principal, Security(require, scopes=[Scope.OPERATIONS_READ])]
OperationCanceler = Annotated[Principal, Security(require, scopes=[Scope.DATASETS_WRITE])]
