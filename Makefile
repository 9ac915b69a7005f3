# Everything that is done to this project has a name here. `make` alone lists the names.
# Needs: Python 3.11 or newer with venv. The rest is installed into .venv.

PY := .venv/bin/python
PORT ?= 8000
TEMPLATES := $(shell find templates -name '*.html' 2>/dev/null)
# What `check --deploy` looks at is a site as it should be run; the values are made up.
PRODUCTION := env -u RATE_LIMITS DEBUG=0 SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=example.org \
	SITE_URL=https://example.org EMAIL_URL=smtp+tls://user:password@mail.example.org:587 TRUSTED_PROXY_COUNT=1

# The checks of all files, each a target: those of .pre-commit-config.yaml (tests/test_docs.py compares).
HOOKS := lint format-check types migrations-check

export PORT

.DEFAULT_GOAL := help
.PHONY: help install install-dev run run-cluster test test-all lint format format-check types migrations-check hooks deploy-check check bench bench-large bench-restore messages compile-messages lock audit sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## create .venv and install what the site needs
	@bin/install

install-dev:
	@bin/install dev

run: install ## serve the site on http://127.0.0.1:8000/ (PORT= for another)
	@exec bin/run

run-cluster: install-dev ## serve the site with PostgreSQL, Redis, nginx, two web processes and two workers (PORT=)
	@exec $(PY) -m tests.cluster

test: install-dev ## run the quick tests, each once: on SQLite, PostgreSQL, in the browser (ARGS= goes to pytest)
	@bin/test $(ARGS)

test-all: install-dev ## run all tests in full, as in CI: all on PostgreSQL, and on SQLite those that may differ there
	@bin/test --full $(ARGS)

lint: install-dev ## lint code, styles and scripts
	$(PY) -m ruff check .
	.venv/bin/deno lint

format: install-dev ## format code, styles, scripts and templates
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix --select I .
	.venv/bin/deno fmt
	.venv/bin/djade --target-version 5.2 $(TEMPLATES) || .venv/bin/djade --target-version 5.2 --check $(TEMPLATES)

format-check: install-dev ## show what `make format` would change
	$(PY) -m ruff format --check .
	.venv/bin/deno fmt --check
	.venv/bin/djade --target-version 5.2 --check $(TEMPLATES)

types: install-dev ## type-check the whole project
	$(PY) -m mypy

migrations-check: install-dev ## fail if a model changed without a migration
	DEBUG=1 $(PY) manage.py makemigrations --check --dry-run

hooks: install-dev ## run the pre-commit checks on all files: lint, format, types, migrations
	@if git rev-parse --git-dir >/dev/null 2>&1; then .venv/bin/pre-commit run --all-files; \
	else $(MAKE) --no-print-directory $(HOOKS); fi

deploy-check: install-dev ## run Django's deployment checks with production settings
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

check: test hooks deploy-check ## all checks that a change must pass
	@echo "All checks passed."

bench: install-dev ## measure pages and replies with 50 to 100,000 comments, concurrent writers, notifications, the spam filter and hostile texts
	$(PY) -m tests.bench
	$(PY) -m tests.postgres -- $(PY) -m tests.bench || test $$? -eq 75
	$(PY) -m tests.bench_paths
	$(PY) -m tests.bench_served
	$(PY) -m tests.postgres -- $(PY) -m tests.bench_served || test $$? -eq 75
	$(PY) -m tests.bench_wordpress || test $$? -eq 75
	$(PY) -m tests.postgres -- $(PY) -m tests.bench_wordpress || test $$? -eq 75
	$(PY) -m tests.bench_writers
	$(PY) -m tests.bench_alerts
	$(PY) -m tests.bench_spam_filter
	$(PY) -m tests.bench_slow_inputs
	$(PY) -m tests.bench_search
	$(PY) -m tests.bench_admin
	$(PY) -m tests.bench_parts
	$(PY) -m tests.bench_book

bench-large: install-dev ## measure every page with a million comments (ARGS="--scale 0.1" for a tenth); takes some minutes
	$(PY) -m tests.bench_large $(ARGS)
	$(PY) -m tests.postgres -- $(PY) -m tests.bench_large $(ARGS) || test $$? -eq 75

bench-restore: install-dev ## restore a site of 100,000 comments, compare it row by row, and kill restores in the middle
	$(PY) -m tests.bench_restore $(ARGS)

messages: install-dev ## collect the interface texts for translators (needs GNU gettext; docs/translating.md)
	$(PY) manage.py makemessages --all --ignore .venv --ignore var --ignore tests --add-location file --no-obsolete

compile-messages: install-dev ## compile the translations in locale/ (needs GNU gettext)
	$(PY) manage.py compilemessages --ignore .venv

lock: install-dev ## resolve requirements*.in into requirements*.txt again
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" requirements-dev.in --output-file requirements-dev.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --no-annotate --constraints requirements-dev.txt requirements.in --output-file requirements.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --no-annotate --constraints requirements-dev.txt requirements-s3.in --output-file requirements-s3.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --no-annotate --constraints requirements-dev.txt requirements-otel.in --output-file requirements-otel.txt
	printf 'uv==%s\n' "$$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements-dev.txt)" | $(PY) -m uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --no-annotate - --output-file requirements-uv.txt

audit: install ## compare the pinned packages with the published advisories (ARGS=all.zip: with a saved copy of them)
	@$(PY) bin/audit $(ARGS)

sbom: install ## list the packages of this version as CycloneDX, with hashes and licences, on standard output
	@$(PY) bin/sbom

clean: ## remove .venv and all caches (not var/, where the data is)
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
