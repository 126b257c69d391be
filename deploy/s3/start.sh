#!/bin/sh
# Runs SeaweedFS in one container: S3 for everybody, everything below it for this machine alone.
#
# Three processes and not one `weed server`, which ends its parts in the wrong order: its filer
# waits for ever to write its last log to a volume server that is gone. Who may do what stands in
# identities.json; the keys come from the environment.
set -eu

data=${S3_DATA_FOLDER:-/data}
identities=${S3_IDENTITIES_FILE:-/etc/seaweedfs/identities.json}
port=${S3_PORT:-8333}
metrics_port=${S3_METRICS_PORT:-9327}
volume_metrics_port=${S3_VOLUME_METRICS_PORT:-9328}
master_port=${S3_MASTER_PORT:-9333}
volume_port=${S3_VOLUME_PORT:-8080}
filer_port=${S3_FILER_PORT:-8888}

fail() {
  echo "s3: $1" >&2
  exit 2
}

for who in ADMIN SERVICES INFERENCE DROP; do
  for part in ACCESS SECRET; do
    printenv "S3_${who}_${part}_KEY" | grep -q . ||
      fail "S3_${who}_${part}_KEY is not set: see .env.example"
  done
done
[ -r "$identities" ] || fail "$identities cannot be read: mount deploy/s3/identities.json there"
mkdir -p "$data/master" "$data/volumes" "$data/filer" ||
  fail "user $(id -u) cannot write to $data: give that folder to this user"

# What nobody else clears away, every 17 minutes: uploads that were begun a week ago, old logs of changes.
export WEED_MASTER_MAINTENANCE_SCRIPTS="lock; s3.clean.uploads -timeAgo=168h; fs.log.purge -daysAgo=7; unlock"

here="-ip=127.0.0.1 -ip.bind=127.0.0.1"
# shellcheck disable=SC2086 # two options
weed -logtostderr=true master $here -port="$master_port" -mdir="$data/master" -peers=none \
  -volumeSizeLimitMB=1024 -telemetry=false &
master=$!
# Volumes are files of 1 GiB, as many as fit; with 5 % of the disk left they take no more.
# shellcheck disable=SC2086
weed -logtostderr=true volume $here -port="$volume_port" -dir="$data/volumes" -max=0 \
  -minFreeSpace=5 -master="127.0.0.1:$master_port" -preStopSeconds=0 \
  -metricsIp=0.0.0.0 -metricsPort="$volume_metrics_port" &
volume=$!
# S3 listens for gRPC too, where whoever reaches it makes himself an administrator. Nothing of ours
# needs that: asked for TLS with a certificate that is not there, it takes no connection.
# shellcheck disable=SC2086
WEED_GRPC_S3_CERT=/dev/null WEED_GRPC_S3_KEY=/dev/null WEED_GRPC_CA=/dev/null \
  weed -logtostderr=true filer $here -port="$filer_port" -defaultStoreDir="$data/filer" \
  -master="127.0.0.1:$master_port" -disableDirListing -exposeDirectoryData=false \
  -metricsIp=0.0.0.0 -metricsPort="$metrics_port" \
  -s3 -s3.ip.bind=0.0.0.0 -s3.port="$port" -s3.port.iceberg=0 -s3.port.lance=0 \
  -s3.config="$identities" -s3.iam=false -s3.autoCreateBucket=false \
  -s3.allowDeleteBucketNotEmpty=false &
filer=$!

stopping=
trap 'stopping=yes' TERM INT
alive() {
  kill -0 "$master" 2>/dev/null && kill -0 "$volume" 2>/dev/null && kill -0 "$filer" 2>/dev/null
}
while [ -z "$stopping" ] && alive; do
  sleep 1 &
  wait $! || true # a signal ends the wait at once
done

for process in $filer $volume $master; do # from the top down, each after the one that needs it
  kill -TERM "$process" 2>/dev/null || true
  wait "$process" || true
done
[ -n "$stopping" ] || fail "a part of SeaweedFS has ended by itself: see the lines above"
