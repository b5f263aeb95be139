# Everything a developer does. Needs Python 3.11 or newer (the pinned versions are tried on 3.11) with venv and pip.
# Each target sets up what it needs by itself; a second call finds the stamps and starts at once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
ORACLE := .venv-vectorbt
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip
INSTALL := install --quiet --constraint constraints.txt
WORKERS ?= 2
TESTS ?= tests src
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=20 --durations-min=1
DEMO_OUT ?= demo-out

.DEFAULT_GOAL := help
.PHONY: help setup environments kernels demo test test-recorded smoke check format bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/; s/[$$][$$]/$$/g' | expand -t 22

$(BIN)/python:
	@echo "creating $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Quaestor needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.stamp-base: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing quaestor"
	@$(PIP) $(INSTALL) hatchling
	@$(PIP) $(INSTALL) --no-build-isolation --editable '.[report]'
	@touch $@

$(VENV)/.stamp-train: $(VENV)/.stamp-base
	@echo "installing the libraries that train models"
	@$(PIP) $(INSTALL) --no-build-isolation --editable '.[report,train]'
	@touch $@

$(VENV)/.stamp-dev: $(VENV)/.stamp-base
	@echo "installing the tools for tests and checks"
	@$(PIP) $(INSTALL) --no-build-isolation --editable '.[test,check]'
	@touch $@

$(ORACLE)/.stamp: constraints-vectorbt.txt
	@echo "creating $(ORACLE), the environment of an independent oracle that the tests call"
	@test -x $(ORACLE)/bin/python || $(PYTHON) -m venv $(ORACLE)
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(ORACLE)/bin/python -m pip install --quiet --constraint constraints-vectorbt.txt vectorbt
	@touch $@

setup: $(VENV)/.stamp-base ## Install quaestor into .venv

environments: $(VENV)/.stamp-dev $(ORACLE)/.stamp

kernels: environments
	@$(BIN)/python -m tests.compile_kernels $(WORKERS)

demo: $(VENV)/.stamp-train ## Install, then trade the bundled sample: quality, backtests, paper replay, an AI run, report
	@$(BIN)/quaestor demo --out $(DEMO_OUT)
	@echo "To use quaestor in this shell: source $(BIN)/activate"

test: kernels ## Run the tests and doctests that need nothing beside the repository
	@$(PYTEST) --doctest-modules $(TESTS)

test-recorded: environments ## Run the tests on large recorded files, in $$QUAESTOR_SHARED/data or ../shared/data
	@$(BIN)/python -m tests.recorded.folder
	@$(BIN)/python -m tests.compile_kernels $(WORKERS)
	@$(PYTEST) tests/recorded

smoke: ## Install the base package for $$PYTHON into an environment of its own and run it on the sample
	@$(PYTHON) -c 'import sys; print("smoke test with Python", sys.version.split()[0])'
	@$(PYTHON) -m venv .venv-smoke
	@PIP_DISABLE_PIP_VERSION_CHECK=1 .venv-smoke/bin/python -m pip install --quiet --constraint constraints.txt .
	@.venv-smoke/bin/python -m tests.smoke
	@rm -rf .venv-smoke

check: $(VENV)/.stamp-dev ## Lint, format, types, import layers, links in the documentation, names of fields
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy src tests benchmarks
	@$(BIN)/lint-imports
	@$(BIN)/python docs/check_links.py
	@$(BIN)/python docs/check_fields.py

format: $(VENV)/.stamp-dev ## Format the sources and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.stamp-dev ## Run the benchmarks beside their peers
	@$(BIN)/python -m benchmarks

clean: ## Remove environments, caches and outputs
	rm -rf $(VENV) $(ORACLE) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist $(DEMO_OUT)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
