# shellcheck shell=bash disable=SC2154
# Recorded speech with known text, for the demo and the tests. Sourced by setup.sh.
#
# The packages are unpacked into the environment, not installed: that needs no root, and images that
# leave out /usr/share/doc (where the texts lie) get them all the same.
fetch_recordings() {
  local downloads package
  local -a packages
  [[ -f $recordings/complete ]] && return
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    say "left out: the recordings of the demo and the tests come from Debian packages, and this" \
      "system has no apt-get. Everything else works on your own videos."
    return
  fi
  mapfile -t packages < <(grep -v '^#' "$setup/recordings.txt")
  say "fetching recorded prompts"
  mkdir -p "$recordings"
  downloads=$(mktemp -d)
  if ! download_packages "$downloads" "${packages[@]}"; then
    rm -rf "$downloads"
    fail "could not download the recordings: ${packages[*]}" \
      "Look at the lines above; if the packages are unknown, run apt-get update as root."
  fi
  for package in "$downloads"/*.deb; do
    dpkg-deb -x "$package" "$recordings"
  done
  rm -rf "$downloads"
  touch "$recordings/complete"
}

# Downloads Debian packages into a folder, with fresh package lists if the present ones lack them.
download_packages() {
  local folder=$1
  shift
  chmod 755 "$folder"
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "$@" 2>/dev/null) && return
  as_root apt-get update -qq || return
  (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root "$@")
}
