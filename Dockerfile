# One image for API, worker and migrations. A test runs its steps in a scratch folder, as they stand here.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements-build.lock requirements-runtime.lock pyproject.toml README.md ./
COPY src src
RUN python -m venv build && build/bin/pip install --require-hashes -r requirements-build.lock
RUN build/bin/hatchling build -t wheel:editable
RUN python -m venv .venv && .venv/bin/pip install --require-hashes -r requirements-runtime.lock
RUN .venv/bin/pip install --no-deps --no-index dist/*.whl

FROM python:3.11-slim
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY src src
COPY migrations migrations
COPY openapi openapi
COPY docs/problems docs/problems
COPY docs/integrators/rules.md docs/integrators/rules.md
COPY --chown=10001:10001 deploy/data data
USER 10001:10001
ENV PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD [".venv/bin/python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
ENTRYPOINT [".venv/bin/wm-api"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
