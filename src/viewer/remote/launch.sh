# Runs the program $2 with the interpreter $1 and hands it $3, $4, $5 and the number of the shell that all of this runs in:
# when that has ended, nobody waits for an answer. Whoever ends this ends that.
main() {
  "$1" -c "$2" "$3" "$4" "$5" "$$" &
  program=$!
  trap 'kill "$program" 2>/dev/null' HUP TERM
  wait "$program"
}
