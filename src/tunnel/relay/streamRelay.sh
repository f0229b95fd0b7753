# Becomes the program that opens streams. Arguments: the program, the tag that stands behind each of its frames, and Pythons
# that are known on this host. The first line is the tag and "python"; where no Python is fit for it, "none", or "unfit" and
# the version of the one that is not, and nothing follows.
main() {
  program=$1 tag=$2
  shift 2
  # What is too old, or lacks a module, is found out first: a program that ended must not be followed by another one.
  fit='import sys, selectors, socket, struct; sys.exit(sys.version_info < (3, 6))'
  version='import sys; sys.stdout.write("%d.%d.%d" % sys.version_info[:3])'
  unfit= nice=
  # A person waits for what it carries.
  ! command -v nice >/dev/null 2>&1 || nice='nice -n 5'
  for python in python3 python /usr/bin/python3 /usr/local/bin/python3 "$@"; do
    command -v "$python" >/dev/null 2>&1 || continue
    "$python" -I -S -c "$fit" </dev/null >/dev/null 2>&1 && exec $nice "$python" -I -S -c "$program" "$tag"
    [ -n "$unfit" ] || unfit=$("$python" -c "$version" </dev/null 2>/dev/null)
  done
  if [ -n "$unfit" ]; then printf '%s unfit %s\n' "$tag" "$unfit"; else printf '%s none\n' "$tag"; fi
}
