#!/bin/sh
# Runicorn Remote: a job in which viewers of its owner run. It starts viewers on request through a FIFO in its own folder,
# and ends after the last of them, or when nobody came within the grace time. It listens on no port.
umask 077
grace=@GRACE@
linger=3
# Seconds to wait for somebody who is connecting, or restarting a viewer.
hold=120
hour=3600
# Seconds that the job stays where it can make no folder: the step into it says why.
stay=30
# Start time of process $1, which tells it from a later one with the same PID; empty if it is gone.
began() {
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
  set -- ${line##*) }
  case $1 in Z | X) ;; *) echo "${20}" ;; esac
}
space=$(readlink /proc/self/ns/pid)
# Remove folders of keepers that were killed.
for old in /tmp/runicorn-job-*; do
  [ -O "$old" ] && [ ! -L "$old" ] && [ -s "$old/ready" ] && read -r pid start where <"$old/ready" || continue
  [ "$where" != "$space" ] || [ "$(began "$pid")" = "$start" ] || rm -rf "$old"
done
# As where /tmp is full: a part of the lines must not be taken for all of them.
fail() {
  trap - TERM
  [ -z "$folder" ] || rm -rf "$folder"
  sleep "$stay"
  exit 1
}
folder=$(mktemp -d "/tmp/runicorn-job-$SLURM_JOB_ID-XXXXXX") || fail
mkfifo "$folder/requests" || fail
exec 3<>"$folder/requests"
cat >"$folder/lines" <<'@END@' || fail
@LINES@
@END@
running=0 round=0 sleeper= term= holders= until=0
# Not every way to end a job signals all of its processes.
pass_on() {
  for file in "$folder"/live-*; do
    [ ! -s "$file" ] || kill -TERM "$(cat "$file")" 2>/dev/null
  done
}
# Removes the folders of a session, if empty.
tidy() {
  read -r place <"$1" || return 0
  rmdir "$place" "${place%/*}" 2>/dev/null
  case ${place%/*/*} in */runicorn-remote*) rmdir "${place%/*/*}" 2>/dev/null ;; esac
}
trap 'term=1; pass_on; echo term >&3' TERM
# Sets left to the seconds for which it is still held; fails if it is not.
held() { [ -n "$holders" ] && left=$((until - $(date +%s))) && [ "$left" -gt 0 ]; }
hold_for() { holders="$holders $1" until=$(($(date +%s) + hold)); }
wait_idle() {
  [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null
  round=$((round + 1))
  ( trap 'kill "$s" 2>/dev/null; exit' TERM; sleep "$1" & s=$!; wait "$s" && echo "idle $round" >&3 ) &
  sleeper=$!
}
wait_idle "$grace"
# Keep our files new, because old files in /tmp may be cleaned up.
( trap 'kill "$s" 2>/dev/null; exit' TERM; while sleep "$hour" & s=$!; wait "$s"; do touch -c "$folder" "$folder"/* 2>/dev/null; done ) &
toucher=$!
printf '%s %s %s\n' "$$" "$(began "$$")" "$space" >"$folder/ready.new" && mv "$folder/ready.new" "$folder/ready" || {
  kill "$sleeper" "$toucher" 2>/dev/null
  fail
}
while [ -p "$folder/requests" ]; do
  # A signal interrupts it.
  read -r word rest <&3 || continue
  case $word in
    start)
      case $rest in *[!0-9a-f]* | '') continue ;; esac
      running=$((running + 1)) holders=
      ( trap : TERM; sh "$folder/start-$rest" 3>&-; rm -f "$folder/live-$rest"; tidy "$folder/where-$rest"; echo ended >&3 ) &
      ;;
    ended)
      running=$((running - 1))
      [ -z "$term" ] || [ "$running" -gt 0 ] || break
      [ "$running" -gt 0 ] || wait_idle "$linger"
      ;;
    idle)
      [ "$rest" = "$round" ] && [ "$running" -eq 0 ] || continue
      held || break
      wait_idle "$left"
      ;;
    # Somebody is connecting; a running viewer already keeps the job alive.
    enter) [ "$running" -gt 0 ] || hold_for "$rest" ;;
    # A viewer is being restarted.
    hold) hold_for "$rest" ;;
    leave)
      others=
      for one in $holders; do [ "$one" = "$rest" ] || others="$others $one"; done
      holders=$others
      [ "$running" -gt 0 ] || wait_idle "$linger"
      ;;
    term)
      [ "$running" -gt 0 ] || break
      # A viewer may have started meanwhile.
      pass_on
      ;;
  esac
done
rm -rf "$folder"
kill $sleeper "$toucher" 2>/dev/null
exit 0
