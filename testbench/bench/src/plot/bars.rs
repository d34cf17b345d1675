// SPDX-License-Identifier: Apache-2.0
//! Horizontal bars in groups, on a logarithmic axis.

use super::axis::{Axis, short};
use super::svg::{Anchor, COLOURS, Svg};

/// One bar.
pub(crate) struct Bar {
    pub(crate) series: &'static str,
    pub(crate) value: f64,
}

impl Bar {
    pub(crate) fn new(series: &'static str, value: f64) -> Self {
        Self { series, value }
    }
}

/// A line across all groups.
pub(crate) struct Mark {
    pub(crate) label: String,
    pub(crate) value: f64,
}

/// The chart.
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) unit: String,
    /// Name and bars of each group.
    pub(crate) groups: Vec<(String, Vec<Bar>)>,
    pub(crate) marks: Vec<Mark>,
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 70.0;
const BAR: f64 = 13.0;
const GAP: f64 = 9.0;
/// Height of a mark's label; labels of neighbouring marks stand in different lines.
const LABEL: f64 = 15.0;

impl Bars {
    /// The SVG.
    pub(crate) fn draw(&self) -> String {
        let bars = || self.groups.iter().flat_map(|(_, bars)| bars);
        let mut series: Vec<&str> = Vec::new();
        for bar in bars() {
            if !series.contains(&bar.series) {
                series.push(bar.series);
            }
        }
        let axis =
            Axis::new(bars().map(|bar| bar.value).chain(self.marks.iter().map(|mark| mark.value)), LEFT, WIDTH - RIGHT);
        let top = 66.0 + LABEL * self.marks.len() as f64;
        let height = |bars: &[Bar]| bars.len() as f64 * BAR + GAP;
        let bottom = top + self.groups.iter().map(|(_, bars)| height(bars)).sum::<f64>();
        let mut svg = Svg::new(WIDTH, bottom + 50.0);
        svg.text((LEFT, 24.0), Anchor::Start, 17, &self.title);
        legend(&mut svg, &series);
        for tick in axis.ticks() {
            let x = axis.place(tick);
            svg.line((x, top), (x, bottom), "#dddddd", false);
            svg.text((x, bottom + 16.0), Anchor::Middle, 11, &short(tick));
        }
        svg.text(((LEFT + WIDTH - RIGHT) / 2.0, bottom + 38.0), Anchor::Middle, 12, &self.unit);
        let mut y = top + GAP / 2.0;
        for (name, bars) in &self.groups {
            svg.text((LEFT - 8.0, y + bars.len() as f64 * BAR / 2.0 + 4.0), Anchor::End, 12, name);
            for bar in bars {
                let colour = series.iter().position(|name| *name == bar.series).unwrap_or(0) % COLOURS.len();
                let end = axis.place(bar.value);
                svg.rectangle(LEFT, y, (end - LEFT).max(1.0), BAR - 2.0, COLOURS[colour]);
                svg.text((end + 4.0, y + BAR - 4.0), Anchor::Start, 10, &short(bar.value));
                y += BAR;
            }
            y += GAP;
        }
        self.draw_marks(&mut svg, &axis, top, bottom);
        svg.finish()
    }

    fn draw_marks(&self, svg: &mut Svg, axis: &Axis, top: f64, bottom: f64) {
        for (line, mark) in self.marks.iter().enumerate() {
            let x = axis.place(mark.value);
            let y = top - 6.0 - LABEL * line as f64;
            svg.line((x, y - 10.0), (x, bottom), "#b0306a", true);
            svg.text((x - 4.0, y), Anchor::End, 11, &format!("{}: {}", mark.label, short(mark.value)));
        }
    }
}

/// Names of the series with their colours.
pub(super) fn legend(svg: &mut Svg, series: &[&str]) {
    let mut x = LEFT;
    for (name, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        svg.rectangle(x, 35.0, 11.0, 11.0, colour);
        svg.text((x + 16.0, 45.0), Anchor::Start, 12, name);
        x += 34.0 + 7.0 * name.len() as f64;
    }
}
