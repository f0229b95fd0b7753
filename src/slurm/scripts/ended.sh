# Says how a job ended that the controller has forgotten, where the cluster keeps accounts: its state in Slurm's word.
#   FOLDER CONFIGURATION JOB
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  command -v sacct >/dev/null 2>&1 || return 0
  sacct -n -P -X -j "$3" -o State 2>/dev/null | sed -n 1p
}
