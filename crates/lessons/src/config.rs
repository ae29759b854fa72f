//! How a route learns which deployments are worth the most: `models.routes.<name>.learn`.

use base::Code;
use base::config::Section;
use routing::learning::{Learning, Worth};
use routing::{Policy, Strategy};

/// What a better answer may cost, as it is written.
const GOALS: [(&str, Worth); 4] = [
    ("balance", Worth { per_dollar: 10.0, per_second: 0.01 }),
    ("quality", Worth { per_dollar: 1.0, per_second: 0.001 }),
    ("cost", Worth { per_dollar: 100.0, per_second: 0.002 }),
    ("speed", Worth { per_dollar: 2.0, per_second: 0.1 }),
];

/// The share of requests that may go elsewhere than to what is believed to be the best, where nobody says.
const EXPLORE: f64 = 0.05;

/// The highest price of a score, for a dollar or a second.
const HIGHEST: f64 = 1e6;

/// Reads `learn`. Where it only watches, `policy` says who decides in its place.
pub fn read(section: &mut Section<'_>, policy: &mut Policy) -> Option<Learning> {
    let named = policy.strategy == Strategy::Learned;
    let (learning, shadow) = match section.section("learn") {
        Some(mut learn) => {
            let goal = learn.choice("goal", &GOALS).unwrap_or(GOALS[0].1);
            let worth = Worth {
                per_dollar: price(&mut learn, "per_dollar").unwrap_or(goal.per_dollar),
                per_second: price(&mut learn, "per_second").unwrap_or(goal.per_second),
            };
            let explore = share(&mut learn, "explore").unwrap_or(EXPLORE);
            let shadow = learn.boolean("shadow").unwrap_or(false);
            learn.finish();
            (Learning { worth, explore, decides: !shadow }, shadow)
        }
        None if named => (Learning { worth: GOALS[0].1, explore: EXPLORE, decides: true }, false),
        None => return None,
    };
    if !named && !shadow {
        let message = format!("`{}` learns, and its strategy is another", section.path());
        let next = "write `strategy: learned`, or `learn: { shadow: true }` to only see what it would do".to_owned();
        section.problem("learn", Code::ConfigInvalidValue, message, next);
    }
    if named && shadow {
        policy.strategy = Strategy::Order;
    }
    if policy.strategy == Strategy::Learned && policy.sticky {
        let message = format!("`{}` cannot both learn and keep conversations where they are", section.path());
        section.problem("sticky", Code::ConfigInvalidValue, message, "leave one of both out".to_owned());
    }
    Some(learning)
}

/// A share such as `5%`.
fn share(learn: &mut Section<'_>, key: &'static str) -> Option<f64> {
    let text = learn.text(key)?;
    let number = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let share = number.filter(|number| (0.0..=100.0).contains(number)).map(|number| number / 100.0);
    if share.is_none() {
        let message = format!("`{}.{key}` is `{text}`, which is no share", learn.path());
        learn.problem(key, Code::ConfigInvalidValue, message, format!("write for example `{key}: 5%`"));
    }
    share
}

/// How much of a score something is worth.
fn price(learn: &mut Section<'_>, key: &'static str) -> Option<f64> {
    let text = learn.text(key)?;
    let price = text.trim().parse::<f64>().ok().filter(|price| (0.0..=HIGHEST).contains(price));
    if price.is_none() {
        let message = format!("`{}.{key}` is `{text}`, which is no number from 0 to {HIGHEST}", learn.path());
        learn.problem(key, Code::ConfigInvalidValue, message, format!("write a number, such as `{key}: 10`"));
    }
    price
}

#[cfg(test)]
mod tests;
