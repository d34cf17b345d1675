// SPDX-License-Identifier: Apache-2.0
//! Names of what random programs use.

macro_rules! features {
    ($($variant:ident => $name:literal,)*) => {
        /// Something that a random program can use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the name of each feature is its documentation")]
        pub enum Feature { $($variant,)* }

        impl Feature {
            /// Every feature, in the order of coverage tables.
            pub const ALL: &'static [Feature] = &[$(Feature::$variant,)*];

            /// A few words for coverage tables.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Feature::$variant => $name,)* }
            }
        }
    };
}

features! {
    Alu64 => "64-bit arithmetic",
    Alu32 => "32-bit arithmetic",
    WideConstant => "64-bit constant",
    Division => "unsigned division",
    SignedDivision => "signed division",
    Negation => "negation",
    ByteOrder => "byte order",
    Bswap => "bswap",
    MoveSx => "sign-extending move",
    LoadSx => "sign-extending load",
    PacketLoad => "packet load",
    PacketStore => "packet store",
    VariableLoad => "packet load, computed place",
    FarLoad => "packet load, far place",
    VariableStore => "packet store, computed place",
    Chain => "two computed offsets in a row",
    Walk => "loop over headers",
    Length => "packet length as a number",
    Context => "context field",
    SpilledContext => "context pointer spilled",
    SpilledPointer => "packet pointer spilled",
    MergedPointer => "packet pointers merged",
    MergedKinds => "packet and stack pointer merged",
    AdjustHead => "adjust_head",
    AdjustTail => "adjust_tail",
    Stack => "stack",
    StackAt => "stack, computed place",
    StackAtomic => "atomic on the stack",
    Lookup => "map lookup",
    PercpuLookup => "per-CPU map lookup",
    HashLookup => "hash map lookup",
    LruLookup => "LRU hash map lookup",
    TrieLookup => "LPM trie lookup",
    FibLookup => "fib_lookup",
    HashUpdate => "hash map update",
    HashDelete => "hash map delete",
    ArrayUpdate => "array update",
    SeveralKeys => "several keys of one large map",
    MergedLookup => "two lookups merged",
    SpilledValue => "map pointer spilled",
    ValueLoad => "map load",
    ValueStore => "map store",
    ValueAt => "map value, computed place",
    ReadModifyWrite => "map read-modify-write",
    Atomic => "atomic on a map",
    AtomicFetch => "fetching atomic on a map",
    CompareExchange => "cmpxchg on a map",
    Globals => "global data",
    NestedArray => "array in a map",
    NestedHash => "hash map in a map",
    NestedUpdate => "update in a map in a map",
    Print => "print",
    PrintAddress => "print of an address",
    PrintArray => "print of an array",
    PerfEvent => "perf event",
    PerfPacket => "perf event with the packet",
    RingOutput => "ring buffer output",
    RingReserve => "ring buffer reserve",
    Branch64 => "64-bit branch",
    Branch32 => "32-bit branch",
    LongJump => "gotol",
    Redirect => "redirect",
    EarlyExit => "early exit",
    Loop => "loop",
    NestedLoop => "nested loop",
    DataBound => "loop, bound from data",
    DataExit => "loop, exit by data",
    Counter => "loop counter as a number",
    CounterOffset => "loop counter as an offset",
    Call => "function call",
    NestedCall => "function called by a function",
    CallBuffer => "function call, stack pointer",
    CallPacket => "function call, packet pointer",
    CallInLoop => "function call in a loop",
}
