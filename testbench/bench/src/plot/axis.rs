// SPDX-License-Identifier: Apache-2.0
//! A logarithmic axis from a power of ten to a power of ten.

/// Values to places between two pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    from: f64,
    to: f64,
    low: i32,
    high: i32,
}

impl Axis {
    /// An axis from pixel `from` to pixel `to` that holds all the values; values that are not positive do not count.
    pub(super) fn new(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let logs = values.into_iter().filter(|&value| value > 0.0 && value.is_finite()).map(f64::log10);
        let (low, high) = logs.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (0, 1) } else { (low.floor() as i32, high.ceil() as i32) };
        Self { from, to, low, high: high.max(low + 1) }
    }

    /// Pixel of a value; values below the axis stand at its beginning.
    pub(super) fn place(&self, value: f64) -> f64 {
        let log = if value > 0.0 { value.log10() } else { f64::from(self.low) };
        let share = (log - f64::from(self.low)) / f64::from(self.high - self.low);
        self.from + share.max(0.0) * (self.to - self.from)
    }

    /// Values with a line and a number of their own.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let few = self.high - self.low <= 2;
        let steps: &[f64] = if few { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let top = 10f64.powi(self.high);
        let decades = (self.low..=self.high).flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)));
        decades.filter(|&value| value <= top * 1.0001).collect()
    }
}

/// A number as short as it can be said: 0.1, 20, 5,000, 1 M.
pub(super) fn short(value: f64) -> String {
    if value >= 1e6 {
        format!("{} M", trimmed(value / 1e6))
    } else if value >= 1000.0 {
        crate::console::grouped(value.round() as u64)
    } else {
        trimmed(value)
    }
}

fn trimmed(value: f64) -> String {
    let places = if value >= 100.0 {
        0
    } else if value >= 1.0 {
        1
    } else {
        3
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_are_equally_far_apart() {
        let axis = Axis::new([3.0, 450.0], 0.0, 300.0);
        assert!((axis.place(1.0)).abs() < 1e-9);
        assert!((axis.place(10.0) - 100.0).abs() < 1e-9);
        assert!((axis.place(1000.0) - 300.0).abs() < 1e-9);
        assert_eq!(axis.ticks().len(), 4);
        assert_eq!([0.05, 2.0, 148.8, 42000.0, 2.5e6].map(short), ["0.05", "2", "149", "42,000", "2.5 M"]);
    }
}
