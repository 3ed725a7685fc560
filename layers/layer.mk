# Shared by the layers' Makefiles, which `sam build` calls with ARTIFACTS_DIR set.
# The bytecode must be of the runtime's own version, so no other Python will do.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON313 ?= python3.13
PACKAGES := $(ARTIFACTS_DIR)/python

.PHONY: python313
python313:
	@$(PYTHON313) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo "Building the layers needs Python 3.13, and '$(PYTHON313)' is not it." >&2; \
	  echo "Install it (brew install python@3.13, uv python install 3.13, pyenv install 3.13, or python.org)" >&2; \
	  echo "and put it on PATH as python3.13, or name it: PYTHON313=/where/it/is sam build" >&2; \
	  exit 1; }
	@$(PYTHON313) -m pip --version >/dev/null 2>&1 || { \
	  echo "$$(command -v $(PYTHON313)) has no pip. Put another Python 3.13 first on PATH, or name one:" >&2; \
	  echo "PYTHON313=/where/it/is sam build" >&2; \
	  exit 1; }

# Lambda's /opt is read-only: what is not compiled here is compiled again at every cold start.
# Unchecked, because packaging changes the files' times; the prefix keeps the build folder's name out of the bytecode.
define compile
$(PYTHON313) -m compileall -q -j 0 --invalidation-mode unchecked-hash -s $(PACKAGES) -p /opt/python $(PACKAGES)
endef
