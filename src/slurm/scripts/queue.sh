# Lists jobs of the user in one query: a line `now SECONDS`, then a line for each job.
#   FOLDER CONFIGURATION ours|all|jobs [NUMBER,...]
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # Seconds since the epoch, whatever the cluster's time zone.
  export SLURM_TIME_FORMAT=%s
  # Variables that the user set would filter or format the output.
  unset SQUEUE_FORMAT $(env | sed -n 's/^\(SQUEUE_[A-Z0-9_]*\)=.*/\1/p')
  printf 'now %s\n' "$(date +%s)"
  which=$3
  case $which in
    ours) set -- -t all -n runicorn-remote ;;
    all) set -- -t all ;;
    jobs) set -- -t all -j "$4" ;;
  esac
  # -a: hidden partitions as well.
  said=$(squeue -h -a -u "$(id -un)" "$@" -o '%i|%T|%r|%S|%L|%B|%P|%k|%j') || return
  # There may be thousands of queued jobs, with long names: ours first, which must not be cut off; of the others only running
  # ones, 200 at most.
  if [ "$which" = all ]; then
    printf '%s\n' "$said" | awk -F'|' -v OFS='|' '$9 == "runicorn-remote" { print; next }
      $2 == "RUNNING" && n < 200 { $8 = ""; others[++n] = substr($0, 1, 1000) }
      END { for (i = 1; i <= n; i++) print others[i] }'
  else
    printf '%s\n' "$said"
  fi
}
