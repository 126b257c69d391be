# shellcheck shell=bash disable=SC2154
# The programs that are no Python packages. Sourced by setup.sh.

# The commands of system-packages.txt that this machine lacks, one a line.
missing_commands() {
  local command
  while read -r command _; do
    [[ $command == \#* ]] || command -v "$command" >/dev/null || echo "$command"
  done <"$setup/system-packages.txt"
}

# The packages (column 2: Debian, 3: Homebrew) that provide the missing commands.
missing_packages() {
  local commands
  commands=$(missing_commands)
  awk -v column="$1" -v commands="$commands" \
    'index("\n" commands "\n", "\n" $1 "\n") && !/^#/ { print $column }' \
    "$setup/system-packages.txt" | sort -u | paste -sd ' ' -
}

# Runs a command as root: directly, or through sudo where that can work.
as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    sudo "$@"
  else
    say "this needs root: $*"
    return 1
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

install_system_packages() {
  local missing packages
  missing=$(missing_commands | paste -sd ' ' -)
  [[ -n $missing ]] || return 0
  if command -v apt-get >/dev/null; then
    packages=$(missing_packages 2)
    say "installing $packages"
    # shellcheck disable=SC2086  # one word per package
    apt_install $packages || fail "could not install: $missing" \
      "Look at the lines above (no network? not root?), then run yourself:" \
      "  apt-get update && apt-get install $packages"
  elif command -v brew >/dev/null; then
    fail "missing: $missing" "Run: brew install $(missing_packages 3)"
  else
    fail "missing: $missing" \
      "Install them with your system's package manager (Debian names: $(missing_packages 2))," \
      "so that they are found on the PATH; then run make setup again."
  fi
}
