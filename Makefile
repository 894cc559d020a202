# Everything that one does with a checkout. `make demo` and `make test` need Python 3.11 or newer; the rest they install.

DEMO_PORT     ?= 5000
DEMO_VLE_PORT ?= 5001
BIN           := .venv/bin
PYTEST         = TMPDIR=$$(config/make/scratch.sh) $(BIN)/python -m pytest
ELSEWHERE     := openedx
# A test whose browser died under it (Chromium hangs once in some hundreds of starts) has its say once more.
ONCE_MORE     := --reruns 1 --only-rerun "browser has been closed"

export DEMO_PORT DEMO_VLE_PORT

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check lint bench test-peers docs

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

demo: ## Run Grand Round inside a pretend VLE on this machine; Ctrl-C stops both
	@config/make/install.sh
	@exec $(BIN)/lti-tool demo

demo-reset: ## Throw away what was written in the demo
	@if [ -x $(BIN)/lti-tool ]; then $(BIN)/lti-tool demo --reset; else rm -rf var/demo; fi

test: ## Install all that the tests need, and run every test
	@config/make/system.sh
	@config/make/install.sh test lint
	$(PYTEST) -n 2 -m "not browser and not kill and not $(ELSEWHERE)"
	$(PYTEST) -n 2 $(ONCE_MORE) -m "browser and not kill and not $(ELSEWHERE)"
	$(PYTEST) -m "kill and not $(ELSEWHERE)"

check: ## The quick tests: units, rooms together on SQLite, the house itself
	@config/make/install.sh test lint
	$(PYTEST) -n 2 -m "not browser and not kill and not $(ELSEWHERE) and not postgres" tests/unit tests/integration tests/house

lint: ## What must hold before a commit
	@config/make/install.sh test lint
	$(BIN)/ruff check --config config/ruff.toml .
	$(BIN)/ruff format --config config/ruff.toml --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg --no-cache
	$(BIN)/djlint --configuration config/djlint.toml --lint templates

bench: ## Measure launches against other tools, and this disk; see docs/figures.md
	@config/make/install.sh test
	$(BIN)/python -m tests.benchmarks.commits
	$(BIN)/python -m tests.benchmarks.pages
	$(BIN)/python -m tests.benchmarks.scale --posts 10000 30000
	$(BIN)/python -m tests.benchmarks.feeds
	$(BIN)/python -m tests.benchmarks.roster
	$(BIN)/python -m tests.benchmarks.seed
	$(BIN)/python -m tests.benchmarks.launches

test-peers: ## Launch from Open edX's own consumer, which is installed apart
	@config/make/install.sh test lint
	$(PYTEST) -m "$(ELSEWHERE)" tests/conformance/peers

docs: ## Take the pictures of the guides again
	@config/make/system.sh
	@config/make/install.sh test
	$(BIN)/python -m tests.browser.pictures
