//! All numbers at one moment, for whoever writes them out.

use crate::instrument::Distribution;
use crate::names::{METRICS, Metric};
use std::collections::HashMap;
use std::sync::Arc;

/// The values of a series' attributes, in the order of the metric's. Shared, for a scrape reads all of them.
pub type Values = Arc<[Box<str>]>;

/// All numbers at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// By metric, for which its address stands.
    points: HashMap<usize, Vec<Point>>,
}

/// One series at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Which metric.
    pub metric: &'static Metric,
    /// The values of its attributes, in their order.
    pub values: Values,
    /// The number.
    pub value: Value,
}

/// A number, or the numbers of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of a counter or a gauge.
    Number(f64),
    /// Of a histogram.
    Distribution(Box<Distribution>),
}

impl Value {
    /// A count. Beyond 2^53 the last digits are lost.
    pub fn of_count(count: u64) -> Self {
        Value::Number(count as f64)
    }
}

impl Snapshot {
    /// Adds the number of one series. `values` stand in the order of the metric's attributes.
    pub fn put(&mut self, metric: &'static Metric, values: &[&str], number: f64) {
        self.push(metric, values.iter().map(|value| Box::from(*value)).collect(), Value::Number(number));
    }

    /// Adds a count; see [`Snapshot::put`].
    pub fn count(&mut self, metric: &'static Metric, values: &[&str], count: u64) {
        self.push(metric, values.iter().map(|value| Box::from(*value)).collect(), Value::of_count(count));
    }

    /// Adds the number of a series whose values are those of others too; see [`Snapshot::put`].
    pub fn number(&mut self, metric: &'static Metric, values: &Values, number: f64) {
        self.push(metric, Arc::clone(values), Value::Number(number));
    }

    pub(crate) fn push(&mut self, metric: &'static Metric, values: Values, value: Value) {
        debug_assert_eq!(metric.attributes.len(), values.len(), "{} has other attributes", metric.name);
        self.points.entry(address(metric)).or_default().push(Point { metric, values, value });
    }

    /// The series, all of one metric together, in the order of the names.
    pub fn by_metric(&self) -> impl Iterator<Item = (&'static Metric, &[Point])> {
        METRICS.iter().filter_map(|metric| Some((*metric, self.points.get(&address(metric))?.as_slice())))
    }
}

fn address(metric: &'static Metric) -> usize {
    std::ptr::from_ref(metric).addr()
}
