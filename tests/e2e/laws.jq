# SPDX-License-Identifier: GPL-2.0-only
# The laws a complete results.json keeps, with both passes of every cell. Prints one line for each law
# that is broken: no output is good. Numbers that a tier must show wherever copyscope runs (need) count
# as broken when absent; others (may) are held to the law where they were seen.

.how as $how | .plan as $plan
| def status($v): if $v == null then "absent" else $how[$v[1]][0] end;
  def number($r; $role; $name): $r.values[$role][$name] as $v
      | if status($v) == "ok" then $v[0] else null end;
  # A stream has no requests, and says nothing of them.
  def requests($r; $role): number($r; $role; "app_reverse_bytes")
      // if $plan.pattern == "rr" then null else 0 end;
  def broken($where; $text; $numbers): "\($where): \($text): \($numbers | map(tostring) | join(", "))";

  def need($where; $text; $numbers; law):
      if ($numbers | any(. == null)) or ($numbers | law | not) then broken($where; $text; $numbers)
      else empty end;
  def may($where; $text; $numbers; law):
      if $numbers | any(. == null) then empty else need($where; $text; $numbers; law) end;

  def honest($where; $r):
      $r.values | to_entries[] | .key as $role | .value | to_entries[]
      | $how[.value[1]] as [$status, $via, $reason]
      | if .value[0] == null and (($status | IN("ok", "scaled", "lossy")) or ($reason // "") == "") or
           .value[0] != null and (($status | IN("ok", "scaled", "lossy") | not) or ($via // "") == "")
        then "\($where): \($role) \(.key) has neither a value nor a reason: \(.value) \($how[.value[1]])"
        else empty end;

  def programs($where; $r):
      def s($n): number($r; "server"; $n);
      def c($n): number($r; "client"; $n);
      need($where; "bytes received = bytes sent, and some"; [c("app_bytes"), s("app_bytes")];
           .[0] == .[1] and .[0] > 0),
      need($where; "requests received = requests sent";
               [requests($r; "server"), requests($r; "client")];
           .[0] == .[1] and (.[0] > 0) == ($plan.pattern == "rr")),
      need($where; "messages received whole"; [c("messages"), c("app_bytes")];
           .[0] > 0 and .[1] >= .[0] * $r.size_bytes),
      if $r.mode == "A3" then
          need($where; "zero-copy ids completed = issued";
               [s("zc_ids_completed"), s("zc_ids_issued")]; .[0] == .[1] and .[0] > 0)
      else empty end,
      if $plan.verify then
          need($where; "every byte verified"; [c("verified_bytes"), c("app_bytes")]; .[0] == .[1]),
          need($where; "no byte corrupt"; [c("verify_errors")]; .[0] == 0)
      else empty end;

  def kernel($where; $r):
      def s($n): number($r; "server"; $n);
      def c($n): number($r; "client"; $n);
      need($where; "sent (kernel) = sent (program)"; [s("sent_bytes"), s("app_bytes")]; .[0] == .[1]),
      need($where; "user to kernel + zero-copy + spliced = sent";
           [s("user_to_kernel_bytes"), s("zerocopy_bytes"), s("spliced_bytes"), s("sent_bytes")];
           .[0] + .[1] + .[2] == .[3]),
      need($where; "kernel to user = received (kernel) = received (program)";
           [c("kernel_to_user_bytes"), c("received_bytes"), c("app_bytes")];
           .[0] == .[1] and .[1] == .[2]),
      need($where; "requests: sent by the client, received by the server";
           [c("sent_bytes"), requests($r; "client"), s("received_bytes"), requests($r; "server")];
           .[0] == .[1] and .[2] == .[3]),
      need($where; "calls that moved bytes were seen"; [s("sent_calls"), s("app_calls")]; .[0] >= .[1]),
      ("server", "client" | . as $role |
          need($where; "\($role): switches (BPF) = switches (/proc)";
               [number($r; $role; "ctx_voluntary", "proc_ctx_voluntary", "ctx_involuntary",
                       "proc_ctx_involuntary")]; .[0] == .[1] and .[2] == .[3])),
      ([$r.drops[] | select(.[1] != 0)] | if . == [] then empty else "\($where): drops: \(.)" end);

  # On veth and on lo the kernel copies what was handed over by reference, every time it passes.
  def zerocopy($where; $r):
      def s($n): number($r; "server"; $n);
      need($where; "all by reference"; [s("zerocopy_bytes"), s("sent_bytes"), s("user_to_kernel_bytes")];
           .[0] == .[1] and .[2] == 0),
      need($where; "ids completed (kernel) = issued (program)"; [s("completion_ids"), s("zc_ids_issued")];
           .[0] == .[1]),
      need($where; "every completion is COPIED"; [s("completion_copied_ids"), s("completion_ids")];
           .[0] == .[1]),
      # A value that says itself that it is a lower bound must be one, and not by much.
      ($how[$r.values.server.copy_ubufs_bytes[1]][0] == "lossy") as $bound
      | need($where; "skb_copy_ubufs = zero-copy + some of the retransmitted";
           [$r.values.server.copy_ubufs_bytes[0], s("zerocopy_bytes"), s("retransmit_bytes")];
           (.[0] >= .[1] or ($bound and .[0] > 0.8 * .[1])) and .[0] <= .[1] + .[2]),
      may($where; "ids allocated = issued"; [s("zc_ids_allocated"), s("zc_ids_issued")]; .[0] == .[1]);

  def copying($where; $r):
      def s($n): number($r; "server"; $n);
      need($where; "nothing by reference, no completions";
           [s("zerocopy_bytes"), s("spliced_bytes"), s("copy_ubufs_bytes"), s("completion_ids")];
           add == 0),
      need($where; "the application flattens in A1 alone"; [s("flatten_bytes"), s("app_bytes")];
           (.[0] >= .[1]) == ($r.mode == "A1") and (.[0] == 0) == ($r.mode != "A1"));

  def result($r):
      "\($r.mode) \($r.size_bytes) x\($r.threads) \($plan.path) \($plan.pattern) \($r.pass)" as $where
      | if $r.status != "ok" then "\($where): \($r.status): \($r.reason)"
        else honest($where; $r), programs($where; $r),
             if $r.pass != "attribution" then empty
             else kernel($where; $r),
                  if $r.mode == "A3" then zerocopy($where; $r) else copying($where; $r) end
             end
        end;

  (.partial_reason // empty | "partial: \(.)"),
  # each cell once in each pass
  ([.results[] | [.mode, .size_bytes, .threads, .repetition, .pass]] | unique | length) as $keys
  | (($plan.modes | length) * ($plan.size_bytes | length) * ($plan.threads | length) *
     $plan.repetitions * 2) as $want
  | (if $keys != $want or (.results | length) != $want then
         "\(.results | length) results of \($keys) keys, not \($want)" else empty end),
    result(.results[])
