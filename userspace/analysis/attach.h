/* SPDX-License-Identifier: GPL-2.0-only */
/* The four questions about a program that ran: did zero-copy happen, why not, what did copying cost, would it pay. */
#ifndef ANALYSIS_ATTACH_H
#define ANALYSIS_ATTACH_H

#include "analysis/category.h"
#include "core/result.h"

/* MSG_ZEROCOPY is "generally only effective at writes over around 10 KB" (Documentation/networking/msg_zerocopy.rst):
 * from the next power of two on.
 */
#define LARGE_SEND_BYTES (16 * KIB)

/* Where samples that copied were taken. */
enum copy_work {
	WORK_SENDING,	/* from user memory, or what a zero-copy send undid */
	WORK_RECEIVING, /* to user memory */
	WORK_FILES,	/* from files to user memory or to fresh pages, which sendfile() would save */
	WORK_ELSEWHERE, /* pipes, other devices, the program's own memcpy() */
	WORK_MAX_
};

/* n of `of` samples; low and high: 95 % interval by Wilson's score, as if they were drawn independently. */
struct share {
	double n, of, low, high;
};

struct share share_of(double n, double of);

/* Why bytes were copied. */
struct why_copied {
	const char *why, *remedy; /* pool or static; remedy NULL: none, or it depends on the sizes */
	const char *detail;	  /* pool; of a copy inside the path for an unknown reason; may be NULL */
	enum call_way way;	  /* of the call that copied; CALL_WAY_MAX_: a copy inside the path */
	double bytes;
	enum bound bound;
};

/* Where its time went; most first. */
struct time_spent {
	const char *what; /* pool or static: a category of functions, a reason to wait */
	double amount;	  /* samples, or ns of all its threads together */
};

struct call_sum {
	double calls, bytes;
};

/* What an owner has moved, 0 where that is not known. */
struct attach_moved {
	double sent, sends, by_reference, received, receives;
	bool sent_known, received_known;
};

struct attach_moved attach_moved(const struct run_result *r, unsigned int owner);
/* By way, calls of all sizes together. */
void attach_ways(const struct run_result *r, unsigned int owner, struct call_sum way[CALL_WAY_MAX_]);

enum did_happen { DID_NOTHING_SENT, DID_UNSEEN, DID_NO, DID_IN_PART, DID_YES };

enum would_pay {
	PAYS_NOTHING_COPIED, /* there is no copy that it could save */
	PAYS_UNSEEN,	     /* by which way it sends is not known */
	PAYS_UNDONE,	     /* it does that already, and the kernel copies all the same */
	PAYS_NOT_LARGE,	     /* what is copied are small sends */
	PAYS_NOT_LOCAL,	     /* large ones go over loopback, where the kernel copies what was sent by reference */
	PAYS_NOT_SAMPLED,    /* nobody knows what it would save */
	PAYS_NOT_MUCH,	     /* less than the margin, surely */
	PAYS_UP_TO,	     /* it may, up to the ceiling */
};

struct attach_answer {
	unsigned int owner;
	struct call_sum way[CALL_WAY_MAX_];
	enum did_happen did;
	struct metric_value by_reference; /* bytes sent: zero-copy and spliced */
	struct metric_value undone;	  /* of them: copied later, as far as that was seen */
	struct why_copied *why;		  /* most bytes first; owned */
	size_t why_cnt, why_cap;
	struct share copying[WORK_MAX_];  /* of all samples of the owner */
	struct share copying_at_all;
	struct time_spent on_cpu[CATEGORY_MAX_], *off_cpu; /* off_cpu: owned */
	size_t on_cpu_cnt, off_cpu_cnt, off_cpu_cap;
	enum would_pay pays;
	double copied;	      /* bytes of TCP sends, by a way that could be by reference */
	double copied_large;  /* of them: in calls of LARGE_SEND_BYTES and more */
	double loopback;      /* bytes of TCP sends over loopback */
	double veth;	      /* and over veth, of the sockets that are listed and whose route is known */
	struct share ceiling; /* of CPU time: what a send by reference could save, at most */
	struct share with_files; /* and what sendfile() could, if what it sends are files it has read */
};

/* Of a result of an attached program. The margin of the plan is what is not worth speaking of. The caller frees. */
struct attach_answer attach_answer(const struct run_set *set, const struct run_result *r, unsigned int owner);
void attach_answer_free(struct attach_answer *a);

#endif
