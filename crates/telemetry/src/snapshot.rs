//! All numbers at one moment, for whoever writes them out.

use crate::instrument::Distribution;
use crate::names::{METRICS, Metric};

/// All numbers at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    points: Vec<Point>,
}

/// One series at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Which metric.
    pub metric: &'static Metric,
    /// The values of its attributes, in their order.
    pub values: Vec<String>,
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
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.push(metric, values, Value::Number(number));
    }

    /// Adds a count; see [`Snapshot::put`].
    pub fn count(&mut self, metric: &'static Metric, values: &[&str], count: u64) {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.push(metric, values, Value::of_count(count));
    }

    pub(crate) fn push(&mut self, metric: &'static Metric, values: Vec<String>, value: Value) {
        debug_assert_eq!(metric.attributes.len(), values.len(), "{} has other attributes", metric.name);
        self.points.push(Point { metric, values, value });
    }

    /// The series, all of one metric together, in the order of the names.
    pub fn by_metric(&self) -> impl Iterator<Item = (&'static Metric, Vec<&Point>)> {
        METRICS.iter().filter_map(|metric| {
            let points: Vec<_> = self.points.iter().filter(|point| std::ptr::eq(point.metric, *metric)).collect();
            (!points.is_empty()).then_some((*metric, points))
        })
    }
}
