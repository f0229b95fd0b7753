# What the scripts beside this one know of processes and of our folders. Goes before them. Somebody waits for each program
# that is started here, so there are few.

me=$(id -u)
home=$(cd -P "$HOME" 2>/dev/null && pwd -P)
case $XDG_CACHE_HOME in
/*) cache=$XDG_CACHE_HOME ;;
*) cache=$HOME/.cache ;;
esac
# Without links, so that what is looked at is what is used.
cache=$(cd -P "$cache" 2>/dev/null && pwd -P)
# It stays after a logout for those alone who linger.
runtime=
case $XDG_RUNTIME_DIR in
/*) [ ! -e "/var/lib/systemd/linger/$(id -un)" ] || runtime=$XDG_RUNTIME_DIR ;;
esac

# What tells this machine, its present start and this container's processes from others: a home may be shared by all of
# them. supervisor.py computes the same.
boot=- namespace=- machine=-
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
namespace=$(readlink /proc/self/ns/pid 2>/dev/null) || namespace=-
[ ! -r /etc/machine-id ] || read -r machine </etc/machine-id
machine=${machine:--}
name=
[ ! -r /proc/sys/kernel/hostname ] || read -r name </proc/sys/kernel/hostname
case $name in
'' | *[!A-Za-z0-9._-]*) name=$(uname -n | tr -c 'A-Za-z0-9._\n-' _) ;;
esac
here="$boot $namespace $machine $name"

# Whether the session in folder $1 is on this machine, so that its process numbers mean something here. Sets their_machine
# and their_name. A session of an earlier version of ours has told its boot alone; one that begins has told nothing yet.
is_on_this_machine() {
  their_boot='' their_namespace=$namespace their_machine='' their_name=$name
  [ -e "$1/machine" ] || [ -e "$1/state.json" ] || return 0
  if [ -e "$1/machine" ]; then
    read -r their_boot their_namespace their_machine their_name <"$1/machine"
  else
    their_boot=$(sed -n 's/.*"bootId": "\([^"]*\)".*/\1/p' "$1/state.json" 2>/dev/null)
    their_boot=${their_boot:--}
  fi
  [ "$their_boot" = "$boot" ] && [ "$their_namespace" = "$namespace" ] || return 1
  # Without a boot to tell, the name has to do.
  [ "$boot" != - ] || [ "$their_name" = "$name" ]
}

# Whether the session in folder $1, of which is_on_this_machine has just said no, is certainly dead: nothing was heard of it
# for minutes where it was on this machine before it was started again, for a week else. Its supervisor gives a sign of
# life each minute, and the clocks of machines differ.
is_long_dead() {
  quiet=10080
  [ "$machine" = - ] || [ "$their_machine $their_name" != "$machine $name" ] || quiet=5
  sign=$1/machine
  [ -e "$sign" ] || sign=$1/state.json
  [ -n "$(find "$sign" -prune -mmin "+$quiet" 2>/dev/null)" ]
}

# Reads the mode, the user and the group of file $1 itself, whether or not it is a link.
look_at() {
  listed=$(ls -ldn "$1" 2>/dev/null) || return 1
  set -f
  set -- $listed
  set +f
  mode=$1 owner=$3 group=$4
}

# Whether nobody but us and root can put another folder in the place of one in folder $1, which has no links in its path.
# What is above the home is not looked at: whoever can change that has all that is in it. launch.py decides the same.
is_sheltered() {
  above=$1 exposed=
  while :; do
    look_at "$above" || return 1
    [ "$above" != "$home" ] || break
    case $owner:$mode in
    # Others do not come as far as what is below. Its own name stands in the folder above.
    "$me":d???------*) exposed='' ;;
    "$me:"* | 0:*) ! is_exposed || exposed=yes ;;
    *) exposed=yes ;;
    esac
    [ "$above" != / ] || break
    above=${above%/*}
    above=${above:-/}
  done
  [ -z "$exposed" ]
}

# Whether others may write into the folder of ours, or root's, that look_at has just looked at.
is_exposed() {
  case $mode in
  d????????[tT]*) return 1 ;;
  d???????w* | d????w*+*) ;;
  # A group that has its user's name is for that user alone.
  d????w*) [ "$group" != "$(id -g)" ] || [ "$(id -un)" != "$(id -gn)" ] ;;
  d*) return 1 ;;
  esac
}

# Whether $1 is a folder, no link, of ours that nobody else can write into. One that others could write into is mended.
is_private() {
  look_at "$1" && [ "$owner" = "$me" ] || return 1
  case $mode in
  d????w* | d???????w*) chmod go-w "$1" 2>/dev/null ;;
  d*) ;;
  *) return 1 ;;
  esac
}

# Whether $1 is a folder of ours, and can be used: others may have made one of that name, or write where it lies.
is_place() {
  is_sheltered "${1%/*}" && is_private "$1" && is_private "$1/sessions"
}

# Calls $1, with $2, for each folder of ours, in the order in which launch.py tries them, until that succeeds.
in_places() {
  for place in ${cache:+"$cache/runicorn-remote"} ${runtime:+"$runtime/runicorn-remote"} /tmp/runicorn-remote-"$me"-*; do
    # Without a process for each: others may have made thousands.
    [ -O "$place" ] && [ -d "$place/sessions" ] || continue
    ! { is_place "$place" && "$1" "$2"; } || return 0
  done
  return 1
}

# Sets folder to that of session $1; fails where it has none.
find_session() {
  folder=
  is_session "$1" && in_places is_here "$1"
}

is_here() {
  [ -d "$place/sessions/$1" ] && is_private "$place/sessions/$1" && folder=$place/sessions/$1
}

# Sets socket to the path of the socket that the viewer in folder $1 listens on; fails where it listens on a port.
find_socket() {
  socket=
  is_our_file "$1/socket" && read -r socket <"$1/socket" || return 1
  case $socket in
  *[!A-Za-z0-9/._-]* | *..*) ;;
  /*/runicorn-viewer-*/v) return 0 ;;
  esac
  socket=
  return 1
}

# Removes what the session in folder $1 has here, and what is above it where that is empty then. Each folder is gone into
# and looked at, and what is removed is named from within: whoever puts another one in the place of one of them meanwhile
# has nothing of that removed. removal.py does the same.
remove_session() (
  if find_socket "$1" && is_private "${socket%/*}"; then
    rm -f "$socket" "$socket.new"
    rmdir "${socket%/*}"
  fi
  place=${1%/sessions/*}
  cd -P "${place%/*}" && go_into "${place##*/}" && go_into sessions && go_into "${1##*/}" || return
  rm -rf -- ./* ./.[!.]* ./..?*
  cd -P .. && rmdir "./${1##*/}" && cd -P .. && rmdir ./sessions && cd -P .. && rmdir "./${place##*/}"
) 2>/dev/null

# Fails where $1 is a link, or no folder of ours alone.
go_into() {
  holder=$(pwd -P)
  cd -P "./$1" && [ "$(pwd -P)" = "${holder%/}/$1" ] && is_private .
}

# Removes the places of ours in which nothing is.
remove_empty_places() {
  in_places remove_if_empty
}

remove_if_empty() {
  rmdir "$place/sessions" "$place" 2>/dev/null
  # On to the next.
  return 1
}

# Whether file $1 is a file, no link, of ours: once others could write into its folder.
is_our_file() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

# Prints what tells process $1 from a later one with the same number; nothing when there is none. supervisor.py computes
# the same.
start_time() {
  if [ -r "/proc/$1/stat" ]; then
    stat=
    IFS= read -r stat <"/proc/$1/stat" || [ -n "$stat" ] || return 0
    # The command's name stands in parentheses and may hold anything.
    set -- ${stat##*\)}
    case $1 in
    Z | X) ;;
    *) printf '%s' "${20}" ;;
    esac
  elif [ ! -d /proc/self ]; then
    set -- $(ps -o lstart= -p "$1" 2>/dev/null)
    printf '%s' "$*"
  fi
}

# Reads the identity in file $1 into pid and started; fails unless it names a process.
read_identity() {
  pid='' started=''
  [ -r "$1" ] && IFS=' ' read -r pid started <"$1"
  case $pid in
  '' | *[!0-9]* | 0 | 1) return 1 ;;
  esac
  [ -n "$started" ]
}

# Whether the process whose identity is in file $1 still runs; sets pid.
runs() {
  read_identity "$1" && [ "$(start_time "$pid")" = "$started" ]
}

# Prints the processes of group $1 that run. What has ended and is reaped by nobody does not: the first process of a
# container may take seconds for that, or never do it.
group_members() {
  kill -0 "-$1" 2>/dev/null || return 0
  if [ -d /proc/self ]; then
    # Behind the name: state, parent, group.
    sed -n "s/^\([0-9]*\) .*) [^ZX] [0-9]* $1 .*/\1/p" /proc/[0-9]*/stat 2>/dev/null
  else
    ps -A -o pid= -o pgid= -o stat= | sed -n "s/^ *\([0-9]*\)  *$1  *[^Z].*/\1/p"
  fi
}

group_runs() {
  [ -n "$(group_members "$1")" ]
}

# Prints inode and user of what listens on port $2 (four hex digits) of the addresses that the pattern $1 stands for.
listening() {
  # Address, no other end, LISTEN, queues, timers, user, timeout, inode.
  sed -n "s/^ *[0-9]*: $1:$2 0*:0000 0A [^ ]* [^ ]* [^ ]* *\([0-9]*\) *[0-9]* \([0-9]*\) .*/\2 \1/p" \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# Whether process $1 has the socket with the inode $2 open. Where it does not let us look, the socket's user $3 tells.
has_socket() {
  links=$(ls -l "/proc/$1/fd" 2>/dev/null)
  case $links in
  *"socket:[$2]"*) return 0 ;;
  esac
  [ -z "$links" ] && [ "$3" = "$(id -u)" ]
}

# Whether the viewer in folder $1 is what listens on its socket or port.
holds_address() {
  if find_socket "$1"; then
    # Nobody else can make a socket in a folder of ours.
    is_private "${socket%/*}" && [ -S "$socket" ]
  else
    holds_port "$1"
  fi
}

# The same for one that listens on a port: another account's program may have taken it, and answer like the viewer. Where
# the kernel does not tell, the process that runs has to do.
holds_port() {
  read_identity "$1/viewer" || return 1
  port=$(sed -n 's/.*"port": \([0-9]*\).*/\1/p' "$1/state.json" 2>/dev/null)
  [ -n "$port" ] || return 1
  hex=$(printf '%04X' "$port")
  found=$(listening '[07][1F]0000[07][1F]' "$hex")
  [ -n "$found" ] || found=$(listening '[0-9A-F]*' "$hex")
  # A table without anything that listens is none.
  [ -n "$found" ] || { [ -z "$(listening '[0-9A-F]*' '[0-9A-F]*')" ]; return; }
  # Pairs of two words.
  set -- $found
  while [ $# -gt 1 ]; do
    for member in "$pid" $(group_members "$pid"); do
      ! has_socket "$member" "$1" "$2" || return 0
    done
    shift 2
  done
  return 1
}

# The same for one that runs, with more looks: the table of ports is not read in one step, a viewer that ends closes its
# port first, and one whose socket was removed makes it again within a second.
keeps_address() {
  for look in 1 2 3 4 5 6 7 8 9; do
    ! holds_address "$1" || return 0
    runs "$1/viewer" || return 1
    sleep 0.2 2>/dev/null || sleep 1
  done
  return 1
}

is_session() {
  case $1 in
  *[!0-9a-f]* | '') return 1 ;;
  esac
}

# Whether a supervisor of the session in folder $1 runs; sets pid. Its file tells; where that could not be written, as on a
# full disk, its command line and its working folder do.
find_supervisor() {
  ! runs "$1/supervisor" || return 0
  for file in $(grep -ls "/sessions/${1##*/}/supervisor[.]py" /proc/[0-9]*/cmdline 2>/dev/null); do
    pid=${file#/proc/} pid=${pid%/*}
    case $(readlink "/proc/$pid/cwd" 2>/dev/null) in
    "$1" | "$1 (deleted)") started=$(start_time "$pid") ;;
    *) continue ;;
    esac
    [ ! -O "$file" ] || [ -z "$started" ] || return 0
  done
  return 1
}

# Starts the supervisor of the session in folder $1 again, when it was killed and the viewer still runs, and waits until it
# can be told. Whoever ends a viewer removes state.json first.
mend_supervisor() {
  ! find_supervisor "$1" || return 0
  runs "$1/viewer" && is_our_file "$1/supervisor.py" && is_our_file "$1/request.json" && [ -e "$1/state.json" ] || return 1
  # The interpreter is the first word of the viewer's command, as JSON. It may have been removed since.
  interpreter=$(tr -d '\n' <"$1/request.json" | sed -n 's/^{"command": \["\(\([^"\\]\|\\.\)*\)".*/\1/p')
  log=$1/viewer.log
  [ -w "$log" ] || log=/dev/null
  # Its library may be found by a variable alone that was set before the viewer was started.
  libraries=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^LD_LIBRARY_PATH=//p')
  for interpreter in "$interpreter" python3; do
    ! (
      [ -z "$libraries" ] || export LD_LIBRARY_PATH="$libraries"
      exec "$interpreter" "$1/supervisor.py" --again </dev/null >>"$log" 2>&1
    ) || return 0
  done
  return 1
}

# Prints how the viewer in folder $1 is: `running`, `exited:STATUS`, `port-lost` where it runs and its socket or port is not its own,
# or `gone` while it is being ended.
# Fails when it does not run and nobody recorded how it ended: both were killed.
status_of() {
  if [ ! -e "$1/exit" ]; then
    # One that runs without a supervisor runs.
    mend_supervisor "$1" || runs "$1/viewer" || return 1
    if keeps_address "$1"; then
      printf 'running'
      return
    elif runs "$1/viewer"; then
      # Whoever ends it removes this first.
      [ -e "$1/state.json" ] && printf 'port-lost' || printf 'gone'
      return
    elif [ ! -e "$1/exit" ]; then
      # It ended a moment ago, and its supervisor is about to say so, or to remove all of it.
      ! find_supervisor "$1" || printf 'running'
      return
    fi
  fi
  status=
  [ ! -e "$1/exit" ] || read -r status <"$1/exit"
  printf 'exited:%s' "$status"
}
