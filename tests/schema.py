# SPDX-License-Identifier: GPL-2.0-only
"""usage: schema.py SCHEMA FILE...: called by schema.sh. Holds each results.json against the schema, then
against what no schema can say: each reference leads somewhere, nothing is there twice. TAP; exit 1 if
any has a fault.
"""

import collections
import itertools
import json
import math
import sys

import jsonschema

MAX_FAULTS = 10  # told of a file
MAX_STACK_DEPTH = 512
KNOWN = ("ok", "scaled")


# ---- the schema ------------------------------------------------------------------------------------


def extremes(rows):
    """Those that may be at fault, by index. Of rows of integers, a schema tells the length and the ranges:
    of each length, the least and the greatest of each column will do. All other rows."""
    shapes, chosen = collections.defaultdict(dict), {}
    for index, row in enumerate(rows):
        shapes[tuple(map(type, row)) if isinstance(row, list) else type(row)][index] = row
    for shape, same in shapes.items():
        if shape is int:
            chosen.update(pick(same.items(), key=lambda pair: pair[1]) for pick in (min, max))
        elif isinstance(shape, tuple) and set(shape) == {int}:
            for column, pick in itertools.product(range(len(shape)), (min, max)):
                chosen.update([pick(same.items(), key=lambda pair: pair[1][column])])
        else:
            chosen.update(same)
    return chosen


def items(validator, schema, rows, parent):
    """jsonschema takes its time, and there are many stacks: it gets to see what may be wrong."""
    if isinstance(schema, dict) and isinstance(rows, list):
        for index, row in extremes(rows).items():
            yield from validator.descend(row, schema, path=index)
    else:
        yield from jsonschema.Draft7Validator.VALIDATORS["items"](validator, schema, rows, parent)


# 1.0 is no integer here, as it is none to the program: so it is in draft 4.
Validator = jsonschema.validators.extend(
    jsonschema.Draft7Validator, {"items": items}, type_checker=jsonschema.Draft4Validator.TYPE_CHECKER
)


def place(path):
    steps = (f"[{s}]" if isinstance(s, int) else f".{s}" if s.isidentifier() else f"[{s!r}]" for s in path)
    return "".join(steps).lstrip(".") or "document"


def schema_faults(validator, document):
    for error in validator.iter_errors(document):
        what = error.message  # begins with the thing itself, which may be all of the file
        yield place(error.absolute_path), what if len(what) < 200 else f"{what[:80]} ... {what[-100:]}"


# ---- references --------------------------------------------------------------------------------------


def twice(things):
    return [thing for thing, times in collections.Counter(things).items() if times > 1]


def node_faults(document):
    nodes, frames = document["stack_nodes"], len(document["frames"])
    depth = [0]
    if len(nodes) % 2:
        yield "stack_nodes", "not a list of pairs"
    for i, (parent, frame) in enumerate(zip(nodes[::2], nodes[1::2]), 1):
        if parent >= i:
            yield f"stack_nodes[{2 * i - 2}]", f"node {i} has the parent {parent}, which is not before it"
        if frame >= frames:
            yield f"stack_nodes[{2 * i - 1}]", f"frame {frame} of {frames}"
        depth.append(depth[parent] + 1 if parent < i else 1)
    if max(depth) > MAX_STACK_DEPTH:
        yield "stack_nodes", f"a stack of {max(depth)} frames, more than {MAX_STACK_DEPTH}"


def table_faults(document):
    owners = document["owners"]
    for name in twice(mode["name"] for mode in document["plan"]["modes"]):
        yield "plan.modes", f"the mode {name!r} twice"
    variants = len(document["plan"].get("variants", []))
    for result in document["results"]:
        if result.get("variant", 0) > variants:
            yield "results", f"variant {result['variant']} of {variants}"
    for label in twice(label for label, _ in owners):
        yield "owners", f"the label {label!r} twice"
    if owners[-1][1] != "none":
        yield f"owners[{len(owners) - 1}]", "the last is not the kernel's own threads"
    yield from node_faults(document)


def value_faults(values, labels, how):
    for label, metrics in values.items():
        if label not in labels:
            yield ["values", label], "none of the owners"
        for name, (number, index, *coverage) in metrics.items():
            at = ["values", label, name]
            if index >= len(how):
                yield at, f"how {index} of {len(how)}"
            elif (how[index]["status"] in KNOWN) != (number is not None):
                yield at, f"{json.dumps(number)} and yet {how[index]['status']}"
            elif number is None and coverage:
                yield at, "a coverage of nothing"


def bucket(index):
    """Its least and its greatest value, as in userspace/core/hist.h."""
    shift = max(index // 64 - 1, 0)
    return (index - 64 * shift) << shift, (index - 64 * shift + 1 << shift) - 1


def histogram_faults(histogram):
    buckets = histogram["buckets"]
    indices = [index for index, _ in buckets]
    if any(a >= b for a, b in zip(indices, indices[1:])):
        yield ["buckets"], "the indices do not ascend"
    elif histogram["total"] != sum(count for _, count in buckets):
        yield ["total"], "not the sum of the buckets"
    low, high = (sum(bucket(index)[edge] * count for index, count in buckets) for edge in (0, 1))
    if not low <= histogram["sum"] <= high:
        yield ["sum"], "not what is in the buckets"
    for name, index in ("min", 0), ("max", -1):
        low, high = bucket(indices[index]) if indices else (0, 0)
        if not low <= histogram[name] <= high:
            yield [name], "not in the outermost bucket"
    if histogram["min"] > histogram["max"]:
        yield ["min"], "more than max"


def timeline_faults(result):
    values = result["values"]
    for name, role, total in ("received_bytes", "client", "app_bytes"), ("retransmit_bytes", "server", "tcp_retransmit_bytes"):
        bins = result.get("timelines", {}).get(name, {}).get("bins")
        value = values.get(role, {}).get(total, [None])[0]
        if bins is not None and value is not None and (None in bins or sum(bins) != value):
            yield name, f"do not add up to {total} of the {role}, {json.dumps(value)}"


def result_faults(document, result):
    plan, labels = document["plan"], {label for label, _ in document["owners"]}
    passes = plan["repetitions"]
    if result["pass"] == "attribution":
        passes = plan.get("attributions", passes)
    none = [0] if plan.get("attached") else []
    axes = {"mode": [mode["name"] for mode in plan["modes"]], "size_bytes": plan["size_bytes"] + none,
            "threads": plan["threads"] + none, "repetition": range(1, passes + 1)}
    for name, members in axes.items():
        if result[name] not in members:
            yield [name], f"{result[name]!r} is not in the plan"
    yield from value_faults(result["values"], labels, document["how"])
    for name in ("latency", "completion"):
        for at, what in histogram_faults(result[name]) if name in result else ():
            yield [name, *at], what
    for at, what in timeline_faults(result):
        yield ["timelines", at, "bins"], what
    for name in ("waits", "copies", "calls", "sockets"):
        for i, row in enumerate(result.get(name, [])):
            if row[0] not in labels:
                yield [name, i], f"{row[0]!r} is none of the owners"
    for i, (_, _, low, calls, size) in enumerate(result.get("calls", [])):
        if low & (low - 1) or not low * calls <= size < 2 * low * calls:
            yield ["calls", i], f"{calls} calls of {low} bytes and more cannot have moved {size}"
    owners, nodes = len(document["owners"]), len(document["stack_nodes"]) // 2
    for i, (_, owner, node, *_) in enumerate(result["stacks"]):
        if owner >= owners or node > nodes:
            yield ["stacks", i], f"owner {owner} of {owners}, node {node} of {nodes}"


def reference_faults(document):
    yield from table_faults(document)
    keys = ("mode", "size_bytes", "threads", "repetition", "pass")
    for key in twice((*(result[name] for name in keys), result.get("variant", 0)) for result in document["results"]):
        yield "results", f"{key} twice"
    for i, result in enumerate(document["results"]):
        for at, what in result_faults(document, result):
            yield place(["results", i, *at]), what


# ---- files -------------------------------------------------------------------------------------------


def unique(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError(f"the member {twice(name for name, _ in pairs)[0]!r} twice")
    return dict(pairs)


def finite(word):
    if not math.isfinite(float(word)):
        raise ValueError(f"not a number of JSON: {word}")
    return float(word)


def faults(validator, path):
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file, object_pairs_hook=unique, parse_float=finite, parse_constant=finite)
    except (OSError, ValueError, RecursionError) as error:
        return [("file", error)]
    found = list(itertools.islice(schema_faults(validator, document), MAX_FAULTS))
    return found or itertools.islice(reference_faults(document), MAX_FAULTS)


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Validator.check_schema(schema)
    validator, status = Validator(schema), 0
    for path in paths:
        found = list(faults(validator, path))
        for where, what in found:
            print(f"not ok - {path}: {where}: {what}")
        if not found:
            print(f"ok - {path}")
        status |= bool(found)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
