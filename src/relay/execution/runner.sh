# Becomes the program that runs commands. Arguments: the tag that stands behind each of its frames, the bytes of the program,
# and the bytes that are kept of each stream of a command. The program is read from the standard input. Where no Python is fit
# for it, this ends without a word.
main() {
  cd / || return
  # What Python adds to its environment by itself (PEP 538) is none of the commands'.
  locale=${LC_CTYPE+set}
  read='import os, sys
program, size = b"", int(sys.argv[2])
while len(program) < size:
    piece = os.read(0, size - len(program))
    if not piece:
        sys.exit()
    program += piece
exec(program)'
  # Under a name of its own: whoever ends all that is called like Python means other programs.
  become='import os, sys
if sys.version_info < (3, 8) or not hasattr(os, "waitid"):
    sys.exit(3)
os.execv(sys.executable, ["runicorn-relay", "-I", "-S", "-c"] + sys.argv[1:])'
  for python in /usr/bin/python3 python3; do
    command -v "$python" >/dev/null 2>&1 || continue
    "$python" -I -S -c "$become" "$read" "$@" "$locale"
    [ "$?" -eq 3 ] || return
  done
}
