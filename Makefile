PYTHON ?= python3
BIN := .venv/bin
# Two processes, each with its own servers; what is in one file stays together.
TOGETHER := -n 2 --dist loadfile
# What uses no database, or both of them whichever it runs on.
ON_ANY := tests/executor tests/credentials tests/cli/test_moving.py tests/cli/test_starting_together.py tests/test_operating_guide.py

.DEFAULT_GOAL := help
.PHONY: help run test check format schema bench clean tools peers

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp ## Start the server on http://127.0.0.1:8000, on chatgraph.db in this folder
	@$(BIN)/chatgraph serve

test: .venv/test.stamp ## Run the tests that need nothing but Python
	@$(BIN)/pytest $(TOGETHER)

check: .venv/check.stamp tools ## All that must hold: format, lint, types, imports, schema, every test on both databases
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/chatgraph schema | diff -u schema.graphql -
	$(BIN)/pytest $(TOGETHER) -m "tools or not tools"
	CHATGRAPH_TEST_DATABASE=postgresql $(BIN)/pytest $(TOGETHER) -m "tools or not tools" $(ON_ANY:%=--ignore=%)

format: .venv/check.stamp ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schema: .venv/run.stamp ## Print the schema into schema.graphql
	$(BIN)/chatgraph schema > schema.graphql

bench: .venv/test.stamp peers ## Measure speed beside handwritten code, Mercurius and vanilla Strawberry
	@$(BIN)/python -m tests.benchmarks

clean: ## Remove what was installed and what tools left behind; databases stay
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache tests/clients/node_modules tests/benchmarks/peers/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What the checks need beside Python: Node for the clients, Chromium for GraphiQL, Redis for shared rates, nginx before several servers.
tools: tests/clients/node_modules/.stamp
	@command -v chromium > /dev/null || $(call apt,chromium)
	@command -v redis-server > /dev/null || $(call apt,redis-server)
	@command -v nginx > /dev/null || $(call apt,nginx-light)

tests/clients/node_modules/.stamp: tests/clients/package-lock.json
	@command -v npm > /dev/null || $(call apt,nodejs npm)
	cd tests/clients && npm ci --no-audit --no-fund
	@touch $@

# The peers of the benchmarks that come from npm; without it they are left out, and the benchmarks say so.
peers:
	@command -v npm > /dev/null && $(MAKE) --no-print-directory tests/benchmarks/peers/node_modules/.stamp || true

tests/benchmarks/peers/node_modules/.stamp: tests/benchmarks/peers/package-lock.json
	cd tests/benchmarks/peers && npm ci --no-audit --no-fund
	@touch $@

apt = { apt-get update -qq && apt-get install -y -qq $(1); } || { echo "Install $(1) first: the checks need it." >&2; exit 1; }

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "chatgraph needs Python 3.11 or newer; make PYTHON=python3.12 names another." >&2; exit 1; }
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/test.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/run.stamp

.venv/check.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/run.stamp .venv/test.stamp
