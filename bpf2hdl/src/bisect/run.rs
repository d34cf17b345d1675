// SPDX-License-Identifier: Apache-2.0
//! One form on a list of packets.

use super::{Body, Form};
use crate::ir::{Function, MapState, PacketInput};
use crate::oracle::IrOracle;
use crate::pipe::{CycleModel, Pipeline};
use bpf2hdl_interface::{Action, MapContents};
use bpf2hdl_testbench::{Error, Oracle, OracleVerdict, Packet, PacketSet};

/// What came out of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// One for each packet, in order.
    pub verdicts: Vec<OracleVerdict>,
    /// The maps after the last packet.
    pub maps: MapContents,
}

/// How packets go through a pipeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spacing {
    /// One in each clock.
    BackToBack,
    /// Each after the one before it has left.
    Alone,
}

impl Form {
    /// Runs packets through the form, through a pipeline one in each clock.
    ///
    /// # Errors
    /// Why the form can not be run: it is broken, or the preload does not fit its maps.
    pub fn run(&self, packets: &PacketSet, preload: Option<&MapContents>) -> Result<Observed, Error> {
        self.run_spaced(packets, preload, Spacing::BackToBack)
    }

    pub(super) fn run_spaced(
        &self,
        packets: &PacketSet,
        preload: Option<&MapContents>,
        spacing: Spacing,
    ) -> Result<Observed, Error> {
        let mut oracle = IrOracle::new(self.code()?);
        if let Some(preload) = preload {
            oracle.load_maps(preload)?;
        }
        let verdicts = match &self.body {
            Body::Pipe(pipeline) => flow(pipeline, packets, oracle.state_mut(), spacing),
            _ => {
                let one = |packet: Packet<'_>| oracle.run(packet.data, &packet.context).map_err(|skip| skip.reason);
                let all: Result<Vec<_>, String> = packets.iter().map(one).collect();
                all.map_err(|reason| Error::Oracle(self.name.clone(), reason))?
            }
        };
        Ok(Observed { verdicts, maps: oracle.maps()? })
    }

    /// The code; for a pipeline, code without operations that has its maps.
    fn code(&self) -> Result<Function, Error> {
        match &self.body {
            Body::Ir(function) => Ok(Function::clone(function)),
            Body::Pipe(pipeline) => Ok(maps_only(pipeline)),
            Body::Broken(reason) => Err(Error::Oracle(self.name.clone(), reason.clone())),
        }
    }
}

/// Code without operations that has a pipeline's maps.
fn maps_only(pipeline: &Pipeline) -> Function {
    let mut function = Function::new(&pipeline.name, pipeline.kind);
    function.maps = pipeline.whole_maps().map(|unit| unit.map.clone()).collect();
    function
}

/// A packet as the interpreters take it.
pub(super) fn input<'a>(packet: &Packet<'a>) -> PacketInput<'a> {
    PacketInput {
        data: packet.data,
        ingress_ifindex: packet.context.ingress_ifindex,
        rx_queue_index: packet.context.rx_queue_index,
        arrival: packet.context.arrival,
        room: true,
    }
}

fn flow(pipeline: &Pipeline, packets: &PacketSet, maps: &mut MapState, spacing: Spacing) -> Vec<OracleVerdict> {
    let model = CycleModel::new(pipeline);
    let inputs = packets.iter().map(|packet| input(&packet));
    let passages = match spacing {
        Spacing::BackToBack => model.run(inputs, maps),
        Spacing::Alone => model.run_sequential(inputs, maps),
    };
    let verdict = |(passage, packet): (&crate::pipe::Passage, Packet<'_>)| OracleVerdict {
        action: Action::from_xdp(passage.action.into()),
        data: passage.apply(packet.data),
        target: passage.target,
        metadata: usize::try_from(passage.metadata()).unwrap_or(0),
        events: crate::oracle::records(|map| &pipeline.maps[map.index()].map, &passage.events),
    };
    passages.packets.iter().zip(packets.iter()).map(verdict).collect()
}
