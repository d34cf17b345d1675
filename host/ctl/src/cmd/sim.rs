// SPDX-License-Identifier: Apache-2.0
//! `sim up`, `sim down`, `sim list`, `sim send`: simulated NICs in the background.

use super::options::Options;
use super::{Context, SERVE, sim_send};
use crate::artifact;
use crate::device::Device;
use crate::error::{Code, Failure, Result};
use crate::help;
use crate::json::Json;
use crate::output::{Shown, complain};
use crate::protocol::{LoadRequest, Request, Status};
use crate::server::Config;
use crate::server::run_folder::{self, Place};
use crate::server::start::{Said, Start, in_use};
use crate::words::{Keywords, Words};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COMMANDS: Keywords =
    Keywords { what: "sim command", bpftool: &["help"], own: &["up", "down", "list", "show", "send"] };

const VALUES: [&str; 11] = [
    "--prog",
    "--select",
    "--bus",
    "--maps",
    "--tap",
    "--mac-tap",
    "--netns",
    "--mac-netns",
    "--ifindex",
    "--seed",
    "--network",
];

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let word = words.next().unwrap_or_else(|| "list".to_owned());
    match COMMANDS.find(&word)? {
        "up" => up(context, words),
        "down" => down(words),
        "send" => sim_send::run(words),
        "list" | "show" => list(words),
        _ => help::of(Some("sim")),
    }
}

/// A folder that is removed unless it was moved away.
pub(super) struct Temporary(pub(super) PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // It is not there any more if all went well.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn up(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut options = Options::parse(words.rest(), &VALUES, &["--quick"])?;
    let [name] = &options.words[..] else {
        return Err(Failure::new(Code::Usage, "`sim up` takes one NAME, and `--prog PROG`"));
    };
    let place = Place::of(name)?;
    let Some(program) = options.path("--prog") else {
        return Err(Failure::new(Code::Usage, "the program is missing: `--prog PROG`"));
    };
    if let Some(selected) = options.get("--select").map(str::to_owned) {
        options.compiler.extend(["--prog".to_owned(), selected]);
    }
    let config = config(&place.name, &options)?;
    let maps = options.contents()?;
    if place.is_alive()? {
        return Err(in_use(&place.name));
    }
    let design = Temporary(run_folder::starting()?);
    if !program.is_dir() {
        options.compiler.extend(["--bus".to_owned(), config.bus_bits.to_string()]);
    }
    let (manifest, warnings) = artifact::prepare(&program, &options.compiler, &design.0, context.form.json)?;
    complain(&warnings);
    let asked = options.get("--bus").is_some() || !program.is_dir();
    let bus_bits = if asked { config.bus_bits } else { manifest.bus_bits };
    artifact::fits(&manifest, artifact::Place { bus_bits, clock_mhz: manifest.clock_mhz, target: &manifest.target })?;
    let config = Config { bus_bits, clock_mhz: manifest.clock_mhz, target: manifest.target, ..config };
    let program = LoadRequest {
        design: design.0.display().to_string(),
        source: program.display().to_string(),
        keep_maps: false,
        dry_run: false,
        maps,
        then: None,
    };
    let status = start(&Start { config, program })?;
    Ok(Shown::new(describe(&status), Json::Plain(serde_json::to_value(&status).unwrap_or_default())))
}

fn config(name: &str, options: &Options) -> Result<Config> {
    let bus_bits = options.number("--bus", 512)?;
    if ![64, 128, 256, 512].contains(&bus_bits) {
        return Err(Failure::new(
            Code::Usage,
            format!("a bus of {bus_bits} bits is not built; 64, 128, 256 and 512 are"),
        ));
    }
    let tap = options.get("--tap").map(str::to_owned);
    let mac_tap = options.get("--mac-tap").map(str::to_owned).or_else(|| tap.as_ref().map(|tap| format!("{tap}-mac")));
    let of_tap = |option: &str| match options.get(option) {
        Some(_) if mac_tap.is_none() => Err(Failure::new(Code::Usage, format!("`{option}` needs `--tap`"))),
        value => Ok(value.map(str::to_owned)),
    };
    let ifindex: u16 = options.number("--ifindex", 1)?;
    Ok(Config {
        name: name.to_owned(),
        bus_bits,
        clock_mhz: 0.0,
        target: String::new(),
        ifindex: ifindex.into(),
        seed: options.number("--seed", 1)?,
        quick: options.has("--quick"),
        netns: of_tap("--netns")?,
        mac_netns: of_tap("--mac-netns")?,
        tap,
        mac_tap,
    })
}

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Failure::file(path, "read", &error))
}

/// Starts the server and waits until it says that it is ready.
fn start(start: &Start) -> Result<Status> {
    let fail = |error: std::io::Error| Failure::new(Code::Server, format!("the server can not be started: {error}"));
    let exe = std::env::current_exe().map_err(fail)?;
    let mut command = Command::new(exe);
    command.arg(SERVE).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(fail)?;
    let text = serde_json::to_string(start).map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
    if let Some(mut input) = child.stdin.take() {
        // A server that has died already says why below.
        let _ = input.write_all(text.as_bytes());
    }
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(fail)?;
    }
    match serde_json::from_str(&line) {
        Ok(Said::Ready(status)) => Ok(*status),
        Ok(Said::Failed(failure)) => {
            // It ends by itself.
            let _ = child.wait();
            Err(Box::new(failure))
        }
        Err(_) => {
            let ended = child.wait().map_err(fail)?;
            let mut said = String::new();
            if let Some(mut errors) = child.stderr.take() {
                // What can be read is told.
                let _ = errors.read_to_string(&mut said);
            }
            let failure = Failure::new(Code::Server, format!("the server ended with {ended} before it was ready"));
            Err(said.lines().fold(failure, |failure, line| failure.note(line)))
        }
    }
}

fn describe(status: &Status) -> String {
    let mut text =
        format!("{} is up: {} bits, {} MHz on {}", status.device, status.bus_bits, status.clock_mhz, status.target);
    if let Some(program) = &status.program {
        text.push_str(&format!(", program {} in slot {}", program.name, program.slot));
    }
    for interface in &status.interfaces {
        let netns = interface.netns.as_ref().map(|netns| format!(" in namespace {netns}")).unwrap_or_default();
        let side = if interface.side == "dma" { "host" } else { "MAC" };
        text.push_str(&format!("\n  {side} side: interface {}{netns}", interface.name));
    }
    text
}

fn down(words: &mut Words) -> Result<Shown> {
    let name = words.need("the NAME of a simulated NIC")?;
    words.end()?;
    let name = name.strip_prefix("sim:").unwrap_or(&name).to_owned();
    let place = Place::of(&name)?;
    let mut device = Device::open(&format!("sim:{name}"), None)?;
    device.call(&Request::Down, &[])?;
    let begun = Instant::now();
    while place.is_alive()? {
        if begun.elapsed() > Duration::from_secs(20) {
            return Err(Failure::new(Code::Server, format!("the simulated NIC `{name}` does not end")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Shown::done())
}

fn list(words: &Words) -> Result<Shown> {
    words.end()?;
    let (mut text, mut items) = (String::new(), Vec::new());
    for place in run_folder::all()? {
        let status = Device::open(&format!("sim:{}", place.name), None).and_then(|mut device| device.status());
        match status {
            Ok(status) => {
                text.push_str(&format!("{}\n", describe(&status).replacen(" is up", "", 1)));
                items.push(Json::Plain(serde_json::to_value(&status).unwrap_or_default()));
            }
            // It is starting, or has just been cleaned up.
            Err(failure) if failure.code == Code::NoDevice => {}
            Err(failure) => {
                text.push_str(&format!("sim:{}: {}\n", place.name, failure.message));
                items.push(Json::object([
                    ("device", Json::from(format!("sim:{}", place.name))),
                    ("state", Json::from("unreachable")),
                    ("error", Json::from(failure.message.as_str())),
                ]));
            }
        }
    }
    Ok(Shown::new(text, Json::List(items)))
}
