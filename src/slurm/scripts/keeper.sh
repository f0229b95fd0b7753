#!/bin/sh
# Runicorn Remote: a job in which viewers of its owner run. It starts those that are asked for through a pipe in a folder
# of its own, and ends when the last of them has, or when nobody has come for the grace time. It listens nowhere.
umask 077
grace=@GRACE@
linger=3
folder=$(mktemp -d "/tmp/runicorn-job-$SLURM_JOB_ID-XXXXXX") || exit 1
mkfifo "$folder/requests" || exit 1
exec 3<>"$folder/requests"
cat >"$folder/lines" <<'@END@'
@LINES@
@END@
running=0 round=0 sleeper= term=
# Not every way to end a job tells what runs in it.
pass_on() {
  for file in "$folder"/live-*; do
    [ ! -s "$file" ] || kill -TERM "$(cat "$file")" 2>/dev/null
  done
}
# Removes what a session left empty.
tidy() {
  read -r place <"$1" || return 0
  rmdir "$place" "${place%/*}" 2>/dev/null
  case ${place%/*/*} in */runicorn-remote*) rmdir "${place%/*/*}" 2>/dev/null ;; esac
}
trap 'term=1; pass_on; echo term >&3' TERM
wait_idle() {
  [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null
  round=$((round + 1))
  ( trap 'kill "$s" 2>/dev/null; exit' TERM; sleep "$1" & s=$!; wait "$s" && echo "idle $round" >&3 ) &
  sleeper=$!
}
wait_idle "$grace"
touch "$folder/ready"
while [ -p "$folder/requests" ]; do
  # A signal cuts it short.
  read -r word rest <&3 || continue
  case $word in
    start)
      case $rest in *[!0-9a-f]* | '') continue ;; esac
      running=$((running + 1))
      ( trap : TERM; sh "$folder/start-$rest" 3>&-; rm -f "$folder/live-$rest"; tidy "$folder/where-$rest"; echo ended >&3 ) &
      ;;
    ended)
      running=$((running - 1))
      [ -z "$term" ] || [ "$running" -gt 0 ] || break
      [ "$running" -gt 0 ] || wait_idle "$linger"
      ;;
    idle) [ "$rest" != "$round" ] || [ "$running" -gt 0 ] || break ;;
    leave) [ "$running" -gt 0 ] || wait_idle "$linger" ;;
    term)
      [ "$running" -gt 0 ] || break
      # One that has begun meanwhile.
      pass_on
      ;;
  esac
done
rm -rf "$folder"
[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null
exit 0
