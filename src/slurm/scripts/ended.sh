# Prints the final state of a job that the controller no longer lists, if the cluster has accounting.
#   FOLDER CONFIGURATION JOB
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  command -v sacct >/dev/null 2>&1 || return 0
  # Variables that the user set would filter or format the output.
  unset SACCT_FORMAT $(env | sed -n 's/^\(SACCT_[A-Z0-9_]*\)=.*/\1/p')
  if said=$(sacct -n -P -X -j "$3" -o State 2>&1); then
    # sacct may print warnings even if it succeeds.
    printf '%s\n' "$said" | grep '^[A-Z_][A-Z_]*\( by [0-9]*\)*+*$' | sed -n 1p
    return 0
  fi
  case $said in *'accounting storage is disabled'*) return 0 ;; esac
  printf '%s\n' "$said" >&2
  return 1
}
