# Runs lines of the person's in a shell of theirs, as if it were a terminal, and then a script in the environment that they
# leave. Arguments: a tag, seconds for the lines, the script (its standard input is descriptor 4), the lines.
#
# Standard output begins with `<<TAG` once all lines have run, and all after it is the script's; it is `TAG>>` where they took
# too long. Carriage returns come before, to find out whether somebody listens still. What lines and start-up files print goes to standard error, as `TAG: TEXT` behind `TAG line NUMBER`. The lines travel in pipes
# alone: nothing of them is in an argument of a process, in its environment or in a file.

# In the person's shell. Arguments: number of lines, tag, the process that watches the time.
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

# Sets shell, and login to what makes it read what it reads in a terminal.
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

# Passes on what is printed until the shell has ended, also where something else holds the pipe; its status is the shell's.
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
    # Short enough to be written in one piece: the script prints there too by then. Of a longer one nothing is passed on: a
    # part of a secret would not be known as one.
    [ "${#text}" -le 1000 ] || text='(too long to be shown)'
    [ "$passed" -gt 200 ] || printf '%s: %s\n' "$tag" "$text" >&2
    passed=$((passed + 1))
  done
  return 1
}

# Prints process, parent and process group of every process.
processes() {
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { IFS= read -r stat <"$file"; } 2>/dev/null || continue
      process=${stat%% *}
      set -f
      # The name may hold spaces and brackets.
      set -- ${stat##*) }
      set +f
      printf '%s %s %s\n' "$process" "$2" "$3"
    done
  else
    ps -A -o pid= -o ppid= -o pgid=
  fi
}

# Sends the signal $1 to all that runs below us, and is not in a group of its own by now. What was below us when it was called
# before is so still: whoever stood between has ended by then.
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
  # What $$ says is another process where this runs beside other scripts.
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
