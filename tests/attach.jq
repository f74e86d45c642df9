# SPDX-License-Identifier: GPL-2.0-only
# A result of `copyscope attach` as TAP: what must hold of any, and, with $ends, that it counted what our own two programs
# say of themselves, which it observed: [{"mode": ..., "connections": ..., "server": ..., "client": ...}, ...], the last
# two their JSON. Without: --argjson ends [].
.how as $how | .results[0] as $r
| (["zerocopy", "uring-zc"]) as $by_reference
| def tap($ok; $text): (if $ok then "ok" else "not ok" end) + " - " + $text;
  def rows($owner; $receives): [$r.calls // [] | .[] | select(.[0] == $owner and (.[1] | startswith("recv")) == $receives)];
  def known($owner; $name): $r.values[$owner][$name] as $v | $v[0] != null and $how[$v[1]].bound == null;
  def value($owner; $name): $r.values[$owner][$name][0];
  # Counted by the programs that count name, so of the same worth: where runs were skipped it is less.
  def held($owner; $name; $counted; $is):
      $how[$r.values[$owner][$name][1]].bound as $bound | if $bound then $counted <= $is else $counted == $is end;

  def sums($owner):
      (["sent", false], ["received", true]) as [$what, $receives]
      | rows($owner; $receives) as $rows
      | select(value($owner; "\($what)_bytes") != null)
      | ([$rows[][3]] | add // 0) as $calls | ([$rows[][4]] | add // 0) as $bytes
      | tap($bytes == value($owner; "\($what)_bytes") and $calls == value($owner; "\($what)_calls");
            "\($owner): \($what): the ways and sizes add up: \($bytes) B in \($calls) calls");
  def sizes($owner):
      [($r.calls // [])[] | select(.[0] == $owner and (.[4] < .[2] * .[3] or .[4] >= 2 * .[2] * .[3]))] as $bad
      | tap($bad == []; "\($owner): each size lies in its place\($bad | map(" \(.)") | add // "")");
  def listed($owner):
      [($r.sockets // [])[] | select(.[0] == $owner)] as $sockets
      | ([$sockets[][6]] | add // 0) as $sent | ([$sockets[][8]] | add // 0) as $received
      | tap($sent <= (value($owner; "sent_bytes") // 0) and $received <= (value($owner; "received_bytes") // $received);
            "\($owner): \($sockets | length) sockets moved no more than it: \($sent) B, \($received) B");
  def ways($owner):
      [rows($owner; false)[] | select(.[1] == "sendfile")] as $spliced
      | [rows($owner; false)[] | select(.[1] | IN($by_reference[]))] as $referenced
      | if known($owner; "spliced_bytes") then
            tap(value($owner; "spliced_bytes") == ([$spliced[][4]] | add // 0);
                "\($owner): what is spliced is sent by sendfile() and the like: \(value($owner; "spliced_bytes")) B")
        else empty end,
        if known($owner; "zerocopy_bytes") then # a call that wanted to refer may have to copy
            tap(value($owner; "zerocopy_bytes") <= ([$referenced[][4]] + [rows($owner; false)[] | select(.[1] == "udp")[4]] | add // 0);
                "\($owner): what goes by reference was sent so: \(value($owner; "zerocopy_bytes")) B")
        else empty end,
        if ["user_to_kernel_bytes", "zerocopy_bytes", "spliced_bytes"] | all(known($owner; .)) then
            (value($owner; "encrypted_bytes") // 0) as $encrypted
            | (value($owner; "user_to_kernel_bytes") + value($owner; "zerocopy_bytes") + value($owner; "spliced_bytes")
               + $encrypted) as $sum
            | tap($sum == value($owner; "sent_bytes");
                  "\($owner): user to kernel + zero-copy + spliced + encrypted there = sent: \($sum)")
        else empty end;

  def way_of($mode):
      {"A1": "send", "A2": "send", "A3": "zerocopy", "A3p": "zerocopy", "write": "send", "writev": "send",
       "sendfile": "sendfile", "splice": "sendfile", "vmsplice": "sendfile", "uring": "uring", "uring-zc": "uring-zc",
       "uring-zc-fixed": "uring-zc", "ktls": "ktls", "ktls-sendfile": "ktls"}[$mode];
  # Each connection begins with a line of 17 bytes from the client, by write().
  def greetings: 17 * ($ends | map(.connections) | add);
  def programs($owner):
      any(rows($owner; false)[]; .[1] == "tcp") as $unseen
      | ($ends | group_by(way_of(.mode))[] | (map(.server.bytes) | add) as $said | way_of(.[0].mode) as $way
         | (if $way == "send" then greetings else 0 end) as $more
         | ([rows($owner; false)[] | select(.[1] == $way) | .[4]] | add // 0) as $sent
         | tap($unseen or (held($owner; "sent_bytes"; $sent; $said + $more) and $sent > $more);
               "\(map(.mode) | join(", ")): sent by \($way): \($sent) B, the servers say \($said)")),
        (($ends | map(.server.bytes) | add + greetings) as $said
         | tap(held($owner; "sent_bytes"; value($owner; "sent_bytes"); $said);
               "sent by all ways: \(value($owner; "sent_bytes")) B, the servers say \($said)")),
        (($ends | map(.client.bytes) | add + greetings) as $said
         | if value($owner; "received_bytes") == null then empty
           else tap(held($owner; "received_bytes"; value($owner; "received_bytes"); $said);
                    "received: \(value($owner; "received_bytes")) B, the clients say \($said)") end);

  (.owners[1:-1][][0] as $owner | sums($owner), sizes($owner), listed($owner), ways($owner)),
  tap([$r.drops[] | select(.[0] | IN("process", "socket", "task_storage"))] == [];
      "no table was too small \($r.drops)"),
  if $ends == [] then empty else .owners[1][0] as $owner | programs($owner) end
