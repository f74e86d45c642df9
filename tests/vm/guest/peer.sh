# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the machine at the other end of a wire does: it lets in who has the key, until it is ended; at port 2222 to where no
# copyscope is found.
# shellcheck source=tests/vm/guest/lib.sh
. /tests/lib.sh
join_wire 2 || exit
mkdir -p /run/sshd
chmod 755 / /root /root/.ssh
let_in() {
    /usr/sbin/sshd -D -e -f /dev/null -o UsePAM=no -o StrictModes=no -o PermitRootLogin=yes -o PasswordAuthentication=no "$@"
}
let_in -p 2222 -o SetEnv=PATH=/bin -o PidFile=none &
let_in
