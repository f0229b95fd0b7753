# Prints the folder of a job's keeper, and the lines to run before. With `wait`, waits for a keeper that is still starting.
# Tells the keeper that somebody is connecting.
#   JOB wait|now KEY

# Whether the keeper of this folder was not killed. In another PID namespace, assumes that it was not. A folder whose note
# cannot be read is being removed.
lives() {
  pid= start= where=
  { read -r pid start where <"$1/ready"; } 2>/dev/null || return 1
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
      # Others can write to /tmp: accept only a folder that we own.
      if [ -O "$folder" ] && [ ! -L "$folder" ] && [ -d "$folder" ] && [ -e "$folder/ready" ] && lives "$folder"; then
        # Opened for reading and writing, a FIFO does not block without a reader.
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
