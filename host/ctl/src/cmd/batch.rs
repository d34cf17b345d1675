// SPDX-License-Identifier: Apache-2.0
//! `batch file FILE`: commands line by line, as bpftool has them; the first one that fails ends it.

use super::{Context, run as run_command, split};
use crate::error::{Code, Failure, Result};
use crate::json::Json;
use crate::output::Shown;
use crate::words::Words;
use std::io::Read as _;
use std::path::Path;

/// Runs the command.
pub(super) fn run(context: &Context, words: &mut Words) -> Result<Shown> {
    if !words.take("file") {
        return Err(Failure::new(Code::Usage, "`batch` takes `file FILE`"));
    }
    let file = words.need("the name of the file")?;
    let device = words.device();
    words.end()?;
    let text = read(&file)?;
    let outer = Context { device: device.or_else(|| context.device.clone()), ..context.clone() };
    let (mut shown, mut outputs, mut count) = (String::new(), Vec::new(), 0);
    let joined = text.replace("\\\n", " ");
    for (number, line) in joined.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let parts: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if parts.is_empty() {
            continue;
        }
        if parts[0] == "batch" {
            return Err(Failure::new(Code::Usage, format!("line {}: a batch inside a batch", number + 1)));
        }
        let (own, words) = split(parts.clone())?;
        let inner = Context { device: own.device.or_else(|| outer.device.clone()), ..outer.clone() };
        let place = |mut failure: Box<Failure>| {
            failure.message = format!("line {}: {}", number + 1, failure.message);
            failure
        };
        let result =
            run_command(&inner, words.unwrap_or_else(|| Words::new(vec!["version".to_owned()]))).map_err(place)?;
        count += 1;
        shown.push_str(&result.text);
        if !result.text.is_empty() && !result.text.ends_with('\n') {
            shown.push('\n');
        }
        let command = parts.into_iter().map(Json::from).collect();
        outputs.push(Json::object([("command", Json::List(command)), ("output", result.json)]));
        if result.status != 0 {
            let text = format!("line {}: the answer was no: {}", number + 1, result.text.trim());
            return Err(Failure::new(Code::NoEntry, text));
        }
    }
    shown.push_str(&format!("processed {count} commands\n"));
    Ok(Shown::new(shown, Json::List(outputs)))
}

/// The commands; of standard input for `-`.
fn read(file: &str) -> Result<String> {
    let path = Path::new(file);
    let mut text = String::new();
    let result = match file {
        "-" => std::io::stdin().read_to_string(&mut text).map(drop),
        _ => std::fs::read_to_string(path).map(|read| text = read),
    };
    result.map(|()| text).map_err(|error| Failure::file(path, "read", &error))
}
