# Runs the command $2 with the user's shell, in / and without input. Prints $1 and the number of the process group on
# standard error before anything of the command's. Nothing runs until `go` was read; when the input ends while the
# command runs, which is also what happens when whoever sent it is gone, everything that it started is ended.

watch() {
  trap '' TERM
  while read -r _ <&3; do :; done
  # Not `-s TERM`: dash would take the group after it for another option.
  kill -TERM "-$$"
  sleep 2
  kill -KILL "-$$"
}

main() {
  mark=$1 command=$2
  cd / || return
  printf '%s %s\n' "$mark" "$$" >&2
  read -r word || return
  [ "$word" = go ] || return
  exec 3<&0 </dev/null
  # Caught, not ignored: what is started has the usual handling again.
  trap : TERM
  watch >/dev/null 2>&1 &
  watcher=$!
  "${SHELL:-/bin/sh}" -c "$command" 3<&-
  status=$?
  kill -s KILL "$watcher"
  return "$status"
}
