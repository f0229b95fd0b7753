# Gives the program $2, which the interpreter $1 runs and to which $3 is handed, a folder of its own, and removes it afterwards,
# whatever happens: who goes away closes the program's standard input, and that ends it.
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
