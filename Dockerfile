# API and worker from one image: `serve` or `worker`. Every step is a command that `make` runs elsewhere too.
FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.lock
COPY src src
COPY migrations migrations
COPY openapi openapi
RUN .venv/bin/pip install --no-deps --no-build-isolation --editable . && useradd --system wm
USER wm
EXPOSE 8080
ENTRYPOINT [".venv/bin/wm-api"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
