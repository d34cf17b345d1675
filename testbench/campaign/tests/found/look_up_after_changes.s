; A look-up at the end of a packet's section comes before the next packet's insertion.
; packets 32 of seed 191
; map s type 1 key 4 value 16 entries 600
  r0 = 2
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r2 = *(u32 *)(r6 +19)
  r3 = *(u16 *)(r6 +30)
  r5 = *(u16 *)(r6 +25)
  *(u64 *)(r10 -64) = r2
  *(u64 *)(r10 -160) = r3
  *(u64 *)(r10 -152) = r5
  w0 &= 1
  *(u32 *)(r10 -56) = r0
  r2 = r10
  r2 += -56
  r1 = map[fd:0]
  r3 = r10
  r3 += -160
  r4 = 0
  call bpf_map_update_elem#2
  *(u32 *)(r10 -56) = r0
  r2 = r10
  r2 += -56
  r1 = map[fd:0]
  call bpf_map_delete_elem#3
  *(u32 *)(r10 -56) = r0
  r2 = r10
  r2 += -56
  r1 = map[fd:0]
  call bpf_map_lookup_elem#1
  r2 = *(u64 *)(r10 -64)
  if r0 == 0 goto l1
  r2 = *(u16 *)(r0 +0)
l1:
  r0 = r2
  r0 &= 3
out:
  exit
