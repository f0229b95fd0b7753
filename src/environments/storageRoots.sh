# Searches for storage roots of Runicorn below folder $1 (empty: the home folder), at most $2 levels deeper, and checks
# each of the folders that follow. Prints records whose fields are terminated by a NUL:
#   S ok|missing|not-folder       whether $1 is a folder
#   R path runs archive index     a root: the number of its runs, and 0|1 for whether it has these folders
#   C 0|1                         the end: 1 when no limit cut the search short
#
# Searches breadth-first, so that a limit cuts off the deepest folders.

max_folders=20000
max_entries=2000
max_run_depth=6
max_runs=10000
max_seconds=15

folders=0
complete=1
# Resolved paths of printed roots, and their paths as found, each between double slashes, which no path here contains.
seen=//
printed=//

print_field() {
  printf '%s\0' "$1"
}

# Counts a visited folder; fails at the limit.
spend() {
  folders=$((folders + 1))
  if [ "$folders" -gt "$max_folders" ]; then
    complete=0
    return 1
  fi
  # Reading the clock starts a process, so do it rarely.
  [ $((folders % 500)) -eq 0 ] || return 0
  if [ "$(date +%s)" -gt "$deadline" ]; then
    complete=0
    folders=$max_folders
    return 1
  fi
}

# Adds the runs below folder $1, at most $2 levels deeper, to $runs. Hidden folders are the recycle bin.
count_runs() {
  for child in "$1"/*; do
    [ -d "$child" ] && [ ! -L "$child" ] || continue
    spend || return 0
    if [ -f "$child/meta.json" ] || [ -f "$child/status.json" ]; then
      [ -e "$child/.deleted" ] || runs=$((runs + 1))
      if [ "$runs" -ge "$max_runs" ]; then
        complete=0
        return 0
      fi
    elif [ "$2" -gt 1 ]; then
      count_runs "$child" $(($2 - 1))
    fi
  done
}

# Prints folder $1 if it is a storage root.
look_at() {
  archive=0 index=0 runs=0
  [ ! -d "$1/archive" ] || archive=1
  [ ! -d "$1/index" ] || index=1
  [ "$archive$index" != 00 ] || [ -d "$1/runs" ] || return 0
  # A root named runs: its parent is not a root.
  [ ! -d "$1/runs/runs" ] || return 0
  real=$(CDPATH='' cd -P "$1" 2>/dev/null && pwd -P) || return 0
  case $seen in
  *"//$real//"*) return 0 ;;
  esac
  [ ! -d "$1/runs" ] || count_runs "$1/runs" "$max_run_depth"
  if [ "$runs" -eq 0 ]; then
    # These folder names are common: without runs, require Runicorn's own name, or runs and one of the others.
    case ${1##*/} in
    runicorn_data | .runicorn) ;;
    *) [ "$archive$index" != 00 ] && [ -d "$1/runs" ] || return 0 ;;
    esac
  fi
  seen=$seen$real//
  printed=$printed$1//
  print_field R
  print_field "$1"
  print_field "$runs"
  print_field "$archive"
  print_field "$index"
}

# Whether to search folder $2 below $1.
is_searched() {
  case ${2##*/} in
  node_modules | site-packages | __pycache__ | lost+found | venv | env | envs | pkgs) return 1 ;;
  miniconda* | anaconda* | miniforge* | mambaforge* | micromamba) return 1 ;;
  runs | archive | index | artifacts)
    # Not runs of a root, which contains no other roots.
    case $printed in
    *"//$1//"*) return 1 ;;
    esac
    ;;
  proc | sys | dev) [ -n "$1" ] || return 1 ;;
  esac
  # Follow symbolic links only at the top, where they often lead to a data disk; deeper ones may form a loop.
  [ ! -L "$2" ] || [ "$1" = "$top" ]
}

# Fails for a folder of data: thousands of files, no roots.
is_short() {
  set -- "$1"/*
  [ "$#" -le "$max_entries" ]
}

# Checks the folders $2 levels below folder $1, which is empty for /.
search() {
  if [ "$2" -eq 0 ]; then
    spend && look_at "${1:-/}"
    return 0
  fi
  if ! is_short "$1"; then
    complete=0
    return 0
  fi
  for child in "$1"/.runicorn "$1"/*; do
    [ -d "$child" ] && is_searched "$1" "$child" || continue
    search "$child" $(($2 - 1))
  done
}

main() {
  top=${1:-${HOME:-/}} depth=$2
  shift 2
  case $top in
  "~") top=$HOME ;;
  "~/"*) top=$HOME/${top#"~/"} ;;
  /*) ;;
  *) top=$HOME/$top ;;
  esac
  while [ "$top" != "${top%/}" ]; do top=${top%/}; done
  state=ok
  if [ ! -e "${top:-/}" ]; then state=missing; elif [ ! -d "${top:-/}" ]; then state=not-folder; fi
  print_field S
  print_field "$state"
  if [ "$state" = ok ]; then
    deadline=$(($(date +%s) + max_seconds))
    for folder in "$@"; do
      [ ! -d "$folder" ] || look_at "$folder"
    done
    level=0
    while [ "$level" -le "$depth" ]; do
      search "$top" "$level"
      level=$((level + 1))
    done
  fi
  print_field C
  print_field "$complete"
}
