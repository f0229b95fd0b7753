# Ends a job.
#   FOLDER CONFIGURATION JOB
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  # Variables that the user set would filter or format the output.
  unset SCANCEL_NAME $(env | sed -n 's/^\(SCANCEL_[A-Z0-9_]*\)=.*/\1/p')
  scancel "$3"
}
