// SPDX-License-Identifier: Apache-2.0
//! The forms of a program.

use crate::compile::Options;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{self, Function};
use crate::object::Linked;
use crate::pipe::{self, Pipeline};
use crate::{opt, sched, verify};
use std::fmt::{self, Display, Formatter};
use std::panic::{AssertUnwindSafe, catch_unwind};

const VERIFY: &str = "00-verify";
const PIPE: &str = "pipe";

/// A form of the program between BPF and RTL.
#[derive(Clone, Debug)]
pub struct Form {
    /// `00-verify`, `01-dead`, ..., `pipe`.
    pub name: String,
    /// What made it, in one line.
    pub description: &'static str,
    /// The code.
    pub body: Body,
}

/// The code of a form.
#[derive(Clone, Debug)]
pub enum Body {
    /// Single-assignment code.
    Ir(Box<Function>),
    /// The pipeline.
    Pipe(Box<Pipeline>),
    /// What should be code is not well-formed, or could not be made at all: why.
    Broken(String),
}

impl Display for Body {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Body::Ir(function) => Display::fmt(function, f),
            Body::Pipe(pipeline) => Display::fmt(pipeline, f),
            Body::Broken(reason) => f.write_str(reason),
        }
    }
}

/// All forms of a program.
#[derive(Clone, Debug)]
pub struct Forms {
    /// In order; a broken one is the last.
    pub all: Vec<Form>,
    /// Why there is no pipeline, if the program exceeds a limit of the hardware.
    pub refused: Option<Diagnostics>,
}

/// A text that shall stand for a form, so that a fault can be planted.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Name of the form, as in [`Form::name`].
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Makes all forms. A replacement takes the place of the form of its name, and what comes after is made from it.
///
/// # Errors
/// Whatever the front end refuses the program for; a replacement that names no form or is not well-formed.
pub fn forms(program: &Linked, options: &Options, replace: Option<&Replacement>) -> Result<Forms, Diagnostics> {
    let mut maker = Maker { replace, used: false, all: Vec::new() };
    let description = "abstract execution of the BPF instructions";
    let function = verify::verify(program, &verify::LIMITS)?;
    let mut last = maker.ir(VERIFY.to_owned(), description, || function)?;
    let goal = options.goal();
    for (number, pass) in (1..).zip(opt::PASSES) {
        let Some(function) = last else { break };
        last = maker.ir(format!("{number:02}-{}", pass.name), pass.description, || (pass.run)(function, &goal))?;
    }
    let refused = match last {
        Some(function) => maker.pipe(program, &function, options)?,
        None => None,
    };
    match replace {
        Some(r) if !maker.used => Err(unknown(r, &maker.all).into()),
        _ => Ok(Forms { all: maker.all, refused }),
    }
}

struct Maker<'a> {
    replace: Option<&'a Replacement>,
    used: bool,
    all: Vec<Form>,
}

impl Maker<'_> {
    /// Adds the form that `make` gives, or its replacement, and returns its code.
    fn ir(
        &mut self,
        name: String,
        description: &'static str,
        make: impl FnOnce() -> Function,
    ) -> Result<Option<Function>, Diagnostics> {
        let made = match self.replacement(&name) {
            Some(r) => Ok(parse_ir(r)?),
            None => contained(make).and_then(|f| ir::check(&f).map(|()| f).map_err(|errors| list(&errors))),
        };
        let (body, function) = match made {
            Ok(function) => (Body::Ir(Box::new(function.clone())), Some(function)),
            Err(reason) => (Body::Broken(reason), None),
        };
        self.all.push(Form { name, description, body });
        Ok(function)
    }

    /// Adds the pipeline; returns why there is none, if the hardware's limits forbid it.
    fn pipe(
        &mut self,
        program: &Linked,
        function: &Function,
        options: &Options,
    ) -> Result<Option<Diagnostics>, Diagnostics> {
        let made = match self.replacement(PIPE) {
            Some(r) => Ok(parse_pipe(r)?),
            None => match contained(|| sched::schedule(program, function, options)) {
                Ok(Err(refused)) => return Ok(Some(refused)),
                Ok(Ok((pipeline, _))) => pipe::check(&pipeline).map(|()| pipeline).map_err(|errors| list(&errors)),
                Err(reason) => Err(reason),
            },
        };
        let body = match made {
            Ok(pipeline) => Body::Pipe(Box::new(pipeline)),
            Err(reason) => Body::Broken(reason),
        };
        let description = "scheduling: which logic stands in which stage";
        self.all.push(Form { name: PIPE.to_owned(), description, body });
        Ok(None)
    }

    fn replacement(&mut self, name: &str) -> Option<&Replacement> {
        let found = self.replace.filter(|r| r.name == name);
        self.used |= found.is_some();
        found
    }
}

/// A panic of a pass is a finding like others.
fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        format!("the compiler panicked: {text}")
    })
}

fn list(errors: &[impl Display]) -> String {
    let shown: Vec<String> = errors.iter().take(5).map(ToString::to_string).collect();
    format!("not well-formed: {}", shown.join("; "))
}

fn unknown(replacement: &Replacement, all: &[Form]) -> Diagnostic {
    let names: Vec<&str> = all.iter().map(|form| form.name.as_str()).collect();
    Diagnostic::new(Code::Usage, format!("there is no form `{}`", replacement.name))
        .with_help(format!("the forms are {}", names.join(", ")))
}

fn parse_ir(replacement: &Replacement) -> Result<Function, Diagnostics> {
    let function = ir::parse(&replacement.text).map_err(|error| unusable(replacement, &error.to_string()))?;
    ir::check(&function).map_err(|errors| unusable(replacement, &list(&errors)))?;
    Ok(function)
}

fn parse_pipe(replacement: &Replacement) -> Result<Pipeline, Diagnostics> {
    let pipeline = pipe::parse(&replacement.text).map_err(|error| unusable(replacement, &error.to_string()))?;
    pipe::check(&pipeline).map_err(|errors| unusable(replacement, &list(&errors)))?;
    Ok(pipeline)
}

fn unusable(replacement: &Replacement, reason: &str) -> Diagnostics {
    Diagnostic::new(Code::Usage, format!("the text for the form `{}`: {reason}", replacement.name)).into()
}
