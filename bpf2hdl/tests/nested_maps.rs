// SPDX-License-Identifier: Apache-2.0
//! Maps of maps: what programs do with inner maps, in the IR after every pass and in the pipeline clock by clock, against the running kernel.
#![allow(clippy::print_stdout, reason = "says how much was compared")]

mod support;

use bpf2hdl::diag::{Code, Diagnostics};
use bpf2hdl::object::{CompileOptions, Linked, Object, compile_c};
use std::path::Path;
use support::forms::{check, verify};
use support::nested;

#[test]
fn inner_maps_do_what_the_kernel_s_do() {
    if !support::kernel_or_skip("inner_maps_do_what_the_kernel_s_do") {
        return;
    }
    for (number, (program, options)) in (0..).zip(nested::PROGRAMS) {
        let linked = nested::c_program(program, options);
        for (seed, what) in [(2 * number, "as the source fills them"), (2 * number + 1, "as the host fills them")] {
            let before = nested::contents(seed, &linked);
            let name = format!("{program} {options}, {what}");
            check(&name, &linked, &before, &nested::packets(program, seed, 1500, false));
            check(&format!("{name}, storm"), &linked, &before, &nested::packets(program, seed, 300, true));
        }
    }
}

/// The object of `refused.c`.
fn object(arguments: &str) -> Object {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nested/refused.c");
    let arguments = arguments.split_whitespace().map(str::to_owned).collect();
    let bytes = compile_c(&path, &CompileOptions { arguments, ..CompileOptions::standard() });
    Object::parse(&bytes.unwrap_or_else(|d| panic!("{d:#?}")), "refused.c").unwrap_or_else(|d| panic!("{d:#?}"))
}

fn link(object: &Object) -> Result<Linked, Diagnostics> {
    object.link(object.select(None).expect("one program"))
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    let cases = [
        ("-DUPDATE_OUTER", Code::MapOperation, "`outer`, of type array_of_maps, which only the host changes"),
        ("-DUNTESTED", Code::HelperArgument, "is an inner map that may be null, not a map"),
        ("-DEACH", Code::MapOperation, "bpf_for_each_map_elem over an inner map"),
        ("-DREDIRECT", Code::HelperArgument, "bpf_redirect_map is an inner map"),
        ("-DOPEN", Code::MapGeometry, "`outer` does not say what its inner maps are"),
        ("-DINNER_TYPE=14", Code::UnsupportedMapType, "the inner maps of `outer` have type devmap"),
        ("-DOUTER_ENTRIES=2000", Code::MapSizeLimit, "2000 inner maps of `outer` with 1000 entries each are 2000000"),
        ("-DGIVEN", Code::MapGeometry, "inner maps of `outer` have different numbers of entries; only arrays may"),
        ("-DGIVEN -DINNER_TYPE=2", Code::MapGeometry, "different numbers of entries without BPF_F_INNER_MAP"),
        (
            "-DGIVEN -DOTHER_SHAPE",
            Code::MapGeometry,
            "`given` is an inner map of `outer`, but not of the type and sizes",
        ),
    ];
    for (arguments, code, text) in cases {
        let found = link(&object(arguments)).and_then(|linked| verify(&linked)).expect_err(arguments);
        let item = found.into_iter().find(|item| item.message.contains(text));
        assert_eq!(item.map(|item| item.code), Some(code), "{arguments}");
    }
}

#[test]
fn a_loader_says_how_many_inner_maps_there_are() {
    let mut object = object("-DOUTER_ENTRIES=2000");
    object.set_inner_maps("outer", 3).expect("a map of maps");
    object.set_entries("outer.inner", 70).expect("its inner maps");
    assert!(object.set_inner_maps("given", 3).is_err());
    let linked = link(&object).expect("links");
    verify(&linked).expect("it fits");
    let pool = linked.maps.iter().find(|map| map.pool().is_some()).expect("there");
    assert_eq!((pool.max_entries, pool.key_size, pool.name.as_str()), (210, 5, "outer.inner"));
}
