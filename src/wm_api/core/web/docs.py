"""The page at /docs: Swagger UI with assets from here, started by a script of ours: no inline script is allowed."""

from importlib import resources
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

DOCS_CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    b" font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PATH = "/docs"
ASSETS = Path(fastapi_offline.__file__).parent / "static"
PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Working Metrics API</title>
<link rel="icon" href="{PATH}/assets/favicon.png">
<link rel="stylesheet" href="{PATH}/assets/swagger-ui.css">
<link rel="stylesheet" href="{PATH}/docs.css">
</head>
<body>
<div id="contract"><p class="waiting">The contract is also at <a href="/v1/openapi.json">/v1/openapi.json</a>.</p></div>
<script src="{PATH}/assets/swagger-ui-bundle.js"></script>
<script src="{PATH}/docs.js"></script>
</body>
</html>
"""
OWN = {"docs.js": "text/javascript", "docs.css": "text/css"}
CACHED = {"Cache-Control": "public, max-age=300"}


def is_docs(path: str) -> bool:
    return path == PATH or path.startswith(f"{PATH}/")


async def page(_: Request) -> Response:
    return HTMLResponse(PAGE, headers=CACHED)


async def own_asset(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    content = resources.files("wm_api.core.web").joinpath(f"assets/{name}").read_bytes()
    return Response(content, media_type=OWN[name], headers=CACHED)


def install_docs(app: FastAPI) -> None:
    """Routes beside the contract: a person's page, not a part of the API."""
    app.router.routes += [
        Route(PATH, page, methods=["GET"]),
        *(Route(f"{PATH}/{name}", own_asset, methods=["GET"]) for name in OWN),
        Mount(f"{PATH}/assets", StaticFiles(directory=ASSETS)),
    ]
