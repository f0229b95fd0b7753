# Prints the sessions of this host that still live: for each the fields id, status (`running` or `exited:STATUS`), time of
# the last lease and state.json, each ended by a NUL. What a reboot or a crash left of others is removed.

boot_of() {
  sed -n 's/.*"bootId": "\([^"]*\)".*/\1/p' "$1" 2>/dev/null
}

main() {
  boot=
  [ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
  for folder in "$sessions"/*; do
    id=${folder##*/}
    is_session "$id" && [ -r "$folder/state.json" ] || continue
    [ "$(boot_of "$folder/state.json")" = "$boot" ] || {
      rm -rf "$folder"
      continue
    }
    if [ -e "$folder/exit" ] && runs "$folder/supervisor"; then
      status=
      read -r status <"$folder/exit"
      status=exited:$status
    elif mend_supervisor "$folder"; then
      status=running
    else
      rm -rf "$folder"
      continue
    fi
    lease=$(stat -c %Y "$folder/state.json" 2>/dev/null || stat -f %m "$folder/state.json" 2>/dev/null)
    printf '%s\0%s\0%s\0' "$id" "$status" "$lease"
    cat "$folder/state.json"
    printf '\0'
  done
  rmdir "$sessions" "$ours" 2>/dev/null
  :
}
