# Installs Runicorn with the interpreter $1. A cancelled install must not keep running.
main() {
  python=$1
  over=
  program=
  apart=
  if command -v setsid >/dev/null; then apart=setsid; fi
  trap stop HUP INT TERM
  trap '' PIPE
  exec 3>&1
  export PYTHONUNBUFFERED=1
  if ! watched -m pip --version >/dev/null; then
    [ -z "$over" ] || return 1
    watched -m ensurepip --default-pip || {
      [ -z "$over" ] || return 1
      echo 'this environment has no pip, and none could be made'
      return 1
    }
  fi
  [ -z "$over" ] || return 1
  watched -m pip install --disable-pip-version-check --no-input --progress-bar off runicorn
}

# Runs the interpreter, and ends it when our output is closed: the user cancelled, or the connection is lost. Where there is
# setsid, it has a process group of its own, so that its children end too.
watched() {
  (exec $apart "$python" "$@") 2>&1 3>&- &
  program=$!
  while kill -0 "$program" 2>/dev/null; do
    printf '\r' 2>/dev/null >&3 || stop
    sleep 1
  done
  wait "$program"
}

stop() {
  over=1
  kill -TERM "-$program" 2>/dev/null || kill -TERM "$program" 2>/dev/null
}
