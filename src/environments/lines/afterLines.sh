# Runs the user's lines in their login shell, and then a script in the environment that the lines leave.
# Arguments: a tag, seconds for the lines, the script (its standard input is descriptor 4), the lines.
#
# Standard output: carriage returns, to notice when the reader has gone; then `<<TAG`, when all lines have run, and the
# output of the script, or `TAG>>` if the lines timed out. Output of lines and start-up files goes to standard error, as
# `TAG: TEXT` after `TAG line NUMBER`. The lines may contain secrets: they are passed through pipes only, never in
# arguments, environment variables or files.

# Runs in the user's shell. Arguments: number of lines, tag, pid of the timer.
in_their_shell='
__left=$1 __tag=$2 __watch=$3 __number=0
while [ "$__number" -lt "$__left" ]; do
  IFS= read -r __line <&8 || exit 1
  __number=$((__number + 1))
  printf "\n%s line %s\n" "$__tag" "$__number"
  eval "$__line" </dev/null 3>&- 4<&- 7>&- 8<&- || exit
done
kill "$__watch" 2>/dev/null
while kill -0 "$__watch" 2>/dev/null && [ "$__left" -lt 999 ]; do __left=$((__left + 1)); done
printf "\n%s ready\n" "$__tag"
printf "<<%s\n" "$__tag" >&3
unset __left __tag __watch __number __line
exec /bin/sh -s <&8 >&3 2>&7 3>&- 7>&- 8<&-
'

# Sets shell, and login to the option that makes it read its start-up files.
find_shell() {
  shell=${SHELL:-} login=-l
  case ${shell##*/} in
  bash | zsh) [ -x "$shell" ] && return ;;
  esac
  shell=$(command -v bash) && return
  shell=/bin/sh login=
}

start_shell() {
  count=$1
  printf '\n%s line 0\n' "$tag"
  "$shell" $login -c "$in_their_shell" lines "$count" "$tag" "$watch" 3>&3 4<&4 7>&2 8<&0 2>&1 </dev/null
  printf '\n%s end %s\n' "$tag" "$?"
}

# Forwards output until the shell has exited, even if another process keeps the pipe open. Returns the shell's status.
pass_on() {
  passed=0
  while IFS= read -r text; do
    case $text in
    "$tag end "*) return "${text##* }" ;;
    "$tag line "*)
      passed=0
      printf '%s\n' "$text" >&2
      continue
      ;;
    "$tag "* | '') continue ;;
    esac
    # Short enough for an atomic write, since the script may print there, too. Longer lines are dropped, not cut: part
    # of a secret would not be recognised and redacted.
    [ "${#text}" -le 1000 ] || text='(too long to be shown)'
    [ "$passed" -gt 200 ] || printf '%s: %s\n' "$tag" "$text" >&2
    passed=$((passed + 1))
  done
  return 1
}

# Prints pid, parent and process group of every process.
processes() {
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { IFS= read -r stat <"$file"; } 2>/dev/null || continue
      process=${stat%% *}
      set -f
      # The name may contain spaces and parentheses.
      set -- ${stat##*) }
      set +f
      printf '%s %s %s\n' "$process" "$2" "$3"
    done
  else
    ps -A -o pid= -o ppid= -o pgid=
  fi
}

# Sends the signal $1 to all our descendants in our process group. Remembers those of earlier calls, whose parents may
# have exited since.
end_job() {
  all=$(processes 2>/dev/null)
  group=$(printf '%s\n' "$all" | while read -r process _ its_group; do
    [ "$process" != "$me" ] || printf '%s' "$its_group"
  done)
  below=${below:- $me } before=
  while [ "$below" != "$before" ]; do
    before=$below targets=
    while read -r process parent its_group; do
      [ "$its_group" = "$group" ] && [ "$process" != "$me" ] || continue
      case $below in
      *" $process "*) ;;
      *" $parent "*) below="$below$process " ;;
      *) continue ;;
      esac
      targets="$targets $process"
    done <<PROCESSES
$all
PROCESSES
  done
  [ -z "$targets" ] || kill "-$1" $targets 2>/dev/null
}

main() {
  tag=$1 seconds=$2 script=$3 below=
  shift 3
  find_shell
  # $$ is another process in a shared shell, where this script runs in a subshell.
  me=$(exec /bin/sh -c 'echo "$PPID"')
  exec 3>&1 4<&0
  late=
  (
    trap 'kill "$nap" 2>/dev/null; exit' TERM
    trap '' PIPE
    while [ "$seconds" -gt 0 ]; do
      sleep 1 >/dev/null 3>&- &
      nap=$!
      wait "$nap"
      seconds=$((seconds - 1))
      printf '\r' >&3 || break
    done
    kill -ALRM "$me"
  ) </dev/null >/dev/null 2>&1 4<&- &
  watch=$!
  trap 'late=1; end_job TERM; sleep 1; end_job KILL' ALRM
  { printf '%s\n' "$@" "$script" | start_shell "$#" | pass_on; } &
  job=$!
  trap 'kill "$watch" 2>/dev/null; end_job TERM' HUP TERM
  while :; do
    wait "$job"
    status=$?
    kill -0 "$job" 2>/dev/null || break
  done
  kill "$watch" 2>/dev/null
  [ -z "$late" ] || printf '%s>>\n' "$tag"
  return "$status"
}
