# Becomes the helper that answers requests on standard input. Arguments: the helper's Python program, and the tag that
# stands in each of its frames. The first frame says "python"; where no Python is fit for it, "none", and nothing follows.
main() {
  # What is too old, or lacks a module, is found out first: a helper that ended must not be followed by another one.
  fit='import sys, hashlib, json, stat, threading, zlib; sys.exit(sys.version_info < (3, 5))'
  nice=
  ! command -v nice >/dev/null 2>&1 || nice='nice -n 10'
  for python in python3 python /usr/bin/python3 /usr/local/bin/python3 "$HOME/miniconda3/bin/python" \
    "$HOME/anaconda3/bin/python" "$HOME/miniforge3/bin/python" /opt/conda/bin/python; do
    command -v "$python" >/dev/null 2>&1 || continue
    "$python" -I -S -c "$fit" </dev/null >/dev/null 2>&1 && exec $nice "$python" -I -S -c "$1" "$2"
  done
  printf 'J %s 0 4\nnone' "$2"
}
