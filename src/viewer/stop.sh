# Ends the viewer of session $1 (process $2, started at $3) and its group, and removes the session's folder.
# Prints `gone` when nothing of it is left, else what is. A process number that belongs to somebody else by now is
# left alone. Needs no Python: the environment may be gone.

start_time() {
  if [ -r "/proc/$1/stat" ]; then
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    # The command's name stands in parentheses and may hold anything.
    set -- ${stat##*\)}
    printf '%s' "${20}"
  elif [ ! -d /proc/self ]; then
    set -- $(ps -o lstart= -p "$1" 2>/dev/null)
    printf '%s' "$*"
  fi
}

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
  session=$1 pid=$2 started=$3
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/runicorn-remote
  # The group has the number of the process that leads it: ours only as long as that one is ours, or only its
  # children are left, and then the number cannot have been given away.
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
  case $session in
  *[!0-9a-f]* | '') ;;
  *) rm -rf "$folder/sessions/$session" ;;
  esac
  rmdir "$folder/sessions" "$folder" 2>/dev/null
  printf 'gone'
}
