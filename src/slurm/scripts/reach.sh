# Runs sshd in a job, for one connection over the standard streams, without a listening port. $1 names the folder to
# create. Standard input begins with two lines in base64: the host key and the user's public key.
s=$(command -v sshd || true)
for f in /usr/sbin/sshd /usr/local/sbin/sshd /sbin/sshd /usr/lib/ssh/sshd /opt/ssh/sbin/sshd; do
  [ -n "$s" ] || [ ! -x "$f" ] || s=$f
done
[ -n "$s" ] || { echo "runicorn: no sshd on $(uname -n)" >&2; exit 91; }
umask 077
d=/tmp/runicorn-way-$1
mkdir -m 700 "$d" || { echo "runicorn: no folder in /tmp of $(uname -n)" >&2; exit 92; }
i=$(ls -di "$d")
# The client removes the folder after the login; this is for a failed login. By then the path may belong to another folder.
r() { [ -L "$d" ] || [ ! -O "$d" ] || [ "$(ls -di "$d")" != "$i" ] || rm -rf "$d"; }
trap r EXIT
trap 'exit 0' HUP TERM INT
IFS= read -r k && IFS= read -r a || exit 93
full() { echo "runicorn: /tmp of $(uname -n) is full" >&2; exit 94; }
printf %s "$k" | base64 -d >"$d/key" 2>/dev/null && printf %s "$a" | base64 -d >"$d/people" 2>/dev/null || full
printf '%s\n' "HostKey $d/key" "AuthorizedKeysFile $d/people" 'StrictModes no' 'UsePAM no' 'PidFile none' \
  'PasswordAuthentication no' 'AuthenticationMethods publickey' 'AllowTcpForwarding yes' \
  'AllowStreamLocalForwarding yes' 'PrintMotd no' 'LogLevel ERROR' 'Subsystem sftp internal-sftp' >"$d/conf" 2>/dev/null || full
"$s" -i -f "$d/conf" || { c=$?; echo "runicorn: sshd ended with $c" >&2; exit "$c"; }
