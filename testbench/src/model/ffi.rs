// SPDX-License-Identifier: Apache-2.0
//! The C interface of a model's shared library (`shim/abi.h`), wrapped so that the rest of the crate is safe.
#![expect(unsafe_code, reason = "calls into the shared library of a model")]

use crate::Error;
use libloading::os::unix::{Library as Loaded, RTLD_LOCAL, RTLD_NOW};
use std::ffi::{CString, c_char, c_void};
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

const ABI: u32 = 6;
pub(crate) const SINK_PASS: u32 = 0;
pub(crate) const SINK_TX: u32 = 1;
pub(crate) const SINK_REDIRECT: u32 = 2;
pub(crate) const SINK_EVENT: u32 = 3;

/// `B2hPattern`
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pattern {
    pub(crate) kind: u32,
    pub(crate) numerator: u32,
    pub(crate) denominator: u32,
}

/// `B2hVerdict`
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RawVerdict {
    pub(crate) in_clock: u64,
    pub(crate) verdict_clock: u64,
    pub(crate) length: u32,
    pub(crate) action: u32,
    pub(crate) target_kind: u32,
    pub(crate) target: u32,
}

/// `B2hFrame`
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawFrame {
    pub(crate) out_clock: u64,
    pub(crate) length: u32,
    pub(crate) flags: u32,
    pub(crate) target_kind: u32,
    pub(crate) target: u32,
    pub(crate) source: u32,
    reserved: u32,
}

#[repr(C)]
struct RawRun {
    bytes: *const u8,
    ends: *const u64,
    user: *const u32,
    count: u64,
    verdicts: *mut RawVerdict,
    source: Pattern,
    sinks: [Pattern; 4],
    seed: u64,
    hang_clocks: u64,
    lossless: u32,
    progress_clocks: u32,
    progress: Option<unsafe extern "C" fn(*mut c_void, u64)>,
    context: *mut c_void,
}

/// `B2hSummary`
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Summary {
    pub(crate) offer_clock: u64,
    pub(crate) accept_clock: u64,
    pub(crate) stall_clocks: u64,
    pub(crate) beats: u64,
    pub(crate) verdicts: u64,
    pub(crate) violations: u64,
    pub(crate) end_clock: u64,
}

/// `B2hStatus`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Hang,
    Stopped,
    BusError,
    TimeOut,
}

impl Status {
    pub(super) fn new(code: i32) -> Self {
        match code {
            0 => Self::Ok,
            1 => Self::Hang,
            3 => Self::BusError,
            4 => Self::TimeOut,
            _ => Self::Stopped,
        }
    }
}

/// Everything of one run. The slices describe the same packets: `ends` and `user` have one element each.
pub(crate) struct RunSpec<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) ends: &'a [u64],
    pub(crate) user: &'a [u32],
    pub(crate) source: Pattern,
    pub(crate) sinks: [Pattern; 4],
    pub(crate) seed: u64,
    pub(crate) hang_clocks: u64,
    pub(crate) lossless: bool,
    /// `progress` is called every so many clocks, rounded up to a power of two.
    pub(crate) progress_clocks: u32,
    /// Called now and then, between two clocks; accesses to registers drive the clock, and the packets go on.
    pub(crate) progress: &'a mut Meanwhile<'a>,
}

type Handle = *mut c_void;

/// `B2hPort`
#[repr(C)]
pub(super) struct RawPort {
    data: *mut c_void,
    bytes: u64,
}

/// `B2nPlug`: a model as what stands around it clocks it.
#[repr(C)]
pub(super) struct RawPlug {
    model: Handle,
    pins: unsafe extern "C" fn(Handle, u32) -> i32,
    ports: *const RawPort,
    count: u64,
}

/// A loaded model and its entry points. They stay valid because `_loaded` is dropped last.
pub(crate) struct Library {
    bus_bits: unsafe extern "C" fn() -> u32,
    new: unsafe extern "C" fn(u64, *const c_char) -> Handle,
    free: unsafe extern "C" fn(Handle),
    run: unsafe extern "C" fn(Handle, *const RawRun, *mut Summary) -> i32,
    read: unsafe extern "C" fn(Handle, u32, *mut u32) -> i32,
    write: unsafe extern "C" fn(Handle, u32, u32) -> i32,
    frames: unsafe extern "C" fn(Handle, u32, *mut *const RawFrame) -> u64,
    bytes: unsafe extern "C" fn(Handle, u32, *mut *const u8) -> u64,
    violations: unsafe extern "C" fn(Handle, *mut *const u8) -> u64,
    message: unsafe extern "C" fn(*mut *const u8) -> u64,
    ports: unsafe extern "C" fn(Handle, *mut *const RawPort) -> u64,
    pins: unsafe extern "C" fn(Handle, u32) -> i32,
    _loaded: Loaded,
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Library({} bits)", self.bus_bits())
    }
}

impl Library {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let wrong =
            |error: &dyn fmt::Display| Error::Model(format!("the model {} can not be loaded: {error}", path.display()));
        // SAFETY: the library was built by this crate from the harness; its initialisers only set up C++ statics.
        let loaded = unsafe { Loaded::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| wrong(&error))?;
        // SAFETY: `b2h_abi` has this type in every version of the harness.
        let abi = unsafe { *loaded.get::<unsafe extern "C" fn() -> u32>(b"b2h_abi\0").map_err(|error| wrong(&error))? };
        // SAFETY: as above; it takes nothing and returns a constant.
        if unsafe { abi() } != ABI {
            return Err(wrong(&"it was built for another harness"));
        }
        // SAFETY: the ABI number says that the symbols have the types of `shim/abi.h`, which are those of the fields.
        // The function pointers are copied out and used only while `_loaded`, in the same struct, is alive.
        unsafe {
            Ok(Self {
                bus_bits: *loaded.get(b"b2h_bus_bits\0").map_err(|error| wrong(&error))?,
                new: *loaded.get(b"b2h_new\0").map_err(|error| wrong(&error))?,
                free: *loaded.get(b"b2h_free\0").map_err(|error| wrong(&error))?,
                run: *loaded.get(b"b2h_run\0").map_err(|error| wrong(&error))?,
                read: *loaded.get(b"b2h_read\0").map_err(|error| wrong(&error))?,
                write: *loaded.get(b"b2h_write\0").map_err(|error| wrong(&error))?,
                frames: *loaded.get(b"b2h_frames\0").map_err(|error| wrong(&error))?,
                bytes: *loaded.get(b"b2h_bytes\0").map_err(|error| wrong(&error))?,
                violations: *loaded.get(b"b2h_violations\0").map_err(|error| wrong(&error))?,
                message: *loaded.get(b"b2h_message\0").map_err(|error| wrong(&error))?,
                ports: *loaded.get(b"b2h_ports\0").map_err(|error| wrong(&error))?,
                pins: *loaded.get(b"b2h_pins\0").map_err(|error| wrong(&error))?,
                _loaded: loaded,
            })
        }
    }

    pub(crate) fn bus_bits(&self) -> u32 {
        // SAFETY: takes nothing and returns a constant.
        unsafe { (self.bus_bits)() }
    }

    /// What the model printed on this thread.
    fn message(&self) -> String {
        let mut text = ptr::null();
        // SAFETY: sets `text` to a thread-local string and returns its length.
        let length = unsafe { (self.message)(&raw mut text) };
        // SAFETY: nothing touches that string before it has been copied here.
        unsafe { copy_text(text, length) }
    }
}

/// Copies `length` bytes of text; nothing for a null pointer.
///
/// # Safety
/// `text` is null or points to `length` bytes.
pub(super) unsafe fn copy_text(text: *const u8, length: u64) -> String {
    // SAFETY: passed on from the caller.
    let bytes = unsafe { view(text, length) };
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// A slice over foreign memory; empty for a null pointer (an empty C++ vector).
///
/// # Safety
/// `start` is null or points to `length` elements that live and do not change during `'a`.
pub(super) unsafe fn view<'a, T>(start: *const T, length: u64) -> &'a [T] {
    let length = usize::try_from(length).unwrap_or(0);
    if start.is_null() || length == 0 {
        return &[];
    }
    // SAFETY: passed on from the caller.
    unsafe { std::slice::from_raw_parts(start, length) }
}

/// The registers of a model.
pub(crate) struct Access<'a> {
    handle: NonNull<c_void>,
    library: Arc<Library>,
    instance: PhantomData<&'a mut Instance>,
}

impl Access<'_> {
    /// One AXI4-Lite read.
    pub(crate) fn read(&mut self, address: u16) -> Result<u32, Status> {
        let mut value = 0;
        // SAFETY: the handle is live, `value` outlives the call.
        match Status::new(unsafe { (self.library.read)(self.handle.as_ptr(), u32::from(address), &raw mut value) }) {
            Status::Ok => Ok(value),
            other => Err(other),
        }
    }

    /// One AXI4-Lite write.
    pub(crate) fn write(&mut self, address: u16, value: u32) -> Result<(), Status> {
        // SAFETY: the handle is live.
        match Status::new(unsafe { (self.library.write)(self.handle.as_ptr(), u32::from(address), value) }) {
            Status::Ok => Ok(()),
            other => Err(other),
        }
    }

    /// What the model printed (assertions, `$display`) on this thread.
    pub(crate) fn message(&self) -> String {
        self.library.message()
    }
}

/// What the model calls while packets run: its registers, and the verdicts so far.
pub(crate) type Meanwhile<'a> = dyn FnMut(&mut Access<'_>, u64) + 'a;

/// One running model.
pub(crate) struct Instance {
    handle: NonNull<c_void>,
    library: Arc<Library>,
}

// SAFETY: a model is used by one thread at a time, by whom has it; nothing in it belongs to the thread that made it. What it printed is asked of the thread in which it ran.
unsafe impl Send for Instance {}

impl Instance {
    /// Creates a model and resets it. `trace` needs a library built for it.
    pub(crate) fn new(library: Arc<Library>, seed: u64, trace: Option<&Path>) -> Result<Self, Error> {
        let path = trace.map(|path| CString::new(path.as_os_str().as_encoded_bytes())).transpose();
        let path = path.map_err(|_| Error::Model("the path of the waveform file has a zero byte".to_owned()))?;
        let path_pointer = path.as_ref().map_or(ptr::null(), |path| path.as_ptr());
        // SAFETY: the path is null or a C string that outlives the call.
        let handle = unsafe { (library.new)(seed, path_pointer) };
        match NonNull::new(handle) {
            Some(handle) => Ok(Self { handle, library }),
            None => Err(Error::Stopped(library.message())),
        }
    }

    /// What the model printed (assertions, `$display`) on this thread.
    pub(crate) fn message(&self) -> String {
        self.library.message()
    }

    /// Runs all packets. The verdicts are complete up to `Summary::verdicts`.
    pub(crate) fn run(&mut self, spec: &mut RunSpec<'_>) -> (Status, Summary, Vec<RawVerdict>) {
        let count = spec.ends.len();
        assert!(spec.user.len() == count, "one tuser per packet");
        assert!(spec.ends.is_sorted() && spec.ends.last().is_none_or(|end| *end == spec.bytes.len() as u64));
        let mut verdicts = vec![RawVerdict::default(); count];
        let mut summary = Summary::default();
        let access = Access { handle: self.handle, library: self.library.clone(), instance: PhantomData };
        let mut context = RunContext { progress: &mut *spec.progress, access };
        let raw = RawRun {
            bytes: spec.bytes.as_ptr(),
            ends: spec.ends.as_ptr(),
            user: spec.user.as_ptr(),
            count: count as u64,
            verdicts: verdicts.as_mut_ptr(),
            source: spec.source,
            sinks: spec.sinks,
            seed: spec.seed,
            hang_clocks: spec.hang_clocks,
            lossless: u32::from(spec.lossless),
            progress_clocks: spec.progress_clocks.next_power_of_two(),
            progress: Some(call_progress),
            context: (&raw mut context).cast(),
        };
        // SAFETY: the handle is live, and made for accesses to its registers by `progress`; all pointers are to as many elements as
        // `count` and the checked `ends` say, and outlive the call; afterwards the harness uses none of them (`begin_idle`).
        let status = unsafe { (self.library.run)(self.handle.as_ptr(), &raw const raw, &raw mut summary) };
        (Status::new(status), summary, verdicts)
    }

    /// For who clocks the model by its ports. It is good as long as this instance, which nobody else may use meanwhile.
    pub(super) fn plug(&mut self) -> RawPlug {
        let mut ports = ptr::null();
        // SAFETY: the handle is live; the list lives as long as the model.
        let count = unsafe { (self.library.ports)(self.handle.as_ptr(), &raw mut ports) };
        RawPlug { model: self.handle.as_ptr(), pins: self.library.pins, ports, count }
    }

    /// The registers. While packets run they are used in `RunSpec::progress` only, which gets them.
    pub(crate) fn access(&mut self) -> Access<'_> {
        Access { handle: self.handle, library: self.library.clone(), instance: PhantomData }
    }

    /// The frames that left by a sink in the last run, and their bytes behind each other.
    pub(crate) fn output(&self, sink: u32) -> (&[RawFrame], &[u8]) {
        let (mut frames, mut bytes) = (ptr::null(), ptr::null());
        // SAFETY: the handle is live. The vectors change only in calls that take `&mut self`.
        unsafe {
            let frame_count = (self.library.frames)(self.handle.as_ptr(), sink, &raw mut frames);
            let byte_count = (self.library.bytes)(self.handle.as_ptr(), sink, &raw mut bytes);
            (view(frames, frame_count), view(bytes, byte_count))
        }
    }

    /// The first broken rules of the last run, one a line.
    pub(crate) fn violations(&self) -> String {
        let mut text = ptr::null();
        // SAFETY: the handle is live; the text is copied before anything can change it.
        unsafe {
            let length = (self.library.violations)(self.handle.as_ptr(), &raw mut text);
            copy_text(text, length)
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: the handle came from `b2h_new` and is used here for the last time.
        unsafe { (self.library.free)(self.handle.as_ptr()) }
    }
}

/// What `call_progress` gets.
struct RunContext<'a, 'b> {
    progress: &'a mut Meanwhile<'b>,
    access: Access<'a>,
}

/// Calls the closure behind `context`.
unsafe extern "C" fn call_progress(context: *mut c_void, verdicts: u64) {
    // SAFETY: `Instance::run` passes a pointer to its `RunContext`, alive and not otherwise used during the call.
    let RunContext { progress, access } = unsafe { &mut *context.cast::<RunContext<'_, '_>>() };
    // A panic must not unwind through C++.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| progress(access, verdicts)));
}
