; An entry of one of two maps is kept on the stack only; meanwhile paths meet that wrote different bytes of the packet, so
; many that they must become one.
; packets 64 of seed 5
; map a type 2 key 4 value 8 entries 4
; map b type 2 key 4 value 16 entries 8
  r0 = 2
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r9 = *(u64 *)(r6 +20)
  if r9 & 1 goto l1
  *(u8 *)(r6 +40) = 1
l1:
  if r9 & 2 goto l2
  *(u8 *)(r6 +41) = 1
l2:
  if r9 & 4 goto l3
  *(u8 *)(r6 +42) = 1
l3:
  if r9 & 8 goto l4
  *(u8 *)(r6 +43) = 1
l4:
  if r9 & 16 goto l5
  *(u8 *)(r6 +44) = 1
l5:
  if r9 & 32 goto l6
  *(u8 *)(r6 +45) = 1
l6:
  if r9 & 64 goto l7
  *(u8 *)(r6 +46) = 1
l7:
  r0 = r9
  r0 >>= 16
  w0 &= 7
  *(u32 *)(r10 -4) = r0
  r2 = r10
  r2 += -4
  if r9 & 256 goto other
  r1 = map[fd:0]
  call bpf_map_lookup_elem#1
  goto found
other:
  r1 = map[fd:1]
  call bpf_map_lookup_elem#1
found:
  *(u64 *)(r10 -16) = r0
  if r0 == 0 goto none
  r1 = *(u64 *)(r10 -16)
  r2 = *(u64 *)(r1 +0)
  r2 += 1
  *(u64 *)(r1 +0) = r2
none:
  r0 = 2
out:
  exit
