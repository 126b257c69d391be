#!/bin/sh
# Prints a .env with random passwords: deploy/compose/new-env.sh > .env
# With the name of an old .env, what that one sets is kept: new-env.sh .env > new && mv new .env
set -eu
old=${1:-/dev/null}

# A letter first: NATS reads a value that begins with a digit as a number.
random() {
  printf 'k'
  LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 39
}

setting() {
  kept=$(sed -n "s/^$1=//p" "$old" | tail -n 1)
  printf '%s=%s\n' "$1" "${kept:-$2}"
}

cat <<'TEXT'
# For docker compose; keep it to yourself. Any variable of .env.example can be added.

# Who may reach the published ports: this machine. 0.0.0.0 for every machine that reaches this one.
TEXT
setting PUBLISH_ADDRESS 127.0.0.1
printf '\n# The users of NATS.\n'
for user in ADMIN MEDIA AUDIO_QC TRANSCRIPTION DATASET PIPELINE; do
  setting "NATS_${user}_PASSWORD" "$(random)"
done
printf '\n# The keys of S3: its owner, the services, and people who drop videos into inbox/.\n'
for user in admin services drop; do
  upper=$(printf '%s' "$user" | tr "[:lower:]" "[:upper:]")
  setting "S3_${upper}_ACCESS_KEY" "$user"
  setting "S3_${upper}_SECRET_KEY" "$(random)"
done
printf '\n# The owner of Grafana (deploy/compose/observability.yml).\n'
setting GRAFANA_ADMIN_PASSWORD "$(random)"
