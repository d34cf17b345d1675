// SPDX-License-Identifier: Apache-2.0
//! `prog show|list|load|dump|unload|run|tracelog`.

use super::options::Options;
use super::sim::Temporary;
use super::{Context, sim_send, tracelog};
use crate::artifact;
use crate::device::{Device, surprise};
use crate::error::{Code, Failure, Result};
use crate::help;
use crate::json::Json;
use crate::output::{Shown, complain};
use crate::protocol::{LoadRequest, Loaded, Program, Reply, Request, Status};
use crate::wire::decode_frames;
use crate::words::{Keywords, Words};
use bpf2hdl_interface::{Manifest, ProgramType};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const COMMANDS: Keywords = Keywords {
    what: "prog command",
    bpftool: &[
        "show", "list", "help", "dump", "pin", "load", "loadall", "attach", "detach", "tracelog", "run", "profile",
    ],
    own: &["unload"],
};

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    let word = words.next().unwrap_or_else(|| "show".to_owned());
    let word = COMMANDS.find(&word)?;
    match word {
        "show" | "list" => show(context, words),
        "load" => load(context, words),
        "dump" => dump(context, words),
        "unload" => {
            let mut device = context.open(words)?;
            select(&mut device, words)?;
            words.end()?;
            device.call(&Request::Unload, &[])?;
            Ok(Shown::done())
        }
        "run" => test(context, words),
        "tracelog" => tracelog::run(context, words),
        "pin" | "loadall" | "attach" | "detach" | "profile" => {
            let text = format!("`prog {word}` is not for a NIC: it runs one program, from `load` to `unload`");
            Err(Failure::new(Code::Refused, text).hint("`prog load PROG`; `--select NAME` where an object has several"))
        }
        _ => help::of(Some("prog")),
    }
}

/// The program that runs; words may name it: `id N`, `name NAME`, `tag TAG`.
fn select(device: &mut Device, words: &mut Words) -> Result<Option<Program>> {
    let program = device.status()?.program;
    let keywords = Keywords { what: "way to name a program", bpftool: &["id", "tag", "name", "pinned"], own: &[] };
    let Some(word) = words.peek().map(str::to_owned) else { return Ok(program) };
    let Ok(keyword) = keywords.find(&word) else { return Ok(program) };
    words.next();
    let wanted = words.need("what names the program")?;
    let is = |program: &Program| match keyword {
        "id" => program.load.to_string() == wanted,
        "tag" => tag(program) == wanted,
        _ => program.name == wanted,
    };
    if keyword == "pinned" {
        return Err(Failure::new(Code::Usage, "nothing is pinned on a NIC; name programs by `id`, `name` or `tag`"));
    }
    match program {
        Some(program) if is(&program) => Ok(Some(program)),
        _ => Err(Failure::new(Code::NoProgram, format!("no program with {keyword} {wanted} is loaded"))),
    }
}

/// As long as the kernel's tags.
pub(super) fn tag(program: &Program) -> String {
    program.build_id.chars().take(16).collect()
}

fn show(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    let named = words.peek().is_some();
    let program = select(&mut device, words)?;
    words.end()?;
    let Some(program) = program else { return Ok(Shown::new("", Json::List(Vec::new()))) };
    let (_, manifest) = device.manifest()?;
    let hidden = |id: u32| manifest.maps.iter().any(|other| other.state == Some(id));
    let maps: Vec<u32> = manifest.maps.iter().map(|map| map.id).filter(|id| !hidden(*id)).map(|id| id + 1).collect();
    let kind = match manifest.program_type {
        ProgramType::PhysDev => "phys_dev",
        _ => "xdp",
    };
    let ids: Vec<String> = maps.iter().map(ToString::to_string).collect();
    let mut text = format!("{}: {kind}  name {}  tag {}\n", program.load, program.name, tag(&program));
    text.push_str(&format!("\tloaded_at {}  uid {}\n", local_time(program.loaded_at), program.uid));
    text.push_str(&format!(
        "\txlated {}B  slot {}  stages {}  latency {} clocks  {} MHz on {}\n",
        program.bytes_xlated, program.slot, program.stages, program.latency_cycles, program.clock_mhz, program.target
    ));
    text.push_str(&format!("\tfrom {}\n", program.source));
    if !ids.is_empty() {
        text.push_str(&format!("\tmap_ids {}\n", ids.join(",")));
    }
    let json = Json::object([
        ("id", Json::from(program.load)),
        ("type", Json::from(kind)),
        ("name", Json::from(program.name.as_str())),
        ("tag", Json::from(tag(&program))),
        ("loaded_at", Json::from(program.loaded_at)),
        ("uid", Json::from(program.uid)),
        ("bytes_xlated", Json::from(program.bytes_xlated)),
        ("jited", Json::from(true)),
        ("map_ids", Json::List(maps.into_iter().map(Json::from).collect())),
        ("dev", Json::from(device.name.as_str())),
        ("slot", Json::from(program.slot.as_str())),
        ("build_id", Json::from(program.build_id.as_str())),
        ("source", Json::from(program.source.as_str())),
        ("stages", Json::from(program.stages)),
        ("latency_cycles", Json::from(program.latency_cycles)),
    ]);
    Ok(Shown::new(text, if named { json } else { Json::List(vec![json]) }))
}

/// Seconds since 1970 as bpftool writes them, in UTC.
fn local_time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a date: H. Hinnant, chrono-compatible low-level date algorithms, civil_from_days.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}+0000", rest / 3600, rest / 60 % 60, rest % 60)
}

fn load(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    let flags = ["--keep-maps", "--dry-run", "--instant"];
    let mut options = Options::parse(words.rest(), &["--maps", "--network", "--select"], &flags)?;
    let program = match &options.words[..] {
        [program] => PathBuf::from(program),
        [_, path, ..] if path.starts_with('/') => {
            let text = format!("`{path}`: nothing is pinned on a NIC, programs are not given a path");
            return Err(Failure::new(Code::Usage, text));
        }
        [] => {
            return Err(Failure::new(
                Code::Usage,
                "`prog load` takes the program: an object, a C source, or a folder of `bpf2hdl compile`",
            ));
        }
        [_, word, ..] => return Err(Failure::new(Code::Usage, format!("`{word}` is one word too many"))),
    };
    if let Some(selected) = options.get("--select").map(str::to_owned) {
        options.compiler.extend(["--prog".to_owned(), selected]);
    }
    let maps = options.contents()?;
    let status = device.status()?;
    let design = Temporary(device.incoming()?);
    if !program.is_dir() {
        options.compiler.extend(["--bus".to_owned(), status.bus_bits.to_string()]);
        options.default_for_compiler("--clock", status.clock_mhz.to_string());
        options.default_for_compiler("--target", status.target.clone());
    }
    let instant = options.has("--instant");
    let pipeline = instant.then(|| pipeline(&device, &program, &options.compiler, context)).transpose()?;
    let compiler = if instant { options.for_engine() } else { options.compiler.clone() };
    let (manifest, warnings) = artifact::prepare(&program, &compiler, &design.0, context.form.json)?;
    complain(&warnings);
    let (pipeline, refusal) = match pipeline {
        Some(Pipeline::Built(design)) => (Some(design), None),
        Some(Pipeline::Refused(refusal)) => (None, Some(refusal)),
        None => (None, None),
    };
    if let Some(refusal) = refusal.as_ref().filter(|_| !context.form.json) {
        complain(&refusal.to_string());
    }
    let Status { bus_bits, clock_mhz, target, .. } = &status;
    artifact::fits(&manifest, artifact::Place { bus_bits: *bus_bits, clock_mhz: *clock_mhz, target })?;
    let dry_run = options.has("--dry-run");
    let request = LoadRequest {
        design: design.0.display().to_string(),
        source: program.display().to_string(),
        keep_maps: options.has("--keep-maps"),
        dry_run,
        maps,
        then: pipeline.as_ref().map(|design| design.0.display().to_string()),
    };
    match device.call(&Request::Load(request), &[])?.0 {
        Reply::Loaded(loaded) => {
            if !dry_run {
                // They are the NIC's now.
                std::mem::forget((design, pipeline));
            }
            let follows = Follows { instant, refusal };
            Ok(loaded_shown(&loaded, &manifest.program, dry_run, &follows))
        }
        other => Err(surprise(&other)),
    }
}

/// What can take over from the engine.
enum Pipeline {
    /// The design in this folder.
    Built(Temporary),
    /// Nothing: the compiler makes no pipeline of the program. What the engine refuses, too, is refused.
    Refused(Box<Failure>),
}

/// What comes behind a load.
struct Follows {
    /// Whether the program runs on the engine at first.
    instant: bool,
    /// Why it stays there.
    refusal: Option<Box<Failure>>,
}

/// The pipeline that takes over from the engine.
fn pipeline(device: &Device, program: &Path, compiler: &[String], context: &Context) -> Result<Pipeline> {
    if program.is_dir() {
        let text = format!("`--instant` takes an object or a C source; {} is compiled already", program.display());
        return Err(Failure::new(Code::Usage, text));
    }
    let design = Temporary(device.incoming()?);
    match artifact::prepare(program, compiler, &design.0, context.form.json) {
        Ok(_) => Ok(Pipeline::Built(design)),
        Err(refusal) if refusal.compiler.is_some() => Ok(Pipeline::Refused(refusal)),
        Err(failure) => Err(failure),
    }
}

fn loaded_shown(loaded: &Loaded, name: &str, dry_run: bool, follows: &Follows) -> Shown {
    let mut text = match dry_run {
        true => format!("{name} could be loaded into slot {}; nothing was changed", loaded.slot),
        false => format!("{name} runs in slot {} (id {})", loaded.slot, loaded.load),
    };
    let Follows { instant, refusal } = follows;
    let instant = *instant;
    if instant && !dry_run {
        text.push_str(match refusal {
            Some(_) => "\n  on the engine, where it stays: the compiler makes no pipeline of it (above)",
            None => "\n  on the engine; its pipeline takes over when it is built",
        });
    }
    if !loaded.kept.is_empty() {
        text.push_str(&format!("\n  maps kept: {}", loaded.kept.join(", ")));
    }
    for (map, reason) in &loaded.fresh {
        text.push_str(&format!("\n  map {map} begins anew: {reason}"));
    }
    let fresh = loaded.fresh.iter().map(|(map, reason)| {
        Json::object([("name", Json::from(map.as_str())), ("reason", Json::from(reason.as_str()))])
    });
    let json = Json::object([
        ("id", if dry_run { Json::null() } else { Json::from(loaded.load) }),
        ("name", Json::from(name)),
        ("slot", Json::from(loaded.slot.as_str())),
        ("dry_run", Json::from(dry_run)),
        ("instant", Json::from(instant)),
        ("pipeline_refused", refusal.as_ref().map_or_else(Json::null, |refusal| Json::Plain(refusal.to_json()))),
        ("maps_kept", Json::List(loaded.kept.iter().map(|map| Json::from(map.as_str())).collect())),
        ("maps_fresh", Json::List(fresh.collect())),
        ("packets_waited", Json::from(loaded.waited)),
        ("pause_ms", Json::Plain(serde_json::json!(loaded.pause_ms))),
    ]);
    Shown::new(text, json)
}

/// What can be dumped, and the file of the design that has it.
fn dump(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    let keywords = Keywords { what: "form of a program", bpftool: &["xlated", "jited"], own: &["pipeline", "rtl"] };
    let form = keywords.find(&words.need("what to dump: xlated, jited, rtl")?)?;
    let program = select(&mut device, words)?;
    let out = if words.take("file") { Some(PathBuf::from(words.need("the name of the file")?)) } else { None };
    words.end()?;
    let program = program.ok_or_else(|| Failure::new(Code::NoProgram, "no program is loaded"))?;
    let name = match form {
        "xlated" => "program.asm".to_owned(),
        "rtl" => rtl_name(Path::new(&program.design)),
        _ => "program.pipe".to_owned(),
    };
    let path = Path::new(&program.design).join(name);
    let text = fs::read_to_string(&path).map_err(|error| {
        let failure = Failure::new(Code::File, format!("the program was loaded without that form: {error}")).at(&path);
        failure.hint("folders have it if they were compiled with `--emit asm,pipe`")
    })?;
    if let Some(out) = out {
        fs::write(&out, &text).map_err(|error| Failure::file(&out, "written", &error))?;
        return Ok(Shown::done());
    }
    let lines = text.lines().map(Json::from).collect();
    Ok(Shown::new(text.clone(), Json::List(lines)))
}

/// The file of a design with the program itself; `compile --module` gives it another name.
fn rtl_name(design: &Path) -> String {
    let files = Manifest::load(design).map(|manifest| manifest.files).unwrap_or_default();
    let own = files.into_iter().find(|file| file.ends_with("_pipeline.sv") && !file.contains('/'));
    own.unwrap_or_else(|| "bpf_pipeline.sv".to_owned())
}

/// `prog run [PROG] data_in FILE [data_out FILE] [repeat N]`: a packet through the running program; nothing leaves the NIC.
fn test(context: &Context, words: &mut Words) -> Result<Shown> {
    let mut device = context.open(words)?;
    let program = select(&mut device, words)?;
    let program = program.ok_or_else(|| Failure::new(Code::NoProgram, "no program is loaded"))?;
    let (mut input, mut output, mut repeat) = (None, None, 1);
    let keywords = Keywords { what: "argument of `prog run`", bpftool: &["data_in", "data_out", "repeat"], own: &[] };
    while let Some(word) = words.next() {
        let keyword = keywords.find(&word)?;
        let value = words.need("the value of an argument")?;
        match keyword {
            "data_in" => input = Some(value),
            "data_out" => output = Some(value),
            _ => {
                repeat = value.parse().map_err(|_| Failure::new(Code::Usage, format!("`repeat {value}`: no number")))?
            }
        }
    }
    let input = PathBuf::from(input.ok_or_else(|| Failure::new(Code::Usage, "`data_in FILE` is missing"))?);
    let frame = fs::read(&input).map_err(|error| Failure::file(&input, "read", &error))?;
    let (reply, blob) = device.call(&Request::Run { repeat }, &frame)?;
    let Reply::Sent(outcomes) = reply else { return Err(surprise(&reply)) };
    let Some(outcome) = outcomes.last() else { return Err(Failure::new(Code::Protocol, "no verdict came back")) };
    if sim_send::action(outcome) == "discarded" {
        return Err(Failure::new(Code::BadData, format!("a frame of {} bytes does not go into the core", frame.len())));
    }
    let left = decode_frames(&blob)
        .and_then(|frames| frames.last().map(|frame| frame.to_vec()))
        .filter(|_| outcome.length > 0);
    if let Some(out) = output.filter(|out| out != "-").map(PathBuf::from) {
        fs::write(&out, left.as_deref().unwrap_or_default()).map_err(|error| Failure::file(&out, "written", &error))?;
    }
    let nanoseconds = Duration::from_secs_f64(outcome.clocks as f64 / (program.clock_mhz * 1e6)).as_nanos();
    let nanoseconds = u64::try_from(nanoseconds).unwrap_or(u64::MAX);
    let text = format!(
        "Return value: {} ({}), duration: {} clocks, {nanoseconds}ns",
        outcome.action,
        sim_send::action(outcome),
        outcome.clocks
    );
    let json = Json::object([
        ("retval", Json::from(u32::from(outcome.action))),
        ("duration", Json::from(nanoseconds)),
        ("clocks", Json::from(outcome.clocks)),
        ("data_out", left.map_or_else(Json::null, |left| Json::bytes(&left))),
        ("target", outcome.target.map_or_else(Json::null, Json::from)),
    ]);
    Ok(Shown::new(text, json))
}
