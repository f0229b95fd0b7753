# Ends a job.
#   FOLDER CONFIGURATION JOB
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  scancel "$3"
}
