; Bytes in front of the frame that no packet has: the pass that finds out keeps the extent in order.
; packets 1 of seed 800214
; map several type 1 key 4 value 16 entries 600
; map b type 2 key 4 value 16 entries 512
  r0 = 2
  *(u64 *)(r10 -96) = r1
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r2 = *(u64 *)(r6 +17)
  r9 = *(u16 *)(r6 +26)
  r4 = r0
  *(u64 *)(r10 -64) = r2
  *(u64 *)(r10 -160) = r9
  *(u64 *)(r10 -152) = r2
  *(u32 *)(r10 -56) = 8
  r2 = r10
  r2 += -56
  r1 = map[fd:0]
  r3 = r10
  r3 += -160
  call bpf_map_update_elem#2
  r2 = *(u64 *)(r10 -64)
  r0 &= 1
  r7 = 0
  if r7 >= r0 goto l2
  r2 &= 12
  r2 += -4
  r1 = *(u64 *)(r10 -96)
  call bpf_xdp_adjust_head#44
l2:
out:
  exit
