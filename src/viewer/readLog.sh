# Prints the last $2 bytes of the log of session $1.
main() {
  log=${XDG_CACHE_HOME:-$HOME/.cache}/runicorn-remote/sessions/$1/viewer.log
  [ ! -r "$log" ] || tail -c "$2" "$log"
}
