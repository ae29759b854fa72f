use super::*;

#[test]
fn a_few_statuses_ask_for_another_attempt() {
    for (status, wanted) in
        [(200, "taken"), (204, "taken"), (429, "again"), (503, "again"), (500, "refused"), (401, "refused")]
    {
        let after = Some(Duration::from_secs(7));
        let is = match judge(StatusCode::from_u16(status).unwrap(), after) {
            Attempt::Taken => "taken",
            Attempt::Again { after: Some(_), .. } => "again",
            Attempt::Again { .. } => "at once",
            Attempt::Refused(_) => "refused",
        };
        assert_eq!(is, wanted, "{status}");
    }
}
