// SPDX-License-Identifier: Apache-2.0
//! What the standard library has no words for: a session of one's own, the monotonic clock, TAP interfaces, network namespaces.
#![expect(unsafe_code, reason = "system calls")]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};

/// Begins a session of its own, so that a terminal that is closed does not end this process.
pub(crate) fn new_session() -> io::Result<()> {
    // SAFETY: takes nothing and touches no memory.
    check(unsafe { libc::setsid() }).map(drop)
}

/// The user that this process acts for.
pub(crate) fn uid() -> u32 {
    // SAFETY: takes nothing, can not fail.
    unsafe { libc::geteuid() }
}

/// `CLOCK_MONOTONIC` in nanoseconds: what `bpf_ktime_get_ns` returns.
pub(crate) fn monotonic_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` outlives the call; the clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Moves this thread into a network namespace.
pub(crate) fn enter_namespace(namespace: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open; the call changes this thread only.
    check(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) }).map(drop)
}

/// Makes a TAP interface in this thread's network namespace, up, and gives its frames and its index. It is there as long as the file
/// is open (linux/Documentation/networking/tuntap.rst).
pub(crate) fn tap(name: &str) -> io::Result<(File, u32)> {
    let tap = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
    let mut request = request(name)?;
    request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI | libc::IFF_TUN_EXCL) as libc::c_short;
    // SAFETY: the descriptor is open, `request` is what this call reads and writes.
    check(unsafe { libc::ioctl(tap.as_raw_fd(), libc::TUNSETIFF, &raw mut request) })?;
    // SAFETY: takes numbers; the result is a new descriptor or an error.
    let socket = check(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: the descriptor is new and nobody else's.
    let socket = unsafe { File::from_raw_fd(socket) };
    // SAFETY: as above; `request` names the interface.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS, &raw mut request) })?;
    // SAFETY: the call before has filled the flags.
    unsafe { request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short };
    // SAFETY: as above.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw mut request) })?;
    // SAFETY: as above.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFINDEX, &raw mut request) })?;
    // SAFETY: the call before has filled the index.
    let index = unsafe { request.ifr_ifru.ifru_ifindex };
    Ok((tap, u32::try_from(index).unwrap_or(0)))
}

/// A request about the interface of this name.
fn request(name: &str) -> io::Result<libc::ifreq> {
    // SAFETY: a structure of numbers; all zero is one of its values.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if name.is_empty() || name.len() >= request.ifr_name.len() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a name of an interface has 1 to 15 characters"));
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    Ok(request)
}

/// Makes standard output, or standard error, what this file is.
pub(crate) fn redirect(file: &File, standard: libc::c_int) -> io::Result<()> {
    // SAFETY: both are descriptors; what the standard one was is closed.
    check(unsafe { libc::dup2(file.as_raw_fd(), standard) }).map(drop)
}

/// The number of standard output.
pub(crate) const STDOUT: libc::c_int = libc::STDOUT_FILENO;
/// The number of standard error.
pub(crate) const STDERR: libc::c_int = libc::STDERR_FILENO;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
