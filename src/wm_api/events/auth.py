"""Who may read the log."""

from typing import Annotated

from fastapi import Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.web.auth import require

EventReader = Annotated[Principal, Security(require, scopes=[Scope.EVENTS_READ])]
