# Installs Runicorn with the interpreter $1. A cancelled install must not keep running.
main() {
  python=$1
  if ! "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m ensurepip --default-pip 2>&1 || {
      echo 'this environment has no pip, and none could be made'
      return 1
    }
  fi
  PYTHONUNBUFFERED=1 "$python" -m pip install --disable-pip-version-check --no-input --progress-bar off runicorn 2>&1 &
  pip=$!
  trap 'kill "$pip" 2>/dev/null' HUP INT TERM
  trap '' PIPE
  # Kill pip when our output is closed: the user cancelled, or the connection is lost.
  while kill -0 "$pip" 2>/dev/null; do
    printf '\r' 2>/dev/null || kill "$pip" 2>/dev/null
    sleep 1
  done
  wait "$pip"
}
