# Lists jobs of the user in one query: a line `now SECONDS`, then a line for each job.
#   FOLDER CONFIGURATION ours|others|jobs [NUMBER,...]
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # Seconds since the epoch, whatever the cluster's time zone.
  export SLURM_TIME_FORMAT=%s
  # Variables that the user set would filter or format the output.
  unset SQUEUE_FORMAT $(env | sed -n 's/^\(SQUEUE_[A-Z0-9_]*\)=.*/\1/p')
  printf 'now %s\n' "$(date +%s)"
  case $3 in
    ours) set -- -t all -n runicorn-remote ;;
    others) set -- -t RUNNING ;;
    jobs) set -- -t all -j "$4" ;;
  esac
  # -a: hidden partitions as well.
  squeue -h -a -u "$(id -un)" "$@" -o '%i|%T|%r|%S|%L|%B|%P|%k|%j'
}
