# Prints the sessions of this host that still live: for each the fields id, status (`running`, `exited:STATUS`, `port-lost`,
# or `elsewhere:NAME` of another machine with the same home), time of the last lease and state.json, each ended by a NUL. Behind
# all of them, which machine this is.
# What a reboot or a crash left of others is removed.

list_place() {
  for folder in "$place/sessions"/*; do
    id=${folder##*/}
    is_session "$id" && is_private "$folder" && is_our_file "$folder/state.json" || continue
    status=
    if ! is_on_this_machine "$folder"; then
      is_long_dead "$folder" || status=elsewhere:$their_name
    else
      [ -e "$folder/exit" ] && ! find_supervisor "$folder" || status=$(status_of "$folder")
    fi
    [ -n "$status" ] || {
      remove_session "$folder"
      continue
    }
    lease=$(stat -c %Y "$folder/state.json" 2>/dev/null || stat -f %m "$folder/state.json" 2>/dev/null)
    printf '%s\0%s\0%s\0' "$id" "$status" "$lease"
    cat "$folder/state.json"
    printf '\0'
  done
  remove_if_empty
}

main() {
  in_places list_place
  printf '%s' "$here"
}
