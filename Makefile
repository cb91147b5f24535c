# `make demo` and `make test` set everything up; nothing but Python >= 3.11 and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help install demo dev test check format lint types imports contract migrations openapi lock

help:  ## What there is to run
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed  ## Set the virtual environment up

demo: install  ## The main job, end to end, on a scratch installation
	$(BIN)/wm-api demo

dev: install  ## Everything in one process tree, with nothing configured
	$(BIN)/wm-api dev

test: install  ## The tests, on real embedded servers
	$(BIN)/pytest -q

check: format lint types imports contract migrations test  ## What CI runs

format: install
	$(BIN)/ruff format --check .

lint: install
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

contract: install
	$(BIN)/wm-api openapi --check

migrations: install
	$(BIN)/pytest -q tests/structure/test_migrations.py

openapi: install  ## Write openapi/v1.json
	$(BIN)/wm-api openapi

lock:  ## Pin every dependency with its hash
	uv pip compile pyproject.toml --group dev --generate-hashes --universal --no-emit-index-url --no-header -o requirements.lock
