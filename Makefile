# `make help` lists what can be done. Only Python 3.11+ and make are needed.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
STATE ?= state
export FOREPOST_STATE := $(STATE)
BENCH_NAMES ?= all --freeze

.DEFAULT_GOAL := help
.PHONY: help env demo test check bench bench-names proto serve lock

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: .venv/ready ## create .venv from requirements.lock, development certificates and compiled kernels

.venv/ready: requirements.lock pyproject.toml proto/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Forepost needs Python 3.11 or later: make PYTHON=python3.11 env")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps -e proto -e .
	$(BIN)/forepost certs create --out $(STATE)/certs
	$(BIN)/python -c "from watchlists.warm import warm; warm()"
	touch $@

demo: env ## simulated flights over real gRPC with a live table; DEMO="--seconds 30" limits it
	$(BIN)/forepost demo $(DEMO)

test: env ## the whole test suite
	$(BIN)/pytest -n 2 --dist loadfile $(TEST)

check: env ## lint, format, types, layers, generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python proto/check.py

bench: env ## measure the ids of the design's targets as JSON; BENCH="traveller --quick" selects
	$(BIN)/forepost bench $(BENCH)

bench-names: env .venv-bench/ready ## names beside nomenklatura, rapidfuzz and jellyfish; BENCH_NAMES="quality --quick" selects
	.venv-bench/bin/python -m benchmarks.names $(BENCH_NAMES)

.venv-bench/ready: requirements-bench.lock
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	$(BIN)/uv pip install --quiet --python .venv-bench/bin/python --require-hashes -r requirements-bench.lock
	$(BIN)/uv pip install --quiet --python .venv-bench/bin/python --no-build-isolation --no-deps -e proto -e .
	touch $@

proto: env ## regenerate the code committed beside the .proto files
	$(BIN)/python proto/generate.py

serve: env ## start the server on the development certificates
	$(BIN)/forepost serve $(SERVE)

lock: ## renew requirements.lock from pyproject.toml, and requirements-bench.lock with the peers of the name benchmark
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --all-extras \
	  --no-emit-package forepost-client --python-version 3.11 pyproject.toml proto/pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --constraint requirements.lock \
	  --no-emit-package forepost-client --python-version 3.11 pyproject.toml proto/pyproject.toml requirements-bench.in \
	  -o requirements-bench.lock
