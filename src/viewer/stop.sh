# Ends the viewer of session $1 and removes the session's folder. $2 $3 and $4 $5 are the pid and start time of the viewer
# and of its supervisor, as the client remembers them: the folder may be gone. Prints `gone` when nothing of it is left,
# else what is. A process number that belongs to somebody else by now is left alone. Needs no Python: the environment may
# be gone too.

# The process itself, or anything else of its group.
is_alive() {
  [ "$(start_time "$pid")" = "$started" ] || kill -0 "-$pid" 2>/dev/null
}

# A pause as short as this system knows.
pause() {
  sleep 0.1 2>/dev/null || sleep 1
}

wait_for_end() {
  tries=$1
  while is_alive && [ "$tries" -gt 0 ]; do
    pause
    tries=$((tries - 1))
  done
}

main() {
  session=$1
  # The supervisor does it all, and goes on when our link is lost meanwhile.
  pid=$4 started=$5
  if [ "$pid" -gt 1 ] && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]; then
    kill -TERM "$pid" 2>/dev/null
    wait_for_end 40
    ! is_alive || kill -KILL "$pid" 2>/dev/null
  fi
  # It may have been killed itself. The group has the number of the process that leads it: ours only as long as that one
  # is ours, or only its children are left, and then the number cannot have been given away.
  pid=$2 started=$3
  now=$(start_time "$pid")
  if [ "$pid" -gt 1 ] && { [ "$now" = "$started" ] || { [ -z "$now" ] && kill -0 "-$pid" 2>/dev/null; }; }; then
    kill -TERM "-$pid" 2>/dev/null
    wait_for_end 15
    if is_alive; then
      kill -KILL "-$pid" 2>/dev/null
      wait_for_end 30
    fi
    if is_alive; then
      printf 'process %s does not end' "$pid"
      return 1
    fi
  fi
  ! is_session "$session" || rm -rf "$sessions/$session"
  rmdir "$sessions" "$ours" 2>/dev/null
  printf 'gone'
}
