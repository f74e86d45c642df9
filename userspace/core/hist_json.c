// SPDX-License-Identifier: GPL-2.0-only
/* Histogram <-> sparse JSON. The reader trusts nothing: what passes is a histogram that
 * hist_record() could have made, so percentiles computed from it are safe.
 */
#include "core/hist_json.h"

#include <errno.h>

json_t *hist_to_json(const struct hist *h)
{
	json_t *buckets = json_array(), *pair;
	unsigned int i;

	for (i = 0; buckets && i < HIST_BUCKETS; i++) {
		if (!h->count[i])
			continue;
		pair = json_pack("[i,I]", (int)i, (json_int_t)h->count[i]);
		if (json_array_append_new(buckets, pair)) {
			json_decref(buckets);
			return NULL;
		}
	}
	/* "o" steals buckets, and fails cleanly on NULL. */
	return json_pack("{s:I,s:I,s:I,s:I,s:o}", "total", (json_int_t)h->total, "sum",
			 (json_int_t)h->sum, "min", (json_int_t)h->min, "max", (json_int_t)h->max,
			 "buckets", buckets);
}

static int read_u64(const json_t *value, uint64_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return -EINVAL;
	*out = (uint64_t)json_integer_value(value);
	return 0;
}

/* Fills h->count; *first and *last become the outermost indices in use. */
static int read_buckets(const json_t *buckets, struct hist *h, unsigned int *first,
			unsigned int *last)
{
	uint64_t index, count, total = 0;
	unsigned __int128 low = 0, high = 0;
	const json_t *pair;
	size_t i;

	if (!json_is_array(buckets))
		return -EINVAL;
	json_array_foreach(buckets, i, pair)
	{
		if (json_array_size(pair) != 2 || read_u64(json_array_get(pair, 0), &index) ||
		    read_u64(json_array_get(pair, 1), &count))
			return -EINVAL;
		if (index >= HIST_BUCKETS || !count || (i && index <= *last))
			return -EINVAL;
		if (__builtin_add_overflow(total, count, &total))
			return -EINVAL;
		*last = (unsigned int)index;
		if (!i)
			*first = *last;
		h->count[index] = count;
		low += (unsigned __int128)hist_bucket_low(*last) * count;
		high += (unsigned __int128)hist_bucket_high(*last) * count;
	}
	return total == h->total && low <= h->sum && h->sum <= high ? 0 : -EINVAL;
}

int hist_from_json(const json_t *json, struct hist **out)
{
	_cleanup_free_ struct hist *h = xcalloc(1, sizeof(*h));
	unsigned int first = 0, last = 0;

	if (read_u64(json_object_get(json, "total"), &h->total) ||
	    read_u64(json_object_get(json, "sum"), &h->sum) ||
	    read_u64(json_object_get(json, "min"), &h->min) ||
	    read_u64(json_object_get(json, "max"), &h->max))
		return -EINVAL;
	if (read_buckets(json_object_get(json, "buckets"), h, &first, &last))
		return -EINVAL;
	if (!h->total && (h->min || h->max))
		return -EINVAL;
	if (h->total &&
	    (h->min > h->max || hist_index(h->min) != first || hist_index(h->max) != last))
		return -EINVAL;
	*out = take_ptr(h);
	return 0;
}
