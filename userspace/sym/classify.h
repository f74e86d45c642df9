/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel stack means: tables from function names to words. Compiler suffixes (.isra.0,
 * .constprop.0, .part.0, .cold) are ignored, so a row holds whatever the compiler did that day.
 */
#ifndef SYM_CLASSIFY_H
#define SYM_CLASSIFY_H

#include "core/copy_reason.h"

/* Why a thread slept, from its kernel stack (names, leaf first; NULL entries allowed). Never NULL. */
const char *wait_reason(const char *const *leaf_first, size_t cnt, bool voluntary);

/* Why `function` copied, from the kernel stack it was called on (names, leaf first; the function itself
 * may be on it). The frame nearest to the copy that says something decides, so that a copy made while
 * delivering a packet is delivery even when a send triggered it further down the stack.
 */
enum copy_reason copy_reason_of(const char *function, const char *const *leaf_first, size_t cnt);

/* Frames the probe itself put on top of the stack. */
bool is_probe_frame(const char *name);

/* Whether the stack shows softirq work: what makes an idle CPU's sample worth keeping. */
bool is_softirq_frame(const char *name);

/* name equals pattern, compiler suffix of name aside. */
bool same_function(const char *name, const char *pattern);

#endif
