SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.venv/bin:$(PATH)
SCRIPTS := $(wildcard deploy/*/*.sh deploy/*/*/*.sh) .ci/run

##@ Use
.PHONY: setup demo up
setup: ## Install all that is needed, into .venv (again and again: quick when nothing changed)
	@deploy/setup/setup.sh

demo: setup ## Make sample videos, run them to a dataset, and have a sentence spoken and heard again
	@python -m gateway.demo

up: setup ## Run the whole stack in the foreground, with DISCORD_TOKEN the Discord bot too
	@tts-trainer up

##@ Containers
.PHONY: env engine images
env: ## Write .env with random passwords for docker compose; what one sets already is kept
	@touch .env && chmod 600 .env && deploy/compose/new-env.sh .env >> .env

engine: ## Install and start a Docker engine, where none answers
	@deploy/docker/engine.sh start

images: engine ## Build the images and print their sizes
	@deploy/docker/images.sh

##@ Test
.PHONY: test test-unit test-contract test-integration test-e2e test-containers test-image test-gpu prove-containers prove-inference prove-bot
test: setup ## Run all tests but those of containers, of a GPU, and the long trials, in two processes
	@pytest tests --ignore tests/containers --ignore tests/prove --ignore tests/gpu --durations 20 \
	  --numprocesses 2 --no-loadscope-reorder

test-containers: setup ## The compose stack, from a drop to speech, in a real Docker engine (ALLOW_NO_ENGINE=1 does without)
	@pytest tests/containers

test-image: setup ## One image of them
	@pytest tests/containers/test_image.py

prove-containers: setup ## The stack under faults, for a quarter of an hour; writes docs/proofs
	@pytest tests/prove/containers

prove-inference: setup ## 10,000 requests at once and apart, and words heard back; writes docs/proofs
	@pytest tests/prove/inference

prove-bot: setup ## Twenty sentences of the bot, heard in voice channels; writes docs/proofs
	@pytest tests/prove/bot

test-gpu: setup ## What needs CUDA
	@pytest tests/gpu

test-unit test-contract test-integration test-e2e: test-%: setup ## Run the tests of one folder
	@pytest tests/$*

##@ Measure
.PHONY: bench-stages bench-inference bench-bot bench-gpu
bench-stages: setup ## What an hour of video costs, stage by stage
	@python -m tests.bench.stage_costs

bench-inference: setup ## XTTS beside coqui's own streaming: CPU seconds, first audio, many at once
	@python -m tests.bench.inference

bench-bot: setup ## The Discord bot: how soon a message is heard, and how steadily, beside a bare player
	@python -m tests.bench.bot

bench-gpu: setup ## The same on a CUDA machine, at 1 to 64 at once
	@python -m tests.bench.gpu

##@ Check
.PHONY: check lint types imports contract drift containers rules k8s fmt
check: lint types imports contract drift containers rules k8s ## Run every check that needs no test
	@echo "check: all is well"

lint: setup ## ruff and shellcheck
	@ruff check . && ruff format --check .
	@shellcheck $(SCRIPTS)

types: setup ## mypy, strict
	@mypy

imports: setup ## The rules of dependency
	@lint-imports --no-cache

contract: setup ## buf: style, and nothing that breaks a client of the baseline
	@buf lint protos
	@buf breaking protos --against protos/baseline/contract.json

containers: setup ## Dockerfiles and compose files, with every overlay
	@deploy/checks/containers.sh

rules: setup ## promtool: Prometheus' configuration, and each alert fires when it should
	@deploy/checks/prometheus.sh

k8s: setup ## The manifests for Kubernetes: each field known, our own rules kept
	@python -m deploy.checks.k8s

drift: setup ## Generated files are what their sources say
	@deploy/checks/drift.sh

fmt: setup ## Format, and fix what can be fixed
	@ruff check --fix --quiet . || true
	@ruff format . && buf format -w protos

##@ Generate
.PHONY: protos baseline env-example freeze
protos: setup ## The stubs in protos/gen
	@deploy/protos/generate.sh protos/gen

baseline: setup ## Accept today's contract as the one not to break (with a line in CHANGELOG.md)
	@buf build protos --exclude-source-info --output protos/baseline/contract.json

env-example: setup ## .env.example, and what compose passes on, from the settings of the services
	@python deploy/settings/env_example.py > .env.example
	@python deploy/settings/compose_settings.py > deploy/compose/settings.yml

freeze: setup ## constraints.txt from what is installed
	@deploy/setup/freeze.sh

##@ Help
.PHONY: help
help: ## Show this
	@awk -f deploy/help.awk $(MAKEFILE_LIST)
