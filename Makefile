# What people type. Needs only make and Python 3.11+ with venv; uv is brought along.
PYTHON ?= python3
BACKEND ?= sandbox
# One more than the usual two cores: many tests wait for daemons.
JOBS ?= 3

VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
PLUGINS := slurm moab usernames homedirs sandbox exec
DISTRIBUTIONS := hookspecs core $(addprefix builtin_plugins/,$(PLUGINS))
OURS := waldur-agent waldur-agent-hookspecs $(addprefix waldur-agent-,$(PLUGINS))
MANIFESTS := pyproject.toml $(addsuffix /pyproject.toml,$(DISTRIBUTIONS))
EDITABLE := $(patsubst %,-e %,$(subst core,core[emulator],$(DISTRIBUTIONS)))
PACKAGES := hookspecs/waldur_agent_hookspecs core/waldur_agent $(foreach p,$(PLUGINS),builtin_plugins/$(p)/waldur_agent_$(p))
SCRIPTS := $(wildcard conftest.py examples/demo)

# The interpreter is the machine's: what runs here is what an admin runs.
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test lint format docs services bench constraints clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# Where an environment forbids Python to keep bytecode, as many images do, each start would compile everything anew.
install: $(VENV)/.installed ## make .venv with everything in it, editable
	@$(BIN)/python -m compileall -q $(PACKAGES)

demo: install $(if $(filter slurm,$(BACKEND)),services) ## orders become accounts, in a terminal; BACKEND=sandbox or slurm
	$(BIN)/python examples/demo/run.py --backend $(BACKEND)

test: install services ## all tests, on real services; JOBS=3
	$(BIN)/pytest -n $(JOBS) --dist worksteal

lint: install ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES) tests $(SCRIPTS)
	set -e; for tests in $(wildcard $(addsuffix /tests,$(DISTRIBUTIONS))); do $(BIN)/mypy $$tests; done
	$(BIN)/lint-imports

format: install ## let ruff put the code into shape
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: install ## make the pages anew that are made from the code
	$(BIN)/waldur-agent schema --markdown > docs/configuration.md
	$(BIN)/python -m waldur_agent_hookspecs > docs/hooks.md
	$(BIN)/python -m waldur_agent_hookspecs.conformance > docs/conformance.md
	$(BIN)/python -m waldur_agent_exec schema > docs/exec-protocol.schema.json

services: install ## the programs that the tests run, from Debian's packages
	$(BIN)/python tests/services/install.py

bench: install services ## this agent beside waldur-site-agent in one run; 40 minutes, as the peer takes its time
	$(BIN)/python tests/benchmarks/side_by_side.py

constraints: $(UV) ## resolve constraints.txt anew, to the newest versions
	$(UV) pip compile --quiet --universal --python-version 3.11 --upgrade --all-extras --group dev \
	    --no-header --no-emit-index-url --no-annotate \
	    $(addprefix --no-emit-package ,$(OURS)) --output-file constraints.txt $(MANIFESTS)
	sed -i '1i # Versions that are known to work together, resolved by "make constraints".' constraints.txt

clean: ## remove everything that make made
	rm -rf $(VENV) .tools .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Python 3.11 or newer is needed; name it with: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'

$(VENV)/.installed: $(UV) constraints.txt $(MANIFESTS)
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -b constraints.txt --group dev $(EDITABLE)
	touch $@
