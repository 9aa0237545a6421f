# Everything is done in .venv; nothing outside this folder is touched.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.installed
DEV := .venv/.installed-dev
# Once for all processes: each would compile for itself otherwise, and a plan's time would pass with it.
COMPILE := from geo.cli.warm import compile_all; compile_all()
# In the order of their names: the browser's, which take longest, begin at once.
SPREAD := -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run test test-all check format bench sample screenshots clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN)  ## set up, build the sample county, and open the app on localhost
	$(BIN)/crossroads warm
	$(BIN)/streamlit run app.py

test: $(DEV)  ## set up and run the tests
	$(BIN)/python -c '$(COMPILE)'
	$(BIN)/python -m pytest $(SPREAD)

test-all: $(DEV)  ## the tests and the slow sweeps
	$(BIN)/python -c '$(COMPILE)'
	$(BIN)/python -m pytest $(SPREAD) -m ""

check: $(DEV)  ## lint, types, layers, README and docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

format: $(DEV)  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench:  ## measure beside OSRM, Valhalla, SciPy, spopt (they need Python 3.12 or newer)
	@bash tests/bench/run.sh

sample: $(RUN)  ## make the fictional county anew
	$(BIN)/python -m geo.region.sample

screenshots: $(DEV)  ## take the README's pictures anew (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots

clean:  ## delete the environments and every cache
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUN): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Crossroads needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@echo "Setting up, once; this takes some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEV): $(RUN)
	$(BIN)/python -c '$(COMPILE)' >/dev/null 2>&1 & \
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,auth,postgres]' && wait
	@touch $@
