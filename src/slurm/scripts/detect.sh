# Detects Slurm: prints lines `KEY VALUE`, the first of which is `bin FOLDER` or `absent`.

# Start-up files may print, too: our output follows a marker line.
ask_login_shell() {
  ask='command -v sbatch; echo "${SLURM_CONF:-}"'
  flag=-lc
  case ${SHELL:-} in
    *csh) ask='which sbatch; echo $?SLURM_CONF' flag=-c ;;
    '') return ;;
  esac
  "$SHELL" "$flag" "echo; echo runicorn:; $ask" </dev/null 2>/dev/null | sed -n '/^runicorn:$/,$p' | sed 1d
}

main() {
  bin= conf=
  found=$(command -v sbatch 2>/dev/null)
  if [ -n "$found" ]; then bin=${found%/*}
  else
    for folder in /usr/bin /usr/local/bin /opt/slurm/bin /usr/local/slurm/bin /opt/slurm/current/bin /cm/shared/apps/slurm/current/bin; do
      if [ -x "$folder/sbatch" ]; then bin=$folder; break; fi
    done
  fi
  # Start-up files may also set SLURM_CONF.
  if [ -z "$bin" ] || { [ -z "${SLURM_CONF:-}" ] && [ ! -e /etc/slurm/slurm.conf ]; }; then
    said=$(ask_login_shell)
    path=$(printf '%s\n' "$said" | sed -n 1p)
    case $path in /*/sbatch) if [ -z "$bin" ] && [ -x "$path" ]; then bin=${path%/*}; fi ;; esac
    conf=$(printf '%s\n' "$said" | sed -n 2p)
    case $conf in /*) ;; *) conf= ;; esac
  fi
  if [ -z "$bin" ]; then echo absent; return; fi
  [ -z "$conf" ] || export SLURM_CONF="$conf"
  PATH=$bin:$PATH
  # Commands installed without a configuration are not a cluster.
  answers=yes
  said=$(sinfo -h -o '%P|%a|%l|%D|%G' 2>&1) || answers=no
  case $answers$said in no*'configuration source'*) echo absent; return ;; esac
  printf 'bin %s\n' "$bin"
  [ -z "$conf" ] || printf 'conf %s\n' "$conf"
  printf 'version %s\n' "$(sbatch --version 2>/dev/null)"
  if srun --help 2>/dev/null | grep -q -e --overlap; then echo 'overlap yes'; fi
  if [ "$answers" = yes ]; then
    echo 'answers yes'
    printf '%s\n' "$said" | sed -n '1,200s/^/partition /p'
  fi
  if command -v sacctmgr >/dev/null 2>&1; then
    sacctmgr -nP show assoc "user=$(id -un)" format=account,qos 2>/dev/null | sed -n '1,100s/^/account /p'
  fi
}
