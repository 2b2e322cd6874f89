# 'make help' lists the targets.  Needs Python 3.11 or newer with venv, and nothing else.

PYTHON ?= python3

BIN  := .venv/bin
PIP  := $(BIN)/pip install -qq --disable-pip-version-check --no-input --root-user-action=ignore
RUN  := .venv/stamp-run
DEV  := .venv/stamp-dev
FUZZ_PYTHON ?= $(BIN)/python
FUZZ_S ?= 30
LOCK  = pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links $(LOCK_FLAGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run test lint bench fuzz docs audit lock help clean system-packages

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 28

run: $(RUN) ## start the library with an example register, http on this machine
	@$(BIN)/firtree demo --data var --unless-present
	@exec $(BIN)/firtree serve --data var

test: system-packages $(DEV) lint ## check everything but what takes minutes
	@$(BIN)/pytest -n 2 --dist worksteal -m "not long"

lint: $(DEV) ## check style, types, imports between parts, spelling
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy $(wildcard src tests benchmarks)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell

bench: $(DEV) ## measure side by side with peers
	@$(BIN)/python -m benchmarks

fuzz: $(DEV) ## fuzz each reader for FUZZ_S seconds (needs atheris, in .venv or FUZZ_PYTHON)
	@$(FUZZ_PYTHON) -c 'import atheris' 2>/dev/null || \
	  { echo "nothing is fuzzed: $(FUZZ_PYTHON) has no atheris (pip install atheris)"; exit 0; }; \
	set -e; for file in fuzz/*.py; do \
	  for target in $$($(FUZZ_PYTHON) -c \
	      "import runpy; print(*runpy.run_path('$$file')['TARGETS'])"); do \
	    echo "$$file $$target, $(FUZZ_S) s"; \
	    $(FUZZ_PYTHON) "$$file" "$$target" -max_total_time=$(FUZZ_S) \
	      -artifact_prefix=fuzz/ -verbosity=0; \
	  done; done

docs: $(DEV) ## check the documentation
	@$(BIN)/pytest tests/project -k docs

audit: $(DEV) ## ask whether a locked package has a known weakness (needs the network)
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements/run.txt

lock: ## write requirements/*.txt anew; LOCK_FLAGS=--upgrade takes newer versions
	@uv=$$(PATH="$(BIN):$$PATH" command -v uv) || \
	  { echo "make lock needs uv, on PATH or in .venv" >&2; exit 1; }; \
	"$$uv" $(LOCK) -o requirements/run.txt pyproject.toml && \
	"$$uv" $(LOCK) --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean: ## remove what was made, but not the data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find src tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || :

# Only a test machine that starts from nothing gets Debian packages, and only as root.
system-packages:
	@[ "$(CI)" = true ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0; \
	missing=; for name in strace chromium go:golang-go; do \
	  command -v $${name%%:*} >/dev/null || missing="$$missing $${name##*:}"; done; \
	[ -d /usr/share/gocode/src/golang.org/x/mod ] || \
	  missing="$$missing golang-golang-x-mod-dev"; \
	[ -n "$$missing" ] || exit 0; \
	echo "installing Debian packages:$$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq && \
	apt-get install -qq -y --no-install-recommends $$missing >/dev/null

.venv/stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "firtree needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "making .venv (once, about a minute) …"
	@$(PYTHON) -m venv .venv
	@touch $@

$(RUN): requirements/run.txt pyproject.toml | .venv/stamp-venv
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "adding the tools for development …"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@
