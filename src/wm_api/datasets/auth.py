"""Who may read, push and delete datasets."""

from typing import Annotated

from fastapi import Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.web.auth import require

DatasetReader = Annotated[Principal, Security(require, scopes=[Scope.DATASETS_READ])]
DatasetWriter = Annotated[Principal, Security(require, scopes=[Scope.DATASETS_WRITE])]
DatasetDeleter = Annotated[Principal, Security(require, scopes=[Scope.DATASETS_DELETE])]
