# With `renew` renews the leases of the sessions $2..., with `keep` lets them run without one, with `release` no longer. The
# answer is one line:
# ID=running, ID=exited:STATUS, ID=gone, ID=port-lost where its port is not its own any more, or ID=elsewhere:NAME where it
# is on another machine with the same home, for each session, and at=MACHINE, which says what gone is
# true of. Signals and not files carry the news to the supervisors, for a disk may be full or not be writable.

tell() {
  if ! find_session "$2"; then
    printf ' %s=gone' "$2"
  elif ! is_on_this_machine "$folder"; then
    printf ' %s=elsewhere:%s' "$2" "$their_name"
  else
    status=$(status_of "$folder")
    # A status alone, as of one that has ended by itself, is not kept.
    case $status in
    running | port-lost) news=$1 ;;
    *) news=USR1 ;;
    esac
    ! find_supervisor "$folder" || kill "-$news" "$pid" 2>/dev/null
    # It may have been stopped meanwhile.
    [ -d "$folder" ] && status=${status:-exited:} || status=gone
    printf ' %s=%s' "$2" "$status"
  fi
}

main() {
  case $1 in
  renew) wish=USR1 ;;
  keep) wish=USR2 ;;
  # Ignored by a supervisor of an earlier version, which would be ended by any other signal.
  release) wish=WINCH ;;
  *) return 1 ;;
  esac
  shift
  for id in "$@"; do
    tell "$wish" "$id"
  done
  printf ' at=%s' "$boot/$namespace/$machine/$name"
}
