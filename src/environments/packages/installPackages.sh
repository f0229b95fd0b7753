# Runs the Python program $2 with the interpreter $1, and the arguments $3 and a temporary folder, which is removed in any
# case: when the caller goes away, the program gets EOF and exits.
main() {
  umask 077
  folder=$(mktemp -d "${TMPDIR:-/tmp}/runicorn-remote-XXXXXXXX" 2>/dev/null) ||
    folder=$(mktemp -d "$HOME/.runicorn-remote-XXXXXXXX") || return
  trap : HUP INT TERM
  "$1" -c "$2" "$3" "$folder"
  status=$?
  rm -rf "$folder"
  return "$status"
}
