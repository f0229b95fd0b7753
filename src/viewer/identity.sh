# What the scripts beside this one know of processes and of our folder. Goes before them.

ours=${XDG_CACHE_HOME:-$HOME/.cache}/runicorn-remote
sessions=$ours/sessions

# Prints what tells process $1 from a later one with the same number; nothing when there is none. supervisor.py computes
# the same.
start_time() {
  if [ -r "/proc/$1/stat" ]; then
    stat=
    IFS= read -r stat <"/proc/$1/stat" || [ -n "$stat" ] || return 0
    # The command's name stands in parentheses and may hold anything.
    set -- ${stat##*\)}
    case $1 in
    Z | X) ;;
    *) printf '%s' "${20}" ;;
    esac
  elif [ ! -d /proc/self ]; then
    set -- $(ps -o lstart= -p "$1" 2>/dev/null)
    printf '%s' "$*"
  fi
}

# Reads the identity in file $1 into pid and started; fails unless it names a process.
read_identity() {
  pid='' started=''
  [ -r "$1" ] && IFS=' ' read -r pid started <"$1"
  case $pid in
  '' | *[!0-9]* | 0 | 1) return 1 ;;
  esac
  [ -n "$started" ]
}

# Whether the process whose identity is in file $1 still runs; sets pid.
runs() {
  read_identity "$1" && [ "$(start_time "$pid")" = "$started" ]
}

is_session() {
  case $1 in
  *[!0-9a-f]* | '') return 1 ;;
  esac
}

# Starts the supervisor of the session in folder $1 again, when it was killed and the viewer still runs.
mend_supervisor() {
  runs "$1/supervisor" && return 0
  runs "$1/viewer" && [ -r "$1/supervisor.py" ] && [ -r "$1/request.json" ] || return 1
  # The interpreter is the first word of the viewer's command, as JSON.
  interpreter=$(tr -d '\n' <"$1/request.json" | sed -n 's/^{"command": \["\(\([^"\\]\|\\.\)*\)".*/\1/p')
  [ -x "$interpreter" ] || return 1
  "$interpreter" "$1/supervisor.py" --again </dev/null >>"$1/viewer.log" 2>&1
}
