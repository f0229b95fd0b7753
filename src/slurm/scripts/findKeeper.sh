# Finds the folder of a job's keeper, which may be about to begin: prints it, and the lines to run before. The keeper hears
# that somebody comes.
#   JOB wait|now KEY

# Not one that was killed. Where the processes are others than here, nothing is known of it.
lives() {
  pid= start= where=
  read -r pid start where <"$1/ready" || return 0
  [ "$where" = "$(readlink /proc/self/ns/pid)" ] || return 0
  { read -r line <"/proc/$pid/stat"; } 2>/dev/null || return 1
  set -- ${line##*) }
  [ "${20}" = "$start" ]
}

main() {
  tries=0
  while [ "$tries" -lt 200 ]; do
    tries=$((tries + 1))
    for folder in /tmp/runicorn-job-"$1"-*; do
      # Others may write into /tmp: what is not our own folder is not the keeper's.
      if [ -O "$folder" ] && [ ! -L "$folder" ] && [ -d "$folder" ] && [ -e "$folder/ready" ] && lives "$folder"; then
        # Opened for both, it waits for nobody.
        [ ! -p "$folder/requests" ] || echo "enter $3" 1<>"$folder/requests"
        printf '%s\n' "$folder"
        cat "$folder/lines"
        return
      fi
    done
    [ "$2" = wait ] || return 0
    sleep 0.2 || sleep 1
  done
}
