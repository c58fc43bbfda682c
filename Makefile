# What people type. Needs only make and Python 3.11+ with venv; uv is brought along.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
MEMBERS := -e hookspecs -e core[emulator] $(foreach p,slurm moab usernames homedirs sandbox,-e builtin_plugins/$(p))

.PHONY: install
install: $(VENV)/.installed

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'

$(VENV)/.installed: $(UV) constraints.txt pyproject.toml hookspecs/pyproject.toml core/pyproject.toml $(wildcard builtin_plugins/*/pyproject.toml)
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python -c constraints.txt --group dev $(MEMBERS)
	touch $@
