# Lists and reads the files below a folder where there is no Python: POSIX tools alone, one exec for each request.
# Answers in the helper's frames (see helper.py); a listing comes as bare records, the last of which is "E <status>".
#   main scan ROOT
#   main read ROOT {PATH OFFSET BLOCKS DIGEST GROWS}...      BLOCKS: start:length,start:length
#   main digests ROOT {PATH LENGTH}...

# Seconds: file systems seen through these tools keep whole seconds only.
fresh=2

json() {
  printf 'J %d\n%s' "${#1}" "$1"
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
  LC_ALL=C
  export LC_ALL
  if [ "$(find / -maxdepth 0 -printf x 2>/dev/null)" = x ]; then stat_flavour=find
  elif stat -c %s / >/dev/null 2>&1; then stat_flavour=gnu
  else stat_flavour=bsd
  fi
  if command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum | cut -d ' ' -f 1; }
  elif command -v shasum >/dev/null 2>&1; then sha256() { shasum -a 256 | cut -d ' ' -f 1; }
  elif command -v openssl >/dev/null 2>&1; then sha256() { openssl dgst -sha256 -r | cut -d ' ' -f 1; }
  else sha256() { cat >/dev/null; }
  fi
}

scan() {
  if [ ! -e "$1" ]; then printf 'E missing\0'; return; fi
  if [ ! -d "$1" ]; then printf 'E not-folder\0'; return; fi
  if [ ! -r "$1" ] || [ ! -x "$1" ]; then printf 'E denied\0'; return; fi
  printf 'T %s\0' "$(date +%s)"
  status=0
  list_below "$1" ''
  list_linked_runs "$1"
  [ "$status" = 0 ] || printf '! \0'
  printf 'E ok\0'
}

# FOLDER NAME: what is in a folder, with the name before it; a folder with a name is listed itself.
list_below() {
  if [ "$stat_flavour" = find ]; then
    stamp='%y %s %T@ %C@ %i %m '
    [ -z "$2" ] || find "$1/." -maxdepth 0 -printf "$stamp$2\\0" 2>/dev/null || status=1
    find "$1/." -mindepth 1 \( -type f -o -type d \) ! -name '*.lock' ! -name '*-wal' ! -name '*-shm' \
      -printf "$stamp${2:+$2/}%P\\0" 2>/dev/null || status=1
  else
    for kind in d f; do
      find "$1/." -type "$kind" ! -name '*.lock' ! -name '*-wal' ! -name '*-shm' \
        -exec sh -c "$list_batch" sh "$kind" "$stat_flavour" "$1/./" "$2" {} + 2>/dev/null || status=1
    done
  fi
}

# The runs are often a link to a larger disk. It alone is followed, unless it leads to what holds the root.
list_linked_runs() {
  [ -L "$1/runs" ] || return 0
  # The disk may be away for a while: nothing there is gone for sure.
  [ -e "$1/runs" ] || { printf '! runs\0'; return; }
  [ -d "$1/runs" ] || return 0
  target=$(cd "$1/runs" && pwd -P) || { printf '! runs\0'; return; }
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
  printf 'D %s\n' "$(($3 - $2))"
  { tail -c "+$(($2 + 1))" -- "$1"; cat /dev/zero; } 2>/dev/null | head -c "$(($3 - $2))"
}

checksum() {
  head -c "$2" -- "$1" | cksum
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
    [ "$grows" = 1 ] || [ "$age" -gt "$fresh" ] || sum=$(checksum "$file" "$had")
    send_range "$file" "$start" "$had"
    look_at "$file" || { json "{\"i\":$index,\"error\":\"missing\"}"; return; }
    if [ "$size" -ge "$had" ]; then
      [ "$grows" = 1 ] && break
      if [ -n "$sum" ]; then [ "$(checksum "$file" "$had")" = "$sum" ] && break
      else [ "$size $mtime $ctime $inode" = "$before" ] && break
      fi
    fi
    [ "$attempt" -lt 3 ] || { json "{\"i\":$index,\"error\":\"changing\"}"; return; }
  done
  json "{\"i\":$index,\"done\":true}"
}

main() {
  request=$1 root=$2
  shift 2
  find_out
  case $request in
    scan) scan "$root" ;;
    read)
      count=0
      while [ $# -gt 0 ]; do
        read_one "$count" "$root/$1" "$2" "$3" "$4" "$5"
        count=$((count + 1))
        shift 5
      done
      json '{"end":true}'
      ;;
    digests)
      count=0
      while [ $# -gt 0 ]; do
        if look_at "$root/$1" && [ -f "$root/$1" ] && [ ! -L "$root/$1" ] && [ -r "$root/$1" ]; then
          stamp="{\"size\":$size,\"mtime\":\"$mtime\",\"ctime\":\"$ctime\",\"inode\":\"$inode\",\"mode\":$mode}"
          json "{\"i\":$count,\"digest\":\"$(head -c "$2" -- "$root/$1" | sha256)\",\"stamp\":$stamp}"
        fi
        count=$((count + 1))
        shift 2
      done
      json '{"end":true}'
      ;;
  esac
}
