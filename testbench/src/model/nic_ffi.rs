// SPDX-License-Identifier: Apache-2.0
//! The C interface of the NIC's model (`shim/nic_abi.h`), wrapped so that the rest of the crate is safe.
#![expect(unsafe_code, reason = "calls into the shared library of a model")]

use super::ffi::{Instance, RawPlug, Status, copy_text, view};
use super::shared_memory::{Mapping, SharedMemory};
use crate::Error;
use bpf2hdl_host::nic::slots::Slot;
use libloading::os::unix::{Library as Loaded, RTLD_LOCAL, RTLD_NOW};
use std::ffi::c_void;
use std::fmt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::Arc;

const ABI: u32 = 1;

type Handle = *mut c_void;

/// `B2nMemory`
#[repr(C)]
pub(super) struct RawMemory {
    pub(super) bytes: *mut u8,
    pub(super) pages: *const u8,
    pub(super) base: u64,
    pub(super) count: u64,
}

/// `B2nHappening`
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happening {
    pub(crate) clock: u64,
    pub(crate) user: u64,
    pub(crate) kind: u32,
    pub(crate) slot: u32,
    pub(crate) what: u32,
    pub(crate) length: u32,
    pub(crate) target_kind: u32,
    pub(crate) target: u32,
    pub(crate) begin: u64,
}

/// `B2nState`
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct State {
    pub(crate) clock: u64,
    pub(crate) active: u64,
    pub(crate) waiting: u64,
    pub(crate) violations: u64,
    pub(crate) interrupts: u32,
    pub(crate) stopped: u32,
}

/// A loaded model and its entry points. They stay valid because `_loaded` is dropped last.
pub(crate) struct NicLibrary {
    bus_bits: unsafe extern "C" fn() -> u32,
    new: unsafe extern "C" fn(u64, *const RawMemory) -> Handle,
    free: unsafe extern "C" fn(Handle),
    plug: unsafe extern "C" fn(Handle, u32, *const RawPlug) -> i32,
    offer: unsafe extern "C" fn(Handle, *const u8, u64),
    hold: unsafe extern "C" fn(Handle, u32),
    run: unsafe extern "C" fn(Handle, u64, u64) -> i32,
    read: unsafe extern "C" fn(Handle, u32, *mut u32) -> i32,
    write: unsafe extern "C" fn(Handle, u32, u32) -> i32,
    happenings: unsafe extern "C" fn(Handle, *mut *const Happening, *mut *const u8, *mut u64) -> u64,
    clear: unsafe extern "C" fn(Handle),
    state: unsafe extern "C" fn(Handle, *mut State),
    violations: unsafe extern "C" fn(Handle, *mut *const u8) -> u64,
    message: unsafe extern "C" fn(*mut *const u8) -> u64,
    _loaded: Loaded,
}

impl fmt::Debug for NicLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NicLibrary({} bits)", self.bus_bits())
    }
}

impl NicLibrary {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let wrong =
            |error: &dyn fmt::Display| Error::Model(format!("the model {} can not be loaded: {error}", path.display()));
        // SAFETY: the library was built by this crate from its harness; its initialisers only set up C++ statics.
        let loaded = unsafe { Loaded::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| wrong(&error))?;
        // SAFETY: `b2n_abi` has this type in every version of the harness; it takes nothing and returns a constant.
        let abi =
            unsafe { loaded.get::<unsafe extern "C" fn() -> u32>(b"b2n_abi\0").map_err(|error| wrong(&error))?() };
        if abi != ABI {
            return Err(wrong(&"it was built for another harness"));
        }
        // SAFETY: the ABI number says that the symbols have the types of `shim/nic_abi.h` and `shim/nic.cpp`, which are those of the fields.
        // The function pointers are copied out and used only while `_loaded`, in the same struct, is alive.
        unsafe {
            Ok(Self {
                bus_bits: *loaded.get(b"b2n_bus_bits\0").map_err(|error| wrong(&error))?,
                new: *loaded.get(b"b2n_new\0").map_err(|error| wrong(&error))?,
                free: *loaded.get(b"b2n_free\0").map_err(|error| wrong(&error))?,
                plug: *loaded.get(b"b2n_plug\0").map_err(|error| wrong(&error))?,
                offer: *loaded.get(b"b2n_offer\0").map_err(|error| wrong(&error))?,
                hold: *loaded.get(b"b2n_hold\0").map_err(|error| wrong(&error))?,
                run: *loaded.get(b"b2n_run\0").map_err(|error| wrong(&error))?,
                read: *loaded.get(b"b2n_read\0").map_err(|error| wrong(&error))?,
                write: *loaded.get(b"b2n_write\0").map_err(|error| wrong(&error))?,
                happenings: *loaded.get(b"b2n_happenings\0").map_err(|error| wrong(&error))?,
                clear: *loaded.get(b"b2n_clear\0").map_err(|error| wrong(&error))?,
                state: *loaded.get(b"b2n_state\0").map_err(|error| wrong(&error))?,
                violations: *loaded.get(b"b2n_violations\0").map_err(|error| wrong(&error))?,
                message: *loaded.get(b"b2n_message\0").map_err(|error| wrong(&error))?,
                _loaded: loaded,
            })
        }
    }

    pub(crate) fn bus_bits(&self) -> u32 {
        // SAFETY: takes nothing and returns a constant.
        unsafe { (self.bus_bits)() }
    }

    fn message(&self) -> String {
        let mut text = ptr::null();
        // SAFETY: sets `text` to a thread-local string, which nothing touches before it has been copied.
        unsafe {
            let length = (self.message)(&raw mut text);
            copy_text(text, length)
        }
    }
}

/// A running NIC, the programs in its sockets, and the memory behind its bus.
pub(crate) struct NicInstance {
    handle: NonNull<c_void>,
    library: Arc<NicLibrary>,
    /// Used by the model only, as long as they are here.
    programs: [Option<Instance>; 2],
    _memory: Rc<Mapping>,
}

impl NicInstance {
    /// Creates a NIC and resets it.
    pub(crate) fn new(library: Arc<NicLibrary>, seed: u64, memory: &SharedMemory) -> Result<Self, Error> {
        let memory = memory.mapping();
        let raw = memory.raw();
        // SAFETY: `raw` outlives the call; what it points to lives as long as `memory`, which is kept here.
        let handle = unsafe { (library.new)(seed, &raw const raw) };
        match NonNull::new(handle) {
            Some(handle) => Ok(Self { handle, library, programs: [None, None], _memory: memory }),
            None => Err(Error::Stopped(library.message())),
        }
    }

    /// Puts a program into a slot; who was there comes out.
    pub(crate) fn plug(&mut self, slot: Slot, mut program: Option<Instance>) -> Result<Option<Instance>, Error> {
        let plug = program.as_mut().map(Instance::plug);
        let pointer = plug.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the handle is live; the plug is copied, and what it names lives as long as the program, which is kept here until the slot is another's.
        let status = Status::new(unsafe { (self.library.plug)(self.handle.as_ptr(), slot as u32, pointer) });
        if status != Status::Ok {
            return Err(Error::Model("the program's ports are not those of the slot".to_owned()));
        }
        Ok(std::mem::replace(&mut self.programs[slot as usize], program))
    }

    pub(crate) fn has_program(&self, slot: Slot) -> bool {
        self.programs[slot as usize].is_some()
    }

    pub(crate) fn offer(&mut self, frame: &[u8]) {
        // SAFETY: the handle is live; the bytes are copied.
        unsafe { (self.library.offer)(self.handle.as_ptr(), frame.as_ptr(), frame.len() as u64) }
    }

    pub(crate) fn hold(&mut self, hold: bool) {
        // SAFETY: the handle is live.
        unsafe { (self.library.hold)(self.handle.as_ptr(), u32::from(hold)) }
    }

    pub(crate) fn run(&mut self, clocks: u64, quiet: u64) -> Status {
        // SAFETY: the handle is live, and so are all programs in its slots.
        Status::new(unsafe { (self.library.run)(self.handle.as_ptr(), clocks, quiet) })
    }

    pub(crate) fn read(&mut self, address: u32) -> Result<u32, Status> {
        let mut value = 0;
        // SAFETY: as for `run`; `value` outlives the call.
        match Status::new(unsafe { (self.library.read)(self.handle.as_ptr(), address, &raw mut value) }) {
            Status::Ok => Ok(value),
            other => Err(other),
        }
    }

    pub(crate) fn write(&mut self, address: u32, value: u32) -> Result<(), Status> {
        // SAFETY: as for `run`.
        match Status::new(unsafe { (self.library.write)(self.handle.as_ptr(), address, value) }) {
            Status::Ok => Ok(()),
            other => Err(other),
        }
    }

    /// What has happened since this was asked last, with the bytes that it names.
    pub(crate) fn take_happenings(&mut self) -> (Vec<Happening>, Vec<u8>) {
        let (mut list, mut bytes, mut length) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the handle is live; both are copied before they are cleared.
        unsafe {
            let count = (self.library.happenings)(self.handle.as_ptr(), &raw mut list, &raw mut bytes, &raw mut length);
            let taken = (view(list, count).to_vec(), view(bytes, length).to_vec());
            (self.library.clear)(self.handle.as_ptr());
            taken
        }
    }

    pub(crate) fn state(&self) -> State {
        let mut state = State::default();
        // SAFETY: the handle is live, `state` outlives the call.
        unsafe { (self.library.state)(self.handle.as_ptr(), &raw mut state) };
        state
    }

    /// The first broken rules, one a line.
    pub(crate) fn violations(&self) -> String {
        let mut text = ptr::null();
        // SAFETY: the handle is live; the text is copied before anything can change it.
        unsafe {
            let length = (self.library.violations)(self.handle.as_ptr(), &raw mut text);
            copy_text(text, length)
        }
    }

    /// What the model that stopped has printed: the shell, or a program.
    pub(crate) fn message(&self) -> String {
        let program = (self.state().stopped as usize).checked_sub(2).and_then(|slot| self.programs.get(slot)?.as_ref());
        program.map_or_else(|| self.library.message(), Instance::message)
    }
}

impl Drop for NicInstance {
    fn drop(&mut self) {
        // SAFETY: the handle came from `b2n_new` and is used here for the last time; programs and memory are dropped after it.
        unsafe { (self.library.free)(self.handle.as_ptr()) }
    }
}
