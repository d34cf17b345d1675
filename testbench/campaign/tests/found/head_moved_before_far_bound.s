; packets 64 of seed 4007082
; map .dev type 1 key 4 value 4 entries 64
; map .fib4 type 11 key 8 value 16 entries 64
; map .neigh4 type 1 key 8 value 12 entries 64
; map .fib6 type 11 key 20 value 28 entries 64
; map .neigh6 type 1 key 20 value 12 entries 64
; map params type 2 key 4 value 64 entries 1
; map trie20 type 11 key 8 value 16 entries 20
; map trie4 type 11 key 8 value 16 entries 4
  r0 = 2
  *(u64 *)(r10 -96) = r1
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r2 = *(u8 *)(r6 +19)
  r3 = *(u32 *)(r6 +55)
  r4 = *(u32 *)(r6 +22)
  r5 = *(u8 *)(r6 +42)
  *(u64 *)(r10 -72) = r3
  *(u64 *)(r10 -80) = r4
  *(u64 *)(r10 -88) = r5
  r2 &= 28
  r2 += -12
  call bpf_xdp_adjust_head#44
  r1 = *(u64 *)(r10 -96)
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  call fl7
  r3 = *(u64 *)(r10 -72)
  r4 = *(u64 *)(r10 -80)
  r5 = *(u64 *)(r10 -88)
  r1 = r6
  r0 = r5
  r1 += r0
  r0 = r1
  r0 += 14
  if r0 >= r8 goto l10
  *(u32 *)(r1 +11) = r4
l10:
  r0 = r3
  r0 &= 3
out:
  exit
fl7:
  exit
