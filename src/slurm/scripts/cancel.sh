# Ends a job.
#   FOLDER CONFIGURATION JOB
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # What a person has set would choose among the jobs.
  unset SCANCEL_NAME $(env | sed -n 's/^\(SCANCEL_[A-Z0-9_]*\)=.*/\1/p')
  scancel "$3"
}
