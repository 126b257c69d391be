# Prints the targets of a Makefile: `##@ Group` lines, and what stands after `##` behind a target.
BEGIN { FS = ":.*## " }
/^##@ / { printf "\n%s\n", substr($0, 5) }
/^[a-z].*:.*## / {
  count = split($1, names, /[: ]+/)
  printf "  make %-16s %s\n", names[1], $2
  for (i = 2; i <= count; i++) if (names[i] ~ /^test-[a-z]/) printf "  make %s\n", names[i]
}
