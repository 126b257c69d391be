# shellcheck shell=bash disable=SC2154
# Prometheus and promtool, for the checks and the tests. Sourced by setup.sh.
#
# Debian's package is unpacked into the environment, not installed: that would start a daemon.
fetch_tools() {
  local downloads tool
  local -a tools=(prometheus promtool)
  [[ -x $venv/bin/${tools[0]} && -x $venv/bin/${tools[1]} ]] && return
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    say "left out: prometheus and promtool, which come from a Debian package here. Only the checks and" \
      "tests of alerts and dashboards need them: put them into $venv/bin yourself."
    return
  fi
  say "fetching prometheus"
  downloads=$(mktemp -d)
  download_packages "$downloads" prometheus || {
    rm -rf "$downloads"
    fail "could not download prometheus: see the lines above."
  }
  dpkg-deb -x "$downloads"/prometheus_*.deb "$downloads/unpacked"
  for tool in "${tools[@]}"; do
    install "$downloads/unpacked/usr/bin/$tool" "$venv/bin/$tool"
  done
  rm -rf "$downloads"
}
