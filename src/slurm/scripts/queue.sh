# Lists jobs of the person, in one question to the controller: a line `now SECONDS`, then one for each.
#   FOLDER CONFIGURATION ours|others
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # Seconds since the epoch, whatever time zone the cluster is in.
  export SLURM_TIME_FORMAT=%s
  unset SQUEUE_FORMAT SQUEUE_FORMAT2 SQUEUE_STATES SQUEUE_SORT SQUEUE_PARTITION SQUEUE_USERS SQUEUE_NAMES
  printf 'now %s\n' "$(date +%s)"
  if [ "$3" = ours ]; then set -- -t all -n runicorn-remote; else set -- -t RUNNING; fi
  squeue -h -u "$(id -un)" "$@" -o '%i|%T|%r|%S|%L|%B|%P|%k|%j'
}
