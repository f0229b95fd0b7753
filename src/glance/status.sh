# Prints how busy this host is: `main STUCK PIDS [ROOT]...`. Each answer is three fields, each terminated by a NUL, which no
# shell variable can contain: its name; its result (`ok`, `missing`, `late`, `stuck PID`); and the raw output of a tool or file.
#
# STUCK names tools that an earlier call could not kill, `NAME=PID ...`: they are not started again while they hang.
# PIDS are processes to report, `1,2,3`. Tools run one after the other, at the lowest priority.

# Maximum bytes of one answer.
most=65536
# Time limits of tools in seconds; those of GPUs may have to wake up a driver.
patience=4
gpu_patience=10

newline='
'

tell() {
  printf '%s\0' "$1" "$2" "$3"
}

tell_file() {
  if [ -r "$2" ]; then tell "$1" ok "$(head -c 8192 "$2")"; else tell "$1" missing ''; fi
}

# Whether process $1 still exists and is no zombie. Waits up to a second for a killed process to exit.
is_left() {
  for _ in 1 2 3 4 5; do
    case $(ps -o stat= -p "$1") in '' | *Z*) return 1 ;; esac
    sleep 0.2 || sleep 1
  done
}

# Kills process $1 and its descendants.
end() {
  for child in $(ps -A -o ppid= -o pid= | sed -n "s/^ *$1  *\([0-9]*\) *\$/\1/p"); do end "$child"; done
  kill -s KILL "$1"
}

# Runs the command after $1, its name, and $2, its time limit in seconds. Sets said to its output and went to its result. A
# process that hangs in the kernel cannot be killed and keeps its output open, and some shells wait for a whole pipeline: so
# after the time limit only the reader is killed, and not waited for.
ask() {
  name=$1 seconds=$2
  shift 2
  said='' went=missing
  command -v "$1" >/dev/null || return 0
  case $stuck in
  *" $name="*)
    process=${stuck##*" $name="}
    process=${process%% *}
    went="stuck $process"
    ! is_left "$process" || return 0
    ;;
  esac
  said=$(
    own=$(exec sh -c 'echo "$PPID"')
    trap 'kill "$reader"; wait "$watcher"; exit 1' ALRM
    exec 3>&1
    sh -c 'echo "$$" >&3; exec "$@" 3>&-' sh $nice "$@" </dev/null 2>&1 | head -c "$most" 3>&- &
    reader=$!
    {
      trap 'kill "$!"; exit' TERM
      sleep "$seconds" &
      wait "$!"
      kill -s ALRM "$own"
    } >/dev/null 3>&- &
    watcher=$!
    wait "$reader"
    kill "$watcher"
    wait "$watcher"
    exit 0
  ) && went=ok || went=late
  process=${said%%"$newline"*}
  said=${said#*"$newline"}
  [ "$went" = late ] || return 0
  said=
  [ -n "$process" ] || return 0
  end "$process"
  ! is_left "$process" || went="stuck $process"
}

tell_asked() {
  ask "$@"
  tell "$1" "$went" "$said"
}

tell_machine() {
  tell name ok "$(uname -n)"
  tell system ok "$(uname -s)"
  tell time ok "$(date +%s)"
  tell cores ok "$(getconf _NPROCESSORS_ONLN || grep -c ^processor /proc/cpuinfo || sysctl -n hw.ncpu)"
  if [ -r /proc/meminfo ]; then
    tell_file load /proc/loadavg
    tell_file meminfo /proc/meminfo
    tell limits ok "$(print_limits)"
  else
    tell load ok "$(sysctl -n vm.loadavg)"
    tell memsize ok "$(sysctl -n hw.memsize)"
    tell_asked vm_stat "$patience" vm_stat
  fi
}

# Limits of control groups: `memory LIMIT USED CACHE` in bytes, `cpu QUOTA PERIOD`, for our own group and its ancestors.
print_limits() {
  own=$(sed -n 's/^0:://p' /proc/self/cgroup | head -n 1)
  case $own in *..*) own= ;; esac
  folder=/sys/fs/cgroup${own%/}
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    if [ -r "$folder/memory.max" ]; then
      cache=$(sed -n 's/^inactive_file //p' "$folder/memory.stat")
      echo "memory $(cat "$folder/memory.max" "$folder/memory.current" | tr '\n' ' ')${cache:-0}"
    fi
    [ ! -r "$folder/cpu.max" ] || echo "cpu $(cat "$folder/cpu.max")"
    [ "$folder" != /sys/fs/cgroup ] || break
    folder=${folder%/*}
  done
  print_limits_v1
}

print_limits_v1() {
  folder=/sys/fs/cgroup/memory
  own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
  [ ! -r "$folder$own/memory.limit_in_bytes" ] || folder=$folder$own
  if [ -r "$folder/memory.limit_in_bytes" ]; then
    cache=$(sed -n 's/^total_inactive_file //p' "$folder/memory.stat")
    echo "memory $(cat "$folder/memory.limit_in_bytes" "$folder/memory.usage_in_bytes" | tr '\n' ' ')${cache:-0}"
  fi
  folder=/sys/fs/cgroup/cpu
  own=$(sed -n 's/^[0-9]*:cpu[^:]*://p' /proc/self/cgroup)
  [ ! -r "$folder$own/cpu.cfs_quota_us" ] || folder=$folder$own
  [ ! -r "$folder/cpu.cfs_quota_us" ] ||
    echo "cpu $(cat "$folder/cpu.cfs_quota_us" "$folder/cpu.cfs_period_us" | tr '\n' ' ')"
}

# The disks of the roots, in their order. After one that hangs the rest is skipped: a network disk would hang again.
tell_disks() {
  [ $# -gt 0 ] || set -- "${HOME:-/}"
  count=0 went=ok
  for root in "$@"; do
    case $went in late | stuck*) tell "disk$count" late '' ;; *) tell_asked "disk$count" "$patience" df -Pk "$root" ;; esac
    count=$((count + 1))
  done
}

# Prints the GPUs, and sets pids to $1 and the PIDs of processes on GPUs, each after a comma.
tell_gpus() {
  pids=${1:+,$1}
  tell_asked nvidia "$gpu_patience" nvidia-smi --format=csv,noheader,nounits \
    --query-gpu=index,uuid,utilization.gpu,memory.used,memory.total,temperature.gpu,name
  if [ "$went" = ok ]; then
    tell_asked nvidia-processes "$gpu_patience" nvidia-smi --format=csv,noheader,nounits \
      --query-compute-apps=gpu_uuid,pid,used_memory,process_name
    add_pids "$(printf '%s\n' "$said" | sed -n 's/^[^,]*, *\([0-9]\{1,7\}\),.*/\1/p' | head -n 256)"
  fi
  tell_asked rocm "$gpu_patience" rocm-smi --showproductname --showuse --showmeminfo vram --showtemp --showpids --json
  [ "$went" != ok ] ||
    add_pids "$(printf '%s\n' "$said" | tr ',{' '\n\n' | sed -n 's/^ *"PID\([0-9]\{1,7\}\)".*/\1/p' | head -n 256)"
}

add_pids() {
  for pid in $1; do pids=$pids,$pid; done
}

# PID, parent, age, account and name of each process. Tries simpler options in turn: busybox has no -p, and may have no
# etime.
tell_processes() {
  # Include this shell, so that there is always an answer.
  pids=$$$pids
  for columns in '-o pid= -o ppid= -o etime= -o user:32= -o comm= -p' '-o pid= -o ppid= -o etime= -o user= -o comm= -p' \
    '-o pid,ppid,etime,user,comm' '-o pid,ppid,user,comm'; do
    case $columns in *-p) columns="$columns $pids" ;; esac
    ask processes "$patience" ps $columns
    [ "$went" = ok ] || break
    ! printf '%s\n' "$said" | grep -q '^ *[0-9][0-9]*  *[0-9][0-9]* ' || break
  done
  tell processes "$went" "$said"
}

main() {
  exec 2>/dev/null
  PATH=$PATH:/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/opt/rocm/bin:/usr/lib/wsl/lib
  LC_ALL=C
  export PATH LC_ALL
  nice=
  ! command -v nice >/dev/null || nice='nice -n 19'
  stuck=" $1 "
  given=$2
  shift 2
  tell_machine
  tell_disks "$@"
  tell_gpus "$given"
  tell_processes
  tell end ok ''
}
