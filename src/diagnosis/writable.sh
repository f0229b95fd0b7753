# Whether 64 KiB can be written where a viewer keeps its files, and what the clock says.
main() {
  folder=${XDG_CACHE_HOME:-$HOME/.cache}
  [ -d "$folder" ] || folder=$HOME
  umask 077
  file=$folder/.runicorn-diagnosis.$$
  # Never writes over what is there.
  set -C
  if said=$( { : >"$file"; } 2>&1); then
    set +C
    said=$( { head -c 65536 /dev/zero >"$file"; } 2>&1)
    status=$?
    rm -f "$file"
  else
    status=1
  fi
  echo "$status"
  date +%s
  printf '%s\n' "$folder"
  printf '%s\n' "$said"
}
