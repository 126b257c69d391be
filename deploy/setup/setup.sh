#!/usr/bin/env bash
# Makes .venv hold everything that the demo, the services and the tests need. Safe to call again: it
# returns at once when nothing that it depends on has changed since it last ended well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly setup=deploy/setup venv=.venv
readonly stamp=$venv/setup.stamp log=$venv/setup.log
readonly recordings=$venv/share/asterisk-core-sounds
# shellcheck source=deploy/setup/system.sh
source "$setup/system.sh"
# shellcheck source=deploy/setup/python.sh
source "$setup/python.sh"
# shellcheck source=deploy/setup/recordings.sh
source "$setup/recordings.sh"
# shellcheck source=deploy/setup/tools.sh
source "$setup/tools.sh"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

# The root counts: a virtual environment that was moved or copied no longer works.
fingerprint() {
  { pwd && cat pyproject.toml constraints.txt "$setup"/*.{sh,txt,py}; } | cksum
}

is_done() {
  [[ -f $stamp && $(<"$stamp") == "$(fingerprint)" && -x $venv/bin/python ]] &&
    [[ -z $(missing_commands) ]]
}

is_done && exit 0
[[ -w . ]] || fail "cannot write to $PWD." "Clone the repository into a folder of your own."

say "setting up in $PWD/$venv (about 3 GB; a few minutes the first time)"
install_system_packages
create_environment
install_python_packages
fetch_recordings
fetch_tools
fingerprint >"$stamp"
say "done"
