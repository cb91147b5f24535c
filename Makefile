# Nothing but Python >= 3.11 and make is needed: every target sets up what it uses.
# Another interpreter has a virtual environment of its own: make test PYTHON=python3.13
PYTHON ?= python3
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
UV ?= uv
PIP := $(BIN)/pip --disable-pip-version-check --quiet install

TESTS := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q
# Rewritten for their assertions, the tests take ten seconds of each process to compile: that is kept.

.DEFAULT_GOAL := help
.PHONY: help install demo dev test slow check format lint types imports contract migrations openapi capture-zipapp bench bench-shared bombs residue kills attacks load lock corpus bench-detectors bench-large bench-people bench-intake bench-scoring bench-metrics robustness population

help:  ## What there is to run
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed  ## Set the virtual environment up, everything pinned by hash

demo: install  ## The main job, end to end, on a scratch installation
	$(BIN)/wm-api demo

dev: install  ## Run everything in one process tree, with nothing configured
	$(BIN)/wm-api dev

test: install  ## The tests, on real embedded servers (minutes; more processes than cores, since tests wait for servers too)
	@$(BIN)/python -m compileall -q src  # tests start hundreds of processes, also where Python may write no bytecode
	$(TESTS) -n 4 --dist loadfile --no-loadscope-reorder --durations=15 -m "not slow"

slow: install  ## The tests that take minutes
	$(TESTS) -n 2 --dist loadfile --no-loadscope-reorder --durations=15 -m "slow and not measures"
	$(TESTS) --durations=15 -m "slow and measures"

check: format lint types imports contract test slow demo  ## All that CI runs

format: install  ## Is every file formatted?
	$(BIN)/ruff format --check .

lint: install  ## ruff, every rule
	$(BIN)/ruff check .

types: install  ## mypy, strict
	$(BIN)/mypy

imports: install  ## Do imports go down only?
	$(BIN)/lint-imports

contract: install  ## Is openapi/v1.json what the application says?
	$(BIN)/wm-api openapi --check
	$(BIN)/python tools/contract/lint.py openapi/v1.json

corpus: install  ## Personal data in every place, refused; honest files, accepted (minutes)
	PYTHONPATH=tests $(BIN)/python tools/refusal_recall.py

migrations: install  ## Up, down and up again, and no difference to the models (a part of test)
	$(BIN)/pytest -q tests/structure/test_migrations.py

openapi: install  ## Write openapi/v1.json and docs/problems
	$(BIN)/wm-api openapi

capture-zipapp: install  ## The capture agent in one file, dist/wm-capture.pyz, without the server
	$(BIN)/python tools/capture_zipapp.py

bench: install  ## Push to metrics: 2.6 million rows of payroll, beside a floor (bench/README.md)
	$(PIP) --require-hashes --no-deps -r requirements-bench.lock
	$(BIN)/python bench/push_to_metrics.py

bench-large: install  ## One file of nearly 5 GiB over HTTP: peaks of API, worker and child beside those of 2.6 million rows
	$(BIN)/python bench/push_large.py

bench-people: install  ## Workforce alone of 100,000 and of a million people: peaks of API, worker and child
	$(BIN)/python bench/push_people.py

bench-intake: install  ## Rows a second and memory of the intake, 2.6 and 26 million rows, beside duckdb
	$(PIP) --require-hashes --no-deps -r requirements-bench.lock
	$(BIN)/python bench/intake.py

bench-metrics: install  ## All metrics of 200,000 people and 26 pay runs, beside the same statistics in duckdb
	$(PIP) --require-hashes --no-deps -r requirements-bench.lock
	$(BIN)/python bench/metrics.py

bench-scoring: install  ## Scoring 1,000 and 10,000 companies and one release over them: time, memory and how they grow
	$(BIN)/python bench/scoring.py

bench-detectors: install  ## Values a second of the refusal detectors, beside a floor
	$(BIN)/python bench/detectors.py

bench-shared: install  ## Shared reads a second, beside a bare endpoint (bench/README.md)
	PYTHONPATH=tests $(BIN)/python bench/shared_read.py --profile

bombs: install  ## Some eighty files that would cost much: each a clear refusal
	$(BIN)/pytest -q tests/bombs

residue: install  ## 500 refused files, by every way: no byte of them is found anywhere
	WM_TEST_SCALE=50 $(BIN)/pytest -q -s tests/journeys/test_residue.py

kills: install  ## 200 random kills of every part while files are pushed
	WM_TEST_SCALE=50 $(BIN)/pytest -q -s tests/faults/test_random_kills.py

attacks: install  ## The attack suite A1 to A15 on contributed benchmarks, each beside a naive release (minutes)
	WM_TEST_SCALE=50 $(BIN)/pytest -q tests/attacks

robustness: install  ## Robustness report of the methodology over 600 companies that are made up (docs/methodology)
	$(BIN)/python -m tools.robustness --out docs/methodology/robustness

POPULATION ?= .population
population: install  ## 600 made-up companies push records, are scored and released: utility and robustness reports (an hour)
	$(BIN)/python -m tools.population --folder $(POPULATION) --out docs/methodology/population

load: install  ## 50 integrators push 20 files each at once (bench/README.md)
	$(BIN)/python bench/integrators.py

PINNED := $(UV) pip compile pyproject.toml --generate-hashes --universal --no-emit-index-url --no-header --quiet

lock:  ## Pin every dependency with its hash; UV names the uv to use
	$(PINNED) --group dev -o requirements.lock
	$(PINNED) --constraints requirements.lock -o requirements-runtime.lock
	$(UV) pip compile --group build --constraints requirements.lock --generate-hashes --universal --no-emit-index-url --no-header --quiet -o requirements-build.lock
	$(UV) pip compile --group bench --constraints requirements.lock --generate-hashes --universal --no-emit-index-url --no-header --quiet -o requirements-bench.lock
