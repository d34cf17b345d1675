; A helper reads fields of a structure that are no neighbours, and the program writes one between them.
; packets 1 of seed 1000156
; map f type 1 key 4 value 8 entries 4
; map p type 6 key 4 value 16 entries 8
; map .dev type 1 key 4 value 4 entries 64
; map .fib4 type 11 key 8 value 16 entries 64
; map .neigh4 type 1 key 8 value 12 entries 64
; map .fib6 type 11 key 20 value 28 entries 64
; map .neigh6 type 1 key 20 value 12 entries 64
; map params type 2 key 4 value 64 entries 1
; map trie4 type 11 key 8 value 16 entries 4
; map a type 2 key 4 value 8 entries 4
; map b type 2 key 4 value 16 entries 512
  *(u64 *)(r10 -96) = r1
  *(u32 *)(r10 -56) = 0
  r2 = r10
  r2 += -56
  r1 = map[fd:7]
  call bpf_map_lookup_elem#1
  *(u32 *)(r0 +44) = 0
  r2 = r0
  r3 = 64
  r4 = 0
  r1 = *(u64 *)(r10 -96)
  call bpf_fib_lookup#69
  exit
