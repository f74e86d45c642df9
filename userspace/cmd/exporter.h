/* SPDX-License-Identifier: GPL-2.0-only */
/* A listener for scrapes: HTTP/1.1, GET /metrics, one connection at a time, no more. */
#ifndef CMD_EXPORTER_H
#define CMD_EXPORTER_H

#include <stdio.h>

/* "PORT", "ADDR:PORT" or "[ADDR6]:PORT"; without an address 127.0.0.1. Returns a descriptor to poll for POLLIN, or -errno
 * after one line.
 */
int exporter_listen(const char *where);

/* Answers whoever has come. fill writes the page. It takes about a second at most, however slowly a scraper goes on. */
void exporter_answer(int listen_fd, const char *type, void (*fill)(FILE *out, void *ctx), void *ctx);

#endif
