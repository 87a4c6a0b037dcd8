# Every target sets up what it needs in .venv, and again only when a requirements file changes.
# Paths are relative, because make cannot handle a space in the name of a target.

SHELL := /bin/sh
# Images that set it make every process compile all modules anew, each of pytest's collecting all tests.
unexport PYTHONDONTWRITEBYTECODE
python := .venv/bin/python
runtime := .venv/requirements.stamp
development := .venv/requirements-dev.stamp
compile := $(python) manage.py compile
# Each process of the tests has servers of its own; tests/running/scheduling.py says what runs beside
# what. One process more than there are processors: who tests real workers waits for them, too.
processes := $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 4 ? n + 1 : 5)))
side_by_side := --numprocesses $(processes) --durations 20
once := -m "not repeats"
# A long run is no hanging one.
at_length := --timeout 0
in_sqlite := KTRDR_TEST_DATABASE=sqlite
# What can differ there: locks, races, the database's clock, constraints, cursors, plans, raw SQL.
# `make nightly` runs there whatever touches the database.
by_vendor := \
	tests/operations/test_cancel_intent.py tests/operations/test_end_of_an_attempt.py \
	tests/operations/test_families.py tests/operations/test_family_races.py tests/operations/test_indexes.py \
	tests/operations/test_locked_database.py tests/operations/test_lost_attempt.py tests/operations/test_monitoring.py \
	tests/operations/test_queries.py tests/operations/test_races.py tests/operations/test_running_attempt.py \
	tests/operations/test_start_and_claim.py tests/operations/test_state_machine.py \
	tests/operations/test_sweeper.py tests/operations/test_written_as_prepared.py \
	tests/operations/api/test_idempotency.py tests/operations/api/test_keys_after_a_crash.py tests/operations/api/test_list.py \
	tests/operations/commands/test_prune_operations.py tests/operations/doorbell/test_doorbell.py \
	tests/operations/dashboard/test_start_again.py::test_a_double_click_starts_one_operation \
	tests/operations/streams/test_changes.py tests/operations/streams/test_operation_events.py \
	tests/operations/webhook/test_webhook.py::test_every_way_to_end_is_told_of_once \
	tests/operations/webhook/test_webhook.py::test_a_sender_that_died_is_replaced \
	tests/operations/webhook/test_webhook.py::test_two_sweepers_at_once_send_it_once \
	tests/checkpoints/test_commit.py tests/checkpoints/test_crash_matrix.py tests/checkpoints/test_orphan_sweep.py \
	tests/checkpoints/test_prune.py tests/checkpoints/test_quarantine.py tests/checkpoints/test_statistics.py \
	tests/training/market_data/test_imports_at_once.py::test_of_first_imports_at_once_one_is_the_first \
	tests/training/market_data/test_imports_at_once.py::test_of_imports_at_once_each_goes_on_with_the_one_before \
	tests/training/views/test_models_list.py::test_pages_of_any_order_have_each_model_once_there_and_back \
	tests/training/views/test_start_page.py::test_a_double_click_starts_one_operation \
	tests/ktrdr_site/test_checks.py::test_sqlite_as_configured_is_durable \
	tests/ktrdr_site/test_checks.py::test_a_sqlite_that_can_lose_a_commit_is_an_error \
	tests/ktrdr_site/test_checks.py::test_a_sqlite_that_returns_nothing_is_an_error \
	tests/ktrdr_site/test_emptying.py \
	tests/ktrdr_site/test_migrations.py::test_migrations_can_be_undone_and_done_again_with_what_there_was_before
of_database := tests/operations tests/checkpoints tests/training/test_short_transactions.py \
	tests/training/views/test_models_list.py tests/training/views/test_start_page.py \
	tests/training/market_data/test_imports_at_once.py tests/training/market_data/test_undoing.py \
	tests/ktrdr_site/test_migrations.py tests/ktrdr_site/test_checks.py tests/ktrdr_site/test_emptying.py

.PHONY: help demo up compile test on_postgresql on_sqlite nightly repeats sqlite openapi reference fuzz chaos outages load lint format coverage exactness formats races kills sweeps uploads bench simulate editor lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: $(runtime) ## a training, killed, recovered, cancelled, resumed: the same bytes (KEEP=1 leaves the site up)
	$(python) manage.py demo $(if $(KEEP),--keep)

up: $(runtime) ## the whole site on this machine, until Ctrl-C (PORT=8000, WORKERS=1)
	$(python) manage.py up $(if $(PORT),--port $(PORT)) $(if $(WORKERS),--workers $(WORKERS))

test: $(development) compile ## every test, on a PostgreSQL and a Valkey of its own; then on SQLite what can differ there
	$(MAKE) --no-print-directory --jobs 2 on_postgresql on_sqlite
	@echo "Every guarantee was tested. 'make nightly' repeats on SQLite what cannot differ there and the kills at random"
	@echo "moments (the demo, the journey and 'make up' were on SQLite, too), and samples for longer."

on_postgresql:
	FUZZ_SEED=1 $(python) -m pytest $(side_by_side) $(once)

# Beside the other, whose tests often wait; one process of so few needs no others. Its log comes whole.
on_sqlite:
	@log=$$(mktemp); $(in_sqlite) RACE_ROUNDS=5 $(python) -m pytest --durations 20 $(by_vendor) >"$$log" 2>&1; \
	code=$$?; echo; cat "$$log"; rm "$$log"; exit $$code

nightly: $(development) repeats sqlite fuzz exactness formats races kills sweeps uploads outages chaos load ## what only repeats: all of SQLite, and every sampled test at length

repeats: $(development) compile ## what another test has shown in another way
	$(python) -m pytest $(at_length) -m repeats

sqlite: $(development) compile ## everything that touches the database, on SQLite
	$(in_sqlite) $(python) -m pytest $(side_by_side) $(of_database)
	$(in_sqlite) KILLS=30 $(python) -m pytest $(at_length) tests/acceptance/test_kill_harness.py

compile: $(runtime) ## machine code for this processor; set-up has done it, unless the code has changed since
	$(compile)

openapi: $(runtime) ## writes docs/openapi.json, the API's description, from the code
	$(python) manage.py spectacular --format openapi-json --validate --fail-on-warn --file docs/openapi.json

chaos: $(development) ## workers, servers and disks fail at random for a while (MINUTES=10, SEED=)
	$(python) -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

outages: $(development) ## PostgreSQL and Valkey away for a minute each time, in the middle of everything
	OUTAGE_SECONDS=60 $(python) -m pytest $(at_length) tests/acceptance/test_outages.py

load: $(development) ## what could stop the site, each tried for a while beside a training, and how soon it answers
	LOAD=all $(python) -m pytest $(at_length) tests/load

lint: $(development) ## ruff, mypy and the import contracts
	$(python) -m ruff check
	$(python) -m ruff format --check
	DEBUG=true $(python) -m mypy
	$(python) .venv/bin/lint-imports

format: $(development) ## what ruff can mend by itself
	$(python) -m ruff check --fix
	$(python) -m ruff format

coverage: $(development) ## which lines no test runs
	$(python) -m coverage run -m pytest $(at_length)
	$(python) -m coverage report

reference: $(development) ## writes what docs/ says of the code: REFERENCE, SETTINGS, tables of DATA and ARCHITECTURE; and what TAB completes
	DEBUG=true $(python) -m tests.documentation

fuzz: $(development) ## hostile requests to the API, by its description, and to every page (EXAMPLES=200, SEED=)
	FUZZ_EXAMPLES=$(or $(EXAMPLES),200) FUZZ_SEED=$(SEED) $(python) -m pytest $(at_length) tests/fuzz

exactness: $(development) ## thousands of sampled interruptions, also of extensions and forks (INTERRUPTIONS=5000, DESCENDANTS=100)
	EXACTNESS_INTERRUPTIONS=$(or $(INTERRUPTIONS),5000) $(python) -m pytest $(at_length) tests/properties/test_exactness.py
	DESCENDANTS=$(or $(DESCENDANTS),100) $(python) -m pytest $(at_length) tests/properties/test_descendants.py

formats: $(development) ## thousands of random files of prices, read back (FORMATS=5000, FORMAT_SEED=0)
	FORMATS=$(or $(FORMATS),5000) FORMAT_SEED=$(or $(FORMAT_SEED),0) $(python) -m pytest $(at_length) tests/training/market_data/test_random_files.py tests/training/market_data/test_files_see_no_future.py

races: $(development) ## 200 rounds of each race on both databases (ROUNDS=200)
	RACE_ROUNDS=$(or $(ROUNDS),200) $(python) -m pytest $(at_length) tests/operations/test_races.py tests/operations/test_family_races.py
	RACE_ROUNDS=$(or $(ROUNDS),200) KTRDR_TEST_DATABASE=sqlite $(python) -m pytest $(at_length) tests/operations/test_races.py tests/operations/test_family_races.py
	LIFECYCLE_EXAMPLES=$(or $(ROUNDS),200) $(python) -m pytest $(at_length) tests/properties/test_lifecycle_machine.py tests/properties/test_family_machine.py

uploads: $(development) ## files of 200 MB by three users at once (SIZE_MB=200)
	UPLOAD_SIZE_MB=$(or $(SIZE_MB),200) $(python) -m pytest $(at_length) tests/training/uploads/test_memory.py

kills: $(development) ## one training killed over and over, on both databases (KILLS=200)
	KILLS=$(or $(KILLS),200) $(python) -m pytest $(at_length) tests/acceptance/test_kill_harness.py
	KILLS=$(or $(KILLS),200) KTRDR_TEST_DATABASE=sqlite $(python) -m pytest $(at_length) tests/acceptance/test_kill_harness.py

sweeps: $(development) ## a search and a walk-forward of real trainings, killed over and over (SWEEPS=30, WALKS=5); one process of PARTS=20
	PARTS=$(or $(PARTS),20) $(python) -m pytest $(at_length) tests/acceptance/test_one_horse.py
	SWEEPS=$(or $(SWEEPS),30) $(python) -m pytest $(at_length) tests/acceptance/test_sweep_crashes.py
	WALKS=$(or $(WALKS),5) $(python) -m pytest $(at_length) tests/acceptance/test_walk_forward_crashes.py

bench: .venv-bench/requirements.stamp ## every benchmark, as ratios of one run (WHAT="checkpoints web")
	.venv-bench/bin/python -m tests.benchmarks $(WHAT)

simulate: $(development) ## what 10, 100 and 1,000 running operations cost PostgreSQL (SECONDS=30)
	$(python) -m tests.benchmarks.simulate $(if $(SECONDS),--seconds $(SECONDS))

.venv-bench/requirements.stamp: $(development) tests/benchmarks/requirements.txt
	$(python) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet -r requirements-dev.txt -r tests/benchmarks/requirements.txt
	@touch .venv-bench/requirements.stamp

editor: ## the start page's editor as one file with its licences, from npm packages (needs node and npm)
	cd training/editor && npm ci --silent && npm run --silent build

lock: .venv-lock/bin/uv ## writes constraints.txt, requirements.lock and torch.lock from requirements*.txt (UPGRADE=1, TORCH_INDEX_URL=)
	$(python) -m tests.documentation.locks

.venv-lock/bin/uv: $(development)
	$(python) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv==0.13.9

clean: ## removes .venv and caches; your data in var stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage

$(runtime): requirements.txt constraints.txt install.sh
	./install.sh requirements.txt
	$(compile)
	@touch $(runtime)

$(development): requirements-dev.txt requirements-export.txt requirements-notify.txt requirements.txt constraints.txt install.sh
	./install.sh requirements-dev.txt
	$(compile)
	@touch $(runtime) $(development)
