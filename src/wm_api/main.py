"""The application: routers, error handlers, middleware. Opens nothing at import."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from wm_api.accounts import router as accounts
from wm_api.accounts.auth import authenticate, note_exposed
from wm_api.accounts.roles import roles_with
from wm_api.benchmarks import router as benchmarks
from wm_api.benchmarks.contributed import router as contributed
from wm_api.core.logs import configure_logs
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.web import public
from wm_api.core.web.docs import install_docs
from wm_api.core.web.errors import install_errors
from wm_api.core.web.middleware import RequestContext
from wm_api.core.web.openapi import contract_document, contract_when_asked
from wm_api.core.web.openapi_operations import HEADERS
from wm_api.datasets import router as datasets
from wm_api.events import router as events
from wm_api.metrics import router as metrics
from wm_api.operations import router as operations
from wm_api.receipts import router as receipts
from wm_api.scores import methodology_router as methodologies
from wm_api.scores import router as scores
from wm_api.scores import simulation_router as simulations
from wm_api.scores.methodology import check_sheets
from wm_api.share_grants import router as share_grants

ROUTERS = (
    *share_grants.routers,  # first, because shared reads are the most frequent and routes are tried in turn
    public.router,
    *accounts.routers,
    *datasets.routers,
    operations.router,
    metrics.router,
    benchmarks.router,
    contributed.router,
    scores.router,
    simulations.router,
    methodologies.router,
    receipts.router,
    events.router,
)
OWN_HEADERS = tuple(HEADERS)
ASKED_HEADERS = (
    *("Authorization", "Content-Type", "Content-Encoding", "WM-Account", "Idempotency-Key", "If-Match"),
    *("If-None-Match", "Last-Event-ID", "Repr-Digest", "Upload-Offset", "Upload-Complete", "Upload-Length"),
)
"""What pages of the origins in WM_CORS_ORIGINS may read and send."""


def create_app(settings: Settings, resources: Resources | None = None) -> FastAPI:
    """With resources given (tests) nothing is opened; else they are opened at start and closed at the end."""
    check_sheets()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if resources is None:
                app.state.resources = await stack.enter_async_context(opened(settings))
            yield

    app = FastAPI(
        title="Working Metrics API",
        version=version("wm-api"),
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.resources, app.state.authenticate, app.state.roles_with = resources, authenticate, roles_with
    app.state.note_exposed = note_exposed
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    install_docs(app)
    install_errors(app)
    app.openapi = lambda: contract_document(app)  # type: ignore[method-assign]
    app.state.contract = contract_when_asked(app)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
            allow_headers=list(ASKED_HEADERS),
            expose_headers=list(OWN_HEADERS),
        )
    app.add_middleware(RequestContext, https=settings.public_url.startswith("https://"))
    return app


def application() -> FastAPI:
    """For uvicorn: settings from the environment."""
    configure_logs()
    return create_app(Settings())
