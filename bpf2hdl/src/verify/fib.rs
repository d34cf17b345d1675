// SPDX-License-Identifier: Apache-2.0
//! `bpf_fib_lookup`: the way that a packet would take through the host.
//!
//! As in the kernel (`bpf_xdp_fib_lookup`, `bpf_ipv4_fib_lookup`, `bpf_ipv6_fib_lookup`, net/core/filter.c, Linux 6.18) without
//! policy rules: the interface that the packet has come in by forwards, or not; the longest prefix gives a route;
//! the packet fits its MTU; the next hop is a known neighbour. Interfaces, routes and neighbours are tables that the host
//! fills ([`Table`]), so the helper becomes look-ups in a hash map, an LPM trie and a hash map, of those families that are
//! possible at this call.
//!
//! Fields of `struct bpf_fib_lookup` are written in the cases in which the kernel writes them; in the others they keep what
//! they held. Interface 1, the loopback, is there in every network namespace: it does not forward if the table lacks it.

use super::content::Content;
use super::state::State;
use super::walk::{Refusal, Walk};
use crate::diag::{Code, Diagnostic};
use crate::ir::{Compare, FoundBits, MapId, Value};
use bpf2hdl_interface::network::{Answer, Table};

// `struct bpf_fib_lookup` (include/uapi/linux/bpf.h): its size and the offsets of its fields.
const SIZE: u64 = 64;
const FAMILY: i64 = 0;
const TOT_LEN: i64 = 6;
const IFINDEX: i64 = 8;
const RT_METRIC: i64 = 12;
const SRC: i64 = 16;
const DST: i64 = 32;
const VLAN: i64 = 48;
const SMAC: i64 = 52;
const DMAC: i64 = 58;

const AF_INET: u64 = 2;
const AF_INET6: u64 = 10;

// Flags.
const DIRECT: u8 = 0;
const OUTPUT: u64 = 1 << 1;
const SKIP_NEIGH: u8 = 2;
const TABLE_ID: u64 = 1 << 3;
const SOURCE: u64 = 1 << 4;
/// All that Linux 6.18 knows. The last, `BPF_FIB_LOOKUP_MARK`, is for policy rules.
const KNOWN: u64 = 0x3f;

// Results (`BPF_FIB_LKUP_RET_*`, and errors of include/uapi/asm-generic).
const SUCCESS: i64 = 0;
const NOT_FORWARDED: i64 = 4;
const FORWARDING_DISABLED: i64 = 5;
const NO_NEIGHBOUR: i64 = 7;
const TOO_LONG: i64 = 8;
const NO_DEVICE: i64 = -19;
const INVALID: i64 = -22;
const UNKNOWN_FAMILY: i64 = -97;

/// One call.
struct Call {
    params: Content,
    flags: Value,
    interface: Value,
    /// The path, where sizes and flags are valid.
    path: Value,
}

/// One of the two families.
struct Family {
    number: u64,
    routes: Table,
    neighbours: Table,
    /// Bits of `ipv6_forwarding` and the like in an entry of [`Table::Devices`].
    forwards: u8,
    /// 32-bit words of an address.
    words: usize,
}

const IPV4: Family =
    Family { number: AF_INET, routes: Table::Routes4, neighbours: Table::Neighbours4, forwards: 0, words: 1 };
const IPV6: Family =
    Family { number: AF_INET6, routes: Table::Routes6, neighbours: Table::Neighbours6, forwards: 1, words: 4 };

/// Where a route leads: the interface, the metric, and the address of the next hop in words.
struct Way {
    interface: Value,
    metric: Value,
    hop: Vec<Value>,
}

/// What one family makes of a call.
struct Outcome {
    result: Value,
    writes: Vec<Write>,
}

/// A field of the parameters that is written where `when` is 1.
struct Write {
    offset: i64,
    when: Value,
    value: Value,
}

/// A route that was looked up.
struct Found {
    /// One bit: there is one.
    found: Value,
    map: MapId,
    slot: Value,
    /// What it answers, 8 bits.
    answer: Value,
    /// One bit: it has a next hop.
    unicast: Value,
    /// 24 bits.
    mtu: Value,
}

impl Walk<'_> {
    pub(super) fn fib_lookup(&mut self, state: &mut State) -> Result<Content, Refusal> {
        self.context_argument(state)?;
        let params = state.registers[2];
        if !matches!(params, Content::Stack(..) | Content::StackAt(_) | Content::Entry(_) | Content::Record(..)) {
            let what = params.describe();
            let text = format!(
                "the second argument of bpf_fib_lookup is {what}; it has to be on the stack, in a map or in a record"
            );
            return Err(self.refuse(Code::HelperArgument, text));
        }
        let size = self.scalar(&state.registers[3], "the size of bpf_fib_lookup's parameters")?;
        let flags = self.scalar(&state.registers[4], "the flags of bpf_fib_lookup")?;
        let flags = self.b.extract(flags, 0, 32);
        let valid = self.valid(size, flags);
        let invalid = self.errno(INVALID);
        if state.set(&self.b, valid).as_const() == Some(0) {
            return Ok(Content::Scalar(invalid));
        }
        let family = self.field(state, &params, FAMILY, 1)?;
        let interface = self.field(state, &params, IFINDEX, 4)?;
        let path = state.path.to_value(&mut self.b);
        let path = self.b.and(path, valid);
        let call = Call { params, flags, interface, path };
        let mut result = self.errno(UNKNOWN_FAMILY);
        let mut writes = Vec::new();
        for kind in [IPV4, IPV6] {
            if !state.set(&self.b, family).contains(kind.number) {
                continue;
            }
            self.refuse_flags(state, &call, &kind)?;
            let is_kind = self.b.equals_const(family, kind.number);
            let call = Call { path: self.b.and(call.path, is_kind), ..call };
            let own = self.look_up(state, &call, &kind)?;
            result = self.b.select(is_kind, own.result, result);
            writes.extend(own.writes);
        }
        // All families have read the parameters by now.
        for write in writes {
            self.put(state, &params, write)?;
        }
        Ok(Content::Scalar(self.b.select(valid, result, invalid)))
    }

    /// One bit: the structure is large enough, and no flag is unknown.
    fn valid(&mut self, size: Value, flags: Value) -> Value {
        let (size, least) = (self.b.extract(size, 0, 32), self.b.constant(SIZE, 32));
        let small = self.b.compare(Compare::Ult, size, least);
        let unknown = self.b.constant(!KNOWN, 32);
        let unknown = self.b.and(flags, unknown);
        let (large, no_more) = (self.b.not(small), self.b.equals_const(unknown, 0));
        self.b.and(large, no_more)
    }

    /// What the tables can not tell.
    fn refuse_flags(&self, state: &State, call: &Call, kind: &Family) -> Result<(), Refusal> {
        let possible = !state.set(&self.b, call.flags).zeros();
        let has = |flag| possible & flag != 0;
        let (name, help) = if has(SOURCE) {
            ("BPF_FIB_LOOKUP_SRC", "keep the source address for each interface in a map that the host fills")
        } else if has(TABLE_ID) && has(1 << DIRECT) {
            (
                "BPF_FIB_LOOKUP_TBID",
                "hardware has the main table only; keep other tables in LPM tries of the program's own",
            )
        } else if has(OUTPUT) && kind.number == AF_INET {
            ("BPF_FIB_LOOKUP_OUTPUT", "IPv4 routes are looked up for packets that come in; leave the flag out")
        } else {
            return Ok(());
        };
        let text = format!("the flags of bpf_fib_lookup hold, or may hold, {name}, which is not built");
        Err(Box::new(Diagnostic::new(Code::HelperArgument, text).at(self.program.location(self.slot)).with_help(help)))
    }

    /// The result for one family. In the order of the kernel's checks: each decides only where those before it let pass.
    fn look_up(&mut self, state: &State, call: &Call, kind: &Family) -> Result<Outcome, Refusal> {
        let length = self.field(state, &call.params, TOT_LEN, 2)?;
        let destination = self.address(state, call, DST, kind)?;
        let (mut result, enters) = self.may_enter(state, call, kind, &destination)?;
        let route = self.route(call, kind, &destination)?;
        let answer = self.answer(&route);
        result = self.b.select(enters, answer, result);

        let unicast = self.b.and(route.found, route.unicast);
        let routed = self.b.and(enters, unicast);
        let wide = self.b.resize(length, 24);
        let too_long = self.b.compare(Compare::Ult, route.mtu, wide);
        let (cut, fits) = (self.b.and(routed, too_long), self.b.not(too_long));
        let needs_fragments = self.errno(TOO_LONG);
        result = self.b.select(cut, needs_fragments, result);

        let plain = self.b.equals_const(route.answer, Answer::Forward as u64);
        let goes = self.b.and(routed, fits);
        let leaves = self.b.and(goes, plain);
        let way = self.way(&route, kind, &destination);
        let mut writes = Vec::new();
        let (success, reached) = self.neighbour(state, call, kind, leaves, &way, &mut writes)?;
        result = self.b.select(leaves, reached, result);

        let zero = self.b.constant(0, 32);
        let mtu = self.b.extract(route.mtu, 0, 16);
        let told = self.b.or(cut, success);
        let mut write = |offset, when, value| writes.push(Write { offset, when, value });
        write(TOT_LEN, told, mtu);
        write(IFINDEX, leaves, way.interface);
        write(RT_METRIC, leaves, way.metric);
        for (i, &word) in (0..).zip(&way.hop) {
            write(DST + 4 * i, leaves, word);
        }
        write(VLAN, success, zero);
        writes.iter_mut().for_each(|write| write.when = self.b.and(write.when, call.path));
        Ok(Outcome { result, writes })
    }

    /// Whether the packet gets as far as the routes, and the result if it does not.
    fn may_enter(
        &mut self,
        state: &State,
        call: &Call,
        kind: &Family,
        destination: &[Value],
    ) -> Result<(Value, Value), Refusal> {
        let (present, forwards) = self.device(call, kind)?;
        let (disabled, no_device) = (self.errno(FORWARDING_DISABLED), self.errno(NO_DEVICE));
        let result = self.b.select(present, disabled, no_device);
        if kind.number == AF_INET {
            return Ok((result, forwards));
        }
        let strict = self.needs_strict(state, call, destination)?;
        let (other, not_forwarded) = (self.b.not(strict), self.errno(NOT_FORWARDED));
        Ok((self.b.select(strict, not_forwarded, result), self.b.and(forwards, other)))
    }

    /// What a look-up that gets as far as the route returns, if it gets no farther.
    fn answer(&mut self, route: &Found) -> Value {
        let (code, none) = (self.b.resize(route.answer, 64), self.errno(NOT_FORWARDED));
        self.b.select(route.found, code, none)
    }

    /// The destination's route. One of the table `local` counts as such, unless the look-up is direct.
    fn route(&mut self, call: &Call, kind: &Family, destination: &[Value]) -> Result<Found, Refusal> {
        let map = self.table(kind.routes)?;
        let length = self.b.constant(32 * kind.words as u64, 32);
        let key = self.key_parts(length, destination);
        let FoundBits { found, slot, .. } = self.find(map, key, call.path);
        let word = self.b.map_load(map, slot, 4, 32);
        let (mtu, code) = (self.b.extract(word, 0, 24), self.b.extract(word, 24, 7));
        let mut answer = self.b.resize(code, 8);
        if kind.number == AF_INET6 {
            let (local, direct) = (self.b.extract(word, 31, 1), self.b.extract(call.flags, DIRECT, 1));
            let by_rules = self.b.not(direct);
            let (own, not_forwarded) = (self.b.and(local, by_rules), self.b.constant(Answer::Local as u64, 8));
            answer = self.b.select(own, not_forwarded, answer);
        }
        let plain = self.b.equals_const(answer, Answer::Forward as u64);
        let encapsulated = self.b.equals_const(answer, Answer::Encapsulate as u64);
        let unicast = self.b.or(plain, encapsulated);
        Ok(Found { found, map, slot, answer, unicast, mtu })
    }

    /// Whether the interface is there, and forwards.
    fn device(&mut self, call: &Call, kind: &Family) -> Result<(Value, Value), Refusal> {
        let map = self.table(Table::Devices)?;
        let FoundBits { found, slot, .. } = self.find(map, vec![call.interface], call.path);
        let flags = self.b.map_load(map, slot, 0, 8);
        let forwards = self.b.extract(flags, kind.forwards, 1);
        let loopback = self.b.equals_const(call.interface, 1);
        Ok((self.b.or(found, loopback), self.b.and(found, forwards)))
    }

    /// Where a route leads.
    fn way(&mut self, route: &Found, kind: &Family, destination: &[Value]) -> Way {
        let mut load = |offset| self.b.map_load(route.map, route.slot, offset, 32);
        let (interface, metric) = (load(0), load(8));
        let gateway: Vec<Value> = (0..kind.words).map(|i| load(12 + 4 * i as u32)).collect();
        let all = gateway.iter().copied().reduce(|all, word| self.b.or(all, word)).unwrap_or(interface);
        let direct = self.b.equals_const(all, 0);
        let hop = gateway.iter().zip(destination).map(|(&gateway, &own)| self.b.select(direct, own, gateway));
        Way { interface, metric, hop: hop.collect() }
    }

    /// Whether a look-up that `leaves` by an interface succeeds, and its result if it leaves.
    fn neighbour(
        &mut self,
        state: &State,
        call: &Call,
        kind: &Family,
        leaves: Value,
        way: &Way,
        writes: &mut Vec<Write>,
    ) -> Result<(Value, Value), Refusal> {
        let (success, missing) = (self.errno(SUCCESS), self.errno(NO_NEIGHBOUR));
        let skip = self.b.extract(call.flags, SKIP_NEIGH, 1);
        if state.set(&self.b, skip).as_const() == Some(1) {
            return Ok((leaves, success));
        }
        let map = self.table(kind.neighbours)?;
        let key = self.key_parts(way.interface, &way.hop);
        let ask = self.b.not(skip);
        let when = self.b.and(call.path, ask);
        let FoundBits { found, slot, .. } = self.find(map, key, when);
        let known = self.b.and(found, ask);
        let known = self.b.and(leaves, known);
        for (field, from) in [(DMAC, 0), (SMAC, 6)] {
            let (low, high) = (self.b.map_load(map, slot, from, 32), self.b.map_load(map, slot, from + 4, 16));
            writes.push(Write { offset: field, when: known, value: low });
            writes.push(Write { offset: field + 4, when: known, value: high });
        }
        let passed = self.b.or(skip, found);
        Ok((self.b.and(leaves, passed), self.b.select(passed, success, missing)))
    }

    /// One bit: an address is multicast, link-local or the loopback's, and packets of it are never forwarded
    /// (`rt6_need_strict`, include/net/ip6_route.h).
    fn needs_strict(&mut self, state: &State, call: &Call, destination: &[Value]) -> Result<Value, Refusal> {
        let source = self.address(state, call, SRC, &IPV6)?;
        let mut strict = self.b.constant(0, 1);
        for address in [destination, &source] {
            let (first, second) = (self.b.extract(address[0], 0, 8), self.b.extract(address[0], 14, 2));
            let multicast = self.b.equals_const(first, 0xff);
            let (link, local) = (self.b.equals_const(first, 0xfe), self.b.equals_const(second, 2));
            let link_local = self.b.and(link, local);
            let whole = [self.b.concat(address[..2].to_vec()), self.b.concat(address[2..].to_vec())];
            let (high, low) = (self.b.equals_const(whole[0], 0), self.b.equals_const(whole[1], 1 << 56));
            let loopback = self.b.and(high, low);
            for kind in [multicast, link_local, loopback] {
                strict = self.b.or(strict, kind);
            }
        }
        Ok(strict)
    }

    fn table(&self, table: Table) -> Result<MapId, Refusal> {
        let position = self.b.function().maps.iter().position(|map| map.name == table.name());
        position.map(MapId::new).ok_or_else(|| {
            self.refuse(Code::Internal, format!("the program was linked without the table `{}`", table.name()))
        })
    }

    fn find(&mut self, map: MapId, key: Vec<Value>, when: Value) -> FoundBits {
        let never = self.b.constant(0, 1);
        self.directory(map, key, [when, never, never])
    }

    /// A key of 32-bit words, in pieces of 64 bits.
    fn key_parts(&mut self, first: Value, rest: &[Value]) -> Vec<Value> {
        let words: Vec<Value> = std::iter::once(first).chain(rest.iter().copied()).collect();
        words.chunks(2).map(|pair| self.b.concat(pair.to_vec())).collect()
    }

    /// An address of the parameters, in words.
    fn address(&mut self, state: &State, call: &Call, offset: i64, kind: &Family) -> Result<Vec<Value>, Refusal> {
        (0..kind.words as i64).map(|i| self.field(state, &call.params, offset + 4 * i, 4)).collect()
    }

    /// A field of the parameters. What was never written can be anything: zero here.
    fn field(&mut self, state: &State, params: &Content, offset: i64, bytes: u32) -> Result<Value, Refusal> {
        let width = 8 * bytes as u8;
        match self.read(state, params, offset, bytes) {
            Ok(Content::Scalar(value)) => Ok(self.b.extract(value, 0, width)),
            Ok(_) => {
                let text = format!("the parameters of bpf_fib_lookup hold a pointer at offset {offset}");
                Err(self.refuse(Code::PointerLeak, text))
            }
            Err(problem) if problem.code == Code::UninitialisedRead => Ok(self.b.constant(0, width)),
            Err(problem) => Err(problem),
        }
    }

    fn put(&mut self, state: &mut State, params: &Content, write: Write) -> Result<(), Refusal> {
        let Write { offset, when, value } = write;
        let bytes = u32::from(self.b.width(value) / 8);
        let old = self.field(state, params, offset, bytes)?;
        let new = self.b.select(when, value, old);
        self.write(state, params, offset, bytes, Content::Scalar(new))
    }

    fn errno(&mut self, code: i64) -> Value {
        self.b.constant(code as u64, 64)
    }
}
