# Runs the command $2 with the user's shell, in / and without input. Prints $1 and the number of the process group on
# standard output and on standard error before anything of the command's. When the input ends while the command runs, which
# is also what happens when whoever sent it is gone, its process group is ended. $3 is this script.

watch() {
  trap '' TERM
  # Here and not where this is called: dash would keep what was open before.
  exec >/dev/null 2>&1
  while read -r _; do :; done <&3
  # It may be the same socket as the standard output, whose end is waited for.
  exec 3<&-
  # Not `-s TERM`: dash would take the group after it for another option.
  kill -TERM "-$$"
  sleep 2
  kill -KILL "-$$"
}

# Runs its arguments in a process group of their own, where the host has anything that makes one.
in_own_group() {
  if command -v setsid >/dev/null; then
    setsid "$@"
  elif command -v perl >/dev/null; then
    perl -e 'setpgrp(0, 0); exec { $ARGV[0] } @ARGV' -- "$@"
  elif command -v python3 >/dev/null; then
    python3 -c 'import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])' "$@"
  else
    "$@"
  fi
}

main() {
  mark=$1 command=$2 script=$3
  cd / || return
  # Behind a ForceCommand that does not exec, this shell is in the group of another.
  if [ -n "$script" ] && ! kill -0 "-$$" 2>/dev/null; then
    in_own_group "$0" -c "$script
main \"\$@\"" sh "$mark" "$command" ""
    return
  fi
  printf '%s %s\n' "$mark" "$$"
  printf '%s %s\n' "$mark" "$$" >&2
  exec 3<&0 </dev/null
  # Caught, not ignored: what is started has the usual handling again.
  trap 'is_ending=yes' TERM
  is_ending=
  watch &
  watcher=$!
  "${SHELL:-/bin/sh}" -c "$command" 3<&-
  status=$?
  # What outlives the command when it is ended is left to the watcher.
  [ -n "$is_ending" ] || kill -s KILL "$watcher"
  return "$status"
}
