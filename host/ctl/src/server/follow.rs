// SPDX-License-Identifier: Apache-2.0
//! `prog load --instant`: the program runs on the engine, and its pipeline takes over when its model is built.
//!
//! That is given up if another program was loaded meanwhile. Maps keep their contents.

use super::Nic;
use crate::error::Code;
use crate::protocol::LoadRequest;
use bpf2hdl_testbench::Silent;
use bpf2hdl_testbench::model::{BuildOptions, Model};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long a load that is under way is waited for before it is asked again.
const PATIENCE: Duration = Duration::from_millis(50);

/// Builds the pipeline in `design` and lets it take over from load number `load`. Returns at once.
pub(super) fn start(nic: &Arc<Nic>, load: u64, design: &str, source: &str) {
    // The folder is the NIC's now, whatever becomes of who brought it.
    let own = nic.place.incoming();
    if let Err(error) = fs::rename(design, &own) {
        return nic.log(&format!("the pipeline of {source} is gone: {error}"));
    }
    let (other, source) = (Arc::clone(nic), source.to_owned());
    let thread = thread::Builder::new().name("follow".to_owned()).spawn(move || follow(&other, load, own, source));
    if let Err(error) = thread {
        nic.log(&format!("no thread can be started for the pipeline: {error}"));
    }
}

fn follow(nic: &Arc<Nic>, load: u64, own: PathBuf, source: String) {
    let options = BuildOptions { trace: false, quick: nic.config.quick };
    if let Err(error) = Model::build(&own, options, &mut Silent) {
        nic.remove_design(&own);
        return nic.log(&format!("the pipeline of {source} can not be built, the engine goes on: {error}"));
    }
    let design = own.display().to_string();
    let request = LoadRequest { design, source, keep_maps: true, dry_run: false, maps: None, then: None };
    loop {
        match nic.load(&request, Some(load)) {
            Ok(loaded) => {
                return nic.log(&format!("load {}: the pipeline of {} took over", loaded.load, request.source));
            }
            Err(failure) if failure.code == Code::Busy => thread::sleep(PATIENCE),
            Err(failure) => {
                nic.remove_design(Path::new(&request.design));
                return nic.log(&format!("the pipeline of {} did not take over: {failure}", request.source));
            }
        }
    }
}
