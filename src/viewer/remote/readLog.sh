# Prints a piece of the log of session $1: the bytes from $2 on, at most $3 of them; from `end`, the last $3. Before it one
# line: the position that the piece begins at and the log's size.
main() {
  find_session "$1" || return 0
  log=$folder/viewer.log
  is_our_file "$log" || return 0
  size=$(wc -c <"$log")
  size=$((size))
  from=$2
  if [ "$from" = end ]; then
    from=$((size > $3 ? size - $3 : 0))
  elif [ "$from" -gt "$size" ]; then
    # It was moved aside meanwhile.
    from=0
  fi
  printf '%s %s\n' "$from" "$size"
  tail -c "+$((from + 1))" "$log" | head -c "$3"
}
