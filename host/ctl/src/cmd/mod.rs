// SPDX-License-Identifier: Apache-2.0
//! The commands. Options may stand anywhere, as bpftool has it; `dev DEVICE` stands at the end.

mod batch;
mod event_pipe;
mod feature;
mod listen;
mod map;
mod map_show;
mod net;
mod options;
mod prog;
mod sim;
mod sim_send;
mod stats;
mod trace;
mod tracelog;

use crate::device::Device;
use crate::error::{Code, Failure, Result};
use crate::help;
use crate::json::Json;
use crate::output::{self, Form, Shown};
use crate::server;
use crate::words::{Keywords, Words};
use std::path::PathBuf;
use std::process::ExitCode;

/// The objects: bpftool's that we have too, in its order, and ours.
pub(crate) const OBJECTS: Keywords = Keywords {
    what: "object",
    bpftool: &["help", "batch", "prog", "map", "net", "feature", "version"],
    own: &["sim", "stats", "status", "trace"],
};

/// What holds for a whole command.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) form: Form,
    pub(crate) device: Option<String>,
    /// Folder of the design that is in a device which can not say that.
    pub(crate) design: Option<PathBuf>,
}

impl Context {
    /// The device: of `dev DEVICE` at the end, `-d`, or the environment.
    pub(crate) fn open(&self, words: &mut Words) -> Result<Device> {
        let named = words.device().or_else(|| self.device.clone());
        let named = named.or_else(|| std::env::var("BPF2HDL_DEVICE").ok().filter(|name| !name.is_empty()));
        let name = named.ok_or_else(|| Failure::new(Code::DeviceName, "no device is named"))?;
        Device::open(&name, self.design.as_deref())
    }
}

/// Runs the command with these arguments, the program's name first.
pub(crate) fn main(arguments: Vec<String>) -> ExitCode {
    if arguments.get(1).is_some_and(|word| word == SERVE) {
        let result = server::start::serve();
        return output::finish(result.map(|()| Shown::done()), Form::default());
    }
    let wants_json = arguments.iter().any(|word| matches!(word.as_str(), "-j" | "--json" | "-p" | "--pretty"));
    let form = Form { json: wants_json, pretty: false };
    match split(arguments.into_iter().skip(1).collect()) {
        Ok((context, Some(words))) => output::finish(run(&context, words), context.form),
        Ok((context, None)) => output::finish(Ok(Shown::new(help::version(), version())), context.form),
        Err(failure) => output::finish(Err(failure), form),
    }
}

/// What `sim up` starts.
pub(crate) const SERVE: &str = "sim-server";

/// Takes the options out of the words; no words for `--version`.
pub(crate) fn split(arguments: Vec<String>) -> Result<(Context, Option<Words>)> {
    let mut context = Context::default();
    let (mut words, mut help, mut version) = (Vec::new(), false, false);
    let mut arguments = arguments.into_iter();
    let missing = |option: &str| Failure::new(Code::Usage, format!("`{option}` lacks its value"));
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "-j" | "--json" => context.form.json = true,
            "-p" | "--pretty" => context.form = Form { json: true, pretty: true },
            "-d" | "--device" => context.device = Some(arguments.next().ok_or_else(|| missing(&word))?),
            "--design" => context.design = Some(arguments.next().ok_or_else(|| missing(&word))?.into()),
            "-h" | "--help" => help = true,
            "-V" | "--version" => version = true,
            "--" => {
                words.extend(arguments.by_ref());
            }
            _ => words.push(word),
        }
    }
    if version {
        return Ok((context, None));
    }
    if help {
        words.truncate(1);
        words.push("help".to_owned());
    }
    Ok((context, Some(Words::new(words))))
}

/// Runs one command.
pub(crate) fn run(context: &Context, mut words: Words) -> Result<Shown> {
    let Some(word) = words.next() else { return Ok(Shown::new(help::MAIN, Json::null())) };
    match OBJECTS.find(&word)? {
        "help" => help::of(words.next().as_deref()),
        "version" => Ok(Shown::new(help::version(), version())),
        "batch" => batch::run(context, &mut words),
        "prog" => prog::run(context, &mut words),
        "map" => map::run(context, &mut words),
        "net" => net::run(context, &mut words),
        "feature" => feature::run(context, &mut words),
        "sim" => sim::run(context, &mut words),
        "stats" => stats::run(context, &mut words),
        "status" => net::status(context, &mut words),
        "trace" => trace::run(context, &mut words),
        other => Err(Failure::new(Code::Internal, format!("`{other}` has no command"))),
    }
}

fn version() -> Json {
    Json::object([("version", Json::from(env!("CARGO_PKG_VERSION"))), ("features", Json::List(Vec::new()))])
}
