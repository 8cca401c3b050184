# `make demo` and `make test` need Python 3.11 or newer, and nothing else. Nothing is installed again
# while pyproject.toml stays as it is.

VENV := .venv
BIN := $(VENV)/bin
LOCAL := $(VENV)/.installed-local
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# One worker more than there are processors: much of the time is spent waiting for tasks and load balancers.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1 )))
PYTEST_FLAGS ?= -n $(WORKERS)

# A Python that is new enough; PYTHON=... names another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$p; break; }; done)

.PHONY: help demo test lint bench docs picture clean

help:
	@echo "make demo   run the voting application on this machine: no account, no container engine"
	@echo "make test   run every test"
	@echo "make lint   ruff, mypy and the house rules"
	@echo "make bench  measure start-up, memory, calls and times"
	@echo "make docs   write the references in docs/ anew: commands, manifests, coverage"
	@echo "make picture  run the voting application and draw docs/demo.svg anew"
	@echo "make clean  stop the demo's local cloud and remove what was made here"

demo: $(LOCAL)
	@$(BIN)/python scripts/demo.py

test: $(DEV)
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_house.py

bench: $(DEV)
	$(BIN)/python -m benchmarks

docs: $(DEV)
	$(BIN)/python scripts/command_reference.py docs/commands.md
	$(BIN)/python scripts/manifest_reference.py docs/manifest.md
	$(BIN)/python scripts/coverage_reference.py docs/coverage.md

picture: $(LOCAL)
	$(BIN)/python scripts/record_demo.py

clean:
	-@test ! -x $(BIN)/copilot || (cd examples/vote && ../../$(BIN)/copilot local stop)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What the tests need includes what the demo needs.
$(LOCAL): pyproject.toml | $(BIN)/python
	@test $(DEV) -nt pyproject.toml || $(PIP) --editable '.[local]'
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@$(PIP) --editable '.[dev]'
	@touch $@
