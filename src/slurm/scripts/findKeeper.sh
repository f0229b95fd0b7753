# Finds the folder of a job's keeper, which may be about to begin: prints it, and the lines to run before.
#   JOB
main() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
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
