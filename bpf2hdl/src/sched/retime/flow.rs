// SPDX-License-Identifier: Apache-2.0
//! Maximum flow by Dinic's method: shortest ways first, all of one length at once.

use std::collections::VecDeque;

struct Edge {
    to: usize,
    room: u64,
}

/// A network of points and edges; an edge and its reverse have neighbouring numbers.
pub(super) struct Network {
    edges: Vec<Edge>,
    /// Numbers of the edges from each point.
    from: Vec<Vec<usize>>,
}

impl Network {
    pub(super) const SOURCE: usize = 0;
    pub(super) const SINK: usize = 1;
    /// More than any cut has.
    pub(super) const NO_LIMIT: u64 = 1 << 40;

    /// A network of source and sink.
    pub(super) fn new() -> Self {
        Network { edges: Vec::new(), from: vec![Vec::new(); 2] }
    }

    /// A new point.
    pub(super) fn point(&mut self) -> usize {
        self.from.push(Vec::new());
        self.from.len() - 1
    }

    /// A new edge.
    pub(super) fn edge(&mut self, from: usize, to: usize, room: u64) {
        for (from, to, room) in [(from, to, room), (to, from, 0)] {
            self.from[from].push(self.edges.len());
            self.edges.push(Edge { to, room });
        }
    }

    /// Sends as much as possible and says how much that is.
    pub(super) fn max_flow(&mut self) -> u64 {
        let mut flow = 0;
        loop {
            let levels = self.levels();
            if levels[Self::SINK] == usize::MAX {
                return flow;
            }
            let mut next = vec![0; self.from.len()];
            loop {
                let sent = self.send(&levels, &mut next);
                if sent == 0 {
                    break;
                }
                flow += sent;
            }
        }
    }

    /// What can still be reached from the source after [`Network::max_flow`]: the smallest source's side of a smallest cut.
    pub(super) fn source_side(&self) -> Vec<bool> {
        self.levels().into_iter().map(|level| level != usize::MAX).collect()
    }

    fn levels(&self) -> Vec<usize> {
        let mut levels = vec![usize::MAX; self.from.len()];
        levels[Self::SOURCE] = 0;
        let mut queue = VecDeque::from([Self::SOURCE]);
        while let Some(point) = queue.pop_front() {
            for &edge in &self.from[point] {
                let Edge { to, room } = self.edges[edge];
                if room > 0 && levels[to] == usize::MAX {
                    levels[to] = levels[point] + 1;
                    queue.push_back(to);
                }
            }
        }
        levels
    }

    /// One way from source to sink along rising levels; what it carries, 0 when there is none.
    fn send(&mut self, levels: &[usize], next: &mut [usize]) -> u64 {
        let mut way: Vec<usize> = Vec::new();
        let mut at = Self::SOURCE;
        while at != Self::SINK {
            let usable = |&edge: &usize| self.edges[edge].room > 0 && levels[self.edges[edge].to] == levels[at] + 1;
            let found = self.from[at][next[at]..].iter().position(usable);
            match (found, way.pop()) {
                (Some(skip), last) => {
                    way.extend(last);
                    next[at] += skip;
                    way.push(self.from[at][next[at]]);
                    at = self.edges[self.from[at][next[at]]].to;
                }
                // A dead end: back, and on with the next edge there.
                (None, Some(edge)) => {
                    next[at] = self.from[at].len();
                    at = self.edges[edge ^ 1].to;
                    next[at] += 1;
                }
                (None, None) => return 0,
            }
        }
        let room = way.iter().map(|&edge| self.edges[edge].room).min().unwrap_or(0);
        for edge in way {
            self.edges[edge].room -= room;
            self.edges[edge ^ 1].room += room;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_cut_is_found() {
        let mut n = Network::new();
        let [a, b, c, d] = std::array::from_fn(|_| n.point());
        for (from, to, room) in [
            (Network::SOURCE, a, 10),
            (Network::SOURCE, b, 10),
            (a, b, 2),
            (a, c, 4),
            (a, d, 8),
            (b, d, 9),
            (d, c, 6),
            (c, Network::SINK, 10),
            (d, Network::SINK, 10),
        ] {
            n.edge(from, to, room);
        }
        assert_eq!(n.max_flow(), 19);
        assert_eq!(n.source_side()[2..], [false, true, false, false]);
    }

    #[test]
    fn nothing_flows_where_nothing_is_connected() {
        let mut n = Network::new();
        let a = n.point();
        n.edge(Network::SOURCE, a, 5);
        assert_eq!(n.max_flow(), 0);
        assert_eq!(n.source_side(), [true, false, true]);
    }
}
