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
PROFILE ?= local
PORT ?= 8000
PEOPLE ?= 200
BIN := .venv/bin
UV := $(BIN)/uv --no-progress --quiet
COMPILE = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --no-header
LOCKS := locks/bootstrap.lock locks/run.lock locks/test.lock locks/bench.lock

.PHONY: help
help:  ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

.PHONY: venv
venv: .venv/installed  ## Make .venv from the locks (does nothing when it is up to date)

.venv/installed: pyproject.toml locks/bootstrap.lock locks/bench.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing (Debian: python3.11 python3.11-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.lock
	@$(UV) pip sync --require-hashes --compile-bytecode locks/bootstrap.lock locks/bench.lock
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: lock
lock: | .venv/bin/uv  ## Resolve locks/*.in again and write locks/*.lock
	@for name in bootstrap run test bench; do \
	  $(COMPILE) $(UPGRADE) locks/$$name.in --output-file locks/$$name.lock; \
	done

.venv/bin/uv: | locks/bootstrap.lock
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.lock
