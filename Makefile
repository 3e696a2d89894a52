# Verbs only: what they do is in shared/setup/ and in `servelab`.

BIN := .venv/bin
NOT_THE_LEARNERS := --extend-exclude 'exercise-*/starter'

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help start setup test lint types unit verify up down logs ps test-compose sync pins student-edition clean

help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

start: ## Set up what learners need, once; show the course and the next task; watch your files
	@shared/setup/environment.sh exercise-01
	@trap : INT; $(BIN)/servelab start || test $$? -eq 130

setup: ## Set up what the tests need as well
	@shared/setup/environment.sh exercise-01,test,services,monitoring
	@shared/setup/system.sh

test: setup lint types unit verify ## Check everything: what CI runs

lint: ## Check style and format
	$(BIN)/ruff check $(NOT_THE_LEARNERS)
	$(BIN)/ruff format --check $(NOT_THE_LEARNERS)
	@shared/setup/lint.sh

types: ## Check types
	$(BIN)/mypy shared
	@shared/setup/solution_types.sh

unit: ## Run the tests of the course itself, with the commands that the READMEs show
	$(BIN)/pytest --quiet --numprocesses auto --dist loadfile

verify: ## Prove that the grader grades; SHARD=1/4 only a part of it
	$(BIN)/servelab verify $(if $(CI),--fresh) $(if $(SHARD),--shard $(SHARD))

up: ## Bring the stack up; .env, which is written when there is none, says what is in it
	@shared/compose/secrets.sh
	docker compose up --build --detach --wait

down: ## Take the stack down; its data stay
	docker compose --profile '*' down

logs: ## Show what the stack prints
	docker compose logs --follow

ps: ## Show what is up
	docker compose ps

test-compose: setup ## Try out the stack under its own name, where a container engine answers
	$(BIN)/servelab stack smoke

sync: ## Make the starters from the solutions
	$(BIN)/servelab sync

pins: ## Write the exact versions of all dependencies to constraints.txt
	@shared/setup/pins.sh

student-edition: ## Write student-edition.tar.gz: the last commit without solutions
	@"$$(shared/setup/python.sh)" shared/setup/student_edition.py

clean: ## Remove what the other verbs have made; your progress and your files stay
	rm -rf .venv .venvs .mypy_cache .pytest_cache .ruff_cache .hypothesis report student-edition.tar.gz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
