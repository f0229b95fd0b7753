# Runs the program $2 with the interpreter $1 and hands it $3 and $4.
main() {
  "$1" -c "$2" "$3" "$4"
}
