# Lianban: one command each. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Compiled bytecode makes a start two seconds faster: an environment that forbids it is overruled.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV
unexport PYTHONPATH

PYTHON ?= python3.11
# make up PROFILE=kafka PEOPLE=100000 PORT=8080; what is not given stands at the command's own default.
PROFILE ?= local
PEOPLE ?=
PORT ?=
# make test ONLY="tests/kernel -k calendar" WORKERS=0; make bench ARGS="--in-flight 32"
ONLY ?=
WORKERS ?= 2
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# The system's certificates where there are any: an office's network may have an authority of its own.
UV := $(BIN)/uv --no-progress --quiet $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),--system-certs)
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup --max-worker-restart 0
COMPILE = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --no-header

.PHONY: help
help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: venv
venv: .venv/installed  ## Make .venv from the locks (does nothing when it is up to date)

.venv/installed: pyproject.toml locks/bootstrap.lock locks/bench.lock
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "缺少 Python 3.11（或其 venv 组件）· Python 3.11 with venv is missing:" >&2; \
	  echo "  apt-get install python3.11 python3.11-venv      (or: make PYTHON=/path/to/python3.11 …)" >&2; exit 1; }
	@echo "Making .venv from the locks (about 15 s with packages at hand) …"
	@$(BIN)/python -c '' 2>/dev/null || { rm -rf .venv; $(PYTHON) -m venv .venv; }
	@test -x $(BIN)/uv || $(PIP) install --require-hashes -r locks/bootstrap.lock
	@$(UV) pip sync --require-hashes --compile-bytecode locks/bootstrap.lock locks/bench.lock
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: lock
lock: | .venv/bin/uv  ## Resolve locks/*.in again and write locks/*.lock (UPGRADE=--upgrade for newer ones)
	@for name in bootstrap run test bench; do \
	  $(COMPILE) $(UPGRADE) locks/$$name.in --output-file locks/$$name.lock; \
	done

.venv/bin/uv: | locks/bootstrap.lock
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r locks/bootstrap.lock

.PHONY: up
up: venv  ## Start everything here: make up [PROFILE=local|kafka] [PEOPLE=750] [PORT=8000]
	@exec $(BIN)/lianban up --profile $(PROFILE) $(if $(PEOPLE),--people $(PEOPLE)) $(if $(PORT),--port $(PORT))

.PHONY: test
test: venv  ## Every check and test, with real PostgreSQL, Kafka and Chromium
	@deploy/local/packages.sh java maven browser
	@$(MAKE) --no-print-directory lint
	@$(PYTEST) $(ONLY)

.PHONY: test-fast
test-fast: venv  ## The tests that need neither Kafka nor Chromium (a quarter of an hour on two cores)
	@$(PYTEST) -m 'not kafka and not browser and not slow' $(ONLY)

.PHONY: lint
lint: venv  ## Style, import order, and who may import whom
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }

.PHONY: format
format: venv  ## Put the code into its form
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

.PHONY: types
types: venv  ## mypy over everything
	@$(BIN)/mypy kernel contracts casework services gateway deploy

.PHONY: bench
bench: venv  ## Measure: cases per second and their times (see docs/performance.md)
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: clean
clean:  ## Remove .venv and caches; the data in .lianban/ stay
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
