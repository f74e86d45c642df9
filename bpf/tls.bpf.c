// SPDX-License-Identifier: GPL-2.0-only
/* kTLS in software: what a task sends becomes records, each encrypted at once, by the task itself, into pages of its
 * own; those are TCP's to send, at the latest in a kworker (tls_tx_records()). The cipher reads the bytes where they
 * lie, in the sender's pages or in a file's, or a copy of them that sk_msg_memcopy_from_iter() made: while a record is
 * open (MSG_MORE), or if the cipher works on its own (net/tls/tls_sw.c, tls_sw_sendmsg_locked()).
 *
 * The functions of tls.ko have no type where it is not loaded; those that it calls for each record are the kernel's own.
 */
#include "calls.bpf.h"
#include "io_thread.bpf.h"

/* TLS authenticates 13 bytes beside those that it encrypts, as of 1.3 the header of 5; other users of the same
 * ciphers, as IPsec, other numbers. In 1.3 one more byte is encrypted, which says what the record is.
 */
#define TLS_AAD	   13
#define TLS13_AAD  5
#define TLS_HEADER 5
#define TLS_NONCE  8  /* sent before 1.3, by all ciphers but ChaCha20-Poly1305 */
#define TLS_TAG	   16 /* of all ciphers that kTLS knows */

/* An open record is continued: where it began is known by its first call. */
static __always_inline int on_record_alloc(const struct sock *sk, const struct sk_msg *msg, bool typed)
{
	__u32 owner = cs_watched_call(sk, typed);
	struct cs_task *task = owner && cs_is_tls(sk, typed) ? cs_this_task_new() : NULL;

	if (!task || (task->tls.sk == sk && CS_READ(typed, msg, sg.size)))
		return 0;
	task->tls = (struct cs_tls){.sk = sk, .owner = owner};
	return 0;
}

static __always_inline int on_record_copy(const struct sock *sk, __u32 bytes)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;

	if (!task || task->tls.sk != sk)
		return 0;
	task->tls.copies++;
	task->tls.copied += bytes;
	return 0;
}

/* Payload bytes of a TLS record that a cipher works on; 0: not TLS. */
static __always_inline __u32 record_bytes(const struct aead_request *req, __u32 tag, bool typed)
{
	__u32 aad = CS_READ(typed, req, assoclen), bytes = CS_READ(typed, req, cryptlen) - tag;

	return aad == TLS13_AAD ? bytes - 1 : aad == TLS_AAD ? bytes : 0;
}

/* "rfc7539(chacha20,poly1305)"; others are called gcm() or ccm(). */
static __always_inline bool is_chacha20(const struct aead_request *req)
{
	return BPF_CORE_READ(req, base.tfm, __crt_alg, cra_name[0]) == 'r';
}

/* Bytes of its header and tag. */
static __always_inline __u32 record_framing(const struct aead_request *req, bool typed)
{
	__u32 more = CS_READ(typed, req, assoclen) == TLS13_AAD ? 1 : is_chacha20(req) ? 0 : TLS_NONCE;

	return TLS_HEADER + TLS_TAG + more;
}

static __always_inline int on_encrypt(const struct aead_request *req, bool typed)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;
	struct cs_tls tls;
	__u32 bytes;

	if (!task || !task->tls.sk)
		return 0;
	bytes = record_bytes(req, 0, typed);
	if (!bytes)
		return 0;
	tls = task->tls;
	task->tls.sk = NULL;
	if (tls.copied > bytes) /* the last copy met a fault */
		tls.copied = bytes;
	cs_add(CS_BANK_FUNCTION, tls.owner, CS_Q_SEND, 1, bytes);
	cs_add_bytes(CS_BANK_FUNCTION, tls.sk, tls.owner, CS_CALL_KTLS, 0, bytes);
	if (cs_in_io_thread())
		cs_add_made_for(cs_counts_of(tls.owner), CS_BANK_FUNCTION, 1, bytes);
	cs_add(CS_BANK_FUNCTION, tls.owner, CS_Q_USER_TO_KERNEL, tls.copies, tls.copied);
	cs_add(CS_BANK_FUNCTION, tls.owner, CS_Q_ENCRYPT_COPY, !!tls.copied, tls.copied);
	cs_add(CS_BANK_FUNCTION, tls.owner, CS_Q_ENCRYPT, tls.copied < bytes, bytes - tls.copied);
	cs_add(CS_BANK_FUNCTION, tls.owner, CS_Q_TLS_FRAMING, 1, record_framing(req, typed));
	return 0;
}

/* By the task that reads the socket. */
static __always_inline int on_decrypt(const struct aead_request *req, bool typed)
{
	__u32 bytes = cs_active ? record_bytes(req, TLS_TAG, typed) : 0;
	__u32 owner = bytes ? cs_owner_of_task(bpf_get_current_task_btf()) : CS_NOBODY;

	if (!owner)
		return 0;
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_RECV, 1, bytes);
	cs_add_bytes(CS_BANK_FUNCTION, NULL, owner, CS_CALL_RECV_KTLS, 0, bytes);
	cs_add(CS_BANK_FUNCTION, owner, CS_Q_DECRYPT, 1, bytes);
	return 0;
}

CS_AT_ENTRY(sk_msg_alloc, record_alloc, on_record_alloc(sk, msg, typed), struct sock *sk, struct sk_msg *msg)
CS_AT_ENTRY(sk_msg_memcopy_from_iter, record_copy, on_record_copy(sk, bytes), struct sock *sk,
	    struct iov_iter *from, struct sk_msg *msg, unsigned int bytes)
CS_AT_ENTRY(crypto_aead_encrypt, encrypt, on_encrypt(req, typed), struct aead_request *req)
CS_AT_ENTRY(crypto_aead_decrypt, decrypt, on_decrypt(req, typed), struct aead_request *req)
