# Lists jobs of the person, in one question to the controller: a line `now SECONDS`, then one for each.
#   FOLDER CONFIGURATION ours|all|jobs [NUMBER,...]
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # Seconds since the epoch, whatever time zone the cluster is in.
  export SLURM_TIME_FORMAT=%s
  # What a person has set would choose among the jobs.
  unset SQUEUE_FORMAT $(env | sed -n 's/^\(SQUEUE_[A-Z0-9_]*\)=.*/\1/p')
  printf 'now %s\n' "$(date +%s)"
  which=$3
  case $which in
    ours) set -- -t all -n runicorn-remote ;;
    all) set -- -t all ;;
    jobs) set -- -t all -j "$4" ;;
  esac
  # Hidden partitions too.
  said=$(squeue -h -a -u "$(id -un)" "$@" -o '%i|%T|%r|%S|%L|%B|%P|%k|%j') || return
  # A person may have thousands that wait: of the others only those that run, and ours whatever there is beside them.
  if [ "$which" = all ]; then
    printf '%s\n' "$said" | awk -F'|' '$9 == "runicorn-remote" || ($2 == "RUNNING" && n++ < 200)'
  else
    printf '%s\n' "$said"
  fi
}
