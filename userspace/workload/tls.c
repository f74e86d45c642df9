// SPDX-License-Identifier: GPL-2.0-only
#include "workload/tls.h"

#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "core/util.h"

#ifndef SOL_TLS
#define SOL_TLS 282 /* linux/socket.h */
#endif

static int use_tls(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) ? -errno : 0;
}

/* A socket that is not connected is told so, if there is kTLS. */
int tls_supported(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = fd < 0 ? -errno : use_tls(fd);

	return err == -ENOTCONN ? 0 : err == -ENOENT ? -EPROTONOSUPPORT : err;
}

/* By the record layer of TLS 1.3, as most connections. */
static int use_cipher(int fd, int direction, char **error)
{
	const struct tls12_crypto_info_aes_gcm_128 cipher = {
		.info = {.version = TLS_1_3_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128},
	};
	int err = use_tls(fd);

	if (!err && setsockopt(fd, SOL_TLS, direction, &cipher, sizeof(cipher)))
		err = -errno;
	if (err == -ENOENT)
		*error = xstrdup("the kernel has no kTLS, or not its cipher: modprobe tls, and gcm");
	else if (err)
		*error = xasprintf("kTLS: %s", strerror(-err));
	return err;
}

int tls_encrypt(int fd, char **error)
{
	return use_cipher(fd, TLS_TX, error);
}

int tls_decrypt(int fd, char **error)
{
	return use_cipher(fd, TLS_RX, error);
}
