# SPDX-License-Identifier: GPL-2.0-only
# The conservation laws of one results.json, as TAP: one line a law and cell. A law whose numbers this
# kernel cannot show is skipped with the reason that the result gives. A number that is wrong, or absent
# without a reason, fails; so does an absent one that every kernel shows by one tier or another (must),
# unless the run was held to a tier.

.how as $how | .plan as $plan
| ([.environment[] | select(.[0] == "CPUs online") | .[1] | tonumber][0]) as $cpus
# Here the kernel copies what was handed over by reference, every time it passes.
| ($plan.path | split(":")[0] | IN("veth", "loopback", "routed")) as $local

# How the client received; what is spliced, mapped or zcrx's shows where functions do, and there alone.
| ($plan.receive_way // "copy") as $receive | ($receive | IN("splice", "map", "zcrx") | not) as $traced

# What each mode promises: laws that hold for some ask for the promise, not for the name.
| ($plan.modes | map({key: .name, value: .}) | from_entries) as $traits
# Reasons as words.
| def words: map((if .[1] then "\(.[1]): " else "" end) + .[0]
                 + if .[2] then " (\(.[2]))" else "" end) | join("; ");
  # A value as {name, value, status, reason}; absent ones have a status, too, bounds are "bound".
  def metric($r; $role; $name):
      $r.values[$role][$name] as $v | $how[$v[1] // 0] as $h
      | if $v == null then {name: $name, value: null, status: "absent", reason: "not in the file"}
        else {name: $name, value: $v[0], status: (if $h.bound then "bound" else $h.status end),
              bound: $h.bound, reason: ($h.reasons | words)} end;
  def tap($ok; $text): (if $ok then "ok" else "not ok" end) + " - " + $text;
  def show: map("\(.name) \(.value)") | join(", ");

  # must, may (WHERE, LAW, METRICS, CONDITION): the condition sees the numbers in the order given.
  def law($where; $text; $metrics; condition; $must):
      ([$metrics[] | select(.status != "ok" or .value == null)][0]) as $unseen
      | if $unseen == null then
            ($metrics | map(.value) | condition) as $holds
            | tap($holds; "\($where): \($text)" + if $holds then "" else " (\($metrics | show))" end)
        elif $must and $plan.tier == "auto" and $unseen.status != "bound" and ($unseen.reason | startswith("other_host") | not) then
            tap(false; "\($where): \($text): no \($unseen.name): \($unseen.reason)")
        else "ok - \($where): \($text) # SKIP \($unseen.name): \($unseen.reason)" end;
  def must($where; $text; $metrics; condition): law($where; $text; $metrics; condition; true);
  def may($where; $text; $metrics; condition): law($where; $text; $metrics; condition; false);

  def honest($where; $r):
      [$r.values | to_entries[] | .key as $role | .value | to_entries[]
       | $how[.value[1]] as {$status, $via, $bound, $reasons}
       | ($status | IN("ok", "scaled")) as $known
       | select(if .value[0] == null then $known or $reasons == []
                else ($known | not) or ($via // "") == "" or ($bound != null and $reasons == []) end)
       | "\($role) \(.key)"] as $bad
      | tap($bad == []; "\($where): each metric has a value and its source, or a reason "
                        + ($bad | join(", ")));

  def pattern($r): if $r.variant then $plan.variants[$r.variant - 1].pattern else $plan.pattern end;

  def transport($r): $traits[$r.mode].transport // "tcp";
  # Bytes go against the stream, too: requests, or how many datagrams were taken.
  def answered($r): pattern($r) == "rr" or transport($r) == "udp";
  # No tracepoint shows what a send of datagrams did that may refer to pages.
  def traced_way($r): transport($r) != "udp" or $traits[$r.mode].way != "zerocopy";

  # What the two programs say of themselves, in both passes.
  def programs($where; $r):
      def s($n): metric($r; "server"; $n);
      def c($n): metric($r; "client"; $n);
      must($where; "bytes received = bytes sent, and some"; [c("app_bytes"), s("app_bytes")];
           .[0] == .[1] and .[0] > 0),
      ($r.timelines // {} | [.received_bytes, .retransmit_bytes, .runnable_threads | .bins]) as [$came, $again, $run]
      | must($where; "every byte was received at some time of the window"; [c("app_bytes")]; .[0] == ($came | add)),
      may($where; "so was each that was sent again"; [s("tcp_retransmit_bytes")]; .[0] == ($again | add)),
      # A busy machine may leave who looks about without a CPU, or a pass be shorter than a look.
      tap([$run[]? | select(. != null and . < 0)] == [] and ($run | length) <= ($came | length);
          "\($where): runnable threads are looked at in the window"),
      must($where; "messages received whole"; [c("messages"), c("app_bytes")];
           .[0] > 0 and .[1] >= .[0] * $r.size_bytes),
      if answered($r) then
          must($where; "requests received = requests sent";
               [s("app_reverse_bytes"), c("app_reverse_bytes")]; .[0] == .[1] and .[0] > 0)
      else empty end,
      if $traits[$r.mode].has_completions then
          must($where; "the program read every completion"; [s("zc_ids_completed"), s("zc_ids_issued")];
               .[0] == .[1] and .[0] > 0)
      else empty end,
      if $plan.verify then
          must($where; "every byte verified"; [c("verified_bytes"), c("app_bytes")]; .[0] == .[1]),
          must($where; "no byte corrupt"; [c("verify_errors")]; .[0] == 0)
      else empty end;

  def kernel($where; $r):
      def s($n): metric($r; "server"; $n);
      def c($n): metric($r; "client"; $n);
      must($where; "sent (kernel) = sent (program)"; [s("sent_bytes"), s("app_bytes")]; .[0] == .[1]),
      # Not every kernel shows splices, nor need it where a mode makes none.
      # A worker gets, whoever began it, what met a full send buffer too often (APOLL_MAX_RETRY, 128 times). 6.1 has the
      # caller go on with what a worker found full.
      (($plan.issue // "caller") as $issue
       | must($where; "sent by whom it was asked of: \($issue)";
              [s("sent_bytes"), s("sent_by_sqpoll_bytes"), s("sent_by_iowq_bytes")];
              . as [$sent, $sqpoll, $iowq] | ($iowq == 0 or $r.size_bytes > 1048576) as $few
              | if $issue == "sqpoll" then $sqpoll + $iowq == $sent and $few
                elif $issue == "iowq" then $sqpoll == 0 and $iowq <= $sent and $iowq > 0.5 * $sent
                else $sqpoll == 0 and $few end)),
      must($where; "nothing of the client is sent by a thread of io_uring's";
           [c("sent_by_sqpoll_bytes"), c("sent_by_iowq_bytes")]; add == 0),
      law($where; "user to kernel + zero-copy + encrypted there + spliced = sent";
           [s("app_bytes"), s("user_to_kernel_bytes"), s("zerocopy_bytes"),
            (s("encrypted_bytes") | select(.value != null or $traits[$r.mode].way == "encrypt")),
            (s("spliced_bytes") | select(.value != null or $traits[$r.mode].way == "splice"))];
           .[0] == (.[1:] | add); traced_way($r)),
      law($where; "received (kernel) = received (program)"; [c("received_bytes"), c("app_bytes")];
          .[0] == .[1]; $traced),
      law($where; "kernel to user + mapped + spliced + by zcrx + discarded = received";
          [c("app_bytes"), c("kernel_to_user_bytes"), c("discarded_bytes"),
           (c("mapped_bytes") | select(.value != null or $receive == "map")),
           (c("spliced_to_pipe_bytes") | select(.value != null or $receive == "splice")),
           (c("zcrx_copied_bytes") | select(.value != null or $receive == "zcrx"))];
          .[0] == (.[1:] | add); $traced),
      must($where; "all is discarded, or nothing"; [c("discarded_bytes"), c("app_bytes")];
           .[0] == if $receive == "discard" then .[1] else 0 end),
      may($where; "all is spliced to a pipe, or nothing"; [c("spliced_to_pipe_bytes"), c("app_bytes")];
          .[0] == if $receive == "splice" then .[1] else 0 end),
      # No NIC fills the receiver's memory.
      may($where; "all is taken by zcrx, and copied, or nothing";
          [c("zcrx_bytes"), c("zcrx_copied_bytes"), c("zcrx_referenced_bytes"), c("app_bytes")];
          .[0] == .[1] and .[2] == 0 and .[0] == if $receive == "zcrx" then .[3] else 0 end),
      may($where; "nothing is mapped to who did not ask"; [c("mapped_bytes"), c("app_bytes")];
          .[0] == 0 or ($receive == "map" and .[0] <= .[1])),
      must($where; "the kernel copies to user no more than was received, and what it is asked to";
           [c("kernel_to_user_bytes"), c("app_bytes")];
           if $receive == "copy" then .[0] == .[1] elif $receive == "map" then .[0] <= .[1] else .[0] == 0 end),
      # What a send was cut short of is read again.
      may($where; "the file is read into fresh pages by --direct alone, and all of it that is sent";
          [s("splice_read_bytes"), s("app_bytes"), s("partial_sends"), c("splice_read_bytes")];
          .[3] == 0 and if $plan.direct then .[0] == .[1] or (.[2] > 0 and .[0] > .[1]) else .[0] == 0 end),
      # sendfile(), splice() and requests of io_uring are as many sends as it takes; kTLS's are as many as records.
      must($where; "send calls (kernel) = (program)"; [s("sent_calls"), s("app_calls")];
           .[0] == .[1] or ($traits[$r.mode].resumes and .[0] > .[1]) or $traits[$r.mode].way == "encrypt"),
      # Of kTLS the kernel's calls are records, of zcrx turns in which it has taken what there was.
      law($where; "receive calls (kernel) = (program)"; [c("received_calls"), c("app_calls")];
          .[0] == .[1] or $traits[$r.mode].way == "encrypt" or ($receive == "zcrx" and .[0] <= .[1]); $traced),
      must($where; "nothing of the client goes by reference, or is copied on the way";
           [c("zerocopy_bytes"), c("copy_ubufs_bytes")]; add == 0),
      if answered($r) then
          must($where; "requests: sent by the client, received by the server";
               [c("sent_bytes"), c("app_reverse_bytes"), s("received_bytes"), s("app_reverse_bytes")];
               .[0] == .[1] and .[2] == .[3])
      else
          must($where; "the receiver sends nothing"; [c("user_to_kernel_bytes")]; .[0] == 0),
          must($where; "the sender copies nothing to user"; [s("kernel_to_user_bytes")]; .[0] == 0)
      end,
      ("server", "client" | . as $role
       | ["ctx_voluntary", "proc_ctx_voluntary", "ctx_involuntary", "proc_ctx_involuntary"]
       | map(. as $name | metric($r; $role; $name)) as $switches
       | law($where; "\($role): switches (BPF) = switches (/proc)"; $switches; .[0] == .[1] and .[2] == .[3];
             $switches[1].reason != "threads_ended")),
      # Every span is added up; the samples are one for each so many ns of them.
      (if $plan.offcpu_sample_ns and all($r.drops[]; .[0] != "offcpu") then
          "server", "client" | . as $role
          | ([$r.waits[] | select(.[0] == $role) | .[5]] | add // 0) as $sampled
          | must($where; "\($role): off-CPU samples stand for all off-CPU time (\($sampled) ns)";
                 [metric($r; $role; "offcpu_ns")];
                 (.[0] - $sampled | fabs) <= $plan.offcpu_sample_ns * $cpus)
       else empty end),
      # A preemptible kernel (7.x) skips runs of tracing programs; what that makes too small is marked
      # as a bound, and so does a state of a task for which it had no memory. A lost stack costs a frame in a picture, no count; 6.18 raises no event for some
      # switches, which costs an off-CPU span, and no switch of ours.
      ([$r.drops[] | select(.[2] != 0)
        | select(.[0] | IN("skipped_runs", "missed_returns", "unclassified", "stack", "offcpu_open", "task_storage") | not)] as $drops
       | tap($drops == []; "\($where): no unexplained drops \($drops | map(tostring) | join(", "))"));

  # Values that say they are a bound, and are none of the truth, which the programs know.
  def false_bounds($r):
      def app($role): $r.values[$role].app_bytes[0];
      $traits[$r.mode].way as $way | ($way == "zerocopy") as $zc
      | ["server", "sent_bytes", app("server")],
        ["server", "sent_by_sqpoll_bytes", if $plan.issue == "sqpoll" then app("server") else 0 end],
        ["server", "user_to_kernel_bytes", if $way == "copy" then app("server") elif $way == "encrypt" then null else 0 end],
        ["server", "encrypted_bytes", if $way == "encrypt" then app("server") else 0 end],
        ["server", "zerocopy_bytes", if $zc then app("server") else 0 end],
        ["server", "spliced_bytes", if $way == "splice" then app("server") else 0 end],
        ["server", "kernel_to_user_bytes", 0],
        (if $zc then ($r.values.server.zc_ids_issued[0] as $issued | $traits[$r.mode].takes_ids as $ids
                      | ["server", "zc_ids_allocated", if $ids then $issued else 0 end],
                        ["server", "completion_ids", if $ids then $issued else 0 end],
                        ["server", "uring_notifications", if $ids then 0 else $issued end])
         else ["server", "page_refs", if $way == "encrypt" then null else $r.values.server.field_pages[0]? // 0 end], ["server", "copy_ubufs_bytes", 0], ["server", "completion_ids", 0] end),
        ["client", "received_bytes", app("client")],
        ["client", "kernel_to_user_bytes", if $receive == "copy" then app("client") elif $receive == "map" then null else 0 end],
        ["client", "spliced_to_pipe_bytes", if $receive == "splice" then app("client") else 0 end],
        ["client", "zcrx_bytes", if $receive == "zcrx" then app("client") else 0 end],
        ["client", "zcrx_copied_bytes", if $receive == "zcrx" then app("client") else 0 end],
        (select($receive != "map") | ["client", "mapped_bytes", 0]),
        ["client", "user_to_kernel_bytes", 0], ["client", "zerocopy_bytes", 0], ["client", "copy_ubufs_bytes", 0]
      | . as [$role, $name, $truth]
      | $r.values[$role][$name] as $v | $how[$v[1] // 0].bound as $bound
      | select($bound != null and $v[0] != null and $truth != null)
      | select(if $bound == "lower" then $v[0] > $truth else $v[0] < $truth end)
      | "\($role) \($name) \($v[0]), truly \($truth)";

  # Each byte becomes part of a record of TLS 1.3: a header of 5 bytes, one that says what it is, a tag of 16.
  def encrypting($where; $r):
      def s($n): metric($r; "server"; $n);
      def c($n): metric($r; "client"; $n);
      may($where; "encrypted = sent, once"; [s("app_bytes"), s("encrypted_bytes"), s("encrypted_copy_bytes")];
          .[0] == .[1] + .[2]),
      may($where; "what was copied was copied for the cipher"; [s("user_to_kernel_bytes"), s("encrypted_copy_bytes")];
          .[0] == .[1]),
      may($where; "TCP sends 22 bytes more a record"; [s("tls_pushed_bytes"), s("app_bytes"), s("tls_records")];
          .[0] == .[1] + 22 * .[2] and .[2] > 0),
      may($where; "no record is larger than it may be"; [s("tls_records"), s("app_bytes")]; .[0] * 16384 >= .[1]),
      may($where; "decrypted = received"; [c("decrypted_bytes"), c("app_bytes")]; .[0] == .[1]),
      must($where; "nothing by MSG_ZEROCOPY or spliced, no completions, no skb_copy_ubufs";
           [s("zerocopy_bytes"), s("spliced_bytes"), s("copy_ubufs_bytes"), s("completion_ids")]; add == 0);

  def resent($r):
      if transport($r) == "tcp" then metric($r; "server"; "tcp_retransmit_bytes")
      else {name: "nothing", value: 0, status: "ok"} end;

  def zerocopy($where; $r):
      def s($n): metric($r; "server"; $n);
      law($where; "no byte is copied from user"; [s("user_to_kernel_bytes")]; .[0] == 0; traced_way($r)),
      law($where; "every byte goes by reference"; [s("zerocopy_bytes"), s("app_bytes")];
          .[0] == .[1]; traced_way($r)),
      # A request of io_uring's is notified of also when it was refused.
      law($where; "zero-copy sends (kernel) = ids issued (program)";
          [s("zerocopy_sends"), s("zc_ids_issued"), s("enobufs_waits")];
          .[0] == .[1] or ($traits[$r.mode].resumes and .[0] + .[2] > .[1]); traced_way($r)),
      # What the kernel counted against the arithmetic of addresses; it refers twice to a page that it splits
      # between two skbs. Skbs are seen only where they are copied.
      if $traits[$r.mode].registers then
          may($where; "no page references while sending"; [s("page_refs")]; .[0] == 0)
      else
          may($where; "page references = pages that the fields touch, and one more at most for each skb";
              [s("page_refs"), s("field_pages"), s("zerocopy_skbs")];
              .[0] >= .[1] and (($local | not) or .[0] <= .[1] + .[2]))
      end,
      # A page that two calls send a part of counts twice: where a send was cut short, or takes no whole message.
      must($where; "fields touch no fewer pages than they could, and page-aligned ones of whole pages no more";
           [s("field_pages"), s("least_pages"), s("partial_sends"), s("app_calls")];
           .[0] >= .[1] and ($traits[$r.mode].buffers == "heap" or $r.size_bytes % 32768 != 0
                             or .[0] <= .[1] + if transport($r) == "udp" then .[3] else .[2] end)),
      may($where; "no skb is fuller than full, none without a fragment";
          [s("zerocopy_skbs"), s("zerocopy_frags"), s("zerocopy_skbs_full")];
          .[1] >= .[0] and .[2] <= .[0]),
      if $traits[$r.mode].takes_ids then
          may($where; "ids allocated = issued"; [s("zc_ids_allocated"), s("zc_ids_issued")]; .[0] == .[1]),
          must($where; "ids completed = issued"; [s("completion_ids"), s("zc_ids_issued")];
               .[0] == .[1] and .[0] > 0)
      else
          may($where; "io_uring takes no ids of the socket"; [s("zc_ids_allocated"), s("completion_ids")]; add == 0),
          must($where; "io_uring notifications = issued"; [s("uring_notifications"), s("zc_ids_issued")];
               .[0] == .[1] and .[0] > 0),
          # A kernel that does not tell leaves the program without a count.
          may($where; "COPIED (kernel) = COPIED (program)"; [s("uring_notifications_copied"), s("zc_ids_copied")];
              .[0] == .[1])
      end,
      # All is acknowledged when the last id is completed, so TCP's own count is final by then.
      if transport($r) != "tcp" then empty else must($where; "retransmitted (kernel) = retransmitted (TCP_INFO)";
           [s("retransmit_bytes"), s("tcp_retransmit_bytes")]; .[0] == .[1]) end,
      if $local then
          if $traits[$r.mode].takes_ids then
              must($where; "every id is flagged COPIED"; [s("completion_copied_ids"), s("completion_ids")];
                   .[0] == .[1])
          else
              may($where; "every notification is flagged COPIED"; [s("zc_ids_copied"), s("zc_ids_completed")];
                  .[0] == .[1])
          end,
          must($where; "skb_copy_ubufs = sent + retransmitted";
               [s("copy_ubufs_bytes"), s("app_bytes"), resent($r)]; .[0] == .[1] + .[2]),
          # A value that says itself that it is a bound must be one, and not by much.
          (s("copy_ubufs_bytes") | select(.bound == "lower")
           | tap(.value <= s("app_bytes").value + resent($r).value
                 and .value > 0.5 * s("app_bytes").value;
                 "\($where): skb_copy_ubufs, a lower bound, is one (\(.value))")),
          (s("copy_ubufs_bytes") | select(.bound == "upper")
           | tap(.value >= s("app_bytes").value
                 and .value <= s("app_bytes").value + resent($r).value;
                 "\($where): skb_copy_ubufs, an upper bound, is one (\(.value))"))
      else empty end;

  # Pages of a file, or the sender's own by way of a pipe.
  def splicing($where; $r):
      def s($n): metric($r; "server"; $n);
      must($where; "no byte is copied from user, or sent by MSG_ZEROCOPY";
           [s("user_to_kernel_bytes"), s("zerocopy_bytes")]; add == 0),
      may($where; "every byte is spliced"; [s("spliced_bytes"), s("app_bytes")]; .[0] == .[1]),
      must($where; "no completions, no skb_copy_ubufs"; [s("copy_ubufs_bytes"), s("completion_ids")]; add == 0),
      may($where; "the application flattens nothing"; [s("flatten_bytes")]; .[0] == 0),
      if $traits[$r.mode].buffers == "file" then
          may($where; "no page references"; [s("page_refs")]; .[0] == 0)
      else
          may($where; "page references = pages that the messages touch"; [s("page_refs"), s("field_pages")];
              .[0] == .[1] and .[0] > 0)
      end;

  def copying($where; $r):
      def s($n): metric($r; "server"; $n);
      must($where; "nothing by reference, no completions, no skb_copy_ubufs";
           [s("zerocopy_bytes"), s("copy_ubufs_bytes"), s("completion_ids")]; add == 0),
      may($where; "no page references"; [s("page_refs")]; .[0] == 0),
      may($where; "nothing spliced"; [s("spliced_bytes")]; .[0] == 0),
      must($where; "the application flattens what its mode says"; [s("flatten_bytes"), s("app_bytes")];
           if $traits[$r.mode].flattens then .[0] >= .[1] else .[0] == 0 end),
      if transport($r) != "tcp" then
          tap([s("retransmit_bytes"), s("tcp_retransmit_bytes")] | all(.value == null);
              "\($where): what is not TCP's has no retransmits, not 0 of them")
      else empty end;

  def result($r):
      "\($r.mode) \($r.size_bytes) x\($r.threads) \($plan.path) \(pattern($r)) \($plan.tier) \($r.pass)"
      as $where
      | tap($r.status == "ok"; "\($where): \($r.status) \($r.reason // "")"),
        if $r.status != "ok" then empty
        else honest($where; $r), programs($where; $r),
             if $r.pass != "attribution" then empty
             else kernel($where; $r),
                  if answered($r) then empty else
                      [false_bounds($r)] as $bad
                      | tap($bad == []; "\($where): each bound is one \($bad | join(", "))")
                  end,
                  ($traits[$r.mode].way
                   | if . == "encrypt" then encrypting($where; $r)
                     elif . == "zerocopy" then zerocopy($where; $r)
                     elif . == "splice" then splicing($where; $r)
                     else copying($where; $r) end)
             end
        end;

  # Each cell once in each pass.
  ([.results[] | [.mode, .size_bytes, .threads, .repetition, .pass, .variant]] | unique | length) as $keys
  # Another congestion control is nothing to who is not TCP.
  | ([{}, $plan.variants[]?]
     | map((if .size_bytes then 1 else $plan.size_bytes | length end) *
           (if .threads then 1 else $plan.threads | length end) *
           (if .congestion and .pattern == $plan.pattern
            then [$plan.modes[] | select((.transport // "tcp") == "tcp")] else $plan.modes end | length)) | add) as $cells
  | ($cells *
     ($plan.repetitions + ($plan.attributions // $plan.repetitions))) as $want
  | tap(.partial_reason == null and $keys == $want and (.results | length) == $want;
        "\($plan.path) \($plan.tier): \($want) results, complete \(.partial_reason // "")"),
    result(.results[])
