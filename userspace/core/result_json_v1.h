/* SPDX-License-Identifier: GPL-2.0-only */
/* results.json of schema version 1, in which facts were sentences, as one of version 2. */
#ifndef CORE_RESULT_JSON_V1_H
#define CORE_RESULT_JSON_V1_H

#include <jansson.h>

/* Changes the document in place. What is not as version 1 has it stays as it is, for the reader to refuse. */
void result_json_upgrade_v1(json_t *root);

#endif
