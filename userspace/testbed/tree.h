/* SPDX-License-Identifier: GPL-2.0-only */
/* Removing a directory tree as root, in places others can write to. */
#ifndef TESTBED_TREE_H
#define TESTBED_TREE_H

/* Remove the file or directory at an absolute path without "." or "..". No symbolic link is
 * followed, neither on the way nor inside, and no mount point inside is entered. Returns 0 (also
 * when it is not there) or -errno: -ENOTDIR or -ELOOP when the way holds a link.
 */
int tree_remove(const char *path);

#endif
