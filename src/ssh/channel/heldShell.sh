# How scripts that run side by side answer over the one output of the shell that they run in. Goes before them; tag is set.
#
# An answer is lines `TAG NUMBER +BYTES` and a last one with `.` for the `+`. The bytes are hexadecimal, because they may be
# any, and a line is shorter than what any system writes into a pipe in one piece, so that lines never mix.

# Prints the input as the answer to script $1, at most $2 bytes of it, when the script has ended.
answer() {
  bytes=$(od -An -v -tx1 -N "$2")
  set -f
  IFS='
'
  piece='' count=0
  for line in $bytes; do
    piece=$piece$line count=$((count + 1))
    if [ "$count" -eq 6 ]; then
      printf '\n%s\n' "$tag $1 +$piece"
      piece='' count=0
    fi
  done
  last "$1" "$piece"
}

# The same while the script runs. Costs far more for each byte.
answer_live() {
  od -An -v -tx1 -N "$2" | {
    while IFS= read -r line; do
      printf '\n%s\n' "$tag $1 +$line"
    done
    last "$1" ''
  }
}

last() {
  printf '\n%s\n' "$tag $1 >" >&2
  printf '\n%s\n' "$tag $1 .$2"
}

last 0 ''
