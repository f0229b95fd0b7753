# Prints the log of session $1 from byte $2 on (`end`: its last $3 bytes) and what is added to it, for as long as the
# standard input is open. The first line is the position that it begins at.
main() {
  find_session "$1" || return 0
  log=$folder/viewer.log
  is_our_file "$log" || return 0
  size=$(($(wc -c <"$log")))
  from=$2
  if [ "$from" = end ]; then
    from=$((size > $3 ? size - $3 : 0))
  elif [ "$from" -gt "$size" ]; then
    # It was moved aside meanwhile.
    from=0
  fi
  printf '%s\n' "$from"
  # A log that is moved aside is cut to nothing: -F begins anew then.
  tail -c "+$((from + 1))" -F "$log" 2>/dev/null &
  reader=$!
  cat >/dev/null
  kill "$reader" 2>/dev/null
}
