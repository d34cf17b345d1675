// SPDX-License-Identifier: Apache-2.0
//! Bar charts as inline SVG.

use super::escape;

/// Height of the bars' area.
const HEIGHT: f64 = 110.0;
/// Room for the scale at the left, and for numbers below.
const LEFT: f64 = 52.0;
const BELOW: f64 = 18.0;
/// Room above, for the highest number.
const ABOVE: f64 = 10.0;
/// Width of the bars' area if bars of a good width fill it.
const WIDTH: f64 = 1050.0;

/// What a chart shows: one bar a stage.
pub(super) struct Chart<'a> {
    /// What the bars are, with the unit.
    pub(super) title: &'a str,
    /// Heights, by stage.
    pub(super) values: &'a [f64],
    /// Digits after the point in numbers.
    pub(super) digits: usize,
    /// A line that bars should not cross.
    pub(super) limit: Option<f64>,
}

impl Chart<'_> {
    /// The chart as an SVG element.
    pub(super) fn to_svg(&self) -> String {
        let count = self.values.len().max(1) as f64;
        let pitch = (WIDTH / count).clamp(8.0, 72.0);
        let (width, height) = (LEFT + pitch * count, ABOVE + HEIGHT + BELOW);
        let top = self.values.iter().copied().chain(self.limit).fold(0.0, f64::max).max(1e-9);
        let y = |value: f64| ABOVE + HEIGHT * (1.0 - value / top);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{0}\">\n\
             <title>{0}</title>\n",
            escape(self.title)
        );
        self.scale(&mut svg, top, width, y);
        // Numbers below the axis, as many as there is room for.
        let every = (28.0 / pitch).ceil() as usize;
        for (stage, &value) in self.values.iter().enumerate() {
            let x = LEFT + pitch * stage as f64;
            let over = self.limit.is_some_and(|limit| value > limit);
            svg.push_str(&format!(
                "<rect class=\"{}\" \
                 x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>stage {stage}: {value:.*}</title></rect>\n",
                if over { "bar over" } else { "bar" },
                x + pitch * 0.1,
                y(value),
                pitch * 0.8,
                ABOVE + HEIGHT - y(value),
                self.digits
            ));
            if stage % every == 0 {
                let (x, y) = (x + pitch / 2.0, ABOVE + HEIGHT + 13.0);
                svg.push_str(&format!("<text class=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">{stage}</text>\n"));
            }
        }
        self.limit_line(&mut svg, width, y);
        svg.push_str("</svg>\n");
        svg
    }

    /// Axis and the numbers at its left.
    fn scale(&self, svg: &mut String, top: f64, width: f64, y: impl Fn(f64) -> f64) {
        for value in [0.0, top / 2.0, top] {
            let (line, text) = (y(value), y(value) + 4.0);
            svg.push_str(&format!(
                "<line class=\"grid\" x1=\"{LEFT:.0}\" x2=\"{width:.0}\" y1=\"{line:.1}\" y2=\"{line:.1}\"/>\
                 <text class=\"end\" x=\"{:.0}\" y=\"{text:.1}\">{value:.*}</text>\n",
                LEFT - 6.0,
                self.digits
            ));
        }
    }

    fn limit_line(&self, svg: &mut String, width: f64, y: impl Fn(f64) -> f64) {
        if let Some(limit) = self.limit {
            let line = y(limit);
            svg.push_str(&format!(
                "<line class=\"limit\" x1=\"{LEFT:.0}\" x2=\"{width:.0}\" y1=\"{line:.1}\" y2=\"{line:.1}\"/>\n"
            ));
        }
    }
}
