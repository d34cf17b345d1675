// SPDX-License-Identifier: Apache-2.0
//! From the arguments to a linked program.

use super::args::SourceArgs;
use bpf2hdl::diag::Diagnostics;
use bpf2hdl::object::{CompileOptions, Linked, Object, compile_c_reporting};
use std::path::Path;

/// Reads, or compiles with clang and reads, the program; clang's warnings are among its warnings.
pub(crate) fn load(path: &Path, args: &SourceArgs) -> Result<Linked, Diagnostics> {
    let mut warnings = Diagnostics::new();
    let mut object = if path.extension().is_some_and(|extension| extension == "c") {
        let options = CompileOptions {
            include_dirs: args.include.clone(),
            arguments: args.define.iter().map(|define| format!("-D{define}")).collect(),
            ..CompileOptions::standard()
        };
        let bytes = compile_c_reporting(path, &options, &mut warnings)?;
        Object::parse(&bytes, &path.display().to_string())?
    } else {
        Object::read(path)?
    };
    for (name, value) in &args.set {
        object.set_variable(name, value)?;
    }
    for (name, entries) in &args.entries {
        object.set_entries(name, *entries)?;
    }
    for (name, count) in &args.inner_maps {
        object.set_inner_maps(name, *count)?;
    }
    let mut linked = object.link(object.select(args.name.as_deref())?)?;
    linked.warnings.append(warnings);
    Ok(linked)
}
