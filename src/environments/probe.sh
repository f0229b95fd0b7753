# Finds the Python environments of this host and prints one record for each.
#
# A record is a letter and its fields, each terminated by a NUL, which no path can contain:
#   H home RUNICORN_DIR config.json        the host
#   E kind python prefix version runicorn problem   an environment
#   O python                               that environment is another account's, so nothing from it was run
#   C 0|1                                  the end: 1 when no limit cut the search short
#
# Reads versions from disk and avoids a process per environment: hosts have hundreds, and home folders on slow network
# disks. Changes the working folder while walking, so that `cd -P` resolves links without a fork.

max_folders=3000
max_entries=400
max_depth=2

folders=0
complete=1
# Prefixes and interpreters already printed, each between double slashes, which no resolved path contains.
seen=//

print_field() {
  printf '%s\0' "$1"
}

print_environment() {
  print_field E
  for field in "$kind" "$python" "$prefix" "$version" "$runicorn" "$problem"; do
    print_field "$field"
  done
}

# Remembers $1; fails if it was seen before.
remember() {
  case $seen in
  *"//$1//"*) return 1 ;;
  esac
  seen=$seen$1//
}

# Sets prefix to the real path of $1.
resolve_folder() {
  CDPATH='' cd -P "$1" 2>/dev/null || return 1
  prefix=$PWD
}

# Sets runicorn from the installed distribution's folder below the given library folders.
read_runicorn() {
  runicorn=
  for library in "$@"; do
    for found in "$library"/runicorn-*.dist-info; do
      [ -d "$found" ] || continue
      found=${found##*/runicorn-}
      runicorn=${found%.dist-info}
      return 0
    done
  done
}

# Sets limit to the `timeout` command that goes before a program, with SIGKILL as a second step where it is supported;
# empty without one.
find_limit() {
  for limit in 'timeout -k 1 5' 'timeout 5' ''; do
    [ -z "$limit" ] || ! $limit true >/dev/null 2>&1 || break
  done
  limit_known=1
}

# Sets version by running the interpreter. The last resort: it starts a process.
ask_version() {
  version=
  [ -n "${limit_known:-}" ] || find_limit
  version=$($limit "$python" -I -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>&1) || problem=$version
  [ -z "$problem" ] || version=
}

# Folders of base Pythons, each with its problem: home<|>problem<|>
asked='<|>'

# Runs the interpreter once for each base Python ($home), which may lack a shared library.
ask_base() {
  case $asked in
  *"<|>$home<|>"*)
    problem=${asked#*"<|>$home<|>"}
    problem=${problem%%"<|>"*}
    ;;
  *)
    kept=$version
    ask_version
    version=$kept
    asked="$asked$home<|>$problem<|>"
    ;;
  esac
}

# Reads version, kind and base Python (home) from pyvenv.cfg, as venv, virtualenv and uv write it.
read_pyvenv_cfg() {
  home=
  while IFS= read -r line || [ -n "$line" ]; do
    value=${line#*=}
    value=${value# }
    case $line in
    home\ =* | home=*) home=$value ;;
    version\ =* | version_info\ =* | version=* | version_info=*)
      version=${value%%.final*}
      ;;
    uv\ =*) kind=uv ;;
    virtualenv\ =*) kind=virtualenv ;;
    esac
  done <"$prefix/pyvenv.cfg"
}

# Sets version from the one python package of a conda environment.
read_conda_meta() {
  for meta in "$prefix"/conda-meta/python-[0-9]*.json; do
    [ -f "$meta" ] || continue
    meta=${meta##*/python-}
    version=${meta%%-*}
  done
}

# Prints the uid of the owner of folder $1.
owner_of() (
  set -f
  set -- $(ls -ldn "$1/." 2>/dev/null)
  printf '%s' "${3:-}"
)

# Whether folder $1 belongs to us, root or the account $trusted. Never run anything that another account made.
is_trusted() {
  [ ! -O "$1" ] || return 0
  owner=$(owner_of "$1")
  [ "$owner" = 0 ] || [ "$owner" = "${trusted:-0}" ]
}

# Prints the environment in folder $2 as kind $1, unless it was printed before.
visit() {
  resolve_folder "$2" || return 0
  remember "$prefix" || return 0
  kind=$1 version='' problem='' home='' python='' others=
  for name in python python3; do
    [ -n "$python" ] && break
    if [ -x "$prefix/bin/$name" ] && [ ! -d "$prefix/bin/$name" ]; then
      python=$prefix/bin/$name
    elif [ -L "$prefix/bin/$name" ]; then
      problem="bin/$name leads nowhere: the Python it was made with is gone"
    fi
  done
  if [ -n "$python" ]; then
    problem=
  else
    # A conda environment without Python.
    [ -n "$problem" ] || return 0
    python=$prefix/bin/python
  fi
  if [ -f "$prefix/pyvenv.cfg" ]; then
    if [ -r "$prefix/pyvenv.cfg" ]; then read_pyvenv_cfg; else problem='pyvenv.cfg cannot be read'; fi
  elif [ -d "$prefix/conda-meta" ]; then
    read_conda_meta
  fi
  case $prefix in
  */pypoetry/virtualenvs/*) kind=poetry ;;
  */share/virtualenvs/*) kind=pipenv ;;
  esac
  read_runicorn "$prefix"/lib/python[0-9]*/site-packages "$prefix"/lib64/python[0-9]*/site-packages
  # In a shared folder, anybody may have put an environment.
  [ -z "${strict:-}" ] || { is_trusted "$prefix" && is_trusted "$prefix/bin"; } || others=1
  if [ -z "$problem$others" ]; then
    if [ -z "$version" ]; then ask_version; elif [ -n "$home" ]; then ask_base; fi
  fi
  print_environment
  [ -z "$others" ] || {
    print_field O
    print_field "$python"
  }
}

# Prints the environment of the interpreter $1, which may be anywhere, and so is asked for everything.
visit_interpreter() {
  kind=custom python=$1 prefix='' version='' runicorn='' problem=''
  case $python in
  "~/"*) python=$HOME/${python#"~/"} ;;
  esac
  if [ ! -e "$python" ]; then
    problem='there is no such file'
  elif [ -d "$python" ] || [ ! -x "$python" ]; then
    problem='it is not a program that can be run'
  else
    said=$("$python" -c "$ask_interpreter" 2>&1) || problem=$said
    [ -n "$problem" ] || case $said in
    *"$separator"*"$separator"*) ;;
    *) problem="it does not behave like Python: $said" ;;
    esac
    if [ -z "$problem" ]; then
      # Start-up files of Python may print something first.
      said=${said##*"
"}
      version=${said%%"$separator"*}
      said=${said#*"$separator"}
      runicorn=${said%%"$separator"*}
      prefix=${said#*"$separator"}
    fi
  fi
  print_environment
}

separator='<|>'
ask_interpreter='import sys
try:
    from importlib.metadata import version
    runicorn = version("runicorn")
except Exception:
    runicorn = ""
print("\n%d.%d.%d<|>%s<|>%s" % (tuple(sys.version_info[:3]) + (runicorn, sys.prefix)))'

# Prints the environments that a project keeps in folder $1.
visit_beside() {
  for name in .venv venv env .env; do
    [ ! -f "$1/$name/pyvenv.cfg" ] || visit venv "$1/$name"
  done
  for child in "$1"/.pixi/envs/*; do
    [ ! -d "$child/conda-meta" ] || visit pixi "$child"
  done
}

# Searches for environments below folder $1, at most $depth levels deeper. A symbolic link may be an environment, but is
# not searched: it may lead anywhere.
scan() {
  folders=$((folders + 1))
  if [ "$folders" -gt "$max_folders" ]; then
    complete=0
    return 0
  fi
  visit_beside "$1"
  set -- "$1"/*
  if [ "$#" -gt "$max_entries" ]; then
    # Skip a folder of data: thousands of files, no environments.
    complete=0
    return 0
  fi
  for child in "$@"; do
    [ -d "$child" ] || continue
    case ${child##*/} in
    node_modules | site-packages | __pycache__ | lost+found) continue ;;
    esac
    if [ -f "$child/pyvenv.cfg" ]; then
      visit venv "$child"
    elif [ -d "$child/conda-meta" ]; then
      visit_conda_root "$child"
    elif [ "$depth" -gt 0 ] && [ ! -L "$child" ]; then
      depth=$((depth - 1))
      scan "$child"
      depth=$((depth + 1))
    fi
  done
}

# Prints the environments directly below folder $2 as kind $1.
visit_each() {
  for child in "$2"/*; do
    [ -d "$child/bin" ] && visit "$1" "$child"
  done
}

visit_conda_root() {
  [ ! -d "$1/conda-meta" ] || visit conda "$1"
  for child in "$1"/envs/*; do
    [ ! -d "$child/conda-meta" ] || visit conda "$child"
  done
}

visit_conda() {
  if [ -r "$HOME/.conda/environments.txt" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
      [ -z "$line" ] || [ ! -d "$line/conda-meta" ] || visit conda "$line"
    done <"$HOME/.conda/environments.txt"
  fi
  for root in "${CONDA_PREFIX:-}" "${MAMBA_ROOT_PREFIX:-}" "${CONDA_EXE:+${CONDA_EXE%/*/*}}" "$HOME/.conda" \
    "$HOME/micromamba" "$HOME/.micromamba" "$HOME/.local/share/mamba" "$HOME"/miniconda* "$HOME"/anaconda* "$HOME"/miniforge* "$HOME"/mambaforge* \
    /opt/conda /opt/miniconda* /opt/anaconda* /opt/miniforge* /opt/mambaforge* /usr/local/miniconda* \
    /usr/local/anaconda*; do
    [ -n "$root" ] && [ -d "$root" ] || continue
    # Other accounts may have put environments into a shared one.
    strict=1 trusted=
    [ -O "$root" ] || trusted=$(owner_of "$root")
    visit_conda_root "$root"
    strict='' trusted=
  done
}

visit_pyenv() {
  for child in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*; do
    [ -d "$child/bin" ] || continue
    resolve_folder "$child" || continue
    remember "$prefix" || continue
    kind=pyenv problem='' python=$prefix/bin/python version=${child##*/}
    [ ! -f "$prefix/pyvenv.cfg" ] || read_pyvenv_cfg
    [ -x "$python" ] || problem="bin/python leads nowhere"
    case $version in
    [0-9]*.[0-9]*.[0-9]*) ;;
    *) [ -n "$problem" ] || ask_version ;;
    esac
    kind=pyenv
    read_runicorn "$prefix"/lib/python[0-9]*/site-packages
    print_environment
    visit_each pyenv "$prefix/envs"
  done
}

# Prints the interpreters in folder $1 that are not part of an environment.
visit_system_folder() {
  case $1 in
  */shims) return 0 ;; # pyenv's: they only start what is found elsewhere
  esac
  for python in "$1"/python3.[0-9] "$1"/python3.[0-9][0-9] "$1"/python3; do
    [ -x "$python" ] && [ ! -d "$python" ] || continue
    [ ! -f "$1/../pyvenv.cfg" ] && [ ! -d "$1/../conda-meta" ] || return 0
    resolve_folder "$1" || return 0
    # /bin is often a link to /usr/bin, and python3 one to python3.11.
    python=$prefix/${python##*/}
    case $prefix in */versions/*) return 0 ;; esac
    target=$python
    [ ! -L "$python" ] || target=$(readlink -f "$python" 2>/dev/null) || target=$python
    remember "$target" || continue
    kind=system problem='' prefix=${prefix%/bin}
    ask_version
    minor=${version%.*}
    read_runicorn "$HOME/.local/lib/python$minor/site-packages" "$prefix/lib/python$minor/site-packages" \
      "$prefix/lib/python3/dist-packages" "/usr/local/lib/python$minor/dist-packages"
    print_environment
  done
}

visit_system() {
  rest=$PATH:/usr/local/bin:/usr/bin:/bin:
  while [ -n "$rest" ]; do
    folder=${rest%%:*}
    rest=${rest#*:}
    case $folder in
    /*) visit_system_folder "$folder" ;;
    esac
  done
  for folder in /opt/*/bin; do
    [ ! -d "$folder" ] || visit_system_folder "$folder"
  done
}

# Projects often keep their environment beside the storage root.
visit_near_root() {
  root=${RUNICORN_DIR:-}
  if [ -z "$root" ] && [ -r "$configuration" ]; then
    root=$(sed -n 's/.*"user_root_dir"[[:space:]]*:[[:space:]]*"\([^"\\]*\)".*/\1/p' "$configuration" 2>/dev/null | head -n 1)
  fi
  case $root in
  "~/"*) root=$HOME/${root#"~/"} ;;
  /*) ;;
  *) return 0 ;;
  esac
  strict=1
  visit_beside "$root"
  visit_beside "${root%/*}"
  strict=
}

print_host() {
  configuration=${XDG_CONFIG_HOME:-$HOME/.config}/runicorn/config.json
  [ "$(uname -s 2>/dev/null)" != Darwin ] || configuration="$HOME/Library/Application Support/Runicorn/config.json"
  print_field H
  print_field "$HOME"
  print_field "${RUNICORN_DIR:-}"
  if [ -r "$configuration" ] && [ -f "$configuration" ]; then
    print_field "$(head -c 65536 "$configuration" 2>/dev/null | tr -d '\000')"
  else
    print_field ''
  fi
}

# With an argument, probes only that interpreter.
main() {
  HOME=${HOME:-/}
  print_host
  if [ "$#" -gt 0 ]; then
    visit_interpreter "$1"
    print_field C
    print_field 1
    return 0
  fi
  visit_near_root
  visit_conda
  visit_pyenv
  for folder in "${WORKON_HOME:-}" "$HOME/.virtualenvs" "$HOME/.local/share/virtualenvs" \
    "${XDG_CACHE_HOME:-$HOME/.cache}/pypoetry/virtualenvs" "$HOME/.local/pipx/venvs" "$HOME/.local/share/pipx/venvs"; do
    [ -n "$folder" ] && [ -d "$folder" ] && visit_each virtualenv "$folder"
  done
  visit_each uv "${UV_TOOL_DIR:-$HOME/.local/share/uv/tools}"
  visit_each pixi "${PIXI_HOME:-$HOME/.pixi}/envs"
  depth=$max_depth
  # A symbolic link in the home folder may lead to a shared disk.
  strict=1
  scan "$HOME"
  strict=
  visit_system
  print_field C
  print_field "$complete"
}
