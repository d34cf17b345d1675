// SPDX-License-Identifier: Apache-2.0
//! Reading BPF objects: ELF, BTF, maps, relocations, line information, linking; and C through clang.
//!
//! [`Object::parse`] reads a file's bytes, [`Object::select`] chooses a program, [`Object::link`] makes it
//! one linear vector of instructions with its maps. Nothing here panics or allocates without bound,
//! whatever the bytes are: all indices are checked, contents are copied only for what a program refers to.

mod btf;
mod btf_ext;
mod btf_json;
mod btf_kernel;
mod btf_maps;
mod compile;
mod elf;
mod functions;
mod globals;
mod kconfig;
mod kernel_functions;
mod legacy_maps;
mod link;
mod link_fix;
mod map_in_map;
mod model;
mod parse;
mod print_channel;
mod prog_arrays;
mod relocate;
mod select;
mod settings;
mod special_fields;
mod tables;

pub use compile::{CompileOptions, compile_c, compile_c_reporting};
pub use link_fix::add_states;
pub use model::{
    Bundle, FunctionRange, Linked, LinkedInsn, Map, MapRef, Member, Nesting, Program, ProgramKind, Source,
};
pub use parse::{Object, OtherSection};
pub use print_channel::print_channel;
pub use settings::Variable;
pub(crate) use tables::FIB_LOOKUP;
pub use tables::network_tables;
