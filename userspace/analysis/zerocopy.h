/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the bytes a mode sent by page reference: were they copied after all, where, and is a
 * surplus of copies explained? Findings only; zerocopy_text.c has the words.
 */
#ifndef ANALYSIS_ZEROCOPY_H
#define ANALYSIS_ZEROCOPY_H

#include "analysis/copies.h"

enum zerocopy_state {
	ZC_UNSEEN,	     /* what was asked for, or whether it was copied, was not visible */
	ZC_COPIED,	     /* every byte, at least once */
	ZC_PARTLY,	     /* some bytes */
	ZC_UNCOPIED_AS_SEEN, /* none where we could look, but not all places were visible */
	ZC_REAL,	     /* none, and all places were visible */
	ZC_STATE_MAX_
};

struct zerocopy_truth {
	size_t mode;
	enum zerocopy_state state;
	double asked_bytes;
	double copied_bytes; /* payload, in all places that were visible */
	double ratio;	     /* copied_bytes / asked_bytes; more than 1: copied more than once */
	bool all_seen;	     /* every place where payload can be copied */
	const char *at_least; /* why copied_bytes and ratio are lower bounds; NULL: they are not */
	bool asked_known, ubufs_known, gso_known;
	double gso_bytes;
	const char *reason; /* why something was not visible; may be NULL */
	/* skb_copy_ubufs beyond what was sent, cell by cell: retransmitted data is copied again */
	double surplus_bytes, retransmit_bytes, unexplained_bytes;
	bool retransmit_known;
	bool ids_known;
	double ids, copied_ids;
};

/* One entry for each mode that sent by page reference, by what it did and not by its name; the caller
 * frees. copies: by mode.
 */
struct zerocopy_truth *zerocopy_build(const struct run_set *set, const struct mode_copies *copies,
				      size_t *cnt);

/* Share of the completions flagged COPIED, 0..1; 0 when there are none. */
static inline double zerocopy_flagged(const struct zerocopy_truth *z)
{
	return z->ids_known && z->ids > 0 ? z->copied_ids / z->ids : 0;
}

#endif
