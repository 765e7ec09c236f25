# Two commands do all the set-up: `make crawl` (a demo from site to query) and `make test`.
# They need Python 3.11+, make and a package index; pip's own configuration is honoured.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help crawl test lint bench lock clean
.DELETE_ON_ERROR:

help:
	@echo "make crawl   crawl a simulated document site into ./demo and show what was archived"
	@echo "make test    run the test suite"
	@echo "make lint    ruff and mypy"
	@echo "make bench   measure; prints one table (takes minutes)"
	@echo "make lock    choose the newest allowed dependencies again (needs uv)"

crawl: $(VENV)/.installed
	@$(BIN)/python -m docarchive.demo demo

test: $(VENV)/.installed
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not long" $(TESTS)

lint: $(VENV)/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.installed
	@$(BIN)/python -m bench

# The stamps make a second call quick: nothing is installed again until the lock or the project changes.
$(VENV)/.made:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/make-venv
	@touch $@

$(VENV)/.locked: requirements.lock $(VENV)/.made
	@echo "installing the locked dependencies into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock:
	echo "setuptools>=77" | uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
	  --upgrade --extra dev --no-emit-index-url --custom-compile-command "make lock" pyproject.toml - -o requirements.lock

clean:
	rm -rf $(VENV) demo build docarchive.egg-info .pytest_cache .mypy_cache .ruff_cache
