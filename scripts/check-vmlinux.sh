#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Holds every structure, field and enumerator of vmlinux/vmlinux.h against a kernel's BTF: one line on
# stdout for each that the kernel does not have, or has in another shape. CO-RE finds a field wherever
# it is, but reads it with the size we declared. Needs no root; exit 0 all there, 1 not, 77 no tools.
set -euo pipefail
program=check-vmlinux.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin

clang=${CLANG:-clang}
bpftool=${BPFTOOL:-bpftool}
header=${VMLINUX_H:-$top/vmlinux/vmlinux.h}

usage() {
    cat <<END
usage: scripts/check-vmlinux.sh [BTF]
Checks vmlinux/vmlinux.h against BTF: a raw BTF file or a vmlinux; default /sys/kernel/btf/vmlinux.
END
}

case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
-*)
    usage >&2
    exit 2
    ;;
esac
[ $# -le 1 ] || {
    usage >&2
    exit 2
}
kernel=${1:-/sys/kernel/btf/vmlinux}
[ -r "$kernel" ] || die 77 "cannot read $kernel: name a BTF file, or use a kernel with" \
    "CONFIG_DEBUG_INFO_BTF=y"
for tool in "$clang" "$bpftool"; do
    command -v "$tool" >/dev/null || die 77 "$tool is missing: sudo scripts/deps.sh build"
done

work=$(temporary -d)
trap 'rm -rf "$work"' EXIT

# A variable of each type that has a body: a type nobody uses leaves no BTF. A flavour (name___word) is
# asked for by bpf_core_field_exists(), so a kernel need not have it.
anchors() {
    printf '#include "%s"\n' "$header"
    sed -nE 's/^(struct|enum) ([a-z_0-9]+) \{.*/\1 \2 check_\2;/p; s/^\} ([a-z_0-9]+);.*/\1 check_\1;/p' \
        "$header" | sed '/___/d'
}

# clang -target bpf does not know the host's multiarch directory, where <asm/types.h> lives.
mapfile -t includes < <("$clang" -v -E - </dev/null 2>&1 |
    sed -n '/<...> search starts here:/,/End of search list./{ s| \(/.*\)|-idirafter\n\1|p }')
anchors >"$work/anchors.c"
"$clang" -target bpf -g -O2 "${includes[@]}" -c "$work/anchors.c" -o "$work/anchors.o" ||
    die 1 "vmlinux.h does not compile: see the lines above"
"$bpftool" btf dump file "$work/anchors.o" format raw >"$work/ours" ||
    die 1 "$bpftool cannot read our own object: try another one with BPFTOOL=..."
"$bpftool" btf dump file "$kernel" format raw >"$work/theirs" ||
    die 77 "$bpftool finds no BTF in $kernel: name a BTF file, or a newer bpftool with BPFTOOL=..."

# ours is read first. shape() is what CO-RE cares about, and the size of what is read.
awk -F"'" -v anchors="$work/anchors.c" '
function value(text, key,    part) {
    if (!match(text, key "=[0-9]+")) return ""
    split(substr(text, RSTART, RLENGTH), part, "=")
    return part[2]
}
function composite(k) { return k == "STRUCT" || k == "UNION" }
function bare(s, id) {
    while (kind[s, id] ~ /^(TYPEDEF|CONST|VOLATILE|RESTRICT|TYPE_TAG)$/) id = type[s, id]
    return id
}
function shape(s, id,    k) {
    id = bare(s, id)
    k = kind[s, id]
    if (k == "INT" || k ~ /^ENUM/) return "integer of " size[s, id] " bytes"
    if (k == "ARRAY") return "array of " elems[s, id] " x " shape(s, type[s, id])
    if (k == "PTR") return "pointer"
    return composite(k) || k == "FWD" ? "structure" : k
}
# The shape of a field, looked for in anonymous members, too; "" = not there.
function field(s, id, name,    i, found) {
    id = bare(s, id)
    if (!composite(kind[s, id])) return ""
    for (i = 1; i <= members[s, id]; i++) {
        if (mname[s, id, i] == name)
            return (mbits[s, id, i] ? "bit field of " mbits[s, id, i] " in " : "") \
                shape(s, mtype[s, id, i])
        if (mname[s, id, i] == "(anon)" && (found = field(s, mtype[s, id, i], name)) != "")
            return found
    }
    return ""
}
function complain(text) { print text }
function check_enumerators(id,    i) {
    for (i = 1; i <= members[1, id]; i++) {
        checked++
        if (!((2, mname[1, id, i]) in enumerator))
            complain("enum " tname[1, id] ": no " mname[1, id, i])
    }
}
# Several types may share a name: one with the field is enough, as it is for CO-RE.
function check_fields(id, label, key,    i, n, k, ids, ours, theirs) {
    n = split(named[key], ids, " ")
    if (!n) { complain(label ": no such type"); return }
    for (i = 1; i <= members[1, id]; i++) {
        checked++
        ours = field(1, id, mname[1, id, i])
        theirs = ""
        for (k = 1; k <= n && theirs != ours; k++)
            if (field(2, ids[k], mname[1, id, i]) != "") theirs = field(2, ids[k], mname[1, id, i])
        if (theirs == "") complain(label ": no field " mname[1, id, i])
        else if (theirs != ours)
            complain(label "." mname[1, id, i] ": " theirs ", not " ours " as in vmlinux.h")
    }
}
FNR == 1 { s++ }
/^\[/ {
    split($1, part, /[][ ]+/)
    id = part[2]
    kind[s, id] = k = part[3]
    tname[s, id] = $2
    type[s, id] = value($3, "type_id")
    size[s, id] = value($3, "size")
    elems[s, id] = value($3, "nr_elems")
    if (s == 1) last = id
    else if (composite(k) || k == "TYPEDEF") named[k == "TYPEDEF" ? k : "STRUCT", $2] = \
        named[k == "TYPEDEF" ? k : "STRUCT", $2] " " id
    next
}
/^\t/ {
    if (k ~ /^ENUM/ && s == 2) { enumerator[s, $2]; next }
    if (!composite(k) && k !~ /^ENUM/) next
    m = ++members[s, id]
    mname[s, id, m] = $2
    mtype[s, id, m] = value($3, "type_id")
    mbits[s, id, m] = value($3, "bitfield_size")
}
END {
    for (id = 1; id <= last; id++) {
        name = tname[1, id]
        if (kind[1, id] ~ /^ENUM/ && from_header(id)) check_enumerators(id)
        else if (composite(kind[1, id]) && name != "(anon)" && from_header(id))
            check_fields(id, "struct " name, "STRUCT" SUBSEP name)
        else if (kind[1, id] == "TYPEDEF" && tname[1, type[1, id]] == "(anon)" && from_header(id))
            check_fields(type[1, id], name, "TYPEDEF" SUBSEP name)
    }
    if (!checked) complain("nothing was checked: is this vmlinux.h?")
}
# Types that only the UAPI headers bring are not ours to check.
function from_header(id) { return wanted[tname[1, id]] }
BEGIN {
    while ((getline line < anchors) > 0)
        if (match(line, / check_[a-z_0-9]+;/))
            wanted[substr(line, RSTART + 7, RLENGTH - 8)] = 1
}' "$work/ours" "$work/theirs" >"$work/findings"
cat "$work/findings"
[ ! -s "$work/findings" ] || die 1 "$(wc -l <"$work/findings") differences to $kernel:" \
    "vmlinux/README.md says what to do"
