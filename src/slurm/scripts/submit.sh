# Submits a job whose script is TEXT, and prints its id.
#   FOLDER CONFIGURATION TEXT OPTION...
main() {
  [ -z "$2" ] || export SLURM_CONF="$2"
  PATH=$1:$PATH
  text=$3
  shift 3
  # Ignore options that the user set for compute jobs.
  unset SBATCH_GRES SBATCH_GPUS SBATCH_GPUS_PER_NODE SBATCH_GPUS_PER_TASK SBATCH_GPUS_PER_SOCKET SBATCH_ARRAY_INX
  unset SBATCH_EXCLUSIVE SBATCH_WAIT SBATCH_REQUEUE SBATCH_OUTPUT SBATCH_ERROR SBATCH_INPUT SBATCH_SIGNAL SBATCH_CLUSTERS
  cd "$HOME" 2>/dev/null || cd /
  printf '%s\n' "$text" | sbatch "$@"
}
