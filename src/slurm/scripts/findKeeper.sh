# Finds the folder of a job's keeper, which may be about to begin: prints it, and the lines to run before.
#   JOB wait|now
main() {
  tries=0
  while [ "$tries" -lt 200 ]; do
    tries=$((tries + 1))
    for folder in /tmp/runicorn-job-"$1"-*; do
      # Others may write into /tmp: what is not our own folder is not the keeper's.
      if [ -O "$folder" ] && [ ! -L "$folder" ] && [ -d "$folder" ] && [ -e "$folder/ready" ]; then
        printf '%s\n' "$folder"
        cat "$folder/lines"
        return
      fi
    done
    [ "$2" = wait ] || return 0
    sleep 0.2 || sleep 1
  done
}
