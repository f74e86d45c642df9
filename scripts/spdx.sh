#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a release is made of, as SPDX 2.3 in JSON on stdout: its files with their checksums, and the libraries
# they were linked with, in the versions of this machine's packages and of those that FOREIGN names.
set -euo pipefail
# shellcheck disable=SC2034  # read by common.sh
program=spdx.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

# In the order of the Makefile; lzma, bz2 and zstd are libdw's.
readonly LIBRARIES="bpf dw elf z uring jansson lzma bz2 zstd c"

usage() {
    cat <<END
usage: scripts/spdx.sh VERSION FILE...   the document about these files, on stdout
                                        FOREIGN="ARCH FILE": what was cross-built, and its packages, with versions
       scripts/spdx.sh --date            the seconds of debian/changelog, which is the date of a release
END
}

# A release has one date: no clock is read.
date_of_release() {
    [ -z "${SOURCE_DATE_EPOCH:-}" ] || { echo "$SOURCE_DATE_EPOCH"; return; }
    date -d "$(sed -n 's/^ -- .*>  //p' "$top/debian/changelog" | head -n 1)" +%s
}

# library, architecture, package, version; of those that the linker finds and a package owns
libraries() {
    local name file package arch list
    read -r arch list <<<"${FOREIGN:-}"
    for name in $LIBRARIES; do
        file=$("${CC:-gcc}" -print-file-name="lib$name.a")
        [ "${file#/}" != "$file" ] || continue
        package=$(dpkg-query -S "$(realpath "$file")" 2>/dev/null | sed 's/: .*//' | head -n 1)
        [ -n "$package" ] || continue
        # shellcheck disable=SC2016  # dpkg's
        dpkg-query -W -f "$name\t\${Architecture}\t\${Package}\t\${Version}\n" "${package%%:*}:$(dpkg --print-architecture)"
        [ -z "$arch" ] || awk -v OFS='\t' -v library="$name" -v arch="$arch" -v package="${package%%:*}" \
            '$1 == package { print library, arch, $1, $2 }' "$list"
    done
}

# name, sha1 (which SPDX demands), sha256
checksums() { # FILE...
    local file
    for file; do
        printf '%s\t%s\t%s\n' "${file##*/}" "$(sha1sum <"$file" | cut -d ' ' -f 1)" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
    done
}

document() { # VERSION FILE...
    local version=$1
    shift
    jq -n --arg version "$version" --arg created "$(date -u -d "@$(date_of_release)" +%FT%TZ)" \
        --arg files "$(checksums "$@")" --arg libraries "$(command -v dpkg-query >/dev/null && libraries)" '
        def rows: split("\n") | map(select(. != "") | split("\t"));
        def id: "SPDXRef-" + gsub("[^A-Za-z0-9.-]"; "-");
        ($files | rows) as $files | ($libraries | rows) as $libraries |
        {
            spdxVersion: "SPDX-2.3", dataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT",
            name: "copyscope-\($version)",
            documentNamespace: "https://spdx.org/spdxdocs/copyscope-\($version)-\($files[0][2])",
            creationInfo: { created: $created, creators: ["Tool: copyscope-scripts-spdx.sh"] },
            packages: ([{
                SPDXID: "SPDXRef-copyscope", name: "copyscope", versionInfo: $version,
                downloadLocation: "NOASSERTION", filesAnalyzed: false,
                licenseConcluded: "GPL-2.0-only", licenseDeclared: "GPL-2.0-only", copyrightText: "NOASSERTION",
                primaryPackagePurpose: "APPLICATION"
            }] + ($libraries | map({
                SPDXID: ("lib" + .[0] + "-" + .[1] | id), name: .[2], versionInfo: .[3],
                downloadLocation: "NOASSERTION", filesAnalyzed: false,
                licenseConcluded: "NOASSERTION", licenseDeclared: "NOASSERTION", copyrightText: "NOASSERTION",
                primaryPackagePurpose: "LIBRARY",
                externalRefs: [{
                    referenceCategory: "PACKAGE-MANAGER", referenceType: "purl",
                    referenceLocator: "pkg:deb/debian/\(.[2])@\(.[3] | @uri)?arch=\(.[1])"
                }]
            }))),
            files: ($files | map({
                SPDXID: ("file-" + .[0] | id), fileName: ("./" + .[0]),
                checksums: [{ algorithm: "SHA1", checksumValue: .[1] }, { algorithm: "SHA256", checksumValue: .[2] }],
                licenseConcluded: "GPL-2.0-only", copyrightText: "NOASSERTION"
            })),
            relationships: (
                [{ spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-copyscope" }]
                + ($files | map({ spdxElementId: "SPDXRef-copyscope", relationshipType: "CONTAINS",
                    relatedSpdxElement: ("file-" + .[0] | id) }))
                + ($libraries | map({ spdxElementId: "SPDXRef-copyscope", relationshipType: "STATIC_LINK",
                    relatedSpdxElement: ("lib" + .[0] + "-" + .[1] | id) })))
        }'
}

case ${1:-} in
-h | --help) usage ;;
--date) date_of_release ;;
'' | -*)
    usage >&2
    exit 2
    ;;
*)
    [ $# -ge 2 ] || die 2 "no files: name those of the release"
    command -v jq >/dev/null || die 77 "jq is not installed: scripts/deps.sh package"
    document "$@"
    ;;
esac
