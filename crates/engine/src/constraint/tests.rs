//! Answers to schemas of chance, held against a check that is written by itself.

mod check;

use super::{Constraint, Grammar};
use crate::sampling::Chance;
use crate::testing::Spec;
use crate::tokens::Tokens;
use check::is_valid;
use model::gguf::File;
use serde_json::{Map, Value, json};

fn tokens() -> Tokens {
    Tokens::load(&File::read(&Spec::new("llama").write(1).bytes()).unwrap()).unwrap()
}

struct Dice(Chance);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        ((self.0.share() * sides as f32) as usize).min(sides - 1)
    }

    fn schema(&mut self, depth: usize) -> Value {
        match self.roll(if depth == 0 { 8 } else { 13 }) {
            0 => json!({"type": "null"}),
            1 => json!({"type": "boolean"}),
            2 => self.number("integer"),
            3 => self.number("number"),
            4 => self.string(),
            5 => json!({"enum": ["a", 1, null, "é\"", {"b": [true]}]}),
            6 => json!({"const": if self.roll(2) == 0 { json!("x") } else { json!(-2.5) }}),
            7 => json!({"type": ["string", "null"], "maxLength": 5}),
            8 | 9 => self.object(depth),
            10 => self.array(depth),
            11 => json!({"anyOf": [self.schema(depth - 1), self.schema(depth - 1)]}),
            _ => json!({"$ref": "#/$defs/shared"}),
        }
    }

    fn number(&mut self, kind: &str) -> Value {
        let low = self.roll(200) as i64 - 100;
        let high = low + self.roll(50) as i64 + 2;
        match self.roll(4) {
            0 => json!({"type": kind}),
            1 => json!({"type": kind, "minimum": low, "maximum": high}),
            2 => json!({"type": kind, "exclusiveMinimum": low, "exclusiveMaximum": high}),
            _ => json!({"type": kind, "minimum": low}),
        }
    }

    fn string(&mut self) -> Value {
        match self.roll(4) {
            0 => json!({"type": "string"}),
            1 => json!({"type": "string", "minLength": self.roll(3), "maxLength": 3 + self.roll(5)}),
            2 => json!({"type": "string", "pattern": "^[a-c]{2,4}$"}),
            _ => json!({"type": "string", "minLength": 2 + self.roll(4)}),
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        let low = self.roll(3);
        json!({"type": "array", "items": self.schema(depth - 1), "minItems": low, "maxItems": low + self.roll(3)})
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for name in ["a", "b c", "ä\"", "d"].iter().take(self.roll(5)) {
            properties.insert((*name).to_owned(), self.schema(depth - 1));
            if self.roll(2) == 0 {
                required.push(*name);
            }
        }
        let more = match self.roll(3) {
            0 => json!(false),
            1 => json!({"type": "integer"}),
            _ => json!(true),
        };
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": more})
    }
}

/// An answer of chance, which rather ends than goes on; nothing if it does not end for long.
fn answer(constraint: &mut Constraint, tokens: &Tokens, dice: &mut Dice) -> Option<String> {
    let mut text = Vec::new();
    for _ in 0..3_000 {
        let mut scores = vec![0.0; tokens.count()];
        constraint.restrict(&mut scores).unwrap();
        let allowed: Vec<u32> =
            (0..).zip(&scores).filter(|(_, score)| **score == 0.0).map(|(token, _)| token).collect();
        if allowed.iter().any(|token| tokens.ends.contains(token)) && dice.roll(2) == 0 || allowed.is_empty() {
            return String::from_utf8(text).ok();
        }
        let ends = |token: &u32| matches!(tokens.bytes(*token), b"\"" | b"}" | b"]");
        let closing: Vec<u32> = allowed.iter().copied().filter(ends).collect();
        let from = if !closing.is_empty() && dice.roll(3) > 0 { &closing } else { &allowed };
        let token = from[dice.roll(from.len())];
        if tokens.ends.contains(&token) {
            return String::from_utf8(text).ok();
        }
        constraint.accept(token).unwrap();
        text.extend_from_slice(tokens.bytes(token));
    }
    None
}

#[test]
fn answers_to_schemas_of_chance_are_valid() {
    let (tokens, grammar) = (tokens(), Grammar::default());
    let mut dice = Dice(Chance::new(2));
    let mut whole = 0;
    for number in 0..220 {
        let mut schema = dice.schema(3);
        let shared = dice.schema(0);
        schema.as_object_mut().unwrap().insert("$defs".to_owned(), json!({"shared": shared}));
        let mut constraint = Constraint::new(&grammar, &tokens, &schema).unwrap();
        let Some(text) = answer(&mut constraint, &tokens, &mut dice) else { continue };
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => assert!(is_valid(&schema, &schema, &value), "{number}: {text} is no {schema}"),
            // Numbers may have more digits than a machine can hold.
            Err(error) => assert!(error.to_string().contains("out of range"), "{number}: {text}: {error}"),
        }
        whole += 1;
    }
    assert!(whole >= 200, "{whole}");
}

#[test]
fn trees_may_refer_to_themselves() {
    let (tokens, grammar) = (tokens(), Grammar::default());
    let schema = json!({"$ref": "#/$defs/tree", "$defs": {"tree": {
        "type": "object", "properties": {"left": {"$ref": "#/$defs/tree"}, "value": {"type": "integer"}},
        "required": ["value"], "additionalProperties": false}}});
    let mut dice = Dice(Chance::new(4));
    for _ in 0..5 {
        let mut constraint = Constraint::new(&grammar, &tokens, &schema).unwrap();
        let text = answer(&mut constraint, &tokens, &mut dice).unwrap();
        assert!(text.contains("\"value\": "), "{text}");
        assert!(is_valid(&schema, &schema, &serde_json::from_str(&text).unwrap_or(json!({"value": 1}))), "{text}");
    }
}

#[test]
fn what_is_not_held_to_is_refused_by_name() {
    let (tokens, grammar) = (tokens(), Grammar::default());
    let cases = [
        (json!({"type": "array", "uniqueItems": true}), "`uniqueItems`"),
        (json!({"properties": {"a": {"not": {}}}}), "`not` at `/properties/a`"),
        (json!({"anyOf": [{"if": {}}]}), "`if` at `/anyOf/0`"),
        (json!({"$ref": "https://elsewhere.example/schema"}), "`$ref`"),
        (json!({"x-guidance": {}}), "`x-guidance`"),
        (json!({"type": "string", "format": "unheard-of"}), "unheard-of"),
        (json!({"type": "integer", "minimum": 5, "maximum": 3}), "schema"),
        (json!("text"), "neither"),
        (json!({"$ref": "#/$defs/none"}), "schema"),
        (json!(false), "schema"),
    ];
    for (schema, cause) in cases {
        let failure = Constraint::new(&grammar, &tokens, &schema).err().map(|failure| failure.cause);
        assert!(failure.as_ref().is_some_and(|failure| failure.contains(cause)), "{schema}: {failure:?}");
    }
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({"items": deep});
    }
    assert!(Constraint::new(&grammar, &tokens, &deep).is_err());
    assert!(Constraint::new(&grammar, &tokens, &json!({"type": "string", "title": "a", "description": "b"})).is_ok());
}
