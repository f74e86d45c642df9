/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of the bytes a mode sent by page reference: were they copied after all, where, and is a
 * surplus of copies explained? Findings only; zerocopy_text.c has the words.
 */
#ifndef ANALYSIS_ZEROCOPY_H
#define ANALYSIS_ZEROCOPY_H

#include "analysis/copies.h"

enum zerocopy_state {
	ZC_UNSEEN,	     /* what was asked for, or whether it was copied, was not visible */
	ZC_NOT_GRANTED,	     /* nothing was sent by page reference: the kernel copied all at the send */
	ZC_COPIED,	     /* every byte, at least once; or each completion says COPIED */
	ZC_PARTLY,	     /* some bytes, or ids */
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
	enum bound asked_bound, copied_bound, ratio_bound;
	bool all_seen;	     /* every place where payload can be copied */
	/* The first stage of copies that is only a bound, and the first of them, or of what was asked, that says
	 * why it was not seen exactly; NULL: none.
	 */
	const struct stage_sum *bounded, *doubtful;
	double read_bytes; /* of copied_bytes: before the send, where a file was read into fresh pages */
	const struct stage_sum *unread; /* whether it was, is not known; NULL: known, or no file is sent */
	double instead_bytes; /* copied from user memory at the send, where nothing was sent by reference */
	bool asked_known;     /* how much was sent by page reference */
	bool undoing_known;   /* whether these pages were copied: skb_copy_ubufs, of which COPIED tells, too */
	bool unflagged_known; /* copies of which COPIED does not tell: software GSO and others */
	/* skb_copy_ubufs beyond what was sent, cell by cell: retransmitted data is copied again */
	double surplus_bytes, retransmit_bytes, unexplained_bytes;
	bool retransmit_known;
	bool ids_known;
	double ids, copied_ids;
	enum bound ids_bound, copied_ids_bound;
};

/* One entry for each mode that promises zero-copy or sent by page reference; the caller frees. copies: by mode,
 * and must outlive it.
 */
struct zerocopy_truth *zerocopy_build(const struct run_set *set, const struct mode_copies *copies,
				      size_t *cnt);

/* Share of the completions flagged COPIED, 0..1; 0 when there are none. Of bounds it is only a hint. */
static inline double zerocopy_flagged(const struct zerocopy_truth *z)
{
	return z->ids_known && z->ids > 0 ? z->copied_ids / z->ids : 0;
}

/* And whether that is exact. */
static inline bool zerocopy_flags_exact(const struct zerocopy_truth *z)
{
	return z->ids_known && z->ids > 0 && !z->ids_bound && !z->copied_ids_bound;
}

/* That it was copied is known by the flag alone: not where, nor how many bytes. */
static inline bool zerocopy_flag_alone(const struct zerocopy_truth *z)
{
	return (z->state == ZC_COPIED || z->state == ZC_PARTLY) && z->copied_bytes <= 0;
}

/* More of what was sent than this share, 0..1, was copied for sure. */
static inline bool zerocopy_copied_over(const struct zerocopy_truth *z, double share)
{
	return z->asked_bytes > 0 && z->ratio > share && !(z->ratio_bound & BOUND_UPPER);
}

#endif
