# SPDX-License-Identifier: GPL-2.0-only
# The conservation laws of one results.json, as TAP. A law whose quantities this kernel cannot show is
# skipped with the reason that the result gives; a number that is wrong, or absent without a reason,
# fails. Arguments: $tiers (the row's, "fentry,kprobe,tracepoint").

.how as $how | .plan as $plan | ($tiers | split(",")) as $tier_list
| ($plan.path | split(":")[0] | IN("veth", "loopback", "routed")) as $local

# A value as {name, value, status, via, reason}; absent ones have a status, too.
| def metric($result; $role; $name):
    ($result.values[$role][$name]) as $v
    | if $v == null then {name: $name, value: null, status: "absent", reason: "not in the file"}
      else {name: $name, value: $v[0], status: $how[$v[1]][0], via: $how[$v[1]][1], reason: $how[$v[1]][2]}
      end;
  def seen: .status == "ok" and .value != null;
  def tap($ok; $text): (if $ok then "ok" else "not ok" end) + " - " + $text;
  def show: map("\(.name) \(.value)") | join(", ");

  # law NAME VALUES CONDITION: the condition sees the numbers in the order of VALUES.
  def law($where; $name; $values; condition):
    ($values | map(select(seen | not))) as $missing
    | if $missing == [] then
        ($values | map(.value) | condition) as $holds
        | tap($holds; "\($where): \($name)" + (if $holds then "" else " (\($values | show))" end))
      else "ok - \($where): \($name) # SKIP \($missing[0].name): \($missing[0].reason)" end;

  def honest_absence($where; $result):
    [$result.values | to_entries[] | .key as $role | .value | keys[] | metric($result; $role; .)
     | select((.status != "ok" and .status != "lossy" and .status != "scaled" and
               (.value != null or (.reason // "") == "")) or (.status == "ok" and .value == null))
     | .name] as $bad
    | tap($bad == []; "\($where): what was not measured is absent, with a reason \($bad | join(" "))");

  def sums($where; $r):
    def s($n): metric($r; "server"; $n);
    def c($n): metric($r; "client"; $n);
    law($where; "received = sent (programs)"; [s("app_bytes"), c("app_bytes")]; .[0] == .[1] and .[0] > 0),
    law($where; "bytes sent = the program's"; [s("sent_bytes"), s("app_bytes")]; .[0] == .[1]),
    # Not every kernel shows splices; none of these modes makes any.
    law($where; "user to kernel + zero-copy + spliced = sent";
        [s("app_bytes"), s("user_to_kernel_bytes"), s("zerocopy_bytes"), (s("spliced_bytes") | select(seen))];
        .[0] == (.[1:] | add)),
    law($where; "bytes received = the program's"; [c("received_bytes"), c("app_bytes")]; .[0] == .[1]),
    law($where; "kernel to user = received"; [c("kernel_to_user_bytes"), c("app_bytes")]; .[0] == .[1]),
    law($where; "the sender copies nothing to user"; [s("kernel_to_user_bytes")]; .[0] == 0),
    law($where; "the receiver sends nothing";
        [c("user_to_kernel_bytes"), c("zerocopy_bytes"), c("copy_ubufs_bytes")]; add == 0);

  def copying_mode($where; $r):
    def s($n): metric($r; "server"; $n);
    law($where; "no byte goes by reference"; [s("zerocopy_bytes")]; .[0] == 0),
    law($where; "no page references"; [s("page_refs")]; .[0] == 0),
    law($where; "no skb_copy_ubufs"; [s("copy_ubufs_bytes")]; .[0] == 0),
    law($where; "no completions"; [s("completion_ids")]; .[0] == 0);

  def zerocopy_mode($where; $r):
    def s($n): metric($r; "server"; $n);
    law($where; "no byte is copied from user"; [s("user_to_kernel_bytes")]; .[0] == 0),
    law($where; "every byte goes by reference"; [s("zerocopy_bytes"), s("app_bytes")]; .[0] == .[1]),
    law($where; "at least 16 page references per 64 KiB"; [s("page_refs"), s("app_bytes")];
        .[0] * 4096 >= .[1]),
    law($where; "ids allocated = issued"; [s("zc_ids_allocated"), s("zc_ids_issued")]; .[0] == .[1]),
    law($where; "ids completed = issued"; [s("completion_ids"), s("zc_ids_issued")];
        .[0] == .[1] and .[0] > 0),
    law($where; "the program read every completion"; [s("zc_ids_completed"), s("zc_ids_issued")];
        .[0] == .[1]),
    if $local then
      law($where; "every id is flagged COPIED"; [s("completion_copied_ids"), s("completion_ids")];
          .[0] == .[1]),
      law($where; "skb_copy_ubufs = sent + retransmitted";
          [s("copy_ubufs_bytes"), s("app_bytes"), s("retransmit_bytes")];
          .[0] >= .[1] and .[0] <= .[1] + .[2])
    else empty end;

  def cell($r):
    "\($r.mode) x\($r.threads) \($plan.path) \($plan.tier)" as $where
    | tap($r.status == "ok"; "\($where): \($r.pass) pass \($r.reason // "")"),
      honest_absence("\($where) \($r.pass)"; $r),
      if $r.pass != "attribution" or $r.status != "ok" then empty
      else
        # A preemptible kernel (7.x) skips runs of tracing programs; what that makes too small is marked
        # lossy, and laws skip it. A lost stack costs a frame in a picture, no count.
        tap(([$r.drops[] | select(.[1] != 0)
              | select(.[0] | test("skipped as nested|way was not seen|^stack traces") | not)] == []);
            "\($where): no unexplained drops \($r.drops | tostring)"),
        sums($where; $r),
        if $r.mode == "A3" then zerocopy_mode($where; $r)
        elif $r.mode == "A1" or $r.mode == "A2" then copying_mode($where; $r) else empty end
      end;

  # With a free choice, what the full tier exists for must be seen by the best tier of this kernel.
  def best_tier:
    if $plan.tier != "auto" then empty else
      .probes[] | select(.quantity | IN("user_to_kernel", "zerocopy", "copy_ubufs", "completion",
                                        "kernel_to_user", "page_ref", "zc_id"))
      # ... or by the next, where the kernel preempts fentry programs and copyscope changed over.
      | tap(.tier == $tier_list[0] or
            (.tier == $tier_list[1] and ((.reason // "") | contains("preempted")));
            "\($plan.path): \(.quantity) is seen by \($tier_list[0]) (" +
            (.tier // "not at all: \(.reason)") + ")")
    end;
  def plan_kept:
    .probes[] | select(.tier == null and (.reason // "") == "")
    | tap(false; "\($plan.path): \(.quantity) is absent without a reason");
  def forced_tier:
    [.probes[] | select(.tier != null and (.tier | IN($plan.tier, "tracepoint", "perf event") | not))] as $other
    | if $plan.tier == "auto" then empty
      else tap($other == []; "\($plan.path) \($plan.tier): no other tier than asked for " +
               ($other | map(.quantity) | join(" "))) end;

  tap((.results | length) > 0 and .partial_reason == null; "\($plan.path) \($plan.tier): complete \(.partial_reason // "")"),
  best_tier, plan_kept, forced_tier, cell(.results[])
