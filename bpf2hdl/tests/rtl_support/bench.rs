// SPDX-License-Identifier: Apache-2.0
//! Runs an emitted design in Verilator against the pipeline's own interpreter, one packet at a time.

use std::path::Path;

use bpf2hdl::ir::{MapId, MapKind, MapState, PacketInput};
use bpf2hdl::pipe::{CycleModel, Pipeline, Storage};
use bpf2hdl::{Design, rtl};
use bpf2hdl_interface::manifest::{FORMAT, encode_hex};
use bpf2hdl_interface::map_file::Entries;
use bpf2hdl_interface::{Manifest, MapInfo, registers};
use bpf2hdl_testbench::{
    Action, Error, MapContents, MapType, Oracle, OracleSkip, OracleVerdict, PacketContext, PacketSet, ProgramKind,
    Silent, SimOptions, SimReport, SimRequest, simulate,
};

/// Writes design and manifest into a folder and runs the packets; mismatches fail.
#[track_caller]
pub(crate) fn check(design: &Design, name: &str, packets: &PacketSet, options: SimOptions) -> SimReport {
    let p = &design.pipeline;
    assert_eq!(bpf2hdl::pipe::check(p), Ok(()), "{name}:\n{p}");
    assert_eq!(rtl::check(design), Vec::<String>::new(), "{name}:\n{p}");
    let folder = super::write(&super::emit(design), name);
    write_manifest(design, &folder);
    let model = CycleModel::new(p);
    let mut oracle = PipelineOracle { pipeline: p, maps: model.initial_maps(), model };
    let options = options.quick();
    let request = SimRequest { design: &folder, packets, preload: None, oracle: Some(&mut oracle), options };
    let report = simulate(request, &mut Silent).unwrap_or_else(|e| panic!("{name}: {e}"));
    let comparison = report.comparison.as_ref().expect("compared");
    assert_eq!(report.mismatches(), 0, "{name}:\n{p}\n{:#?}\n{:#?}", report.checks, comparison.explained);
    assert_eq!(comparison.compared, packets.len() as u64, "{name}");
    report
}

fn write_manifest(design: &Design, folder: &Path) {
    let p = &design.pipeline;
    let id = rtl::build_id(design, &super::program(p));
    let manifest = Manifest {
        format: FORMAT,
        build_id: encode_hex(&id),
        program: p.name.clone(),
        program_type: ProgramKind::Xdp,
        target: design.options.target.name.to_owned(),
        clock_mhz: design.options.clock_mhz,
        bus_bits: design.options.bus_bits,
        max_frame_bytes: design.options.target.max_frame_bytes,
        stages: p.stages(),
        latency_cycles: rtl::core_clocks(p),
        files: Vec::new(),
        top: "bpf_core".to_owned(),
        maps: (0..p.maps.len()).map(|map| map_info(p, map)).collect(),
        registers: registers::manifest_registers(),
        capabilities: Vec::new(),
        memories: Vec::new(),
        programs: Vec::new(),
    };
    std::fs::write(folder.join("manifest.json"), manifest.to_json()).expect("manifest");
}

fn map_info(p: &Pipeline, index: usize) -> MapInfo {
    let unit = &p.maps[index];
    let map = &unit.map;
    let mut initial = map.initial.clone();
    initial.resize(map.value_size as usize * map.max_entries as usize, 0);
    MapInfo {
        id: index as u32,
        name: map.name.clone(),
        map_type: if map.kind == MapKind::PercpuArray { MapType(6) } else { MapType(2) },
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        hardware: unit.storage != Storage::None,
        initial: Some(encode_hex(&initial)),
        formats: Vec::new(),
        btf: None,
        state: None,
        extra: 0,
        pool: None,
        inner: None,
    }
}

struct PipelineOracle<'p> {
    pipeline: &'p Pipeline,
    model: CycleModel<'p>,
    maps: MapState,
}

impl Oracle for PipelineOracle<'_> {
    fn name(&self) -> &str {
        "pipeline"
    }

    fn run(&mut self, packet: &[u8], context: &PacketContext) -> Result<OracleVerdict, OracleSkip> {
        let input = PacketInput {
            data: packet,
            ingress_ifindex: context.ingress_ifindex,
            rx_queue_index: context.rx_queue_index,
            arrival: context.arrival,
            room: true,
        };
        let passages = self.model.run_sequential([input], &mut self.maps);
        let passage = &passages.packets[0];
        Ok(OracleVerdict {
            action: Action::from_xdp(passage.action.into()),
            data: passage.apply(packet),
            target: passage.target,
            metadata: usize::try_from(passage.metadata()).unwrap_or(0),
            events: bpf2hdl::oracle::records(|map| &self.pipeline.maps[map.index()].map, &passage.events),
        })
    }

    fn maps(&mut self) -> Result<MapContents, Error> {
        let entries = |index: usize| -> Entries {
            let size = self.pipeline.maps[index].map.value_size.max(1) as usize;
            let values = (0u32..).zip(self.maps.contents(MapId::new(index)).chunks(size));
            values.map(|(key, value)| (key.to_le_bytes().to_vec(), value.to_vec())).collect()
        };
        let named = self.pipeline.maps.iter().enumerate();
        Ok(MapContents { maps: named.map(|(index, unit)| (unit.map.name.clone(), entries(index))).collect() })
    }

    fn load_maps(&mut self, _: &MapContents) -> Result<(), Error> {
        Ok(())
    }
}
