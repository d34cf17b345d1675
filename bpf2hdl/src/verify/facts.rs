// SPDX-License-Identifier: Apache-2.0
//! What a path knows of values: a map that states share.
//!
//! States are copied at every branch and compared at every join, while each adds only a few facts to what its predecessor
//! knew. So this is a persistent radix tree over value indices (16 children a node): copying costs nothing, adding
//! copies one node per level, and where two states meet, subtrees that they have in common are taken over unseen. The cost of
//! a join is that of the differences.

use std::rc::Rc;

use crate::ir::Value;

/// Bits of the index per level.
const BITS: u32 = 4;

#[derive(Debug)]
enum Node<T> {
    Branch([Option<Rc<Node<T>>>; 1 << BITS]),
    Leaf(T),
}

/// A map from values to facts.
#[derive(Debug)]
pub(super) struct Facts<T> {
    root: Option<Rc<Node<T>>>,
    /// Levels of branches above the leaves.
    height: u32,
}

impl<T> Clone for Facts<T> {
    fn clone(&self) -> Self {
        Facts { root: self.root.clone(), height: self.height }
    }
}

impl<T> Default for Facts<T> {
    fn default() -> Self {
        Facts { root: None, height: 0 }
    }
}

/// Which child of a node above `below` levels an index is in.
fn digit(index: usize, below: u32) -> usize {
    (index >> (BITS * below)) & ((1 << BITS) - 1)
}

impl<T: Clone> Facts<T> {
    /// Whether nothing is known.
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    /// What is known of a value.
    pub(super) fn get(&self, value: Value) -> Option<&T> {
        let index = value.index();
        if index >> (BITS * self.height) != 0 {
            return None;
        }
        let mut node = self.root.as_deref()?;
        let mut below = self.height;
        loop {
            match node {
                Node::Leaf(fact) => return Some(fact),
                Node::Branch(children) => {
                    below -= 1;
                    node = children[digit(index, below)].as_deref()?;
                }
            }
        }
    }

    /// Replaces what is known of a value.
    pub(super) fn insert(&mut self, value: Value, fact: T) {
        while value.index() >> (BITS * self.height) != 0 {
            self.grow();
        }
        self.root = Some(with(self.root.as_ref(), self.height, value.index(), fact));
    }

    /// Replaces every fact.
    pub(super) fn change_all(&mut self, change: impl Fn(&T) -> T) {
        self.root = self.root.as_ref().map(|root| changed(root, &change));
    }

    /// One more level.
    fn grow(&mut self) {
        if let Some(root) = self.root.take() {
            let mut children = [const { None }; 1 << BITS];
            children[0] = Some(root);
            self.root = Some(Rc::new(Node::Branch(children)));
        }
        self.height += 1;
    }

    /// What both know. A fact that they share is kept; of two others, or of one that only one of them has, `join` makes one, or none.
    pub(super) fn both(&self, other: &Self, mut join: impl FnMut(Value, Option<&T>, Option<&T>) -> Option<T>) -> Self {
        let (mut x, mut y) = (self.clone(), other.clone());
        while x.height < y.height {
            x.grow();
        }
        while y.height < x.height {
            y.grow();
        }
        let root = common(x.root.as_ref(), y.root.as_ref(), x.height, 0, &mut join);
        Facts { root, height: x.height }
    }
}

impl Facts<i64> {
    /// Notes a lower bound, unless a better one is known.
    pub(super) fn raise(&mut self, value: Value, bound: i64) {
        if self.get(value).is_none_or(|known| *known < bound) {
            self.insert(value, bound);
        }
    }
}

fn with<T: Clone>(node: Option<&Rc<Node<T>>>, height: u32, index: usize, fact: T) -> Rc<Node<T>> {
    if height == 0 {
        return Rc::new(Node::Leaf(fact));
    }
    let mut children = match node.map(Rc::as_ref) {
        Some(Node::Branch(children)) => children.clone(),
        _ => [const { None }; 1 << BITS],
    };
    let child = &mut children[digit(index, height - 1)];
    *child = Some(with(child.as_ref(), height - 1, index, fact));
    Rc::new(Node::Branch(children))
}

fn common<T: Clone>(
    p: Option<&Rc<Node<T>>>,
    q: Option<&Rc<Node<T>>>,
    height: u32,
    index: usize,
    join: &mut impl FnMut(Value, Option<&T>, Option<&T>) -> Option<T>,
) -> Option<Rc<Node<T>>> {
    if p.is_none() && q.is_none() {
        return None;
    }
    if let Some((p, _)) = p.zip(q).filter(|(p, q)| Rc::ptr_eq(p, q)) {
        return Some(Rc::clone(p));
    }
    if height == 0 {
        return join(Value::new(index), leaf(p), leaf(q)).map(|fact| Rc::new(Node::Leaf(fact)));
    }
    let mut children = [const { None }; 1 << BITS];
    for (i, child) in children.iter_mut().enumerate() {
        let below = index | i << (BITS * (height - 1));
        *child = common(branch(p, i), branch(q, i), height - 1, below, join);
    }
    children.iter().any(Option::is_some).then(|| Rc::new(Node::Branch(children)))
}

fn leaf<T>(node: Option<&Rc<Node<T>>>) -> Option<&T> {
    match node?.as_ref() {
        Node::Leaf(fact) => Some(fact),
        Node::Branch(_) => None,
    }
}

fn branch<T>(node: Option<&Rc<Node<T>>>, child: usize) -> Option<&Rc<Node<T>>> {
    match node?.as_ref() {
        Node::Branch(children) => children[child].as_ref(),
        Node::Leaf(_) => None,
    }
}

/// A copy with every fact replaced.
fn changed<T>(node: &Node<T>, change: &impl Fn(&T) -> T) -> Rc<Node<T>> {
    Rc::new(match node {
        Node::Leaf(fact) => Node::Leaf(change(fact)),
        Node::Branch(children) => {
            Node::Branch(std::array::from_fn(|i| children[i].as_deref().map(|child| changed(child, change))))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(all: &[(usize, i64)]) -> Facts<i64> {
        let mut result = Facts::default();
        all.iter().for_each(|&(index, fact)| result.insert(Value::new(index), fact));
        result
    }

    #[test]
    fn insert_and_get() {
        let mut x = facts(&[(3, 30), (17, 170), (5000, 7)]);
        let y = x.clone();
        x.insert(Value::new(3), 31);
        let get = |facts: &Facts<i64>, index| facts.get(Value::new(index)).copied();
        assert_eq!([get(&x, 3), get(&x, 17), get(&x, 5000)], [Some(31), Some(170), Some(7)]);
        assert_eq!([get(&y, 3), get(&y, 4), get(&y, 1 << 20)], [Some(30), None, None]);
        x.raise(Value::new(17), 5);
        x.raise(Value::new(18), 5);
        assert_eq!([get(&x, 17), get(&x, 18)], [Some(170), Some(5)]);
    }

    #[test]
    fn joins_see_differences_only() {
        let base = facts(&[(1, 10), (40, 400), (70_000, 1)]);
        let (mut x, mut y) = (base.clone(), base.clone());
        x.insert(Value::new(41), 5);
        x.insert(Value::new(2), 7);
        y.insert(Value::new(41), 6);
        let mut seen = Vec::new();
        let z = x.both(&y, |value, a, b| {
            seen.push(value.index());
            Some(*a?.min(b?))
        });
        assert_eq!(seen, [2, 41]);
        let get = |index| z.get(Value::new(index)).copied();
        assert_eq!([get(1), get(2), get(40), get(41), get(70_000)], [Some(10), None, Some(400), Some(5), Some(1)]);
        let none = facts(&[(1, 1)]).both(&facts(&[(2, 2), (100, 3)]), |_, a, b| a.zip(b).map(|(a, _)| *a));
        assert!(none.is_empty());
    }
}
