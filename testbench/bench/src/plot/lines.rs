// SPDX-License-Identifier: Apache-2.0
//! Lines on two logarithmic axes.

use super::axis::{Axis, short};
use super::bars::legend;
use super::svg::{Anchor, COLOURS, Svg};

/// One line.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// The chart.
pub(crate) struct Lines {
    pub(crate) title: String,
    pub(crate) x_unit: String,
    pub(crate) y_unit: String,
    pub(crate) series: Vec<Series>,
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 80.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 420.0;

impl Lines {
    /// The SVG.
    pub(crate) fn draw(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let xs = Axis::new(points().map(|point| point.0), LEFT, WIDTH - 40.0);
        let ys = Axis::new(points().map(|point| point.1), BOTTOM, TOP);
        let mut svg = Svg::new(WIDTH, HEIGHT);
        svg.text((LEFT, 24.0), Anchor::Start, 17, &self.title);
        let names: Vec<&str> = self.series.iter().map(|series| series.name.as_str()).collect();
        legend(&mut svg, &names);
        for tick in xs.ticks() {
            let x = xs.place(tick);
            svg.line((x, TOP), (x, BOTTOM), "#dddddd", false);
            svg.text((x, BOTTOM + 17.0), Anchor::Middle, 11, &short(tick));
        }
        for tick in ys.ticks() {
            let y = ys.place(tick);
            svg.line((LEFT, y), (WIDTH - 40.0, y), "#dddddd", false);
            svg.text((LEFT - 8.0, y + 4.0), Anchor::End, 11, &short(tick));
        }
        svg.text(((LEFT + WIDTH - 40.0) / 2.0, BOTTOM + 40.0), Anchor::Middle, 12, &self.x_unit);
        svg.text((LEFT - 50.0, TOP - 12.0), Anchor::Start, 12, &self.y_unit);
        for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            let points: Vec<(f64, f64)> = series.points.iter().map(|&(x, y)| (xs.place(x), ys.place(y))).collect();
            svg.path(&points, colour);
        }
        svg.finish()
    }
}
