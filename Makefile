# Works with the make of macOS (3.81) too.

# `make test VENV=.venv-3.13 PYTHON=python3.13` tests on another Python beside the usual one.
VENV ?= .venv
PY := $(VENV)/bin/python
UV ?= uv
SAM ?= sam
export PYTHONPATH := layers/passerelle:.
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A stamp says which requirements are installed; it is worth nothing when the interpreter behind it is gone.
STALE := $(if $(shell $(PY) -c 'print(1)' 2>/dev/null),,stale)

# Where there is no SAM CLI, this folder gets one of its own.
SAM_THERE := $(if $(shell command -v $(SAM) 2>/dev/null),,own-sam)
SAM_FOUND := $(if $(SAM_THERE),.venv-sam/bin/sam,$(SAM))

.PHONY: help run deploy deploy-firewall own-sam stand-ins sam-local sam-needs test test-browser test-sam-local conformance check bench bench-peers bench-instructions bench-memory bench-docs build lock clean stale

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/run.stamp ## Start everything on this machine; Ctrl-C stops it
	@exec $(PY) -m local

deploy: $(VENV)/run.stamp $(SAM_THERE) ## Deploy to AWS; asks what for the first time (STACK=passerelle)
	@SAM="$(SAM)" $(PY) -m cli deploy --stack "$(or $(STACK),passerelle)" $(DEPLOY_OPTIONS)

deploy-firewall: $(VENV)/run.stamp $(SAM_THERE) ## Put CloudFront with a firewall in front of STACK
	@SAM="$(SAM)" $(PY) -m cli firewall --stack "$(or $(STACK),passerelle)"

stand-ins: $(VENV)/run.stamp ## Start all but the app, for sam local; BIND=172.17.0.1 for its containers
	@exec $(PY) -m local --stand-ins-only --bind $(or $(BIND),127.0.0.1)

sam-local: $(VENV)/run.stamp sam-needs $(SAM_THERE) ## Start everything, with the app in containers; takes Docker
	@exec $(PY) -m local --under-sam $(SAM_FOUND) --bind "$(BIND)"

sam-needs:
	@$(PY) -m local.sam

test: $(VENV)/dev.stamp ## Run the tests that need no browser
	@$(PY) -m pytest -q -n 4 --dist loadfile -m "not browser"

test-browser: $(VENV)/dev.stamp ## Run the tests in a real Chromium (CHROMIUM=PATH names one)
	@[ -n "$(CHROMIUM)" ] || command -v chromium >/dev/null || $(PY) -m playwright install chromium
	@$(PY) -m pytest -q -m browser

test-sam-local: $(VENV)/dev.stamp sam-needs $(SAM_THERE) ## Run the journey with the app in containers; takes Docker
	@$(PY) -m pytest -q --sam $(SAM_FOUND) $(or $(TESTS),tests/e2e)

conformance: $(VENV)/dev.stamp ## List the OpenID Foundation's relying-party tests, and what came of each
	@$(PY) -m tests.conformance

check: $(VENV)/dev.stamp ## Lint, types, template, architecture
	$(PY) -m ruff check --extend-exclude .aws-sam .
	$(PY) -m ruff format --check --extend-exclude .aws-sam .
	$(PY) -m mypy
	$(VENV)/bin/cfn-lint template.yaml deploy/kept.yaml examples/*/template.yaml
	$(VENV)/bin/cfn-lint --regions us-east-1 --template deploy/firewall.yaml
	$(PY) -m pytest -q tests/architecture

bench: $(VENV)/dev.stamp ## Measure
	@$(PY) -m tests.bench

bench-peers: $(VENV)/dev.stamp ## Measure beside Auth.js and Logto's Mailgun connector; takes Node.js
	@$(PY) -m tests.bench.beside

bench-instructions: $(VENV)/dev.stamp ## Count instructions against the figures kept; takes valgrind
	@$(PY) -m tests.bench.instructions $(BENCH_OPTIONS)

bench-memory: $(VENV)/dev.stamp ## Measure at the processor shares of several memory sizes
	@$(PY) -m tests.bench.memory

bench-docs: $(VENV)/dev.stamp ## Write the newest results into docs/performance.md
	@$(PY) -m tests.bench.document

build: $(SAM_THERE) ## Build for deployment, for both processors
	env -u PYTHONPATH $(SAM_FOUND) build

own-sam:
	@$(MAKE) -s VENV=.venv-sam .venv-sam/sam.stamp

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
  --custom-compile-command "make lock" $(LOCK_OPTIONS)

lock: ## Pin all requirements (make lock LOCK_OPTIONS=--upgrade moves them)
	$(COMPILE) --python-version 3.13 layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	$(COMPILE) --python-version 3.11 requirements/run.in -o requirements/run.txt
	$(COMPILE) --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(COMPILE) --python-version 3.11 requirements/sam.in -o requirements/sam.txt
	$(COMPILE) --python-version 3.13 requirements/bench.in -o requirements/bench.txt

clean: ## Remove everything that was made here
	rm -rf .venv .venv-* .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis .bench
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Written last, so that an interrupted installation is begun again. Without dependencies, since all of them are listed,
# and the pip of Python 3.11 would want those with extras pinned twice.
$(VENV)/%.stamp: requirements/%.txt $(STALE)
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
	  for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "Python 3.11 or newer is needed. Where it has another name: make $(MAKECMDGOALS) PYTHON=/where/it/is" >&2; exit 1; \
	  fi; \
	  echo "Creating the virtual environment…"; \
	  rm -rf $(VENV); \
	  trap 'rm -rf $(VENV); exit 130' INT; \
	  said=$$($$python -m venv $(VENV) 2>&1) || { \
	    rm -rf $(VENV); echo "$$said" >&2; echo "$$python cannot make one, see above." >&2; exit 1; \
	  }; \
	}
	@echo "Installing $$(grep -c == $<) pinned packages (first time only, about a minute)…"
	@if [ -t 1 ]; then \
	  ( while sleep 1 && kill -0 $$$$ 2>/dev/null; do \
	      printf '\r  %s looked up' "$$(grep -c '^Collecting' $(VENV)/install.log)"; \
	    done ) & ticker=$$!; \
	fi; \
	trap 'kill $$ticker 2>/dev/null; exit 130' INT; \
	$(PY) -m pip install --progress-bar off --require-hashes --no-deps -r $< >$(VENV)/install.log 2>&1; failed=$$?; \
	[ -z "$$ticker" ] || { kill $$ticker 2>/dev/null; printf '\r                    \r'; }; \
	[ $$failed = 0 ] || { \
	  cat $(VENV)/install.log >&2; \
	  echo "If this machine is offline or behind a proxy: set HTTPS_PROXY, or PIP_INDEX_URL to a mirror in reach, and try again." >&2; \
	  exit 1; \
	}
	@touch $@
