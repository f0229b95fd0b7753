#!/bin/bash
# The first process of a machine of the cluster, in network, host name, mount, IPC and process name spaces of its own: when it
# ends, the kernel ends everything there.
#   machine.sh NAME FOLDER CACHE
name=$1 folder=$2 cache=$3
cd /
hostname "$name"
mount --make-rprivate /
mount -t proc proc /proc
cat /proc/sys/kernel/random/uuid >"$folder/run/boot-$name"
mount --bind "$folder/run/boot-$name" /proc/sys/kernel/random/boot_id
# All of it: what is mounted over one file goes when somebody outside replaces that file.
if [ "$name" = login ]; then mount --bind "$folder/etc-login" /etc; else mount --bind "$folder/etc-node" /etc; fi
# The nodes see the homes as over a network: a socket there that somebody made on another machine leads nowhere.
if [ "$name" = login ]; then mount --bind "$folder/home" /home; else bindfs -o allow_other,nonempty "$folder/home" /home; fi
mkdir -p "$folder/cache" "$folder/tmp/$name"
mount --bind "$cache" "$folder/cache"
chmod 1777 "$folder/tmp/$name"
mount --bind "$folder/tmp/$name" /tmp
case $cache in /tmp/*)
  mkdir -p "$cache"
  mount --bind "$folder/cache" "$cache" ;;
esac
mount -t tmpfs tmpfs /dev/shm
mkdir -p /run/sshd
ip link set lo up
stop=
trap 'stop=1; kill $(jobs -p) 2>/dev/null' TERM INT
# Starts again what was ended, unless its name lies in the folder `hold`.
stays() {
  what=$1; shift
  while [ -z "$stop" ]; do
    if [ -e "$folder/hold/$what" ]; then sleep 0.1; else "$@"; sleep 0.2; fi
  done
}
if [ "$name" = login ]; then
  runuser -u munge -- /usr/sbin/munged --foreground --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" &
  until [ -S "$folder/munge/socket" ]; do sleep 0.02; done
  stays slurmctld /usr/sbin/slurmctld -D &
else
  until [ -S "$folder/munge/socket" ] && (exec 4<>/dev/tcp/login/6817) 2>/dev/null; do sleep 0.05; done
  stays "slurmd-$name" /usr/sbin/slurmd -D &
fi
stays "sshd-$name" /usr/sbin/sshd -D -f "$folder/sshd/$name" -E "$folder/log/sshd-$name" &
touch "$folder/run/began-$name"
# As process 1 it also has to reap what others leave.
while [ -z "$stop" ]; do wait -n 2>/dev/null || sleep 0.1; done
