// SPDX-License-Identifier: Apache-2.0
//! The bare `bpf(2)` system call and CPU pinning; no libbpf, so that legacy map definitions and LD_ABS work.
//!
//! Structures follow `union bpf_attr` of `include/uapi/linux/bpf.h`; fields that are not named are zero.
#![expect(unsafe_code, reason = "system calls")]

use libc::{c_int, c_long};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

const MAP_CREATE: c_long = 0;
const MAP_LOOKUP_ELEM: c_long = 1;
const MAP_UPDATE_ELEM: c_long = 2;
const MAP_DELETE_ELEM: c_long = 3;
const MAP_GET_NEXT_KEY: c_long = 4;
const PROG_LOAD: c_long = 5;
const PROG_TEST_RUN: c_long = 10;
const OBJ_GET_INFO_BY_FD: c_long = 15;
const MAP_LOOKUP_AND_DELETE_ELEM: c_long = 21;
const BTF_LOAD: c_long = 18;
const MAP_FREEZE: c_long = 22;

/// What `BPF_MAP_CREATE` needs.
#[repr(C)]
#[derive(Default)]
pub(super) struct MapCreate {
    pub(super) map_type: u32,
    pub(super) key_size: u32,
    pub(super) value_size: u32,
    pub(super) max_entries: u32,
    pub(super) map_flags: u32,
    pub(super) inner_map_fd: u32,
    pub(super) numa_node: u32,
    pub(super) map_name: [u8; 16],
    pub(super) map_ifindex: u32,
    pub(super) btf_fd: u32,
    pub(super) btf_key_type_id: u32,
    pub(super) btf_value_type_id: u32,
    pub(super) btf_vmlinux_value_type_id: u32,
    pub(super) map_extra: u64,
}

#[repr(C)]
#[derive(Default)]
struct Element {
    map_fd: u32,
    pad: u32,
    key: u64,
    value: u64,
    flags: u64,
}

#[repr(C)]
#[derive(Default)]
struct ProgLoad {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: [u8; 16],
    prog_ifindex: u32,
    expected_attach_type: u32,
    prog_btf_fd: u32,
    func_info_rec_size: u32,
    func_info: u64,
    func_info_cnt: u32,
}

#[repr(C)]
#[derive(Default)]
struct BtfLoad {
    btf: u64,
    btf_log_buf: u64,
    btf_size: u32,
    btf_log_size: u32,
    btf_log_level: u32,
}

#[repr(C)]
#[derive(Default)]
struct TestRun {
    prog_fd: u32,
    retval: u32,
    data_size_in: u32,
    data_size_out: u32,
    data_in: u64,
    data_out: u64,
    repeat: u32,
    duration: u32,
    ctx_size_in: u32,
    ctx_size_out: u32,
    ctx_in: u64,
    ctx_out: u64,
    flags: u32,
    cpu: u32,
    batch_size: u32,
    pad: u32,
}

/// The kernel's `struct xdp_md`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct XdpMd {
    pub(super) data: u32,
    pub(super) data_end: u32,
    pub(super) data_meta: u32,
    pub(super) ingress_ifindex: u32,
    pub(super) rx_queue_index: u32,
    pub(super) egress_ifindex: u32,
}

/// One system call.
///
/// # Safety
/// Every address in `attribute` must be valid for what the command does with it.
unsafe fn bpf<T>(command: c_long, attribute: &mut T) -> io::Result<c_int> {
    // SAFETY: the attribute is a live structure of the size that is passed; its addresses are the caller's promise.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attribute), size_of::<T>()) };
    c_int::try_from(result).ok().filter(|value| *value >= 0).ok_or_else(io::Error::last_os_error)
}

fn address<T: ?Sized>(value: &T) -> u64 {
    std::ptr::from_ref(value).cast::<u8>() as u64
}

fn address_mut<T: ?Sized>(value: &mut T) -> u64 {
    std::ptr::from_mut(value).cast::<u8>() as u64
}

fn owned(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel has just returned this descriptor for us to own.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// The number of a descriptor as instructions and attributes want it.
pub(super) fn number(fd: &OwnedFd) -> u32 {
    // Descriptors are never negative.
    fd.as_raw_fd().cast_unsigned()
}

pub(super) fn map_create(mut attribute: MapCreate) -> io::Result<OwnedFd> {
    // SAFETY: the attribute has no address.
    unsafe { bpf(MAP_CREATE, &mut attribute) }.map(owned)
}

/// Writes an entry. `value` has the size that the kernel expects of this map (of all CPUs for a per-CPU map).
pub(super) fn map_update(map: &OwnedFd, key: &[u8], value: &[u8]) -> io::Result<()> {
    let mut attribute = Element { map_fd: number(map), key: address(key), value: address(value), ..Element::default() };
    // SAFETY: `KernelMap` calls this with a key and a value of the map's sizes.
    unsafe { bpf(MAP_UPDATE_ELEM, &mut attribute) }.map(drop)
}

/// Reads an entry into `value`, which has the size that the kernel writes.
pub(super) fn map_lookup(map: &OwnedFd, key: &[u8], value: &mut [u8]) -> io::Result<()> {
    let mut attribute =
        Element { map_fd: number(map), key: address(key), value: address_mut(value), ..Element::default() };
    // SAFETY: `KernelMap` calls this with a key and a buffer of the map's sizes.
    unsafe { bpf(MAP_LOOKUP_ELEM, &mut attribute) }.map(drop)
}

/// Pops an element of a queue or stack into `value`, which has the map's size; false if there is none.
pub(super) fn map_pop(map: &OwnedFd, value: &mut [u8]) -> io::Result<bool> {
    let mut attribute = Element { map_fd: number(map), value: address_mut(value), ..Element::default() };
    // SAFETY: `KernelMap` calls this with a buffer of the map's size.
    match unsafe { bpf(MAP_LOOKUP_AND_DELETE_ELEM, &mut attribute) } {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Pushes an element, of the map's size.
pub(super) fn map_push(map: &OwnedFd, value: &[u8]) -> io::Result<()> {
    let mut attribute = Element { map_fd: number(map), value: address(value), ..Element::default() };
    // SAFETY: `KernelMap` calls this with a value of the map's size.
    unsafe { bpf(MAP_UPDATE_ELEM, &mut attribute) }.map(drop)
}

pub(super) fn map_delete(map: &OwnedFd, key: &[u8]) -> io::Result<()> {
    let mut attribute = Element { map_fd: number(map), key: address(key), ..Element::default() };
    // SAFETY: `KernelMap` calls this with a key of the map's size.
    unsafe { bpf(MAP_DELETE_ELEM, &mut attribute) }.map(drop)
}

/// Sets `next` to the key after `key` (the first for `None`); false at the end.
pub(super) fn map_next_key(map: &OwnedFd, key: Option<&[u8]>, next: &mut [u8]) -> io::Result<bool> {
    let mut attribute =
        Element { map_fd: number(map), key: key.map_or(0, address), value: address_mut(next), ..Element::default() };
    // SAFETY: `KernelMap` calls this with keys of the map's size.
    match unsafe { bpf(MAP_GET_NEXT_KEY, &mut attribute) } {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// `bpf_attr.info`
#[repr(C)]
#[derive(Default)]
struct ObjectInfo {
    bpf_fd: u32,
    info_len: u32,
    info: u64,
}

/// The id of a map: the second word of `struct bpf_map_info`.
pub(super) fn map_id(map: &OwnedFd) -> io::Result<u32> {
    let mut info = [0u32; 2];
    let mut attribute =
        ObjectInfo { bpf_fd: number(map), info_len: size_of_val(&info) as u32, info: address_mut(&mut info) };
    // SAFETY: the buffer lives through the call, with the size that is passed.
    unsafe { bpf(OBJ_GET_INFO_BY_FD, &mut attribute) }?;
    Ok(info[1])
}

pub(super) fn map_freeze(map: &OwnedFd) -> io::Result<()> {
    let mut attribute = Element { map_fd: number(map), ..Element::default() };
    // SAFETY: the command reads only the descriptor.
    unsafe { bpf(MAP_FREEZE, &mut attribute) }.map(drop)
}

/// Loads BTF.
pub(super) fn btf_load(btf: &[u8]) -> io::Result<OwnedFd> {
    let btf_size = u32::try_from(btf.len()).map_err(io::Error::other)?;
    let mut attribute = BtfLoad { btf: address(btf), btf_size, ..BtfLoad::default() };
    // SAFETY: the bytes live through the call, with the size that is passed.
    unsafe { bpf(BTF_LOAD, &mut attribute) }.map(owned)
}

/// Types of a program's functions.
#[derive(Clone, Copy)]
pub(super) struct FunctionTypes<'a> {
    pub(super) btf: &'a OwnedFd,
    /// First instruction and BTF type number of each function.
    pub(super) functions: &'a [(u32, u32)],
}

/// What `BPF_PROG_LOAD` needs.
pub(super) struct Load<'a> {
    pub(super) kind: u32,
    pub(super) insns: &'a [[u8; 8]],
    pub(super) license: &'a std::ffi::CStr,
    pub(super) types: Option<FunctionTypes<'a>>,
}

/// Loads a program; with a buffer the verifier writes its log there.
pub(super) fn prog_load(load: &Load<'_>, log: Option<&mut Vec<u8>>) -> io::Result<OwnedFd> {
    let size = |length: usize| u32::try_from(length).map_err(io::Error::other);
    let mut attribute = ProgLoad {
        prog_type: load.kind,
        insn_cnt: size(load.insns.len())?,
        insns: address(load.insns),
        license: load.license.as_ptr() as u64,
        ..ProgLoad::default()
    };
    // struct bpf_func_info: two words.
    let records: Vec<[u32; 2]> = load.types.iter().flat_map(|t| t.functions).map(|&(insn, ty)| [insn, ty]).collect();
    if let Some(types) = load.types {
        attribute.prog_btf_fd = number(types.btf);
        attribute.func_info_rec_size = 8;
        attribute.func_info = address(records.as_slice());
        attribute.func_info_cnt = size(records.len())?;
    }
    if let Some(log) = log {
        attribute.log_level = 1;
        attribute.log_size = u32::try_from(log.len()).unwrap_or(u32::MAX);
        attribute.log_buf = address_mut(log.as_mut_slice());
    }
    // SAFETY: instructions, licence, records and log live through the call, with the sizes that are passed.
    unsafe { bpf(PROG_LOAD, &mut attribute) }.map(owned)
}

/// Runs a program once on `input`; returns its value and how many bytes of `output` are the packet afterwards. With a
/// context, the program's own one afterwards is written there.
pub(super) fn test_run(
    program: &OwnedFd,
    input: &[u8],
    output: &mut [u8],
    md: Option<&mut XdpMd>,
) -> io::Result<(u32, usize)> {
    let size = |length: usize| u32::try_from(length).map_err(io::Error::other);
    let mut attribute = TestRun {
        prog_fd: number(program),
        data_size_in: size(input.len())?,
        data_size_out: size(output.len())?,
        data_in: address(input),
        data_out: address_mut(output),
        repeat: 1,
        ..TestRun::default()
    };
    if let Some(md) = md {
        attribute.ctx_size_in = size(size_of::<XdpMd>())?;
        attribute.ctx_size_out = attribute.ctx_size_in;
        attribute.ctx_in = address(md);
        attribute.ctx_out = address_mut(md);
    }
    // SAFETY: both buffers and the context live through the call, with the sizes that are passed.
    unsafe { bpf(PROG_TEST_RUN, &mut attribute) }?;
    Ok((attribute.retval, attribute.data_size_out as usize))
}

/// The CPUs that the calling thread may run on.
pub(super) struct Affinity(libc::cpu_set_t);

/// Binds the calling thread to CPU 0 and returns what to restore.
pub(super) fn pin_to_cpu0() -> io::Result<Affinity> {
    // SAFETY: a CPU set is a plain bit mask, for which all zero is the empty set.
    let (mut before, mut cpu0): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: both sets are live and of the size that is passed; 0 is inside a set.
    unsafe {
        if libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut before) != 0 {
            return Err(io::Error::last_os_error());
        }
        libc::CPU_SET(0, &mut cpu0);
        if libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const cpu0) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(Affinity(before))
}

impl Affinity {
    /// Gives the calling thread its CPUs back.
    pub(super) fn restore(&self) {
        // SAFETY: the set is live and of the size that is passed. Failure leaves the thread on CPU 0, which is harmless.
        let _ = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const self.0) };
    }
}

/// Kernels before 5.11 count BPF memory against the locked memory limit: lift it. Failure shows up later as EPERM.
pub(super) fn lift_memory_limit() {
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: the structure is live.
    let _ = unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) };
}

/// Inner maps each take a descriptor: as many as the system allows. Failure shows up later as EMFILE.
pub(super) fn lift_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live in both calls.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            let _ = libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}

/// Gives the calling thread a network namespace of its own.
pub(super) fn new_network() -> io::Result<()> {
    // SAFETY: no memory is passed; only this thread's view of the network changes.
    succeeded(unsafe { libc::unshare(libc::CLONE_NEWNET) })
}

/// Moves the calling thread into a network namespace.
pub(super) fn enter_network(namespace: &OwnedFd) -> io::Result<()> {
    // SAFETY: no memory is passed; the descriptor is live.
    succeeded(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) })
}

/// The name of an interface of the thread's namespace.
pub(super) fn interface_name(number: u32) -> io::Result<String> {
    let mut name = [0 as libc::c_char; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the size that the call writes at most.
    let found = unsafe { libc::if_indextoname(number, name.as_mut_ptr()) };
    if found.is_null() {
        return Err(io::Error::last_os_error());
    }
    Ok(name.iter().take_while(|c| **c != 0).map(|c| char::from(c.cast_unsigned())).collect())
}

/// A netlink socket for interfaces, in the thread's namespace.
pub(super) fn route_socket() -> io::Result<OwnedFd> {
    // SAFETY: no memory is passed.
    let fd = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, libc::NETLINK_ROUTE) };
    succeeded(fd).map(|()| owned(fd))
}

/// Sends a message and waits for the answer; returns its length.
pub(super) fn exchange(socket: &OwnedFd, message: &[u8], answer: &mut [u8]) -> io::Result<usize> {
    // SAFETY: both buffers live through the calls, with the sizes that are passed.
    let count = unsafe {
        if libc::send(socket.as_raw_fd(), message.as_ptr().cast(), message.len(), 0) < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::recv(socket.as_raw_fd(), answer.as_mut_ptr().cast(), answer.len(), 0)
    };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

fn succeeded(result: c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
