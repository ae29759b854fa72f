use super::*;

#[test]
fn what_is_set_aside_is_shared_by_all_questions_of_a_step() {
    let price = |least, most| Price {
        least: Amount { money: 2 * least, tokens: least },
        most: Amount { money: 2 * most, tokens: most },
    };
    let cases: [(&[Price], u64, &[u64]); 7] = [
        (&[], 100, &[]),
        (&[price(10, 100)], 50, &[50]),
        (&[price(10, 10), price(10, 100)], 50, &[10, 40]),
        (&[price(10, 100), price(10, 10)], 50, &[40, 10]),
        (&[price(10, 100), price(10, 100)], 60, &[30, 30]),
        (&[price(10, 20), price(10, 500)], 60, &[20, 40]),
        (&[price(10, 20), price(10, 20)], 15, &[10, 5]),
    ];
    for (prices, whole, wanted) in cases {
        let shares = shares(prices, Amount { money: 2 * whole, tokens: whole });
        assert_eq!(shares.iter().map(|share| share.tokens).collect::<Vec<_>>(), wanted, "{prices:?}");
        assert!(shares.iter().all(|share| share.money == 2 * share.tokens), "{shares:?}");
        assert!(shares.iter().map(|share| share.tokens).sum::<u64>() <= whole);
    }
}
