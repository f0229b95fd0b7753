# Lists jobs of the person, in one question to the controller: a line `now SECONDS`, then one for each.
#   FOLDER CONFIGURATION ours|others|jobs [NUMBER,...]
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # Seconds since the epoch, whatever time zone the cluster is in.
  export SLURM_TIME_FORMAT=%s
  # What a person has set would choose among the jobs.
  unset SQUEUE_FORMAT $(env | sed -n 's/^\(SQUEUE_[A-Z0-9_]*\)=.*/\1/p')
  printf 'now %s\n' "$(date +%s)"
  case $3 in
    ours) set -- -t all -n runicorn-remote ;;
    others) set -- -t RUNNING ;;
    jobs) set -- -t all -j "$4" ;;
  esac
  # Hidden partitions too.
  squeue -h -a -u "$(id -un)" "$@" -o '%i|%T|%r|%S|%L|%B|%P|%k|%j'
}
