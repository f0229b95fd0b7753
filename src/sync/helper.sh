# Becomes the helper that answers requests on standard input. Arguments: the helper's Python program.
# The first frame says "python"; where there is none for it, it says "none" and nothing follows.
main() {
  for python in python3 python /usr/bin/python3 /usr/local/bin/python3 "$HOME/miniconda3/bin/python" \
    "$HOME/anaconda3/bin/python" "$HOME/miniforge3/bin/python" /opt/conda/bin/python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' </dev/null >/dev/null 2>&1; then
      printf 'J 6\npython'
      exec "$python" -E -s -u -c "$1"
    fi
  done
  printf 'J 4\nnone'
}
