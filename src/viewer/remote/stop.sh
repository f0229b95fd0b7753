# Ends the viewer of session $1 and removes the session's folder. $2 $3 and $4 $5 are the pid and start time of the viewer
# and of its supervisor, as the client remembers them: the folder may be gone. 0 for a start whose answer was lost: only the
# folder knows its processes. $6 is the machine that they are on, where that is known. Prints `gone MACHINE` when nothing of it is left on this machine,
# `elsewhere NAME` where it is on another one with the same home and nothing was done, else what is left. A process number that belongs to somebody else by now is left alone. Needs no Python: the environment may
# be gone too.

# The process itself.
is_itself_alive() {
  [ "$pid" -gt 1 ] && [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ]
}

# The process itself, or anything else of its group.
is_alive() {
  is_itself_alive || group_runs "$pid"
}

# Waits while $1 succeeds, for at most $2 fiftieths of a second.
wait_while() {
  tries=$2
  while "$1" && [ "$tries" -gt 0 ]; do
    # Not every system knows a part of a second.
    sleep 0.02 2>/dev/null || {
      sleep 1
      tries=$((tries - 49))
    }
    tries=$((tries - 1))
  done
}

# Sets pid and started to $1 and $2, or to what file $3 says when $1 is 0.
find_process() {
  pid=$1 started=$2
  [ "$pid" != 0 ] || read_identity "$3" || pid=0
}

end_supervisor() {
  kill -TERM "$pid" 2>/dev/null
  wait_while is_itself_alive 200
  ! is_itself_alive || kill -KILL "$pid" 2>/dev/null
}

# Ends the programs that are about to start a viewer for session $1, and with each what it has started. They are known by
# what they were given: launch.py has no folder yet when it begins, and its answer may be lost with the link that asked.
end_starters() {
  for file in $(grep -ls "^\"\"\"Starts Runicorn's viewer on this host" /proc/[0-9]*/cmdline 2>/dev/null); do
    [ -O "$file" ] && tr '\0' '\n' <"$file" 2>/dev/null | grep -q "^{\"id\":\"$1\"," || continue
    pid=${file#/proc/} pid=${pid%/*}
    started=$(start_time "$pid")
    [ -n "$started" ] || continue
    kill -TERM "$pid" 2>/dev/null
    wait_while is_alive 300
  done
}

main() {
  session=$1
  is_found=
  [ "$2" != 0 ] || ! is_session "$session" || end_starters "$session"
  case $2:$boot:$6 in
  0:* | *:-:*) ;;
  *:"$boot $namespace "*) is_found=yes ;;
  esac
  # Where it is known to be here, nobody waits for a look at the folder first.
  [ -n "$is_found" ] || ! find_session "$session" || {
    is_on_this_machine "$folder" || {
      printf 'elsewhere %s' "$their_name"
      return 1
    }
    is_found=yes
    find_process "$2" "$3" "$folder/viewer"
    set -- "$1" "$pid" "$started" "$4" "$5"
    find_process "$4" "$5" "$folder/supervisor"
    set -- "$1" "$2" "$3" "$pid" "$started"
  }
  # The supervisor does it all, and goes on when our link is lost meanwhile.
  pid=$4 started=$5
  if is_itself_alive; then
    end_supervisor
  elif find_session "$session"; then
    # It was killed, and another one holds the viewer: for a moment two, where they were started at once.
    for _ in 1 2 3; do
      find_supervisor "$folder" || break
      end_supervisor
    done
  fi
  # It may have been killed itself. The group has the number of the process that leads it: ours only as long as that one
  # is ours, or only its children are left, and then the number cannot have been given away: on the machine where it was.
  pid=$2 started=$3
  now=$(start_time "$pid")
  if [ "$pid" -gt 1 ] && { [ "$now" = "$started" ] || { [ -z "$now" ] && [ -n "$is_found" ] && group_runs "$pid"; }; }; then
    # As supervisor.py does it.
    ! find_session "$session" || rm -f "$folder/state.json"
    kill -TERM "-$pid" 2>/dev/null
    wait_while is_alive 8
    ! is_alive || kill -INT "-$pid" 2>/dev/null
    wait_while is_alive 100
    ! is_alive || kill -KILL "-$pid" 2>/dev/null
    wait_while is_alive 150
    if is_alive; then
      printf 'process %s does not end' "$pid"
      return 1
    fi
  fi
  ! find_session "$session" || {
    remove_session "$folder"
    # A supervisor that another client has just started may have written into it meanwhile.
    [ ! -d "$folder" ] || remove_session "$folder"
  }
  [ "$2" != 0 ] || remove_empty_places
  printf 'gone %s' "$here"
}
