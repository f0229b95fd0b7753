# Becomes a server of SSH in a job, for one connection over its standard streams. Nothing listens. $1 names the folder that
# it makes; two lines come before the connection on standard input, in base64: the server's key and the person's.
s=$(command -v sshd || true)
for f in /usr/sbin/sshd /usr/local/sbin/sshd /sbin/sshd /usr/lib/ssh/sshd /opt/ssh/sbin/sshd; do
  [ -n "$s" ] || [ ! -x "$f" ] || s=$f
done
[ -n "$s" ] || { echo "runicorn: no sshd on $(uname -n)" >&2; exit 91; }
umask 077
d=/tmp/runicorn-way-$1
mkdir -m 700 "$d" || { echo "runicorn: no folder in /tmp of $(uname -n)" >&2; exit 92; }
i=$(ls -di "$d")
# We remove it as soon as we are let in; this is for when we are not. It may be another one's by then.
r() { [ -L "$d" ] || [ ! -O "$d" ] || [ "$(ls -di "$d")" != "$i" ] || rm -rf "$d"; }
trap r EXIT
trap 'exit 0' HUP TERM INT
IFS= read -r k && IFS= read -r a || exit 93
printf %s "$k" | base64 -d >"$d/key" && printf %s "$a" | base64 -d >"$d/people" || exit 94
printf '%s\n' "HostKey $d/key" "AuthorizedKeysFile $d/people" 'StrictModes no' 'UsePAM no' 'PidFile none' \
  'PasswordAuthentication no' 'AuthenticationMethods publickey' 'AllowTcpForwarding yes' \
  'AllowStreamLocalForwarding yes' 'PrintMotd no' 'LogLevel ERROR' 'Subsystem sftp internal-sftp' >"$d/conf"
"$s" -i -f "$d/conf" || { c=$?; echo "runicorn: sshd ended with $c" >&2; exit "$c"; }
