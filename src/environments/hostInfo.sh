# Prints facts about this host, each terminated by a NUL: name, system, kernel release, version of python3.
main() {
  name=$(uname -n 2>/dev/null)
  system=$(uname -s 2>/dev/null)
  release=$(uname -r 2>/dev/null)
  python=$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null </dev/null)
  printf '%s\0' "$name" "$system" "$release" "$python"
}
