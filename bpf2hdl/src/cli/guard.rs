// SPDX-License-Identifier: Apache-2.0
//! A fault of our own must not look like one: a panic becomes a diagnostic.

use bpf2hdl::diag::{Code, Diagnostic, Diagnostics};
use std::any::Any;
use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Stack of the working thread in bytes; address space only until it is used. Deep programs make deep recursions.
const STACK_BYTES: usize = 256 << 20;

/// Where the newest panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Runs the work on a thread with a large stack; a panic in it is an internal error.
pub(crate) fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Diagnostics> + Send + 'static,
) -> Result<T, Diagnostics> {
    panic::set_hook(Box::new(|info| {
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = info.location().map(ToString::to_string);
    }));
    let worker = match thread::Builder::new().stack_size(STACK_BYTES).spawn(work) {
        Ok(worker) => worker,
        Err(error) => {
            return Err(Diagnostic::new(Code::Internal, format!("no thread could be started: {error}")).into());
        }
    };
    worker.join().unwrap_or_else(|payload| Err(internal(payload.as_ref()).into()))
}

fn internal(payload: &(dyn Any + Send)) -> Diagnostic {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message");
    let error = Diagnostic::new(Code::Internal, format!("internal error: {text}"));
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    match place {
        Some(place) => error.note(format!("bpf2hdl {}, at {place}", bpf2hdl::report::VERSION)),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        let number = 7;
        let found = run::<()>(move || panic!("node {number} has no stage")).expect_err("it panicked");
        let error = found.iter().next().expect("one item");
        assert_eq!((error.code, error.message.as_str()), (Code::Internal, "internal error: node 7 has no stage"));
        assert!(error.notes[0].contains("guard.rs"), "{:?}", error.notes);
        assert_eq!(run(|| Ok(5)), Ok(5));
    }
}
