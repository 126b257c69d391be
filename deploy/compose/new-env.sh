#!/bin/sh
# Prints a .env with random passwords: deploy/compose/new-env.sh > .env
# With the name of an old one it prints what that one lacks: deploy/compose/new-env.sh .env >> .env
set -eu
old=${1:-/dev/null}

# A letter first: NATS reads a value that begins with a digit as a number.
random() {
  printf 'k'
  LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 39
}

# section HEADING NAME=VALUE...: those that the old file lacks
section() {
  heading=$1
  shift
  for setting; do
    grep -q "^${setting%%=*}=" "$old" && continue
    [ -z "$heading" ] || printf '\n# %s\n' "$heading"
    heading=
    printf '%s\n' "$setting"
  done
}

[ -s "$old" ] || echo "# For docker compose; keep it to yourself. Any variable of .env.example can be added."
section "Who may reach the published ports: this machine, or 0.0.0.0 for all that reach it." \
  PUBLISH_ADDRESS=127.0.0.1
section "The users of NATS." \
  "NATS_ADMIN_PASSWORD=$(random)" \
  "NATS_MEDIA_PASSWORD=$(random)" \
  "NATS_AUDIO_QC_PASSWORD=$(random)" \
  "NATS_TRANSCRIPTION_PASSWORD=$(random)" \
  "NATS_DATASET_PASSWORD=$(random)" \
  "NATS_INFERENCE_PASSWORD=$(random)" \
  "NATS_BOT_PASSWORD=$(random)" \
  "NATS_PIPELINE_PASSWORD=$(random)"
section "The keys of S3: its owner, the services, the one that speaks, and people who drop videos into inbox/." \
  S3_ADMIN_ACCESS_KEY=admin "S3_ADMIN_SECRET_KEY=$(random)" \
  S3_SERVICES_ACCESS_KEY=services "S3_SERVICES_SECRET_KEY=$(random)" \
  S3_INFERENCE_ACCESS_KEY=inference "S3_INFERENCE_SECRET_KEY=$(random)" \
  S3_DROP_ACCESS_KEY=drop "S3_DROP_SECRET_KEY=$(random)"
section "The owner of Grafana (deploy/compose/observability.yml)." \
  "GRAFANA_ADMIN_PASSWORD=$(random)"
