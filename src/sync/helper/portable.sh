# Lists and reads the files below a folder where there is no Python: POSIX tools alone, one exec for each request.
# Answers in the helper's frames (see helper.py); a listing comes as bare records, the last of which is "E <status>".
#   main TAG scan ROOT
#   main TAG read ROOT {PATH OFFSET BLOCKS DIGEST GROWS}...      BLOCKS: start:length,start:length
#   main TAG digests ROOT {PATH LENGTH}...
#   main TAG processes ROOT {PID HOSTNAME}...

# Seconds: file systems seen through these tools keep whole seconds only.
fresh=2

json() {
  printf 'J %s 0 %d\n%s' "$tag" "${#1}" "$1"
}

# size mtime ctime inode mode, of one file or of many, one a line: the times as the listing has them.
stats_of() {
  case $stat_flavour in
    find) find "$@" -maxdepth 0 -printf '%s %T@ %C@ %i %m\n' 2>/dev/null ;;
    gnu) stat -c '%s %Y %Z %i %a' -- "$@" 2>/dev/null ;;
    bsd) stat -f '%z %Fm %Fc %i %Lp' -- "$@" 2>/dev/null ;;
  esac
}

find_out() {
  # What computes on the host comes before this.
  ! command -v renice >/dev/null 2>&1 || renice -n 10 -p "$$" >/dev/null 2>&1
  LC_ALL=C
  export LC_ALL
  if [ "$(find / -maxdepth 0 -printf x 2>/dev/null)" = x ]; then stat_flavour=find
  elif stat -c %s / >/dev/null 2>&1; then stat_flavour=gnu
  else stat_flavour=bsd
  fi
  has_sha256=yes
  if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum | cut -d ' ' -f 1; }
  elif command -v shasum >/dev/null 2>&1; then sha256() { shasum -a 256 | cut -d ' ' -f 1; }
  elif command -v openssl >/dev/null 2>&1; then sha256() { openssl dgst -sha256 -r | cut -d ' ' -f 1; }
  else
    has_sha256=no
    sha256() { cat >/dev/null; }
  fi
}

scan() {
  if [ ! -e "$1" ]; then printf 'E missing\0'; return; fi
  if [ ! -d "$1" ]; then printf 'E not-folder\0'; return; fi
  if [ ! -r "$1" ] || [ ! -x "$1" ]; then printf 'E denied\0'; return; fi
  case $(cd -P "$1" && pwd -P)/ in
    /dev/shm/*) ;;
    // | /proc/* | /sys/* | /dev/*) printf 'E system-folder\0'; return ;;
  esac
  printf 'T %s\0' "$(date +%s)"
  exec 3>&1
  # What is gone by the time it is looked at is no news.
  complaints=$(list_all "$1" 2>&1 >&3 | grep -v 'No such file or directory$' | sed -n '1,1000p')
  if [ -n "$complaints" ]; then
    if printf '%s\n' "$complaints" | grep -qv 'Permission denied$' || ! tell_denied "$1"; then printf '! unreadable \0'; fi
  fi
  if [ -d "$1" ]; then printf 'E ok\0'; else printf 'E missing\0'; fi
}

list_all() {
  list_below "$1" ''
  list_linked_runs "$1"
}

# Names the folders that hide what is in them. Fails where there is none.
tell_denied() {
  denied=$({
    denied_below "$1" ''
    [ -L "$1/runs" ] && denied_below "$1/runs" runs
  } 2>&1 >&3 | grep -c '^denied$')
  [ "$denied" -gt 0 ]
}

denied_below() {
  find "$1/." -type d -exec sh -c '
    root=$1 name=$2
    shift 2
    for folder do
      [ -r "$folder" ] && [ -x "$folder" ] && continue
      echo denied >&2
      printf "! denied %s\0" "${name:+$name/}${folder#"$root"}"
    done' sh "$1/./" "$2" {} +
}

# A copy that a program like ours keeps, on this machine or with the same home: it may be that of this root.
four='[0-9a-f][0-9a-f][0-9a-f][0-9a-f]'
copy=$four$four$four$four$four$four

# Files that Runicorn keeps for itself: its locks, and what SQLite has beside its database. tree.py leaves out the same.
not_its_own=
for name in events.jsonl summary.json status.json logs.txt assets.json .outputs_state.json runicorn.db ''; do
  not_its_own="$not_its_own ! -name $name.lock"
done
not_its_own="$not_its_own ! -name runicorn.db-wal ! -name runicorn.db-shm"

# FOLDER NAME: what is in a folder, with the name before it; a folder with a name is listed itself.
list_below() {
  if [ "$stat_flavour" = find ]; then
    stamp='%y %s %T@ %C@ %i %m '
    [ -z "$2" ] || find "$1/." -maxdepth 0 -printf "$stamp$2\\0"
    find "$1/." -mindepth 1 -type d -name "$copy" -exec test -e '{}/sync.json' -a -e '{}/files' \; -prune -o \
      \( -type d -o -type f $not_its_own \) \
      -printf "$stamp${2:+$2/}%P\\0"
  else
    for kind in d f; do
      wanted="-type $kind"
      [ "$kind" = d ] || wanted="$wanted $not_its_own"
      find "$1/." -type d -name "$copy" -exec test -e '{}/sync.json' -a -e '{}/files' \; -prune -o \
        $wanted \
        -exec sh -c "$list_batch" sh "$kind" "$stat_flavour" "$1/./" "$2" {} +
    done
  fi
}

# The runs are often a link to a larger disk. It alone is followed, unless it leads to what holds the root.
list_linked_runs() {
  [ -L "$1/runs" ] || return 0
  # The disk may be away for a while: nothing there is gone for sure.
  [ -e "$1/runs" ] || { printf '! unreadable runs\0'; return; }
  [ -d "$1/runs" ] || return 0
  target=$(cd "$1/runs" && pwd -P) || { printf '! unreadable runs\0'; return; }
  case $(cd "$1" && pwd -P)/ in "${target%/}"/*) return 0 ;; esac
  list_below "$1/runs" runs
}

# stat prints no line for what is gone meanwhile: then the lines no longer belong to the names, so each is asked for alone.
list_batch='
  kind=$1 flavour=$2 root=$3 name=$4
  shift 4
  stats_of() {
    case $flavour in
      gnu) stat -c "%s %Y %Z %i %a" -- "$@" 2>/dev/null ;;
      bsd) stat -f "%z %Fm %Fc %i %Lp" -- "$@" 2>/dev/null ;;
    esac
  }
  record() {
    if [ "$2" != "${root%/}" ]; then printf "%s %s %s\0" "$kind" "$1" "${name:+$name/}${2#"$root"}"
    elif [ -n "$name" ]; then printf "%s %s %s\0" "$kind" "$1" "$name"
    fi
  }
  if lines=$(stats_of "$@"); then
    for path do
      IFS= read -r line
      record "$line" "$path"
    done <<END
$lines
END
  else
    for path do
      line=$(stats_of "$path") && record "$line" "$path"
    done
  fi
  :'

# Goes into the folder of a path below the root, unless a link leads elsewhere by now; that of the runs alone is followed.
# Sets name, by which the file is to be called from there.
enter() {
  name=./${1##*/}
  folder=./${1%"${1##*/}"}
  case $1 in
    runs/*) base=$root/runs folder=./${folder#./runs/} ;;
    *) base=$root ;;
  esac
  cd "$base" 2>/dev/null || return 1
  base=$(pwd -P; echo x)
  base=${base%?x}
  cd "$folder" 2>/dev/null || return 1
  here=$(pwd -P; echo x)
  folder=${folder#.}
  [ "${here%?x}/" = "${base%/}$folder" ]
}

# Sets size, mtime, ctime, inode, mode.
look_at() {
  line=$(stats_of "$1") || return 1
  # shellcheck disable=SC2086
  set -- $line
  size=$1 mtime=$2 ctime=$3 inode=$4 mode=$((0$5))
}

blocks_digest() {
  rest=$2
  while [ -n "$rest" ]; do
    block=${rest%%,*}
    case $rest in *,*) rest=${rest#*,} ;; *) rest= ;; esac
    tail -c "+$((${block%:*} + 1))" -- "$1" | head -c "${block#*:}"
  done | sha256
}

# Always as many bytes as were announced, also where the file shrinks meanwhile: that is seen afterwards.
send_range() {
  [ "$3" -gt "$2" ] || return 0
  printf 'D %s 0 %s\n' "$tag" "$(($3 - $2))"
  { tail -c "+$(($2 + 1))" -- "$1"; cat /dev/zero; } 2>/dev/null | head -c "$(($3 - $2))"
}

checksum() {
  head -c "$2" -- "$1" | cksum
}

# ,"digest":"…" of what send_range sent, read again: whoever receives it sees whether the same came, and whether the file
# changed meanwhile. Nothing where there is no tool for it.
sent_digest() {
  [ "$has_sha256" = yes ] || return 0
  printf ',"digest":"%s"' "$(blocks_digest "$1" "$2:$(($3 - $2))")"
}

read_one() {
  index=$1 file=$2 offset=$3 blocks=$4 digest=$5 grows=$6
  if [ ! -f "$file" ] || [ -L "$file" ]; then json "{\"i\":$index,\"error\":\"missing\"}"; return; fi
  if [ ! -r "$file" ]; then json "{\"i\":$index,\"error\":\"denied\"}"; return; fi
  for attempt in 1 2 3; do
    look_at "$file" || { json "{\"i\":$index,\"error\":\"missing\"}"; return; }
    start=0
    if [ "$attempt" = 1 ] && [ "$offset" -gt 0 ] && [ "$offset" -le "$size" ]; then
      [ "$(blocks_digest "$file" "$blocks")" = "$digest" ] && start=$offset
    fi
    changed=${mtime%.*}
    [ "${ctime%.*}" -gt "$changed" ] && changed=${ctime%.*}
    age=$(($(date +%s) - changed))
    stamp="{\"size\":$size,\"mtime\":\"$mtime\",\"ctime\":\"$ctime\",\"inode\":\"$inode\",\"mode\":$mode}"
    json "{\"i\":$index,\"start\":$start,\"age\":$age,\"stamp\":$stamp}"
    had=$size before="$size $mtime $ctime $inode"
    sum=
    [ "$grows" = 1 ] || [ "$age" -gt "$fresh" ] || [ "$has_sha256" = yes ] || sum=$(checksum "$file" "$had")
    send_range "$file" "$start" "$had"
    look_at "$file" || { json "{\"i\":$index,\"error\":\"missing\"}"; return; }
    if [ "$size" -ge "$had" ]; then
      [ "$grows" = 1 ] && break
      if [ -n "$sum" ]; then [ "$(checksum "$file" "$had")" = "$sum" ] && break
      elif [ "$age" -le "$fresh" ]; then break
      else [ "$size $mtime $ctime $inode" = "$before" ] && break
      fi
    fi
    [ "$attempt" -lt 3 ] || { json "{\"i\":$index,\"error\":\"changing\"}"; return; }
  done
  json "{\"i\":$index,\"done\":true$(sent_digest "$file" "$start" "$had")}"
}

digest_one() {
  if [ -f "$2" ] && [ ! -r "$2" ]; then json "{\"i\":$1,\"error\":\"denied\"}"
  elif look_at "$2" && [ -f "$2" ] && [ ! -L "$2" ]; then
    stamp="{\"size\":$size,\"mtime\":\"$mtime\",\"ctime\":\"$ctime\",\"inode\":\"$inode\",\"mode\":$mode}"
    json "{\"i\":$1,\"digest\":\"$(head -c "$3" -- "$2" | sha256)\",\"stamp\":$stamp}"
  fi
}

# Whether a process lives, by its number, on the machine where it has that number.
process_state() {
  if [ "$2" != "$(uname -n)" ]; then echo elsewhere
  elif kill -0 "$1" 2>/dev/null; then echo alive
  else
    # Another account's process is there as well.
    case $(kill -0 "$1" 2>&1) in *[Nn]'o such process'*) echo gone ;; *) echo alive ;; esac
  fi
}

main() {
  tag=$1 request=$2 root=$3
  shift 3
  find_out
  case $request in
    scan) scan "$root" ;;
    read)
      count=0
      while [ $# -gt 0 ]; do
        (
          if enter "$1"; then read_one "$count" "$name" "$2" "$3" "$4" "$5"
          else json "{\"i\":$count,\"error\":\"missing\"}"
          fi
        )
        count=$((count + 1))
        shift 5
      done
      json '{"end":true}'
      ;;
    processes)
      count=0
      while [ $# -gt 0 ]; do
        json "{\"i\":$count,\"process\":\"$(process_state "$1" "$2")\"}"
        count=$((count + 1))
        shift 2
      done
      json '{"end":true}'
      ;;
    digests)
      count=0
      while [ $# -gt 0 ]; do
        (enter "$1" && digest_one "$count" "$name" "$2")
        count=$((count + 1))
        shift 2
      done
      json '{"end":true}'
      ;;
  esac
}
