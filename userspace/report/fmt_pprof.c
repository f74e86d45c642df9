// SPDX-License-Identifier: GPL-2.0-only
/* profile-MODE.pb.gz: the stacks of a mode as pprof reads them (profile.proto of google/pprof, gzip).
 * A sample has three values: samples, on-CPU ns (samples / frequency) and off-CPU ns; labels tell mode
 * and role. Functions belong to the mapping of their module; the kernel is one, as perf names it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "report/escape.h"
#include "report/flame.h"
#include "report/report_ctx.h"

/* ---- protobuf's wire format, as far as the profile needs it --------------------------------- */
/* https://protobuf.dev/programming-guides/encoding/ */

struct pb {
	unsigned char *data;
	size_t len, cap;
};

static void pb_free(struct pb *pb)
{
	free(pb->data);
	*pb = (struct pb){0};
}

static void pb_append(struct pb *pb, const void *data, size_t len)
{
	if (pb->len + len > pb->cap) {
		pb->cap = MAX(pb->cap * 2, pb->len + len + 256);
		pb->data = xreallocarray(pb->data, pb->cap, 1);
	}
	if (len)
		memcpy(pb->data + pb->len, data, len);
	pb->len += len;
}

static void pb_varint(struct pb *pb, uint64_t v)
{
	unsigned char byte[10];
	size_t n = 0;

	do {
		byte[n] = (unsigned char)(v & 0x7f);
		v >>= 7;
		byte[n++] |= v ? 0x80 : 0;
	} while (v);
	pb_append(pb, byte, n);
}

/* A field of type (u)int64, enum or bool. 0 is the default and need not be written. */
static void pb_int(struct pb *pb, unsigned int field, uint64_t v)
{
	if (!v)
		return;
	pb_varint(pb, field << 3);
	pb_varint(pb, v);
}

/* A field of type string, bytes, message or packed repeated. */
static void pb_bytes(struct pb *pb, unsigned int field, const void *data, size_t len)
{
	pb_varint(pb, field << 3 | 2);
	pb_varint(pb, len);
	pb_append(pb, data, len);
}

/* As pb_bytes; the part is emptied, to be filled again. */
static void pb_part(struct pb *pb, unsigned int field, struct pb *part)
{
	pb_bytes(pb, field, part->data, part->len);
	part->len = 0;
}

/* ---- the profile ---------------------------------------------------------------------------- */

/* Field numbers of profile.proto; tests/cli/profile.proto is the same as text. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING_TABLE = 6,
	PROFILE_TIME_NANOS = 9,
	PROFILE_PERIOD_TYPE = 11,
	PROFILE_PERIOD = 12,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
	VALUE_TYPE_TYPE = 1,
	VALUE_TYPE_UNIT = 2,
	SAMPLE_LOCATION_ID = 1,
	SAMPLE_VALUE = 2,
	SAMPLE_LABEL = 3,
	LABEL_KEY = 1,
	LABEL_STR = 2,
	MAPPING_ID = 1,
	MAPPING_FILENAME = 5,
	MAPPING_HAS_FUNCTIONS = 7,
	LOCATION_ID = 1,
	LOCATION_MAPPING_ID = 2,
	LOCATION_LINE = 4,
	LINE_FUNCTION_ID = 1,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYSTEM_NAME = 3,
	FUNCTION_FILENAME = 4,
};

struct builder {
	const struct run_set *set;
	struct pb profile, part, nested, strings;
	size_t string_cnt;
	unsigned int *location; /* by frame: id, 0 = not used yet */
	unsigned int location_cnt;
	const char **module; /* by mapping; compared by pointer: they are of one pool */
	size_t module_cnt, module_cap;
	uint64_t *path; /* scratch, leaf first */
	uint64_t key_mode, key_role, mode, owner[OWNERS_MAX];
};

/* Index of a new string. Names are made visible as everywhere: pprof prints them to terminals. */
static uint64_t add_string(struct builder *b, const char *s)
{
	_cleanup_free_ char *text = plain_text(s);

	pb_bytes(&b->strings, PROFILE_STRING_TABLE, text, strlen(text));
	return b->string_cnt++;
}

static void put_value_type(struct builder *b, unsigned int field, const char *type,
			   const char *unit)
{
	pb_int(&b->part, VALUE_TYPE_TYPE, add_string(b, type));
	pb_int(&b->part, VALUE_TYPE_UNIT, add_string(b, unit));
	pb_part(&b->profile, field, &b->part);
}

static const char kernel_module[] = "[kernel.kallsyms]";

static uint64_t add_mapping(struct builder *b, const char *module)
{
	uint64_t name;
	size_t i;

	for (i = 0; i < b->module_cnt; i++)
		if (b->module[i] == module)
			return i + 1;
	array_grow(b->module, b->module_cnt, b->module_cap);
	b->module[b->module_cnt++] = module;
	name = add_string(b, module);
	pb_int(&b->part, MAPPING_ID, b->module_cnt);
	pb_int(&b->part, MAPPING_FILENAME, name);
	pb_int(&b->part, MAPPING_HAS_FUNCTIONS, 1);
	pb_part(&b->profile, PROFILE_MAPPING, &b->part);
	return b->module_cnt;
}

/* Id of the mapping a frame belongs to; 0 = none. */
static uint64_t mapping_of(struct builder *b, const struct frame *f)
{
	if (f->module)
		return add_mapping(b, f->module);
	return f->kind == FRAME_KERNEL ? add_mapping(b, kernel_module) : 0;
}

/* Location and function of a frame have the same id. */
static unsigned int location_of(struct builder *b, const struct frame *f)
{
	unsigned int *id = &b->location[f - b->set->frame];
	uint64_t mapping, name;

	if (*id)
		return *id;
	*id = ++b->location_cnt;
	mapping = mapping_of(b, f);
	name = add_string(b, *f->name ? f->name : "[unnamed]");
	pb_int(&b->part, FUNCTION_ID, *id);
	pb_int(&b->part, FUNCTION_NAME, name);
	pb_int(&b->part, FUNCTION_SYSTEM_NAME, name);
	if (f->kind == FRAME_KERNEL)
		pb_int(&b->part, FUNCTION_FILENAME, add_string(b, "kernel"));
	pb_part(&b->profile, PROFILE_FUNCTION, &b->part);
	pb_int(&b->part, LOCATION_ID, *id);
	pb_int(&b->part, LOCATION_MAPPING_ID, mapping);
	pb_int(&b->nested, LINE_FUNCTION_ID, *id);
	pb_part(&b->part, LOCATION_LINE, &b->nested);
	pb_part(&b->profile, PROFILE_LOCATION, &b->part);
	return *id;
}

static void put_packed(struct builder *b, unsigned int field, const uint64_t *v, size_t cnt)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		pb_varint(&b->nested, v[i]);
	pb_part(&b->part, field, &b->nested);
}

static void put_label(struct builder *b, uint64_t key, uint64_t value)
{
	pb_int(&b->nested, LABEL_KEY, key);
	pb_int(&b->nested, LABEL_STR, value);
	pb_part(&b->part, SAMPLE_LABEL, &b->nested);
}

static void put_sample(struct builder *b, const struct flame_node *const *path,
		       const struct flame_node *n, const uint64_t value[3])
{
	unsigned int depth;

	/* new locations use the scratch buffers: all of them first */
	for (depth = n->depth; depth > 0; depth--)
		b->path[n->depth - depth] = location_of(b, path[depth]->frame);
	put_packed(b, SAMPLE_LOCATION_ID, b->path, n->depth);
	put_packed(b, SAMPLE_VALUE, value, 3);
	put_label(b, b->key_mode, b->mode);
	put_label(b, b->key_role, b->owner[n->owner]);
	pb_part(&b->profile, PROFILE_SAMPLE, &b->part);
}

/* CPU time of that many samples; hostile counts stop at the largest that fits. */
static uint64_t sampled_ns(uint64_t samples, unsigned int hz)
{
	double ns = hz ? (double)samples * 1e9 / hz : 0;

	return ns < 0x1p62 ? (uint64_t)ns : 1ULL << 62;
}

static void put_stacks(struct builder *b, const char *mode, enum stack_kind kind)
{
	_cleanup_free_ const struct flame_node **path = NULL;
	struct flame_tree tree;
	size_t i;

	flame_tree_build(b->set, mode, kind, NULL, &tree);
	path = xcalloc(tree.max_depth + 1, sizeof(*path));
	b->path = xcalloc(tree.max_depth + 1, sizeof(*b->path));
	for (i = 0; i < tree.cnt; i++) {
		const struct flame_node *n = &tree.node[i];
		uint64_t oncpu[] = {n->self, sampled_ns(n->self, b->set->plan.frequency_hz), 0};
		uint64_t offcpu[] = {0, 0, n->self};

		path[n->depth] = n;
		if (n->self)
			put_sample(b, path, n, kind == STACK_ONCPU ? oncpu : offcpu);
	}
	free(b->path);
	flame_tree_free(&tree);
}

/* Seconds since 1970, 0 if the text is no time. */
static uint64_t unix_seconds(const char *utc)
{
	struct tm tm = {0};
	const char *end = utc ? strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
	time_t t = end && !*end ? timegm(&tm) : 0;

	return t > 0 ? (uint64_t)t : 0;
}

static void build(struct builder *b, size_t mode)
{
	const char *name = b->set->plan.mode[mode].name;
	unsigned int hz = b->set->plan.frequency_hz;
	_cleanup_free_ char *each = offcpu_sampling_text(&b->set->plan);
	_cleanup_free_ char *sampling = each ? xasprintf("off-CPU: %s", each) : NULL;
	unsigned int o;

	add_string(b, ""); /* the table begins with it */
	put_value_type(b, PROFILE_SAMPLE_TYPE, "samples", "count");
	put_value_type(b, PROFILE_SAMPLE_TYPE, "cpu", "nanoseconds");
	put_value_type(b, PROFILE_SAMPLE_TYPE, "offcpu", "nanoseconds");
	b->key_mode = add_string(b, "mode");
	b->key_role = add_string(b, "role");
	b->mode = add_string(b, name);
	for (o = 0; o < b->set->owner_cnt; o++)
		b->owner[o] = add_string(b, b->set->owner[o].label);
	add_mapping(b, kernel_module); /* the first is what pprof calls the profile's file */
	put_stacks(b, name, STACK_ONCPU);
	put_stacks(b, name, STACK_OFFCPU);
	pb_int(&b->profile, PROFILE_TIME_NANOS, unix_seconds(b->set->started_utc) * NSEC_PER_SEC);
	put_value_type(b, PROFILE_PERIOD_TYPE, "cpu", "nanoseconds");
	pb_int(&b->profile, PROFILE_PERIOD, hz ? NSEC_PER_SEC / hz : 0);
	if (sampling)
		pb_int(&b->profile, PROFILE_COMMENT, add_string(b, sampling));
	/* else viewers open with the last, which is off-CPU time */
	pb_int(&b->profile, PROFILE_DEFAULT_SAMPLE_TYPE, add_string(b, hz ? "cpu" : "samples"));
	pb_append(&b->profile, b->strings.data, b->strings.len);
}

static int put_gzip(const struct pb *pb, FILE *out)
{
	const int gzip = 16; /* added to windowBits: a gzip header, without time or name */
	_cleanup_free_ unsigned char *packed = NULL;
	z_stream z = {0};
	size_t bound, len;
	int status;

	if (pb->len > UINT32_MAX / 2)
		return -EFBIG;
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + gzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	bound = deflateBound(&z, pb->len);
	packed = xmalloc(bound);
	z.next_in = pb->data;
	z.avail_in = (uInt)pb->len;
	z.next_out = packed;
	z.avail_out = (uInt)bound;
	status = deflate(&z, Z_FINISH);
	len = z.total_out;
	deflateEnd(&z);
	if (status != Z_STREAM_END)
		return -EIO;
	return fwrite(packed, 1, len, out) == len ? 0 : -errno;
}

int fmt_pprof(const struct report_part *part, FILE *out)
{
	struct builder b = {.set = part->ctx->set};
	int err;

	b.location = xcalloc(b.set->frame_cnt, sizeof(*b.location));
	build(&b, part->mode);
	err = put_gzip(&b.profile, out);
	pb_free(&b.profile);
	pb_free(&b.part);
	pb_free(&b.nested);
	pb_free(&b.strings);
	free(b.location);
	free(b.module);
	return err;
}

int report_pprof(const struct run_set *set, FILE *out)
{
	const struct report_ctx ctx = {.all = set, .set = set};

	return fmt_pprof(&(struct report_part){.ctx = &ctx}, out);
}
