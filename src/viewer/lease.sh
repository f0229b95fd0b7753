# Renews leases for as long as somebody asks for it. Each line of the standard input is a number, a verb and sessions:
#   N renew ID...   renews their leases
#   N keep ID...    lets them run without one
# The answer to each is one line: the number, then ID=running, ID=exited:STATUS or ID=gone for each session. Signals and
# not files carry the news to the supervisors, for a disk may be full or not be writable.

tell() {
  folder=$sessions/$2
  if ! is_session "$2" || [ ! -d "$folder" ]; then
    printf ' %s=gone' "$2"
  elif [ -e "$folder/exit" ]; then
    status=
    read -r status <"$folder/exit"
    ! runs "$folder/supervisor" || kill -USR1 "$pid" 2>/dev/null
    printf ' %s=exited:%s' "$2" "$status"
  elif mend_supervisor "$folder"; then
    ! runs "$folder/supervisor" || kill "-$1" "$pid" 2>/dev/null
    printf ' %s=running' "$2"
  else
    # Neither is left and nobody recorded how it ended: both were killed.
    printf ' %s=exited:' "$2"
  fi
}

main() {
  while IFS=' ' read -r number verb rest; do
    case $verb in
    renew) news=USR1 ;;
    keep) news=USR2 ;;
    *) continue ;;
    esac
    printf '%s' "$number"
    for id in $rest; do
      tell "$news" "$id"
    done
    printf '\n'
  done
}
