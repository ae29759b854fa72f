use super::*;
use proptest::prelude::*;

fn record() -> impl Strategy<Value = Record> {
    let name = || prop_oneof![Just(""), Just("a"), Just("b"), Just("ü\n\"")].prop_map(Arc::<str>::from);
    let names = [name(), name(), name(), name(), name(), name(), name()];
    let outcome =
        prop_oneof![Just(Outcome::Answered), Just(Outcome::Failed), Just(Outcome::Cancelled), Just(Outcome::Refused)];
    (any::<[u64; 8]>(), names, outcome, any::<[bool; 2]>(), any::<Option<u64>>()).prop_map(
        |(numbers, names, outcome, [estimated, cached], first_token_ms)| {
            let [principal, team, model, deployment, provider, run, price_version] = names;
            let [at, input, output, cache_read, cache_write, reasoning, cost, latency_ms] = numbers;
            Record {
                at,
                principal,
                team,
                model,
                deployment,
                provider,
                run,
                input,
                output,
                cache_read,
                cache_write,
                reasoning,
                cost,
                price_version,
                outcome,
                estimated,
                latency_ms,
                first_token_ms,
                cached,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(records in prop::collection::vec(record(), 0..20)) {
        prop_assert_eq!(read(&write(&records).unwrap()).unwrap(), records);
    }
}

#[test]
fn what_nobody_wrote_is_an_error() {
    for text in ["", "[]", "{}", r#"{"names":[],"lines":[[1]]}"#] {
        assert!(read(text).is_err(), "{text}");
    }
    let strange = r#"{"names":["a"],"lines":[[1,[0,9,9,9,9,9,9],[1,2,3,4,5,6],"answered",[true,false],7,null]]}"#;
    let read = read(strange).unwrap();
    assert_eq!((&*read[0].principal, &*read[0].team, read[0].cost), ("a", "", 6));
}
