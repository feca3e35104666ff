# Everything a person or a machine does with this checkout.  Only Python 3.11 and make are needed: `make run`, `make test`.
# Stamps in .venv say what is installed, so that a warm call costs nothing.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
override DEMO := demo
ROWS ?= 491840
SEED ?= 2021
LOCK := --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --build-deps-for=editable

.DELETE_ON_ERROR:
.PHONY: help setup run test lint unit docs check-long bench bundle lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

# --- installing -------------------------------------------------------------------------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed: install it, or say where it is with PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed, $(PYTHON) is older: say PYTHON=/path/to/python3.11"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.base: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --only-binary :all: -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.base
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

# The peers ask for other versions than étanche does, so the benchmark has an environment of its own.
$(VENV)-bench/.bench: requirements-bench.txt pyproject.toml
	"$(PYTHON)" -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements-bench.txt
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check -q install --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.base ## Make .venv with étanche in it, every package pinned by its hash

# --- the main job -----------------------------------------------------------------------------------------------

# The stamp holds what the replica was made with, so that another ROWS or SEED makes another replica.
$(DEMO)/.replica-$(ROWS)-$(SEED): $(VENV)/.base
	@rm -rf $(DEMO)
	@mkdir -p $(DEMO)
	$(BIN)/etanche replica $(DEMO) --rows $(ROWS) --seed $(SEED)
	@touch $@

# Exit code 4 (done, but rows were set aside) is a success with a remark.
run: $(DEMO)/.replica-$(ROWS)-$(SEED) ## Make a synthetic twin of the 2021 leak, triage it, show the verdict (ROWS=20000 for a quick look)
	@$(BIN)/etanche triage $(DEMO)/leak.txt --case $(DEMO)/case --new --key-file $(DEMO)/key || test $$? -eq 4
	@echo "The report: $(DEMO)/case/report.html (open it in a browser; it asks nothing of the network)"

# --- checking ---------------------------------------------------------------------------------------------------

lint: $(VENV)/.dev ## ruff, mypy --strict, the house's import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/.dev ## The documentation as a site in site/, without a warning
	$(BIN)/mkdocs build --strict --site-dir site

unit: $(VENV)/.dev ## The tests alone, a file a processor
	$(BIN)/python -m pytest -n logical --dist loadfile

test: lint docs unit ## Set everything up; lint, documentation and tests

check-long: $(VENV)/.dev ## The tests that take minutes: the full replica, other seeds, 200 damages, 20 kills
	$(BIN)/python -m pytest -m long -ra --durations=10

bench: $(VENV)-bench/.bench ## étanche and its peers beside a plain scan of the same file, in one run (ROWS=…)
	$(VENV)-bench/bin/python bench/triage.py --rows $(ROWS)

bundle: docs ## All that a machine without a network needs to install étanche, in bundle/ (docs/how-to/install-offline.md)
	@rm -rf bundle
	$(BIN)/python scripts/bundle.py bundle --docs site

# --- upkeep -----------------------------------------------------------------------------------------------------

lock: ## Choose the newest versions that pyproject.toml allows, and pin them with their hashes
	"$(PYTHON)" -m venv .venv-lock && .venv-lock/bin/pip -q install pip-tools
	.venv-lock/bin/pip-compile $(LOCK) --upgrade -o requirements.txt pyproject.toml
	.venv-lock/bin/pip-compile $(LOCK) --upgrade --extra test --extra lint --extra docs -c requirements.txt -o requirements-dev.txt pyproject.toml
	.venv-lock/bin/pip-compile $(LOCK) --upgrade --extra bench -o requirements-bench.txt pyproject.toml

clean: ## Remove all that make made, the demonstration included
	rm -rf $(VENV) $(VENV)-bench .venv-lock $(DEMO) site build bundle *.egg-info src/*.egg-info .mypy_cache .ruff_cache .import_linter_cache
