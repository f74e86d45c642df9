# SPDX-License-Identifier: GPL-2.0-only
# Whether the probes of one results.json are those that the kernel's row expects, as TAP. Arguments:
# $tiers (the row's, best first: "fentry,kprobe,tracepoint").

.plan as $plan | ($tiers | split(",")) as $expected
| def tap($ok; $text): (if $ok then "ok" else "not ok" end) + " - " + $text;

  # With a free choice, what the full tier exists for must be seen by the best tier of this kernel.
  def best_tier:
      .probes[] | select(.quantity | IN("user_to_kernel", "zerocopy", "copy_ubufs", "completion",
                                        "kernel_to_user", "page_ref", "zc_id"))
      # ... or by the next, where the kernel preempts fentry programs and copyscope changed over.
      | tap(.tier == $expected[0] or
            (.tier == $expected[1] and ([.reasons[][0]] | index("preempted")));
            "\($plan.path): \(.quantity) is seen by \($expected[0]) (" +
            (.tier // "not at all: \(.reasons)") + ")");
  def forced_tier:
      [.probes[] | select(.tier != null and (.tier | IN($plan.tier, "tracepoint", "perf event") | not))]
      as $other
      | tap($other == []; "\($plan.path) \($plan.tier): no other tier than asked for " +
                          ($other | map(.quantity) | join(" ")));

  # A guest runs its probes in every context.
  ([.how[].reasons[][0] | select(IN("copies_unseen", "copies_unseen_or_lost", "retransmits_unseen"))] as $doubts
   | tap($doubts == []; "\($plan.path) \($plan.tier): no witness contradicts the probes " + ($doubts[0] // ""))),
  (.probes[] | select(.tier == null and .reasons == [])
   | tap(false; "\($plan.path): \(.quantity) is absent without a reason")),
  if $plan.tier == "auto" then best_tier else forced_tier end
